"""Small numbers: they are hidden, and no reader who reckons finds them out from what is still shown."""

from __future__ import annotations

from dataclasses import replace
from random import Random
from typing import Any, TypeVar

import pytest

from scrt_workflow.reports.figures import NOT_SHOWN, Count, Hidden, Line, MonthLine, Outcome, Summary, Term
from scrt_workflow.reports.suppression import SMALLEST, protected
from tests.reports.reader import Reader, counts_of, is_hidden
from tests.reports.tables_by_chance import summary_by_chance

ROUNDS = range(40)
Row = TypeVar("Row", Summary, Line, MonthLine, Outcome, Term)


def found_out(summary: Summary, shown: Summary, low: int) -> list[Any]:
    """Give every hidden count that a reader of *shown* can tell for certain, who knows how small what is `not shown` may be."""
    truth = Reader(summary, low=low)
    is_blurred = any(is_small(before, low) and after is NOT_SHOWN for before, after in paired(summary, shown))
    reader = Reader(shown, low=1 if is_blurred else low, fewer_than=low)
    return [name for name in reader.hidden if reader.knows(name, truth=truth.domains[name][0])]


def is_small(count: Count, low: int) -> bool:
    return isinstance(count, int) and 1 <= count < low


def paired(summary: Summary, shown: Summary) -> list[tuple[Count, Count]]:
    """Give each count as it is, and as it is shown."""
    after = dict(counts_of(shown))
    return [(count, after[key]) for key, count in counts_of(summary)]


@pytest.mark.parametrize("low", [3, 5])
@pytest.mark.parametrize("seed", ROUNDS)
def test_no_hidden_count_can_be_reckoned_from_what_is_shown(seed: int, low: int) -> None:
    summary = summary_by_chance(Random(seed))

    assert found_out(summary, protected(summary, low), low) == []


def small_ones_alone(summary: Summary, low: int) -> Summary:
    """Hide small counts, and nothing that would give them away."""

    def hide(row: Row, *names: str) -> Row:
        small: dict[str, Any] = {name: Hidden(f"fewer than {low}") for name in names if 1 <= getattr(row, name) < low}
        return replace(row, **small)

    columns = ("open", "closed", "total")
    return hide(
        replace(
            summary,
            by_type=tuple(hide(row, *columns) for row in summary.by_type),
            trend=tuple(hide(row, *columns) for row in summary.trend),
            conversions=hide(summary.conversions, "converted", "closed_without"),
            terms={measure: tuple(hide(row, "count") for row in rows) for measure, rows in summary.terms.items()},
            terms_by_family={
                measure: {family: tuple(hide(row, "count") for row in rows) for family, rows in families.items()}
                for measure, families in summary.terms_by_family.items()
            },
        ),
        *columns,
        "new",
    )


def test_the_reader_of_these_tests_finds_out_what_is_hidden_badly() -> None:
    found = [len(found_out(one, small_ones_alone(one, 5), 5)) for one in map(summary_by_chance, map(Random, ROUNDS))]

    assert sum(count > 0 for count in found) > len(ROUNDS) * 0.8


@pytest.mark.parametrize("seed", ROUNDS)
def test_what_is_small_is_hidden_and_nought_never_is(seed: int) -> None:
    summary = summary_by_chance(Random(seed))

    for before, after in paired(summary, protected(summary, 5)):
        assert str(after) in {"fewer than 5", "not shown"} if is_small(before, 5) else after in {before, NOT_SHOWN}
        assert not (before == 0 and is_hidden(after))


def test_a_small_count_is_blurred_only_where_fewer_than_would_tell_it() -> None:
    blurred = [
        sum(is_small(before, 5) and after is NOT_SHOWN for before, after in paired(one, protected(one, 5)))
        for one in map(summary_by_chance, map(Random, ROUNDS))
    ]

    assert sum(count == 0 for count in blurred) > len(ROUNDS) * 0.9


def test_a_share_or_a_median_does_not_tell_what_is_hidden() -> None:
    for summary in map(summary_by_chance, map(Random, ROUNDS)):
        outcome = protected(summary, 5).conversions
        if is_hidden(outcome.converted) or is_hidden(outcome.closed_without):
            assert outcome.rate is NOT_SHOWN
        if is_hidden(outcome.converted):
            assert outcome.median_days is NOT_SHOWN


def test_the_place_in_a_list_does_not_tell_what_is_hidden() -> None:
    summary = summary_by_chance(Random(4), terms=20)
    row = protected(summary, 5).terms["themes"]
    hidden = [one.label for one in row if is_hidden(one.count)]

    assert len(hidden) > 2
    assert hidden == sorted(hidden)
    states = [2 if one.count == 0 else 1 if is_hidden(one.count) else 0 for one in row]
    assert states == sorted(states)


def test_large_figures_keep_most_of_what_they_say() -> None:
    for seed in range(20):
        summary = summary_by_chance(Random(seed), most=80)
        hidden = [shown for _, shown in counts_of(protected(summary, 5)) if shown is NOT_SHOWN]
        small = [shown for _, shown in counts_of(summary) if isinstance(shown, int) and 1 <= shown < 5]
        assert len(hidden) <= len(small) + 4


def test_nothing_is_hidden_unless_asked_and_fewer_than_two_is_refused() -> None:
    summary = summary_by_chance(Random(1))

    assert protected(summary, 0) is summary
    for low in range(1, SMALLEST):
        with pytest.raises(ValueError, match="fewer than 2 would mean 1"):
            protected(summary, low)
    with pytest.raises(TypeError, match="protected before"):
        protected(protected(summary, 5), 5)
