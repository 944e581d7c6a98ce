"""A batch whose process is killed, again and again, goes on where it was and moves no review twice."""

import time
from collections import Counter
from random import Random
from typing import Any

import pytest
from sqlalchemy import Engine, func, select

from scrt_workflow.database import reading, unit_of_work
from scrt_workflow.models import Event, Rebase, RebaseItem, Review
from scrt_workflow.operations import history, rebasing
from scrt_workflow.workflows.rebasing import Plan
from tests.faults.processes import Processes
from tests.operations.rebases import FIRST, Visits

pytestmark = pytest.mark.faults
REVIEWS, KILLS, LONGEST = 80, 3, 60


def moved_so_far(engine: Engine) -> int:
    with reading(engine) as session:
        return session.scalar(select(func.count()).where(RebaseItem.outcome == "moved")) or 0


def test_a_killed_batch_resumes_and_moves_nothing_twice(database: Engine, database_url: str) -> None:
    with unit_of_work(database) as session:
        visits = Visits(session)
        for _ in range(REVIEWS):
            visits.begin("arrange")
        new = visits.release(FIRST.replace("planned", "arranged"))
        who: dict[str, Any] = {"actor": visits.admin, "at": visits.at}
        made = rebasing.make_plan(session, Plan({"planned": "arranged"}), from_id=visits.first, to_id=new, mode="now", **who)
        rebasing.begin(session, made.id, **who)
        rebase_id = made.id
    chance, kills, until = Random(7), 0, time.monotonic() + LONGEST

    with Processes("-m", "tests.faults.moving_reviews", database_url, str(rebase_id)) as movers:
        movers.start(2)
        before = 0
        while kills < KILLS and time.monotonic() < until:
            if (now := moved_so_far(database)) > before:
                time.sleep(chance.uniform(0, 0.03))
                movers.kill(0)
                before, kills = now, kills + 1
            time.sleep(0.01)
        half_way = moved_so_far(database)
        while any(one.poll() is None for one in movers.running) and time.monotonic() < until:
            time.sleep(0.05)

    assert kills == KILLS
    assert half_way < REVIEWS, "The batch was done before anything was killed."
    with reading(database) as session:
        events = session.scalars(select(Event.stream).where(Event.kind == history.REBASED)).all()
        assert Counter(Counter(events).values()) == {1: REVIEWS}
        assert session.scalar(select(Rebase.status).where(Rebase.id == rebase_id)) == "done"
        assert set(session.scalars(select(RebaseItem.outcome))) == {"moved"}
        assert set(session.scalars(select(Review.state))) == {"arranged"}
        assert list(history.broken_links(session)) == []
