"""The service is reloaded ten times under eight clients: no request fails, and no draft is lost (OP2)."""

from __future__ import annotations

import re
import signal
import sys
import threading
import time
from collections import Counter
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from uuid import UUID, uuid4

import pytest
from sqlalchemy import select

from scrt_workflow.database import make_engine, reading
from scrt_workflow.models import Draft
from tests.factories import PASSWORD
from tests.faults.serving import DESIGNATES, Served, served
from tests.faults.test_database_restarts import a_page_to_type_on, wait_until
from tests.faults.test_web_kills import MOVED_TO, effects, prepare

pytestmark = [pytest.mark.faults, pytest.mark.apart]
RELOADS, CLIENTS, REVIEWS = 10, 8, 600
GRACE = 60  # seconds in which the workers of before have to be gone


def reload(service: Served) -> None:
    """Have the service start new workers, and wait until those of before have answered what they had begun, and are gone."""
    before = set(service.process.children())
    service.process.send_signal(signal.SIGHUP)
    wait_until(lambda: not before & set(service.process.children()), "the workers of before are gone", within=GRACE)


def test_ten_reloads_under_eight_clients_cost_no_request_and_no_draft(database_url: str, tmp_path: Path) -> None:
    ids, over = prepare(database_url, REVIEWS), threading.Event()
    waiting, lock = iter(ids), threading.Lock()
    statuses: Counter[str] = Counter()
    submitted: list[UUID] = []
    typed: dict[UUID, str] = {}

    def client(browser: Served, number: int) -> None:
        """Type on one review, and submit another, until all is over; a request that is cut off fails the test."""
        while not over.is_set():
            with lock:
                mine = next(waiting, None), next(waiting, None)
            if mine[0] is None or mine[1] is None:
                return
            path, carried = a_page_to_type_on(browser, mine[0])
            text = f"What client {number} typed."
            saved = browser.send("POST", path, {**carried, "latest_update": text, "action": "save"})[0]
            sent = browser.submit(mine[1], uuid4())[0]
            with lock:
                statuses.update([f"draft {saved}", f"submit {sent}"])
                typed[mine[0]] = text
                submitted.append(mine[1])

    with served(database_url, tmp_path) as service, ThreadPoolExecutor(CLIENTS) as people:
        browsers = [service.as_another(email, PASSWORD) for email in DESIGNATES]
        working = [people.submit(client, browsers[n % len(browsers)], n) for n in range(CLIENTS)]
        began = time.monotonic()
        try:
            for _ in range(RELOADS):
                reload(service)
        finally:
            over.set()
        for one in working:
            one.result()
    sys.stdout.write(f"{RELOADS} reloads in {time.monotonic() - began:.0f} s, {dict(statuses)}\n")

    assert set(statuses) == {"draft 303", "submit 303"}
    assert len(submitted) > RELOADS
    assert {effect for one, effect in effects(database_url, ids).items() if one in submitted} == {(1, 1, MOVED_TO, 1)}
    assert drafts(database_url) == typed


def drafts(url: str) -> dict[UUID, str]:
    engine = make_engine(url)
    with reading(engine) as session:
        found = {draft.review_id: draft.body["latest_update"] for draft in session.scalars(select(Draft)) if draft.body}
    engine.dispose()
    return {one: re.sub(r"[\[\]']", "", str(text)) for one, text in found.items() if one}
