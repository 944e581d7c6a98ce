"""The deadlines of a review: from when each runs, when it is due, how it was paused or put off, and whether it is met.

Day 0 is the trigger; months are the calendar's, clipped to their last day; working days leave out the bank holidays that are
passed in. Past the years whose bank holidays are known no due date is made up (domain.md, "Clocks").
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from typing import NamedTuple

from scrt_workflow.workflows.happened import Answers, Happened, Happening, as_corrected, day_of
from scrt_workflow.workflows.schema import SAME, Workflow
from scrt_workflow.workflows.time_rules import ClockRule
from scrt_workflow.working_days import BankHolidaysUnknownError, Period, Unit, add_working_days, working_days_between

NOTHING_RUNS = "No deadline that this could pause is running. See “Deadlines” on the page of the review."
NOTHING_PAUSED = "No deadline is paused. See “Deadlines” on the page of the review."
MET, RUNNING, PAUSED, LATE = "met", "running", "paused", "late"


class Kept(NamedTuple):
    """Dates that a review keeps from event number `seq` on, whatever the rule says; None: the rule counts again."""

    seq: int
    dates: tuple[date, date | None] | None


class Pause(NamedTuple):
    """A time that does not count, from the event of number `seq` on; `to_on` is None while it lasts."""

    from_on: date
    to_on: date | None
    seq: int


class NewDate(NamedTuple):
    """Another due date than before, by the event of number `seq`."""

    on: date
    was: date | None
    now: date
    seq: int


@dataclass(frozen=True, slots=True)
class ClockState:
    """How one deadline stands. `due_on` is None where it cannot be worked out, `stopped_on` None while it runs.

    `days_left` is counted to today, or to the day on which the clock stopped or was paused; it is negative past the due date.
    One that `is_kept` has a due date of its own, from when the review was moved to another version, and not the rule's.
    """

    key: str
    title: str
    authority: str
    due: str
    started_on: date
    due_on: date | None
    stopped_on: date | None
    days_left: int | None
    is_kept: bool = False
    pauses: tuple[Pause, ...] = ()
    new_dates: tuple[NewDate, ...] = ()

    @property
    def paused_on(self) -> date | None:
        """Give since when it is paused; None where it is not."""
        last = self.pauses[-1] if self.pauses and self.stopped_on is None else None
        return last.from_on if last and last.to_on is None else None

    @property
    def is_running(self) -> bool:
        """Say whether its time runs today: it is neither met nor paused."""
        return self.stopped_on is None and self.paused_on is None

    @property
    def standing(self) -> str:
        """Say in a word how it stands: MET, PAUSED, LATE or RUNNING."""
        if self.stopped_on is not None:
            return MET
        if self.paused_on is not None:
            return PAUSED
        return LATE if self.days_left is not None and self.days_left < 0 else RUNNING


def in_order(states: Iterable[ClockState]) -> list[ClockState]:
    """Give deadlines in the order to show: those still running first, then those paused, the nearest first."""
    return sorted(states, key=lambda one: (one.stopped_on is not None, one.paused_on is not None, one.due_on or date.max))


def clock_states(
    workflow: Workflow, answers: Answers, events: Happened, *, today: date, holidays: frozenset[date],
    kept: Mapping[str, Kept] = {},
) -> list[ClockState]:  # fmt: skip
    """Give the deadlines that run or ran for a review, those still running first, the nearest first.

    *answers* are those on record, *events* the steps that were completed. A clock that has not started is left out.
    """
    found, events = [], as_corrected(workflow, events)
    for rule in workflow.clocks.values():
        held = kept.get(rule.key)
        begun = _begin(rule, answers, events, held, holidays)
        if begun is not None:
            run, since = begun
            _live(run, answers, since, held)
            found.append(run.state(today))
    return in_order(found)


def next_deadline(states: Iterable[ClockState]) -> date | None:
    """Give the earliest due date among the deadlines that run; None where none does, or none can be worked out."""
    return min((one.due_on for one in states if one.is_running and one.due_on), default=None)


def idle_steps(workflow: Workflow, states: Iterable[ClockState]) -> dict[str, str]:
    """Name the steps that pause a deadline, or end a pause, and find none to do it to; each with the sentence that says so.

    A step by which the review moves has something else to do, and is never idle.
    """
    by_key = {one.key: one for one in states}
    running = {key for key, one in by_key.items() if one.is_running}
    paused = {key for key, one in by_key.items() if one.paused_on}
    at_rest = by_key.keys() - running
    pausable, found = [rule for rule in workflow.clocks.values() if rule.pauses], {}
    for key, step in workflow.steps.items():
        pauses = {rule.key for rule in pausable if key in rule.pauses}
        resumes = {rule.key for rule in pausable if key in rule.resumes}
        restarts = {rule.key for rule in pausable if key in rule.restarts}
        does = pauses & running | resumes & paused | restarts & at_rest
        if (pauses or resumes or restarts) and not does and all(outcome.to == SAME for outcome in step.outcomes):
            found[key] = NOTHING_RUNS if pauses else NOTHING_PAUSED
    return found


def may_change(workflow: Workflow, step: str, answered: Iterable[str]) -> bool:
    """Say whether completing *step* where the review stays in its state, with changes of what was *answered*, can change one."""
    return step in workflow.clock_steps or not workflow.clock_dates.isdisjoint(answered)


@dataclass
class _Run:
    """One deadline as it goes through the events of a review."""

    rule: ClockRule
    holidays: frozenset[date]
    started_on: date
    due_on: date | None
    begun_by_event: bool
    stopped_on: date | None = None
    is_kept: bool = False
    pauses: list[Pause] = field(default_factory=list)
    new_dates: list[NewDate] = field(default_factory=list)

    @property
    def is_paused(self) -> bool:
        return bool(self.pauses) and self.pauses[-1].to_on is None

    def keep(self, dates: tuple[date, date | None]) -> None:
        """Take the dates that the review keeps."""
        self.started_on, self.due_on = dates
        self.is_kept = self.begun_by_event = True

    def begin_again(self, on: date) -> None:
        """Run for the whole of its time from *on*."""
        self._end_pause(on)
        self.started_on, self.stopped_on, self.is_kept, self.begun_by_event = on, None, False, True
        self.due_on = _after(self.rule, on, self.holidays)

    def resume(self, on: date) -> None:
        """Go on with the time that was left when it was paused."""
        since = self._end_pause(on)
        if self.due_on is not None and since <= self.due_on:
            self.due_on = self._later(self.due_on, since, on)

    def _end_pause(self, on: date) -> date:
        if not self.is_paused:
            return on
        self.pauses[-1] = self.pauses[-1]._replace(to_on=max(on, self.pauses[-1].from_on))
        return max(self.pauses[-1].from_on, self.started_on)

    def _later(self, due_on: date, paused_on: date, resumed_on: date) -> date | None:
        """Give the due date when the days from *paused_on* to *resumed_on* do not count."""
        if resumed_on <= paused_on:
            return due_on
        if Period.parse(self.rule.due).unit is not Unit.WORKING_DAY:
            return due_on + (resumed_on - paused_on)
        try:
            left = working_days_between(paused_on, due_on, holidays=self.holidays)
            return add_working_days(resumed_on, left, holidays=self.holidays)
        except BankHolidaysUnknownError:
            return None

    def put_off(self, to: date, was: date | None, happening: Happening) -> None:
        """Be due on the day that *happening* says, whatever else it did, and remember when it was due before."""
        self.due_on = to
        if to != was:
            self.new_dates.append(NewDate(happening.on, was, to, happening.seq))

    def state(self, today: date) -> ClockState:
        """Give how it stands."""
        until = self.stopped_on or (self.pauses[-1].from_on if self.is_paused else today)
        left = (self.due_on - until).days if self.due_on else None
        rule, dates = self.rule, (self.started_on, self.due_on, self.stopped_on)
        history = (tuple(self.pauses), tuple(self.new_dates))
        return ClockState(rule.key, rule.title, rule.authority, rule.due, *dates, left, self.is_kept, *history)


def _begin(
    rule: ClockRule, answers: Answers, events: Happened, kept: Kept | None, holidays: frozenset[date]
) -> tuple[_Run, Happened] | None:
    """Begin with the day that a question answers, or with the first event of a step or state; give what can act on it.

    Where none of them is known, since another version called them otherwise, it begins with the dates that are kept.
    """
    if answered := day_of(answers.get(rule.starts)):
        return _Run(rule, holidays, answered, _after(rule, answered, holidays), begun_by_event=False), events
    first = next((number for number, one in enumerate(events) if rule.starts in (one.step, one.state)), None)
    if first is not None:
        on = events[first].on
        return _Run(rule, holidays, on, _after(rule, on, holidays), begun_by_event=True), events[first:]
    if kept and kept.dates:
        return _Run(rule, holidays, *kept.dates, begun_by_event=True), [one for one in events if one.seq > kept.seq]
    return None


def _after(rule: ClockRule, started: date, holidays: frozenset[date]) -> date | None:
    try:
        return Period.parse(rule.due).after(started, holidays=holidays)
    except BankHolidaysUnknownError:
        return None


def _live(run: _Run, answers: Answers, events: Happened, kept: Kept | None) -> None:
    """Take *run* through the events, and through the moment from which the review keeps dates of its own."""
    rule = run.rule
    dated = [one for one in events if day_of(one.said.get(rule.extended_by))]
    for one in events:
        if kept and kept.dates and one.seq > kept.seq:
            run.keep(kept.dates)
            kept = None
        if one.on < run.started_on and not run.begun_by_event:
            continue
        was = run.due_on
        _follow(run, one)
        if one in dated:
            run.put_off(_now_said(rule, one, answers, is_last=one is dated[-1]), was, one)
    if kept and kept.dates:
        run.keep(kept.dates)


def _follow(run: _Run, one: Happening) -> None:
    """Let one event do to the clock what its rule says."""
    rule, day = run.rule, one.on
    if _is_one(one, rule.restarts):
        run.begin_again(day)
    elif run.stopped_on is not None:
        return
    elif _is_one(one, rule.stops):
        run._end_pause(day)  # noqa: SLF001 - a clock that is met is paused no more
        run.stopped_on = day
    elif _is_one(one, rule.resumes) and run.is_paused:
        run.resume(max(day, run.started_on))
    elif _is_one(one, rule.pauses) and not run.is_paused:
        last = run.pauses[-1].to_on if run.pauses else None
        run.pauses.append(Pause(max(day, run.started_on, last or day), None, one.seq))


def _is_one(one: Happening, names: Sequence[str]) -> bool:
    return one.step in names or (bool(one.state) and one.state in names)


def _now_said(rule: ClockRule, one: Happening, answers: Answers, *, is_last: bool) -> date:
    """Give the new due date: what the event said, or for the newest what is on record, which may have been corrected."""
    on_record = day_of(answers.get(rule.extended_by)) if is_last else None
    return on_record or date.fromisoformat(one.said[rule.extended_by])
