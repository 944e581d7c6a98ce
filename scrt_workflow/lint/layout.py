"""A review's situation as one number: answers as far as conditions tell them apart, and approvals in force."""

from collections.abc import Callable, Collection, Iterable, Iterator
from dataclasses import dataclass, field, replace
from itertools import chain
from typing import Any

from scrt_workflow.conditions import NOT_ASKED, Facts, Test, holds
from scrt_workflow.forms.schema import Question
from scrt_workflow.lint.answers import Budget, possible_answers

EARLIER, SAME_DAY, LATER = 0, 1, 2
"""How the first of two dates may lie to the second."""


@dataclass(frozen=True, slots=True)
class Group:
    """Answers to one question that no condition tells apart, and their bits, those for what was ever so included."""

    values: tuple[Any, ...]
    meets: frozenset[Test]
    bits: int


@dataclass(frozen=True, slots=True)
class Variable:
    """A question as far as conditions look at it. Its first group holds *not asked*, whose bits are none."""

    question: Question
    shift: int
    mask: int
    groups: tuple[Group, ...]

    def group(self, bits: int) -> int:
        """Give the number of the group that *bits* stand for."""
        return (bits & self.mask) >> self.shift

    def number_of(self, value: Any) -> int:
        """Give the number of the group that *value* is in; an unforeseen value counts as the last."""
        found = (number for number, group in enumerate(self.groups) if any(value is v or value == v for v in group.values))
        return next(found, len(self.groups) - 1)

    def answered(self, *, or_empty: bool) -> tuple[int, ...]:
        """Give the bits of each group that a form may set: those with an answer, and the empty one if *or_empty*."""
        blank = (NOT_ASKED,) if or_empty else (NOT_ASKED, None)
        return tuple(group.bits for group in self.groups if any(v not in blank for v in group.values))

    @property
    def empty(self) -> int:
        """Give the bits of an answer that was left empty."""
        return self.groups[self.number_of(None)].bits

    def hidden(self, bits: int) -> tuple[int, ...]:
        """Give the bits that a question taken away may have: an answer is emptied, what was never asked stays so."""
        values = self.groups[self.group(bits)].values
        kept = [bits & self.mask] if any(value in (NOT_ASKED, None) for value in values) else []
        emptied = [self.empty] if any(value not in (NOT_ASKED, None) for value in values) else []
        return tuple(dict.fromkeys([*kept, *emptied]))


@dataclass(frozen=True)
class Layout:
    """Which bits stand for what. *ever* and *approvals* are single bits; *relations* are pairs of dates."""

    variables: dict[str, Variable] = field(default_factory=dict)
    ever: dict[Test, int] = field(default_factory=dict)
    approvals: dict[str, int] = field(default_factory=dict)
    relations: dict[tuple[str, str], int] = field(default_factory=dict)
    all_approvals: int = 0
    budget: Budget = field(default_factory=Budget)

    def ever_bits(self, question: str) -> list[int]:
        """Give the bits that say what *question* was ever answered."""
        return [bit for test, bit in self.ever.items() if test.question == question]


def lay_out(
    tests: Iterable[Test],
    dated: Collection[str],
    approving: Iterable[str],
    *,
    question: Callable[[str], Question | None],
    options: Callable[[Question], Collection[str] | None],
) -> Layout:
    """Give every question in *tests*, and the *dated* ones, as many bits as its conditions need."""
    by_question: dict[str, list[Test]] = {key: [Test(key, "answered")] for key in dated}
    relations: list[tuple[str, str]] = []
    for test in dict.fromkeys(tests):
        if (pair := pair_of(test, question)) is None:
            by_question.setdefault(test.question, []).append(test)
            continue
        relations.append(pair)
        for key in pair:
            by_question.setdefault(key, []).append(Test(key, "answered"))
    layout, next_bit = Layout(), 0
    for key, several in by_question.items():
        asked = question(key)
        if asked is None:
            continue
        ever = {test: 1 << (next_bit + place) for place, test in enumerate(_ever_tests(several))}
        next_bit += len(ever)
        layout.ever.update(ever)
        answers = possible_answers(asked, several, options(asked))
        layout.budget.spend(2 * len(answers) * len(several))
        made = _variable(asked, several, answers, next_bit, ever)
        layout.variables[key] = made
        next_bit += (len(made.groups) - 1).bit_length()
    for step in approving:
        layout.approvals[step] = 1 << next_bit
        next_bit += 1
    for place, pair in enumerate(dict.fromkeys(relations)):
        layout.relations[pair] = next_bit + 2 * place
    return replace(layout, all_approvals=sum(layout.approvals.values()))


def pair_of(test: Test, question: Callable[[str], Question | None]) -> tuple[str, str] | None:
    """Give the two questions whose dates *test* compares, in a fixed order, or None."""
    if test.operator not in {"before", "after"} or question(test.values[0]) is None:
        return None
    one, other = sorted((test.question, test.values[0]))
    return one, other


def _ever_tests(tests: Iterable[Test]) -> Iterator[Test]:
    return (test for test in dict.fromkeys(tests) if test.operator == "ever_in")


def _variable(question: Question, tests: list[Test], answers: list[Any], shift: int, ever: dict[Test, int]) -> Variable:
    """Group the answers to *question* by the tests that they meet."""
    alike: dict[frozenset[Test], list[Any]] = {}
    for value in chain((NOT_ASKED, None), answers):
        facts = Facts({} if value is NOT_ASKED else {question.key: value})
        alike.setdefault(frozenset(test for test in tests if holds(test, facts)), []).append(value)
    groups = tuple(
        Group(tuple(values), meets, number << shift | sum(bit for test, bit in ever.items() if test in meets))
        for number, (meets, values) in enumerate(alike.items())
    )
    mask = ((1 << (len(groups) - 1).bit_length()) - 1) << shift
    return Variable(question, shift, mask, groups)
