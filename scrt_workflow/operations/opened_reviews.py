"""What becomes of the review that another one converted to, when that one is corrected or its conversion undone."""

from __future__ import annotations

from datetime import date

from sqlalchemy.orm import Session

from scrt_workflow import catalogue
from scrt_workflow.actors import Actor, Held
from scrt_workflow.models import Review
from scrt_workflow.operations import conversions, deadlines, history, spans
from scrt_workflow.operations.doing import Doing
from scrt_workflow.operations.history import Appended
from scrt_workflow.operations.refusals import StepRefusedError
from scrt_workflow.operations.terms import redate_terms
from scrt_workflow.operations.writing import write


def undo_conversion(session: Session, doing: Doing, event: Appended) -> date:
    """Take back the review that a mistaken conversion opened, and the conversion with it: neither ever counted."""
    child = conversions.not_yet_moved(session, doing.record.review)
    undone = conversions.opening_event(session, child)
    withdraw(session, child, event, actor=doing.actor, held=doing.held)
    deadlines.follow_in_rows(session, [child.id], today=doing.today)
    day, known = event.dated_on or doing.today, event.recorded_at
    return spans.take_back(session, doing.record.review, undone, on=day, known=known, event_id=event.id)


def redate_opened(session: Session, doing: Doing, event: Appended) -> None:
    """Let the review that this one converted to have begun on the day on which the conversion, now corrected, counts."""
    child = conversions.opened_by(session, doing.record.review)
    if child is None:
        return
    opening = conversions.opening_event(session, child)
    days = spans.days_of_moves(session, doing.record.review.id)
    first = spans.known_moves(session, child.id)[0]
    if opening not in days or days[opening] == first["from_on"]:
        return
    made = _because_of(session, child, event, kind="review:redated", actor=doing.actor, held=doing.held, on=days[opening])
    try:
        since = spans.redate(session, child.id, {first["event_id"]: spans.Redated(days[opening])}, known=event.recorded_at)
    except spans.OutOfOrderError as error:
        raise StepRefusedError(
            f"This review became {child.reference}, which has moved on before that day. Correct the dates there first."
        ) from error
    redate_terms(session, child.id, {first["event_id"]: days[opening]}, known=event.recorded_at)
    write(session, child, {"version": made.seq, "state_since": since})
    deadlines.follow_in_rows(session, [child.id], today=doing.today)


def _because_of(
    session: Session, review: Review, because: Appended, *, kind: str, actor: Actor, held: Held, on: date | None,
    to_state: str | None = None,
) -> Appended:  # fmt: skip
    """Append to the history of *review* what an event of another review made of it."""
    return history.append(
        session,
        stream=f"review:{review.id}",
        kind=kind,
        body={"because_of": f"{because.stream}:{because.seq}"},
        at=because.recorded_at,
        actor=actor,
        held=held,
        from_state=review.state,
        to_state=to_state or review.state,
        definition_version_id=review.definition_version_id,
        dated_on=on,
        request_id=because.request_id,
    )


def withdraw(session: Session, review: Review, because: Appended, *, actor: Actor, held: Held) -> None:
    """Withdraw *review*, as its own workflow's withdrawing step would, because of an event in another review."""
    definition = catalogue.definition(session, review.definition_version_id)
    step = definition.workflow.withdrawal
    if step is None:
        raise StepRefusedError("The new review's workflow has no step that withdraws a review. Tell an administrator.")
    target = definition.workflow.states[step.outcomes[0].to]
    event = _because_of(
        session, review, because, kind="review:taken-back", actor=actor, held=held, on=because.dated_on, to_state=target.key
    )
    day = max(event.dated_on or review.state_since, review.state_since)
    values = {"state": target.key, "status": target.counts_as, "state_since": day, "next_due_on": None}
    write(session, review, {**values, "version": event.seq, "withdrawn_at": because.recorded_at})
    spans.never_count(session, review, known=event.recorded_at)
    spans.continue_as(session, review, on=day, known=event.recorded_at, event_id=event.id)
