"""Contacts: who holds a post in an organisation from a day to a day, and is told things without being a user.

A post is held by one contact at a time. What befalls a contact is kept in the history of its organisation's contacts.
*actor* is who does it; None is the command line, whose user owns the service anyway.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import date, datetime
from typing import Any

from sqlalchemy import or_, select
from sqlalchemy.orm import Session

from scrt_workflow import catalogue
from scrt_workflow.actors import Actor, Held
from scrt_workflow.models import Contact, Organisation
from scrt_workflow.operations import history
from scrt_workflow.operations.authority import PersonRefusedError
from scrt_workflow.operations.organisations import belonging, exists_on, find_organisation
from scrt_workflow.operations.people import new_address
from scrt_workflow.permissions import Permission
from scrt_workflow.reference import POSTS
from scrt_workflow.working_days import local_date

NEAREST = ("icb", "region", "england")
"""Whose contact is told first, by the kind of organisation, where several have one."""


class NoSuchContactError(LookupError):
    """There is no such contact, or no such post."""


class ContactRefusedError(ValueError):
    """A contact may not be added or changed so; the message is the sentence to show."""


def posts_on(session: Session, day: date, *, ever: bool = False) -> dict[str, str]:
    """Give the posts that there are on a day, key to title; with *ever*, every post there was."""
    return catalogue.terms(session, POSTS, on=day, ever=ever)


def add_contact(
    session: Session, organisation: str, post: str, email: str, *, valid_from: date, valid_to: date | None = None,
    at: datetime, actor: Actor | None = None,
) -> Contact:  # fmt: skip
    """Let whoever reads *email* hold *post* in an organisation from a day, until the day before *valid_to* if there is one.

    Raises ContactRefusedError with the sentence to show: no such address, no such post or place then, or the post is held.
    """
    held = _may_manage(actor)
    place = _held_still(session, organisation)
    if post not in posts_on(session, valid_from):
        raise ContactRefusedError("There is no such post on that day. Choose another one, or a later day.")
    if place.kind not in NEAREST or not place.valid_from <= valid_from or (place.valid_to and place.valid_to <= valid_from):
        raise ContactRefusedError(f"{place.name} does not exist on that day.")
    if valid_to and valid_to <= valid_from:
        raise ContactRefusedError("The contact’s last day must not be before the first.")
    made = Contact(organisation=organisation, post=post, email=_address(email), valid_from=valid_from, valid_to=valid_to)
    if any(_overlap(made, other) for other in contacts_of(session, organisation) if other.post == post):
        raise ContactRefusedError("This post has a contact at that time already. Replace that contact, or choose other days.")
    session.add(made)
    session.flush()
    _record(session, made, "contact:added", {"email": made.email}, at=at, actor=actor, held=held)
    return made


def end_contact(session: Session, contact: Contact, *, on: date, at: datetime, actor: Actor | None = None) -> None:
    """End a contact: *on* is the first day on which they are told nothing. One who had not begun by then never was in post.

    Raises ContactRefusedError when the contact has ended already, or ends sooner than that.
    """
    held = _may_manage(actor)
    _held_still(session, contact.organisation)
    session.refresh(contact)
    before = contact.valid_to
    if before is not None and before <= max(local_date(at), contact.valid_from):
        raise ContactRefusedError("This contact has ended already.")
    if before is not None and on > before:
        raise ContactRefusedError("This contact ends sooner than that. Add another one from the day after the last day.")
    contact.valid_to = max(on, contact.valid_from)
    session.flush()
    was = before.isoformat() if before else None
    _record(session, contact, "contact:ended", {"was_to_end": was}, at=at, actor=actor, held=held)


def replace_contact(
    session: Session, contact: Contact, email: str, *, on: date, at: datetime, actor: Actor | None = None
) -> Contact:
    """Let *email* hold the post of *contact* from day *on*, to the day that *contact* had. Raises ContactRefusedError."""
    until = contact.valid_to
    if until is not None and until <= on:
        raise ContactRefusedError("This contact ends before that day. Add another one instead.")
    end_contact(session, contact, on=on, at=at, actor=actor)
    return add_contact(
        session, contact.organisation, contact.post, email, valid_from=on, valid_to=until, at=at, actor=actor
    )  # fmt: skip


def contacts_of(session: Session, organisation: str) -> list[Contact]:
    """Give every contact that an organisation has, had or will have, the oldest first; none that never was in post."""
    found = select(Contact).where(Contact.organisation == organisation)
    found = found.where(or_(Contact.valid_to.is_(None), Contact.valid_to > Contact.valid_from))
    return list(session.scalars(found.order_by(Contact.valid_from, Contact.id)))


def find_contact(session: Session, organisation: str, contact_id: int) -> Contact:
    """Find a contact of an organisation. Raises NoSuchContactError."""
    contact = session.get(Contact, contact_id)
    if contact is None or contact.organisation != organisation:
        raise NoSuchContactError
    return contact


class InPost:
    """Who holds which post on a day, looked up once for as many organisations as are asked for."""

    def __init__(self, session: Session, on: date) -> None:
        """Read the contacts of *on*, in organisations that exist then."""
        self.on, self._belonging = on, belonging(session)
        query = select(Contact, Organisation.kind).join(Organisation, Organisation.code == Contact.organisation)
        query = query.where(Contact.valid_from <= on, or_(Contact.valid_to.is_(None), Contact.valid_to > on), *exists_on(on))
        rows = [(contact, kind) for contact, kind in session.execute(query.order_by(Contact.id)) if kind in NEAREST]
        self._rows = sorted(rows, key=lambda row: NEAREST.index(row[1]))

    def of(self, post: str, organisation: str) -> Contact | None:
        """Give the contact of *post* for an organisation: its own, else its region's, else England's."""
        held = [contact for contact, _ in self._rows if contact.post == post]
        own = (contact for contact in held if contact.organisation == organisation)
        covering = (one for one in held if organisation in self._belonging.covered(one.organisation, self.on))
        return next(own, None) or next(covering, None)


def in_post(session: Session, posts: Iterable[str], organisation: str, *, on: date) -> dict[str, Contact | None]:
    """Give whoever holds each of *posts* for an organisation on a day; None for a post that has nobody."""
    found = InPost(session, on)
    return {post: found.of(post, organisation) for post in posts}


def _address(email: str) -> str:
    try:
        return new_address(email)
    except PersonRefusedError as error:
        raise ContactRefusedError(str(error)) from error


def _may_manage(actor: Actor | None) -> Held | None:
    """Give the role by which *actor* looks after contacts. Raises ContactRefusedError."""
    if actor is None:
        return None
    held = next((one for one in actor.held if one.may(Permission.ORGANISATION_MANAGE)), None)
    if held is None:
        raise ContactRefusedError("Your role does not let you change contacts. Ask an administrator.")
    return held


def _held_still(session: Session, organisation: str) -> Organisation:
    """Give an organisation, and let nobody else change its contacts until this unit of work is over."""
    session.execute(select(Organisation.code).where(Organisation.code == organisation).with_for_update())
    return find_organisation(session, organisation)


def _overlap(one: Contact, other: Contact) -> bool:
    never = date.max
    return one.valid_from < (other.valid_to or never) and other.valid_from < (one.valid_to or never)


def _record(
    session: Session,
    contact: Contact,
    kind: str,
    more: Mapping[str, Any],
    *,
    at: datetime,
    actor: Actor | None,
    held: Held | None,
) -> None:
    ends = contact.valid_to.isoformat() if contact.valid_to else None
    body = {"contact": contact.id, "post": contact.post, "from": contact.valid_from.isoformat(), "until": ends, **more}
    history.append(session, stream=stream_of(contact.organisation), kind=kind, body=body, at=at, actor=actor, held=held)


def stream_of(organisation: str) -> str:
    """Name the stream of events of an organisation's contacts."""
    return f"contacts:{organisation}"
