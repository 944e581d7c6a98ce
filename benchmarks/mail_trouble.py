"""What a step's submit takes while e-mails wait: with a mail server that is well, and with ones that are not (SC5)."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from socket import socket
from statistics import quantiles
from threading import Event

from benchmarks.completing import by_us
from benchmarks.databases import Databases
from benchmarks.timing import Prepared, Timed
from benchmarks.tracker import Tracker
from scrt_workflow.database import unit_of_work
from tests.faults.outbox import environment, fill_outbox
from tests.faults.processes import SCRT, Processes
from tests.mail_server import MailServer, mail_server, odd_server, silent

ROUNDS, SUBMITS, MAILS = 5, 60, 5_000
Served = Iterator[tuple[int, Callable[[], bool]]]
"""A mail server's port, and what tells that the mailer has come to it."""


def mail_trouble(on: Databases, _turns: int) -> list[Timed]:
    """Give the time that 19 of 20 submits stay below, beside each mail server; the first is what others are compared with."""
    url = on.empty()
    tracker = Tracker(on.folder(), url)
    with unit_of_work(tracker.engine) as session:
        fill_outbox(session, MAILS)
    prepare = by_us(tracker, [tracker.add_review() for _ in range(20)])
    took: dict[str, list[float]] = {name: [] for name in SERVERS}
    for _ in range(ROUNDS):
        for name, server in SERVERS.items():
            with contextmanager(server)() as (port, has_come):
                settings = environment(url, port, timeout=10, SCRT_INSTANCE=str(on.folder()))
                with Processes(*SCRT, "scheduler", "--no-jobs", environment=settings) as mailer:
                    mailer.start(1)
                    while not has_come():
                        time.sleep(0.01)
                    took[name] += _submits(prepare)
    tracker.close()
    usual = {name: quantiles(times, n=20)[-1] for name, times in took.items()}
    first = next(iter(usual.values()))
    return [Timed(f"19 of 20 submits, {name}", one, 0, one / first, 0) for name, one in usual.items()]


def _submits(prepare: Prepared) -> list[float]:
    took = []
    for _ in range(SUBMITS):
        submit = prepare()
        began = time.perf_counter()
        submit()
        took.append(time.perf_counter() - began)
    return took


def _well() -> Served:
    server = MailServer()
    with mail_server(server):
        yield server.port, lambda: len(server.messages) > 0


def _silent() -> Served:
    called = Event()

    def talk(caller: socket, stop: Event) -> None:
        called.set()
        silent(caller, stop)

    with odd_server(talk) as port:
        yield port, called.is_set


SERVERS = {"a mail server that takes e-mails": _well, "one that accepts and stays silent": _silent}
