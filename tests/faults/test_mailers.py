"""F2: mailers are killed in the middle of their work; no e-mail is lost, and a kill costs at most one more copy (SC4)."""

import asyncio
import random
import sys
import time
from collections import Counter
from threading import Event
from typing import Any

import pytest
from aiosmtpd.smtp import SMTP
from sqlalchemy import Engine

from scrt_workflow.database import unit_of_work
from tests.faults.outbox import environment, fill_outbox, statuses
from tests.faults.processes import SCRT, Processes
from tests.mail_server import TAKEN, MailServer, mail_server

pytestmark = pytest.mark.faults
LONGEST = 400
TIMEOUT = 1  # seconds the mailers wait for the mail server; their leases last twelve times as long


class Sink(MailServer):
    """Counts messages by their ids. Told to, it calls for a kill when a message has arrived, and is slow to say so."""

    def __init__(self) -> None:
        super().__init__()
        self.counts: Counter[str] = Counter()
        self.kill_at: set[int] = set()
        self.kill = Event()

    async def handle_DATA(self, _server: SMTP, _session: Any, envelope: Any) -> str:  # noqa: N802 - aiosmtpd's name
        """Count a message; now and then, while its mailer waits for the answer, call for a kill."""
        header = next(line for line in envelope.content.splitlines() if line.startswith(b"Message-ID: "))
        self.counts[header.decode().removeprefix("Message-ID: ")] += 1
        if self.counts.total() in self.kill_at:
            self.kill.set()
            await asyncio.sleep(TIMEOUT / 2)
        return TAKEN


def deliver(engine: Engine, url: str, mails: int, *, mailers: int, kills: int) -> tuple[Sink, int]:
    """Let *mailers* deliver *mails* that wait, killing one at *kills* of them; give what arrived and how many were killed."""
    with unit_of_work(engine) as session:
        fill_outbox(session, mails)
    chance = random.Random(7)
    sink, killed = Sink(), 0
    sink.kill_at = set(chance.sample(range(5, mails - 5), kills))
    until = time.monotonic() + LONGEST
    with (
        mail_server(sink),
        Processes(*SCRT, "scheduler", "--no-jobs", environment=environment(url, sink.port, timeout=TIMEOUT)) as running,
    ):
        running.start(mailers)
        while set(statuses(engine)) - {"sent"} and time.monotonic() < until:
            if sink.kill.wait(0.2):
                sink.kill.clear()
                running.kill(chance.randrange(mailers))
                killed += 1
        assert running.end() == [0] * mailers
    return sink, killed


@pytest.mark.parametrize(
    ("mailers", "mails", "kills"),
    [(2, 100, 4), pytest.param(1, 300, 20, marks=pytest.mark.thorough), pytest.param(2, 300, 20, marks=pytest.mark.thorough)],
)
def test_no_e_mail_is_lost_and_a_kill_costs_at_most_one_more_copy(
    database: Engine, database_url: str, mailers: int, mails: int, kills: int
) -> None:
    sink, killed = deliver(database, database_url, mails, mailers=mailers, kills=kills)
    extra = sink.counts.total() - mails

    sys.stdout.write(f"{mailers} mailers, {killed} killed, {len(sink.counts)} e-mails arrived, {extra} extra copies\n")
    assert statuses(database) == {"sent": mails}
    assert len(sink.counts) == mails
    assert killed >= kills / 2
    assert 0 <= extra <= killed


def test_two_mailers_that_live_send_nothing_twice(database: Engine, database_url: str) -> None:
    sink, _ = deliver(database, database_url, 200, mailers=2, kills=0)

    assert statuses(database) == {"sent": 200}
    assert sink.counts.total() == len(sink.counts) == 200
