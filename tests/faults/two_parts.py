"""A scheduler of one slow job, as a process: `python -m tests.faults.two_parts DATABASE_URL`.

The job writes a row for each of its parts, in a unit of work of its own, and pauses between them. Its lease is short, so that
another soon takes over from one that was frozen.
"""

import sys
import time
from datetime import time as hour
from datetime import timedelta

from sqlalchemy import insert

from scrt_workflow.clock import Clock
from scrt_workflow.database import make_engine
from scrt_workflow.jobs.scheduler import Scheduler
from scrt_workflow.jobs.stopping import StopSignals
from scrt_workflow.jobs.work import Body, Outcome, Work
from scrt_workflow.logs import configure
from scrt_workflow.operations.timetable import Daily, Job
from tests.faults.ten_jobs import RAN

PARTS, PAUSE = 6, 0.3
SLOW = Job("slow", "", Daily(hour(0)))
LEASE = timedelta(seconds=1.5)


def body_of(_job: str) -> Body:
    """Give work of several parts."""

    def run(work: Work) -> Outcome:
        for part in range(PARTS):
            with work.unit() as session:
                owner = work.claim.owner if work.claim else ""
                session.execute(insert(RAN), {"job": "slow", "slot": str(part), "process": owner})
            time.sleep(PAUSE)
        return {"parts": PARTS}

    return run


if __name__ == "__main__":
    signals = StopSignals()
    configure("CRITICAL")
    engine = make_engine(sys.argv[1])
    scheduler = Scheduler(engine, clock=Clock(), jobs=[SLOW], bodies=body_of, tick_seconds=0.2, lease=LEASE)
    scheduler.start()
    while not signals.asked:
        time.sleep(0.1)
    scheduler.stop()
    engine.dispose()
