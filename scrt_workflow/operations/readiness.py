"""Whether this installation can work: for whoever watches over it, in codes that tell a stranger nothing (D18)."""

import shutil
from collections.abc import Callable
from datetime import datetime, timedelta
from pathlib import Path

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from scrt_workflow.models import Heartbeat, Notice

SCHEDULER = "scheduler"  # what the names of the schedulers' heartbeats begin with
SILENT_AFTER = timedelta(minutes=3)
WAITING_TOO_LONG = timedelta(hours=1)
LEAST_FREE = 50_000_000  # bytes


def heartbeat(session: Session, process: str, *, at: datetime) -> None:
    """Write that *process* lives. *at* is the real time."""
    session.merge(Heartbeat(process=process, at=at))


def is_scheduler_alive(session: Session, *, at: datetime) -> bool:
    """Tell whether any scheduler has said lately that it lives. *at* is the real time."""
    newest = session.scalar(select(func.max(Heartbeat.at)).where(Heartbeat.process.startswith(SCHEDULER)))
    return newest is not None and at - newest < SILENT_AFTER


def is_mail_moving(session: Session, *, at: datetime) -> bool:
    """Tell whether no notice waits that should have been sent long ago. *at* is the time that notices go by."""
    waiting = select(func.min(Notice.next_try_at)).where(Notice.status == "queued")
    oldest = session.scalar(waiting)
    return oldest is None or at - oldest < WAITING_TOO_LONG


def has_room(folder: Path) -> bool:
    """Tell whether the disk that *folder* lies on has room."""
    return shutil.disk_usage(folder).free > LEAST_FREE


def failing(checks: dict[str, Callable[[], bool]]) -> list[str]:
    """Run *checks*, and give the codes of those that fail; one that raises fails."""
    return [code for code, check in checks.items() if not _holds(check)]


def _holds(check: Callable[[], bool]) -> bool:
    try:
        return check()
    except Exception:  # noqa: BLE001 - whatever it is, the answer is that it does not hold
        return False
