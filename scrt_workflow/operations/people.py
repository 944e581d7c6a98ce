"""People and the roles that they hold. Whatever changes someone's rights ends their sessions at once (SE1, AZ5).

*actor* is who does it; None is the command line, whose user owns the service anyway.
"""

import re
from collections.abc import Mapping
from datetime import date, datetime
from typing import Any
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.orm import Session

from scrt_workflow.actors import Actor, Held
from scrt_workflow.models import Membership, Person
from scrt_workflow.operations import guessing, history, notices
from scrt_workflow.operations.authority import NoSuchPersonError, PersonRefusedError, may_grant, may_manage
from scrt_workflow.operations.organisations import find_organisation
from scrt_workflow.operations.passwords import hash_password, new_temporary_password, refuse_weak
from scrt_workflow.operations.sessions import find_actor
from scrt_workflow.permissions import ROLES, Role, may_sit_in
from scrt_workflow.text_rules import LONGEST_LINE, TextRefusedError, clean, is_address
from scrt_workflow.working_days import local_date

ACCOUNT_CHANGED = "account_changed"
"""The template of the letter that says what was done to an account."""
NO_ADDRESS = "Enter an e-mail address in the usual form, like name@example.nhs.uk."
E_MAIL = re.compile(r"[^@\s,;:<>()\"]{1,64}@[^@\s,;:<>()\"]+\.[^@\s,;:<>()\".]{2,}")


def actor_of(session: Session, person_id: UUID, *, on: date) -> Actor:
    """Give someone as an actor, with the roles that they hold on a day in organisations that exist then.

    A disabled person holds none. Raises NoSuchPersonError.
    """
    session.flush()
    actor = find_actor(session, person_id, on=on)
    if actor is None:
        raise NoSuchPersonError("There is no such person.")
    return actor


def email_key(email: str) -> str:
    """Give *email* as accounts are found by it. Raises PersonRefusedError for what is no e-mail address."""
    try:
        key = clean(email, max_length=LONGEST_LINE, one_line=True).casefold()
    except TextRefusedError as error:
        raise PersonRefusedError(str(error)) from error
    if not E_MAIL.fullmatch(key):
        raise PersonRefusedError(NO_ADDRESS)
    return key


def new_address(email: str) -> str:
    """Give the key of an address to which e-mails are to go from now on. Raises PersonRefusedError where no server takes them."""
    if not is_address(key := email_key(email)):
        raise PersonRefusedError(NO_ADDRESS)
    return key


def find_person(session: Session, email: str) -> Person:
    """Find someone by e-mail address, however it is written. Raises NoSuchPersonError."""
    person = session.scalars(select(Person).where(Person.email_key == email.strip().casefold())).one_or_none()
    if person is None:
        raise NoSuchPersonError(f"Nobody has the e-mail address '{email.strip()}'.")
    return person


def add_person(
    session: Session, *, email: str, name: str, at: datetime, actor: Actor | None = None, held: Held | None = None
) -> Person:
    """Add someone, who can sign in once they have a password, and see something once they have a role.

    Raises PersonRefusedError when the e-mail address is taken or either text may not be kept.
    """
    key = new_address(email)
    if session.scalars(select(Person.id).where(Person.email_key == key)).one_or_none():
        raise PersonRefusedError("Someone with this e-mail address has an account already.")
    try:
        person = Person(email_key=key, name=clean(name, max_length=LONGEST_LINE, one_line=True))
    except TextRefusedError as error:
        raise PersonRefusedError(str(error)) from error
    if not person.name:
        raise PersonRefusedError("Enter the person's name.")
    session.add(person)
    session.flush()
    record(session, person, "person:added", {"name": person.name, "email": key}, at=at, actor=actor, held=held)
    return person


def disable_person(session: Session, person: Person, *, at: datetime, actor: Actor | None = None) -> None:
    """Let someone sign in no longer; their sessions end and their roles rest."""
    held = may_manage(session, actor, person)
    if person.disabled_at is None:
        person.disabled_at = at
        end_sessions(session, person)
        _tell(session, person, record(session, person, "person:disabled", {}, at=at, actor=actor, held=held))


def enable_person(session: Session, person: Person, *, at: datetime, actor: Actor | None = None) -> None:
    """Let someone who was disabled sign in again, with the roles that they still hold."""
    held = may_manage(session, actor, person)
    if person.disabled_at is not None:
        person.disabled_at = None
        _tell(session, person, record(session, person, "person:enabled", {}, at=at, actor=actor, held=held))


def grant_role(  # noqa: PLR0913 - a role has that many facts, each named
    session: Session,
    person: Person,
    role: Role,
    organisation: str,
    *,
    valid_from: date,
    valid_to: date | None = None,
    at: datetime,
    actor: Actor | None = None,
    lent_from: Membership | None = None,
) -> Membership:
    """Let *person* hold *role* for *organisation* from a day, until the day before *valid_to* if there is one.

    *lent_from* is whose it is, where it is lent (`operations.lending`).

    Raises PersonRefusedError with the sentence to show: not the actor's to give, not for such an organisation, or held
    already in that time.
    """
    lock(session, person)
    held = may_grant(session, actor, person, role, organisation, on=local_date(at))
    place = find_organisation(session, organisation)
    if not may_sit_in(role, place.kind):
        raise PersonRefusedError(f"{place.name} has no {ROLES[role].title}. Choose another organisation for this role.")
    if not place.valid_from <= valid_from or (place.valid_to and place.valid_to <= valid_from):
        raise PersonRefusedError(f"{place.name} does not exist on that day.")
    if valid_to and valid_to <= valid_from:
        raise PersonRefusedError("The role must end after it starts.")
    granted = Membership(person_id=person.id, role=role.value, organisation=organisation, valid_from=valid_from)
    granted.valid_to = valid_to
    others = _same_role(session, granted)
    if any(_overlap(granted, other) for other in others):
        raise PersonRefusedError("This person has that role already at that time. End it first, or choose other dates.")
    if never_held := next((other for other in others if other.valid_from == valid_from), None):
        granted, never_held.valid_to = never_held, valid_to
    granted.granted_by_id = actor.person_id if actor else None
    granted.lent_from_id = lent_from.id if lent_from else None
    session.add(granted)
    session.flush()
    end_sessions(session, person)
    _tell(session, person, record(session, person, "person:role-granted", _facts(granted), at=at, actor=actor, held=held))
    return granted


def end_role(session: Session, membership: Membership, *, on: date, at: datetime, actor: Actor | None = None) -> None:
    """End a role: *on* is the first day on which it is not held; a role that had not begun by then was never held.

    A role's end only ever comes nearer: what is to go on is given again, and so looked at again. What of it is lent ends with it.
    Raises PersonRefusedError.
    """
    person = session.get_one(Person, membership.person_id)
    lock(session, person)
    session.refresh(membership)
    held = may_grant(session, actor, person, Role(membership.role), membership.organisation, on=local_date(at))
    before = membership.valid_to
    if before is not None and before <= max(local_date(at), membership.valid_from):
        raise PersonRefusedError("This role has ended already.")
    if before is not None and on > before:
        raise PersonRefusedError(
            "This role ends sooner than that. To let it go on, give it again from the day after its last day."
        )
    _end(session, person, membership, on=on, at=at, actor=actor, held=held)
    lent = select(Membership).where(Membership.lent_from_id == membership.id, Membership.valid_to > membership.valid_to)
    for one in session.scalars(lent).all():
        _end(session, session.get_one(Person, one.person_id), one, on=on, at=at, actor=actor, held=held)


def _end(
    session: Session, person: Person, membership: Membership, *, on: date, at: datetime, actor: Actor | None, held: Held | None
) -> None:
    before, membership.valid_to = membership.valid_to, max(on, membership.valid_from)
    session.flush()
    end_sessions(session, person)
    body = {**_facts(membership), "was_to_end": before.isoformat() if before else None}
    _tell(session, person, record(session, person, "person:role-ended", body, at=at, actor=actor, held=held))


def _same_role(session: Session, like: Membership) -> list[Membership]:
    mine = select(Membership).where(Membership.person_id == like.person_id, Membership.role == like.role)
    return list(session.scalars(mine.where(Membership.organisation == like.organisation)))


def _overlap(one: Membership, other: Membership) -> bool:
    never = date.max
    is_held = other.valid_to is None or other.valid_to > other.valid_from
    return is_held and one.valid_from < (other.valid_to or never) and other.valid_from < (one.valid_to or never)


def _facts(membership: Membership) -> dict[str, Any]:
    ends = membership.valid_to.isoformat() if membership.valid_to else None
    starts = membership.valid_from.isoformat()
    return {"role": membership.role, "organisation": membership.organisation, "from": starts, "until": ends}


def set_password(session: Session, person: Person, password: str, *, at: datetime, actor: Actor | None = None) -> None:
    """Set the password that *person* chose; every session of theirs ends. Raises WeakPasswordError."""
    refuse_weak(password, about=f"{person.name} {person.email_key}")
    keep_password(session, person, hash_password(password))
    record(session, person, "person:password-changed", {}, at=at, actor=actor)


def reset_password(session: Session, person: Person, *, at: datetime, actor: Actor | None = None) -> str:
    """Give *person* a temporary password, and return it to be handed over. Nobody chooses it for them (ASVS 6.4.6)."""
    held = may_manage(session, actor, person)
    password, had_one = new_temporary_password(), person.password_hash is not None
    keep_password(session, person, hash_password(password))
    guessing.forget_guesses_at(session, person.email_key)
    event = record(session, person, "person:password-reset", {}, at=at, actor=actor, held=held)
    if had_one:
        _tell(session, person, event)
    return password


def keep_password(session: Session, person: Person, kept: str) -> None:
    """Keep the hash *kept* as the password of *person*, and end their sessions."""
    person.password_hash = kept
    end_sessions(session, person)


def end_sessions(session: Session, person: Person) -> None:
    """End every session of *person*, on every worker, with their next request."""
    session.refresh(person, ["session_epoch"], with_for_update=True)
    person.session_epoch += 1
    session.flush()


def ensure_role(session: Session, email: str, role: Role, organisation: str, *, valid_from: date, at: datetime) -> Person:
    """Give whoever has *email*, added if nobody has; they hold *role* from *valid_from* on at the latest."""
    try:
        person = find_person(session, email)
    except NoSuchPersonError:
        person = add_person(session, email=email, name=email.partition("@")[0], at=at)
    held = _same_role(session, Membership(person_id=person.id, role=role.value, organisation=organisation))
    if not any(one.valid_from <= valid_from and one.valid_to is None for one in held):
        ends = min((one.valid_from for one in held if one.valid_from > valid_from), default=None)
        grant_role(session, person, role, organisation, valid_from=valid_from, valid_to=ends, at=at)
    return person


def _tell(session: Session, person: Person, event: history.Appended) -> None:
    """Let *person* know what was done to their account, so that nobody acts in their name unseen.

    Someone who has no password yet was never here: whoever adds them tells them.
    """
    if person.password_hash is not None:
        refs = {"person": str(person.id), "seq": event.seq}
        notices.queue(session, ACCOUNT_CHANGED, [person.id], once=f"{event.stream}:{event.seq}", refs=refs, at=event.recorded_at)


def record(
    session: Session,
    person: Person,
    kind: str,
    body: Mapping[str, Any],
    *,
    at: datetime,
    actor: Actor | None = None,
    held: Held | None = None,
) -> history.Appended:
    """Append to the history of *person*; two writers of it wait for each other."""
    lock(session, person)
    return history.append(session, stream=stream_of(person.id), kind=kind, body=body, at=at, actor=actor, held=held)


def lock(session: Session, person: Person) -> None:
    """Let nobody else change *person*, or their roles, until this unit of work is over."""
    session.execute(select(Person.id).where(Person.id == person.id).with_for_update())


def stream_of(person_id: UUID) -> str:
    """Name the stream of events of a person."""
    return f"person:{person_id}"
