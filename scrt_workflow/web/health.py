"""Whether the service lives, and whether it can work: for load balancers and for whoever watches over it (D18)."""

from pathlib import Path

from flask import Blueprint
from flask.typing import ResponseReturnValue
from sqlalchemy import Engine

from scrt_workflow.database import is_current
from scrt_workflow.operations import readiness
from scrt_workflow.web.guards import public
from scrt_workflow.web.requests import database, in_its_own_units, now, real_now, settings, surroundings, unit

pages = Blueprint("health", __name__, url_prefix="/health")


@pages.route("/live")
@public
def live() -> ResponseReturnValue:
    """Say that this process answers."""
    return {"ok": True}


@pages.route("/ready")
@public
@in_its_own_units
def ready() -> ResponseReturnValue:
    """Say whether the service can work, and by which codes it cannot."""
    engine = surroundings().engine
    checks = {
        "database": _can_write,
        "schema": lambda: _is_current(engine),
        "scheduler": lambda: readiness.is_scheduler_alive(database(), at=real_now()),
        "outbox": lambda: not settings().mail_host or readiness.is_mail_moving(database(), at=now(), real_at=real_now()),
        "disk": lambda: readiness.has_room(*_folders(engine)),
    }
    why = readiness.failing(checks)
    return {"ok": not why, "why": why}, 503 if why else 200


def _folders(engine: Engine) -> list[Path]:
    """Give where this installation writes: its instance, and the folder of an SQLite file that lies elsewhere."""
    file = engine.url.database if engine.dialect.name == "sqlite" else None
    return [settings().instance, *([Path(file).parent] if file else [])]


def _can_write() -> bool:
    with unit() as session:
        readiness.heartbeat(session, "health", at=real_now())
    return True


_known_current: set[str] = set()


def _is_current(engine: Engine) -> bool:
    """Tell whether the schema is the newest; once it is, it stays so for as long as this process lives."""
    name = str(engine.url)
    if name not in _known_current and is_current(engine):
        _known_current.add(name)
    return name in _known_current
