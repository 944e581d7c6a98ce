"""The list of reviews asks for one page, however many there are."""

from collections.abc import Iterator
from typing import Any
from uuid import uuid4

import pytest
from sqlalchemy import Connection, Engine, event
from sqlalchemy.orm import Session

from scrt_workflow.actors import Actor, Held
from scrt_workflow.database import make_engine
from scrt_workflow.operations.finding import Wanted, list_reviews
from scrt_workflow.permissions import Role
from scrt_workflow.reference import ENGLAND

LEAD = Actor(uuid4(), "A Lead", "lead@example.nhs.uk", (Held(uuid4(), Role.NATIONAL_LEAD, ENGLAND, True, frozenset()),))


@pytest.fixture
def engine(sqlite_url: str) -> Iterator[Engine]:
    engine = make_engine(sqlite_url)
    yield engine
    engine.dispose()


@pytest.mark.parametrize("oldest_first", [False, True])
@pytest.mark.parametrize(
    ("sort", "index", "column", "value"),
    [
        ("updated", "review_newest", "last_update_on", "2018-06-01"),
        ("since", "review_since", "state_since", "2018-06-01"),
        ("reference", "sqlite_autoindex_review_2", "reference", "R-7K3MQ-0P4XZ"),
    ],
)
def test_a_page_far_down_the_list_of_all_reviews_is_one_range_of_an_index(
    engine: Engine, sort: str, index: str, column: str, value: str, oldest_first: bool
) -> None:
    asked: list[tuple[str, Any]] = []

    @event.listens_for(engine, "before_cursor_execute")
    def note(_connection: Connection, _cursor: object, statement: str, parameters: Any, *_rest: object) -> None:
        asked.append((statement, parameters))

    wanted = Wanted(sort=sort, newest_first=not oldest_first, after=f"{value}~{uuid4()}")
    with Session(engine) as session:
        list_reviews(session, LEAD, wanted)
        statement, parameters = asked[-1]
        plan = session.connection().exec_driver_sql(f"EXPLAIN QUERY PLAN {statement}", parameters).all()

    assert [row.detail for row in plan][:1] == [f"SEARCH review USING INDEX {index} ({column}{'>' if oldest_first else '<'}?)"]
    assert not any("TEMP B-TREE FOR ORDER BY" in row.detail for row in plan)
