"""The database: its engine, the unit of work, reading, and migrations.

SQLAlchemy's own transactions on SQLite lose updates without an error (299 of 400 in a measured run, finding 1), so this
module begins transactions itself: at once and exclusively for a unit of work, deferred for reading. A test fails when
that is taken away.
"""

import json
from collections.abc import Iterator
from contextlib import contextmanager
from functools import cache, lru_cache, partial
from typing import Any

from sqlalchemy import Connection, Engine, create_engine, event, inspect, make_url, text
from sqlalchemy.orm import Session

from scrt_workflow.settings import shipped

BUSY_SECONDS = 5
LONGEST_SILENCE = 300  # seconds that a process may hold a transaction open and say nothing: one that froze frees what it locked
PRAGMAS = (
    f"PRAGMA busy_timeout = {BUSY_SECONDS * 1000}",
    "PRAGMA journal_mode = WAL",
    "PRAGMA synchronous = FULL",  # what was acknowledged survives a power cut
    "PRAGMA temp_store = MEMORY",  # a savepoint notes what it would undo without opening a file
    "PRAGMA foreign_keys = ON",
    "PRAGMA recursive_triggers = ON",  # else INSERT OR REPLACE would delete an event behind its trigger's back
)
READING: dict[str, dict[str, Any]] = {
    "sqlite": {"scrt_reading": True},
    "postgresql": {"postgresql_readonly": True, "isolation_level": "REPEATABLE READ"},
}
MIGRATION_LOCK = 7_227_830_001  # any number that nothing else in the database locks


def make_engine(url: str, *, pool_size: int = 5) -> Engine:
    """Make the engine for *url* (`sqlite:///…` or `postgresql://…`); every connection of the service comes from one.

    *pool_size* connections are kept open; twice as many more may be opened in a rush.
    """
    dumps = partial(json.dumps, ensure_ascii=False, allow_nan=False, separators=(",", ":"))
    options: dict[str, Any] = {"json_serializer": dumps, "hide_parameters": True}  # no answer in an error or a log (OU3)
    if make_url(url).get_backend_name() == "sqlite":
        engine = create_engine(url, **options)
        event.listen(engine, "connect", _prepare_sqlite)
        event.listen(engine, "begin", _begin_sqlite)
        return engine
    engine = create_engine(url, pool_pre_ping=True, pool_size=pool_size, max_overflow=2 * pool_size, **options)
    event.listen(engine, "connect", _prepare_postgresql)
    return engine


def _prepare_postgresql(connection: Any, _record: object) -> None:
    connection.execute(f"SET idle_in_transaction_session_timeout = '{LONGEST_SILENCE}s'")
    connection.commit()


def _prepare_sqlite(connection: Any, _record: object) -> None:
    connection.isolation_level = None  # the driver begins nothing by itself
    for pragma in PRAGMAS:
        connection.execute(pragma)


def _begin_sqlite(connection: Connection) -> None:
    reading = connection.get_execution_options().get("scrt_reading", False)
    if connection.info.get("reading", False) is not reading:
        connection.exec_driver_sql(f"PRAGMA query_only = {int(reading)}")
        connection.info["reading"] = reading
    connection.exec_driver_sql("BEGIN" if reading else "BEGIN IMMEDIATE")


@lru_cache(maxsize=4)  # a process has one or two engines
def _for_reading(engine: Engine) -> Engine:
    return engine.execution_options(**READING[engine.dialect.name])


@contextmanager
def unit_of_work(engine: Engine) -> Iterator[Session]:
    """Give a session whose changes are committed together at the end, or not at all if anything is raised.

    On SQLite it holds the one write lock from here on, so what it reads is still true when it writes: keep it short.
    PostgreSQL lets others write meanwhile: there, what must not have moved is changed by an UPDATE that says so.
    """
    with Session(engine, expire_on_commit=False) as session, session.begin():
        session.connection()
        yield session


@contextmanager
def savepoint(session: Session) -> Iterator[None]:
    """Undo what the block writes, and that alone, if anything is raised in it.

    `Session.begin_nested` does so too, and looks after the session's own objects; it takes four times as long.
    """
    connection = session.connection()
    connection.exec_driver_sql("SAVEPOINT before")
    try:
        yield
    except BaseException:
        if not connection.invalidated:  # else it was lost, with everything on it: what says so must be heard
            connection.exec_driver_sql("ROLLBACK TO SAVEPOINT before")
        raise
    connection.exec_driver_sql("RELEASE SAVEPOINT before")


@contextmanager
def reading(engine: Engine) -> Iterator[Session]:
    """Give a session that sees one moment and changes nothing: both databases refuse a write in it."""
    with Session(_for_reading(engine), autoflush=False) as session:
        yield session


def migrate(engine: Engine) -> None:
    """Bring the database to the newest migration, in one transaction; several processes may do so at once."""
    if is_current(engine):
        return
    from alembic import command  # noqa: PLC0415 - a tenth of a second that only a start-up pays

    with engine.begin() as connection:
        if connection.dialect.name == "postgresql":
            connection.execute(text("SELECT pg_advisory_xact_lock(:lock)"), {"lock": MIGRATION_LOCK})
        command.upgrade(alembic_config(connection), "head")


def is_current(engine: Engine) -> bool:
    """Tell whether the database is at the newest migration. It asks no library, so that a start is quick."""
    with _for_reading(engine).connect() as connection:
        if not inspect(connection).has_table("alembic_version"):
            return False
        return connection.scalars(text("SELECT version_num FROM alembic_version")).all() == [newest_migration()]


@cache
def newest_migration() -> str:
    """Give the number of the newest migration: the files are named by theirs."""
    return max(path.name.partition("_")[0] for path in (shipped("migrations") / "versions").glob("[0-9]*.py"))


def alembic_config(connection: Connection) -> Any:
    """Make Alembic's settings for the shipped migrations, to run over *connection* in its transaction."""
    from alembic.config import Config  # noqa: PLC0415 - as above

    config = Config(attributes={"connection": connection})
    config.set_main_option("script_location", str(shipped("migrations")).replace("%", "%%"))
    return config
