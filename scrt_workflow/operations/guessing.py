"""Limits on guessing passwords (D12). A guess is reserved before the password is looked at, so a burst finds no gap (finding 7).

Three counts, each over five minutes and the five before; a right password takes nothing from any of them, and what is kept names
nobody.

- Of an account from one network: at most 10 wrong guesses (AN2). Only this one refuses by itself.
- Of a network at all accounts, and of an account from all networks: past 100, who has guessed wrongly at that account from that
  network already is refused too. The first try is let through, since strangers' failures must keep nobody out (AN3).

So in five minutes somebody can try 10 passwords of one account from one network; from one network, about 100 at all accounts and
then one each; at one account, about 100 and then one from each further network. They can also keep out, while they go on and ten
minutes longer, whoever shares their network and owns an account that they guess at: that person gets in from another network, or
with a temporary password, since a reset forgets the guesses. They can keep out nobody else who types the right password, however
many they guess. One guess from each of many networks is hopeless at passwords of 15 characters and more, none of them common.
"""

from contextlib import suppress
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from hashlib import sha256
from ipaddress import ip_address, ip_network

from sqlalchemy import delete, select, update
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.orm import Session

from scrt_workflow.models import Attempt
from scrt_workflow.text_rules import LONGEST_LINE, TextRefusedError, clean


@dataclass(frozen=True, slots=True)
class Limit:
    """At most *most* wrong guesses in *seconds*, counted over this stretch of time and the one before it."""

    name: str
    most: int
    seconds: int = 300


ACCOUNT_FROM_A_NETWORK = Limit("account", 10)
NETWORK = Limit("network", 100)
ACCOUNT_FROM_ANYWHERE = Limit("anywhere", 100)
NOBODY = Limit("nobody", 2**30)  # no limit: a row to be written


@dataclass(frozen=True, slots=True)
class Reserved:
    """One guess that was counted; `is_first` when nothing else was in its time."""

    key: str
    window: datetime
    is_first: bool


class TooManyGuessesError(Exception):
    """There were too many guesses at this account; wait before the next."""

    def __init__(self) -> None:
        """Say what to do. It is the same for an account that does not exist (AN4)."""
        super().__init__("There were too many attempts to sign in. Wait 10 minutes, then try again.")


def reserve_guess(session: Session, email: str, *, address: str, at: datetime) -> list[Reserved]:
    """Reserve a guess at *email* from the network of *address*, before the password is looked at.

    Returns what to give back when the guess is right. Raises TooManyGuessesError. *at* is the real time.
    """
    account, network = _account(email), _digest(_network(address))
    here = _reserve(session, ACCOUNT_FROM_A_NETWORK, f"{account}:{network}", at)
    if here is None:
        raise TooManyGuessesError
    wider = [_reserve(session, NETWORK, network, at), _reserve(session, ACCOUNT_FROM_ANYWHERE, account, at)]
    if None in wider and not here.is_first:
        raise TooManyGuessesError
    return [here, *(one for one in wider if one is not None)]


def _reserve(session: Session, limit: Limit, key: str, at: datetime) -> Reserved | None:
    """Count one more under *key*, unless there are as many as may be."""
    key = _key(limit, key)
    window = datetime.fromtimestamp(at.timestamp() // limit.seconds * limit.seconds, UTC)
    before = (Attempt.key == key) & (Attempt.window == window - timedelta(seconds=limit.seconds))
    left = limit.most - (session.execute(select(Attempt.n).where(before)).scalar_one_or_none() or 0)
    make = postgresql.insert if session.get_bind().dialect.name == "postgresql" else sqlite.insert
    counted = make(Attempt).values(key=key, window=window, n=1)
    counted = counted.on_conflict_do_update(index_elements=["key", "window"], set_={"n": Attempt.n + 1}, where=Attempt.n < left)
    n = session.execute(counted.returning(Attempt.n)).scalar_one_or_none() if left > 0 else None
    return None if n is None else Reserved(key, window, is_first=n == 1 and left == limit.most)


def count_for_nobody(session: Session, *, at: datetime) -> None:
    """Count a guess at an account that does not exist: under no name, so that a stranger can fill nothing with it."""
    _reserve(session, NOBODY, "", at)


def give_back(session: Session, reserved: list[Reserved]) -> None:
    """Give back what a right guess had reserved, so that signing in often costs nothing."""
    for one in reserved:
        mine = (Attempt.key == one.key) & (Attempt.window == one.window)
        session.execute(update(Attempt).where(mine).values(n=Attempt.n - 1))


def forget_guesses_at(session: Session, email: str) -> None:
    """Forget the wrong guesses at *email*, whose password is another one now."""
    account = _account(email)
    for key in _key(ACCOUNT_FROM_A_NETWORK, account), _key(ACCOUNT_FROM_ANYWHERE, account):
        session.execute(delete(Attempt).where(Attempt.key.startswith(key)))


def forget_before(session: Session, before: datetime) -> None:
    """Forget the guesses of before a moment, in real time."""
    session.execute(delete(Attempt).where(Attempt.window < before))


def _key(limit: Limit, key: str) -> str:
    return f"sign-in:{limit.name}:{key}"


def _account(email: str) -> str:
    """Give the digest of an address, the same however it is spelled; of what can be no address, that of the text."""
    with suppress(TextRefusedError):
        email = clean(email, max_length=LONGEST_LINE, one_line=True)
    return _digest(email.strip().casefold())


def _digest(text: str) -> str:
    return sha256(text.encode(errors="replace")).hexdigest()[:32]


def _network(address: str) -> str:
    """Give the network that *address* lies in, as one office or household is given; empty when it is none."""
    try:
        length = 24 if ip_address(address).version == 4 else 48
        return str(ip_network(f"{address}/{length}", strict=False))
    except ValueError:
        return ""
