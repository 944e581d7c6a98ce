"""When jobs are due, by London's clocks; and that each job of the timetable has its work."""

from datetime import UTC, datetime, time
from pathlib import Path

import pytest

import scrt_workflow.jobs
from scrt_workflow.jobs.work import body_of
from scrt_workflow.operations.timetable import TIMETABLE, Daily, Every, Job, Monthly, Quarterly, Schedule, Yearly

SEVEN = Daily(time(7))


def at(text: str) -> datetime:
    return datetime.fromisoformat(text).replace(tzinfo=UTC)


def moments(schedule: Schedule, after: str, until: str) -> list[tuple[str, str]]:
    found = schedule.due_moments(at(after), at(until))
    return [(moment.strftime("%d %b %H:%M:%S"), schedule.period(moment)) for moment in found]


def test_a_daily_job_is_due_at_its_hour_in_london_in_winter_and_in_summer() -> None:
    assert moments(SEVEN, "2024-10-25T12:00", "2024-10-28T12:00") == [
        ("26 Oct 06:00:00", "2024-10-26"),
        ("27 Oct 07:00:00", "2024-10-27"),
        ("28 Oct 07:00:00", "2024-10-28"),
    ]
    assert moments(SEVEN, "2025-03-29T12:00", "2025-03-30T12:00") == [("30 Mar 06:00:00", "2025-03-30")]


def test_the_moment_itself_is_due_and_the_one_before_is_not_again() -> None:
    assert len(moments(SEVEN, "2024-11-15T06:59:59", "2024-11-15T07:00")) == 1
    assert moments(SEVEN, "2024-11-15T07:00", "2024-11-15T23:00") == []


def test_a_day_of_a_run_is_london_s_even_just_after_midnight() -> None:
    assert SEVEN.period(at("2024-07-31T23:30")) == "2024-08-01"


def test_a_monthly_job_is_for_the_month_that_has_ended() -> None:
    assert moments(Monthly(time(6)), "2024-12-15T00:00", "2025-02-01T06:00") == [
        ("01 Jan 06:00:00", "2024-12"),
        ("01 Feb 06:00:00", "2025-01"),
    ]


def test_quarters_and_years_end_as_the_financial_year_has_them() -> None:
    assert moments(Quarterly(time(2, 20)), "2024-09-30T00:00", "2025-04-01T12:00") == [
        ("01 Oct 01:20:00", "2024-25-Q2"),
        ("01 Jan 02:20:00", "2024-25-Q3"),
        ("01 Apr 01:20:00", "2024-25-Q4"),
    ]
    assert moments(Yearly(time(2, 30)), "2024-01-01T00:00", "2025-12-31T12:00") == [
        ("01 Apr 01:30:00", "2023-24"),
        ("01 Apr 01:30:00", "2024-25"),
    ]
    assert str(Yearly(time(2, 30))) == "on the first day of each financial year at 02:30"


def test_a_job_of_every_few_seconds_has_a_period_for_each_of_them() -> None:
    assert moments(Every(20), "2024-11-01T09:00:00", "2024-11-01T09:01:00") == [
        ("01 Nov 09:00:20", "2024-11-01T09:00:20Z"),
        ("01 Nov 09:00:40", "2024-11-01T09:00:40Z"),
        ("01 Nov 09:01:00", "2024-11-01T09:01:00Z"),
    ]


@pytest.mark.parametrize("schedule", [SEVEN, Monthly(time(6)), Quarterly(time(6)), Yearly(time(6)), Every(3600)])
def test_periods_sort_as_they_come_and_none_comes_twice(schedule: Schedule) -> None:
    year = list(schedule.due_moments(at("2024-01-01T00:00"), at("2025-01-01T00:00")))
    periods = [schedule.period(moment) for moment in year]

    assert periods == sorted(set(periods))


def test_the_next_run_is_found_whatever_the_day() -> None:
    job = Job("reports", "Reports", Monthly(time(6)))

    assert job.next_due(at("2024-11-01T06:00")) == at("2024-12-01T06:00")


def test_every_job_of_the_timetable_has_its_work_and_no_work_is_without_its_job() -> None:
    folder = Path(scrt_workflow.jobs.__file__).parent
    with_work = {path.stem for path in folder.glob("[a-z]*.py") if "def run(work: Work) -> Outcome" in path.read_text()}

    assert with_work == set(TIMETABLE)
    assert all(callable(body_of(key)) for key in TIMETABLE)
