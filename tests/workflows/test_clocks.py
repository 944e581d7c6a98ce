"""Deadlines of a review: from the statute's trigger to its due date, and how they stand (data/statutory_deadlines.csv)."""

from datetime import date

from scrt_workflow.reference import bank_holidays
from scrt_workflow.workflows.clocks import ClockState, clock_states
from scrt_workflow.workflows.happened import Happened, Happening
from scrt_workflow.workflows.schema import Workflow
from scrt_workflow.workflows.time_rules import ClockRule
from tests.definitions import shipped

DHR, SAR, RAPID = (shipped.workflow(key) for key in (shipped.DHR, shipped.SAR, shipped.RAPID))


def clocks(workflow: Workflow, answers: dict[str, str], events: Happened = (), *, today: date) -> list[ClockState]:
    return clock_states(workflow, answers, events, today=today, holidays=bank_holidays())


def test_a_rapid_review_has_fifteen_working_days_from_its_notification() -> None:
    (panel,) = clocks(RAPID, {"notified_on": "2024-12-16"}, today=date(2024, 12, 20))

    assert panel.due_on == date(2025, 1, 9)  # without Christmas, Boxing Day, New Year's Day and the weekends
    assert panel.days_left == 20
    assert panel.stopped_on is None


def test_a_deadline_that_has_passed_is_counted_below_zero() -> None:
    (panel,) = clocks(RAPID, {"notified_on": "2024-10-01"}, today=date(2024, 11, 1))

    assert (panel.due_on, panel.days_left) == (date(2024, 10, 22), -10)


def test_a_calendar_month_is_clipped_to_the_end_of_a_shorter_one() -> None:
    (decision,) = clocks(DHR, {"referred_on": "2024-01-31"}, today=date(2024, 2, 1))

    assert decision.due_on == date(2024, 2, 29)


def test_a_clock_that_has_not_started_is_left_out() -> None:
    assert clocks(SAR, {}, today=date(2024, 11, 1)) == []


def test_a_clock_stops_with_the_step_that_it_is_about() -> None:
    events = [Happening("refer", date(2024, 1, 9)), Happening("commission", date(2024, 2, 1))]

    (decision,) = clocks(DHR, {"referred_on": "2024-01-09"}, events, today=date(2024, 11, 1))

    assert (decision.title, decision.stopped_on) == ("Decision whether to hold a review", date(2024, 2, 1))
    assert decision.days_left == 8


def test_what_was_done_late_says_by_how_much() -> None:
    events = [Happening("complete", date(2024, 10, 30))]

    (panel,) = clocks(RAPID, {"notified_on": "2024-10-01"}, events, today=date(2024, 11, 1))

    assert panel.days_left == -8


def test_a_review_signed_off_twice_met_its_deadline_the_first_time() -> None:
    events = [
        Happening("sign_off", date(2024, 10, 20)),
        Happening("reopen", date(2025, 2, 1)),
        Happening("sign_off", date(2025, 3, 1)),
    ]
    answers = {"commissioned_on": "2024-06-01", "report_signed_off_date": "2025-03-01"}

    (review,) = clocks(SAR, answers, events, today=date(2025, 4, 1))

    assert review.stopped_on == date(2024, 10, 20)


def test_the_running_clocks_come_first_the_nearest_before_the_others() -> None:
    answers = {"referred_on": "2024-10-01", "decided_on": "2024-10-02"}

    titles = [one.title for one in clocks(DHR, answers, [Happening("commission", date(2024, 10, 2))], today=date(2024, 11, 1))]

    assert titles == ["Overview report completed", "Decision whether to hold a review"]


def test_no_date_is_made_up_past_the_bank_holidays_that_are_known() -> None:
    (panel,) = clocks(RAPID, {"notified_on": "2028-12-20"}, today=date(2028, 12, 21))

    assert (panel.due_on, panel.days_left) == (None, None)
    assert panel.started_on == date(2028, 12, 20)


def test_a_clock_may_start_with_a_step() -> None:
    rule = ClockRule("look_again", "Looked at again", starts="start", due="30 days", stops=("complete",))
    workflow = Workflow("w", "W", "s", {}, RAPID.states, RAPID.steps, {"look_again": rule})

    (clock,) = clocks(
        workflow, {}, [Happening("start", date(2024, 10, 1)), Happening("start", date(2024, 10, 9))], today=date(2024, 10, 11)
    )

    assert (clock.started_on, clock.due_on, clock.days_left) == (date(2024, 10, 1), date(2024, 10, 31), 20)
