"""Finding the session that a browser's cookie names, and who it is, in one question to the database.

Every request asks it, so the statement is made once, and asked past the ORM.
"""

from dataclasses import dataclass
from datetime import date, datetime
from typing import Any
from uuid import UUID

from sqlalchemy import and_, bindparam, or_, select
from sqlalchemy.orm import Session

from scrt_workflow.actors import Actor, Held
from scrt_workflow.models import Membership, Organisation, Person, ServiceSetting, WebSession
from scrt_workflow.operations.organisations import REVISION, belonging
from scrt_workflow.permissions import Role
from scrt_workflow.reference import ENGLAND

_on = bindparam("on", type_=Membership.valid_from.type)
_held = and_(
    Membership.person_id == Person.id,
    Membership.valid_from <= _on,
    or_(Membership.valid_to.is_(None), Membership.valid_to > _on),
    Organisation.valid_from <= _on,
    or_(Organisation.valid_to.is_(None), Organisation.valid_to > _on),
)
_who = (
    Person.id,
    Person.name,
    Person.email_key,
    Person.disabled_at,
    Person.session_epoch,
    Membership.id.label("membership_id"),
    Membership.role,
    Membership.organisation,
    select(ServiceSetting.value).where(ServiceSetting.key == REVISION).scalar_subquery().label("revision"),
)
_roles = Membership.__table__.join(Organisation.__table__, Organisation.code == Membership.organisation)
_in_order = (Membership.valid_from, Membership.id)
_session = (
    WebSession.person_id,
    WebSession.epoch,
    WebSession.created_at,
    WebSession.last_seen_at,
    WebSession.method,
    WebSession.body,
)
SESSION = (
    select(*_session, *_who)
    .outerjoin_from(WebSession, Person, Person.id == WebSession.person_id)
    .outerjoin(_roles, _held)
    .where(WebSession.id_hash == bindparam("id_hash"))
    .order_by(*_in_order)
)
PERSON = select(*_who).outerjoin_from(Person, _roles, _held).where(Person.id == bindparam("person_id")).order_by(*_in_order)


@dataclass(frozen=True, slots=True)
class Found:
    """A session as the database knows it; *actor* is its person with the roles of today, if it has one."""

    person_id: UUID | None
    epoch: int | None
    created_at: datetime
    last_seen_at: datetime
    method: str
    body: dict[str, Any]
    person_epoch: int | None
    actor: Actor | None

    @property
    def is_persons_own(self) -> bool:
        """Whether nothing has ended it: no change of rights or password, no disabling."""
        return self.actor is not None and self.epoch == self.person_epoch


def find_session(session: Session, id_hash: str, *, on: date) -> Found | None:
    """Find a session by the hash of its id, with the roles that its person holds on a day."""
    rows = session.connection().execute(SESSION, {"id_hash": id_hash, "on": on}).all()
    if not rows:
        return None
    one = rows[0]
    actor = actor_from(session, rows, on) if one.id is not None and one.disabled_at is None else None
    return Found(one.person_id, one.epoch, one.created_at, one.last_seen_at, one.method or "", one.body, one.session_epoch, actor)


def find_actor(session: Session, person_id: UUID, *, on: date) -> Actor | None:
    """Find someone as an actor, with the roles that they hold on a day; a disabled person holds none."""
    rows = session.connection().execute(PERSON, {"person_id": person_id, "on": on}).all()
    return actor_from(session, rows, on) if rows else None


def actor_from(session: Session, rows: Any, on: date) -> Actor:
    """Make an actor of the *rows* of one person, each with one role or none."""
    one = rows[0]
    held = [row for row in rows if row.membership_id is not None and row.disabled_at is None]
    belongs = belonging(session, one.revision) if held else None
    return Actor(
        one.id,
        one.name,
        one.email_key,
        tuple(
            Held(
                row.membership_id,
                Role(row.role),
                row.organisation,
                row.organisation == ENGLAND,
                belongs.covered(row.organisation, on) if belongs else frozenset(),
            )
            for row in held
        ),
    )
