"""The language reference says all that the readers read, and its examples read."""

import re
from dataclasses import fields

import pytest

from scrt_workflow import conditions
from scrt_workflow.conditions import OPERATORS, WORDS
from scrt_workflow.folder import MOST_FILES, read_sources
from scrt_workflow.forms.schema import CHECKS, LONGEST_VALUE, PID_RISKS, QUESTION_TYPES, RESERVED_KEYS, Form, Page, Question
from scrt_workflow.permissions import Role
from scrt_workflow.workflows import diagram, reading
from scrt_workflow.workflows.schema import Outcome, ReviewType, State, Step, Workflow
from scrt_workflow.workflows.time_rules import Also, ClockRule, EscalationRule, ReminderRule
from scrt_workflow.yaml_reader import LARGEST_FILE, Problems, read_yaml
from tests.definitions.shipped import ROOT

REFERENCE = (ROOT / "docs" / "language.md").read_text(encoding="utf-8")
EXAMPLES = re.findall(r"```yaml\n(.*?)```", REFERENCE, flags=re.DOTALL)
WRITTEN_OTHERWISE = {
    "comes_from": "from",
    "escalate_after": "escalate",
    "escalate_to": "escalate",
    "makes": "new",
    "pages": "pages",
    "while_in": "while",
}
OUR_OWN = {"file", "key", "line"}


def dedented(example: str) -> str:
    lines = example.splitlines()
    inset = min(len(line) - len(line.lstrip()) for line in lines if line.strip())
    return "\n".join(line[inset:] for line in lines)


@pytest.mark.parametrize("example", EXAMPLES)
def test_every_example_reads(example: str) -> None:
    problems = Problems()
    text = dedented(example)

    read_yaml(text if not text.startswith("- ") else f"items:\n{text}", file="example", problems=problems)

    assert [str(problem) for problem in problems] == []


def test_the_smallest_workflow_is_a_workflow() -> None:
    smallest = next(example for example in EXAMPLES if example.startswith("workflow: visit"))
    questions = "visited_on: {type: date, label: When?}\nwhere: {type: text, label: Where?}\n"
    sources = {
        "forms/questions.yaml": questions,
        "forms/short.yaml": "plan: [where]\nvisit: [visited_on]\n",
        "workflows/visit.yaml": smallest,
    }

    folder = read_sources(sources)

    assert [str(problem) for problem in folder.problems] == []
    assert set(folder.definition("visit").forms) == {"plan", "visit"}


@pytest.mark.parametrize(
    "kind", [Question, Form, Page, Workflow, ReviewType, State, Step, Outcome, ClockRule, ReminderRule, EscalationRule, Also]
)
def test_every_key_of_the_language_is_explained(kind: type) -> None:
    keys = {WRITTEN_OTHERWISE.get(one.name, one.name) for one in fields(kind)} - OUR_OWN

    assert {key for key in keys if not re.search(rf"\b{key}\b", REFERENCE)} == set()


@pytest.mark.parametrize("word", sorted({*QUESTION_TYPES, *CHECKS, *PID_RISKS, *RESERVED_KEYS, *WORDS, *OPERATORS, *Role}))
def test_every_word_of_the_language_is_explained(word: str) -> None:
    assert re.search(rf"\b{word}\b", REFERENCE)


TITLES = {"workflow": 120, "step": 120, "clock": 120, "state": 80, "review type": 80, "form": 200, "page": 200}


def visit_with(what: str, title: str) -> dict[str, str]:
    """Write the definition of a workflow in which *what* has a *title*."""
    given = {one: title if one == what else "A title" for one in TITLES}
    return {
        "forms/questions.yaml": "visited_on: {type: date, label: When?}\n",
        "forms/visit.yaml": f"""\
form: visit
title: {given["form"]}
pages: [{{page: first, title: {given["page"]}, questions: [visited_on]}}]
""",
        "workflows/visit.yaml": f"""\
workflow: visit
title: {given["workflow"]}
review_types: {{visit: {{title: {given["review type"]}}}}}
states:
  planned: {{title: {given["state"]}, counts_as: open}}
steps:
  make: {{title: {given["step"]}, from: new, who: [designate], form: visit, to: planned}}
clocks:
  made_in_time: {{title: {given["clock"]}, starts: visited_on, due: 3 days, stops: [make]}}
""",
    }


@pytest.mark.parametrize("what", TITLES)
def test_a_title_may_be_as_long_as_the_reference_says(what: str) -> None:
    longest = TITLES[what]
    row = next(line for line in REFERENCE.splitlines() if line.startswith("| the title of"))

    assert re.search(rf"\b{what}\b[^;]*\b{longest}\b", row)
    assert list(read_sources(visit_with(what, "x" * longest)).problems) == []
    (problem,) = read_sources(visit_with(what, "x" * (longest + 1))).problems
    assert problem.sentence.endswith(f"title is longer than {longest} characters.")


@pytest.mark.parametrize(
    ("of", "numbers"),
    [
        ("a workflow", [reading.MOST_STATES, reading.MOST_STEPS]),
        ("a workflow that is drawn", [diagram.MOST_STATES, diagram.MOST_MOVES]),
        ("a condition", [conditions.MOST_TESTS]),
        ("a file, a folder", [LARGEST_FILE // 1024, MOST_FILES]),
        ("a key", [LONGEST_VALUE]),
    ],
)
def test_the_limits_that_the_reference_gives_are_those_that_hold(of: str, numbers: list[int]) -> None:
    row = next(line for line in REFERENCE.splitlines() if line.startswith(f"| {of} |"))

    assert [number for number in numbers if not re.search(rf"\b{number}\b", row)] == []
