"""Which e-mails someone wants: digests can be stopped, but what was raised with a person comes whatever they chose."""

from __future__ import annotations

from collections.abc import Collection
from datetime import datetime
from enum import StrEnum
from uuid import UUID

from sqlalchemy import delete, select
from sqlalchemy.orm import Session

from scrt_workflow.actors import Actor
from scrt_workflow.models import MailStopped, Person
from scrt_workflow.operations import people


class Mail(StrEnum):
    """A kind of e-mail that can be stopped."""

    REMINDERS = "reminders"
    SUMMARIES = "summaries"


def wants(session: Session, person_id: UUID, kind: Mail) -> bool:
    """Say whether someone wants this kind of e-mail: everyone does who has not stopped it."""
    return session.get(MailStopped, (person_id, kind.value)) is None


def wanted(session: Session, person_id: UUID) -> frozenset[Mail]:
    """Give the kinds of e-mail that someone wants."""
    stopped = set(session.scalars(select(MailStopped.kind).where(MailStopped.person_id == person_id)))
    return frozenset(kind for kind in Mail if kind not in stopped)


def choose(session: Session, chosen: Collection[Mail], *, actor: Actor, at: datetime) -> None:
    """Let *actor* get those kinds of e-mail that are *chosen*, and no others; what has not changed leaves no event."""
    person = session.get_one(Person, actor.person_id)
    people.lock(session, person)
    before = wanted(session, person.id)
    if before == frozenset(chosen):
        return
    session.execute(delete(MailStopped).where(MailStopped.person_id == person.id))
    session.add_all(MailStopped(person_id=person.id, kind=kind.value, at=at) for kind in Mail if kind not in chosen)
    session.flush()
    people.record(session, person, "person:mail-chosen", {"wants": sorted(chosen)}, at=at, actor=actor)
