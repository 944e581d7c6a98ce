"""Malformed input gets a page that says so, never a failure, and both databases give the same verdict (IN1)."""

from __future__ import annotations

from collections import Counter
from random import Random
from urllib.parse import quote
from uuid import UUID

import pytest

from scrt_workflow.database import unit_of_work
from scrt_workflow.models import Person
from scrt_workflow.permissions import Role
from scrt_workflow.settings import Settings
from tests.factories import Running, make_membership, make_running
from tests.web.guided import person_called, with_definitions, with_history
from tests.web.test_whole_steps import ABOUT, DESIGNATE

POSTS, GETS, SIGN_INS = 180, 60, 12
PAGES = ("/reviews", "/figures", "/figures/reviews", "/reviews/new", "/people", "/sign-in", "/jobs", "/definitions")
ODD = (
    "\0", "a\0b", "\u202eabc", "\ufffd", "x" * 60_000, "x" * 4001, "-0", "2147483648", "9223372036854775808", "1e309", "NaN",
    "+5", "31/02/2024", "0001-01-01", "9999-12-31", "' OR 1=1 --", "{{7*7}}", "%s%n", "<script>alert(1)</script>",
    "../../etc/passwd", "a\r\nb", "é" * 500, "e" + "\u0301" * 1000, "T01", "T99", "", "[]", "{}", "٣", "１２", "media", "2024-13",
)  # fmt: skip
NAMES = (
    "latest_update", "media_interest", "specialised_commissioning", "lessons", "organisational_learning", "sent_to_panel_on",
    "incident_date", "kind", "organisation", "key", "read_at", "version", "action", "correction_reason", "state", "review_type",
    "words", "status", "stage", "identifier", "identifier_type", "after", "sort", "month", "known_at", "type", "measure", "code",
    "email", "password", "name", "role", "valid_from", "last_day", "current", "new", "again", "q", "next", "brief_overview",
)  # fmt: skip


def verdicts(settings: Settings, url: str, seed: int) -> list[int]:
    """Send the same malformed requests to the service on one database, and give the status of each answer."""
    running = with_definitions(make_running(settings, url))
    running.app.testing = False  # as it runs: a failure is a page of status 500
    (review_id,) = with_history(
        running,
        {**DESIGNATE, "step": "notify", "answers": ABOUT},
        {**DESIGNATE, "step": "start", "answers": {"started_on": "2024-01-11"}},
    )
    found = _statuses(running, review_id, Random(seed))
    running.engine.dispose()
    return found


def _statuses(running: Running, review_id: UUID, rng: Random) -> list[int]:
    someone = person_called(running, "designate@example.nhs.uk")
    with unit_of_work(running.engine) as session:
        held = make_membership(session, session.get_one(Person, someone.id), Role.ADMINISTRATOR, "ENG")
    browser = running.browser(someone)
    token, other = browser.token(), running.person((Role.DESIGNATE, "QMF"))
    begun = browser.post("/reviews/new", {"kind": "safeguarding_adult_review:refer", "organisation": "QMJ", "csrf_token": token})
    draft = browser.get(begun.headers["Location"]).headers["Location"]
    people = f"/people/{other.id}"
    steps = f"/reviews/{review_id}/steps"
    posts = [
        f"{steps}/give-update/pages/update", f"{steps}/complete/pages/learning", f"{steps}/flag-media-interest/pages/media",
        f"{steps}/give-update/check", f"{steps}/give-update/settle", f"{steps}/correct/pages/what", "/reviews/new",
        "/account/password", "/people/new", f"{people}/roles/new", f"{people}/roles/{held.id}/end", draft,
        draft.partition("/pages/")[0] + "/check",
    ]  # fmt: skip
    found = []
    for _ in range(POSTS):
        form = {name: [rng.choice(ODD)] * rng.choice([1, 1, 3]) for name in rng.sample(NAMES, 5)}
        found.append(browser.post(rng.choice(posts), {**form, "csrf_token": token}).status_code)
    for _ in range(GETS):
        query = "&".join(f"{name}={quote(rng.choice(ODD)[:300])}" for name in rng.sample(NAMES, 4))
        found.append(browser.get(f"{rng.choice(PAGES)}?{query}").status_code)
    stranger = running.browser()
    for _ in range(SIGN_INS):
        tried = {name: rng.choice(ODD) for name in ("email", "password", "next")}
        found.append(stranger.post(f"/sign-in?next={quote(rng.choice(ODD)[:300])}", tried).status_code)
    return found


@pytest.mark.parametrize("seed", [7])
def test_malformed_input_never_fails_the_service_on_either_database(
    settings: Settings, sqlite_url: str, postgresql_url: str, seed: int
) -> None:
    on_sqlite, on_postgresql = verdicts(settings, sqlite_url, seed), verdicts(settings, postgresql_url, seed)
    assert max(on_sqlite + on_postgresql) < 500, Counter(on_sqlite + on_postgresql)
    assert on_sqlite == on_postgresql
    assert len(set(on_sqlite)) > 3, "the requests were not varied enough to show anything"
