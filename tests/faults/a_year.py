"""A scheduler or a mailer by a clock that a file holds: `python -m tests.faults.a_year WHICH DATABASE_URL CLOCK_FILE PORT`.

The calendar, and when an e-mail is tried again, go by that clock; the leases of jobs by the real one.
"""

import sys
from datetime import UTC, datetime, timedelta
from pathlib import Path
from threading import Event, Thread

from scrt_workflow.clock import Clock
from scrt_workflow.database import make_engine
from scrt_workflow.jobs.mailer import Mailer
from scrt_workflow.jobs.scheduler import Scheduler
from scrt_workflow.jobs.stopping import StopSignals
from scrt_workflow.logs import configure
from scrt_workflow.operations.timetable import TIMETABLE
from scrt_workflow.settings import Settings

TICK = 0.25  # seconds
JOB_LEASE = timedelta(seconds=4)
MAIL_LEASE = timedelta(days=60)  # of the clock in the file, which leaps from day to day while a page to print is made
PLAYED = [job for job in TIMETABLE.values() if job.key not in {"rebases", "escalations"}]
"""The jobs of a day, a month, a quarter, a year: those of every minute would be most of what there is to wait for."""


class FileClock(Clock):
    """The time that a file holds, in seconds; who writes it puts another file in its place."""

    def __init__(self, path: Path) -> None:
        self.path = path

    def now(self) -> datetime:
        """Read it."""
        return datetime.fromtimestamp(float(self.path.read_text()), UTC)


def set_clock(path: Path, at: datetime) -> None:
    """Let it be *at* by the clock in a file."""
    new = path.with_suffix(".new")
    new.write_text(str(at.timestamp()))
    new.replace(path)


def main(what: str, url: str, path: str, port: str) -> None:
    """Run until asked to end."""
    signals, clock, stop = StopSignals(), FileClock(Path(path)), Event()
    configure("CRITICAL")
    engine = make_engine(url, pool_size=10)
    if what == "scheduler":
        scheduler = Scheduler(engine, clock=clock, jobs=PLAYED, tick_seconds=TICK, lease=JOB_LEASE)
        scheduler.start()
        end = scheduler.stop
    else:
        settings = Settings(demo=True, mail_host="127.0.0.1", mail_port=int(port), mail_tls="none", mail_from="a@example.nhs.uk")
        mailer = Mailer(engine, settings, clock=clock, real_clock=clock)
        mailer.lease = MAIL_LEASE
        thread = Thread(target=mailer.run, args=(stop,))
        thread.start()
        end = thread.join
    while not signals.asked:
        stop.wait(0.1)
    stop.set()
    end()
    engine.dispose()


if __name__ == "__main__":
    main(*sys.argv[1:])
