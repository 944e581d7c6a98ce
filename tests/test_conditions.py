"""Conditions are a closed tree: what each comparison means, what is refused, and that nothing in one can run."""

from typing import Any

import pytest

from scrt_workflow.conditions import All, AnyOf, Condition, ConditionReader, Facts, Not, holds, questions_in
from scrt_workflow.conditions import Test as Comparison
from scrt_workflow.conditions import tests_in as comparisons_in
from scrt_workflow.yaml_reader import Problems, Text, read_yaml

ANSWERS: dict[str, Any] = {
    "choice": "low",
    "several": ["a", "b"],
    "empty": None,
    "none_chosen": [],
    "number": 3,
    "text": "words",
    "first": "2024-05-03",
    "second": "2024-07-22",
}
FACTS = Facts(ANSWERS, {"choice": frozenset({"low", "high"}), "never_asked": frozenset()})


def read(text: str) -> tuple[Condition | None, list[str]]:
    """Read the condition *text*; give it, and the mistakes in it."""
    problems = Problems()
    node = read_yaml(f"when: {text}", file="f.yaml", problems=problems)
    condition = ConditionReader("f.yaml", problems, "when").read(node.get(Text("when")))
    return condition, [str(problem) for problem in problems]


HOLDS = [
    ("{choice: low}", True),
    ("{choice: high}", False),
    ("{choice: {in: [low, none]}}", True),
    ("{choice: {not_in: [low, none]}}", False),
    ("{choice: {not_in: [high]}}", True),
    ("{choice: {ever_in: [high]}}", True),
    ("{choice: {ever_in: [medium]}}", False),
    ("{several: b}", True),
    ("{several: c}", False),
    ("{several: {at_least: 2}}", True),
    ("{several: {at_most: 1}}", False),
    ("{number: 3}", True),
    ("{number: {at_least: 3, at_most: 3}}", True),
    ("{number: {at_least: 4}}", False),
    ("{first: {before: second}}", True),
    ("{first: {after: second}}", False),
    ("{first: {before: 2024-05-03}}", False),
    ("{second: {after: 2024-05-03}}", True),
    ("{text: answered}", True),
    ("{empty: answered}", False),
    ("{empty: unanswered}", True),
    ("{none_chosen: unanswered}", True),
    ("{none_chosen: answered}", False),
    ("{choice: low, number: 3}", True),
    ("{choice: low, number: 4}", False),
    ("{all: [{choice: low}, {number: 3}]}", True),
    ("{any: [{choice: high}, {number: 3}]}", True),
    ("{any: [{choice: high}, {number: 4}]}", False),
    ("{not: {choice: high}}", True),
    ("{not: {all: [{choice: low}, {any: [{number: 3}]}]}}", False),
]


@pytest.mark.parametrize(("text", "expected"), HOLDS)
def test_a_condition_holds_as_it_reads(text: str, expected: bool) -> None:
    condition, problems = read(text)

    assert problems == []
    assert holds(condition, FACTS) is expected


NOT_ASKED = [
    ("{never: not_asked}", True),
    ("{never: answered}", False),
    ("{never: unanswered}", False),
    ("{never: low}", False),
    ("{never: {not_in: [low]}}", True),
    ("{never: {ever_in: [low]}}", False),
    ("{never: {before: second}}", False),
    ("{first: {before: never}}", False),
    ("{first: {after: empty}}", False),
    ("{never: {at_least: 0}}", False),
    ("{empty: {at_most: 9}}", False),
    ("{empty: not_asked}", False),
    ("{empty: {in: [None]}}", False),
]


@pytest.mark.parametrize(("text", "expected"), NOT_ASKED)
def test_what_was_not_asked_is_neither_empty_nor_any_answer(text: str, expected: bool) -> None:
    condition, problems = read(text)

    assert problems == []
    assert holds(condition, FACTS) is expected


def test_no_condition_always_holds() -> None:
    assert holds(None, FACTS)


REFUSED = [
    ("low", "f.yaml:1: when: a condition is written `{question: value}`, or `all`, `any` or `not` over others."),
    ("{}", "f.yaml:1: when: a condition is written `{question: value}`, or `all`, `any` or `not` over others."),
    ("[]", "f.yaml:1: when: a condition is written `{question: value}`, or `all`, `any` or `not` over others."),
    ("{all: {choice: low}}", "f.yaml:1: when: all takes a list of conditions."),
    ("{any: []}", "f.yaml:1: when: any takes a list of conditions."),
    ("{choice: {inn: [low]}}", "f.yaml:1: when: choice: no comparison is called 'inn' (did you mean in?)."),
    ("{choice: {in: low}}", "f.yaml:1: when: choice: in takes a list of values, such as [low, high]."),
    ("{choice: {in: [[low]]}}", "f.yaml:1: when: choice: in takes a list of values, such as [low, high]."),
    ("{number: {at_least: three}}", "f.yaml:1: when: number: at_least takes a whole number."),
    ("{number: {at_least: 1e3}}", "f.yaml:1: when: number: at_least takes a whole number."),
    ("{first: {before: [second]}}",
     "f.yaml:1: when: first: before takes a date question, or a date such as 2024-07-22."),
    ("{choice: [low]}",
     ("f.yaml:1: when: choice: compare it with a value, or with one of "
      "in, not_in, ever_in, before, after, at_least, at_most.")),
    ("{not: {not: {not: {not: {not: {choice: low}}}}}}",
     "f.yaml:1: when: the condition is nested more than 5 levels deep."),
    ("{any: [" + ", ".join(["{choice: low}"] * 51) + "]}", "f.yaml:1: when: the condition has more than 50 tests."),
    ("{choice: {__import__: os}}", "f.yaml:1: when: choice: no comparison is called '__import__'."),
]  # fmt: skip


@pytest.mark.parametrize(("text", "sentence"), REFUSED)
def test_what_is_no_condition_is_refused_in_a_sentence(text: str, sentence: str) -> None:
    _, problems = read(text)

    assert problems == [sentence]


def test_every_mistake_in_a_condition_is_said_at_once() -> None:
    _, problems = read("{all: [{choice: {inn: [low]}}, {number: {at_least: many}}]}")

    assert len(problems) == 2


def test_a_word_that_looks_like_code_is_only_a_value() -> None:
    condition, problems = read("{choice: \"__import__('os').system('id')\"}")

    assert problems == []
    assert condition == Comparison("choice", "in", ("__import__('os').system('id')",))
    assert not holds(condition, FACTS)


def test_the_questions_of_a_condition_are_all_named() -> None:
    condition, _ = read("{any: [{first: {before: second}}, {not: {choice: low}}, {second: {after: 2024-05-03}}]}")

    assert questions_in(condition) == {"first", "second", "choice"}
    assert [comparison.operator for comparison in comparisons_in(condition)] == ["before", "in", "after"]


def test_a_condition_is_compared_by_what_it_says_not_by_where_it_stands() -> None:
    one, _ = read("{all: [{choice: low}, {not: {any: [{number: 3}]}}]}")
    other, _ = read("\n  all:\n  - {choice: low}\n  - not: {any: [{number: 3}]}\n")

    assert one == other == All((Comparison("choice", "in", ("low",)), Not(AnyOf((Comparison("number", "in", ("3",)),)))))
