"""Service time: real, set back for the demo, or standing still for a test."""

from datetime import UTC, date, datetime, timedelta

import pytest

from scrt_workflow.clock import Clock, DemoClock, FixedClock
from scrt_workflow.working_days import from_local

REAL_MOMENT = datetime(2026, 11, 22, 13, 20, tzinfo=UTC)
DEMO_START = from_local(datetime(2024, 11, 1, 9, 0))  # noqa: DTZ001 - London's wall clock is what this means


def test_the_real_clock_gives_an_instant_in_utc() -> None:
    before = datetime.now(UTC)

    now = Clock().now()

    assert before <= now <= datetime.now(UTC)
    assert now.tzinfo is UTC


def test_the_demo_starts_at_nine_on_the_first_of_november_2024() -> None:
    demo = DemoClock(start=DEMO_START, began=REAL_MOMENT, real=FixedClock(REAL_MOMENT))

    assert demo.now() == datetime(2024, 11, 1, 9, 0, tzinfo=UTC)
    assert demo.today() == date(2024, 11, 1)


def test_the_demo_runs_on_as_fast_as_real_time() -> None:
    real = FixedClock(REAL_MOMENT)
    demo = DemoClock(start=DEMO_START, began=REAL_MOMENT, real=real)

    real.advance(timedelta(days=2, hours=16))

    assert demo.now() == datetime(2024, 11, 4, 1, 0, tzinfo=UTC)
    assert demo.today() == date(2024, 11, 4)


def test_a_demo_begun_yesterday_goes_on_from_where_it_was() -> None:
    demo = DemoClock(start=DEMO_START, began=REAL_MOMENT - timedelta(days=1), real=FixedClock(REAL_MOMENT))

    assert demo.now() == datetime(2024, 11, 2, 9, 0, tzinfo=UTC)


def test_the_demo_takes_the_real_clock_unless_told() -> None:
    began = datetime.now(UTC)

    demo = DemoClock(start=DEMO_START, began=began)

    assert timedelta() <= demo.now() - DEMO_START < timedelta(minutes=1)


def test_today_is_the_date_in_london_not_in_utc() -> None:
    summer_night = FixedClock(datetime(2024, 7, 31, 23, 30, tzinfo=UTC))

    assert summer_night.today() == date(2024, 8, 1)


def test_a_fixed_clock_stands_still_until_it_is_moved() -> None:
    clock = FixedClock(REAL_MOMENT)

    assert clock.now() == clock.now() == REAL_MOMENT
    assert clock.advance(timedelta(minutes=5)) == clock.now() == REAL_MOMENT + timedelta(minutes=5)

    clock.set(DEMO_START)

    assert clock.now() == DEMO_START


def test_an_instant_without_a_time_zone_is_refused() -> None:
    with pytest.raises(ValueError, match="no time zone"):
        FixedClock(datetime(2024, 11, 1, 9, 0))  # noqa: DTZ001 - this is what is refused
    with pytest.raises(ValueError, match="no time zone"):
        FixedClock(REAL_MOMENT).set(datetime(2024, 11, 1, 9, 0))  # noqa: DTZ001 - this is what is refused
