"""What whoever watches over the service is told (D18)."""

from datetime import timedelta

from scrt_workflow.database import unit_of_work
from scrt_workflow.operations import readiness
from tests.factories import REAL_NOW, Running


def beats(running: Running) -> None:
    with unit_of_work(running.engine) as session:
        readiness.heartbeat(session, "scheduler:here:1", at=REAL_NOW)


def test_a_process_that_answers_is_alive(running_on_sqlite: Running) -> None:
    answer = running_on_sqlite.browser().get("/health/live")

    assert (answer.status_code, answer.json) == (200, {"ok": True})
    assert "Set-Cookie" not in answer.headers


def test_a_service_with_a_scheduler_is_ready(running: Running) -> None:
    beats(running)

    answer = running.browser().get("/health/ready")

    assert (answer.status_code, answer.json) == (200, {"ok": True, "why": []})


def test_a_silent_scheduler_is_noticed(running: Running) -> None:
    beats(running)
    running.real_clock.advance(timedelta(minutes=3))

    answer = running.browser().get("/health/ready")

    assert (answer.status_code, answer.json) == (503, {"ok": False, "why": ["scheduler"]})


def test_an_old_schema_is_noticed(running: Running) -> None:
    beats(running)
    with running.engine.begin() as connection:
        connection.exec_driver_sql("UPDATE alembic_version SET version_num = '0001'")

    answer = running.browser().get("/health/ready")

    assert answer.json == {"ok": False, "why": ["schema"]}
