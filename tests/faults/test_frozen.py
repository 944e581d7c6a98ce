"""F9: a process is frozen in the middle of its work; another takes over, and the first one's late word is refused."""

import asyncio
import signal
import sqlite3
import subprocess
import time
from collections import Counter
from collections.abc import Callable
from contextlib import closing
from threading import Event
from typing import Any

import pytest
from aiosmtpd.smtp import SMTP
from sqlalchemy import Engine, select, text

from scrt_workflow.database import reading, unit_of_work
from scrt_workflow.models import JobRun, Notice
from tests.faults.outbox import environment, fill_outbox
from tests.faults.processes import SCRT, Processes
from tests.faults.ten_jobs import RAN
from tests.faults.two_parts import PARTS
from tests.mail_server import TAKEN, MailServer, mail_server

pytestmark = [pytest.mark.faults, pytest.mark.apart]
PATIENCE = 30
BUSY = """SELECT count(*) FROM pg_stat_activity WHERE datname = current_database() AND pid <> pg_backend_pid()
          AND (state = 'active' OR state LIKE 'idle in transaction%')"""
MAIL_TIMEOUT = 0.2  # seconds; a mailer's lease lasts twelve times as long


def wait_until(is_so: Callable[[], object], what: str) -> None:
    until = time.monotonic() + PATIENCE
    while not is_so():
        assert time.monotonic() < until, f"It never came to that: {what}."
        time.sleep(0.02)


def freeze(process: subprocess.Popen[bytes], engine: Engine) -> None:
    """Freeze *process* where it holds no transaction open: with SQLite, one that does keeps everybody from writing."""
    process.send_signal(signal.SIGSTOP)
    while is_busy(engine):
        process.send_signal(signal.SIGCONT)
        time.sleep(0.01)
        process.send_signal(signal.SIGSTOP)


def is_busy(engine: Engine) -> bool:
    """Tell whether anybody has a transaction open that writes."""
    if engine.dialect.name == "postgresql":
        with engine.connect() as connection:
            return bool(connection.scalar(text(BUSY)))
    with closing(sqlite3.connect(str(engine.url.database), timeout=0, isolation_level=None)) as file:
        try:
            file.execute("BEGIN IMMEDIATE")
            file.execute("ROLLBACK")
        except sqlite3.OperationalError:
            return True
    return False


def parts(engine: Engine) -> list[tuple[str, str]]:
    with reading(engine) as session:
        return [(row.process, row.slot) for row in session.execute(select(RAN))]


def runs(engine: Engine) -> list[JobRun]:
    with reading(engine) as session:
        return list(session.scalars(select(JobRun)))


def test_a_frozen_scheduler_loses_its_run_to_another_and_writes_no_more_of_it(database: Engine, database_url: str) -> None:
    with database.begin() as connection:
        RAN.create(connection)
    with Processes("-m", "tests.faults.two_parts", database_url) as schedulers:
        schedulers.start()
        wait_until(lambda: len(parts(database)) == 2, "two parts are done")
        freeze(schedulers.running[0], database)
        schedulers.start()
        wait_until(lambda: runs(database)[0].status == "done", "another has taken over, and is done")
        before = parts(database)
        schedulers.running[0].send_signal(signal.SIGCONT)
        time.sleep(1)  # in which the thawed one would write its third part
        assert schedulers.end() == [0, 0]

    (run,) = runs(database)
    first, second = dict.fromkeys(owner for owner, _ in before)
    assert parts(database) == before
    done = Counter(owner for owner, _ in before)
    assert done[first] < PARTS == done[second]
    assert (run.owner, run.attempt, run.status, run.outcome) == (second, 2, "done", {"parts": PARTS})


class Waiting(MailServer):
    """Takes messages; the first one it is slow to answer, and says that it has come."""

    def __init__(self) -> None:
        super().__init__()
        self.has_come, self.ids = Event(), Counter[str]()

    async def handle_DATA(self, _server: SMTP, _session: Any, envelope: Any) -> str:  # noqa: N802 - aiosmtpd's name
        """Take a message."""
        header = next(line for line in envelope.content.splitlines() if line.startswith(b"Message-ID: "))
        self.ids[header.decode().removeprefix("Message-ID: ")] += 1
        if not self.has_come.is_set():
            self.has_come.set()
            await asyncio.sleep(MAIL_TIMEOUT / 2)
        return TAKEN


def test_a_frozen_mailer_loses_its_e_mail_to_another_and_its_late_word_is_refused(database: Engine, database_url: str) -> None:
    with unit_of_work(database) as session:
        fill_outbox(session, 5)
    server = Waiting()
    settings = environment(database_url, server.port, timeout=MAIL_TIMEOUT)
    with mail_server(server), Processes(*SCRT, "scheduler", "--no-jobs", environment=settings) as mailers:
        mailers.start()
        assert server.has_come.wait(PATIENCE)
        freeze(mailers.running[0], database)
        (held,) = notices(database, "sending")
        mailers.start()
        wait_until(lambda: len(notices(database, "sent")) == 5, "another has sent them all")
        mailers.running[0].send_signal(signal.SIGCONT)
        time.sleep(1)  # in which the thawed one says what it thinks became of its e-mail
        assert mailers.end() == [0, 0]

    sent = {one.message_id: one.attempt for one in notices(database, "sent")}
    assert len(sent) == 5
    assert server.ids == sent
    assert Counter(sent.values()) == {1: 4, 2: 1}
    assert sent[held.message_id] == 2


def notices(engine: Engine, status: str) -> list[Notice]:
    with reading(engine) as session:
        return list(session.scalars(select(Notice).where(Notice.status == status)))
