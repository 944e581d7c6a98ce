"""What each reminder of a review is counted from: its last update (staleness), or a deadline that runs (slippage).

A cycle begins at the newest step that a rule counts `since`, at the review's coming into the rule's states, on the day that a
date question gives, or with a due date: while a deadline is paused or met there is none, and another due date begins a new one,
known by the number of its day.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from datetime import date
from typing import Protocol
from uuid import UUID

from sqlalchemy.orm import Session

from scrt_workflow.operations.deadlines import deadlines_of
from scrt_workflow.operations.overdue import Since, begun, following, preceding
from scrt_workflow.workflows.schema import Workflow
from scrt_workflow.workflows.time_rules import ReminderRule

Cycles = Mapping[UUID, Since]
"""By review, what its cycle is counted from."""


class Placed(Protocol):
    """A review, as far as it is looked at here."""

    @property
    def id(self) -> UUID:
        """Name it."""

    @property
    def state(self) -> str:
        """Say where it is."""

    @property
    def state_since(self) -> date:
        """Say since when."""


def cycles_in(
    session: Session, workflow: Workflow, reviews: Sequence[Placed], *, on: date
) -> Iterator[tuple[ReminderRule, Cycles]]:
    """Give, for each rule of *workflow*, the cycles that have begun for those of its *reviews* that the rule is for."""
    of_deadlines = {state for rule in workflow.reminders.values() if rule.deadline for state in rule.while_in}
    timed = [review.id for review in reviews if review.state in of_deadlines]
    standing = deadlines_of(session, workflow, timed, today=on) if timed else {}
    for rule in workflow.reminders.values():
        here = {review.id: review.state_since for review in reviews if review.state in rule.while_in}
        if rule.deadline:
            days = {key: one.due_on for key in here for one in standing[key] if one.key == rule.deadline and one.is_running}
            yield rule, {key: Since(day, day.toordinal()) for key, day in days.items() if day is not None}
        else:
            yield rule, begun(session, workflow, rule, here) if here else {}


def first_due(rule: ReminderRule, since: Since) -> date:
    """Give the day of the first reminder of a cycle."""
    return preceding(rule.before, since.day) if rule.before else following(rule.after, since.day)


def wanted_by(rule: ReminderRule, since: Since) -> date:
    """Give the day by which what is reminded of is to be done: a deadline's own, or that of the first reminder."""
    return since.day if rule.deadline else following(rule.after, since.day)
