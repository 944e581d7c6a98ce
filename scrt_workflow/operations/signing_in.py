"""Signing in with e-mail address and password: limits on guesses, and what each try leaves behind (D11, D12).

A guess is reserved before the password is looked at, so that a burst of them finds no gap (finding 7). What is kept
names nobody: limits are counted under digests. One-time codes and single sign-on will be further methods.
"""

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from enum import StrEnum
from hashlib import sha256
from ipaddress import ip_address, ip_network
from uuid import UUID

from sqlalchemy import delete, select, update
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.orm import Session

from scrt_workflow.models import Attempt, Event, Person, WebSession
from scrt_workflow.operations.authority import PersonRefusedError
from scrt_workflow.operations.passwords import hash_password, is_outdated
from scrt_workflow.operations.people import email_key, record, stream_of

DEMO_PASSWORD = "one-review-all-the-way"  # noqa: S105 - everyone may know it: it opens invented reviews
TEMPORARY_FOR = timedelta(days=3)
CHANGED, RESET = "person:password-changed", "person:password-reset"
SET = (CHANGED, RESET)


class Method(StrEnum):
    """How someone signed in; kept with the session."""

    PASSWORD = "password"  # noqa: S105 - a name
    TEMPORARY_PASSWORD = "temporary-password"  # noqa: S105 - a name; it opens the page that changes it, and no other


@dataclass(frozen=True, slots=True)
class Limit:
    """At most *most* guesses in *seconds*, counted over this stretch of time and the one before it."""

    name: str
    most: int
    seconds: int


# None is for an account alone, which would let strangers lock its owner out (AN3); each is open again in ten minutes.
ACCOUNT_FROM_A_NETWORK = Limit("account", 10, 300)
NETWORK = Limit("network", 100, 300)
EVERYONE = Limit("everyone", 1000, 300)


class TooManyGuessesError(Exception):
    """There were too many guesses for this account or at all; wait before the next."""

    def __init__(self) -> None:
        """Say what to do. It is the same for an account that does not exist (AN4)."""
        super().__init__("There were too many attempts to sign in. Wait 10 minutes, then try again.")


def reserve_guess(session: Session, email: str, *, address: str, at: datetime) -> list[tuple[str, datetime]]:
    """Reserve a guess at *email* from the network of *address*, before the password is looked at.

    Returns what to give back when the guess is right. Raises TooManyGuessesError. *at* is the real time.
    """
    account, network = _digest(_key(email)), _digest(_network(address))
    keys = [(ACCOUNT_FROM_A_NETWORK, f"{account}:{network}"), (NETWORK, network), (EVERYONE, "")]
    return [_reserve(session, limit, f"sign-in:{limit.name}:{key}", at) for limit, key in keys]


def _reserve(session: Session, limit: Limit, key: str, at: datetime) -> tuple[str, datetime]:
    window = datetime.fromtimestamp(at.timestamp() // limit.seconds * limit.seconds, UTC)
    before = (Attempt.key == key) & (Attempt.window == window - timedelta(seconds=limit.seconds))
    left = limit.most - (session.execute(select(Attempt.n).where(before)).scalar_one_or_none() or 0)
    make = postgresql.insert if session.get_bind().dialect.name == "postgresql" else sqlite.insert
    counted = make(Attempt).values(key=key, window=window, n=1)
    counted = counted.on_conflict_do_update(index_elements=["key", "window"], set_={"n": Attempt.n + 1}, where=Attempt.n < left)
    if left < 1 or session.execute(counted.returning(Attempt.n)).scalar_one_or_none() is None:
        raise TooManyGuessesError
    return key, window


def give_back(session: Session, reserved: list[tuple[str, datetime]]) -> None:
    """Give back what a right guess had reserved, so that signing in often costs nothing."""
    for key, window in reserved:
        mine = (Attempt.key == key) & (Attempt.window == window)
        session.execute(update(Attempt).where(mine).values(n=Attempt.n - 1))


def find_account(session: Session, email: str) -> Person | None:
    """Find the account that *email* may sign in to, if there is one and it is not disabled."""
    query = select(Person).where(Person.email_key == _key(email), Person.disabled_at.is_(None))
    return session.scalars(query).one_or_none()


def signed_in(session: Session, person: Person, password: str, *, kept: str | None, at: datetime) -> Method | None:
    """Record that *person* signed in with the right *password*, and say how. *at* is service time.

    None when they may not after all: the password is a temporary one that is too old, or *kept*, which it was compared
    with, is not their password any more.
    """
    if person.disabled_at is not None or person.password_hash is None or person.password_hash != kept:
        return None
    query = select(Event.kind, Event.recorded_at).where(Event.stream == stream_of(person.id), Event.kind.in_(SET))
    newest = session.execute(query.order_by(Event.seq.desc()).limit(1)).one_or_none()
    is_temporary = newest is not None and newest.kind == RESET
    if is_temporary and newest and at - newest.recorded_at > TEMPORARY_FOR:
        return None
    if is_outdated(person.password_hash):
        person.password_hash = hash_password(password)
    method = Method.TEMPORARY_PASSWORD if is_temporary else Method.PASSWORD
    record(session, person, "person:signed-in", {"method": method.value}, at=at)
    return method


def failed_to_sign_in(session: Session, person: Person | None, *, at: datetime) -> None:
    """Record a wrong password, if it was for anyone."""
    if person is not None:
        record(session, person, "person:sign-in-failed", {}, at=at)


def signed_out(session: Session, person_id: UUID, *, at: datetime) -> None:
    """Record that someone signed out."""
    record(session, session.get_one(Person, person_id), "person:signed-out", {}, at=at)


def forget_old(session: Session, *, before: datetime) -> None:
    """Forget the sessions and the counted guesses of before a moment, in real time."""
    session.execute(delete(WebSession).where(WebSession.last_seen_at < before))
    session.execute(delete(Attempt).where(Attempt.window < before))


def _key(email: str) -> str:
    """Give *email* as accounts are found by it, and guesses counted; empty for what can be nobody's."""
    try:
        return email_key(email)
    except PersonRefusedError:
        return ""


def _digest(text: str) -> str:
    return sha256(text.encode(errors="replace")).hexdigest()[:32]


def _network(address: str) -> str:
    """Give the network that *address* lies in, as one household or office has it; empty when it is none."""
    try:
        length = 24 if ip_address(address).version == 4 else 64
        return str(ip_network(f"{address}/{length}", strict=False))
    except ValueError:
        return ""
