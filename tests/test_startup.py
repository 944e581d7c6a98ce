"""What comes before the service works: a new folder becomes a service, an unsafe one is refused."""

from datetime import UTC, datetime
from pathlib import Path

import pytest
from alembic import command
from sqlalchemy import Engine, func, select

from scrt_workflow.database import alembic_config, is_current, make_engine, unit_of_work
from scrt_workflow.models import DefinitionVersion, Organisation, ServiceSetting
from scrt_workflow.safety import DEMO_MARK
from scrt_workflow.settings import Settings, SettingsError
from scrt_workflow.startup import start
from tests.factories import make_person

AT = datetime(2024, 11, 1, 9, 0, tzinfo=UTC)


def count(engine: Engine, model: type[DefinitionVersion | Organisation]) -> int:
    with engine.connect() as connection:
        return connection.execute(select(func.count()).select_from(model)).scalar_one()


def test_an_empty_folder_becomes_a_service_that_only_its_owner_can_read(settings: Settings) -> None:
    start(settings, at=AT)

    engine = make_engine(settings.database)
    assert is_current(engine)
    assert count(engine, DefinitionVersion) >= 5
    assert count(engine, Organisation) > 42
    assert settings.instance.stat().st_mode & 0o077 == 0
    engine.dispose()


def test_starting_again_changes_nothing(settings: Settings) -> None:
    start(settings, at=AT)
    engine = make_engine(settings.database)
    before = count(engine, DefinitionVersion), count(engine, Organisation)

    start(settings, at=AT)

    assert (count(engine, DefinitionVersion), count(engine, Organisation)) == before
    engine.dispose()


def test_a_database_once_used_for_the_demo_stays_a_demo(settings: Settings) -> None:
    start(settings.model_copy(update={"demo": True}), at=AT)

    with pytest.raises(SettingsError, match="this database was filled by `scrt demo`"):
        start(settings, at=AT)


def test_a_database_that_is_refused_is_left_as_it_was(settings: Settings) -> None:
    start(settings, at=AT)
    engine = make_engine(settings.database)
    with unit_of_work(engine) as session:
        make_person(session)
    with engine.begin() as connection:
        command.downgrade(alembic_config(connection), "-1")

    with pytest.raises(SettingsError, match="this database holds real people"):
        start(settings.model_copy(update={"demo": True}), at=AT)

    assert not is_current(engine)
    engine.dispose()


def test_a_service_does_not_start_on_postgresql_as_the_owner_of_its_tables(settings: Settings, postgresql_url: str) -> None:
    with pytest.raises(SettingsError, match="its role owns the tables"):
        start(settings.model_copy(update={"database_url": postgresql_url}), at=AT)


def test_a_postgresql_database_of_an_older_schema_is_not_served(settings: Settings, postgresql_url: str) -> None:
    engine = make_engine(postgresql_url)
    with engine.begin() as connection:
        connection.exec_driver_sql("UPDATE alembic_version SET version_num = '0001'")
    engine.dispose()

    with pytest.raises(SettingsError, match="SCRT_MIGRATION_URL: the database is not at the newest schema"):
        start(settings.model_copy(update={"database_url": postgresql_url}), at=AT)


def test_the_environment_is_read_where_no_settings_are_given(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setenv("SCRT_INSTANCE", str(tmp_path / "demo"))
    monkeypatch.setenv("SCRT_DEMO", "yes")

    settings = start(at=AT)

    engine = make_engine(settings.database)
    with unit_of_work(engine) as session:
        assert session.get(ServiceSetting, DEMO_MARK) is not None
    engine.dispose()
