"""The scheduler: APScheduler tells the time, and nothing else. What is due is read from the timetable and the ledger.

Each tick looks for periods that nobody has run, and claims them one after the other, the oldest first; so any number of
schedulers may run, and none of them leads (D7, findings 4 and 5).
"""

import logging
from collections.abc import Callable, Iterable
from datetime import datetime

from apscheduler.schedulers.background import BackgroundScheduler
from sqlalchemy import Engine

from scrt_workflow.clock import Clock
from scrt_workflow.database import reading, unit_of_work
from scrt_workflow.jobs.running import run_once
from scrt_workflow.jobs.work import Body, Work, body_of, process_name
from scrt_workflow.logs import log, where
from scrt_workflow.operations import job_runs
from scrt_workflow.operations.readiness import heartbeat
from scrt_workflow.operations.timetable import TIMETABLE, Job

TICK_SECONDS = 30.0
WORKERS = 4


class Scheduler:
    """Runs jobs when they are due. *clock* is what the timetable goes by; leases go by *real_clock*.

    Nothing runs before `start`; `stop` waits for the runs that have begun.
    """

    def __init__(
        self, engine: Engine, *, clock: Clock, real_clock: Clock | None = None, tick_seconds: float = TICK_SECONDS,
        jobs: Iterable[Job] = tuple(TIMETABLE.values()), bodies: Callable[[str], Body] = body_of,
    ) -> None:  # fmt: skip
        self.engine, self.clock, self.real_clock = engine, clock, real_clock or Clock()
        self.jobs, self.bodies = tuple(jobs), bodies
        self.name = process_name("scheduler")
        self.tick_seconds = tick_seconds
        self.timer = BackgroundScheduler(timezone="UTC", executors={"default": {"type": "threadpool", "max_workers": WORKERS}})

    def start(self) -> None:
        """Look at once what is due, and then with every tick."""
        options = {"coalesce": True, "max_instances": 1, "misfire_grace_time": None}
        for name, look in (("heartbeat", self.beat), *((job.key, self._looking_at(job)) for job in self.jobs)):
            self.timer.add_job(
                look, "interval", seconds=self.tick_seconds, id=name, next_run_time=self.real_clock.now(), **options
            )
        logging.getLogger("apscheduler").setLevel(logging.ERROR)  # a run that takes longer than a tick is no news
        self.timer.start()

    def stop(self) -> None:
        """Let what runs end, and be seen no more."""
        self.timer.shutdown(wait=True)

    def is_alive(self) -> bool:
        """Tell whether the timer's thread lives; APScheduler itself says that it runs when that thread is dead."""
        thread = self.timer._thread  # noqa: SLF001 - what its own `running` ought to look at
        return thread is not None and thread.is_alive()

    def beat(self) -> None:
        """Write that this process lives."""
        with unit_of_work(self.engine) as session:
            heartbeat(session, self.name, at=self.real_clock.now())

    def look_at(self, job: Job) -> None:
        """Run *job* for each of its periods that wants it, until one of them fails or cannot be claimed."""
        with reading(self.engine) as session:
            moments = job_runs.unclaimed(session, job, now=self.clock.now(), real_now=self.real_clock.now())
        for moment in moments:
            self._run(job, moment)

    def _run(self, job: Job, moment: datetime) -> None:
        work = Work(self.engine, moment, self.real_clock)
        run_once(job.key, job.when.period(moment), self.bodies(job.key), work, owner=self.name)

    def _looking_at(self, job: Job) -> Callable[[], None]:
        def look() -> None:
            try:
                self.look_at(job)
            except Exception as error:  # noqa: BLE001 - whatever it is, the next tick tries again
                log.error("tick_failed", job=job.key, where=where(error))

        return look
