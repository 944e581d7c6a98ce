"""Every page, asked by everyone, answers as the written matrix says (AZ1); none asked with GET changes anything (IN5)."""

from collections.abc import Iterator
from hashlib import sha256
from pathlib import Path

import pytest
from sqlalchemy import select

from scrt_workflow.access import BROKEN, KINDS, World, matrix
from scrt_workflow.database import reading
from scrt_workflow.models.columns import Model

AGREED = Path(__file__).parent.parent / "access.txt"
MAY_CHANGE = {"access_event", "heartbeat", "web_session"}  # that a review was read, that a person was here, that it lives


@pytest.fixture
def world(tmp_path: Path) -> Iterator[World]:
    made = World(tmp_path)
    yield made
    made.close()


def contents(world: World) -> dict[str, str]:
    with reading(world.engine) as session:
        tables = {name: table for name, table in Model.metadata.tables.items() if name not in MAY_CHANGE}
        rows = {name: session.execute(select(table)).all() for name, table in tables.items()}
    return {name: sha256(repr(sorted(map(repr, found))).encode()).hexdigest() for name, found in rows.items()}


@pytest.mark.slow
def test_every_page_opens_to_whom_the_matrix_says() -> None:
    found = list(matrix())

    assert len(KINDS) >= 12
    assert [line for line in found if BROKEN in line] == []
    assert found == AGREED.read_text(encoding="utf-8").splitlines(), (
        "Rights have changed, or a page is new. If that is meant: `scrt access > tests/access.txt`, and look at the difference."
    )


@pytest.mark.slow
def test_opening_pages_changes_nothing(world: World) -> None:
    before = contents(world)

    for rule, method in world.questions():
        if method == "GET":
            for kind in KINDS:
                world.ask(rule, method, kind)

    assert contents(world) == before
