"""The migrations make what the models say, on both databases, and can be taken back."""

from alembic import command
from alembic.script import ScriptDirectory
from sqlalchemy import Engine, text

from scrt_workflow.database import alembic_config, is_current, make_engine, migrate, newest_migration
from scrt_workflow.models.drift import pending_changes

LEFT_BEHIND = {
    "sqlite": "SELECT name FROM sqlite_master WHERE name NOT LIKE '%alembic_version%'",
    "postgresql": """
        SELECT relname FROM pg_class WHERE relnamespace = 'public'::regnamespace AND relname NOT LIKE 'alembic_version%'
        UNION ALL SELECT proname FROM pg_proc WHERE pronamespace = 'public'::regnamespace
    """,
}


def test_models_and_migrations_agree(database: Engine) -> None:
    assert pending_changes(database) == [], "Write a migration, or mend the model."


def test_the_newest_migration_is_known_by_the_names_of_the_files(database: Engine) -> None:
    with database.connect() as connection:
        heads = ScriptDirectory.from_config(alembic_config(connection)).get_heads()

    assert heads == [newest_migration()], "Name a migration's file by its number: 0003_what_it_does.py."


def test_a_difference_between_models_and_migrations_is_said(database: Engine) -> None:
    with database.begin() as connection:
        connection.execute(text("ALTER TABLE review ADD COLUMN mood TEXT"))
        connection.execute(text("DROP INDEX review_list"))

    assert [("mood" in change, "review_list" in change) for change in pending_changes(database)] in (
        [(True, False), (False, True)],
        [(False, True), (True, False)],
    )


def test_a_missing_check_is_said(postgresql_url: str) -> None:
    engine = make_engine(postgresql_url)
    with engine.begin() as connection:
        connection.execute(text("ALTER TABLE review DROP CONSTRAINT ck_review_status"))

    assert pending_changes(engine) == ["the migrations make no check ck_review_status"]
    engine.dispose()


def test_the_migrations_can_be_taken_back_and_made_again(database: Engine) -> None:
    with database.begin() as connection:
        command.downgrade(alembic_config(connection), "base")
        left = connection.scalars(text(LEFT_BEHIND[database.dialect.name])).all()

    assert left == []
    migrate(database)
    assert is_current(database)
