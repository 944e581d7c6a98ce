"""Signing in with e-mail address and password, and what each try leaves behind. `guessing` says how often one may try.

One-time codes and single sign-on will be further methods.
"""

from datetime import datetime, timedelta
from enum import StrEnum
from uuid import UUID

from sqlalchemy import delete, select
from sqlalchemy.orm import Session

from scrt_workflow.models import Event, Person, WebSession
from scrt_workflow.operations import guessing
from scrt_workflow.operations.authority import PersonRefusedError
from scrt_workflow.operations.passwords import hash_password, is_outdated
from scrt_workflow.operations.people import email_key, record, stream_of

DEMO_PASSWORD = "one-review-all-the-way"  # noqa: S105 - everyone may know it: it opens invented reviews
TEMPORARY_FOR = timedelta(days=3)
CHANGED, RESET = "person:password-changed", "person:password-reset"
SET = (CHANGED, RESET)
WRONG = "The e-mail address or the password is wrong."
TOO_OLD = "This temporary password is more than three days old. Ask whoever gave it to you for a new one."


class Method(StrEnum):
    """How someone signed in; kept with the session."""

    PASSWORD = "password"  # noqa: S105 - a name
    TEMPORARY_PASSWORD = "temporary-password"  # noqa: S105 - a name; it opens the page that changes it, and no other


class SignInRefusedError(Exception):
    """The sign-in is refused; the message is the sentence to show."""


def find_account(session: Session, email: str) -> Person | None:
    """Find the account that *email* may sign in to, if there is one and it is not disabled."""
    try:
        key = email_key(email)
    except PersonRefusedError:
        return None
    return session.scalars(select(Person).where(Person.email_key == key, Person.disabled_at.is_(None))).one_or_none()


def signed_in(session: Session, person: Person, password: str, *, kept: str | None, at: datetime) -> Method:
    """Record that *person* signed in with the right *password*, and say how. *at* is service time.

    Raises SignInRefusedError when they may not after all: the password is a temporary one that is too old, or *kept*, which
    it was compared with, is not their password any more.
    """
    if person.disabled_at is not None or person.password_hash is None or person.password_hash != kept:
        raise SignInRefusedError(WRONG)
    query = select(Event.kind, Event.recorded_at).where(Event.stream == stream_of(person.id), Event.kind.in_(SET))
    newest = session.execute(query.order_by(Event.seq.desc()).limit(1)).one_or_none()
    is_temporary = newest is not None and newest.kind == RESET
    if is_temporary and newest and at - newest.recorded_at > TEMPORARY_FOR:
        raise SignInRefusedError(TOO_OLD)
    if is_outdated(person.password_hash):
        person.password_hash = hash_password(password)
    method = Method.TEMPORARY_PASSWORD if is_temporary else Method.PASSWORD
    record(session, person, "person:signed-in", {"method": method.value}, at=at)
    return method


def failed_to_sign_in(session: Session, person: Person | None, *, at: datetime, real_at: datetime) -> None:
    """Record a wrong password; for an account that does not exist, write as much that says nothing, to take as long (AN4)."""
    if person is not None:
        record(session, person, "person:sign-in-failed", {}, at=at)
    else:
        guessing.count_for_nobody(session, at=real_at)


def signed_out(session: Session, person_id: UUID, *, at: datetime) -> None:
    """Record that someone signed out."""
    record(session, session.get_one(Person, person_id), "person:signed-out", {}, at=at)


def forget_old(session: Session, *, before: datetime) -> None:
    """Forget the sessions and the counted guesses of before a moment, in real time."""
    session.execute(delete(WebSession).where(WebSession.last_seen_at < before))
    guessing.forget_before(session, before)
