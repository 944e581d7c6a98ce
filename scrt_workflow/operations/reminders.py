"""Reminders: what is due is worked out from the history and from a ledger of what was sent, and the next one is sent.

So a day that was missed is made up for, a run that is repeated sends nothing twice, and nobody is reminded of a review
that has left the states the rule is for. A cycle begins at the newest step that the rule counts `since`, at the review's
coming into those states, or on the day that a date question gives; a newer such event begins a new cycle.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any, NamedTuple
from uuid import UUID

from sqlalchemy import func, select
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.orm import Session

from scrt_workflow import catalogue
from scrt_workflow.models import ReminderSent, Review
from scrt_workflow.operations import notices
from scrt_workflow.operations.overdue import Since, begun, following
from scrt_workflow.workflows.schema import ReminderRule
from scrt_workflow.working_days import local_date

AT_A_TIME = 500
DAY = timedelta(days=1)


Sent = dict[tuple[UUID, int], tuple[int, date]]
"""By review and cycle, the number of the last reminder and the day it was sent."""


class _Reviewed(NamedTuple):
    """A review in one of the states that a rule is for."""

    id: UUID
    reference: str
    responsible: str
    state_since: date


@dataclass(frozen=True, slots=True)
class Due:
    """A reminder to send: the *number*-th of its cycle, due *due_on*, to *people* as holders of *roles*.

    What it reminds of was due *first_due_on*, which is what its letter says.
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


def reminders_due(session: Session, *, on: date) -> Iterator[Due]:
    """Work out the reminders that are due on a day, also those to which nobody answers (no *people*)."""
    reach = _Reach(session, on)
    for version_id in session.scalars(select(Review.definition_version_id).distinct()).all():
        workflow = catalogue.definition(session, version_id).workflow
        for rule in workflow.reminders.values():
            reviews = _reviews_in(session, version_id, rule)
            for start in range(0, len(reviews), AT_A_TIME):
                some = reviews[start : start + AT_A_TIME]
                cycles = begun(session, workflow, rule, {review.id: review.state_since for review in some})
                yield from _due_among(rule, version_id, some, cycles, _sent(session, rule, some), reach)


def send_reminders(session: Session, due: Sequence[Due], *, at: datetime) -> int:
    """Queue the reminders that are *due* and enter them into the ledger; give how many notices are new."""
    wanted = [(_once(one, person), one.template, person, _refs(one)) for one in due for person in one.people]
    queued = notices.queue_all(session, wanted, at=at)
    rows = [
        {
            "review_id": one.review_id, "reminder": one.reminder, "since_seq": one.since.seq, "number": one.number,
            "recipient": str(person), "on_date": local_date(at), "manual": False, "notice_id": queued[once],
        }
        for one in due
        for person in one.people
        if (once := _once(one, person)) in queued
    ]  # fmt: skip
    if rows:
        make = postgresql.insert if session.get_bind().dialect.name == "postgresql" else sqlite.insert
        session.execute(make(ReminderSent).on_conflict_do_nothing(), rows)
    return len(queued)


def _once(due: Due, person: UUID) -> str:
    return f"reminder:{due.review_id}:{due.reminder}:{due.since.seq}:{due.number}:{person}"


def _refs(due: Due) -> dict[str, Any]:
    return {
        "review": str(due.review_id), "version": due.version_id, "reminder": due.reminder, "seq": due.since.seq,
        "since_on": due.since.day.isoformat(), "due_on": due.first_due_on.isoformat(), "number": due.number,
        "roles": list(due.roles),
    }  # fmt: skip


class _Reach:
    """Who holds which roles for an organisation on a day; asked once for each organisation."""

    def __init__(self, session: Session, on: date) -> None:
        self.session, self.on = session, on
        self._found: dict[tuple[tuple[str, ...], str], tuple[UUID, ...]] = {}

    def people(self, roles: tuple[str, ...], organisation: str) -> tuple[UUID, ...]:
        key = (roles, organisation)
        if key not in self._found:
            self._found[key] = tuple(notices.people_in(self.session, roles, organisation, on=self.on))
        return self._found[key]


def _reviews_in(session: Session, version_id: int, rule: ReminderRule) -> list[_Reviewed]:
    """Give the reviews that *rule* is for, by their ids."""
    query = select(Review.id, Review.reference, Review.responsible, Review.state_since)
    here = (Review.definition_version_id == version_id, Review.state.in_(rule.while_in), Review.withdrawn_at.is_(None))
    return [_Reviewed(*row) for row in session.execute(query.where(*here).order_by(Review.id))]


def _due_among(
    rule: ReminderRule, version_id: int, reviews: Sequence[_Reviewed], cycles: Mapping[UUID, Since], sent: Sent, reach: _Reach
) -> Iterator[Due]:
    """Pick from *reviews* those whose next reminder is due: of the *cycles* that have begun, after what was *sent*."""
    template = rule.notice or rule.key
    for review in reviews:
        since = cycles.get(review.id)
        if since is None:
            continue
        number, last = sent.get((review.id, since.seq), (0, None))
        first_due_on = following(rule.after, since.day)
        due_on = first_due_on if last is None else _again(rule, last)
        if due_on <= reach.on:
            roles, people = _readers(rule, number + 1, review.responsible, reach)
            yield Due(
                review.id, review.reference, version_id, rule.key, template, since, number + 1, due_on, first_due_on,
                roles, people,
            )  # fmt: skip


def _readers(rule: ReminderRule, number: int, organisation: str, reach: _Reach) -> tuple[tuple[str, ...], tuple[UUID, ...]]:
    """Give whom the *number*-th reminder goes to, and as what: those above too once it escalates, or if nobody is there."""
    people = reach.people(rule.to, organisation)
    if rule.escalate_to and (not people or (rule.escalate_after is not None and number > rule.escalate_after)):
        both = tuple(dict.fromkeys((*rule.to, *rule.escalate_to)))
        return both, reach.people(both, organisation)
    return rule.to, people


def _again(rule: ReminderRule, last: date) -> date:
    return max(following(rule.again_every, last), last + DAY)


def _sent(session: Session, rule: ReminderRule, reviews: Sequence[_Reviewed]) -> Sent:
    """Give, for each review and cycle, the number of the last reminder and the day it was sent."""
    columns = (ReminderSent.review_id, ReminderSent.since_seq)
    query = select(*columns, func.max(ReminderSent.number), func.max(ReminderSent.on_date))
    these = ReminderSent.review_id.in_([review.id for review in reviews])
    query = query.where(these, ReminderSent.reminder == rule.key).group_by(*columns)
    return {(row[0], row[1]): (row[2], row[3]) for row in session.execute(query)}
