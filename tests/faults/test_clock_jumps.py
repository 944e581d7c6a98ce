"""F6: the machine's clock jumps forwards and back under running schedulers; each period is run once, and none waits (SC7)."""

import os
import time
from collections import Counter
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from sqlalchemy import Engine, func, select

from scrt_workflow.database import reading
from scrt_workflow.models import JobRun
from scrt_workflow.operations.timetable import Every
from tests.faults.processes import Processes
from tests.faults.ten_jobs import RAN
from tests.machine import find_faketime

pytestmark = [pytest.mark.faults, pytest.mark.apart]
PATIENCE = 60
JOBS, EACH = 3, 2  # seconds of every job that are seen run before the clock jumps again


def runs(engine: Engine) -> Counter[tuple[str, str]]:
    with reading(engine) as session:
        return Counter((row.job, row.slot) for row in session.execute(select(RAN)))


def wait_for(is_so: Callable[[], bool], what: str) -> None:
    until = time.monotonic() + PATIENCE
    while not is_so():
        assert time.monotonic() < until, f"It never came to that: {what}."
        time.sleep(0.1)


def set_clock(file: Path, ahead: str) -> None:
    """Set the clock of the processes that read *file*, in one step."""
    new = file.with_suffix(".new")
    new.write_text(f"{ahead}\n")
    os.replace(new, file)  # noqa: PTH105 - the one call that takes its place in one step


def test_a_clock_that_jumps_three_hours_forth_and_back_doubles_nothing_and_holds_nothing_up(
    database: Engine, database_url: str, tmp_path: Path
) -> None:
    with database.begin() as connection:
        RAN.create(connection)
    file = tmp_path / "clock"
    set_clock(file, "+0h")
    faked = {
        "LD_PRELOAD": find_faketime(),
        "FAKETIME_TIMESTAMP_FILE": str(file),
        "FAKETIME_NO_CACHE": "1",
        "FAKETIME_DONT_FAKE_MONOTONIC": "1",
    }
    began: list[datetime] = []
    with Processes("-m", "tests.faults.ten_jobs", database_url, "3", "10", environment=faked) as schedulers:
        schedulers.start(2)
        for hours in (0, 3, -3, 0):
            set_clock(file, f"{hours:+}h")
            began.append(datetime.now(UTC) + timedelta(hours=hours))

            def has_gone_on(since: datetime = began[-1]) -> bool:
                until = since + timedelta(minutes=30)  # what was run before the jump, at another hour, shows nothing
                seen = Counter(job for job, slot in runs(database) if Every(1).period(since) <= slot <= Every(1).period(until))
                return len(seen) == JOBS and min(seen.values()) >= EACH

            wait_for(has_gone_on, f"every job runs with the clock at {hours:+} hours")
        assert schedulers.end() == [0, 0]

    done = runs(database)
    assert [slot for slot, count in done.items() if count > 1] == []
    with reading(database) as session:
        assert session.scalar(select(func.count()).where(JobRun.status == "done")) == len(done)
