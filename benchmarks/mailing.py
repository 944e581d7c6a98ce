"""E-mails a minute, from the outbox to a mail server on this machine, by one process that delivers and by two."""

from __future__ import annotations

import time
from pathlib import Path

from benchmarks.databases import Databases
from benchmarks.timing import Timed
from scrt_workflow.database import make_engine, migrate, unit_of_work
from tests.faults.outbox import environment, fill_outbox, statuses
from tests.faults.processes import SCRT, Processes
from tests.mail_server import MailServer, mail_server

MAILS, GOAL = 1_000, 1_000
FIRST = 20
"""E-mails after which the clock starts: what a process takes to start is not what is measured."""


class Minute(Timed):
    """What one way of delivering came to."""

    def __str__(self) -> str:
        """Show it as a line of a table: e-mails a minute in the place of a time."""
        return f"  {self.name:<60} {60 / self.wall:>9,.0f} a minute {self.wall_ratio:>17.2f}"


def mailing(on: Databases, _turns: int) -> list[Timed]:
    """Deliver MAILS e-mails by one process, then by two; the ratio is of their speeds."""
    one, two = (_seconds_for_each(on, processes) for processes in (1, 2))
    return [
        Minute(f"one process that delivers (goal: {GOAL:,})", one, 0, 1, 0),
        Minute(f"two (goal: {2 * GOAL:,})", two, 0, one / two, 0),
    ]


def _seconds_for_each(on: Databases, processes: int) -> float:
    url = on.empty()
    engine = make_engine(url)
    migrate(engine)
    with unit_of_work(engine) as session:
        fill_outbox(session, MAILS)
    server = MailServer()
    settings = environment(url, server.port, timeout=10, SCRT_INSTANCE=str(Path(on.folder())))
    with mail_server(server), Processes(*SCRT, "scheduler", "--no-jobs", environment=settings) as mailers:
        mailers.start(processes)
        first, began = _wait_for(server, FIRST)
        last, ended = _wait_for(server, MAILS)
        mailers.end()
    assert statuses(engine) == {"sent": MAILS}
    engine.dispose()
    return (ended - began) / (last - first)


def _wait_for(server: MailServer, number: int) -> tuple[int, float]:
    """Wait until so many e-mails have come; give how many they are, and when."""
    while (come := len(server.messages)) < number:
        time.sleep(0.005)
    return come, time.perf_counter()
