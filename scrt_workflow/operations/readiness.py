"""Whether this installation can work: for whoever watches over it, in codes that tell a stranger nothing (D18)."""

import shutil
from collections.abc import Callable
from datetime import datetime, timedelta
from pathlib import Path

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from scrt_workflow.models import Heartbeat, Notice
from scrt_workflow.operations.tables import dialect_of, in_both_dialects, table_of

SCHEDULER = "scheduler"  # what the names of the schedulers' heartbeats begin with
SILENT_AFTER = timedelta(seconds=60)  # two ticks of a scheduler, each with two signs of life (SC3)
WAITING_TOO_LONG = timedelta(hours=1)
LEAST_FREE = 50_000_000  # bytes
BEAT = in_both_dialects(
    lambda insert: (add := insert(table_of(Heartbeat))).on_conflict_do_update(
        index_elements=["process"], set_={"at": add.excluded.at}
    )
)


def heartbeat(session: Session, process: str, *, at: datetime) -> None:
    """Write that *process* lives. *at* is the real time."""
    session.connection().execute(BEAT[dialect_of(session)], {"process": process, "at": at})


def is_scheduler_alive(session: Session, *, at: datetime) -> bool:
    """Tell whether any scheduler has said lately that it lives. *at* is the real time.

    A sign of life from the future is none: it was written before the clock was set back.
    """
    lately = Heartbeat.at > at - SILENT_AFTER, Heartbeat.at < at + SILENT_AFTER
    found = select(Heartbeat.process).where(Heartbeat.process.startswith(SCHEDULER), *lately).limit(1)
    return session.scalar(found) is not None


def longest_wait(session: Session, *, at: datetime, real_at: datetime) -> timedelta:
    """Give for how long a notice has been due that is not sent: nothing while all are on time.

    A notice is due when it is queued, or asked to be tried again, in service time *at*; one that was tried since then, or whose
    mailer was lost, in real time.
    """
    new = select(func.min(Notice.next_try_at)).where(Notice.status == "queued", Notice.attempt == 0)
    tried = select(func.min(Notice.next_try_at)).where(Notice.status == "queued", Notice.attempt > 0)
    lost = select(func.min(Notice.lease_until)).where(Notice.status == "sending")
    waits = [now - since for query, now in ((new, at), (tried, real_at), (lost, real_at)) if (since := session.scalar(query))]
    return max([*waits, timedelta()])


def is_mail_moving(session: Session, *, at: datetime, real_at: datetime) -> bool:
    """Tell whether no notice waits that should have been sent long ago."""
    return longest_wait(session, at=at, real_at=real_at) < WAITING_TOO_LONG


def has_room(*folders: Path) -> bool:
    """Tell whether the disks that *folders* lie on have room."""
    return all(shutil.disk_usage(folder).free > LEAST_FREE for folder in folders)


def failing(checks: dict[str, Callable[[], bool]]) -> list[str]:
    """Run *checks*, and give the codes of those that fail; one that raises fails."""
    return [code for code, check in checks.items() if not _holds(check)]


def _holds(check: Callable[[], bool]) -> bool:
    try:
        return check()
    except Exception:  # noqa: BLE001 - whatever it is, the answer is that it does not hold
        return False
