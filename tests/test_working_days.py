"""Dates mean what people think (WF7): working days, month ends, leap years, both clock changes and midnight submits."""

from datetime import UTC, date, datetime, timedelta, timezone

import pytest

from scrt_workflow.reference import bank_holidays
from scrt_workflow.working_days import (
    BankHolidaysUnknownError,
    Period,
    PeriodError,
    add_months,
    add_working_days,
    end_of_month,
    from_local,
    is_working_day,
    local_date,
    local_midnight,
    local_time,
)

# What is asked of a period, from which day, and the day that people expect.
DEADLINES = [
    ("a rapid review notified on a Monday", "15 working days", "2024-09-02", "2024-09-23"),
    ("notified on a Friday", "15 working days", "2024-09-06", "2024-09-27"),
    ("notified on a Saturday: Monday is day 1", "15 working days", "2024-09-07", "2024-09-27"),
    ("notified on a Sunday: Monday is day 1", "15 working days", "2024-09-08", "2024-09-27"),
    ("Friday's first working day is Monday", "1 working day", "2024-09-06", "2024-09-09"),
    ("over the summer bank holiday", "5 working days", "2024-08-22", "2024-08-30"),
    ("over Christmas and New Year", "5 working days", "2024-12-23", "2025-01-02"),
    ("fifteen working days over Christmas and New Year", "15 working days", "2024-12-13", "2025-01-08"),
    ("over Easter", "5 working days", "2024-03-27", "2024-04-05"),
    ("Easter across the spring clock change", "1 working day", "2024-03-28", "2024-04-02"),
    ("over both bank holidays of May", "15 working days", "2024-05-03", "2024-05-28"),
    ("over the Queen's funeral in 2022", "1 working day", "2022-09-16", "2022-09-20"),
    ("over the King's coronation in 2023", "1 working day", "2023-05-05", "2023-05-09"),
    ("over the Platinum Jubilee in 2022", "1 working day", "2022-06-01", "2022-06-06"),
    ("Boxing Day on a Saturday has a substitute", "1 working day", "2026-12-25", "2026-12-29"),
    ("New Year's Day on a Saturday has a substitute", "1 working day", "2021-12-31", "2022-01-04"),
    ("29 February is a working day like any other", "1 working day", "2024-02-28", "2024-02-29"),
    ("no working days at all", "0 working days", "2024-12-25", "2024-12-25"),
    ("the last working day of the known years", "1 working day", "2028-12-28", "2028-12-29"),
    ("six months from the end of August", "6 calendar months", "2023-08-31", "2024-02-29"),
    ("the same in a common year", "6 calendar months", "2024-08-31", "2025-02-28"),
    ("six months from 30 August in a common year", "6 calendar months", "2024-08-30", "2025-02-28"),
    ("six months from 28 August, a day that February has", "6 calendar months", "2024-08-28", "2025-02-28"),
    ("six months over the turn of the year", "6 calendar months", "2024-10-31", "2025-04-30"),
    ("six months that end on a bank holiday stay there", "6 calendar months", "2024-06-25", "2024-12-25"),
    ("six months that end on a Sunday stay there", "6 calendar months", "2024-06-01", "2024-12-01"),
    ("a month from the end of January in a leap year", "1 calendar month", "2024-01-31", "2024-02-29"),
    ("a month from the end of January", "1 calendar month", "2025-01-31", "2025-02-28"),
    ("a month from 29 February", "1 calendar month", "2024-02-29", "2024-03-29"),
    ("a month from the end of a short month is not its end", "1 calendar month", "2024-04-30", "2024-05-30"),
    ("a month from the last of December", "1 month", "2024-12-31", "2025-01-31"),
    ("thirteen months from the last of December", "13 calendar months", "2024-12-31", "2026-01-31"),
    ("a year from 29 February", "1 calendar year", "2024-02-29", "2025-02-28"),
    ("four years from 29 February", "4 calendar years", "2024-02-29", "2028-02-29"),
    ("a year from the day after", "1 year", "2024-03-01", "2025-03-01"),
    ("thirty days over the autumn clock change", "30 days", "2024-10-15", "2024-11-14"),
    ("thirty days over the spring clock change", "30 days", "2024-03-10", "2024-04-09"),
    ("thirty days over 29 February", "30 days", "2024-02-01", "2024-03-02"),
    ("thirty days over the end of February", "30 days", "2025-02-01", "2025-03-03"),
    ("no days at all: on the day itself", "0 days", "2024-10-31", "2024-10-31"),
]

# An instant as it is stored, in UTC, and the date on which people in London did it.
INSTANTS = [
    ("winter noon", "2024-01-15T12:00:00", "2024-01-15"),
    ("a second before midnight in winter", "2024-01-31T23:59:59", "2024-01-31"),
    ("midnight in winter", "2024-02-01T00:00:00", "2024-02-01"),
    ("a second before midnight in summer", "2024-07-31T22:59:59", "2024-07-31"),
    ("midnight in summer belongs to the new day", "2024-07-31T23:00:00", "2024-08-01"),
    ("half past midnight in summer", "2024-07-31T23:30:00", "2024-08-01"),
    ("the last microsecond of a summer month", "2024-08-31T22:59:59.999999", "2024-08-31"),
    ("before the spring change", "2024-03-31T00:59:59", "2024-03-31"),
    ("after the spring change", "2024-03-31T01:00:00", "2024-03-31"),
    ("a second before midnight on the day of the spring change", "2024-03-31T22:59:59", "2024-03-31"),
    ("midnight on the day of the spring change, 23 hours long", "2024-03-31T23:00:00", "2024-04-01"),
    ("the first half past one on the day of the autumn change", "2024-10-27T00:30:00", "2024-10-27"),
    ("the second half past one on the day of the autumn change", "2024-10-27T01:30:00", "2024-10-27"),
    ("midnight as the day of the autumn change begins", "2024-10-26T23:00:00", "2024-10-27"),
    ("an hour before the day of the autumn change ends", "2024-10-27T23:00:00", "2024-10-27"),
    ("midnight as the day of the autumn change ends, 25 hours long", "2024-10-28T00:00:00", "2024-10-28"),
    ("29 February at the last second", "2024-02-29T23:59:59", "2024-02-29"),
    ("New Year's Eve at the last second", "2024-12-31T23:59:59", "2024-12-31"),
    ("New Year at midnight", "2025-01-01T00:00:00", "2025-01-01"),
    ("the end of October, as the month is counted", "2024-10-31T23:59:59", "2024-10-31"),
]


def day(text: str) -> date:
    return date.fromisoformat(text)


def wall(text: str) -> datetime:
    return datetime.fromisoformat(text)


def utc(text: str) -> datetime:
    return datetime.fromisoformat(text).replace(tzinfo=UTC)


def test_the_table_of_dates_has_sixty_cases() -> None:
    assert len(DEADLINES) + len(INSTANTS) == 60


@pytest.mark.parametrize(("period", "start", "due"), [pytest.param(*case, id=name) for name, *case in DEADLINES])
def test_a_deadline_falls_on_the_day_that_people_expect(period: str, start: str, due: str) -> None:
    assert Period.parse(period).after(day(start), holidays=bank_holidays()) == day(due)


@pytest.mark.parametrize(("at", "on"), [pytest.param(*case, id=name) for name, *case in INSTANTS])
def test_what_is_stored_in_utc_happened_on_londons_date(at: str, on: str) -> None:
    assert local_date(utc(at)) == day(on)


@pytest.mark.parametrize("offset", [-11, 0, 1, 14])
def test_the_date_in_london_does_not_depend_on_the_zone_of_the_instant(offset: int) -> None:
    elsewhere = utc("2024-07-31T23:30:00").astimezone(timezone(timedelta(hours=offset)))

    assert local_date(elsewhere) == day("2024-08-01")


def test_each_day_begins_at_midnight_in_london() -> None:
    assert local_midnight(day("2024-01-15")) == utc("2024-01-15T00:00:00")
    assert local_midnight(day("2024-07-15")) == utc("2024-07-14T23:00:00")
    assert local_midnight(day("2024-03-31")) == utc("2024-03-31T00:00:00")
    assert local_midnight(day("2024-10-27")) == utc("2024-10-26T23:00:00")


def test_the_days_of_the_clock_changes_are_23_and_25_hours_long() -> None:
    assert local_midnight(day("2024-04-01")) - local_midnight(day("2024-03-31")) == timedelta(hours=23)
    assert local_midnight(day("2024-10-28")) - local_midnight(day("2024-10-27")) == timedelta(hours=25)


def test_every_day_of_ten_years_begins_and_ends_on_itself() -> None:
    for number in range(3653):
        each = day("2020-01-01") + timedelta(days=number)

        assert local_date(local_midnight(each)) == each
        assert local_date(local_midnight(each) - timedelta(microseconds=1)) == each - timedelta(days=1)


def test_a_wall_clock_time_of_london_becomes_an_instant() -> None:
    assert from_local(wall("2024-05-03T10:15:00")) == utc("2024-05-03T09:15:00")
    assert from_local(wall("2024-11-01T09:00:00")) == utc("2024-11-01T09:00:00")
    assert local_time(utc("2024-05-03T09:15:00")).replace(tzinfo=None) == wall("2024-05-03T10:15:00")


def test_a_wall_clock_time_that_comes_twice_means_the_first() -> None:
    assert from_local(wall("2024-10-27T01:30:00")) == utc("2024-10-27T00:30:00")


def test_a_wall_clock_time_that_never_comes_is_refused() -> None:
    with pytest.raises(ValueError, match="never show 31 March 2024 01:30"):
        from_local(wall("2024-03-31T01:30:00"))


def test_an_instant_without_a_time_zone_has_no_date_in_london() -> None:
    with pytest.raises(ValueError, match="no time zone"):
        local_date(wall("2024-03-31T12:00:00"))
    with pytest.raises(ValueError, match="time zone of its own"):
        from_local(utc("2024-03-31T12:00:00"))


@pytest.mark.parametrize(
    ("start", "number", "missing"), [("2028-12-29", 1, 2029), ("2028-12-18", 15, 2029), ("2012-01-03", -1, 2011)]
)
def test_no_working_day_is_worked_out_past_the_years_whose_bank_holidays_are_known(start: str, number: int, missing: int) -> None:
    with pytest.raises(BankHolidaysUnknownError, match=rf"{missing}.*only those of 2012 to 2028"):
        add_working_days(day(start), number, holidays=bank_holidays())


def test_without_any_bank_holidays_no_working_day_is_worked_out() -> None:
    with pytest.raises(BankHolidaysUnknownError, match="none are"):
        is_working_day(day("2024-09-02"), holidays=frozenset())


def test_working_days_can_be_counted_back_from_a_planned_day() -> None:
    assert add_working_days(day("2025-01-06"), -7, holidays=bank_holidays()) == day("2024-12-23")


def test_a_working_day_is_monday_to_friday_and_no_bank_holiday() -> None:
    week = [day("2024-08-26") + timedelta(days=number) for number in range(7)]

    assert [is_working_day(each, holidays=bank_holidays()) for each in week] == [
        False,
        True,
        True,
        True,
        True,
        False,
        False,
    ]


def test_months_can_be_counted_back() -> None:
    assert add_months(day("2024-03-31"), -1) == day("2024-02-29")
    assert add_months(day("2024-01-15"), -13) == day("2022-12-15")


def test_a_month_ends_on_its_last_day() -> None:
    assert [end_of_month(day(text)) for text in ("2024-02-01", "2025-02-28", "2024-10-31", "2024-12-02")] == [
        day("2024-02-29"),
        day("2025-02-28"),
        day("2024-10-31"),
        day("2024-12-31"),
    ]


@pytest.mark.parametrize(
    ("written", "shown"),
    [
        ("15 working days", "15 working days"),
        ("1 working day", "1 working day"),
        ("1 month", "1 calendar month"),
        ("2 years", "2 calendar years"),
        ("7 calendar days", "7 days"),
        ("  30   days ", "30 days"),
    ],
)
def test_a_period_reads_as_it_is_written(written: str, shown: str) -> None:
    assert str(Period.parse(written)) == shown
    assert Period.parse(shown) == Period.parse(written)


@pytest.mark.parametrize(
    "text",
    ["", "days", "15", "fifteen days", "-1 days", "1.5 days", "6 moons", "15 working months", "1e3 days", "٣ days"],
)
def test_what_is_no_period_is_refused_with_the_way_to_write_one(text: str) -> None:
    with pytest.raises(PeriodError, match="Write it like '15 working days'"):
        Period.parse(text)


def test_a_period_longer_than_any_deadline_is_refused() -> None:
    with pytest.raises(PeriodError, match="longer than any deadline"):
        Period.parse("99999 days")
