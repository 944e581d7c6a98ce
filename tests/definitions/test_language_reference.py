"""The language reference says all that the readers read, and its examples read."""

import re
from dataclasses import fields

import pytest

from scrt_workflow.conditions import OPERATORS, WORDS
from scrt_workflow.folder import read_sources
from scrt_workflow.forms.schema import CHECKS, PID_RISKS, QUESTION_TYPES, RESERVED_KEYS, Form, Page, Question
from scrt_workflow.permissions import Role
from scrt_workflow.workflows.schema import ClockRule, Outcome, ReminderRule, ReviewType, State, Step, Workflow
from scrt_workflow.yaml_reader import Problems, read_yaml
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


@pytest.mark.parametrize("kind", [Question, Form, Page, Workflow, ReviewType, State, Step, Outcome, ClockRule, ReminderRule])
def test_every_key_of_the_language_is_explained(kind: type) -> None:
    keys = {WRITTEN_OTHERWISE.get(one.name, one.name) for one in fields(kind)} - OUR_OWN

    assert {key for key in keys if not re.search(rf"\b{key}\b", REFERENCE)} == set()


@pytest.mark.parametrize("word", sorted({*QUESTION_TYPES, *CHECKS, *PID_RISKS, *RESERVED_KEYS, *WORDS, *OPERATORS, *Role}))
def test_every_word_of_the_language_is_explained(word: str) -> None:
    assert re.search(rf"\b{word}\b", REFERENCE)
