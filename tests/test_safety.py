"""It refuses to start unsafe (OP1): each unsafe setting earns a sentence that names it."""

import re
from collections.abc import Iterator
from pathlib import Path

import pytest
from pydantic import SecretStr
from sqlalchemy import Connection, Engine, create_engine, text

from scrt_workflow.safety import unsafe, unsafe_database
from scrt_workflow.settings import Settings

POSTGRESQL = "postgresql://app:k3Jx9s@localhost/scrt"
ORDINARY = "/dev/sda1 / ext4 rw 0 0\n"

UNSAFE: dict[str, tuple[dict[str, object], str]] = {
    "no secret key": ({"secret_key": SecretStr("")}, "SCRT_SECRET_KEY: set it"),
    "a short secret key": ({"secret_key": SecretStr("k7Jq2vXw")}, "SCRT_SECRET_KEY: it has 8 characters"),
    "a secret key of one letter": ({"secret_key": SecretStr("a" * 40)}, "SCRT_SECRET_KEY: it can be guessed"),
    "a secret key of words": (
        {"secret_key": SecretStr("changeme-secret-password-demo-test")},
        "SCRT_SECRET_KEY: it can",
    ),
    "logs that hold what people wrote": ({"log_level": "DEBUG"}, "SCRT_LOG_LEVEL"),
    "no trusted hosts": ({"trusted_hosts": ()}, "SCRT_TRUSTED_HOSTS: name the hosts"),
    "any host trusted": ({"trusted_hosts": ("reviews.example.nhs.uk", "*")}, "SCRT_TRUSTED_HOSTS: '*' trusts"),
    "all hosts of a domain": (
        {"trusted_hosts": ("reviews.example.nhs.uk", ".nhs.uk")},
        "SCRT_TRUSTED_HOSTS: '.nhs.uk'",
    ),
    "an address for a host": (
        {"trusted_hosts": ("reviews.example.nhs.uk", "https://a.nhs.uk")},
        "SCRT_TRUSTED_HOSTS: 'https://a.nhs.uk' is not",
    ),
    "no base address": ({"base_url": ""}, "SCRT_BASE_URL: set"),
    "an unencrypted base address": (
        {"base_url": "http://reviews.example.nhs.uk"},
        "SCRT_BASE_URL: it must begin with https",
    ),
    "a base address with a path": ({"base_url": "https://reviews.example.nhs.uk/a"}, "SCRT_BASE_URL: it may hold only"),
    "a base address elsewhere": ({"base_url": "https://evil.example"}, "SCRT_BASE_URL: its host 'evil.example'"),
    "nothing that speaks TLS": ({"proxy_count": 0}, "SCRT_PROXY_COUNT"),
    "an hour unattended": ({"session_idle_minutes": 60}, "SCRT_SESSION_IDLE_MINUTES"),
    "a week signed in": ({"session_hours": 168}, "SCRT_SESSION_HOURS"),
    "open mail": (
        {"mail_host": "smtp.nhs.net", "mail_from": "reviews@nhs.net", "mail_tls": "none"},
        "SCRT_MAIL_TLS",
    ),
    "mail from nobody": ({"mail_host": "smtp.nhs.net"}, "SCRT_MAIL_FROM"),
    "a mail account without a password": (
        {"mail_host": "smtp.nhs.net", "mail_from": "reviews@nhs.net", "mail_username": "reviews"},
        "SCRT_MAIL_PASSWORD",
    ),
    "a mail password that no server can be told": (
        {
            "mail_host": "smtp.nhs.net",
            "mail_from": "reviews@nhs.net",
            "mail_username": "reviews",
            "mail_password": SecretStr("£ for letters"),
        },
        "SCRT_MAIL_PASSWORD: a mail account can",
    ),
    "endless patience with a mail server": (
        {"mail_host": "smtp.nhs.net", "mail_from": "reviews@nhs.net", "mail_timeout": 3600},
        "SCRT_MAIL_TIMEOUT",
    ),
    "SQLite for two machines": ({"machines": 2}, "SCRT_MACHINES"),
    "SQLite on a network disk": ({"database_url": "sqlite:////srv/share/scrt.sqlite"}, "SCRT_DATABASE_URL: /srv/share"),
    "SQLite in memory": ({"database_url": "sqlite:///:memory:"}, "SCRT_DATABASE_URL: an SQLite database in memory"),
    "another kind of database": ({"database_url": "mysql://a:b@localhost/c"}, "SCRT_DATABASE_URL: the service runs on"),
    "no database address": ({"database_url": "scrt"}, "SCRT_DATABASE_URL: it is not a database URL"),
    "a default database password": (
        {"database_url": "postgresql://app:postgres@localhost/scrt"},
        "SCRT_DATABASE_URL: its password",
    ),
    "the administrator's database role": (
        {"database_url": "postgresql://postgres:k3Jx9s@localhost/scrt"},
        "SCRT_DATABASE_URL: its role is the server's administrator",
    ),
    "an unencrypted way to the database": (
        {"database_url": "postgresql://app:k3Jx9s@db.example/scrt"},
        "SCRT_DATABASE_URL: the database is on another machine",
    ),
}


def found(settings: Settings, *, environ: dict[str, str] | None = None) -> list[str]:
    """Ask on a machine whose /srv/share is a network disk."""
    return unsafe(settings, environ=environ or {}, mounts=ORDINARY + "files:/share /srv/share nfs4 rw 0 0\n")


@pytest.mark.parametrize(("change", "sentence"), UNSAFE.values(), ids=UNSAFE.keys())
def test_each_unsafe_setting_is_refused_by_name(settings: Settings, change: dict[str, object], sentence: str) -> None:
    sentences = found(settings.model_copy(update=change))

    assert [said for said in sentences if said.startswith(sentence)] == sentences, "this refusal and no other"
    assert len(sentences) == 1


def test_safe_settings_earn_no_sentence_on_either_database(settings: Settings) -> None:
    assert found(settings) == []
    assert found(settings.model_copy(update={"database_url": POSTGRESQL})) == []
    assert found(settings.model_copy(update={"database_url": "postgresql://app:x@db/scrt?sslmode=verify-full"})) == []
    assert found(settings.model_copy(update={"database_url": "postgresql://app:x@/scrt?host=/run/postgresql"})) == []


def test_all_that_is_unsafe_is_said_at_once() -> None:
    sentences = found(Settings())

    assert {sentence.split(":")[0] for sentence in sentences} >= {
        "SCRT_BASE_URL",
        "SCRT_PROXY_COUNT",
        "SCRT_SECRET_KEY",
        "SCRT_TRUSTED_HOSTS",
    }


def test_demo_mode_may_be_unsafe_but_only_on_this_machine() -> None:
    assert found(Settings(demo=True)) == []
    assert [s.split(":")[0] for s in found(Settings(demo=True, bind="0.0.0.0"))] == ["SCRT_BIND"]


def test_a_demo_calendar_is_refused_outside_the_demo(settings: Settings) -> None:
    moved = Settings.model_validate(settings.model_dump(exclude_unset=True) | {"demo_now": "2024-11-01T09:00"})

    assert [s.split(":")[0] for s in found(moved)] == ["SCRT_DEMO_NOW"]


@pytest.mark.parametrize("name", ["DEBUG", "FLASK_DEBUG"])
def test_a_debugger_turned_on_from_outside_is_refused(settings: Settings, name: str) -> None:
    assert [s.split(":")[0] for s in found(settings, environ={name: "1"})] == [name]
    assert found(settings, environ={name: "0"}) == []


def test_a_folder_that_any_user_may_change_or_read_is_refused(settings: Settings) -> None:
    settings.instance.mkdir()
    database = settings.instance / "scrt.sqlite"
    database.touch(mode=0o644)

    settings.instance.chmod(0o777)
    assert [s.split(":")[0] for s in found(settings)] == ["SCRT_INSTANCE", "SCRT_INSTANCE"]
    settings.instance.chmod(0o755)
    assert len(found(settings)) == 1
    settings.instance.chmod(0o700)
    assert found(settings) == []


def test_this_machines_own_disks_are_read_where_it_lists_them(settings: Settings) -> None:
    assert not any("network disk" in sentence for sentence in unsafe(settings, environ={}))


@pytest.fixture
def connection(tmp_path: Path) -> Iterator[Connection]:
    """Give a database with the two tables that tell a demo's from a real one."""
    engine = create_engine(f"sqlite:///{tmp_path / 'either.sqlite'}")
    with engine.begin() as connection:
        connection.execute(text("CREATE TABLE service_setting (key TEXT PRIMARY KEY, value JSON)"))
        connection.execute(text("CREATE TABLE person (id TEXT PRIMARY KEY)"))
        yield connection
    engine.dispose()


def test_a_database_that_the_demo_filled_is_refused(connection: Connection) -> None:
    assert unsafe_database(connection) == []

    connection.execute(text("INSERT INTO service_setting VALUES ('demo', 'true')"))

    assert unsafe_database(connection)[0].startswith("SCRT_DATABASE_URL: this database was filled by `scrt demo`")
    assert unsafe_database(connection, demo=True) == []


def test_the_demo_does_not_open_a_database_of_real_people(connection: Connection) -> None:
    assert unsafe_database(connection, demo=True) == []

    connection.execute(text("INSERT INTO person VALUES ('one')"))

    assert [said.split(":")[0] for said in unsafe_database(connection, demo=True)] == ["SCRT_DEMO"]


def test_a_role_that_may_become_a_superuser_or_the_owner_is_refused_on_postgresql(postgresql_url: str) -> None:
    from scrt_workflow.database import make_engine  # noqa: PLC0415 - the other tests here need no database

    engine: Engine = make_engine(postgresql_url)
    with engine.connect() as connection:
        if not connection.scalar(text("SELECT rolsuper FROM pg_roles WHERE rolname = current_user")):
            pytest.skip("TEST_DATABASE_URL signs in as a role that may not make roles.")
        for statement in (
            "CREATE ROLE plain_login", "CREATE ROLE an_owner", "CREATE ROLE a_superuser SUPERUSER",
            "GRANT an_owner TO plain_login",
            "GRANT CREATE, USAGE ON SCHEMA public TO an_owner", "ALTER TABLE draft OWNER TO an_owner",
            "GRANT SELECT ON ALL TABLES IN SCHEMA public TO plain_login", "SET ROLE plain_login",
        ):  # fmt: skip
            connection.exec_driver_sql(statement)
        as_owner = unsafe_database(connection)
        for statement in ("RESET ROLE", "REVOKE an_owner FROM plain_login", "SET ROLE plain_login"):
            connection.exec_driver_sql(statement)
        plain = unsafe_database(connection)
        for statement in ("RESET ROLE", "GRANT a_superuser TO plain_login", "SET ROLE plain_login"):
            connection.exec_driver_sql(statement)
        as_superuser = unsafe_database(connection)
        connection.rollback()
    engine.dispose()

    assert plain == []
    assert ["owns the tables" in one for one in as_owner] == [True]
    assert "superuser" in as_superuser[0]


def test_a_superuser_who_owns_the_tables_is_refused_on_postgresql(postgresql_url: str) -> None:
    from scrt_workflow.database import make_engine  # noqa: PLC0415 - the other tests here need no database

    engine: Engine = make_engine(postgresql_url)
    with engine.connect() as connection:
        sentences = " ".join(unsafe_database(connection))
    engine.dispose()

    assert re.search(r"its role is, or may become, a superuser .* its role owns the tables", sentences)
