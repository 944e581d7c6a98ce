"""The scheduler: what is due is run once, a job that fails is no other job's trouble, and a dead timer is noticed."""

import subprocess
import sys
import threading
from datetime import UTC, datetime, time, timedelta

import pytest
from sqlalchemy import Engine, select

from scrt_workflow.clock import FixedClock
from scrt_workflow.database import make_engine, reading
from scrt_workflow.jobs.running import run_once
from scrt_workflow.jobs.scheduler import Scheduler
from scrt_workflow.jobs.work import Body, Outcome, Work, body_of
from scrt_workflow.models import JobRun
from scrt_workflow.operations import readiness
from scrt_workflow.operations.freezing import TooEarlyError
from scrt_workflow.operations.job_runs import LEASE, MOST_ATTEMPTS, LeaseLostError
from scrt_workflow.operations.timetable import Daily, Every, Job

REAL = datetime(2026, 11, 22, 13, tzinfo=UTC)
SERVICE = datetime(2024, 11, 1, 9, tzinfo=UTC)
REMINDERS = Job("reminders", "Reminders", Daily(time(7)))
SECONDS = Job("seconds", "Seconds", Every(1), reach=timedelta(seconds=30), each_missed=True)


class Bodies:
    """Work that is only remembered, or raises; called with a job's key, it gives that job's."""

    def __init__(self) -> None:
        self.done: list[tuple[str, datetime]] = []
        self.raises: dict[str, Exception] = {}

    def __call__(self, job: str) -> Body:
        """Give the work of *job*."""

        def run(work: Work) -> Outcome:
            if job in self.raises:
                raise self.raises[job]
            self.done.append((job, work.at))
            return {"done": 1}

        return run


def scheduler(engine: Engine, bodies: Bodies, *jobs: Job, clock: FixedClock | None = None) -> Scheduler:
    return Scheduler(engine, clock=clock or FixedClock(SERVICE), real_clock=FixedClock(REAL), jobs=jobs, bodies=bodies)


def runs(engine: Engine) -> list[tuple[str, str, str, int]]:
    with reading(engine) as session:
        found = session.scalars(select(JobRun).order_by(JobRun.job, JobRun.period))
        return [(run.job, run.period, run.status, run.attempt) for run in found]


def test_a_job_runs_once_for_its_period_whoever_looks(database: Engine) -> None:
    bodies = Bodies()
    for one in [scheduler(database, bodies, REMINDERS) for _ in range(3)]:
        for _ in range(2):
            one.look_at(REMINDERS)

    assert bodies.done == [("reminders", datetime(2024, 11, 1, 7, tzinfo=UTC))]
    assert runs(database) == [("reminders", "2024-11-01", "done", 1)]


def test_periods_that_passed_between_two_looks_are_run_in_order(database: Engine) -> None:
    bodies, clock = Bodies(), FixedClock(SERVICE)
    one = scheduler(database, bodies, SECONDS, clock=clock)
    one.look_at(SECONDS)
    clock.advance(timedelta(seconds=5))
    one.look_at(SECONDS)

    assert [at - SERVICE for _, at in bodies.done] == [timedelta(seconds=number) for number in range(6)]


def test_a_clock_that_jumps_leaves_no_period_out_and_runs_none_twice(database: Engine) -> None:
    bodies, clock = Bodies(), FixedClock(SERVICE)
    one = scheduler(database, bodies, REMINDERS, clock=clock)
    for jump in (timedelta(hours=3), timedelta(hours=-6), timedelta(hours=30), timedelta(hours=-3)):
        one.look_at(REMINDERS)
        clock.advance(jump)

    days = [at.date().isoformat() for _, at in bodies.done]
    assert len(days) == len(set(days))
    assert {"2024-11-01", "2024-11-02"} <= set(days)


def test_a_job_that_fails_is_written_down_and_the_others_run(database: Engine) -> None:
    bodies = Bodies()
    bodies.raises["reminders"] = ZeroDivisionError("case text that no log may hold")
    one = scheduler(database, bodies, REMINDERS, SECONDS)

    with pytest.raises(ZeroDivisionError):
        one.look_at(REMINDERS)
    one.look_at(SECONDS)

    assert [(job, status) for job, _, status, _ in runs(database)] == [("reminders", "failed"), ("seconds", "done")]
    with reading(database) as session:
        assert session.get_one(JobRun, ("reminders", "2024-11-01")).outcome == {"error": "ZeroDivisionError"}


def test_a_run_that_somebody_asked_for_too_early_is_tried_again_at_its_hour(database: Engine) -> None:
    bodies, clock, real_clock = Bodies(), FixedClock(SERVICE - timedelta(hours=3)), FixedClock(REAL)
    one = Scheduler(database, clock=clock, real_clock=real_clock, jobs=[REMINDERS], bodies=bodies)
    bodies.raises["reminders"] = ZeroDivisionError()
    for _ in range(MOST_ATTEMPTS):
        with pytest.raises(ZeroDivisionError):
            run_once("reminders", "2024-11-01", bodies("reminders"), Work(database, SERVICE, real_clock), owner="a", again=True)
        real_clock.advance(timedelta(minutes=1))

    clock.advance(timedelta(hours=3))
    real_clock.advance(timedelta(hours=3))
    with pytest.raises(ZeroDivisionError):
        one.look_at(REMINDERS)
    one.look_at(REMINDERS)
    assert runs(database) == [("reminders", "2024-11-01", "failed", MOST_ATTEMPTS + 1)]

    del bodies.raises["reminders"]
    clock.advance(timedelta(days=1))
    real_clock.advance(timedelta(days=1))
    one.look_at(REMINDERS)
    assert bodies.done == [("reminders", datetime(2024, 11, 2, 7, tzinfo=UTC))]


def test_whoever_asks_for_the_month_s_figures_too_early_is_told_from_when(database: Engine) -> None:
    midnight = datetime(2024, 11, 1, 0, 30, tzinfo=UTC)
    with pytest.raises(TooEarlyError):
        run_once("month_ends", "2024-10", body_of("month_ends"), Work(database, midnight, FixedClock(REAL)), owner="a")

    with reading(database) as session:
        outcome = session.get_one(JobRun, ("month_ends", "2024-10")).outcome
    told = "October 2024 can be frozen from 01:00 on 1 November 2024, when it is over."
    assert outcome == {"error": "TooEarlyError", "told": told}


def test_a_run_whose_lease_was_lost_changes_nothing_more(database: Engine) -> None:
    real_clock = FixedClock(REAL)
    work = Work(database, SERVICE, real_clock)

    def freeze(mine: Work) -> Outcome:
        real_clock.advance(LEASE + timedelta(seconds=1))
        assert run_once("reminders", "2024-11-01", lambda _: {"queued": 1}, work, owner="b") == {"queued": 1}
        with mine.unit():
            pytest.fail("The unit of work of a run that was lost must not begin.")
        return {}

    with pytest.raises(LeaseLostError):
        run_once("reminders", "2024-11-01", freeze, work, owner="a")

    assert runs(database) == [("reminders", "2024-11-01", "done", 2)]


def test_it_says_that_it_lives_and_runs_what_is_due_as_soon_as_it_starts(database: Engine) -> None:
    ran = threading.Event()

    def run(_: Work) -> Outcome:
        ran.set()
        return {}

    one = Scheduler(database, clock=FixedClock(SERVICE), jobs=[REMINDERS], bodies=lambda _: run)
    assert not one.is_alive()

    one.start()
    assert ran.wait(20)
    assert one.is_alive()
    one.stop()

    assert not one.is_alive()
    with reading(database) as session:
        assert readiness.is_scheduler_alive(session, at=datetime.now(UTC))
        assert not readiness.is_scheduler_alive(session, at=datetime.now(UTC) + timedelta(minutes=5))
    assert runs(database) == [("reminders", "2024-11-01", "done", 1)]


def test_a_timer_whose_thread_is_dead_is_seen_to_be(sqlite_url: str, monkeypatch: pytest.MonkeyPatch) -> None:
    engine = make_engine(sqlite_url)
    one = Scheduler(engine, clock=FixedClock(SERVICE), jobs=[], bodies=Bodies())
    monkeypatch.setattr(one.timer, "_main_loop", lambda: None)

    one.start()
    while one.is_alive():
        threading.Event().wait(0.01)

    assert one.timer.running
    assert not one.is_alive()
    one.stop()
    engine.dispose()


def test_the_pages_start_no_scheduler_and_do_not_even_know_one() -> None:
    code = "import sys, scrt_workflow.app; print(sorted(name for name in sys.modules if name.startswith('apscheduler')))"
    found = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)

    assert found.stdout.strip() == "[]"
