"""The promises about the house as a whole; those about one part of the service stand beside it. See `promises/index.py`.

A test here fails with advice.
"""

import ast
import json
import re
from collections.abc import Iterator
from pathlib import Path

import click
import pytest
from click.testing import CliRunner

from scrt_workflow.access import World
from scrt_workflow.cli import scrt
from scrt_workflow.web.guards import guard_of
from scrt_workflow.workflows.schema import Workflow
from tests.definitions.shipped import SHIPPED, WORKFLOWS
from tests.promises import index
from tests.promises.code import calls, importers_of, last_name, places, writes_of
from tests.promises.crawl import WHO, Opened, crawl, digest, filled_world
from tests.promises.pages import Page, several_of_each

ROOT = Path(__file__).parent.parent
NAMED = re.compile(r"(tests/[\w/]+\.py)(?:::(test_\w+))?")
LINK = re.compile(r"\]\(([^)\s]+)\)")

ON_THE_PATH = {
    "operations.steps._assign": "the row of a review that moves; `move` alone calls it",
    "operations.opened_reviews.withdraw": "the review that a mistaken conversion opened is taken back",
    "operations.conversions.open_review": "the first state of a review that a conversion opens; `move` alone calls it",
    "operations.conversions.blank_review": "a review that has not begun",
    "operations.rebase_moves._row": "a review that a plan moves to another version, perhaps with another name for its stage",
    "operations.rebase_undoing._take_back": "the same, taken back",
}
NOT_A_REVIEW = {
    "operations.letters._words": "a placeholder of a letter",
    "operations.spans._as_now": "a span, which says what the review's row says",
    "operations.spans.rename_all": "the same, of many reviews",
}
CALLED_BY = {
    "_assign": {"operations.steps.move"},
    "open_review": {"operations.steps.move"},
    "withdraw": {"operations.opened_reviews.undo_conversion"},
    "undo_conversion": {"operations.steps.move"},
    "keep_new": {"operations.steps._assign", "operations.conversions.open_review", "access_world._review"},
    "carry_out": {"operations.rebasing.carry_on", "operations.rebasing.follow_standing_plan"},
    "take_some_back": {"operations.rebasing.carry_on"},
    "follow_standing_plan": {"operations.steps.complete_step"},
}
"""Who may call what gives a review its state. `access` makes an invented review, in a service that is thrown away."""
OWN_UNITS = {"operations.service_time.clock_of": "writes down when the demo began, before there is anything to serve"}
TRUSTED_MARKUP: set[str] = set()
"""Templates that may say `|safe`, each with its reason beside it. There are none."""
ONLY_LEADS_ON = {"rehearsed_steps.begin", "rehearsed_steps.check", "steps.begin", "steps.new_begin", "steps.new_check"}
"""Pages that send people on: to the first page of a form, or to the first that is not filled in yet."""


@pytest.fixture(scope="module")
def world(tmp_path_factory: pytest.TempPathFactory) -> Iterator[World]:
    """Fill a service with reviews of several kinds, drafts and everyone who may sign in."""
    made = filled_world(tmp_path_factory.mktemp("world"))
    yield made
    made.close()


@pytest.fixture(scope="module")
def crawled(world: World) -> tuple[dict[str, str], list[Opened], dict[str, str]]:
    """Open every page as several people: what the tables held before, the pages, and what the tables hold after."""
    before = digest(world)
    return before, crawl(world), digest(world)


@pytest.fixture(scope="module")
def pages(crawled: tuple[object, list[Opened], object]) -> list[Page]:
    """Give a few of the pages of each endpoint."""
    return several_of_each(crawled[1])


def test_this_index_names_tests_that_exist() -> None:
    named = NAMED.findall(index.__doc__ or "")
    missing = [
        f"{file}::{test}"
        for file, test in named
        if not (ROOT / file).exists() or f"def {test}" not in (ROOT / file).read_text(encoding="utf-8")
    ]

    assert len(named) > 30
    assert missing == [], "a promise has lost its test: name the test that keeps it now, or bring it back"


def test_every_route_says_who_may_open_it(world: World) -> None:
    for rule in world.app.url_map.iter_rules():
        guard_of(world.app, rule.endpoint)  # raises, and says what to add


def test_addresses_are_kebab_case_and_their_parts_are_typed(world: World) -> None:
    wrong = {}
    for rule in world.app.url_map.iter_rules():
        fixed = re.sub(r"<[^>]*>", "", rule.rule)
        typed = re.findall(r"<(\w+)(?:\([^)]*\))?:\w+>", rule.rule)
        if not re.fullmatch(r"[a-z0-9/-]*", fixed) or len(typed) != len(rule.arguments - set(rule.defaults or ())):
            wrong[rule.endpoint] = rule.rule

    assert wrong == {}, "write addresses in kebab-case, and each part with its type: <uuid:review_id>, <key:step_key>"


@pytest.mark.slow
def test_no_get_changes_anything(crawled: tuple[dict[str, str], list[Opened], dict[str, str]], world: World) -> None:
    before, opened, after = crawled
    asked = {rule.endpoint for rule, method in world.questions() if method == "GET"}
    shown = {page.endpoint for page in opened if page.status == 200}

    assert {page.kind.name for page in opened} == set(WHO)
    assert asked - shown == ONLY_LEADS_ON, "nobody saw these pages: let tests/promises/crawl.py make what they show"
    assert [str(page) for page in opened if page.status >= 500] == []
    assert {table for table in before if before[table] != after[table]} == set(), (
        "a GET has written to these tables: make it a POST, which has a form token and a unit of work of its own"
    )


@pytest.mark.slow
def test_every_page_is_well_formed_with_a_title(pages: list[Page]) -> None:
    wrong = {str(page.opened): said for page in pages if (said := list(page.faults()))}

    assert len(pages) > 50
    assert wrong == {}, "a page is one that every browser reads alike: mend its template"


@pytest.mark.slow
def test_every_control_has_a_label(pages: list[Page]) -> None:
    silent = {str(page.opened): names for page in pages if (names := page.silent())}

    assert silent == {}, "give each control a label, by the macros of templates/macros/fields.html"


@pytest.mark.parametrize("key", WORKFLOWS)
def test_every_state_can_be_reached_and_left(key: str) -> None:
    workflow = SHIPPED.workflows[key]
    ways = _ways(workflow)
    reached = {workflow.starts_in, *_entered_from_elsewhere(key)}
    while more := {to for start, to in ways if start in {"", *reached}} - reached:
        reached |= more
    left = {start for start, to in ways if start != to}

    assert set(workflow.states) - reached == set(), "no step leads to these states: add one, or take them out"
    assert {state.key for state in workflow.states.values() if not state.final} - left == set(), (
        "no step leads out of these states: add one, or say that nothing more is due there (final: yes)"
    )


def _ways(workflow: Workflow) -> set[tuple[str, str]]:
    """Give every way that a step leads, from a state ("" for a new review) to a state."""
    ways = set()
    for start, steps in {**workflow.steps_from, "": tuple(one for one in workflow.steps.values() if one.makes)}.items():
        for step in steps:
            away = {(start, outcome.becomes.state if outcome.becomes else outcome.to) for outcome in step.outcomes}
            ways |= {(one, start if to == "same" else to) for one, to in away}
            ways |= {(start, step.if_they_change)} if step.if_they_change else set()
    return ways


def _entered_from_elsewhere(key: str) -> set[str]:
    """Give the states in which another workflow's reviews come to go on under this one."""
    outcomes = [one for flow in SHIPPED.workflows.values() for step in flow.steps.values() for one in step.outcomes]
    return {one.becomes.state for one in outcomes if one.becomes and one.becomes.workflow == key}


def test_only_the_one_path_gives_a_review_its_state() -> None:
    written = {str(place): place for place in writes_of("state", places("operations.")) if place.function not in NOT_A_REVIEW}
    elsewhere = [place for place in written.values() if place.function not in ON_THE_PATH]
    outside = [
        place
        for place in writes_of("state", places())
        if not place.function.startswith("operations.") and not isinstance(place.node, ast.Dict)
        if place.function != "workflows.machine._Token.__init__"  # what the machine is bound to, not a review
    ]

    assert [str(place) for place in [*elsewhere, *outside]] == [], "complete a step: operations.steps.move moves a review"
    assert {place.function for place in written.values()} == set(ON_THE_PATH), "the list of this test is out of date"


@pytest.mark.parametrize("name", CALLED_BY)
def test_what_moves_a_review_is_called_by_the_one_path_alone(name: str) -> None:
    callers = {place.function for place in calls(name)}

    assert callers == CALLED_BY[name], "complete a step instead: operations.steps.complete_step"


def test_no_review_is_updated_but_on_the_condition_of_what_was_read() -> None:
    reviews = {"Review", "REVIEWS"}
    updates = [
        place
        for place in places()
        if isinstance(place.node, ast.Call) and last_name(place.node.func) in {"update", "bulk_update_mappings"}
        if place.node.args and last_name(place.node.args[0]) in reviews
    ]
    by_query = [place for place in calls("update") if _is_of_a_query(place.node)]

    assert {place.module for place in updates} == {"operations.writing"}, (
        "an update of reviews goes past their version: use operations.writing.write, which asks that nobody wrote meanwhile"
    )
    assert by_query == []


def _is_of_a_query(node: ast.AST) -> bool:
    receiver = node.func.value if isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute) else None
    return isinstance(receiver, ast.Call) and last_name(receiver.func) in {"query", "filter", "filter_by"}


def test_no_operation_commits() -> None:
    ends = [place for name in ("commit", "rollback", "unit_of_work") for place in calls(name, "operations")]

    assert {place.function for place in ends} - set(OWN_UNITS) == set(), (
        "the request, command or job around it commits, so that all of it happens or nothing: take it out"
    )


def test_rules_and_operations_know_only_what_they_may() -> None:
    web = {module for module in importers_of("flask") | importers_of("flask_wtf") if module.startswith("operations")}
    rules = {name for name in importers_of("sqlalchemy") if name.split(".")[0] in {"conditions", "forms", "workflows"}}

    assert web == set(), "operations know nothing of the web: pass in what they need"
    assert rules == set(), "rules are pure: an operation reads the database and passes in what it found"
    assert importers_of("transitions") == {"workflows.machine"}, "ask workflows.machine"


def test_no_template_trusts_a_text_to_be_markup() -> None:
    trusting = re.compile(r"\|\s*safe\b|\bMarkup\(|autoescape\s+false")
    files = [*(ROOT / "templates").rglob("*.*"), *(ROOT / "scrt_workflow").rglob("*.py")]
    found = {str(path.relative_to(ROOT)) for path in files if trusting.search(path.read_text(encoding="utf-8"))}

    assert found == TRUSTED_MARKUP, "text that people wrote is escaped: let the template make the markup"


def _verbs(command: click.Command, path: tuple[str, ...] = ()) -> Iterator[tuple[tuple[str, ...], click.Command]]:
    yield path, command
    if isinstance(command, click.Group):
        for name in command.list_commands(click.Context(command)):
            inner = command.get_command(click.Context(command), name)
            assert inner is not None
            yield from _verbs(inner, (*path, name))


VERBS = dict(_verbs(scrt))


@pytest.mark.parametrize("path", VERBS, ids=lambda path: " ".join(("scrt", *path)))
def test_every_verb_explains_itself_to_a_newcomer(path: tuple[str, ...]) -> None:
    command = VERBS[path]
    came = CliRunner().invoke(scrt, [*path, "--help"])
    sentence = (command.help or "").split("\n\n")[0]
    options = [one for one in command.params if isinstance(one, click.Option) and one.name not in {"help", "version"}]
    unexplained = [one.opts[0] for one in options if not one.help and not isinstance(one.type, click.Choice)]

    assert came.exit_code == 0, came.output
    assert re.fullmatch(r"[A-Z].{20,}[.:]", sentence, re.DOTALL), "begin its docstring with a sentence that says what it does"
    assert " ".join(sentence.split())[:40] in " ".join(came.output.split())
    assert unexplained == [], "say what each option is for (help=…)"


NEWCOMER = ["README.md", "CHANGELOG.md", *(str(path.relative_to(ROOT)) for path in sorted((ROOT / "docs").rglob("*.md")))]


@pytest.mark.parametrize("name", NEWCOMER)
def test_every_link_in_what_a_newcomer_reads_leads_somewhere(name: str) -> None:
    page = ROOT / name
    text = re.sub(r"```.*?```", "", page.read_text(encoding="utf-8"), flags=re.DOTALL)
    links = [link.partition("#") for link in LINK.findall(text) if not link.startswith("https://")]
    broken = []
    for path, _, heading in links:
        target = (page.parent / path).resolve() if path else page
        if not target.exists() or (heading and heading not in _headings(target)):
            broken.append(f"{path}#{heading}")

    assert broken == [], "mend the link, or bring back what it leads to"


def _headings(page: Path) -> set[str]:
    titles = re.findall(r"^#+ (.+)$", page.read_text(encoding="utf-8"), re.MULTILINE)
    return {re.sub(r"[^\w -]", "", title.lower()).replace(" ", "-") for title in titles}


def test_the_example_history_opens_what_it_says(world: World) -> None:
    lines = (ROOT / "docs" / "example.jsonl").read_text(encoding="utf-8").splitlines()
    example = next(line for line in lines if json.loads(line)["step"] == "decide_next")

    assert example in (ROOT / "README.md").read_text(encoding="utf-8"), "the README shows a line of docs/example.jsonl"
    assert world.parts["review_id"]  # the world of these tests was filled by playing it
