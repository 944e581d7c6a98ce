"""Reminders: what is due is worked out from the history and from a ledger of what was sent, and the next one is sent.

So a day that was missed is made up for, a run that is repeated sends nothing twice, and nobody is reminded of a review
that has left the states the rule is for. What is due is entered into the ledger first, and then put into the post: one notice a
person and day, whose letter tells of all that was entered for them (`operations.digests`). What is entered and not in the post
yet, because a run broke off or that day's notice was queued before, goes with the next one.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import NamedTuple
from uuid import UUID

from sqlalchemy import bindparam, func, select, update
from sqlalchemy.orm import Session

from scrt_workflow import catalogue
from scrt_workflow.models import ReminderSent, Review
from scrt_workflow.operations import notices
from scrt_workflow.operations.cycles import cycles_in, first_due
from scrt_workflow.operations.overdue import Since, following
from scrt_workflow.operations.tables import dialect_of, in_both_dialects, table_of
from scrt_workflow.workflows.schema import Workflow
from scrt_workflow.workflows.time_rules import ReminderRule
from scrt_workflow.working_days import local_date

AT_A_TIME = 500
DAY = timedelta(days=1)
DIGEST = "reminder_digest"
"""The template of the letter that holds a day's reminders for one person."""
LEDGER = table_of(ReminderSent)
ENTER = in_both_dialects(lambda insert: insert(LEDGER).on_conflict_do_nothing())
NOT_POSTED = LEDGER.c.notice_id.is_(None)
POST = update(LEDGER).where(NOT_POSTED, LEDGER.c.recipient == bindparam("reader")).values(notice_id=bindparam("notice"))


Sent = dict[tuple[UUID, str, int], tuple[int, date]]
"""By review, rule and cycle, the number of the last reminder and the day it was sent."""


class Reviewed(NamedTuple):
    """A review in one of the states that a rule is for."""

    id: UUID
    reference: str
    responsible: str
    state: str
    state_since: date


@dataclass(frozen=True, slots=True)
class Due:
    """A reminder to send: the *number*-th of its cycle, due *due_on*, to *people* as holders of *roles*.

    The first of its cycle was due *first_due_on*.
    """

    review_id: UUID
    reference: str
    version_id: int
    reminder: str
    template: str
    since: Since
    number: int
    due_on: date
    first_due_on: date
    roles: tuple[str, ...]
    people: tuple[UUID, ...]
    lapses_on: date | None = None


def reminders_due(session: Session, *, on: date, looking_from: date | None = None) -> Iterator[Due]:
    """Work out the reminders that are due on a day, also those to which nobody answers (no *people*).

    A warning lapses on the day that it warns of; with *looking_from* those are given too that lapse after that day.
    """
    reach = Reach(session, on, looking_from)
    for version_id in session.scalars(select(Review.definition_version_id).distinct()).all():
        workflow = catalogue.definition(session, version_id).workflow
        reviews = _reviews_in(session, version_id, workflow)
        for start in range(0, len(reviews), AT_A_TIME):
            yield from _due_among(session, version_id, workflow, reviews[start : start + AT_A_TIME], reach)


def send_reminders(session: Session, due: Sequence[Due], *, at: datetime) -> int:
    """Enter the reminders that are *due* and put all that waits into the post; give how many notices are new."""
    enter(session, due, at=at)
    return post(session, waiting_for_post(session), at=at)


def enter(session: Session, due: Sequence[Due], *, at: datetime) -> None:
    """Enter the reminders that are *due* into the ledger, one for each of their people; what is there already stays."""
    rows = [
        {
            "review_id": one.review_id, "reminder": one.reminder, "since_seq": one.since.seq, "number": one.number,
            "recipient": str(person), "on_date": local_date(at), "manual": False, "notice_id": None,
        }
        for one in due
        for person in one.people
    ]  # fmt: skip
    if rows:
        session.connection().execute(ENTER[dialect_of(session)], rows)


def waiting_for_post(session: Session) -> list[UUID]:
    """Give the people for whom reminders are entered that are not in the post yet."""
    waiting = select(LEDGER.c.recipient).where(NOT_POSTED).distinct().order_by(LEDGER.c.recipient)
    return [UUID(recipient) for recipient in session.connection().execute(waiting).scalars()]


def post(session: Session, people: Sequence[UUID], *, at: datetime) -> int:
    """Queue one notice to each of *people* for all their reminders that wait, unless one was queued today; give how many."""
    day = local_date(at).isoformat()
    wanted = {f"digest:{person}:{day}": person for person in people}
    queued = notices.queue_all(session, [(once, DIGEST, person, {"day": day}) for once, person in wanted.items()], at=at)
    if queued:
        posted = [{"reader": str(wanted[once]), "notice": number} for once, number in queued.items()]
        session.connection().execute(POST, posted)
    return len(queued)


class Reach:
    """Who holds which roles for an organisation on a day; asked once for each organisation."""

    def __init__(self, session: Session, on: date, looking_from: date | None = None) -> None:
        self.session, self.on, self.looking_from = session, on, looking_from or on
        self._found: dict[tuple[tuple[str, ...], str], tuple[UUID, ...]] = {}

    def people(self, roles: tuple[str, ...], organisation: str) -> tuple[UUID, ...]:
        """Give those who hold one of *roles* for *organisation*."""
        key = (roles, organisation)
        if key not in self._found:
            self._found[key] = tuple(notices.people_in(self.session, roles, organisation, on=self.on))
        return self._found[key]


def _reviews_in(session: Session, version_id: int, workflow: Workflow) -> list[Reviewed]:
    """Give the reviews that a rule of *workflow* is for, by their ids."""
    states = {state for rule in workflow.reminders.values() for state in rule.while_in}
    query = select(Review.id, Review.reference, Review.responsible, Review.state, Review.state_since)
    here = (Review.definition_version_id == version_id, Review.state.in_(sorted(states)), Review.withdrawn_at.is_(None))
    return [Reviewed(*row) for row in session.execute(query.where(*here).order_by(Review.id))]


def _due_among(session: Session, version_id: int, workflow: Workflow, reviews: Sequence[Reviewed], reach: Reach) -> Iterator[Due]:
    """Pick from *reviews* those of which a reminder is due: of the cycles that have begun, after what was sent."""
    sent = sent_of(session, [review.id for review in reviews])
    for rule, cycles in cycles_in(session, workflow, reviews, on=reach.on):
        for review in reviews:
            since = cycles.get(review.id)
            turn = next_turn(rule, since, sent.get((review.id, rule.key, since.seq))) if since else None
            if since and turn and turn.due_on <= reach.on and not (turn.lapses_on and turn.lapses_on <= reach.looking_from):
                yield due_to(review, rule, version_id, since, turn, reach)


class Turn(NamedTuple):
    """Whose turn it is in a cycle: the *number*-th reminder, due *due_on*; a warning *lapses_on* a day."""

    number: int
    due_on: date
    first_due_on: date
    lapses_on: date | None = None


def next_turn(rule: ReminderRule, since: Since, last: tuple[int, date] | None) -> Turn | None:
    """Give the next reminder of a cycle after the *last*, whenever that is due. None: no more is to come."""
    first_due_on = first_due(rule, since)
    if last is None:
        return Turn(1, first_due_on, first_due_on, since.day if rule.before else None)
    if rule.before:
        return None
    number, day = last
    return Turn(number + 1, max(first_due_on, following(rule.again_every, day), day + DAY), first_due_on)


def due_to(review: Reviewed, rule: ReminderRule, version_id: int, since: Since, turn: Turn, reach: Reach) -> Due:
    """Give a reminder with those whom it goes to."""
    roles, people = _readers(rule, turn.number, review.responsible, reach)
    template = rule.notice or rule.key
    return Due(
        review.id, review.reference, version_id, rule.key, template, since, turn.number, turn.due_on, turn.first_due_on,
        roles, people, turn.lapses_on,
    )  # fmt: skip


def _readers(rule: ReminderRule, number: int, organisation: str, reach: Reach) -> tuple[tuple[str, ...], tuple[UUID, ...]]:
    """Give whom the *number*-th reminder goes to, and as what: those above too once it escalates, or if nobody is there."""
    people = reach.people(rule.to, organisation)
    if rule.escalate_to and (not people or goes_up(rule, number)):
        both = tuple(dict.fromkeys((*rule.to, *rule.escalate_to)))
        return both, reach.people(both, organisation)
    return rule.to, people


def goes_up(rule: ReminderRule, number: int) -> bool:
    """Say whether the *number*-th reminder goes to those above too."""
    return rule.escalate_after is not None and number > rule.escalate_after


def sent_of(session: Session, reviews: Sequence[UUID]) -> Sent:
    """Give, for each of *reviews*, rule and cycle, the number of the last reminder and the day it was sent."""
    columns = (ReminderSent.review_id, ReminderSent.reminder, ReminderSent.since_seq)
    query = select(*columns, func.max(ReminderSent.number), func.max(ReminderSent.on_date))
    query = query.where(ReminderSent.review_id.in_(reviews)).group_by(*columns)
    return {(row[0], row[1], row[2]): (row[3], row[4]) for row in session.execute(query)}
