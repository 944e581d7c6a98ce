"""What comes before the service works: safe settings, a database at the newest schema, and something to serve."""

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime
from pathlib import Path

from sqlalchemy import Engine, func, inspect, select

from scrt_workflow import catalogue
from scrt_workflow.database import is_current, make_engine, migrate, unit_of_work
from scrt_workflow.folder import read_folder
from scrt_workflow.logs import configure
from scrt_workflow.models import DefinitionVersion, ServiceSetting
from scrt_workflow.operations.definitions import known_types, load
from scrt_workflow.operations.organisations import load_reference
from scrt_workflow.operations.service_time import clock_of
from scrt_workflow.safety import DEMO_MARK, read_safe_settings, unsafe_database
from scrt_workflow.settings import Settings, SettingsError, shipped

PRIVATE = 0o700
FILLING_LOCK = 7_227_830_002  # any number that nothing else in the database locks
BEHIND = "SCRT_DATABASE_URL, SCRT_INSTANCE: no database at the newest schema is there. Run `scrt database migrate` first."


def start(settings: Settings | None = None, *, at: datetime) -> Settings:
    """Make ready what every process of the service needs, and give the settings that it was made ready with.

    Raises SettingsError with a sentence for each thing that is unsafe. Harmless when all of it was ready before.
    """
    settings = settings or read_safe_settings()
    configure(settings.log_level)
    settings.instance.mkdir(mode=PRIVATE, parents=True, exist_ok=True)
    engine = make_engine(settings.database)
    try:
        _bring_up_to_date(engine, settings)
        _refuse_unsafe(engine, settings)
        fill(engine, at=at, demo=settings.demo)
    finally:
        engine.dispose()
    return settings


def _refuse_unsafe(engine: Engine, settings: Settings) -> None:
    """Raise SettingsError for a database that is not to be served so; an empty one may yet become what it likes."""
    with engine.connect() as connection:
        is_empty = not inspect(connection).has_table(ServiceSetting.__tablename__)
        if not is_empty and (sentences := unsafe_database(connection, demo=settings.demo)):
            raise SettingsError(sentences)


def _bring_up_to_date(engine: Engine, settings: Settings) -> None:
    """Migrate where the service may do so itself: an SQLite file, a demo, or with the owner's role given."""
    if is_current(engine):
        return
    if not (settings.migration_url or settings.demo or engine.dialect.name == "sqlite"):
        raise SettingsError(["SCRT_MIGRATION_URL: the database is not at the newest schema, and no owner is given."])
    _refuse_unsafe(engine, settings)  # before anything in it is changed
    owner = make_engine(settings.migration_url or settings.database)
    try:
        migrate(owner)
    finally:
        owner.dispose()


@contextmanager
def opened(settings: Settings) -> Iterator[Engine]:
    """Give the engine of a database that is there and at the newest schema; raises SettingsError with what to do."""
    engine = make_engine(settings.database)
    try:
        file = engine.url.database if engine.dialect.name == "sqlite" else None
        if (file and not Path(file).exists()) or not is_current(engine):
            raise SettingsError([BEHIND])
        catalogue.call_dardr(engine, settings.dardr_from, clock_of(settings, engine).today)
        yield engine
    finally:
        engine.dispose()


def fill(engine: Engine, *, at: datetime, demo: bool) -> None:
    """Bring in the shipped organisations and vocabularies, and in a new database the shipped definitions too.

    A demo's database is marked as one for good, so that nobody is asked to trust its sign-ins later.
    """
    with unit_of_work(engine) as session:
        if engine.dialect.name == "postgresql":  # processes that start together fill it one after the other
            session.execute(select(func.pg_advisory_xact_lock(FILLING_LOCK)))
        load_reference(session)
        if not session.scalar(select(DefinitionVersion.id).limit(1)):
            folder = read_folder(shipped("workflows").parent, known_types=known_types())
            load(session, folder, at=at, reason="Shipped with the service.")
        if demo:
            session.merge(ServiceSetting(key=DEMO_MARK, value=True))
