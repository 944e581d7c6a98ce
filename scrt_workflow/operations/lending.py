"""Lending a role for a time, such as while somebody is away: its mail goes to whoever holds it then.

The one who borrows acts in their own name, so nobody gives two of the approvals that two people must give.
"""

from __future__ import annotations

from datetime import date, datetime

from sqlalchemy.orm import Session

from scrt_workflow.actors import Actor
from scrt_workflow.models import Membership, Person
from scrt_workflow.operations.authority import PersonRefusedError
from scrt_workflow.operations.people import grant_role, lock
from scrt_workflow.permissions import Role
from scrt_workflow.working_days import local_date

OWN_ROLE = "This is their own role. Lend it to somebody else."
LENT_ON = "A role that is lent cannot be lent on. Lend it from whoever it belongs to."
NOT_THERE = "This person’s account is disabled, so nobody would stand in. Choose somebody else, or have it enabled first."
PAST = "These days are over. Choose a last day that is today or later."
NOT_HELD = "A role can only be lent for days on which it is held. Choose other dates."


def lend_role(
    session: Session, role: Membership, to: Person, *, valid_from: date, valid_to: date, at: datetime, actor: Actor | None = None
) -> Membership:
    """Let *to* hold somebody else's *role* from a day until the day before *valid_to*.

    Raises PersonRefusedError with the sentence to show, also where the role is not the actor's to give.
    """
    if role.person_id == to.id:
        raise PersonRefusedError(OWN_ROLE)
    if to.disabled_at is not None:
        raise PersonRefusedError(NOT_THERE)
    lock(session, session.get_one(Person, role.person_id))
    session.refresh(role)  # it may have been ended since it was read
    if role.lent_from_id is not None:
        raise PersonRefusedError(LENT_ON)
    if valid_from < role.valid_from or (role.valid_to is not None and role.valid_to < valid_to):
        raise PersonRefusedError(NOT_HELD)
    if valid_to <= local_date(at):
        raise PersonRefusedError(PAST)
    return grant_role(
        session, to, Role(role.role), role.organisation, valid_from=valid_from, valid_to=valid_to, at=at, actor=actor,
        lent_from=role,
    )  # fmt: skip
