"""The real service in its own processes, under clients that do not give up, while its workers are killed."""

from __future__ import annotations

import http.client
import os
import random
import signal
import socket
import subprocess
import sys
import threading
import time
from bisect import bisect
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from pathlib import Path
from urllib.parse import urlencode
from uuid import UUID, uuid4

import psutil
from sqlalchemy import insert
from sqlalchemy.orm import Session

from scrt_workflow import catalogue
from scrt_workflow.models import Answer, Review, Span
from scrt_workflow.operations import history
from scrt_workflow.operations.conversions import reference_of
from scrt_workflow.permissions import Role
from tests.factories import NOW, TODAY, TOKEN, make_membership, make_person
from tests.faults.processes import SCRT

SECRET = "k7Jq2vXw9RtB4nLm8ZcY6pHs3DfG5aUe"
WORKFLOW, STEP = "domestic_homicide_review", "ask_for_assurance"
DESIGNATES = [f"designate{number}.of.faults@example.nhs.uk" for number in range(5)]
EMAIL = DESIGNATES[0]
FORM = {"Content-Type": "application/x-www-form-urlencoded"}
PATIENCE = 60.0
MOST_KILLS = 60


def free_port() -> int:
    """Give a port that nobody listens on."""
    with socket.socket() as sock:
        sock.bind(("127.0.0.1", 0))
        return int(sock.getsockname()[1])


@dataclass
class Served:
    """The service at a port: its master process, and a browser's cookie and form token."""

    port: int
    process: psutil.Process
    cookie: str = ""
    token: str = ""
    cut_off: list[float] = field(default_factory=list)
    killed: list[float] = field(default_factory=list)
    answered: int = 0

    def send(self, method: str, path: str, form: Mapping[str, str] | None = None) -> tuple[int, str, str]:
        """Send one request; give its status, Location and text. Raises OSError or HTTPException when the line goes dead."""
        connection = http.client.HTTPConnection("127.0.0.1", self.port, timeout=20)
        headers = {"Cookie": self.cookie} if self.cookie else {}
        try:
            connection.request(method, path, urlencode(form) if form else None, {**headers, **(FORM if form else {})})
            response = connection.getresponse()
            text = response.read().decode()
            if cookie := response.headers.get("Set-Cookie"):
                self.cookie = cookie.partition(";")[0]
            return response.status, response.headers.get("Location", ""), text
        finally:
            connection.close()

    def as_another(self, email: str, password: str) -> Served:
        """Give the same service to another browser, signed in as somebody else."""
        other = replace(self, cookie="", token="")
        other.sign_in(password, email=email)
        return other

    def sign_in(self, password: str, *, email: str = EMAIL) -> None:
        """Sign in by the form."""
        found = TOKEN.search(self.send("GET", "/sign-in")[2])
        assert found is not None
        status, _, _ = self.send("POST", "/sign-in", {"csrf_token": found[1], "email": email, "password": password})
        assert status == 303
        found = TOKEN.search(self.send("GET", "/account/password")[2])
        assert found is not None
        self.token = found[1]

    def submit(self, review_id: UUID, key: UUID) -> tuple[int, str, str]:
        """Submit the step once."""
        path = f"/reviews/{review_id}/steps/{STEP.replace('_', '-')}/check"
        return self.send("POST", path, {"csrf_token": self.token, "key": str(key), "read_at": "0"})

    def submit_until_answered(self, review_id: UUID, key: UUID) -> tuple[int, str, str]:
        """Submit the step again and again with the same key, until the service answers; note each time the line went dead."""
        until = time.monotonic() + PATIENCE
        while True:
            try:
                status, location, text = self.submit(review_id, key)
                if status < 500:
                    self.answered += 1
                    return status, location, text
            except ConnectionRefusedError:
                pass
            except (OSError, http.client.HTTPException):
                self.cut_off.append(time.monotonic())
            if time.monotonic() > until:
                raise TimeoutError("the service did not come back")
            time.sleep(0.05)

    @property
    def kills_that_hit(self) -> int:
        """Count the kills that cut off at least one request: nothing else cuts one off, so each belongs to the kill before it."""
        return len({bisect(self.killed, when) for when in self.cut_off} - {0})


@contextmanager
def served(
    url: str, instance: Path, *, workers: int = 2, program: tuple[str, ...] = SCRT, log_to: Path | None = None
) -> Iterator[Served]:
    """Run `scrt serve` on the database at *url* with *workers* processes of four threads; *program* is what runs as `scrt`.

    It logs into its *instance*, or everything it does to *log_to*.
    """
    port = free_port()
    settings = {
        "SCRT_DEMO": "yes", "SCRT_DATABASE_URL": url, "SCRT_INSTANCE": str(instance), "SCRT_PORT": str(port),
        "SCRT_SECRET_KEY": SECRET, "SCRT_WEB_PROCESSES": str(workers), "SCRT_LOG_LEVEL": "INFO" if log_to else "ERROR",
        "SCRT_BASE_URL": f"http://127.0.0.1:{port}", "SCRT_TRUSTED_HOSTS": "127.0.0.1",
    }  # fmt: skip
    command = [sys.executable, *program, "serve"]
    with (log_to or instance / "serve.log").open("w") as log:
        process = subprocess.Popen(command, env={**os.environ, **settings}, stdout=log, stderr=log)
        found = Served(port, psutil.Process(process.pid))
        try:
            _wait_until_it_answers(found)
            yield found
        finally:
            process.send_signal(signal.SIGTERM)
            process.wait(30)


def _wait_until_it_answers(found: Served) -> None:
    until = time.monotonic() + PATIENCE
    while time.monotonic() < until:
        try:
            if found.send("GET", "/health/live")[0] == 200:
                return
        except OSError:
            time.sleep(0.1)
    raise TimeoutError("the service did not start")


@contextmanager
def killing_workers(found: Served, rng: random.Random) -> Iterator[None]:
    """Kill a random worker every 0.15 to 0.35 seconds, and note when.

    On a busy machine a worker takes longer than that to start, so each kill also waits for one answer since the last.
    """
    over = threading.Event()

    def kill() -> None:
        answered = 0
        while not over.wait(rng.uniform(0.15, 0.35)) and len(found.killed) < MOST_KILLS:
            workers = found.process.children()
            if workers and found.answered > answered:
                answered = found.answered
                found.killed.append(time.monotonic())
                rng.choice(workers).kill()

    thread = threading.Thread(target=kill)
    thread.start()
    try:
        yield
    finally:
        over.set()
        thread.join()


def make_signed_off_reviews(session: Session, number: int) -> list[UUID]:
    """Make DHRs that wait to be sent to the ICB's chief nurse, with designates who may send them and a nurse to be told."""
    for n, email in enumerate(DESIGNATES):
        make_membership(session, make_person(session, email=email, name=f"Designate {n}"), Role.DESIGNATE, "QMF")
    make_membership(session, make_person(session), Role.ICB_CHIEF_NURSE, "QMF")
    version, _ = catalogue.live(session, WORKFLOW)
    ids = [uuid4() for _ in range(number)]
    same = {
        "workflow": WORKFLOW, "state": "signed_off", "status": "open", "review_type": "dhr_adult",
    }  # fmt: skip
    place = {"entered_under": "QMF", "responsible": "QMF", "definition_version_id": version}
    when = {"version": 0, "state_since": TODAY, "last_update_on": TODAY, "created_at": NOW}
    session.execute(insert(Review), [{"id": one, "reference": reference_of(one), **same, **place, **when} for one in ids])
    event = history.append(session, stream="test:signed-off", kind="test:began", body={}, at=NOW)
    days = {"from_on": TODAY, "organisation": "QMF", "known_from": NOW, "event_id": event.id}
    session.execute(insert(Span), [{"review_id": one, **same, **days} for one in ids])
    answers = {"report_signed_off_date": "2024-10-01", "lessons": "One lead is to be named."}
    each = [{"question": q, "value": v, "set_seq": 0, "asked_under_id": version} for q, v in answers.items()]
    rows = [{"review_id": one, **answer} for one in ids for answer in each]
    session.execute(insert(Answer), rows)
    return ids
