"""What we said is saved is saved, once, whoever is killed and however often it is sent (DA1, WF2, WF3; F1 and F8)."""

from __future__ import annotations

import random
import re
import sys
from collections import Counter
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from uuid import UUID, uuid4

import pytest
from sqlalchemy import func, select

from scrt_workflow.database import make_engine, reading, unit_of_work
from scrt_workflow.models import Event, Idempotency, Notice, Review, Span
from scrt_workflow.operations import history
from scrt_workflow.startup import fill
from tests.factories import NOW, PASSWORD
from tests.faults.serving import DESIGNATES, STEP, Served, killing_workers, make_signed_off_reviews, served

pytestmark = pytest.mark.faults
CLIENTS, PEOPLE = 8, 50
MOVED_TO = "icb_assurance"
Prepared = tuple[str, list[UUID]]


def prepare(url: str, number: int) -> list[UUID]:
    engine = make_engine(url)
    fill(engine, at=NOW, demo=True)
    with unit_of_work(engine) as session:
        ids = make_signed_off_reviews(session, number)
    engine.dispose()
    return ids


def effects(url: str, ids: list[UUID]) -> dict[UUID, tuple[int, int, str, int]]:
    """Give, for each review, how many events and notices it has, its state, and how many spans are known of it now."""
    engine = make_engine(url)
    with reading(engine) as session:
        events = Counter(UUID(s.removeprefix("review:")) for s in session.scalars(select(Event.stream).where(Event.step == STEP)))
        notices = Counter(UUID(refs["review"]) for refs in session.scalars(select(Notice.refs)))
        states = {row.id: row.state for row in session.execute(select(Review.id, Review.state))}
        known = (
            select(Span.review_id, func.count()).where(Span.known_to.is_(None), Span.state == MOVED_TO).group_by(Span.review_id)
        )
        spans = {row[0]: row[1] for row in session.execute(known)}
        assert list(history.broken_links(session)) == []
    engine.dispose()
    return {one: (events[one], notices[one], states[one], spans.get(one, 0)) for one in ids}


@pytest.mark.parametrize(("submits", "enough_hits"), [(200, 5), pytest.param(600, 15, marks=pytest.mark.thorough)])
def test_submits_are_saved_once_while_workers_are_killed(
    database_url: str, tmp_path: Path, capsys: pytest.CaptureFixture[str], submits: int, enough_hits: int
) -> None:
    ids = prepare(database_url, submits)
    with served(database_url, tmp_path) as service:
        service.sign_in(PASSWORD)
        with killing_workers(service, random.Random(1)), ThreadPoolExecutor(CLIENTS) as clients:
            answers = list(clients.map(lambda one: service.submit_until_answered(one, uuid4()), ids))
    found = effects(database_url, ids)
    doubled = sum(events > 1 or notices > 1 for events, notices, _, _ in found.values())
    with capsys.disabled():
        kills = f"{len(service.killed)} kills, {service.kills_that_hit} of them cut off {len(service.cut_off)} requests"
        said = f"{kills}, {submits} submits, {doubled} doubled"
        sys.stdout.write(f"\n{database_url.partition(':')[0]}: {said}\n")
    assert {status for status, _, _ in answers} == {303}
    assert set(found.values()) == {(1, 1, MOVED_TO, 1)}, "a submit was lost, doubled or half done"
    assert service.kills_that_hit >= enough_hits, f"only {service.kills_that_hit} of {len(service.killed)} kills hit a request"


@pytest.mark.parametrize("trials", [5, pytest.param(20, marks=pytest.mark.thorough)])
def test_five_people_press_one_button_fifty_times_and_one_wins(database_url: str, tmp_path: Path, trials: int) -> None:
    ids = prepare(database_url, trials)
    with served(database_url, tmp_path) as service:
        browsers = [service.as_another(email, PASSWORD) for email in DESIGNATES]
        with ThreadPoolExecutor(PEOPLE) as people:
            for one in ids:
                press = [people.submit(browsers[n % len(browsers)].submit, one, uuid4()) for n in range(PEOPLE)]
                answers = [pressed.result() for pressed in press]
                statuses = Counter(status for status, _, _ in answers)
                assert statuses == {303: 1, 409: PEOPLE - 1}, statuses
                told = [text for status, _, text in answers if status == 409]
                assert all(re.search(r"already done by Designate [0-4] at \d\d:\d\d", text) for text in told)
    assert set(effects(database_url, ids).values()) == {(1, 1, MOVED_TO, 1)}


def test_one_form_sent_fifty_times_has_one_effect_and_one_answer(database_url: str, tmp_path: Path) -> None:
    (one,) = prepare(database_url, 1)
    key = uuid4()
    with served(database_url, tmp_path) as service:
        service.sign_in(PASSWORD)
        with ThreadPoolExecutor(PEOPLE) as people:
            answers = [pressed.result() for pressed in [people.submit(service.submit, one, key) for _ in range(PEOPLE)]]
        again = service.submit(one, key)
        elsewhere = _with_another_body(service, one, key)
    assert {status for status, _, _ in answers} == {303}
    assert len({location for _, location, _ in answers}) == 1
    assert again[:2] == answers[0][:2]
    assert elsewhere == 409
    assert effects(database_url, [one])[one] == (1, 1, MOVED_TO, 1)
    engine = make_engine(database_url)
    with reading(engine) as session:
        assert session.scalar(select(func.count()).select_from(Idempotency)) == 1
    engine.dispose()


def _with_another_body(service: Served, review_id: UUID, key: UUID) -> int:
    path = f"/reviews/{review_id}/steps/{STEP.replace('_', '-')}/check"
    return service.send("POST", path, {"csrf_token": service.token, "key": str(key), "read_at": "0", "shown": "other answers"})[0]
