"""The outbox: one notice is taken at a time, by a lease, and what became of it is written down (D5, SC4).

A mailer that dies holding a notice loses it to another when its lease runs out; a mailer that was only frozen finds then
that what it writes is refused. So a notice is sent at least once, and at most once more for each mailer that died. Leases
and tries go by real time, whatever calendar a demo keeps.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from random import Random
from typing import Any

from sqlalchemy import ColumnElement, and_, func, or_, select, update
from sqlalchemy.orm import Session

from scrt_workflow.models import Notice

PAUSES = [timedelta(minutes=minutes) for minutes in (1, 2, 5, 10, 20, 40, 60, 120, 240, 240, 240, 240, 240)]
"""How long to wait after each try that failed for now: a day in all, after which a notice is given up."""
TRIES = len(PAUSES) + 1
JITTER = 0.2
LONGEST_REASON = 500


@dataclass(frozen=True, slots=True)
class Held:
    """A notice that a mailer holds by its lease, for its *attempt*-th try."""

    id: int
    owner: str
    attempt: int


def is_anything_waiting(session: Session, *, at: datetime) -> bool:
    """Tell whether there is a notice to take: looking locks nothing, where taking would hold up those who write."""
    return any(session.scalars(select(Notice.id).where(free).limit(1)).first() is not None for free in _free(at))


def claim_next(session: Session, *, owner: str, at: datetime, lease: timedelta) -> Held | None:
    """Take the next notice that waits, for as long as *lease*; one whose mailer was lost comes first. None: nothing waits."""
    for free in _free(at):
        if (held := _claim(session, free, owner=owner, until=at + lease)) is not None:
            return held
    return None


def _free(at: datetime) -> tuple[ColumnElement[bool], ColumnElement[bool]]:
    """Say in SQL which notices may be taken: those whose mailer was lost, and those that wait and are due."""
    lost = and_(Notice.status == "sending", Notice.lease_until < at)
    return lost, and_(Notice.status == "queued", or_(Notice.attempt == 0, Notice.next_try_at <= at))


def _claim(session: Session, free: ColumnElement[bool], *, owner: str, until: datetime) -> Held | None:
    first = select(Notice.id).where(free).order_by(Notice.next_try_at, Notice.id).limit(1)
    first = first.with_for_update(skip_locked=True)  # which SQLite leaves out: there only one writes at a time
    taken = update(Notice).where(Notice.id == first.scalar_subquery())
    taken = taken.values(status="sending", attempt=Notice.attempt + 1, lease_owner=owner, lease_until=until)
    row = session.execute(
        taken.returning(Notice.id, Notice.attempt), execution_options={"synchronize_session": False}
    ).one_or_none()
    return Held(row.id, owner, row.attempt) if row else None


def hold_longer(session: Session, held: Held, *, until: datetime) -> bool:
    """Hold the notice until then; False when it is another mailer's by now."""
    write = update(Notice).where(*_is_still(held)).values(lease_until=until).returning(Notice.id)
    return session.execute(write, execution_options={"synchronize_session": False}).scalar_one_or_none() is not None


def record_sent(session: Session, held: Held, *, at: datetime) -> bool:
    """Record that the mail server has taken the notice; False when it was no longer this mailer's to say so."""
    return _write(session, held, {"status": "sent", "sent_at": at, "last_error": None})


def put_back(session: Session, held: Held, reason: str, *, at: datetime, chance: Random) -> bool:
    """Let the notice wait for its next try, longer each time."""
    pause = PAUSES[min(held.attempt, len(PAUSES)) - 1] * chance.uniform(1 - JITTER, 1 + JITTER)
    return _write(session, held, {"status": "queued", "next_try_at": at + pause, "last_error": reason[:LONGEST_REASON]})


def give_up(session: Session, held: Held, reason: str) -> bool:
    """Record that the notice cannot be sent, and why, for an administrator to see."""
    return _write(session, held, {"status": "failed", "last_error": reason[:LONGEST_REASON]})


def withhold(session: Session, held: Held, reason: str) -> bool:
    """Record that the notice is not to be sent, and why."""
    return _write(session, held, {"status": "withheld", "last_error": reason[:LONGEST_REASON]})


def withhold_all(session: Session, reason: str, *, after: int = 0) -> None:
    """Withhold every notice that waits and is numbered after *after*: a played history's, of which nobody wants to hear now."""
    waiting = update(Notice).where(Notice.status == "queued", Notice.id > after)
    session.execute(waiting.values(status="withheld", last_error=reason))


def newest_notice(session: Session) -> int:
    """Give the number of the newest notice; 0 when there is none."""
    return session.scalar(select(func.max(Notice.id))) or 0


def _write(session: Session, held: Held, changes: Mapping[str, Any]) -> bool:
    write = update(Notice).where(*_is_still(held))
    write = write.values(**changes, lease_owner=None, lease_until=None).returning(Notice.id)
    written = session.execute(write, execution_options={"synchronize_session": False})
    return written.scalar_one_or_none() is not None


def _is_still(held: Held) -> tuple[ColumnElement[bool], ...]:
    ours = (Notice.id == held.id, Notice.lease_owner == held.owner, Notice.attempt == held.attempt)
    return (*ours, Notice.status == "sending")


def count_by_status(session: Session) -> dict[str, int]:
    """Count the notices of each status."""
    rows = session.execute(select(Notice.status, func.count()).group_by(Notice.status))
    return {row[0]: row[1] for row in rows}
