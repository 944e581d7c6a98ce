"""Who is told: a notice is a row written with what it tells of, and sent from there afterwards (D5)."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import date, datetime
from typing import Any
from uuid import NAMESPACE_URL, UUID, uuid5

from sqlalchemy import or_, select
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.orm import Session

from scrt_workflow.conditions import Facts, holds
from scrt_workflow.models import Event, Membership, Notice, OrganisationParent, Person
from scrt_workflow.operations.records import Record
from scrt_workflow.workflows.schema import Step
from scrt_workflow.working_days import local_date


def tell(session: Session, record: Record, step: Step, facts: Facts, event: Event) -> None:
    """Queue the notices that *step* sends, to everyone who holds one of the roles told for this review."""
    wanted = [one for one in step.tells if holds(one.when, facts)]
    if not wanted:
        return
    day = local_date(event.recorded_at)
    for one in wanted:
        people = people_in(session, one.to, record.review.responsible, on=day)
        refs = {
            "review": str(record.review.id),
            "seq": event.seq,
            "version": event.definition_version_id,
            "roles": list(one.to),
        }
        queue(
            session,
            one.notice,
            people,
            once=f"{event.stream}:{event.seq}:{one.notice}",
            refs=refs,
            at=event.recorded_at,
        )


def people_in(session: Session, roles: Iterable[str], organisation: str, *, on: date) -> list[UUID]:
    """Give the people who hold one of *roles* for *organisation* or for what it belongs to, on a day, each once."""
    codes = [organisation, *above(session, organisation, on=on)]
    held = select(Membership.person_id).join(Person, Person.id == Membership.person_id)
    held = held.where(
        Membership.role.in_(list(roles)),
        Membership.organisation.in_(codes),
        Membership.valid_from <= on,
        or_(Membership.valid_to.is_(None), Membership.valid_to > on),
        Person.disabled_at.is_(None),
    )
    return list(dict.fromkeys(session.scalars(held.order_by(Membership.person_id))))


def above(session: Session, organisation: str, *, on: date) -> list[str]:
    """Give the organisations that *organisation* belongs to on a day, the nearest first."""
    found: list[str] = []
    code: str | None = organisation
    while code is not None and len(found) < 5:
        within = select(OrganisationParent.parent).where(
            OrganisationParent.code == code,
            OrganisationParent.valid_from <= on,
            or_(OrganisationParent.valid_to.is_(None), OrganisationParent.valid_to > on),
        )
        code = session.scalars(within).first()
        found += [code] if code else []
    return found


def queue(
    session: Session, template: str, people: Iterable[UUID], *, once: str, refs: Mapping[str, Any], at: datetime
) -> int:
    """Queue one notice to each of *people*; *once* keeps the same one from being queued twice. Give how many were new."""
    rows = []
    for person in people:
        key = f"{once}:{person}"
        rows.append(
            {
                "once_key": key, "message_id": f"<{uuid5(NAMESPACE_URL, key)}@scrt-workflow>", "template": template,
                "person_id": person, "refs": dict(refs), "status": "queued", "attempt": 0, "next_try_at": at, "queued_at": at,
            }
        )  # fmt: skip
    if not rows:
        return 0
    make = postgresql.insert if session.get_bind().dialect.name == "postgresql" else sqlite.insert
    made = make(Notice).on_conflict_do_nothing(index_elements=["once_key"]).returning(Notice.id)
    return len(session.execute(made, rows).all())
