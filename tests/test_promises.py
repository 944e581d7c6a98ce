"""The promises that every change must keep, in one index: what may never happen, and the test that shows that it does not.

A test here, or named here, fails with advice. A promise without a line here is not kept by anyone. Those about one part of
the service stand beside that part; those about the house as a whole stand in this file.

Who gets in
  AN2  a burst of guesses is ten guesses
         tests/web/test_front_door.py::test_fifty_guesses_at_once_are_ten
  AN3  guesses lock nobody out for good
         tests/web/test_front_door.py::test_guesses_lock_nobody_out_for_good_and_nobody_else_at_all
  AN3  nor do strangers from everywhere
         tests/operations/test_guessing.py::test_guesses_from_many_networks_keep_nobody_out
       no lead acts for an approver
         tests/web/test_people.py::test_an_icb_lead_reaches_nobody_who_has_another_role_now_or_later
       who holds an account is told
         tests/web/test_people.py::test_the_holder_of_an_account_is_told_what_is_done_to_it
  AZ1  every route says who may open it
         tests/test_promises.py::test_every_route_says_who_may_open_it
  AZ1  and lets in just those
         tests/web/test_access_matrix.py::test_every_page_opens_to_whom_the_matrix_says
  AZ1  addresses are kebab-case, ids typed
         tests/test_promises.py::test_addresses_are_kebab_case_and_their_parts_are_typed
  AZ2  someone else's review is a 404
         tests/web/test_reviews.py::test_someone_elses_review_is_the_same_404_as_none_on_every_address
  AZ2  and so is someone else's draft or person
         tests/web/test_swaps.py
  AZ3  lists and searches show just what is theirs
         tests/web/test_reviews.py::test_everyone_sees_exactly_the_reviews_of_the_organisations_that_their_roles_cover
  AZ3  and find just that
         tests/web/test_reviews.py::test_no_search_or_filter_finds_what_is_not_theirs
  AZ5  changed rights bite on the next request
         tests/web/test_sessions.py::test_rights_that_change_bite_on_the_next_request
  AZ5  and so does a form that was open
         tests/web/test_sessions.py::test_a_form_that_was_open_when_rights_changed_does_nothing
  AZ6  nobody gives two of author, assure and accept
         tests/operations/test_four_eyes.py
  AZ7  a form changes only its own fields
         tests/web/test_steps.py::test_a_form_with_forty_names_more_changes_only_its_own_fields
  SE1  what ends a session ends every copy of it
         tests/web/test_sessions.py::test_what_ends_a_session_ends_every_copy_of_it
  SE2  the id changes at sign-in
         tests/web/test_sessions.py::test_the_id_changes_at_sign_in_and_nothing_planted_before_survives
  SE4  an ended session loses no typed work
         tests/web/test_front_door.py::test_what_was_typed_is_there_after_signing_in_again
  SE5  the cookie is bound to its host
         tests/web/test_sessions.py::test_the_cookie_is_bound_to_this_host_and_hidden_from_scripts

What comes in and what goes out
  IN1  malformed input never fails the service
         tests/web/test_malformed.py::test_malformed_input_never_fails_the_service_on_either_database
  IN2  text never becomes markup
         tests/test_promises.py::test_no_template_trusts_a_text_to_be_markup
  IN3  no test reaches another machine
         tests/test_house.py::test_a_test_cannot_reach_another_machine
  IN4  `next` never leaves the site
         tests/web/test_front_door.py::test_next_leads_nowhere_else
  IN5  no change without a token
         tests/web/test_front_door.py::test_a_form_without_a_valid_token_of_this_session_is_refused
  IN5  no GET changes anything
         tests/test_promises.py::test_no_get_changes_anything
  IN6  links never follow the Host header
         tests/web/test_front_door.py::test_the_service_answers_for_its_own_hosts_only
  IN7  a definition can break nothing
         tests/definitions/test_hostile.py
         tests/web/test_hostile_drafts.py
  IN8  no stored pattern can stall a worker
         tests/definitions/test_patterns.py
  IN9  NHS numbers are stopped at the door
         tests/privacy/test_nhs_numbers.py::test_all_of_a_thousand_valid_numbers_are_found
  OU2  security headers on every answer
         tests/web/test_headers.py::test_an_answer_of_any_kind_carries_the_security_headers
         tests/web/test_headers.py::test_the_service_itself_sends_them_with_whatever_it_answers
  OU3  no case text in a log
         tests/web/test_logs.py
  OU4  no case text in an e-mail
         tests/definitions/test_shipped.py::test_messages_carry_nothing_of_a_case
       every page is well made
         tests/test_promises.py::test_every_page_is_well_formed_with_a_title
       every control has its label
         tests/test_promises.py::test_every_control_has_a_label

How reviews move
  WF1  every state can be reached and left
         tests/test_promises.py::test_every_state_can_be_reached_and_left
  WF1  every state, step and role is tried
         tests/operations/test_walks.py::test_every_state_step_and_role_is_open_only_where_it_is_written
  WF1  invariants hold on random walks
         tests/operations/test_walks.py::test_random_walks_keep_every_invariant
  WF1  one place assigns a review's state
         tests/test_promises.py::test_only_the_one_path_gives_a_review_its_state
  WF2  fifty press, one wins
         tests/faults/test_web_kills.py::test_five_people_press_one_button_fifty_times_and_one_wins
  WF3  a repeat has one effect
         tests/faults/test_web_kills.py::test_one_form_sent_fifty_times_has_one_effect_and_one_answer
  WF4  no update goes past what was read
         tests/test_promises.py::test_no_review_is_updated_but_on_the_condition_of_what_was_read
  WF4  two editors: the second sees both
         tests/journeys/test_two_editors.py::test_the_second_of_two_editors_sees_both_versions_and_neither_is_lost
  WF5  a step happens whole or not at all
         tests/web/test_whole_steps.py::test_a_step_cut_anywhere_leaves_nothing_and_can_be_submitted_again
  WF5  operations never commit
         tests/test_promises.py::test_no_operation_commits
  WF6  an edit strands nobody and loses nothing
         tests/operations/test_random_edits.py
  WF6  a killed batch moves no review twice
         tests/faults/test_killed_rebase.py
  WF7  deadlines and days are London's
         tests/test_working_days.py
  WF7  a review counts in the month that people mean
         tests/operations/test_rollups.py
       a correction counts as if it had always been so
         tests/operations/test_corrections.py
       every figure is what a second counter counts
         tests/operations/test_independent_counts.py
       what was frozen is what was known then, and no correction changes it
         tests/operations/test_freezing.py
       what would be another figure today is shown with the reviews that differ
         tests/web/test_frozen_figures.py
       what cannot be is found each night
         tests/operations/test_tie_out.py::test_each_planted_fault_is_found_and_named

How a definition is tried out
       a rehearsal fares as the same steps do live
         tests/operations/test_rehearsing.py::test_a_rehearsal_comes_out_as_the_same_steps_do_live
       and touches nothing live
         tests/operations/test_rehearsing.py::test_nothing_live_is_touched_by_a_rehearsal
       a recorded history differs only where it must
         tests/operations/test_recorded_histories.py::test_under_the_same_definition_every_history_comes_out_the_same
       and nothing that was written is played or told
         tests/operations/test_recorded_histories.py::test_nothing_that_was_written_is_played_or_told

What is kept
  DA1  saved is saved, once
         tests/faults/test_web_kills.py::test_submits_are_saved_once_while_workers_are_killed
  DA4  what happened cannot be altered
         tests/models/test_event.py::test_what_happened_can_be_neither_changed_nor_deleted
  DA4  nor by the role the service signs in as
         tests/models/test_application_role.py
  DA4  who read a review is on record
         tests/web/test_reads.py::test_every_page_that_shows_a_review_leaves_a_row_of_who_read_it
  DA5  tampering shows
         tests/operations/test_history.py::test_every_tampering_is_found_and_the_first_bad_event_is_named
  DA5  and a tail that is cut off
         tests/operations/test_checkpoints.py::test_every_cut_tail_is_found_and_named

What happens by itself
  SC1  each job runs once for its period
         tests/faults/test_schedulers.py::test_four_schedulers_run_each_job_once_for_each_second
  SC4  no e-mail is lost
         tests/faults/test_mailers.py::test_no_e_mail_is_lost_and_a_kill_costs_at_most_one_more_copy
  SC6  nobody is nagged twice, or after the end
         tests/operations/test_nagging.py::test_over_two_thousand_weeks_of_reviews_each_person_gets_what_a_simple_model_says

The house
  OP1  it refuses to start unsafe
         tests/test_safety.py
       every setting is in the README
         tests/test_settings.py
       rules, operations and pages keep apart
         tests/test_promises.py::test_rules_and_operations_know_only_what_they_may
       every verb of `scrt` explains itself
         tests/test_promises.py::test_every_verb_explains_itself_to_a_newcomer
       what the README links to is there
         tests/test_promises.py::test_every_link_in_what_a_newcomer_reads_leads_somewhere
       the README's history can be played
         tests/test_promises.py::test_the_example_history_opens_what_it_says
       this index names tests that exist
         tests/test_promises.py::test_this_index_names_tests_that_exist
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
    named = NAMED.findall(__doc__ or "")
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
