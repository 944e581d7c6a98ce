"""The time that the service keeps: the real one, or a demo's, which began when the demo did and runs on over restarts."""

from datetime import datetime
from typing import Any

from sqlalchemy import Engine, select
from sqlalchemy.orm import Session

from scrt_workflow.clock import Clock, DemoClock
from scrt_workflow.database import reading, unit_of_work
from scrt_workflow.models import ServiceSetting
from scrt_workflow.safety import DEMO_MARK
from scrt_workflow.settings import Settings
from scrt_workflow.working_days import from_local

DEMO_CLOCK = "demo_clock"


def clock_of(settings: Settings, engine: Engine, *, real: Clock | None = None) -> Clock:
    """Give the clock that pages, jobs and commands go by on this database. *real* is what time is taken from.

    In demo mode it stood at SCRT_DEMO_NOW when that was first used on this database. A database that `scrt demo` filled
    keeps its time for every command, so that no setting has to be repeated.
    """
    real = real or Clock()
    with reading(engine) as session:
        wanted = settings.demo or find_setting(session, DEMO_MARK) is not None
        kept = find_setting(session, DEMO_CLOCK)
    if not wanted:
        return real
    start = from_local(settings.demo_now)
    moved = kept is not None and "demo_now" in settings.model_fields_set and kept["start"] != start.isoformat()
    if kept is None or moved:
        kept = {"start": start.isoformat(), "began": real.now().isoformat()}
        with unit_of_work(engine) as session:
            keep_setting(session, DEMO_CLOCK, kept)
    return DemoClock(start=datetime.fromisoformat(kept["start"]), began=datetime.fromisoformat(kept["began"]), real=real)


def find_setting(session: Session, key: str) -> Any:
    """Give the value of a setting of the service, None when it was never set."""
    return session.execute(select(ServiceSetting.value).where(ServiceSetting.key == key)).scalar_one_or_none()


def keep_setting(session: Session, key: str, value: Any) -> None:
    """Set a setting of the service; what it was before is forgotten."""
    session.merge(ServiceSetting(key=key, value=value))
