"""The job that raises again what nobody has acknowledged: each raising once, whoever runs it and however often."""

from collections import Counter
from datetime import datetime, timedelta

from sqlalchemy import Engine, func, select

from scrt_workflow.clock import FixedClock
from scrt_workflow.database import reading, unit_of_work
from scrt_workflow.jobs.escalations import run
from scrt_workflow.jobs.work import Work
from scrt_workflow.models import EscalationTold, Notice
from scrt_workflow.operations.timetable import TIMETABLE
from scrt_workflow.permissions import Role
from tests.operations import raising
from tests.operations.raising import DAY, FLAGGED, begun, flag
from tests.operations.reminding import add, end_roles


def work(engine: Engine, at: datetime) -> Work:
    return Work(engine, at, FixedClock(at))


def flagged(engine: Engine, posts: tuple[str, ...] = ("medical_director",)) -> None:
    with unit_of_work(engine) as session:
        raising.prepared(session, posts=posts)
        flag(begun(session))


def queued(engine: Engine) -> int:
    with reading(engine) as session:
        return session.scalar(select(func.count()).select_from(Notice)) or 0


def test_a_week_without_an_acknowledgement_raises_it_each_day_once(database: Engine) -> None:
    flagged(database)
    job = TIMETABLE["escalations"]
    came: Counter[str] = Counter()
    for moment in job.when.due_moments(FLAGGED, FLAGGED + 7 * DAY):
        came.update(run(work(database, moment)))

    assert came == {"due": 7, "queued": 7 * 2 + 5, "without_a_reader": 0}  # from the fourth on the national lead too
    with reading(database) as session:
        numbers = session.scalars(select(EscalationTold.number).distinct().order_by(EscalationTold.number)).all()
    assert numbers == list(range(1, 9))


def test_two_runs_of_one_moment_queue_nothing_twice_and_a_rehearsal_nothing_at_all(database: Engine) -> None:
    flagged(database)
    before, said = queued(database), list[str]()
    rehearsal = Work(database, FLAGGED + DAY, FixedClock(FLAGGED), say=said.append, is_rehearsal=True)

    assert run(rehearsal) == {"due": 1, "queued": 0, "without_a_reader": 0}
    assert len(said) == 1
    assert queued(database) == before
    assert [run(work(database, FLAGGED + DAY))["queued"] for _ in range(2)] == [2, 0]


def test_one_that_reaches_nobody_is_counted_for_administrators_to_see(database: Engine) -> None:
    flagged(database, posts=())
    with unit_of_work(database) as session:
        for role in (Role.REGIONAL_LEAD, Role.NATIONAL_LEAD):
            end_roles(session, add(session, role).id, FLAGGED.date())

    assert run(work(database, FLAGGED + DAY + timedelta(minutes=5))) == {"due": 1, "queued": 0, "without_a_reader": 1}
