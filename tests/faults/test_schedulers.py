"""F3: four schedulers, ten jobs, each due every second: every job runs once for every second, and none is left out (SC1)."""

import sys
import time
from collections import Counter
from datetime import UTC, datetime, timedelta

import pytest
from sqlalchemy import Engine, func, select

from scrt_workflow.database import reading
from scrt_workflow.models import JobRun
from tests.faults.processes import Processes
from tests.faults.ten_jobs import JOBS, RAN

pytestmark = pytest.mark.faults
SECONDS, LONGEST = 15, 120


def slots_done(engine: Engine) -> int:
    """Give for how many seconds the job that is furthest behind has run; 0 while a run that failed waits for its next try."""
    with reading(engine) as session:
        rows = session.execute(select(RAN.c.job, func.count()).group_by(RAN.c.job)).all()
        failed = session.scalar(select(func.count()).where(JobRun.status == "failed"))
    return 0 if failed or len(rows) < len(JOBS) else min(row[1] for row in rows)


def run_schedulers(engine: Engine, url: str, how_many: int) -> None:
    """Run schedulers until each job has run for SECONDS."""
    with engine.begin() as connection:
        RAN.create(connection)
    until = time.monotonic() + LONGEST
    with Processes("-m", "tests.faults.ten_jobs", url) as schedulers:
        schedulers.start(how_many)
        while slots_done(engine) < SECONDS and time.monotonic() < until:
            time.sleep(0.2)
        assert set(schedulers.end()) == {0}


def runs_by_slot(engine: Engine) -> Counter[tuple[str, str]]:
    with reading(engine) as session:
        return Counter((row.job, row.slot) for row in session.execute(select(RAN)))


def expected(runs: Counter[tuple[str, str]]) -> set[tuple[str, str]]:
    """Give every second between the first and the last of each job."""
    found = set()
    for job in JOBS:
        slots = sorted(slot for key, slot in runs if key == job.key)
        second, last = (datetime.strptime(slots[place], "%Y-%m-%dT%H:%M:%SZ").replace(tzinfo=UTC) for place in (0, -1))
        while second <= last:
            found.add((job.key, job.when.period(second)))
            second += timedelta(seconds=1)
    return found


def test_four_schedulers_run_each_job_once_for_each_second(database: Engine, database_url: str) -> None:
    run_schedulers(database, database_url, 4)
    runs = runs_by_slot(database)

    sys.stdout.write(f"{sum(runs.values())} runs for {len(expected(runs))} slots of {len(JOBS)} jobs by 4 schedulers\n")
    assert set(runs) == expected(runs)
    assert [slot for slot, count in runs.items() if count > 1] == []
    assert len(runs) >= SECONDS * len(JOBS)
    with reading(database) as session:
        assert set(session.scalars(select(JobRun.status))) == {"done"}
        assert session.scalar(select(func.count()).select_from(JobRun)) == len(runs)
        assert len(set(session.scalars(select(JobRun.owner)))) > 1, "Only one of the schedulers did anything."
