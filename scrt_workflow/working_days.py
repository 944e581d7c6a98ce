"""Dates as people in England mean them: working days, calendar months, and the day that it is in London.

Every rule here is pure. Day 0 is the trigger: the first working day is the first one *after* it. The bank holidays are
passed in (`scrt_workflow.reference.bank_holidays`), and no date is worked out past the years that they cover.
"""

import calendar
import re
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from enum import StrEnum
from functools import lru_cache
from zoneinfo import ZoneInfo

LONDON = ZoneInfo("Europe/London")
FRIDAY = 4
LONGEST = 3660  # days, months or years: past this a period is a slip of the finger

WRITTEN = re.compile(r"([0-9]{1,5}) (working days?|(?:calendar )?(?:days?|months?|years?))")
HOW_TO_WRITE_ONE = "'15 working days', '30 days', '6 calendar months' or '1 calendar year'"


class BankHolidaysUnknownError(ValueError):
    """A working day was asked for outside the years whose bank holidays are known."""


class PeriodError(ValueError):
    """A length of time that cannot be read. The message is for the person who wrote it."""


class PeriodTooLongError(PeriodError):
    """A length of time that is a slip of the finger."""


class Unit(StrEnum):
    """What a period counts."""

    CALENDAR_MONTH = "calendar month"
    CALENDAR_YEAR = "calendar year"
    DAY = "day"
    WORKING_DAY = "working day"


@dataclass(frozen=True, slots=True)
class Period:
    """A length of time as a definition writes it: '15 working days', '6 calendar months', '30 days'."""

    amount: int
    unit: Unit

    @classmethod
    def parse(cls, text: str) -> "Period":
        """Read *text*; 'month' and 'year' mean the calendar's. Raises PeriodError with the sentence to show."""
        found = WRITTEN.fullmatch(" ".join(text.split()))
        if found is None:
            raise PeriodError(f"'{text}' is not a length of time. Write it like {HOW_TO_WRITE_ONE}.")
        amount, words = int(found[1]), found[2].removesuffix("s").removeprefix("calendar ")
        if amount > LONGEST:
            raise PeriodTooLongError(f"'{text}' is longer than any deadline of a review.")
        return cls(amount, Unit(words if "day" in words else f"calendar {words}"))

    def after(self, day: date, *, holidays: frozenset[date]) -> date:
        """Return the date this long after *day* (day 0). Raises BankHolidaysUnknownError where they are not known."""
        match self.unit:
            case Unit.WORKING_DAY:
                return add_working_days(day, self.amount, holidays=holidays)
            case Unit.DAY:
                return day + timedelta(days=self.amount)
            case Unit.CALENDAR_MONTH:
                return add_months(day, self.amount)
            case Unit.CALENDAR_YEAR:
                return add_months(day, 12 * self.amount)

    def before(self, day: date, *, holidays: frozenset[date]) -> date:
        """Return the date this long before *day* (day 0). Raises BankHolidaysUnknownError where they are not known."""
        return Period(-self.amount, self.unit).after(day, holidays=holidays)

    def __str__(self) -> str:
        return f"{self.amount} {self.unit}{'' if self.amount == 1 else 's'}"


def add_working_days(day: date, number: int, *, holidays: frozenset[date]) -> date:
    """Return the date *number* working days after *day*, or before it when *number* is negative.

    *day* itself is day 0 and may be any day. Working days are Monday to Friday less *holidays*. Raises
    BankHolidaysUnknownError on stepping outside the years that *holidays* covers.
    """
    step = timedelta(days=1 if number >= 0 else -1)
    left = abs(number)
    while left:
        day += step
        left -= is_working_day(day, holidays=holidays)
    return day


def working_days_between(first: date, last: date, *, holidays: frozenset[date]) -> int:
    """Count the working days after *first* up to and with *last*. Raises BankHolidaysUnknownError where they are not known."""
    days = (first + timedelta(days=number) for number in range(1, (last - first).days + 1))
    return sum(is_working_day(day, holidays=holidays) for day in days)


def is_working_day(day: date, *, holidays: frozenset[date]) -> bool:
    """Whether *day* is a Monday to Friday that is no bank holiday. Raises BankHolidaysUnknownError where not known."""
    first, last = years_of(holidays)
    if not first <= day.year <= last:
        known = f"only those of {first} to {last} are" if last else "none are"
        raise BankHolidaysUnknownError(
            f"A working day in {day.year} cannot be worked out: its bank holidays are not known here, {known}."
        )
    return day.weekday() <= FRIDAY and day not in holidays


@lru_cache(maxsize=8)
def years_of(holidays: frozenset[date]) -> tuple[int, int]:
    """Return the first and the last year that *holidays* covers; (1, 0), which holds no year, when there are none."""
    return (min(holidays).year, max(holidays).year) if holidays else (1, 0)


def add_months(day: date, number: int) -> date:
    """Return the same day *number* calendar months on, or that month's last day: 31 August and six is 28 February."""
    year, month = divmod(day.year * 12 + day.month - 1 + number, 12)
    first = date(year, month + 1, 1)
    return first.replace(day=min(day.day, end_of_month(first).day))


def end_of_month(day: date) -> date:
    """Return the last day of the month of *day*."""
    return day.replace(day=calendar.monthrange(day.year, day.month)[1])


def local_date(at: datetime) -> date:
    """Return the calendar date in London at the instant *at*, which must carry its time zone."""
    return local_time(at).date()


def local_time(at: datetime) -> datetime:
    """Return the instant *at* as London's clocks show it. Raises ValueError when *at* has no time zone."""
    if at.tzinfo is None:
        raise ValueError(f"{at!r} has no time zone, so its date in London is not known.")
    return at.astimezone(LONDON)


def local_midnight(day: date) -> datetime:
    """Return the instant, in UTC, at which *day* begins in London."""
    return datetime.combine(day, time(), LONDON).astimezone(UTC)


def from_local(wall: datetime) -> datetime:
    """Return the instant, in UTC, when London's clocks show *wall* (no time zone).

    An hour that comes twice, in October, means its first time. Raises ValueError for one that never comes, in March.
    """
    if wall.tzinfo is not None:
        raise ValueError(f"{wall!r} has a time zone of its own.")
    at = wall.replace(tzinfo=LONDON, fold=0).astimezone(UTC)
    if local_time(at).replace(tzinfo=None) != wall:
        raise ValueError(f"London's clocks never show {wall:%d %B %Y %H:%M}: they go forward an hour then.")
    return at
