"""Conditions over a review's answers: a closed tree that a form can edit, the linter can enumerate and nothing can run in (D13).

    {publication_status: public}                    the answer is, or includes, this value
    {media_interest: {ever_in: [medium, high]}}     any answer it was ever given
    {all: [...]}, {any: [...]}, {not: {...}}        together; several keys in one map mean `all`

The tests: a value, `in`, `not_in`, `ever_in`, `before`, `after` (another question, or a date), `at_least`, `at_most`, and the
words `answered`, `unanswered` (asked, but left empty) and `not_asked` (the form that asks it was never completed).
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping
from collections.abc import Set as AbstractSet
from dataclasses import dataclass, field
from typing import Any

from scrt_workflow.yaml_reader import Items, Map, Problems, Text, did_you_mean

DEEPEST, MOST_TESTS = 5, 50
WORDS = ("answered", "unanswered", "not_asked")
OPERATORS = ("in", "not_in", "ever_in", "before", "after", "at_least", "at_most")
Answer = str | int | list[str] | None
NOT_ASKED = type("NotAsked", (), {"__repr__": lambda _: "NOT_ASKED", "__bool__": lambda _: False})()
"""What a question answers that no form has put to this review. It is neither empty nor null."""


@dataclass(frozen=True, slots=True)
class Facts:
    """What conditions may look at: the answers on record (a missing key was not asked), and every value ever given."""

    answers: Mapping[str, Any]
    ever: Mapping[str, AbstractSet[str]] = field(default_factory=dict)

    def answer(self, question: str) -> Any:
        """Give the answer to *question*: its value, None when it was left empty, NOT_ASKED when it was never asked."""
        return self.answers.get(question, NOT_ASKED)


@dataclass(frozen=True, slots=True)
class Test:
    """One question compared with something."""

    question: str
    operator: str
    values: tuple[str, ...] = ()
    line: int = field(default=0, compare=False)


@dataclass(frozen=True, slots=True)
class All:
    """True when every part is."""

    parts: tuple[Condition, ...]


@dataclass(frozen=True, slots=True)
class AnyOf:
    """True when at least one part is."""

    parts: tuple[Condition, ...]


@dataclass(frozen=True, slots=True)
class Not:
    """True when its part is not."""

    part: Condition


Condition = Test | All | AnyOf | Not


def holds(condition: Condition | None, facts: Facts) -> bool:
    """Say whether *condition* is true of *facts*; no condition always is."""
    if condition is None:
        return True
    if isinstance(condition, Test):
        return _TESTS[condition.operator](condition, facts)
    if isinstance(condition, All):
        return all(holds(part, facts) for part in condition.parts)
    if isinstance(condition, AnyOf):
        return any(holds(part, facts) for part in condition.parts)
    return not holds(condition.part, facts)


def tests_in(condition: Condition | None) -> Iterator[Test]:
    """Give every test in *condition*."""
    if isinstance(condition, Test):
        yield condition
    elif isinstance(condition, Not):
        yield from tests_in(condition.part)
    elif condition is not None:
        for part in condition.parts:
            yield from tests_in(part)


def questions_in(condition: Condition | None) -> set[str]:
    """Name the questions *condition* looks at, those it compares with included."""
    found = set()
    for test in tests_in(condition):
        found.add(test.question)
        if test.operator in {"before", "after"} and not _is_date(test.values[0]):
            found.add(test.values[0])
    return found


def _included(answer: Any, values: tuple[str, ...]) -> bool:
    if isinstance(answer, list):
        return any(value in values for value in answer)
    return answer is not NOT_ASKED and answer is not None and str(answer) in values


def _is_date(text: str) -> bool:
    return re.fullmatch(r"\d{4}-\d{2}-\d{2}", text) is not None


def _other(test: Test, facts: Facts) -> Any:
    return test.values[0] if _is_date(test.values[0]) else facts.answer(test.values[0])


def _dates(test: Test, facts: Facts) -> tuple[str, str] | None:
    one, other = facts.answer(test.question), _other(test, facts)
    return (one, other) if isinstance(one, str) and isinstance(other, str) else None


def _amount(answer: Any) -> int | None:
    if isinstance(answer, list):
        return len(answer)
    return answer if isinstance(answer, int) else None


def _compares(test: Test, facts: Facts, fits: Callable[[int, int], bool]) -> bool:
    amount = _amount(facts.answer(test.question))
    return amount is not None and fits(amount, int(test.values[0]))


def _before(test: Test, facts: Facts) -> bool:
    return (pair := _dates(test, facts)) is not None and pair[0] < pair[1]


def _after(test: Test, facts: Facts) -> bool:
    return (pair := _dates(test, facts)) is not None and pair[0] > pair[1]


_TESTS: dict[str, Callable[[Test, Facts], bool]] = {
    "in": lambda test, facts: _included(facts.answer(test.question), test.values),
    "not_in": lambda test, facts: not _included(facts.answer(test.question), test.values),
    "ever_in": lambda test, facts: (
        _included(facts.answer(test.question), test.values)
        or any(value in test.values for value in facts.ever.get(test.question, ()))
    ),
    "answered": lambda test, facts: facts.answer(test.question) not in (NOT_ASKED, None, "", []),
    "unanswered": lambda test, facts: facts.answer(test.question) in (None, "", []),
    "not_asked": lambda test, facts: facts.answer(test.question) is NOT_ASKED,
    "before": _before,
    "after": _after,
    "at_least": lambda test, facts: _compares(test, facts, lambda amount, least: amount >= least),
    "at_most": lambda test, facts: _compares(test, facts, lambda amount, most: amount <= most),
}


class ConditionReader:
    """Reads conditions of one file, noting every mistake."""

    def __init__(self, file: str, problems: Problems, place: str) -> None:
        """Report mistakes in *file* under *place*."""
        self.file, self.problems, self.place = file, problems, place
        self._tests = 0

    def _problem(self, node: Any, sentence: str) -> None:
        self.problems.add(self.file, getattr(node, "line", 1) or 1, f"{self.place}: {sentence}")

    def read(self, node: Any, depth: int = 1) -> Condition | None:
        """Read the condition at *node*; None, and a problem, when it is not one."""
        if depth > DEEPEST:
            self._problem(node, f"the condition is nested more than {DEEPEST} levels deep.")
            return None
        if not isinstance(node, Map) or not node:
            self._problem(node, "a condition is written `{question: value}`, or `all`, `any` or `not` over others.")
            return None
        parts = [part for key, value in node.items() if (part := self._part(key, value, depth)) is not None]
        if len(parts) != len(node):
            return None
        return parts[0] if len(parts) == 1 else All(tuple(parts))

    def _part(self, key: Text, value: Any, depth: int) -> Condition | None:
        if key in {"all", "any"}:
            if not isinstance(value, Items) or not value:
                self._problem(key, f"{key} takes a list of conditions.")
                return None
            parts = [part for item in value if (part := self.read(item, depth + 1)) is not None]
            if len(parts) != len(value):
                return None
            return All(tuple(parts)) if key == "all" else AnyOf(tuple(parts))
        if key == "not":
            part = self.read(value, depth + 1)
            return None if part is None else Not(part)
        return self._test(key, value)

    def _test(self, question: Text, value: Any) -> Condition | None:
        self._tests += 1
        if self._tests == MOST_TESTS + 1:
            self._problem(question, f"the condition has more than {MOST_TESTS} tests.")
        if isinstance(value, Text):
            if value in WORDS:
                return Test(str(question), str(value), line=question.line)
            return Test(str(question), "in", (str(value),), question.line)
        if not isinstance(value, Map) or not value:
            self._problem(question, f"{question}: compare it with a value, or with one of {', '.join(OPERATORS)}.")
            return None
        tests = [test for operator, operand in value.items() if (test := self._operator(question, operator, operand))]
        if len(tests) != len(value):
            return None
        return tests[0] if len(tests) == 1 else All(tuple(tests))

    def _operator(self, question: Text, operator: Text, operand: Any) -> Test | None:
        if operator not in OPERATORS:
            self._problem(operator, f"{question}: no comparison is called '{operator}'{did_you_mean(operator, OPERATORS)}.")
            return None
        if operator in {"in", "not_in", "ever_in"}:
            if not isinstance(operand, Items) or not operand or not all(isinstance(item, Text) for item in operand):
                self._problem(operator, f"{question}: {operator} takes a list of values, such as [low, high].")
                return None
            return Test(str(question), str(operator), tuple(str(item) for item in operand), question.line)
        if not isinstance(operand, Text) or (operator in {"at_least", "at_most"} and not re.fullmatch(r"-?\d{1,9}", operand)):
            wanted = "a whole number" if operator.startswith("at_") else "a date question, or a date such as 2024-07-22"
            self._problem(operator, f"{question}: {operator} takes {wanted}.")
            return None
        return Test(str(question), str(operator), (str(operand),), question.line)
