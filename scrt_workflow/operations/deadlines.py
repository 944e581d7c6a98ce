"""How the deadlines of reviews stand: worked out from what is on record, but for due dates that a review kept when it was moved.

The newest run of a clock says which dates a review keeps; one that is stopped leaves them to the rule again. A review's row has
the earliest due date of those that run (`deadline_on`), for lists to be narrowed and put in order by.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from datetime import date
from typing import Any
from uuid import UUID

from sqlalchemy import bindparam, select, tuple_
from sqlalchemy.orm import Session

from scrt_workflow import catalogue, reference
from scrt_workflow.models import NO_DEADLINE, Answer, AnswerChange, ClockRun, EventBody, Review
from scrt_workflow.operations.history import BECAME, EVENTS, REBASE_UNDONE, REBASED
from scrt_workflow.operations.records import Record
from scrt_workflow.operations.spans import SPANS
from scrt_workflow.operations.tables import table_of
from scrt_workflow.operations.writing import write_all
from scrt_workflow.workflows.clocks import ClockState, Kept, clock_states, idle_steps, next_deadline
from scrt_workflow.workflows.happened import Happened, Happening
from scrt_workflow.workflows.schema import CLOSED, State, Workflow
from scrt_workflow.working_days import local_date

RUNS, ANSWERS, CHANGES, BODIES, REVIEWS = map(table_of, (ClockRun, Answer, AnswerChange, EventBody, Review))
HAPPENED = (
    select(*EVENTS.c["id", "stream", "seq", "kind", "step", "from_state", "to_state", "dated_on", "recorded_at"])
    .where(EVENTS.c.stream.in_(bindparam("streams", expanding=True)))
    .order_by(EVENTS.c.stream, EVENTS.c.seq)
)
COUNTED_FROM = select(SPANS.c.event_id, SPANS.c.from_on).where(
    SPANS.c.review_id.in_(bindparam("reviews", expanding=True)), SPANS.c.known_to.is_(None)
)
KEPT = (
    select(*RUNS.c["review_id", "clock", "run", "started_on", "due_on", "stopped_on"])
    .where(RUNS.c.review_id.in_(bindparam("reviews", expanding=True)))
    .order_by(RUNS.c.run)
)
ANSWERED = select(*CHANGES.c["review_id", "seq"]).where(
    CHANGES.c.review_id.in_(bindparam("reviews", expanding=True)), CHANGES.c.question.in_(bindparam("questions", expanding=True))
)
SAID = select(*EVENTS.c["stream", "seq"], BODIES.c.body).join(BODIES, BODIES.c.event_id == EVENTS.c.id)
ON_RECORD = select(*ANSWERS.c["review_id", "question", "value"]).where(
    ANSWERS.c.review_id.in_(bindparam("reviews", expanding=True)), ANSWERS.c.question.in_(bindparam("questions", expanding=True))
)
PLACES = (
    select(*REVIEWS.c["id", "definition_version_id", "version", "state", "withdrawn_at", "deadline_on"])
    .where(REVIEWS.c.id.in_(bindparam("reviews", expanding=True)))
    .order_by(REVIEWS.c.id)
    .with_for_update()
)
Runs = dict[UUID, dict[str, Kept]]


def happened_to(session: Session, reviews: Sequence[UUID], *workflows: Workflow) -> dict[UUID, list[Happening]]:
    """Give what each review has had, the oldest first, as far as clocks of *workflows* look at it.

    A step comes with the day from which it counts as known now. Being moved to another version is nothing that happened to a
    review: only its stage is called otherwise. A conversion that was undone never was. What a review had under another workflow,
    whose steps and stages may be called alike, is nothing to the deadlines of the one by which it goes on.
    """
    connection = session.connection()
    from_on = {row.event_id: row.from_on for row in connection.execute(COUNTED_FROM, {"reviews": list(reviews)})}
    said = _dates_said(session, reviews, frozenset[str]().union(*(workflow.clock_dates_said for workflow in workflows)))
    undoing = {key for workflow in workflows for key, step in workflow.steps.items() if step.withdraws_opened}
    undone: set[tuple[UUID, int]] = set()
    found: dict[UUID, list[Happening]] = {key: [] for key in reviews}
    for row in connection.execute(HAPPENED, {"streams": [f"review:{key}" for key in reviews]}):
        if row.kind not in {REBASED, REBASE_UNDONE}:
            review = UUID(row.stream.removeprefix("review:"))
            day = from_on.get(row.id, row.dated_on or local_date(row.recorded_at))
            has_moved = row.to_state != row.from_state
            if row.kind == BECAME:
                found[review], has_moved = [], True
            elif row.step in undoing:
                found[review] = [one for one in found[review] if (review, one.seq) not in undone]
                has_moved = row.id in from_on
            elif has_moved and row.id not in from_on:
                undone.add((review, row.seq))
            dates = said.get((row.stream, row.seq), {})
            step = row.step if row.step and row.kind != BECAME else ""
            found[review].append(Happening(step, day, row.to_state or "" if has_moved else "", row.seq, dates))
    return found


def _dates_said(session: Session, reviews: Sequence[UUID], questions: frozenset[str]) -> dict[tuple[str, int], dict[str, Any]]:
    """Give what events answered to *questions*, by stream and number."""
    if not questions:
        return {}
    connection = session.connection()
    rows = connection.execute(ANSWERED, {"reviews": list(reviews), "questions": sorted(questions)})
    events = [(f"review:{row.review_id}", row.seq) for row in rows]
    if not events:
        return {}
    bodies = connection.execute(SAID.where(tuple_(EVENTS.c.stream, EVENTS.c.seq).in_(events)))
    answers = {(row.stream, row.seq): (row.body or {}).get("answers", {}) for row in bodies}
    return {event: {q: pair[1] for q, pair in said.items() if q in questions} for event, said in answers.items()}


def kept_dates(session: Session, reviews: Sequence[UUID]) -> Runs:
    """Give the dates that reviews keep, whatever their clocks' rules say now."""
    found: Runs = {}
    for row in session.connection().execute(KEPT, {"reviews": list(reviews)}):
        dates = (row.started_on, row.due_on) if row.stopped_on is None else None
        found.setdefault(row.review_id, {})[row.clock] = Kept(row.run, dates)
    return found


def states_of(
    workflow: Workflow, answers: Mapping[str, Any], happened: Happened, kept: Mapping[str, Kept], *, today: date
) -> list[ClockState]:
    """Give how each clock of a review stands, those still running first."""
    return clock_states(workflow, answers, happened, today=today, holidays=reference.bank_holidays(), kept=kept)


def deadlines_of(session: Session, workflow: Workflow, reviews: Sequence[UUID], *, today: date) -> dict[UUID, list[ClockState]]:
    """Give how each clock of some reviews of *workflow* stands, those still running first."""
    happened, kept = happened_to(session, reviews, workflow), kept_dates(session, reviews)
    answers: dict[UUID, dict[str, Any]] = {}
    wanted = {"reviews": list(reviews), "questions": sorted(workflow.clock_dates)}
    for row in session.connection().execute(ON_RECORD, wanted):
        answers.setdefault(row.review_id, {})[row.question] = row.value
    return {key: states_of(workflow, answers.get(key, {}), happened[key], kept.get(key, {}), today=today) for key in happened}


def deadlines_on(session: Session, record: Record, *, today: date) -> list[ClockState]:
    """Give how each clock of the review of *record* stands, those still running first."""
    workflow, review = record.definition.workflow, record.review.id
    if not workflow.clocks:
        return []
    happened, kept = happened_to(session, [review], workflow)[review], kept_dates(session, [review]).get(review, {})
    return states_of(workflow, record.answers, happened, kept, today=today)


def idle_on(session: Session, record: Record, *, today: date) -> dict[str, str]:
    """Name the steps that pause a deadline, or end a pause, and find none to do it to; each with the sentence that says so."""
    workflow = record.definition.workflow
    return idle_steps(workflow, deadlines_on(session, record, today=today)) if workflow.pausing_steps else {}


def is_over(state: State) -> bool:
    """Say whether no deadline runs for a review in *state*, since it counts as closed or nothing more is due."""
    return state.counts_as == CLOSED or state.final


def follow_in_rows(session: Session, reviews: Iterable[UUID], *, today: date) -> dict[UUID, date]:
    """Write into the rows of *reviews* the earliest due date among the deadlines that run; give those that were another."""
    by_version: dict[int, list[Any]] = {}
    for row in session.connection().execute(PLACES, {"reviews": list(reviews)}):
        by_version.setdefault(row.definition_version_id, []).append(row)
    written: list[dict[str, Any]] = []
    for version_id, rows in by_version.items():
        workflow = catalogue.definition(session, version_id).workflow
        going = [row.id for row in rows if row.withdrawn_at is None and not is_over(workflow.states[row.state])]
        states = deadlines_of(session, workflow, going, today=today) if going and workflow.clocks else {}
        for row in rows:
            due = next_deadline(states.get(row.id, ())) or NO_DEADLINE
            if due != row.deadline_on:
                written.append({"review": row.id, "read_at": row.version, "read_in": row.state, "deadline_on": due})
    write_all(session, written)
    return {row["review"]: row["deadline_on"] for row in written}
