"""Escalations: what an answer sets off is told to people and posts, and told again until somebody acknowledges it.

Whatever follows from a step is written with it. Each raising is numbered in a ledger, and the next one is due at a moment that
stands with the escalation: so a run that is repeated tells nobody twice, and days that were missed are made up for once.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from sqlalchemy import insert, select
from sqlalchemy.orm import Session

from scrt_workflow import catalogue
from scrt_workflow.conditions import NOT_ASKED, Condition, Facts, holds, questions_in, tests_in
from scrt_workflow.models import Escalation, EscalationTold, Person, Review
from scrt_workflow.operations import contacts, notices
from scrt_workflow.operations.doing import Doing
from scrt_workflow.operations.history import Appended
from scrt_workflow.operations.overdue import following
from scrt_workflow.operations.records import ANSWERED
from scrt_workflow.workflows.time_rules import EscalationRule
from scrt_workflow.working_days import LONDON, local_date, local_time

MUCH_TOO_LATE = timedelta(hours=12)
NOBODY = "nobody"
"""The recipient, in the ledger, of a post that has no contact."""


def follow(session: Session, doing: Doing, event: Appended) -> None:
    """Begin, raise further, acknowledge or end the escalations of a review, as the step that was just taken has it."""
    review, step = doing.record.review, doing.step
    rules = catalogue.definition(session, review.definition_version_id).workflow.escalations
    before = Facts({}, {}) if step.makes else doing.record.facts
    for rule in rules.values():
        about = frozenset[str]().union(*map(questions_in, rule.conditions))
        if not (about & set(doing.changed) or step.withdraws or step.key == rule.acknowledged_by):
            continue
        waiting = None if step.makes else find_waiting(session, review.id, rule.key)
        if step.withdraws or not holds(rule.when, doing.facts):
            _end(session, waiting, "withdrawn" if step.withdraws else "fell", event.seq)
        elif not holds(rule.when, before) or _rose(rule.when, before, doing.facts):
            _end(session, waiting, "rose", event.seq)
            _begin(session, review, rule, doing.facts, event)
        elif waiting is not None and step.key == rule.acknowledged_by and waiting.since_seq <= doing.read_at:
            _end(session, waiting, "acknowledged", event.seq)
        elif waiting is not None and step.key != rule.acknowledged_by:
            told = set(session.scalars(_told(waiting).with_only_columns(EscalationTold.post)))
            if added := [post for post in posts_of(rule, doing.facts) if post not in told]:
                _raise(session, _Raising(review, rule, waiting, added, event.recorded_at, is_partial=True))


def find_waiting(session: Session, review_id: UUID, key: str) -> Escalation | None:
    """Give the escalation of a review that waits to be acknowledged, if there is one."""
    here = (Escalation.review_id == review_id, Escalation.escalation == key, Escalation.ended.is_(None))
    return session.scalars(select(Escalation).where(*here).execution_options(populate_existing=True)).one_or_none()


def posts_of(rule: EscalationRule, facts: Facts) -> list[str]:
    """Name the posts that *rule* tells, as the answers are."""
    also = (post for one in rule.also if holds(one.when, facts) for post in one.posts)
    return list(dict.fromkeys((*rule.posts, *also)))


def _rose(when: Condition | None, before: Facts, after: Facts) -> bool:
    """Say whether an answer that *when* lists is now one that stands further on in its list: it is written from low to high."""
    for test in tests_in(when):
        was, now = (facts.answers.get(test.question, NOT_ASKED) for facts in (before, after))
        listed = test.operator == "in" and was in test.values and now in test.values
        if listed and test.values.index(now) > test.values.index(was):
            return True
    return False


def _begin(session: Session, review: Review, rule: EscalationRule, facts: Facts, event: Appended) -> None:
    at = event.recorded_at
    made = Escalation(
        review_id=review.id, escalation=rule.key, since_seq=event.seq, began_at=at, number=0, raised_at=at, next_at=at
    )  # fmt: skip
    session.add(made)
    session.flush()
    _raise(session, _Raising(review, rule, made, posts_of(rule, facts), at))


def _end(session: Session, waiting: Escalation | None, how: str, seq: int) -> None:
    if waiting is not None:
        waiting.ended, waiting.ended_seq = how, seq
        session.flush()


@dataclass(frozen=True, slots=True)
class _Raising:
    """One raising: of which escalation, to which posts, and when. A *partial* one is only of posts that were not told yet."""

    review: Review
    rule: EscalationRule
    escalation: Escalation
    posts: Sequence[str]
    at: datetime
    is_partial: bool = False

    @property
    def number(self) -> int:
        """Give the number of this raising."""
        return self.escalation.number + 1


def _raise(session: Session, one: _Raising) -> int:
    """Queue the e-mails of a raising and enter it into the ledger; give how many are new."""
    on = local_date(one.at)
    held = contacts.in_post(session, one.posts, one.review.responsible, on=on)
    missing = [post for post, contact in held.items() if contact is None]
    roles, people = _people(session, one) if missing or not one.is_partial else ((), [])
    readers: dict[tuple[str, str], UUID | int] = {(str(person), ""): person for person in people}
    emails = {row.email_key: row.id for row in session.execute(select(Person.email_key, Person.id).where(Person.id.in_(people)))}
    first: dict[str, int] = {}
    for post, contact in held.items():
        if contact is not None:
            person = emails.get(contact.email.casefold())
            number = first.setdefault(contact.email.casefold(), contact.id)
            readers[str(person or f"contact:{number}"), post] = person or number
    refs = {**_refs(one), "roles": list(roles), "missing": missing}
    _enter(session, one, readers, missing, refs)
    escalation = one.escalation
    escalation.number, escalation.raised_at = one.number, one.at
    if not one.is_partial:
        escalation.next_at = _next_at(one)
    session.flush()
    return len(set(readers.values()))


def _people(session: Session, one: _Raising) -> tuple[tuple[str, ...], list[UUID]]:
    """Give whom a raising goes to, and as what: those above too once it goes up, or where nobody is there."""
    rule, on = one.rule, local_date(one.at)
    people = notices.people_in(session, rule.to, one.review.responsible, on=on)
    if rule.escalate_to and (not people or (rule.escalate_after is not None and one.number > rule.escalate_after)):
        both = tuple(dict.fromkeys((*rule.to, *rule.escalate_to)))
        return both, notices.people_in(session, both, one.review.responsible, on=on)
    return rule.to, people


def _enter(
    session: Session,
    one: _Raising,
    readers: Mapping[tuple[str, str], UUID | int],
    missing: Iterable[str],
    refs: Mapping[str, Any],
) -> None:
    """Queue a notice for each reader, and write down whom the raising told, for which post."""
    key, once = one.escalation, f"escalation:{one.review.id}:{one.rule.key}:{one.escalation.since_seq}:{one.number}"
    wanted: dict[str, notices.Wanted] = {}
    for (recipient, _), reader in readers.items():
        template = one.rule.posts_notice if isinstance(reader, int) else one.rule.notice
        wanted[recipient] = (f"{once}:{recipient}", template, reader, refs)
    queued = notices.queue_all(session, list(wanted.values()), at=one.at)
    told = [*readers, *((NOBODY, post) for post in missing)]
    rows = [
        {
            "review_id": key.review_id, "escalation": key.escalation, "since_seq": key.since_seq, "number": one.number,
            "recipient": recipient, "post": post, "at": one.at, "notice_id": queued.get(f"{once}:{recipient}"),
        }
        for recipient, post in told
    ]  # fmt: skip
    if rows:
        session.execute(insert(EscalationTold), rows)


def _refs(one: _Raising) -> dict[str, Any]:
    return {
        "review": str(one.review.id), "version": one.review.definition_version_id, "seq": one.escalation.since_seq,
        "escalation": one.rule.key, "number": one.number,
    }  # fmt: skip


def _next_at(one: _Raising) -> datetime:
    """Give when an escalation is raised next: so many days on, at the time of day at which it began.

    They are counted from the day on which this one was due, which may have been the day before, unless it comes much too late.
    """
    was_due = one.escalation.next_at
    day = following(one.rule.again_every, local_date(was_due if one.at - was_due < MUCH_TOO_LATE else one.at))
    return datetime.combine(day, local_time(one.escalation.began_at).time(), LONDON).astimezone(one.at.tzinfo)


def _told(escalation: Escalation) -> Any:
    """Select what the ledger has of an escalation."""
    return select(EscalationTold).where(
        EscalationTold.review_id == escalation.review_id,
        EscalationTold.escalation == escalation.escalation,
        EscalationTold.since_seq == escalation.since_seq,
    )


def raisings_due(session: Session, *, at: datetime) -> list[tuple[UUID, str]]:
    """Give the escalations that are to be raised again at a moment: their reviews and their keys, the longest due first."""
    due = select(Escalation.review_id, Escalation.escalation)
    due = due.where(Escalation.ended.is_(None), Escalation.next_at <= at)
    return [(row.review_id, row.escalation) for row in session.execute(due.order_by(Escalation.next_at, Escalation.review_id))]


def raise_again(session: Session, review_id: UUID, key: str, *, at: datetime) -> int | None:
    """Raise an escalation again; give to how many readers, None where that is not due any more.

    It ends where its review was withdrawn, or has come to a definition that has no such rule.
    """
    held = select(Review).where(Review.id == review_id).with_for_update().execution_options(populate_existing=True)
    review = session.scalars(held).one()
    waiting = find_waiting(session, review_id, key)
    if waiting is None or waiting.next_at > at:
        return None
    definition = catalogue.definition(session, review.definition_version_id)
    rule = definition.workflow.escalations.get(key)
    if review.withdrawn_at is not None or rule is None:
        _end(session, waiting, "withdrawn" if review.withdrawn_at is not None else "dropped", review.version)
        return None
    rows = session.connection().execute(ANSWERED, {"review_id": review.id})
    facts = Facts({**{row.question: row.value for row in rows}, "review_type": review.review_type}, {})
    return _raise(session, _Raising(review, rule, waiting, posts_of(rule, facts), at))
