"""What a stop of the scheduler costs: the missed periods are made up by each job's rule, and a dead scheduler is noticed."""

import threading
import time
from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta
from datetime import time as hour

import pytest
from sqlalchemy import Engine, select

from scrt_workflow.clock import FixedClock
from scrt_workflow.database import reading
from scrt_workflow.jobs.scheduler import TICK_SECONDS, Scheduler, Timer
from scrt_workflow.jobs.work import Body, Outcome, Work
from scrt_workflow.models import JobRun
from scrt_workflow.operations.readiness import SILENT_AFTER
from scrt_workflow.operations.timetable import Daily, Job, Monthly
from scrt_workflow.permissions import Role
from scrt_workflow.settings import Settings
from tests.factories import REAL_NOW, Running, make_running

REMINDERS = Job("reminders", "Reminders", Daily(hour(7)))
FIGURES = Job("figures", "Figures", Monthly(hour(6)), reach=timedelta(days=400), each_missed=True)


class Ran:
    """Work that is only remembered."""

    def __init__(self) -> None:
        self.days: list[str] = []

    def __call__(self, job: str) -> Body:
        """Give the work of *job*."""

        def run(work: Work) -> Outcome:
            self.days.append(f"{job} {work.day}")
            return {}

        return run


def service_time(text: str) -> datetime:
    return datetime.fromisoformat(text).replace(tzinfo=UTC)


def look(engine: Engine, ran: Ran, at: datetime) -> None:
    """Let two schedulers that have just started look at everything."""
    for _ in range(2):
        one = Scheduler(engine, clock=FixedClock(at), real_clock=FixedClock(REAL_NOW), jobs=[], bodies=ran)
        for job in (REMINDERS, FIGURES):
            one.look_at(job)


@pytest.mark.parametrize(
    ("stopped", "started", "made_up"),
    [
        ("2024-11-14T06:30", "2024-11-14T07:30", ["reminders 2024-11-14"]),
        ("2024-11-14T06:30", "2024-11-15T08:30", ["reminders 2024-11-15"]),
        ("2024-11-30T20:00", "2024-12-01T08:00", ["reminders 2024-12-01", "figures 2024-12-01"]),
        (
            "2024-11-20T20:00",
            "2025-02-03T08:00",
            ["reminders 2025-02-03", "figures 2024-12-01", "figures 2025-01-01", "figures 2025-02-01"],
        ),
        ("2024-11-14T07:30", "2024-11-14T20:30", []),
    ],
    ids=["an hour", "26 hours", "a month's end", "three month-ends", "nothing was due"],
)  # fmt: skip
def test_what_was_missed_while_it_was_down_is_made_up_once(
    database: Engine, stopped: str, started: str, made_up: list[str]
) -> None:
    ran = Ran()
    look(database, ran, service_time(stopped))
    before = len(ran.days)
    for later in (timedelta(), timedelta(minutes=1), timedelta(hours=2)):
        look(database, ran, service_time(started) + later)

    assert ran.days[before:] == made_up


@pytest.mark.parametrize("night", ["2024-03-30", "2024-10-26"])
def test_a_night_on_which_the_clocks_change_doubles_no_period_and_leaves_none_out(database: Engine, night: str) -> None:
    hourly = [Job(f"at-{number}", "", Daily(hour(number, 30)), each_missed=True) for number in (0, 2, 3, 7)]
    monthly = Job("month", "", Monthly(hour(0, 15)), each_missed=True)
    began, ran = service_time(f"{night}T12:00"), Ran()
    for half_hours in range(2 * 48):
        one = Scheduler(
            database,
            clock=FixedClock(began + timedelta(minutes=30 * half_hours)),
            real_clock=FixedClock(REAL_NOW),
            jobs=[],
            bodies=ran,
        )
        for job in (*hourly, monthly):
            one.look_at(job)

    with reading(database) as session:
        found = sorted(session.execute(select(JobRun.job, JobRun.period, JobRun.attempt, JobRun.status)))
    days = {(job.key, job.when.period(began + timedelta(days=day))) for job in hourly for day in (0, 1, 2)}
    assert {(job, period) for job, period, _, _ in found if job != "month"} == days
    assert {(attempt, status) for _, _, attempt, status in found} == {(1, "done")}
    assert len(ran.days) == len(set(ran.days)) == len(found)


def test_a_timer_goes_on_at_once_when_the_machine_s_clock_is_set_back(monkeypatch: pytest.MonkeyPatch) -> None:
    timer, ran, seen = Timer(timezone="UTC"), threading.Event(), []

    def tick() -> None:
        seen.append(1)
        ran.set()

    timer.add_job(tick, "interval", seconds=0.05, id="tick", next_run_time=datetime.now(UTC) + timedelta(hours=3))
    timer.start()  # as if it had been three hours later until now
    try:
        assert ran.wait(10)
    finally:
        timer.shutdown(wait=True)


@pytest.fixture
def running(settings: Settings, sqlite_url: str) -> Iterator[Running]:
    """Run the pages; their clocks stand still until the test moves them."""
    started = make_running(settings, sqlite_url)
    yield started
    started.engine.dispose()


def kill_thread(one: Scheduler, monkeypatch: pytest.MonkeyPatch) -> None:
    def die() -> None:
        raise SystemExit

    monkeypatch.setattr(one.timer, "_process_jobs", die)
    one.timer.wakeup()
    while one.is_alive():
        time.sleep(0.01)


def raise_in_the_ledger(_: Scheduler, monkeypatch: pytest.MonkeyPatch) -> None:
    def fail(*_: object, **__: object) -> None:
        raise RuntimeError("The ledger cannot be read.")

    monkeypatch.setattr("scrt_workflow.operations.job_runs.unclaimed", fail)


def stop(one: Scheduler, _: pytest.MonkeyPatch) -> None:
    one.stop()


@pytest.mark.filterwarnings("ignore::pytest.PytestUnhandledThreadExceptionWarning")  # the thread that is killed
@pytest.mark.parametrize("fault", [None, kill_thread, raise_in_the_ledger, stop], ids=["nothing", "dead", "blind", "stopped"])
def test_a_scheduler_that_is_dead_or_can_do_nothing_is_noticed_within_two_ticks(
    running: Running, monkeypatch: pytest.MonkeyPatch, fault: Callable[[Scheduler, pytest.MonkeyPatch], None] | None
) -> None:
    assert timedelta(seconds=2 * TICK_SECONDS) >= SILENT_AFTER
    administrator = running.as_a(Role.ADMINISTRATOR, "ENG")
    one = Scheduler(
        running.engine, clock=running.clock, real_clock=running.real_clock, jobs=[REMINDERS], bodies=Ran(), tick_seconds=0.05
    )
    one.start()
    wait_until(lambda: running.browser().get("/health/ready").status_code == 200)
    if fault:
        fault(one, monkeypatch)
    wait_for_beats_under_way()
    running.real_clock.advance(SILENT_AFTER)
    if fault is None:
        wait_until(lambda: running.browser().get("/health/ready").status_code == 200)
    wait_for_beats_under_way()

    answer = running.browser().get("/health/ready")
    assert (answer.status_code, answer.json["why"] if answer.json else None) == ((503, ["scheduler"]) if fault else (200, []))
    assert ("No scheduler is running" in administrator.get("/").text) is bool(fault)
    if fault is not stop:
        one.stop()


def wait_for_beats_under_way() -> None:
    """Let a few ticks pass, so that whatever would still say that it lives does."""
    threading.Event().wait(0.3)


def wait_until(is_so: Callable[[], bool]) -> None:
    until = time.monotonic() + 20
    while not is_so():
        assert time.monotonic() < until
        time.sleep(0.02)
