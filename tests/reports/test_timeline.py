"""Deadlines as bars: what is drawn is how long each ran, was paused, was late."""

from datetime import date, timedelta

from scrt_workflow.reports.timeline import timeline_of
from scrt_workflow.workflows.clocks import ClockState, Pause

BEGAN, DUE = date(2024, 9, 2), date(2024, 9, 22)
DAY = timedelta(days=1)


def kinds(today: date, *pauses: Pause, stopped_on: date | None = None) -> list[str]:
    """Give what the parts of one bar are, in order."""
    one = ClockState("report", "Report", "", "20 days", BEGAN, DUE, stopped_on, (DUE - today).days, pauses=pauses)
    return [part.kind for part in timeline_of([one], today=today).bars["report"].parts]


def test_a_deadline_runs_is_paused_runs_on_and_is_late() -> None:
    assert kinds(DUE + 5 * DAY, Pause(BEGAN + DAY, BEGAN + 3 * DAY, 2)) == ["running", "paused", "running", "late"]


def test_a_pause_that_ended_on_its_day_is_none_and_one_that_began_today_is() -> None:
    today = DUE + 5 * DAY

    assert kinds(today, Pause(today, today, 2)) == ["running", "late"]
    assert kinds(today, Pause(today, None, 2)) == ["running", "late", "paused"]
    assert kinds(BEGAN, Pause(BEGAN, None, 2)) == ["paused"]


def test_what_was_met_by_something_dated_before_it_began_afresh_is_drawn_as_met() -> None:
    assert kinds(DUE, stopped_on=BEGAN - DAY) == ["met"]
