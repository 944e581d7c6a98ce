"""On PostgreSQL the service can be run as a role that has no right to change what happened (DA4)."""

from collections.abc import Iterator

import pytest
from alembic import command
from sqlalchemy import Connection, Engine, inspect, text
from sqlalchemy.exc import ProgrammingError

from scrt_workflow.database import alembic_config, make_engine
from scrt_workflow.models import Model

EVERYTHING = {"SELECT", "INSERT", "UPDATE", "DELETE"}
ADDED_TO = {"SELECT", "INSERT"}
FEWER = dict.fromkeys(
    (
        "access_event",
        "answer_change",
        "approval",
        "checkpoint",
        "checkpoint_head",
        "definition_version",
        "event",
        "event_body",
        "release",
        "release_file",
        "release_workflow",
        "rollup",
        "rollup_cell",
    ),
    ADDED_TO,
)


@pytest.fixture
def engine(postgresql_url: str) -> Iterator[Engine]:
    """Give a PostgreSQL database, migrated by a role that may make roles."""
    engine = make_engine(postgresql_url)
    with engine.connect() as connection:
        if not connection.scalar(text("SELECT rolsuper FROM pg_roles WHERE rolname = current_user")):
            pytest.skip("TEST_DATABASE_URL signs in as a role that may not make roles.")
    yield engine
    engine.dispose()


def rights(connection: Connection, table: str) -> set[str]:
    """Find what the application may do with *table*."""
    asked = "SELECT p FROM unnest(ARRAY['SELECT','INSERT','UPDATE','DELETE','TRUNCATE','REFERENCES','TRIGGER']) AS p"
    allowed = text(f"{asked} WHERE has_table_privilege('scrt_app', :table, p)")
    return set(connection.scalars(allowed, {"table": table}))


def test_every_table_is_granted_to_the_application_and_what_happened_only_to_be_added_to(engine: Engine) -> None:
    with engine.connect() as connection:
        granted = {table: rights(connection, table) for table in inspect(connection).get_table_names()}

    wanted = {table: FEWER.get(table, EVERYTHING) for table in Model.metadata.tables} | {"alembic_version": {"SELECT"}}
    assert granted == wanted, "A migration that makes a table grants it to scrt_app as well."


def test_the_application_may_only_void_an_approval(engine: Engine) -> None:
    with engine.connect() as connection:
        columns = [column["name"] for column in inspect(connection).get_columns("approval")]
        question = text("SELECT has_column_privilege('scrt_app', 'approval', :column, 'UPDATE')")
        changeable = [column for column in columns if connection.scalar(question, {"column": column})]

    assert changeable == ["voided_seq"]


def test_the_application_role_is_nobody_in_particular(engine: Engine) -> None:
    with engine.connect() as connection:
        role = connection.execute(
            text(
                "SELECT rolcanlogin, rolsuper, rolbypassrls, rolcreaterole, rolcreatedb FROM pg_roles WHERE rolname = 'scrt_app'"
            )
        ).one()
        owned = connection.scalar(text("SELECT count(*) FROM pg_class WHERE relowner = 'scrt_app'::regrole"))

    assert tuple(role) == (False,) * 5
    assert owned == 0


@pytest.mark.parametrize("statement", ["UPDATE event SET seq = 2", "DELETE FROM event", "DROP TRIGGER event_kept ON event"])
def test_the_application_is_refused_before_any_trigger(engine: Engine, statement: str) -> None:
    with engine.connect() as connection:
        connection.execute(text("SET LOCAL ROLE scrt_app"))
        connection.execute(text("INSERT INTO heartbeat (process, at) VALUES ('web', now())"))

        with pytest.raises(ProgrammingError, match=r"permission denied|must be owner"):
            connection.execute(text(statement))


def test_a_role_that_may_not_make_roles_migrates_without_it(engine: Engine) -> None:
    with engine.connect() as connection:
        config = alembic_config(connection)
        command.downgrade(config, "base")
        connection.execute(text("ALTER ROLE scrt_app RENAME TO scrt_app_elsewhere"))
        connection.execute(text("CREATE ROLE scrt_limited"))
        connection.execute(text("GRANT CREATE ON SCHEMA public TO scrt_limited"))
        connection.execute(text("ALTER TABLE alembic_version OWNER TO scrt_limited"))
        connection.execute(text("SET LOCAL ROLE scrt_limited"))

        command.upgrade(config, "head")

        assert inspect(connection).has_table("review")
        assert connection.scalar(text("SELECT count(*) FROM pg_roles WHERE rolname = 'scrt_app'")) == 0
        connection.rollback()
