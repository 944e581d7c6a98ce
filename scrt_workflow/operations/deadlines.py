"""How the deadlines of reviews stand: worked out from what is on record, but for due dates that a review kept when it was moved.

The newest run of a clock says what it is: one that goes on gives the review's own dates, one that is stopped, or none, leaves it
to the rule.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date
from typing import Any
from uuid import UUID

from sqlalchemy import bindparam, select
from sqlalchemy.orm import Session

from scrt_workflow import reference
from scrt_workflow.models import Answer, ClockRun
from scrt_workflow.operations.history import EVENTS
from scrt_workflow.operations.spans import SPANS
from scrt_workflow.operations.tables import table_of
from scrt_workflow.workflows.clocks import ClockState, Happened, clock_states, in_order
from scrt_workflow.workflows.schema import Workflow

RUNS = table_of(ClockRun)
ANSWERS = table_of(Answer)
ON_RECORD = select(*ANSWERS.c["review_id", "question", "value"]).where(
    ANSWERS.c.review_id.in_(bindparam("reviews", expanding=True)), ANSWERS.c.question.in_(bindparam("questions", expanding=True))
)
Kept = Mapping[str, tuple[date, date | None]]
"""By clock, the day it began and its due date, where a review keeps dates of its own."""
STEPS_DONE = (
    select(*EVENTS.c["id", "stream", "step", "dated_on"])
    .where(EVENTS.c.stream.in_(bindparam("streams", expanding=True)), EVENTS.c.step.is_not(None), EVENTS.c.dated_on.is_not(None))
    .order_by(EVENTS.c.seq)
)
COUNTED_FROM = select(SPANS.c.event_id, SPANS.c.from_on).where(
    SPANS.c.review_id.in_(bindparam("reviews", expanding=True)), SPANS.c.known_to.is_(None)
)
KEPT = (
    select(*RUNS.c["review_id", "clock", "started_on", "due_on", "stopped_on"])
    .where(RUNS.c.review_id.in_(bindparam("reviews", expanding=True)))
    .order_by(RUNS.c.run)
)


def steps_done(session: Session, reviews: Sequence[UUID]) -> dict[UUID, list[tuple[str, date]]]:
    """Give the steps that each review has had, the oldest first, with the day from which each counts as known now."""
    connection = session.connection()
    from_on = {row.event_id: row.from_on for row in connection.execute(COUNTED_FROM, {"reviews": list(reviews)})}
    found: dict[UUID, list[tuple[str, date]]] = {key: [] for key in reviews}
    for row in connection.execute(STEPS_DONE, {"streams": [f"review:{key}" for key in reviews]}):
        found[UUID(row.stream.removeprefix("review:"))].append((row.step, from_on.get(row.id, row.dated_on)))
    return found


def kept_dates(session: Session, reviews: Sequence[UUID]) -> dict[UUID, dict[str, tuple[date, date | None]]]:
    """Give the dates that reviews keep, whatever their clocks' rules say now."""
    found: dict[UUID, dict[str, tuple[date, date | None]]] = {}
    for row in session.connection().execute(KEPT, {"reviews": list(reviews)}):
        mine = found.setdefault(row.review_id, {})
        if row.stopped_on is None:
            mine[row.clock] = (row.started_on, row.due_on)
        else:
            mine.pop(row.clock, None)
    return found


def deadlines_of(session: Session, workflow: Workflow, reviews: Sequence[UUID], *, today: date) -> dict[UUID, list[ClockState]]:
    """Give how each clock of some reviews of *workflow* stands, those still running first."""
    happened, kept = steps_done(session, reviews), kept_dates(session, reviews)
    answers: dict[UUID, dict[str, Any]] = {}
    wanted = {"reviews": list(reviews), "questions": sorted(_dates_asked(workflow))}
    for row in session.connection().execute(ON_RECORD, wanted):
        answers.setdefault(row.review_id, {})[row.question] = row.value
    return {key: states_of(workflow, answers.get(key, {}), happened[key], kept.get(key, {}), today=today) for key in happened}


def _dates_asked(workflow: Workflow) -> set[str]:
    """Name the questions that clocks are counted by."""
    dated = {outcome.dated_by for step in workflow.steps.values() for outcome in step.outcomes if outcome.dated_by}
    return dated | {rule.starts for rule in workflow.clocks.values()}


def states_of(workflow: Workflow, answers: Mapping[str, Any], happened: Happened, kept: Kept, *, today: date) -> list[ClockState]:
    """Give how each clock of a review stands, those still running first."""
    states = clock_states(workflow, answers, happened, today=today, holidays=reference.bank_holidays())
    return in_order(one.kept_at(*kept[one.key], today=today) if one.key in kept else one for one in states)
