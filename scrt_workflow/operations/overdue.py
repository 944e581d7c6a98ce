"""When an update of a review is due: one computation, for the day that lists are ordered by and for the reminders.

A rule counts from the newest step that it names in `since`, or the review's coming into its states, whichever was later; or from
the day that a date question gives. No source gives an interval: it is a setting of each definition (domain.md, "Clocks").
Deadlines are another thing (`operations.cycles`).
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, timedelta
from functools import lru_cache
from typing import Any, NamedTuple
from uuid import UUID

from sqlalchemy import ColumnElement, and_, func, not_, or_, select
from sqlalchemy.orm import Session

from scrt_workflow import reference
from scrt_workflow.models import Answer, Event
from scrt_workflow.operations.history import REBASE_UNDONE, REBASED
from scrt_workflow.workflows.schema import Workflow
from scrt_workflow.workflows.time_rules import ReminderRule
from scrt_workflow.working_days import Period, is_working_day, local_date

EVERY_YEAR = frozenset({date.min, date.max})


class Since(NamedTuple):
    """What a cycle is counted from: a day, and the number of the event that gave it."""

    day: date
    seq: int


@dataclass(frozen=True, slots=True)
class Came:
    """How its newest event, already in the history, brought a review to *state* on a day: by which *step*, *was* it elsewhere.

    *due_before* is the day that its row named till now, None where that was worked out by another definition.
    """

    review: UUID
    step: str | None
    was: str | None
    state: str
    on: date
    state_since: date
    due_before: date | None = None


def next_due(session: Session, workflow: Workflow, came: Came, answers: Mapping[str, Any]) -> date | None:
    """Give the day by which a review wants an update or another look: the earliest of the rules that hold where it is."""
    rules = _rules_in(workflow, came.state)
    days = [_due_by(session, workflow, rule, came, answers, alone=len(rules) == 1) for rule in rules]
    return min((day for day in days if day is not None), default=None)


def _rules_in(workflow: Workflow, state: str | None) -> list[ReminderRule]:
    return [rule for rule in workflow.reminders.values() if state in rule.while_in and not rule.deadline]


def _due_by(
    session: Session, workflow: Workflow, rule: ReminderRule, came: Came, answers: Mapping[str, Any], *, alone: bool
) -> date | None:
    """Give the day that *rule* alone would name; where it was *alone* before the step too, the row says it without a query."""
    steps, questions = _counted(workflow, rule)
    since = [date.fromisoformat(value) for key in questions if isinstance(value := answers.get(key), str)]
    if came.step in steps or (steps and came.was not in rule.while_in):
        since.append(came.on)
    elif steps and came.due_before and not questions and alone and _rules_in(workflow, came.was) == [rule]:
        return came.due_before
    elif steps:
        since.append(_by_event(session, workflow, rule, steps, [came.review]).get(came.review, Since(came.state_since, 0)).day)
    return following(rule.after, max(since)) if since else None


def next_due_of_all(
    session: Session, workflow: Workflow, reviews: Mapping[UUID, tuple[str, date]], coming: Mapping[UUID, date]
) -> dict[UUID, date]:
    """Give `next_due` of many reviews, of which each is in a state of *workflow* since a day; those without one are left out.

    *coming* are those that come into their states on a day of which the history does not say so yet.
    """
    found: dict[UUID, date] = {}
    for rule in workflow.reminders.values():
        if rule.deadline:
            continue
        here = {key: since for key, (state, since) in reviews.items() if state in rule.while_in}
        counts_steps = bool(_counted(workflow, rule)[0])
        for key, since in (begun(session, workflow, rule, here) if here else {}).items():
            day = max(since.day, coming[key]) if counts_steps and key in coming else since.day
            due = following(rule.after, day)
            found[key] = min(due, found.get(key, due))
    return found


@lru_cache(maxsize=4096)
def following(period: str, day: date) -> date:
    """Give the day that lies *period* after *day*.

    Past the years whose bank holidays are known, every Monday to Friday counts as a working day: a reminder that comes a day or
    two early is better than none. (A deadline by statute is left without a date there: `workflows.clocks`.)
    """
    return Period.parse(period).after(day, holidays=reference.bank_holidays() | EVERY_YEAR)


@lru_cache(maxsize=4096)
def preceding(period: str, day: date) -> date:
    """Give the day that lies *period* before *day*, or the last one before that which is not quiet."""
    found = Period.parse(period).before(day, holidays=reference.bank_holidays() | EVERY_YEAR)
    while is_quiet(found):
        found -= timedelta(days=1)
    return found


def is_quiet(day: date) -> bool:
    """Say whether nothing is sent by itself on *day*: on weekends and on bank holidays, as far as those are known."""
    return not is_working_day(day, holidays=reference.bank_holidays() | EVERY_YEAR)


def next_to_send(day: date) -> date:
    """Give *day*, or the next one that is not quiet."""
    while is_quiet(day):
        day += timedelta(days=1)
    return day


def begun(session: Session, workflow: Workflow, rule: ReminderRule, reviews: Mapping[UUID, date]) -> dict[UUID, Since]:
    """Give, for each review whose cycle has begun, what it is counted from; *reviews* say since when each is where it is."""
    steps, questions = _counted(workflow, rule)
    found = _by_date(session, questions, list(reviews)) if questions else {}
    if steps:
        came = _by_event(session, workflow, rule, steps, list(reviews))
        for review, state_since in reviews.items():
            since = came.get(review, Since(state_since, 0))
            found[review] = max(since, found.get(review, since))
    return found


def _counted(workflow: Workflow, rule: ReminderRule) -> tuple[list[str], list[str]]:
    """Give the steps and the date questions from which *rule* counts."""
    steps = [key for key in rule.since if key in workflow.steps]
    return steps, [key for key in rule.since if key not in workflow.steps]


def _by_event(
    session: Session, workflow: Workflow, rule: ReminderRule, steps: list[str], reviews: list[UUID]
) -> dict[UUID, Since]:
    """Give the newest event of each review that is one of *steps*, or by which it came into the states of *rule*."""
    streams = [f"review:{key}" for key in reviews]
    places = sorted(_called_ever(session, workflow, rule, streams))
    rebased = Event.kind.in_((REBASED, REBASE_UNDONE))
    from_elsewhere = and_(or_(Event.from_state.is_(None), Event.from_state.not_in(places)), not_(rebased))
    counts_anew = and_(rebased, Event.dated_on.is_not(None))
    came_in: ColumnElement[bool] = and_(Event.to_state.in_(places), or_(from_elsewhere, counts_anew))
    place = func.row_number().over(partition_by=Event.stream, order_by=Event.seq.desc()).label("place")
    counted = select(Event.stream, Event.seq, Event.recorded_at, place)
    counted = counted.where(Event.stream.in_(streams), or_(Event.step.in_(steps), came_in))
    newest = counted.subquery()
    rows = session.execute(select(newest.c.stream, newest.c.seq, newest.c.recorded_at).where(newest.c.place == 1))
    return {UUID(row.stream.removeprefix("review:")): Since(local_date(row.recorded_at), row.seq) for row in rows}


def _called_ever(session: Session, workflow: Workflow, rule: ReminderRule, streams: list[str]) -> frozenset[str]:
    """Give what the states of *rule* are called, and were in other versions from which reviews were moved."""
    renamed = (Event.stream.in_(streams), Event.kind.in_((REBASED, REBASE_UNDONE)), Event.dated_on.is_(None))
    pairs = session.execute(select(Event.from_state, Event.to_state).where(*renamed).distinct()).all()
    found = frozenset(rule.while_in)
    while more := {row.from_state for row in pairs if row.to_state in found} - found - workflow.states.keys():
        found |= more
    return found


def _by_date(session: Session, questions: list[str], reviews: list[UUID]) -> dict[UUID, Since]:
    """Give the date that each review answers to *questions*, the latest if there are several."""
    found: dict[UUID, Since] = {}
    query = select(Answer.review_id, Answer.value, Answer.set_seq)
    for row in session.execute(query.where(Answer.review_id.in_(reviews), Answer.question.in_(questions))):
        if isinstance(row.value, str):
            since = Since(date.fromisoformat(row.value), row.set_seq)
            found[row.review_id] = max(since, found.get(row.review_id, since))
    return found
