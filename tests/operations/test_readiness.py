"""Signs of life."""

from datetime import UTC, datetime, timedelta
from typing import Any

from sqlalchemy import event, select

from scrt_workflow.database import make_engine, reading, unit_of_work
from scrt_workflow.models import Heartbeat
from scrt_workflow.operations.readiness import heartbeat

AT = datetime(2026, 11, 22, 13, tzinfo=UTC)


def test_two_that_ask_for_the_first_time_at_once_are_both_answered(postgresql_url: str) -> None:
    engine, other = make_engine(postgresql_url), make_engine(postgresql_url)

    def be_overtaken(_connection: Any, _cursor: Any, statement: str, *_more: object) -> None:
        if statement.startswith("INSERT"):
            with unit_of_work(other) as session:
                heartbeat(session, "health", at=AT)

    event.listen(engine, "before_cursor_execute", be_overtaken)
    with unit_of_work(engine) as session:
        heartbeat(session, "health", at=AT + timedelta(seconds=1))

    with reading(other) as session:
        assert session.scalars(select(Heartbeat.at).where(Heartbeat.process == "health")).all() == [AT + timedelta(seconds=1)]
    engine.dispose()
    other.dispose()
