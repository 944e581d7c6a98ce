"""The scheduler: APScheduler tells the time, and nothing else. What is due is read from the timetable and the ledger.

Each tick looks for periods that nobody has run, and claims them one after the other, the oldest first; so any number of
schedulers may run, and none of them leads (D7, findings 4 and 5). It says that it lives only while its looks at the ledger
succeed, so that one that can do nothing is noticed like one that is dead (SC3).
"""

import logging
from collections.abc import Callable, Iterable
from datetime import datetime, timedelta
from functools import partial
from typing import Any, cast

from apscheduler.schedulers.background import BackgroundScheduler
from apscheduler.schedulers.base import STATE_STOPPED
from sqlalchemy import Engine

from scrt_workflow.clock import Clock
from scrt_workflow.database import reading, unit_of_work
from scrt_workflow.jobs.running import run_claimed
from scrt_workflow.jobs.work import Body, Work, body_of, process_name
from scrt_workflow.logs import log, where
from scrt_workflow.operations import job_runs, steering
from scrt_workflow.operations.job_runs import LEASE, Claim
from scrt_workflow.operations.readiness import heartbeat
from scrt_workflow.operations.timetable import TIMETABLE, Job

TICK_SECONDS = 30.0
BEATS_A_TICK = 2
WITHOUT_A_LOOK = 2  # ticks in which not one look succeeds, after which it no longer says that it lives


class Timer(BackgroundScheduler):  # type: ignore[misc]  # APScheduler carries no types
    """APScheduler that goes on when the machine's clock is set back; it would wait until that has caught up (F6)."""

    def _process_jobs(self) -> float | None:
        now = Clock().now()
        for job in self.get_jobs():
            if job.next_run_time and job.next_run_time - now > job.trigger.interval:
                job.modify(next_run_time=now)
        if self.state == STATE_STOPPED:  # while it waited for the jobs' lock, which `stop` holds
            return None
        return cast("float | None", super()._process_jobs())


class Scheduler:
    """Runs jobs when they are due. *clock* is what the timetable goes by; leases go by *real_clock*.

    Nothing runs before `start`; `stop` waits for the runs that have begun.
    """

    def __init__(
        self, engine: Engine, *, clock: Clock, real_clock: Clock | None = None, tick_seconds: float = TICK_SECONDS,
        jobs: Iterable[Job] = tuple(TIMETABLE.values()), bodies: Callable[[str], Body] = body_of, lease: timedelta = LEASE,
    ) -> None:  # fmt: skip
        self.engine, self.clock, self.real_clock = engine, clock, real_clock or Clock()
        self.jobs, self.bodies = tuple(jobs), bodies
        self.name = process_name("scheduler")
        self.tick_seconds, self.lease = tick_seconds, lease
        self.timer = Timer(timezone="UTC", executors={"beats": _threads(1), "default": _threads(len(self.jobs) or 1)})
        self._looked_at = self.real_clock.now()

    def start(self) -> None:
        """Look at once what is due, and then with every tick."""
        self._looked_at = self.real_clock.now()
        self._every(self.tick_seconds / BEATS_A_TICK, self.beat, id="heartbeat", executor="beats")  # whatever the jobs do
        for job in self.jobs:
            self._every(self.tick_seconds, self._looking_at(job), id=job.key)
        logging.getLogger("apscheduler").setLevel(logging.ERROR)  # a run that takes longer than a tick is no news
        self.timer.start()

    def _every(self, seconds: float, look: Callable[[], None], **options: Any) -> None:
        options |= {"coalesce": True, "max_instances": 1, "misfire_grace_time": None, "next_run_time": Clock().now()}
        self.timer.add_job(look, "interval", seconds=seconds, **options)

    def stop(self) -> None:
        """Let what runs end, and be seen no more."""
        self.timer.shutdown(wait=True)

    def is_alive(self) -> bool:
        """Tell whether the timer's thread lives; APScheduler itself says that it runs when that thread is dead."""
        thread = self.timer._thread  # noqa: SLF001 - what its own `running` ought to look at
        return thread is not None and thread.is_alive()

    def beat(self) -> None:
        """Write that this process lives, if it could look at any job lately."""
        at = self.real_clock.now()
        if self.jobs and at - self._looked_at > timedelta(seconds=WITHOUT_A_LOOK * self.tick_seconds):
            log.error("cannot_look", seconds=(at - self._looked_at).total_seconds())
            return
        try:
            with unit_of_work(self.engine) as session:
                heartbeat(session, self.name, at=at)
        except Exception as error:  # noqa: BLE001 - whatever it is, the next beat tries again
            log.error("beat_failed", where=where(error))

    def look_at(self, job: Job) -> None:
        """Run *job* if a person asked for it, and for each of its periods that wants it, until one of them fails."""
        now, real_now = self.clock.now(), self.real_clock.now()
        with reading(self.engine) as session:
            is_asked_for = steering.is_asked_for(session, job.key)
            moments = job_runs.unclaimed(session, job, now=now, real_now=real_now)
        self._looked_at = self.real_clock.now()
        if is_asked_for:
            self._run(job, self.clock.now(), steering.claim_asked)
        for moment in moments:
            due = real_now - (now - moment) if moment < now else None
            self._run(job, moment, partial(steering.claim_due, due=due))

    def _run(self, job: Job, moment: datetime, claim: Callable[..., Claim | None]) -> None:
        body, period = self.bodies(job.key), job.when.period(moment)
        with unit_of_work(self.engine) as session:
            claimed = claim(session, job, period, owner=self.name, at=self.real_clock.now(), lease=self.lease)
        if claimed is not None:
            run_claimed(claimed, body, Work(self.engine, moment, self.real_clock))

    def _looking_at(self, job: Job) -> Callable[[], None]:
        def look() -> None:
            try:
                self.look_at(job)
            except Exception as error:  # noqa: BLE001 - whatever it is, the next tick tries again
                log.error("tick_failed", job=job.key, where=where(error))

        return look


def _threads(number: int) -> dict[str, Any]:
    return {"type": "threadpool", "max_workers": number}
