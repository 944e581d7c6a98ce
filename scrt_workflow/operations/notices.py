"""Who is told: a notice is a row written with what it tells of, and sent from there afterwards (D5)."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from datetime import date, datetime
from typing import Any
from uuid import NAMESPACE_URL, UUID, uuid5

from sqlalchemy import bindparam, or_, select
from sqlalchemy.orm import Session, aliased

from scrt_workflow.conditions import Facts, holds
from scrt_workflow.models import Membership, Notice, Organisation, Person
from scrt_workflow.operations.history import Appended
from scrt_workflow.operations.organisations import belonging
from scrt_workflow.operations.records import Record
from scrt_workflow.operations.tables import dialect_of, in_both_dialects, table_of
from scrt_workflow.workflows.schema import Step
from scrt_workflow.working_days import local_date

Wanted = tuple[str, str, UUID | int, Mapping[str, Any]]
"""A notice to queue: what keeps it from being queued twice, its template, its reader, and what it is made from (ids).

A reader is a person, or a contact by its number.
"""

NOTICES = table_of(Notice)
QUEUE = in_both_dialects(
    lambda insert: insert(NOTICES).on_conflict_do_nothing(index_elements=["once_key"]).returning(NOTICES.c.once_key, NOTICES.c.id)
)


_on = bindparam("on", type_=Membership.valid_from.type)
_borrowed, _borrower = aliased(Membership), aliased(Person)
LENT = (
    select(_borrowed.lent_from_id)
    .join(_borrower, _borrower.id == _borrowed.person_id)
    .where(_borrowed.lent_from_id.is_not(None), _borrowed.valid_from <= _on, _borrowed.valid_to > _on)
    .where(_borrower.disabled_at.is_(None))
)
"""The roles that somebody else holds on a day, who has borrowed them and may sign in."""
HELD = (
    select(Membership.person_id, Membership.organisation)
    .join(Person, Person.id == Membership.person_id)
    .join(Organisation, Organisation.code == Membership.organisation)
    .where(Membership.role.in_(bindparam("roles", expanding=True)), Membership.id.not_in(LENT))
    .where(Membership.valid_from <= _on, or_(Membership.valid_to.is_(None), Membership.valid_to > _on))
    .where(Organisation.valid_from <= _on, or_(Organisation.valid_to.is_(None), Organisation.valid_to > _on))
    .where(Person.disabled_at.is_(None))
    .order_by(Membership.person_id)
)


def tell(session: Session, record: Record, step: Step, facts: Facts, event: Appended) -> None:
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
    """Give the people who hold one of *roles* where that role reaches *organisation* on a day, each once.

    That is for the organisation itself, for what it belongs to, or for what it merged into. While somebody else has borrowed a
    role, its mail goes to them.
    """
    belongs = belonging(session)
    rows = session.connection().execute(HELD, {"roles": list(roles), "on": on}).all()
    return list(dict.fromkeys(row.person_id for row in rows if organisation in belongs.covered(row.organisation, on)))


def queue(session: Session, template: str, people: Iterable[UUID], *, once: str, refs: Mapping[str, Any], at: datetime) -> int:
    """Queue one notice to each of *people*; *once* keeps the same one from being queued twice. Give how many were new."""
    return len(queue_all(session, [(f"{once}:{person}", template, person, refs) for person in people], at=at))


def queue_all(session: Session, wanted: Sequence[Wanted], *, at: datetime) -> dict[str, int]:
    """Queue the notices that are *wanted* and were not queued before; give the ids of the new ones by their once-keys."""
    rows = [
        {
            "once_key": once, "message_id": f"<{uuid5(NAMESPACE_URL, once)}@scrt-workflow>", "template": template,
            "person_id": None if isinstance(reader, int) else reader, "contact_id": reader if isinstance(reader, int) else None,
            "refs": dict(refs), "status": "queued", "attempt": 0, "next_try_at": at, "queued_at": at,
        }
        for once, template, reader, refs in wanted
    ]  # fmt: skip
    if not rows:
        return {}
    return {row.once_key: row.id for row in session.connection().execute(QUEUE[dialect_of(session)], rows)}
