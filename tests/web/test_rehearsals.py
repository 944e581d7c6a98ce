"""Rehearsals on pages: an administrator plays a made-up review as each role, moves the clock, and sees what would be sent."""

from __future__ import annotations

import re
from typing import Any
from uuid import uuid4

import pytest
from sqlalchemy import func, select

from scrt_workflow.actors import Actor
from scrt_workflow.database import reading, unit_of_work
from scrt_workflow.models import Event, Rehearsal, Review
from scrt_workflow.operations import drafting, rehearsed
from scrt_workflow.operations.rehearsed import from_sources
from scrt_workflow.permissions import Role
from tests.definitions.shipped import SHIPPED
from tests.factories import NOW, Browser, Running
from tests.web.invented import CANARY, ready, review
from tests.web.reading import links, page_of, words
from tests.web.test_definitions import SAR, version_of


@pytest.fixture
def administrator(running_on_sqlite: Running) -> Browser:
    return ready(running_on_sqlite).as_a(Role.ADMINISTRATOR, "ENG")


def begin(browser: Browser, **changes: Any) -> str:
    """Begin a rehearsal of the SAR, and give its address."""
    form = {"organisation": "QMJ", "day": ["1", "11", "2024"], **changes}
    answer = browser.post(f"/definitions/{version_of(browser.running)}/rehearse", form)
    assert answer.status_code == 303, words(browser.last) if browser.last else ""
    return str(answer.headers["Location"])


def do(browser: Browser, address: str, action: str, **more: Any) -> None:
    """Press a button of the page of a rehearsal."""
    moves = page_of(browser.get(address)).select_one("input[name=moves]")
    assert moves is not None
    assert browser.post(address, {"action": action, "moves": moves["value"], **more}).status_code == 303


def take(browser: Browser, address: str, step: str) -> None:
    """Take a step with invented answers."""
    first = browser.get(f"{address}/steps/{step}").headers["Location"]
    check = browser.post(first, {"action": "invent"}).headers["Location"] if "/pages/" in first else first
    assert check.endswith("/check"), check
    assert browser.post(check).status_code == 303


def test_a_made_up_review_is_played_as_each_role_with_the_clock_moved_by_hand(administrator: Browser) -> None:
    address = begin(administrator)
    take(administrator, address, "refer")
    take(administrator, address, "commission")
    do(administrator, address, "month")
    do(administrator, address, "day")
    do(administrator, address, "act_as", role="icb_lead")

    page = administrator.get(address)

    assert "It is 2 December 2024 here, and you act as the ICB lead." in words(page, ".scrt-rehearsal")
    assert "Commissioned" in words(page, ".scrt-tags")
    assert "2 December 2024 at 7am Reminder to Dana Invented, Designated professional" in words(page, ".scrt-sent")
    assert "Start the review" in words(page, ".scrt-roles__one:first-child")
    assert "For the designated professional: Dana Invented." in words(page, ".scrt-next")
    do(administrator, address, "undo")
    do(administrator, address, "undo")
    assert "It is 1 November 2024" in words(administrator.get(address), ".scrt-rehearsal")
    do(administrator, address, "start_over")
    assert "A made-up review, not begun yet" in words(administrator.get(address))


def test_a_rehearsal_may_begin_with_the_first_form_filled_in(administrator: Browser) -> None:
    page = administrator.get(begin(administrator, action="filled_in"))

    assert "Referred" in words(page, ".scrt-tags")
    assert "This was invented for a rehearsal." in words(page, ".nhsuk-summary-list")


def test_nothing_of_a_rehearsal_is_saved_to_any_review(administrator: Browser) -> None:
    take(administrator, begin(administrator), "refer")

    with reading(administrator.running.engine) as session:
        counts = [session.execute(select(func.count()).select_from(one)).scalar_one() for one in (Review, Event, Rehearsal)]
        events = session.scalars(select(Event.stream).where(Event.stream.startswith("review:"))).all()

    assert (counts[0], events, counts[2]) == (0, [], 1)


def test_a_page_of_a_rehearsal_checks_what_is_typed_as_the_live_one_does(administrator: Browser) -> None:
    address = begin(administrator)
    take(administrator, address, "refer")
    first = administrator.get(f"{address}/steps/commission").headers["Location"]

    empty = administrator.post(first, {})
    wrong = administrator.post(first, {"decided_on": ["1", "1", "2031"], "commissioned_on": ["1", "11", "2024"]})

    assert (empty.status_code, wrong.status_code) == (422, 422)
    assert "Enter the" in words(empty, ".nhsuk-error-summary")
    assert administrator.get(f"{address}/steps/commission/check").headers["Location"].endswith("?mend=1")


def test_a_step_that_is_not_open_says_why_as_it_would_live(administrator: Browser) -> None:
    address = begin(administrator)
    take(administrator, address, "refer")
    do(administrator, address, "act_as", role="national_lead")

    refused = administrator.get(f"{address}/steps/commission/check")

    assert refused.status_code == 409
    assert "Your role does not allow this step." in words(refused)


def test_a_rehearsal_that_moved_on_in_another_window_is_not_moved_twice(administrator: Browser) -> None:
    address = begin(administrator)
    administrator.post(address, {"action": "day", "moves": "0"})
    administrator.post(address, {"action": "day", "moves": "0"})

    page = administrator.get(address)

    assert "has moved on in another window" in words(page)
    assert "It is 2 November 2024" in words(page, ".scrt-rehearsal")


def test_nobody_else_sees_a_rehearsal(administrator: Browser) -> None:
    address = begin(administrator)
    other = administrator.running.as_a(Role.ADMINISTRATOR, "ENG")

    answers = [other.get(f"{address}{more}").status_code for more in ("", "/diagram", "/steps/refer", "/steps/refer/check")]

    assert answers == [404] * 4
    assert other.get(f"/rehearsals/{uuid4()}").status_code == 404


def test_a_draft_is_rehearsed_by_the_same_pages_and_its_text_is_only_text(
    administrator: Browser, monkeypatch: pytest.MonkeyPatch
) -> None:
    file = f"workflows/{SAR}.yaml"
    title = "{{ 7 * 7 }}<b>{% raise %}${7*7}"
    sources = {**SHIPPED.sources, file: SHIPPED.sources[file].replace("title: Refer a case for review", f"title: '{title}'")}
    monkeypatch.setitem(
        rehearsed.FINDERS,
        "draft",
        lambda session, number: from_sources(session, sources, workflow=SAR, source=f"draft:{number}", heading="A draft"),
    )
    address = administrator.post("/definitions/draft-7/rehearse", {"organisation": "QMJ", "day": ["1", "11", "2024"]}).headers[
        "Location"
    ]

    assert title in words(administrator.get(address), ".scrt-next")
    take(administrator, address, "refer")
    assert title in words(administrator.get(address), ".scrt-history")
    assert administrator.get(f"{address}/diagram").mimetype == "image/svg+xml"
    assert "A draft" in words(administrator.get("/definitions/draft-7/preview"))


def test_a_draft_of_definitions_is_rehearsed_by_its_id(administrator: Browser) -> None:
    someone = Actor(administrator.running.person().id, "Somebody", "", ())
    with unit_of_work(administrator.running.engine) as session:
        draft = drafting.begin(session, SAR, title="July", actor=someone, at=NOW)

    page = administrator.get(f"/definitions/draft-{draft}/rehearse")

    assert "Draft “July”" in words(page, "h1")


def test_a_draft_with_problems_shows_them_with_the_way_to_each(administrator: Browser) -> None:
    draft = administrator.post(f"/definitions/drafts/new?workflow={SAR}", {"title": "A draft"}).headers["Location"]
    file = f"workflows/{SAR}.yaml"
    (seen,) = re.findall(r'name="seen" value="(\w+)"', administrator.get(f"{draft}/files/{file}").text)[:1]
    broken = SHIPPED.sources[file].replace("who: [designate]", "who: [nobody]")
    administrator.post(f"{draft}/files/{file}", {"seen": seen, "text": broken})

    for what in ("rehearse", "preview", "recorded-histories"):
        answer = administrator.get(f"/definitions/draft-{draft.rpartition('/')[2]}/{what}")
        assert answer.status_code == 409
        assert "no role is called 'nobody'" in words(answer)
        assert f'href="{draft}"' in answer.text


def test_what_is_not_there_cannot_be_rehearsed(administrator: Browser) -> None:
    for source in ("99999", "nothing-7", "draft-7"):
        assert administrator.get(f"/definitions/{source}/rehearse").status_code == 404


def test_recorded_histories_show_references_and_stages_and_no_case_text(administrator: Browser) -> None:
    running = administrator.running
    review(running, up_to="start")

    page = administrator.get(f"/definitions/{version_of(running)}/recorded-histories")

    assert "1 of 1 review played. All of them come out the same." in words(page)
    assert "Referred → Commissioned → In progress" in words(page)
    assert CANARY not in page.text


def test_a_preview_shows_errors_and_the_page_that_follows_and_saves_nothing(administrator: Browser) -> None:
    preview = f"/definitions/{version_of(administrator.running)}/preview"
    page = links(administrator.get(preview))["Public or embargoed of Publish or embargo the report"]

    assert "Preview." in words(administrator.get(page))
    empty = administrator.post(page, {})
    follows = administrator.post(page, {"publication_status": "embargoed"})

    assert (empty.status_code, follows.status_code) == (422, 200)
    assert "Select" in words(empty, ".nhsuk-error-summary")
    assert "The embargo" in words(follows, "h1")
    assert page_of(follows).select_one("input[type=hidden][name=publication_status][value=embargoed]") is not None
