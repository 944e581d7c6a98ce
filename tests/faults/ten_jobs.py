"""A scheduler of ten jobs, each due every second, as a process: `python -m tests.faults.ten_jobs DATABASE_URL`.

Each run writes a row, whether or not another run has written the same, so that a doubled one shows.
"""

import sys
import time
from datetime import timedelta

from sqlalchemy import Column, MetaData, String, Table, insert

from scrt_workflow.clock import Clock
from scrt_workflow.database import make_engine
from scrt_workflow.jobs.scheduler import Scheduler
from scrt_workflow.jobs.stopping import StopSignals
from scrt_workflow.jobs.work import Body, Outcome, Work
from scrt_workflow.logs import configure
from scrt_workflow.operations.timetable import Every, Job

JOBS = [Job(f"job{number}", "", Every(1), reach=timedelta(seconds=120), each_missed=True) for number in range(10)]
RAN = Table("ran", MetaData(), Column("job", String), Column("slot", String), Column("process", String))


def body_of(job: str) -> Body:
    """Give work that writes that it was done."""

    def run(work: Work) -> Outcome:
        with work.unit() as session:
            owner = work.claim.owner if work.claim else ""
            session.execute(insert(RAN), {"job": job, "slot": Every(1).period(work.at), "process": owner})
        return {}

    return run


if __name__ == "__main__":
    signals = StopSignals()
    configure("ERROR")
    engine = make_engine(sys.argv[1], pool_size=10)
    scheduler = Scheduler(engine, clock=Clock(), jobs=JOBS, bodies=body_of, tick_seconds=0.5)
    scheduler.start()
    while not signals.asked:
        time.sleep(0.1)
    scheduler.stop()
    engine.dispose()
