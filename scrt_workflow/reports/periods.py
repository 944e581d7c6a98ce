"""The stretches of time that figures are given for: a month, a quarter or a year of the NHS (April to March), or a day.

A key sorts as time goes, and says which financial year it means: "2024-10", "2024-25-Q3" (October to December 2024), "2024-25".
("2010-11" is a month; the years that could be read so are older than the collection.)
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import date, datetime, timedelta

from scrt_workflow.working_days import add_months, end_of_month, local_midnight

MONTH, QUARTER, YEAR, DAY = "month", "quarter", "year", "day"
MONTHS_IN = {MONTH: 1, QUARTER: 3, YEAR: 12}
FROZEN_KINDS = tuple(MONTHS_IN)
"""The kinds whose figures are frozen when they end."""
APRIL = 4
KEYS = {
    MONTH: re.compile(r"(?P<year>[0-9]{4})-(?P<month>[0-9]{1,2})"),
    QUARTER: re.compile(r"(?P<year>[0-9]{4})-(?P<next>[0-9]{2})-Q(?P<quarter>[1-4])"),
    YEAR: re.compile(r"(?P<year>[0-9]{4})-(?P<next>[0-9]{2})"),
}


class NoSuchPeriodError(ValueError):
    """A text that names no period; the message is for the person who wrote it."""


@dataclass(frozen=True, slots=True, order=True)
class ReportingPeriod:
    """One month, quarter or year by its last day; a *day* is counted as the month that it ends."""

    last_day: date
    kind: str = MONTH

    @property
    def first_day(self) -> date:
        """Give the day from which what is new is counted."""
        return add_months(self.last_day.replace(day=1), 1 - MONTHS_IN.get(self.kind, 1))

    @property
    def key(self) -> str:
        """Name it so that keys of one kind sort as time goes."""
        if self.kind in {MONTH, DAY}:
            return f"{self.last_day:%Y-%m}" if self.kind == MONTH else self.last_day.isoformat()
        began = add_months(self.last_day, 1 - APRIL).year
        year = f"{began:04}-{(began + 1) % 100:02}"
        return year if self.kind == YEAR else f"{year}-Q{(add_months(self.last_day, 1 - APRIL).month + 2) // 3}"

    @property
    def word(self) -> str:
        """Say what new reviews are counted in: the month, the quarter, the year."""
        return MONTH if self.kind == DAY else self.kind

    @property
    def title(self) -> str:
        """Name it for people: October 2024, October to December 2024, April 2024 to March 2025, 15 October 2024."""
        first, last = self.first_day, self.last_day
        if self.kind == DAY:
            return f"{last.day} {last:%B %Y}"
        if self.kind == MONTH:
            return f"{last:%B %Y}"
        return f"{first:%B} to {last:%B %Y}" if self.kind == QUARTER else f"{first:%B %Y} to {last:%B %Y}"

    @property
    def known_at(self) -> datetime:
        """Give the moment as known at which it is frozen: midnight in London after its last day."""
        return local_midnight(self.last_day + timedelta(days=1))

    def back(self, number: int) -> ReportingPeriod:
        """Give the period of this kind that many before it; from a day, the months before the one it is in."""
        if self.kind == DAY:
            return self if number == 0 else ReportingPeriod(end_of_month(add_months(self.last_day.replace(day=1), -number)))
        first = add_months(self.last_day.replace(day=1), -number * MONTHS_IN[self.kind])
        return ReportingPeriod(end_of_month(first), self.kind)


def period_of(kind: str, day: date) -> ReportingPeriod:
    """Give the month, quarter or year that *day* is in."""
    if kind == DAY:
        return ReportingPeriod(day, DAY)
    months = MONTHS_IN[kind]
    into = (day.month - APRIL) % 12 % months  # how many months of it came before
    return ReportingPeriod(end_of_month(add_months(day.replace(day=1), months - 1 - into)), kind)


def ended_before(kind: str, day: date) -> ReportingPeriod:
    """Give the newest period of *kind* that is over on *day*."""
    return period_of(kind, day).back(1) if kind != DAY else period_of(DAY, day - timedelta(days=1))


def last_day_counted(month: date, up_to: date) -> date:
    """Give the last day that a row of *month* counts where all is counted up to a day."""
    return min(end_of_month(month), up_to)


def read_period(text: str) -> ReportingPeriod:
    """Read a key of a month, quarter, year or day. Raises NoSuchPeriodError."""
    try:
        for kind, shape in KEYS.items():
            if (found := shape.fullmatch(text)) and (period := _read(kind, found)) and _says(period, text):
                return period
        day = date.fromisoformat(text)
    except (ValueError, OverflowError):
        day = date.max
    if day == date.max:  # it has no end
        wanted = "a month such as 2024-10, a quarter such as 2024-25-Q3, a year such as 2024-25, or a day such as 2024-10-15"
        raise NoSuchPeriodError(f"'{text}' is no period. Write {wanted}.")
    return ReportingPeriod(day, DAY)


def _read(kind: str, found: re.Match[str]) -> ReportingPeriod | None:
    """Give the period that a key of *kind* names, as far as there is one."""
    year = int(found["year"])
    if not date.min.year <= year < date.max.year:
        return None
    if kind == MONTH:
        month = int(found["month"])
        return period_of(kind, date(year, month, 1)) if 1 <= month <= 12 else None
    quarters = int(found["quarter"]) - 1 if kind == QUARTER else 0
    return period_of(kind, add_months(date(year, APRIL, 1), MONTHS_IN[QUARTER] * quarters))


def _says(period: ReportingPeriod, text: str) -> bool:
    """Say whether *text* is the key, but for the nought of a month: 2024-26-Q1 would name two years that do not follow."""
    return period.key == text or period.kind == MONTH
