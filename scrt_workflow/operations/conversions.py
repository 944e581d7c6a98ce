"""New reviews: made by a first step, or opened beside a review that converts, and taken back when that was a mistake."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Any
from uuid import UUID, uuid5

from sqlalchemy import bindparam, insert, select
from sqlalchemy.orm import Session

from scrt_workflow import catalogue
from scrt_workflow.actors import Actor, Held
from scrt_workflow.conditions import Facts
from scrt_workflow.models import NO_DEADLINE, Review
from scrt_workflow.operations import answering, deadlines, history, spans
from scrt_workflow.operations.history import EVENTS, IS_MOVE, Appended
from scrt_workflow.operations.overdue import Came, next_due
from scrt_workflow.operations.records import CHANGED, Record
from scrt_workflow.operations.refusals import StepRefusedError
from scrt_workflow.operations.tables import table_of
from scrt_workflow.workflows.refusal import Refusal
from scrt_workflow.workflows.schema import Definition, Opening, State, Step
from scrt_workflow.working_days import local_date

REVIEWS = table_of(Review)
ADD_REVIEW = insert(REVIEWS)
MOVES = select(EVENTS.c.seq).where(EVENTS.c.stream == bindparam("stream"), EVENTS.c.step.is_not(None), IS_MOVE)
NUMBERS = select(EVENTS.c.id, EVENTS.c.seq).where(EVENTS.c.stream == bindparam("stream"))
RETIRED = "No new review starts with this form any more: it was taken out of use. Begin again if there is another."
OPENED = (
    select(Review)
    .where(Review.converted_from_id == bindparam("parent"), Review.withdrawn_at.is_(None))
    .with_for_update()
    .execution_options(populate_existing=True)
)
ASK = "Nothing was changed. Tell an administrator."
CROCKFORD = "0123456789ABCDEFGHJKMNPQRSTVWXYZ"


def reference_of(review_id: UUID) -> str:
    """Give the reference that people use for a review, such as R-7K3MQ-0P4XZ: ten letters of its id, none mistakable."""
    bits = review_id.int >> 78
    letters = "".join(CROCKFORD[bits >> shift & 31] for shift in range(45, -1, -5))
    return f"R-{letters[:5]}-{letters[5:]}"


def blank_review(review_id: UUID, definition: Definition, version_id: int, *, organisation: str, at: datetime) -> Review:
    """Make the row of a review that has not begun; `operations.steps.move` gives it its state."""
    return Review(
        id=review_id,
        reference=reference_of(review_id),
        definition_version_id=version_id,
        workflow=definition.workflow.key,
        state=definition.workflow.starts_in,
        review_type=None,
        entered_under=organisation,
        responsible=organisation,
        version=0,
        withdrawn_at=None,
        converted_from_id=None,
        deadline_on=NO_DEADLINE,
        created_at=at,
    )


def keep_new(session: Session, review: Review, values: Mapping[str, Any]) -> None:
    """Insert the row of a new review with *values*; *review* has them then, and is not the session's own."""
    for name, value in values.items():
        setattr(review, name, value)
    session.connection().execute(ADD_REVIEW, {column.key: getattr(review, column.key) for column in REVIEWS.columns})


def chosen_type(definition: Definition, answers: Mapping[str, Any], given: str | None = None) -> str | None:
    """Give the type of a new review: what was answered or is *given*, or the only type a person may choose, or none.

    Raises StepRefusedError when no person may choose the type that is given.
    """
    answered = answers.get("review_type")
    if isinstance(answered, str):
        return answered
    types = definition.workflow.chosen_types
    if given is not None:
        found = next((kind.key for kind in types if given in {kind.key, kind.title}), None)
        if found is None:
            raise StepRefusedError(f"'{given}' is not a type that a new review of this kind can have.")
        return found
    return types[0].key if len(types) == 1 and not definition.workflow.untyped else None


def opened_id(parent: UUID, seq: int) -> UUID:
    """Give the id of the review that event *seq* of *parent* opened, or would have."""
    return uuid5(parent, f"opened:{seq}")


def arrival(session: Session, opening: Opening) -> tuple[int, Definition, State]:
    """Give the newest version of the workflow that *opening* leads to, and the state in which the review goes on or begins there.

    A review goes by the version that it began with, and that may lead to what is no more there, or now asks for approvals that
    no review can bring along (the check of a release looks for that): StepRefusedError with a sentence, and nothing is lost.
    """
    try:
        version_id, definition = catalogue.live(session, opening.workflow)
    except catalogue.NoSuchDefinitionError as error:
        raise StepRefusedError(f"This leads to “{opening.workflow}”, which is no longer in use. {ASK}") from error
    workflow = definition.workflow
    state = workflow.states.get(opening.state or workflow.starts_in)
    if state is None:
        raise StepRefusedError(f"This leads to “{opening.state}”, which “{workflow.title}” no longer has. {ASK}")
    if state.approved_by:
        raise StepRefusedError(f"No review can come to “{state.title}” in this way, without the approvals that it needs. {ASK}")
    return version_id, definition, state


def begins_under(session: Session, workflow: str, version_id: int | None) -> tuple[int, Definition]:
    """Give the version that a new review starts under; raises StepRefusedError where that is retired."""
    try:
        live_id, definition = catalogue.live(session, workflow)
    except catalogue.NoSuchDefinitionError:
        raise StepRefusedError(RETIRED) from None
    if version_id is None or version_id == live_id:
        return live_id, definition
    if catalogue.is_retired(session, version_id):
        raise StepRefusedError(RETIRED)
    return version_id, catalogue.definition(session, version_id)


def open_review(
    session: Session, record: Record, step: Step, opening: Opening, facts: Facts, event: Appended, actor: Actor, held: Held
) -> UUID:
    """Open the review that this one converts to, with the answers that *step* carries over and a link both ways."""
    parent = record.review
    version_id, definition, state = arrival(session, opening)
    child = blank_review(
        opened_id(parent.id, event.seq),
        definition,
        version_id,
        organisation=parent.responsible,
        at=event.recorded_at,
    )
    child.review_type, child.converted_from_id = opening.review_type or None, parent.id
    carried = {q: facts.answers[q] for q in step.carries if q in facts.answers and q in definition.questions}
    made = history.append(
        session,
        stream=f"review:{child.id}",
        kind="review:opened",
        body={"answers": {q: [None, value] for q, value in carried.items()}, "converted_from": str(parent.id)},
        at=event.recorded_at,
        actor=actor,
        held=held,
        to_state=state.key,
        definition_version_id=version_id,
        dated_on=event.dated_on,
        request_id=event.request_id,
        is_first=True,
    )
    values = {"state": state.key, "status": state.counts_as, "state_since": event.dated_on, "version": 1}
    today = local_date(event.recorded_at)
    came = Came(child.id, None, None, state.key, today, event.dated_on or today)
    values |= {
        "last_update_on": today,
        "next_due_on": next_due(session, definition.workflow, came, carried),
    }
    values["search_text"] = answering.search_text(child, Facts(carried), definition)
    keep_new(session, child, values)
    _carry(session, Record(child, definition, carried, {}), carried, parent, made)
    spans.begin(session, child, on=made.dated_on or made.recorded_at.date(), known=made.recorded_at, event_id=made.id)
    deadlines.follow_in_rows(session, [child.id], today=today)
    return child.id


def _carry(session: Session, child: Record, carried: Mapping[str, Any], parent: Review, made: Appended) -> None:
    """Give the opened review its answers, and who ever set them to what, so that nothing is forgotten by converting."""
    version_id = child.review.definition_version_id
    answering.set_answers(session, child.review.id, carried, seq=made.seq, version_id=version_id)
    written = session.connection().execute(CHANGED, {"review_id": parent.id, "questions": sorted(carried)})
    same = {"review_id": child.review.id, "seq": made.seq}
    rows = [{**same, "question": q, "person_id": person, "choice": choice} for q, person, choice in written]
    if rows:
        session.connection().execute(answering.ADD_CHANGE, rows)
    answering.record_terms(session, child, carried, made, restates=False)
    answering.record_identifiers(session, child, carried)


def opened_by(session: Session, review: Review) -> Review | None:
    """Give the living review that this one converted to, if there is one."""
    return session.scalars(
        select(Review).where(Review.converted_from_id == review.id, Review.withdrawn_at.is_(None))
    ).one_or_none()


def opening_event(session: Session, child: Review) -> int:
    """Give the event by which another review converted to *child*."""
    parent = child.converted_from_id
    events = session.connection().execute(NUMBERS, {"stream": f"review:{parent}"})
    found: int = next(row.id for row in events if parent and opened_id(parent, row.seq) == child.id)
    return found


def not_yet_moved(session: Session, review: Review) -> Review:
    """Give the review that *review* converted to, so that nobody else writes it; StepRefusedError where it has moved since.

    An update or a flag moves nothing.
    """
    child = session.scalars(OPENED, {"parent": review.id}).one_or_none()
    if child is None or session.connection().execute(MOVES, {"stream": f"review:{child.id}"}).first():
        raise StepRefusedError(Refusal.HAS_MOVED_ON)
    return child
