"""A scheduler of ten jobs, each due every second, as a process: `python -m tests.faults.ten_jobs DATABASE_URL [HOW_MANY REACH]`.

Each run writes a row, whether or not another run has written the same, so that a doubled one shows.
"""

import sys
from datetime import timedelta
from threading import Event

from sqlalchemy import Column, MetaData, String, Table, insert

from scrt_workflow.clock import Clock
from scrt_workflow.database import make_engine
from scrt_workflow.jobs.scheduler import Scheduler
from scrt_workflow.jobs.stopping import StopSignals
from scrt_workflow.jobs.work import Body, Outcome, Work
from scrt_workflow.logs import configure
from scrt_workflow.operations.timetable import Every, Job

RAN = Table("ran", MetaData(), Column("job", String), Column("slot", String), Column("process", String))


def jobs(number: int, *, reach: int) -> list[Job]:
    """Give jobs that are due every second, and make up what was missed in *reach* seconds."""
    return [Job(f"job{n}", "", Every(1), reach=timedelta(seconds=reach), each_missed=True) for n in range(number)]


JOBS = jobs(10, reach=120)


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
    number, reach = (int(word) for word in sys.argv[2:] or ("10", "120"))
    engine = make_engine(sys.argv[1], pool_size=10)
    scheduler = Scheduler(engine, clock=Clock(), jobs=jobs(number, reach=reach), bodies=body_of, tick_seconds=0.5)
    scheduler.start()
    never = Event()
    while not signals.asked:
        never.wait(0.1)  # `time.sleep` cannot sleep by a clock that is not the machine's (test_clock_jumps)
    scheduler.stop()
    engine.dispose()
