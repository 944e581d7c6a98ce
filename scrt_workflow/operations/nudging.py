"""A reminder that somebody sends by hand: the next one of its cycle, sent now, so that the automatic one is counted from it.

It is a person's act: it is in the review's history, goes out on any day, and is not a digest that its readers could have stopped.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime
from uuid import UUID

from sqlalchemy import bindparam, insert, select
from sqlalchemy.orm import Session

from scrt_workflow import catalogue
from scrt_workflow.actors import Actor, Held
from scrt_workflow.models import ReminderSent, Review
from scrt_workflow.operations import history, notices, once
from scrt_workflow.operations.cycles import cycles_in, wanted_by
from scrt_workflow.operations.reminders import LEDGER, Due, Reach, Reviewed, due_to, next_turn, sent_of
from scrt_workflow.operations.writing import write
from scrt_workflow.permissions import WHO_MAY, Permission
from scrt_workflow.working_days import local_date

REMINDED = "review:reminded"
"""The kind of event by which a review has a reminder sent; it changes nothing else of the review."""
REVIEW = select(Review).where(Review.id == bindparam("review")).with_for_update().execution_options(populate_existing=True)
NOT_YOURS = "Your role does not let you send reminders of this review."
NOTHING_DUE = "Nothing is overdue on this review, so there is nothing to remind anyone of yet."
SENT_TODAY = "A reminder of this review was sent today already. You can send another one tomorrow."
NOBODY = "Nobody else holds a role that is reminded of this review. Ask whoever manages people to give somebody the role."


class NudgeRefusedError(Exception):
    """No reminder can be sent by hand now; the message is the sentence to show."""


@dataclass(frozen=True, slots=True)
class Offer:
    """A reminder that *actor* could send now, with what was wanted by which day."""

    due: Due
    wanted_by: date


def may_nudge(actor: Actor, review: Review) -> Held | None:
    """Give the role by which *actor* may send reminders of *review*."""
    return actor.covering(review.responsible, WHO_MAY[Permission.REVIEW_REMIND])


def offers(session: Session, review: Review, *, actor: Actor, on: date) -> list[Offer]:
    """Give the reminders of *review* that can be sent by hand on a day. Raises NudgeRefusedError where there is none."""
    if may_nudge(actor, review) is None:
        raise NudgeRefusedError(NOT_YOURS)
    if was_sent_on(session, review, on):
        raise NudgeRefusedError(SENT_TODAY)
    workflow = catalogue.definition(session, review.definition_version_id).workflow
    here = Reviewed(review.id, review.reference, review.responsible, review.state, review.state_since)
    sent, reach, found = sent_of(session, [review.id]), Reach(session, on), []
    for rule, cycles in cycles_in(session, workflow, [] if review.withdrawn_at else [here], on=on):
        since = cycles.get(review.id)
        turn = next_turn(rule, since, sent.get((review.id, rule.key, since.seq))) if since and not rule.before else None
        if since and turn and turn.first_due_on <= on:
            due = due_to(here, rule, review.definition_version_id, since, turn, reach)
            found.append(Offer(due, wanted_by(rule, since)))
    if not found:
        raise NudgeRefusedError(NOTHING_DUE)
    if not (to_others := [one for one in found if readers_of(one.due, actor)]):
        raise NudgeRefusedError(NOBODY)
    return to_others


def was_sent_on(session: Session, review: Review, day: date) -> bool:
    """Say whether any reminder of *review* was sent on *day*."""
    sent = select(ReminderSent.number).where(ReminderSent.review_id == review.id, ReminderSent.on_date == day)
    return session.scalars(sent.limit(1)).first() is not None


def readers_of(due: Due, actor: Actor) -> list[UUID]:
    """Give whom a reminder sent by *actor* goes to: whomever its rule names, but for themselves."""
    return [person for person in due.people if person != actor.person_id]


def nudge(
    session: Session, review_id: UUID, reminder: str, *, actor: Actor, at: datetime, key: UUID, request_id: str | None = None
) -> list[UUID]:
    """Send the next *reminder* of a review now, and give to whom; *key* makes a repeat harmless, which gives nobody.

    Raises NudgeRefusedError with the sentence to show, or KeyReusedError when *key* came with another wish.
    """
    review, day = session.scalars(REVIEW, {"review": review_id}).one(), local_date(at)
    body = {"reminder": [reminder]}
    route = f"{review_id}:reminder"
    if once.claim(session, key, actor=actor, route=route, body=body, at=at, leads_to=review.version + 1) is not None:
        return []
    offer = next((one for one in offers(session, review, actor=actor, on=day) if one.due.reminder == reminder), None)
    if offer is None:
        raise NudgeRefusedError(NOTHING_DUE)
    people = readers_of(offer.due, actor)
    event = _record(session, review, offer.due, people, actor=actor, at=at, request_id=request_id)
    _send(session, offer, people, actor=actor, at=event.recorded_at)
    return people


def _record(
    session: Session, review: Review, due: Due, people: list[UUID], *, actor: Actor, at: datetime, request_id: str | None
) -> history.Appended:
    event = history.append(
        session,
        stream=f"review:{review.id}",
        kind=REMINDED,
        body={"reminder": due.reminder, "number": due.number, "to": [str(person) for person in people]},
        at=at,
        actor=actor,
        held=may_nudge(actor, review),
        definition_version_id=review.definition_version_id,
        request_id=request_id,
    )
    write(session, review, {"version": event.seq})
    return event


def _send(session: Session, offer: Offer, people: list[UUID], *, actor: Actor, at: datetime) -> None:
    """Queue the letter to each reader, and enter it into the ledger as sent by hand."""
    due = offer.due
    refs = {
        "review": str(due.review_id), "version": due.version_id, "reminder": due.reminder, "seq": due.since.seq,
        "since_on": due.since.day.isoformat(), "due_on": offer.wanted_by.isoformat(), "number": due.number,
        "roles": list(due.roles), "by": str(actor.person_id),
    }  # fmt: skip
    once_key = f"nudge:{due.review_id}:{due.reminder}:{due.since.seq}:{due.number}"
    wanted = {f"{once_key}:{person}": person for person in people}
    queued = notices.queue_all(session, [(one, due.template, person, refs) for one, person in wanted.items()], at=at)
    same = {"review_id": due.review_id, "reminder": due.reminder, "since_seq": due.since.seq, "number": due.number}
    entered = {**same, "on_date": local_date(at), "manual": True}
    rows = [{**entered, "recipient": str(person), "notice_id": queued[one]} for one, person in wanted.items()]
    session.connection().execute(insert(LEDGER), rows)
