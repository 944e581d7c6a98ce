"""Serve the pages, until it is stopped."""

import sys
from typing import Any

import click

from scrt_workflow.app import create_app
from scrt_workflow.clock import Clock
from scrt_workflow.database import make_engine
from scrt_workflow.operations.service_time import clock_of
from scrt_workflow.settings import Settings
from scrt_workflow.startup import start
from scrt_workflow.web.requests import Service

GRACE_SECONDS = 30


@click.command
def serve() -> None:
    """Serve the pages at SCRT_BIND and SCRT_PORT, until it is stopped.

    It refuses to start with unsafe settings, and says why. A new SQLite file is made in SCRT_INSTANCE; a PostgreSQL
    database is made with `scrt database migrate`. Reminders and e-mails need `scrt scheduler` beside it.
    """
    settings = start(at=Clock().now())
    engine = make_engine(settings.database)
    clock = clock_of(settings, engine)
    engine.dispose()  # each process that serves makes its own connections
    serve_pages(settings, clock)


def serve_pages(settings: Settings, clock: Clock) -> None:
    """Serve until stopped: by gunicorn with several processes, or by waitress where there is no gunicorn (Windows)."""
    if sys.platform == "win32":
        from waitress import serve as serve_by_waitress  # noqa: PLC0415 - one of the two servers is enough

        serve_by_waitress(create_app(settings, clock), host=settings.bind, port=settings.port)
    else:
        _by_gunicorn(settings, clock)


def _by_gunicorn(settings: Settings, clock: Clock) -> None:
    from gunicorn.app.base import BaseApplication  # noqa: PLC0415 - not on Windows

    class Server(BaseApplication):  # type: ignore[misc]  # gunicorn carries no types
        def load_config(self) -> None:
            for name, value in gunicorn_options(settings).items():
                self.cfg.set(name, value)

        def load(self) -> Service:
            return create_app(settings, clock)

    Server().run()


def gunicorn_options(settings: Settings) -> dict[str, Any]:
    """Say how gunicorn is run. Each process makes its own application, so that no two share a database connection."""
    return {
        "bind": f"{settings.bind}:{settings.port}",
        "workers": settings.web_processes,
        "threads": settings.web_threads,
        "worker_class": "gthread",
        "worker_tmp_dir": "/dev/shm" if sys.platform == "linux" else None,  # noqa: S108 - gunicorn makes it safely
        "graceful_timeout": GRACE_SECONDS,
        "loglevel": "warning",
        "limit_request_line": 8190,
        "forwarded_allow_ips": "",  # X-Forwarded-* is read by SCRT_PROXY_COUNT alone
    }
