"""Deadlines that are paused, go on, start afresh or are put off: the old dates are kept, and nothing is counted twice."""

from dataclasses import replace
from datetime import date

import pytest

from scrt_workflow.reference import bank_holidays
from scrt_workflow.workflows.clocks import ClockState, Kept, NewDate, clock_states, idle_steps, may_change, next_deadline
from scrt_workflow.workflows.happened import Happening
from scrt_workflow.workflows.schema import Workflow
from scrt_workflow.workflows.time_rules import ClockRule
from tests.definitions import shipped

RULE = ClockRule(
    "report", "Report", starts="decided_on", due="6 calendar months", stops=("sign_off",), pauses=("pause",), resumes=("resume",),
    restarts=("restart", "reopened"), extended_by="new_due_on",
)  # fmt: skip
DECIDED = {"decided_on": "2024-01-10"}  # and so due on 10 July


def done(step: str, on: str, *, seq: int = 0, state: str = "", new_due_on: str = "") -> Happening:
    return Happening(step, date.fromisoformat(on), state, seq, {"new_due_on": new_due_on} if new_due_on else {})


def clock(
    *happened: Happening, today: str = "2024-12-31", rule: ClockRule = RULE, kept: Kept | None = None, **answers: str
) -> ClockState:
    workflow = replace(shipped.workflow(shipped.SAR), clocks={rule.key: rule})
    (state,) = clock_states(
        workflow, DECIDED | answers, happened, today=date.fromisoformat(today), holidays=bank_holidays(),
        kept={rule.key: kept} if kept else {},
    )  # fmt: skip
    return state


def due(state: ClockState) -> str:
    return state.due_on.isoformat() if state.due_on else ""


def test_a_paused_deadline_is_not_late_however_long_it_is_paused() -> None:
    found = clock(done("pause", "2024-06-10"), today="2025-06-10")

    assert (found.standing, found.paused_on, found.days_left) == ("paused", date(2024, 6, 10), 30)


def test_a_deadline_goes_on_with_the_days_that_were_left() -> None:
    found = clock(done("pause", "2024-06-10"), done("resume", "2024-09-10"), today="2024-09-20")

    assert (due(found), found.days_left, found.standing) == ("2024-10-10", 20, "running")
    assert [(one.from_on, one.to_on) for one in found.pauses] == [(date(2024, 6, 10), date(2024, 9, 10))]


def test_a_deadline_in_working_days_goes_on_with_the_working_days_that_were_left() -> None:
    rule = replace(RULE, due="15 working days")

    found = clock(done("pause", "2024-01-17"), done("resume", "2024-03-28"), rule=rule)

    assert due(found) == "2024-04-15"  # ten were left; Good Friday and Easter Monday do not count


# A step that leaves the review where it is and has a date of its own counts from that day, as it was corrected since.
DATED = replace(RULE, pauses=("pause_deadline",), resumes=("end_pause",), restarts=("end_pause_afresh",))


def dated(step: str, **said: str) -> Happening:
    return Happening(step, date.fromisoformat(next(iter(said.values()))), said=said)


def test_a_pause_and_its_end_count_from_the_days_to_which_they_were_corrected() -> None:
    pause, end = dated("pause_deadline", paused_on="2024-06-10"), dated("end_pause", resumed_on="2024-09-10")
    correction = Happening("correct", date(2024, 10, 1), said={"paused_on": "2024-06-01", "resumed_on": "2024-09-01"})

    found = clock(pause, end, correction, rule=DATED)

    assert [(one.from_on, one.to_on) for one in found.pauses] == [(date(2024, 6, 1), date(2024, 9, 1))]
    assert due(found) == "2024-10-10"


def test_a_deadline_that_a_step_starts_counts_from_the_day_to_which_that_was_corrected() -> None:
    correction = Happening("correct", date(2024, 10, 1), said={"paused_on": "2024-05-31"})

    found = clock(dated("pause_deadline", paused_on="2024-06-10"), correction, rule=replace(RULE, starts="pause_deadline"))

    assert (found.started_on, due(found)) == (date(2024, 5, 31), "2024-11-30")


def test_what_met_a_deadline_keeps_its_day_when_another_step_asks_that_date_anew() -> None:
    rule = replace(RULE, stops=("end_pause",), restarts=())
    events = [dated("end_pause", resumed_on="2024-05-01"), dated("end_pause_afresh", resumed_on="2024-06-01")]

    assert clock(*events, rule=rule, resumed_on="2024-06-01").stopped_on == date(2024, 5, 1)


def test_a_correction_of_the_second_pause_leaves_the_first_as_it_was() -> None:
    first = dated("pause_deadline", paused_on="2024-02-01"), dated("end_pause", resumed_on="2024-02-11")
    second = dated("pause_deadline", paused_on="2024-03-01")
    correction = Happening("correct", date(2024, 10, 1), said={"paused_on": "2024-03-06"})

    found = clock(*first, second, correction, rule=DATED)

    assert [one.from_on for one in found.pauses] == [date(2024, 2, 1), date(2024, 3, 6)]


def test_a_deadline_can_be_paused_twice() -> None:
    events = [
        done("pause", "2024-02-01"),
        done("resume", "2024-02-11"),
        done("pause", "2024-03-01"),
        done("resume", "2024-03-06"),
    ]

    assert due(clock(*events)) == "2024-07-25"


def test_days_that_were_paused_are_not_paused_again_by_a_pause_that_is_dated_among_them() -> None:
    first = done("pause", "2024-02-01"), done("resume", "2024-02-11")

    found = clock(*first, done("pause", "2024-02-06"), done("resume", "2024-02-16"))

    assert due(found) == "2024-07-25"
    assert [(one.from_on, one.to_on) for one in found.pauses][1] == (date(2024, 2, 11), date(2024, 2, 16))


def test_a_second_pause_while_it_is_paused_changes_nothing() -> None:
    found = clock(done("pause", "2024-02-01"), done("pause", "2024-02-05"), done("resume", "2024-02-11"))

    assert (due(found), len(found.pauses)) == ("2024-07-20", 1)


def test_a_deadline_that_was_missed_before_the_pause_stays_missed() -> None:
    found = clock(done("pause", "2024-08-01"), done("resume", "2024-09-01"), today="2024-09-02")

    assert (due(found), found.standing) == ("2024-07-10", "late")


def test_a_deadline_can_start_afresh_instead_of_going_on() -> None:
    found = clock(done("pause", "2024-06-10"), done("restart", "2024-09-10"))

    assert (found.started_on, due(found), found.paused_on) == (date(2024, 9, 10), "2025-03-10", None)


def test_a_deadline_that_was_met_runs_again_when_the_review_is_reopened() -> None:
    events = [done("sign_off", "2024-06-01"), done("reopen", "2024-08-01", state="reopened")]

    found = clock(*events, today="2024-08-02")

    assert (found.stopped_on, due(found)) == (None, "2025-02-01")


def test_what_meets_a_deadline_ends_its_pause() -> None:
    found = clock(done("pause", "2024-06-10"), done("sign_off", "2024-07-01"))

    assert (found.standing, found.pauses[0].to_on, found.days_left) == ("met", date(2024, 7, 1), 9)


def test_a_new_due_date_keeps_the_old_one() -> None:
    found = clock(done("put_off", "2024-07-01", seq=7, new_due_on="2024-10-01"), new_due_on="2024-10-01")

    assert (due(found), found.new_dates) == ("2024-10-01", (NewDate(date(2024, 7, 1), date(2024, 7, 10), date(2024, 10, 1), 7),))


def test_every_new_due_date_is_kept_with_the_one_before() -> None:
    events = [done("put_off", "2024-07-01", new_due_on="2024-10-01"), done("put_off", "2024-09-20", new_due_on="2025-01-15")]

    found = clock(*events, new_due_on="2025-01-15")

    assert [(one.was, one.now) for one in found.new_dates] == [
        (date(2024, 7, 10), date(2024, 10, 1)),
        (date(2024, 10, 1), date(2025, 1, 15)),
    ]


@pytest.mark.parametrize("step", ["pause", "resume", "restart"])
def test_a_new_due_date_that_a_step_of_a_pause_gives_is_the_due_date_as_it_was_given(step: str) -> None:
    found = clock(done("pause", "2024-06-10"), done(step, "2024-09-10", new_due_on="2024-12-01"), new_due_on="2024-12-01")

    assert due(found) == "2024-12-01"
    assert [(one.was, one.now) for one in found.new_dates] == [(date(2024, 7, 10), date(2024, 12, 1))]


def test_a_new_due_date_that_was_corrected_is_the_one_on_record() -> None:
    assert due(clock(done("put_off", "2024-07-01", new_due_on="2024-10-01"), new_due_on="2024-11-01")) == "2024-11-01"


def test_a_pause_after_a_new_due_date_moves_that_date() -> None:
    events = [done("put_off", "2024-03-01", new_due_on="2024-10-01"), done("pause", "2024-04-01"), done("resume", "2024-04-11")]

    assert due(clock(*events, new_due_on="2024-10-01")) == "2024-10-11"


def test_what_is_dated_before_the_deadline_began_does_nothing_to_it() -> None:
    assert clock(done("pause", "2024-01-01"), today="2024-02-01").standing == "running"


def test_dates_that_a_review_keeps_stand_from_the_move_on() -> None:
    kept = Kept(5, (date(2024, 3, 1), date(2024, 8, 1)))

    found = clock(done("pause", "2024-02-01", seq=2), done("resume", "2024-02-11", seq=3), kept=kept)
    later = clock(done("pause", "2024-04-01", seq=6), done("resume", "2024-04-11", seq=7), kept=kept)

    assert (due(found), found.is_kept) == ("2024-08-01", True)
    assert (due(later), later.is_kept) == ("2024-08-11", True)


def test_a_deadline_may_start_with_a_stage_that_the_review_comes_to() -> None:
    rule = replace(RULE, starts="signed_off", due="30 days", stops=("published",))
    events = [done("sign_off", "2024-05-01", state="signed_off"), done("decide", "2024-05-20", state="published")]

    found = clock(*events, rule=rule)

    assert (found.started_on, due(found), found.stopped_on) == (date(2024, 5, 1), "2024-05-31", date(2024, 5, 20))


def test_what_came_before_the_event_that_starts_a_deadline_does_nothing_to_it_also_on_that_day() -> None:
    rule = replace(RULE, starts="reopened", due="30 days", restarts=())
    events = [done("sign_off", "2024-05-01"), done("reopen", "2024-05-01", state="reopened")]

    found = clock(*events, rule=rule, today="2024-05-02")

    assert (found.standing, due(found)) == ("running", "2024-05-31")


@pytest.mark.parametrize("starts", ["start", "decided_on"])
def test_what_is_recorded_after_a_deadline_began_by_a_step_meets_it_though_it_is_dated_before(starts: str) -> None:
    begun = done("restart" if starts == "decided_on" else "start", "2024-05-10")

    found = clock(begun, done("sign_off", "2024-05-09"), rule=replace(RULE, starts=starts))

    assert (found.standing, found.started_on, found.stopped_on) == ("met", date(2024, 5, 10), date(2024, 5, 9))


def test_a_pause_that_is_dated_before_the_event_that_started_the_deadline_counts_from_its_start() -> None:
    events = [done("restart", "2024-05-10"), done("pause", "2024-05-08"), done("resume", "2024-05-20")]

    assert due(clock(*events)) == "2024-11-20"


def test_the_next_deadline_is_the_earliest_of_those_that_run() -> None:
    running, paused = clock(today="2024-02-01"), clock(done("pause", "2024-01-11"))
    met, sooner = clock(done("sign_off", "2024-02-01")), replace(running, due_on=date(2024, 5, 1))

    assert next_deadline([running, paused, met, sooner]) == date(2024, 5, 1)
    assert next_deadline([paused, met]) is None


@pytest.mark.parametrize(
    ("step", "answered", "changes"),
    [
        ("give_update", (), False),
        ("pause", (), True),
        ("reopen", (), False),
        ("put_off", ("new_due_on",), True),
        ("correct", ("decided_on",), True),
        ("change_details", ("themes",), False),
    ],
)
def test_only_what_a_deadline_looks_at_has_it_worked_out_again(step: str, answered: tuple[str, ...], changes: bool) -> None:
    workflow: Workflow = replace(shipped.workflow(shipped.SAR), clocks={RULE.key: RULE})

    assert may_change(workflow, step, answered) == changes


def test_past_the_known_bank_holidays_no_due_date_is_made_up_when_it_goes_on() -> None:
    rule = replace(RULE, due="15 working days")

    found = clock(
        done("pause", "2028-12-20"), done("resume", "2028-12-29"), rule=rule, decided_on="2028-12-18", today="2028-12-30"
    )

    assert found.due_on is None


@pytest.mark.parametrize(
    ("happened", "idle"),
    [
        ([], {"end_pause", "end_pause_afresh"}),
        ([done("pause_deadline", "2024-06-10")], {"pause_deadline"}),
        ([done("sign_off", "2024-06-10")], {"pause_deadline", "end_pause"}),
    ],
    ids=["running", "paused", "met"],
)
def test_what_would_do_nothing_to_a_deadline_is_idle(happened: list[Happening], idle: set[str]) -> None:
    workflow = replace(shipped.workflow(shipped.SAR), clocks={DATED.key: DATED})

    states = clock_states(workflow, DECIDED, happened, today=date(2024, 7, 1), holidays=bank_holidays())

    assert set(idle_steps(workflow, states)) == idle
