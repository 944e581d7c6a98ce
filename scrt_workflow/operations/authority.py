"""Whom someone may manage: an administrator everyone, an ICB lead the people of that ICB; nobody themselves.

Here *actor* is None for the command line, whose user owns the service anyway.
"""

from datetime import date
from uuid import UUID

from sqlalchemy import Select, or_, select
from sqlalchemy.orm import Session

from scrt_workflow.actors import Actor, Held
from scrt_workflow.models import Membership, Person
from scrt_workflow.permissions import Permission, Role, may_give

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


def people_managed_by(actor: Actor) -> Select[Person]:
    """Select the people that *actor* may look at: all, or those who have or had a role in an ICB that they lead."""
    query = select(Person)
    roles = managing_roles(actor)
    if any(held.everywhere for held in roles):
        return query
    places = [held.organisation for held in roles]
    return query.where(Person.id.in_(select(Membership.person_id).where(Membership.organisation.in_(places))))


def find_managed(session: Session, actor: Actor, person_id: UUID) -> Person:
    """Find someone that *actor* may look at. Raises NoSuchPersonError."""
    person = session.scalars(people_managed_by(actor).where(Person.id == person_id)).one_or_none()
    if person is None:
        raise NoSuchPersonError("There is no such person.")
    return person


def may_grant(actor: Actor | None, person_id: UUID, role: Role, organisation: str) -> Held | None:
    """Give the role by which *actor* may give or end *role* in *organisation*. Raises PersonRefusedError."""
    if actor is None:
        return None
    if actor.person_id == person_id:
        raise PersonRefusedError(OWN)
    for held in managing_roles(actor):
        if may_give(held.role, given=role) and (held.everywhere or held.organisation == organisation):
            return held
    raise PersonRefusedError(NOT_YOURS)


def may_manage(session: Session, actor: Actor | None, person: Person, *, on: date) -> Held | None:
    """Give the role by which *actor* may disable *person*, or reset their password. Raises PersonRefusedError.

    Every role that the person holds on the day, or will hold, must be the actor's to give: else an ICB lead could take
    over an administrator's account.
    """
    if actor is None:
        return None
    if actor.person_id == person.id:
        raise PersonRefusedError(OWN)
    query = select(Membership.role, Membership.organisation).where(Membership.person_id == person.id)
    ever = session.execute(query).all()
    now = session.execute(query.where(or_(Membership.valid_to.is_(None), Membership.valid_to > on))).all()
    for held in managing_roles(actor):
        theirs = [may_give(held.role, given=Role(row.role)) and row.organisation == held.organisation for row in now or ever]
        if held.everywhere or (theirs and all(theirs)):
            return held
    raise PersonRefusedError(NOT_ALL_YOURS)
