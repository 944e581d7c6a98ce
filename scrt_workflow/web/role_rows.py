"""Roles as pages list them: what each is called, where it is held, and from when until when."""

from dataclasses import dataclass
from datetime import date, timedelta
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.orm import Session, aliased

from scrt_workflow.models import Membership, Organisation, Person
from scrt_workflow.permissions import ROLES, Role
from scrt_workflow.web.jinja import date_words

DAY = timedelta(days=1)


@dataclass(frozen=True, slots=True)
class RoleRow:
    """A role that someone holds, held or will hold; `last_day` is the last on which it is held, None for no end."""

    membership_id: UUID
    role: Role
    title: str
    organisation: str
    place: str
    valid_from: date
    last_day: date | None
    when: str
    lent_by: str = ""
    lent_to: tuple[str, ...] = ()

    @property
    def is_past(self) -> bool:
        """Whether it is held no more."""
        return self.when == "past"


def roles_of(session: Session, person_id: UUID, today: date) -> list[RoleRow]:
    """Give all roles of a person: those of today, then those to come, then those of the past."""
    lent_from = aliased(Membership)
    query = select(Membership, Organisation.name, Person.name.label("lender"))
    query = query.join(Organisation, Organisation.code == Membership.organisation)
    query = query.outerjoin(lent_from, lent_from.id == Membership.lent_from_id)
    query = query.outerjoin(Person, Person.id == lent_from.person_id).where(Membership.person_id == person_id)
    found, lent = session.execute(query).all(), _lent_of(session, person_id, today)
    rows = [_row(one, place, lender or "", tuple(lent.get(one.id, ())), today) for one, place, lender in found]
    kept = [row for row in rows if row.last_day is None or row.last_day >= row.valid_from]
    return sorted(kept, key=lambda row: (("now", "to come", "past").index(row.when), row.valid_from, row.title))


def _lent_of(session: Session, person_id: UUID, today: date) -> dict[UUID, list[str]]:
    """Say to whom roles of a person are or will be lent, and from when until when."""
    own, lent = aliased(Membership), aliased(Membership)
    query = select(own.id, Person.name, lent.valid_from, lent.valid_to).join(lent, lent.lent_from_id == own.id)
    query = query.join(Person, Person.id == lent.person_id).where(own.person_id == person_id, lent.valid_to > today)
    found: dict[UUID, list[str]] = {}
    for role, name, valid_from, valid_to in session.execute(query.order_by(lent.valid_from)):
        if valid_to and valid_to > valid_from:
            found.setdefault(role, []).append(f"Lent to {name} from {date_words(valid_from)} to {date_words(valid_to - DAY)}")
    return found


def _row(one: Membership, place: str, lender: str, lent_to: tuple[str, ...], today: date) -> RoleRow:
    role = Role(one.role)
    when = "now" if one.valid_from <= today else "to come"
    if one.valid_to is not None and one.valid_to <= today:
        when = "past"
    last_day = one.valid_to - DAY if one.valid_to else None
    return RoleRow(one.id, role, ROLES[role].title, one.organisation, place, one.valid_from, last_day, when, lender, lent_to)
