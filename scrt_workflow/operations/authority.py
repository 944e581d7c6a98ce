"""Whom someone may manage: an administrator everyone; an ICB lead whoever holds, now and later, only roles that are the lead's.

Those are the roles that an ICB lead may give, in the lead's own ICB: so no lead reaches the account of somebody who approves,
or who belongs elsewhere too. Nobody manages themselves. Here *actor* is None for the command line, whose user owns the service
anyway.
"""

from __future__ import annotations

from datetime import date
from uuid import UUID

from sqlalchemy import ColumnElement, Select, and_, exists, false, or_, select
from sqlalchemy.orm import Session

from scrt_workflow.actors import Actor, Held
from scrt_workflow.models import Membership, Person
from scrt_workflow.permissions import MAY_GIVE, Permission, Role, may_give

OWN = "Someone else must do this: nobody changes their own account or roles."
NOT_YOURS = "Your role does not let you give or end this role."
NOT_ALL_YOURS = "This person also has roles that are not yours to manage. Ask an administrator."


class NoSuchPersonError(LookupError):
    """There is no such person, or no such role of theirs, for this actor to look at."""


class PersonRefusedError(ValueError):
    """A person or a role may not be changed so; the message is the sentence to show."""


def managing_roles(actor: Actor) -> list[Held]:
    """Give the roles by which *actor* manages people."""
    return [held for held in actor.held if held.may(Permission.PERSON_MANAGE)]


def places_managed_by(actor: Actor) -> frozenset[str] | None:
    """Give the organisations whose people *actor* manages; None for everybody's."""
    roles = managing_roles(actor)
    return None if any(held.everywhere for held in roles) else frozenset(held.organisation for held in roles)


def people_managed_by(actor: Actor, *, on: date) -> Select[Person]:
    """Select the people that *actor* may look at on a day.

    That is everyone; or those who have or had a role that is the actor's to give, and have none that is not.
    """
    if places_managed_by(actor) is None:
        return select(Person)
    is_theirs = or_(false(), *(_may_give_in_sql(held) for held in managing_roles(actor)))
    is_of_them = Membership.person_id == Person.id
    return select(Person).where(
        exists().where(is_of_them, is_theirs), ~exists().where(is_of_them, _is_to_be_held(on), ~is_theirs)
    )


def _may_give_in_sql(held: Held) -> ColumnElement[bool]:
    return and_(Membership.organisation == held.organisation, Membership.role.in_(sorted(MAY_GIVE[held.role])))


def _is_to_be_held(on: date) -> ColumnElement[bool]:
    """Say in SQL that a role is held on a day or will be; one whose end was set before its beginning never is."""
    return or_(Membership.valid_to.is_(None), and_(Membership.valid_to > on, Membership.valid_to > Membership.valid_from))


def find_managed(session: Session, actor: Actor, person_id: UUID, *, on: date) -> Person:
    """Find someone that *actor* may look at on a day. Raises NoSuchPersonError."""
    person = session.scalars(people_managed_by(actor, on=on).where(Person.id == person_id)).one_or_none()
    if person is None:
        raise NoSuchPersonError("There is no such person.")
    return person


def may_grant(session: Session, actor: Actor | None, person: Person, role: str, organisation: str, *, on: date) -> Held | None:
    """Give the role by which *actor* may give *person* a *role* in *organisation*, or end it. Raises PersonRefusedError.

    Every other role that the person holds on the day, or will hold, must be the actor's to give too: whoever gives or ends a
    role signs the person out, and sees what becomes of them.
    """
    if actor is None:
        return None
    if actor.person_id == person.id:
        raise PersonRefusedError(OWN)
    using = _giving(actor, role, organisation)
    if using is None:
        raise PersonRefusedError(NOT_YOURS)
    if any(_giving(actor, *row) is None for row in _roles_of(session, person, on=on)):
        raise PersonRefusedError(
            f"Ask an administrator to give this person the role: {person.email_key} has an account that is not yours to manage."
        )
    return using


def may_manage(session: Session, actor: Actor | None, person: Person) -> Held | None:
    """Give the role by which *actor* may disable *person*, or reset their password. Raises PersonRefusedError.

    Every role that the person ever held must be the actor's to give: what they have typed is theirs in each of those places, so
    that whoever moves from one ICB to another turns to an administrator.
    """
    if actor is None:
        return None
    if actor.person_id == person.id:
        raise PersonRefusedError(OWN)
    if everywhere := next((held for held in managing_roles(actor) if held.everywhere), None):
        return everywhere
    using = [_giving(actor, *row) for row in _roles_of(session, person)]
    if not using or None in using:
        raise PersonRefusedError(NOT_ALL_YOURS)
    return using[0]


def _giving(actor: Actor, role: str, organisation: str) -> Held | None:
    """Give the role by which *actor* gives others *role* in *organisation*, if there is one."""
    for held in managing_roles(actor):
        if may_give(held.role, given=Role(role)) and (held.everywhere or held.organisation == organisation):
            return held
    return None


def _roles_of(session: Session, person: Person, *, on: date | None = None) -> list[tuple[str, str]]:
    """Give the roles, with their organisations, that *person* holds on a day or will hold; without a day, ever held."""
    query = select(Membership.role, Membership.organisation).where(Membership.person_id == person.id)
    rows = session.execute(query if on is None else query.where(_is_to_be_held(on)))
    return [(row.role, row.organisation) for row in rows]
