"""The deadlines of a review: from when each runs, when it is due, and whether what it asks for is done.

Day 0 is the trigger; months are the calendar's, clipped to their last day; working days leave out the bank holidays that are
passed in. Past the years whose bank holidays are known no due date is made up (domain.md, "Clocks").
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date
from typing import Any

from scrt_workflow.workflows.schema import ClockRule, Workflow
from scrt_workflow.working_days import BankHolidaysUnknownError, Period

Happened = Sequence[tuple[str, date]]
"""The steps that a review has had, the oldest first, each with the day from which it counts."""


@dataclass(frozen=True, slots=True)
class ClockState:
    """How one deadline stands. `due_on` is None where it cannot be worked out, `stopped_on` None while it runs.

    `days_left` is counted to today, or to the day on which the clock stopped; it is negative past the due date. One that
    `is_kept` has a due date of its own, from when the review was moved to another version, and not the rule's.
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

    @property
    def is_running(self) -> bool:
        """Say whether the deadline is neither met nor paused."""
        return self.stopped_on is None

    def kept_at(self, started_on: date, due_on: date | None, *, today: date) -> ClockState:
        """Give the same deadline with the due date that it keeps."""
        left = (due_on - (self.stopped_on or today)).days if due_on else None
        return replace(self, started_on=started_on, due_on=due_on, days_left=left, is_kept=True)


def in_order(states: Iterable[ClockState]) -> list[ClockState]:
    """Give deadlines in the order to show: those still running first, the nearest first."""
    return sorted(states, key=lambda one: (one.stopped_on is not None, one.due_on or date.max))


def clock_states(
    workflow: Workflow, answers: Mapping[str, Any], events: Happened, *, today: date, holidays: frozenset[date]
) -> list[ClockState]:
    """Give the deadlines that run or ran for a review, those still running first, the nearest first.

    *answers* are those on record, *events* the steps that were completed. A clock that has not started is left out.
    """
    found = [
        state
        for rule in workflow.clocks.values()
        if (state := _state_of(workflow, rule, answers, events, today=today, holidays=holidays)) is not None
    ]
    return in_order(found)


def _state_of(
    workflow: Workflow, rule: ClockRule, answers: Mapping[str, Any], events: Happened, *, today: date, holidays: frozenset[date]
) -> ClockState | None:
    started = _started(rule, answers, events)
    if started is None:
        return None
    stopped = _stopped(workflow, rule, answers, events, started)
    try:
        due = Period.parse(rule.due).after(started, holidays=holidays)
    except BankHolidaysUnknownError:
        due = None
    left = (due - (stopped or today)).days if due else None
    return ClockState(rule.key, rule.title, rule.authority, rule.due, started, due, stopped, left)


def _started(rule: ClockRule, answers: Mapping[str, Any], events: Happened) -> date | None:
    """Give the day that the rule's question answers, or on which its step was first completed."""
    answer = _day(answers.get(rule.starts))
    return answer or next((day for step, day in events if step == rule.starts), None)


def _stopped(workflow: Workflow, rule: ClockRule, answers: Mapping[str, Any], events: Happened, started: date) -> date | None:
    """Give the day of the first step that stops the clock; what a correction made of that day, if the step happened once."""
    done = [(step, day) for step, day in events if step in rule.stops]
    if len(done) == 1:
        done = [(key, _corrected(workflow, key, answers) or day) for key, day in done]
    return next((day for _, day in done if day >= started), None)


def _corrected(workflow: Workflow, key: str, answers: Mapping[str, Any]) -> date | None:
    """Give the day that is on record for the step *key*, where one question dates it."""
    step = workflow.steps.get(key)
    dated_by = {outcome.dated_by for outcome in step.outcomes if outcome.dated_by} if step else set()
    days = [day for question in dated_by if (day := _day(answers.get(question)))]
    return days[0] if len(days) == 1 else None


def _day(value: Any) -> date | None:
    return date.fromisoformat(value) if isinstance(value, str) and len(value) == 10 and value[4] == value[7] == "-" else None
