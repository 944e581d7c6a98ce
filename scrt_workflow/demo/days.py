"""The working days that the demo's history may use: London, from the first week of the ICBs to 31 October 2024."""

import random
from datetime import date, timedelta
from functools import cache

from scrt_workflow.reference.bank_holidays import bank_holidays

FIRST = date(2022, 7, 4)
LAST = date(2024, 10, 31)


def _is_working(day: date) -> bool:
    return day.isoweekday() not in (6, 7) and day not in bank_holidays()


WORKING_DAYS: tuple[date, ...] = tuple(
    day for n in range((LAST - FIRST).days + 1) if _is_working(day := FIRST + timedelta(days=n))
)
_NUMBER = {day: n for n, day in enumerate(WORKING_DAYS)}


def number_of(day: date) -> int:
    """Give the place of *day* in WORKING_DAYS. Raises KeyError when it is not a working day of the history."""
    return _NUMBER[day]


def days_between(earlier: date, later: date) -> int:
    """Count the working days from *earlier* to *later*."""
    return _NUMBER[later] - _NUMBER[earlier]


def shifted(day: date, working_days: int) -> date:
    """Give the working day that many working days after (or, negative, before) *day*, kept inside the history."""
    return WORKING_DAYS[min(max(_NUMBER[day] + working_days, 0), len(WORKING_DAYS) - 1)]


@cache
def numbers_in(period: str) -> range:
    """Give the places of the working days in a month ("2024-07"), or of all those before June 2024 ("before")."""
    months = [f"{day:%Y-%m}" for day in WORKING_DAYS]
    found = [n for n, month in enumerate(months) if (month < "2024-06" if period == "before" else month == period)]
    return range(found[0], found[-1] + 1)


def recorded(fact: date, rng: random.Random, *, within: int) -> date:
    """Choose the day on which a fact was recorded: up to *within* working days later, always in the fact's own month.

    A fact that is recorded in a later month is missing from that month's frozen table, so the demo has none.
    """
    first = _NUMBER[fact]
    return rng.choice([day for day in WORKING_DAYS[first : first + within + 1] if day.month == fact.month])
