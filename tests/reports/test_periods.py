"""Months, quarters and years as the NHS counts them: what their keys name, when they end, and what comes before."""

from datetime import UTC, date, datetime
from itertools import pairwise

import pytest

from scrt_workflow.reports.periods import NoSuchPeriodError, ended_before, period_of, read_period


@pytest.mark.parametrize(
    ("key", "kind", "first", "last", "title"),
    [
        ("2024-10", "month", "2024-10-01", "2024-10-31", "October 2024"),
        ("2024-02", "month", "2024-02-01", "2024-02-29", "February 2024"),
        ("2024-25-Q1", "quarter", "2024-04-01", "2024-06-30", "April to June 2024"),
        ("2024-25-Q3", "quarter", "2024-10-01", "2024-12-31", "October to December 2024"),
        ("2024-25-Q4", "quarter", "2025-01-01", "2025-03-31", "January to March 2025"),
        ("2024-25", "year", "2024-04-01", "2025-03-31", "April 2024 to March 2025"),
        ("1999-00", "year", "1999-04-01", "2000-03-31", "April 1999 to March 2000"),
        ("2024-10-15", "day", "2024-10-01", "2024-10-15", "15 October 2024"),
    ],
)
def test_a_key_names_one_period(key: str, kind: str, first: str, last: str, title: str) -> None:
    found = read_period(key)

    assert (found.kind, found.first_day.isoformat(), found.last_day.isoformat()) == (kind, first, last)
    assert (found.key, found.title) == (key, title)
    assert period_of(kind, found.last_day) == period_of(kind, found.last_day) == found


@pytest.mark.parametrize(
    "text", ["", "2024", "2024-13", "2024-26", "2024-25-Q5", "2024-26-Q1", "2024-Q3", "2024-02-30", "9999-12-31", "0000-01", "x"]
)
def test_what_names_no_period_is_refused_with_how_to_write_one(text: str) -> None:
    with pytest.raises(NoSuchPeriodError, match="Write a month such as 2024-10, a quarter such as 2024-25-Q3"):
        read_period(text)


@pytest.mark.parametrize("kind", ["month", "quarter", "year"])
def test_periods_follow_one_another_without_a_day_between_and_their_keys_sort(kind: str) -> None:
    periods = [period_of(kind, date(2030, 5, 5)).back(number) for number in range(40)]

    assert all((one.first_day - other.last_day).days == 1 for one, other in pairwise(periods))
    assert [one.key for one in periods] == sorted((one.key for one in periods), reverse=True)


@pytest.mark.parametrize(
    ("kind", "day", "key"),
    [
        ("month", "2024-11-01", "2024-10"),
        ("month", "2024-11-30", "2024-10"),
        ("quarter", "2024-12-31", "2024-25-Q2"),
        ("quarter", "2025-01-01", "2024-25-Q3"),
        ("year", "2025-03-31", "2023-24"),
        ("year", "2025-04-01", "2024-25"),
        ("day", "2024-11-01", "2024-10-31"),
    ],
)
def test_the_newest_period_that_is_over(kind: str, day: str, key: str) -> None:
    assert ended_before(kind, date.fromisoformat(day)).key == key


@pytest.mark.parametrize(
    ("key", "moment"),
    [("2024-10", datetime(2024, 11, 1, tzinfo=UTC)), ("2024-06", datetime(2024, 6, 30, 23, tzinfo=UTC))],
)
def test_a_period_is_known_up_to_midnight_in_london(key: str, moment: datetime) -> None:
    assert read_period(key).known_at == moment
