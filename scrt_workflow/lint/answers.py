"""The answers a question may have, as few as its conditions can tell apart."""

from collections.abc import Collection, Iterable, Iterator, Sequence
from datetime import date, timedelta
from itertools import chain, combinations
from typing import Any

from scrt_workflow.conditions import Test
from scrt_workflow.forms.schema import Question

MOST_COMBINATIONS = 10_000
TOO_LARGE = "its states, steps and the answers that conditions look at are too many together to check. Divide the workflow."
ANOTHER = "…"
"""Stands for any value that no condition names, where the values are not known here."""


class TooManyError(Exception):
    """There is more than can be looked through; the message says of what."""

    def __init__(self, sentence: str = "") -> None:
        super().__init__(
            sentence
            or f"the answers that conditions look at make more than {MOST_COMBINATIONS:,} combinations, too many to check. "
            "Let fewer questions decide, or questions with fewer answers."
        )


class Budget:
    """How much may still be looked through, in units of about a microsecond."""

    def __init__(self, units: int = 400_000) -> None:
        """Begin with *units*."""
        self.left = units

    def spend(self, units: int) -> None:
        """Take *units* off. Raises TooManyError when none are left."""
        self.left -= units
        if self.left < 0:
            raise TooManyError(TOO_LARGE)


def possible_answers(question: Question, tests: Sequence[Test], options: Collection[str] | None) -> list[Any]:
    """Give answers to *question*, blank ones aside, that between them meet *tests* in every way that can be.

    *options* are the values of a closed list, None where they are not known.
    """
    if question.type in {"choices", "ranked_choices"}:
        return list(_lists(question, tests, options))
    if question.type == "number":
        return sorted(_numbers(question, tests))
    if question.type == "date":
        return sorted(_days(tests)) or [ANOTHER]
    if question.type in {"choice", "yes_no", "review_type"} and options is not None:
        return list(options)
    return [*dict.fromkeys(_named(tests)), ANOTHER]


def _named(tests: Iterable[Test]) -> Iterator[str]:
    return (value for test in tests if test.operator in {"in", "not_in", "ever_in"} for value in test.values)


def _numbers(question: Question, tests: Sequence[Test]) -> set[int]:
    limits = {check.name: int(check.operand) for check in question.checks if check.name in {"at_least", "at_most"}}
    sizes = [int(test.values[0]) for test in tests if test.operator in {"at_least", "at_most"}]
    named = [int(value) for value in _named(tests)]
    wanted = {value + step for value in [*sizes, *named, *limits.values(), 0] for step in (-1, 0, 1)}
    least, most = limits.get("at_least", min(wanted)), limits.get("at_most", max(wanted))
    return {value for value in wanted if least <= value <= most} or {least}


def _days(tests: Sequence[Test]) -> set[str]:
    """Give each date that a test names, with the day before it and the day after."""
    named = [*_named(tests), *(test.values[0] for test in tests if test.operator in {"before", "after"})]
    found: set[str] = set()
    for text in named:
        try:
            day = date.fromisoformat(text)
            found |= {(day + timedelta(days=step)).isoformat() for step in (-1, 0, 1)}
        except (ValueError, OverflowError):
            continue  # the name of a question, or a date at the end of time
    return found


def _lists(question: Question, tests: Sequence[Test], options: Collection[str] | None) -> Iterator[list[str]]:
    """Give lists of options: every set of options that tests tell apart, in every length that they ask about."""
    values = list(options) if options is not None else [*dict.fromkeys(_named(tests)), ANOTHER]
    alike: dict[frozenset[Test], list[str]] = {}
    for value in values:
        alike.setdefault(frozenset(test for test in tests if value in test.values), []).append(value)
    if 2 ** len(alike) > MOST_COMBINATIONS:
        raise TooManyError
    most = min(question.at_most or len(values), len(values))
    sizes = [int(test.values[0]) for test in tests if test.operator in {"at_least", "at_most"}]
    lengths = {size + step for size in sizes for step in (-1, 0, 1)}
    kinds = list(alike.values())
    for kinds_chosen in chain.from_iterable(combinations(kinds, count) for count in range(1, len(kinds) + 1)):
        first = [kind[0] for kind in kinds_chosen]
        rest = [value for kind in kinds_chosen for value in kind[1:]]
        for length in lengths | {len(first)}:
            if len(first) <= length <= min(most, len(first) + len(rest)):
                yield first + rest[: length - len(first)]
