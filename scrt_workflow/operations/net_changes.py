"""By how much one review changes each count in each month, from what was known of it: pure, so that any order of work agrees.

The figures at the end of a month are the sum of all changes up to it; what is new in a month is a change of that month alone.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import date
from functools import lru_cache
from operator import attrgetter

from scrt_workflow.reports.figures import CONVERTED, NEW
from scrt_workflow.workflows.schema import CLOSED, OPEN
from scrt_workflow.working_days import end_of_month

Changes = Counter[tuple[str, str, str, str, str]]
"""By month ("2024-10"), organisation, review type ("" is Not Stated), measure and code ("" where the measure has none)."""
Standing = frozenset[tuple[str, str, str, str]]
"""What a review counts as on a day: organisation, review type, measure and code."""


@dataclass(frozen=True, slots=True)
class Been:
    """From which day to which (not included; None: and still) a review was whose, of which type, and counted as what."""

    from_on: date
    to_on: date | None
    organisation: str
    review_type: str
    status: str
    event_id: int


@dataclass(frozen=True, slots=True)
class Had:
    """From which day to which a review had a term of a *measure*."""

    from_on: date
    to_on: date | None
    measure: str
    code: str


@dataclass(slots=True)
class Known:
    """What was known of one review at a moment; *opened_on* is the first day of the living review that it opened."""

    been: list[Been] = field(default_factory=list)
    had: list[Had] = field(default_factory=list)
    opened_on: date | None = None


NOTHING_KNOWN = Known()


def changes_of(review: Known) -> Changes:
    """Give every change that *review* makes."""
    changes = Changes()
    before: Standing = frozenset()
    for last in sorted({month_end(day) for day in _days(review)}):
        now = standing(review, last)
        month = f"{last:%Y-%m}"
        for cell in now ^ before:
            changes[month, *cell] += 1 if cell in now else -1
        before = now
    if first := first_open(review):
        changes[f"{first.from_on:%Y-%m}", first.organisation, first.review_type, NEW, ""] += 1
    return changes


def standing(review: Known, day: date) -> Standing:
    """Give what *review* counts as at the end of *day*; nothing where it is neither open nor closed."""
    found = next((one for one in review.been if _covers(one, day) and one.status in {OPEN, CLOSED}), None)
    if found is None:
        return frozenset()
    where = (found.organisation, found.review_type)
    cells = {(*where, term.measure, term.code) for term in review.had if _covers(term, day)}
    cells.add((*where, found.status, ""))
    if found.status == CLOSED and review.opened_on and review.opened_on <= day:
        cells.add((*where, CONVERTED, _days_open(review.been, day)))
    return frozenset(cells)


def first_open(review: Known) -> Been | None:
    """Give what *review* was when it was first open: for whose it was then it is new."""
    return min((one for one in review.been if one.status == OPEN), key=attrgetter("from_on", "event_id"), default=None)


def _days_open(been: Sequence[Been], day: date) -> str:
    """Give the days from the first on which it was open to the last of those that were over; "" where it never was open."""
    ended = [(one.from_on, one.to_on) for one in been if one.status == OPEN and one.to_on and one.to_on <= day]
    return str((max(to_on for _, to_on in ended) - min(from_on for from_on, _ in ended)).days) if ended else ""


def _covers(row: Been | Had, day: date) -> bool:
    return row.from_on <= day and (row.to_on is None or day < row.to_on)


def _days(review: Known) -> set[date]:
    """Give the days on which anything changed."""
    rows: list[Been | Had] = [*review.been, *review.had]
    days = {row.from_on for row in rows} | {row.to_on for row in rows if row.to_on}
    return days | {review.opened_on} if review.opened_on else days


month_end = lru_cache(maxsize=4096)(end_of_month)
