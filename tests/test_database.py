"""The engine and its transactions: nothing is lost, nothing half done, and a reader changes nothing."""

from concurrent.futures import ThreadPoolExecutor
from multiprocessing import get_context
from pathlib import Path
from threading import Event as Signal
from uuid import uuid4

import pytest
from sqlalchemy import Engine, func, insert, select, text, update
from sqlalchemy.exc import DBAPIError, IntegrityError, OperationalError
from sqlalchemy.orm import Session

from scrt_workflow.database import LONGEST_SILENCE, is_current, make_engine, migrate, reading, savepoint, unit_of_work
from scrt_workflow.models import Heartbeat, Membership, Organisation, Person, ServiceSetting
from scrt_workflow.settings import shipped
from tests.models.rows import DAY, NOON, add_person

PROCESSES, TIMES = 4, 100


def count_up(url: str, times: int) -> None:
    """Read, change and write one number, *times* times over."""
    engine = make_engine(url)
    for _ in range(times):
        with unit_of_work(engine) as session:
            session.execute(update(ServiceSetting).values(value=counted(session) + 1))


def counted(session: Session) -> int:
    value: int = session.scalars(select(ServiceSetting.value).where(ServiceSetting.key == "count")).one()
    return value


@pytest.fixture
def counter(database: Engine) -> Engine:
    """Give a database whose setting `count` is 0."""
    with unit_of_work(database) as session:
        session.execute(insert(ServiceSetting).values(key="count", value=0))
    return database


def test_four_processes_that_read_change_and_write_lose_nothing_on_sqlite(sqlite_url: str) -> None:
    """Finding 1: without BEGIN IMMEDIATE, 299 of 400 such updates are lost and nobody is told."""
    context = get_context("forkserver")
    context.set_forkserver_preload(["scrt_workflow.database", "scrt_workflow.models"])
    engine = make_engine(sqlite_url)
    with unit_of_work(engine) as session:
        session.execute(insert(ServiceSetting).values(key="count", value=0))

    processes = [context.Process(target=count_up, args=(sqlite_url, TIMES)) for _ in range(PROCESSES)]
    for process in processes:
        process.start()
    for process in processes:
        process.join(timeout=60)

    with reading(engine) as session:
        assert [process.exitcode for process in processes] == [0] * PROCESSES, (
            "Waiting its turn is not an error: is busy_timeout set?"
        )
        assert counted(session) == PROCESSES * TIMES, "Updates were lost: does a unit of work begin with BEGIN IMMEDIATE?"
    engine.dispose()


def test_a_unit_of_work_waits_on_sqlite_until_the_one_before_it_is_over(sqlite_url: str) -> None:
    engine = make_engine(sqlite_url)
    begun = Signal()

    def second() -> int:
        with unit_of_work(engine) as session:
            begun.set()
            return counted(session)

    with ThreadPoolExecutor() as pool:
        with unit_of_work(engine) as session:
            session.execute(insert(ServiceSetting).values(key="count", value=1))
            waiting = pool.submit(second)
            assert not begun.wait(0.1)

        assert waiting.result(timeout=10) == 1
    engine.dispose()


def test_a_unit_of_work_that_fails_leaves_nothing(counter: Engine) -> None:
    def fail() -> None:
        with unit_of_work(counter) as session:
            session.execute(update(ServiceSetting).values(value=1))
            session.add(Heartbeat(process="web", at=NOON))
            session.flush()
            raise RuntimeError

    with pytest.raises(RuntimeError):
        fail()

    with reading(counter) as session:
        assert counted(session) == 0
        assert session.scalars(select(Heartbeat)).all() == []


def test_what_a_unit_of_work_gave_can_be_used_after_it_is_over(database: Engine) -> None:
    with unit_of_work(database) as session:
        heartbeat = Heartbeat(process="web", at=NOON)
        session.add(heartbeat)

    assert (heartbeat.process, heartbeat.at) == ("web", NOON)


def test_a_reader_cannot_write(counter: Engine) -> None:
    with pytest.raises(DBAPIError, match=r"(?i)read-?only"), reading(counter) as session:
        session.execute(update(ServiceSetting).values(value=1))

    with reading(counter) as session:
        assert counted(session) == 0


def test_a_connection_that_was_read_from_can_be_written_to_and_read_from_again(counter: Engine) -> None:
    for number in range(1, 4):
        with unit_of_work(counter) as session:
            session.execute(update(ServiceSetting).values(value=number))

        with reading(counter) as session:
            assert counted(session) == number
    assert counter.pool.status().count("Connections in pool: 1") == 1


def test_a_reader_sees_one_moment_while_others_write(counter: Engine) -> None:
    with reading(counter) as session:
        before = counted(session)
        with unit_of_work(counter) as other:
            other.execute(update(ServiceSetting).values(value=7))

        assert (before, counted(session)) == (0, 0)
    with reading(counter) as session:
        assert counted(session) == 7


def test_sqlite_keeps_what_it_acknowledged_and_checks_references(sqlite_url: str) -> None:
    engine = make_engine(sqlite_url)
    with engine.connect() as connection:
        settings = {
            name: connection.exec_driver_sql(f"PRAGMA {name}").scalar_one()
            for name in ("journal_mode", "synchronous", "foreign_keys", "busy_timeout", "recursive_triggers")
        }
    engine.dispose()

    full = 2
    assert settings == {
        "journal_mode": "wal",
        "synchronous": full,
        "foreign_keys": 1,
        "busy_timeout": 5000,
        "recursive_triggers": 1,
    }


def test_a_row_cannot_refer_to_one_that_is_not_there(session: Session) -> None:
    session.add(Membership(person_id=add_person(session), role="designate", organisation="ZZZ", valid_from=DAY))

    with pytest.raises(IntegrityError):
        session.flush()


def test_a_flush_inserts_rows_after_the_rows_that_they_refer_to(session: Session) -> None:
    people = [Person(id=uuid4(), email_key=f"{number}@example.nhs.uk", name="Dana Okafor") for number in range(3)]
    icb = Organisation(code="NEW", kind="icb", name="NHS New Integrated Care Board", valid_from=DAY)
    roles = [Membership(person_id=person.id, role="viewer", organisation="NEW", valid_from=DAY) for person in people]

    session.add_all([*roles, icb, *people])
    session.flush()

    assert session.scalar(select(func.count()).select_from(Membership)) == len(people)


def test_an_empty_database_is_not_current_until_it_is_migrated(tmp_path: Path) -> None:
    engine = make_engine(f"sqlite:///{tmp_path / 'new.sqlite'}")
    before = is_current(engine)

    migrate(engine)

    assert (before, is_current(engine)) == (False, True)
    engine.dispose()


def test_a_database_one_migration_behind_is_not_current(database: Engine) -> None:
    assert is_current(database)

    with unit_of_work(database) as session:
        session.execute(text("UPDATE alembic_version SET version_num = '0001'"))

    assert not is_current(database)


def test_services_that_start_at_once_migrate_once(tmp_path: Path) -> None:
    url = f"sqlite:///{tmp_path / 'new.sqlite'}"
    engines = [make_engine(url) for _ in range(4)]

    with ThreadPoolExecutor(4) as pool:
        list(pool.map(migrate, engines))

    assert is_current(engines[0])
    for engine in engines:
        engine.dispose()


def test_the_folder_of_the_migrations_may_have_any_name(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    odd = tmp_path / "100% new"
    odd.symlink_to(shipped("migrations"))
    monkeypatch.setattr("scrt_workflow.database.shipped", lambda _name: odd)
    engine = make_engine("sqlite://")

    migrate(engine)

    assert is_current(engine)
    engine.dispose()


def test_a_connection_that_is_lost_within_a_savepoint_is_what_is_heard_of(postgresql_url: str) -> None:
    engine = make_engine(postgresql_url)
    with pytest.raises(OperationalError), unit_of_work(engine) as session, savepoint(session):
        session.execute(text("SELECT pg_terminate_backend(pg_backend_pid())"))
    with unit_of_work(engine) as session:
        assert session.scalar(text("SELECT 1")) == 1
    engine.dispose()


def test_a_process_that_froze_does_not_hold_what_it_locked_for_ever(postgresql_url: str) -> None:
    engine = make_engine(postgresql_url)
    with reading(engine) as session:
        assert session.scalar(text("SHOW idle_in_transaction_session_timeout")) == f"{LONGEST_SILENCE // 60}min"
    engine.dispose()
