"""An administrator moves open reviews on pages: plan, what would happen, the move, what came of each, and back; then retires."""

from __future__ import annotations

import pytest
from werkzeug.test import TestResponse

from scrt_workflow.database import unit_of_work
from scrt_workflow.permissions import Role
from tests.factories import Browser, Running
from tests.operations.rebases import MORE_FORMS, WITH_FITNESS, Visits
from tests.web.reading import words

SPLIT = WITH_FITNESS.replace("planned", "arranged").replace("Planned", "Arranged").replace("due: 30 days", "due: 15 days")
STRANDING = SPLIT.replace(
    "who: [designate], to: done}",
    "who: [designate], outcomes: [{when: {fit: yes}, to: done}, {when: {fit: no}, to: arranged}]}",
)
CHOSEN = {"state-planned": "arranged", "clock-looked_at": "by_rule", "mode": "now"}
ICB = "North Central London ICB"


@pytest.fixture
def moved(running: Running) -> tuple[int, dict[str, str]]:
    """Release a version over two visits, of which one cannot be moved; give its id, and their references."""
    with unit_of_work(running.engine) as session:
        visits = Visits(session)
        planned, seen = visits.begin("arrange"), visits.begin("arrange", "look", why="Said in confidence")
        references = {"planned": visits.review(planned).reference, "seen": visits.review(seen).reference, "id": str(planned)}
        return visits.release(STRANDING, forms=MORE_FORMS), references


def follow(browser: Browser, answer: TestResponse) -> TestResponse:
    assert answer.status_code == 303, words(answer)
    return browser.get(answer.headers["Location"])


def test_reviews_are_moved_and_moved_back_on_pages(running: Running, moved: tuple[int, dict[str, str]]) -> None:
    version_id, references = moved
    browser = running.as_a(Role.ADMINISTRATOR, "ENG")
    address = f"/definitions/{version_id}/move"

    asked = words(browser.get(address))
    missing = browser.post(address, {"mode": "now"})
    planned = browser.post(address, CHOSEN)
    shown = words(follow(browser, planned))
    done = words(follow(browser, browser.post(planned.headers["Location"] + "/begin")))
    review = words(running.as_a(Role.DESIGNATE, "QMJ").get(f"/reviews/{references['id']}"))
    back = words(follow(browser, browser.post(planned.headers["Location"] + "/undo")))

    assert "2 reviews are under way on version 1." in asked
    assert "“Fitness” is asked now." in asked
    assert missing.status_code == 422
    assert "Choose where the reviews at “Planned” go" in words(missing)
    assert "1 review moves. 1 cannot." in shown
    assert f"{references['seen']} Organisation {ICB} What would happen Cannot move It could come to an end of the road" in shown
    assert "Said in confidence" not in shown + done + back
    assert "Moved 1 Could not be moved 1" in done
    assert f"{references['planned']} Organisation {ICB} Stage now Arranged" in done
    assert "Fitness Not asked under version 1. “Look” asks it." in review
    assert "Moved to version 2 of its definition" in review
    assert "Moved back 1" in back


def test_no_page_number_breaks_the_list_of_what_came_of_each(running: Running, moved: tuple[int, dict[str, str]]) -> None:
    browser = running.as_a(Role.ADMINISTRATOR, "ENG")
    plan = browser.post(f"/definitions/{moved[0]}/move", CHOSEN).headers["Location"]
    browser.post(f"{plan}/begin")

    answered = [browser.get(f"{plan}?page={number}").status_code for number in (1, 2, 0, -1, 10**30, "x")]

    assert answered == [200] * 6


def test_a_plan_that_stands_is_ended_and_nobody_else_may_plan(running: Running, moved: tuple[int, dict[str, str]]) -> None:
    version_id, _ = moved
    browser = running.as_a(Role.ADMINISTRATOR, "ENG")
    address = f"/definitions/{version_id}/move"

    planned = browser.post(address, {**CHOSEN, "mode": "at_next_step"})
    again = browser.post(address, CHOSEN)
    standing = words(follow(browser, browser.post(planned.headers["Location"] + "/begin")))
    refused = words(follow(browser, browser.post(again.headers["Location"] + "/begin")))
    ended = words(follow(browser, browser.post(planned.headers["Location"] + "/end")))

    assert "Each review moves at its next step" in standing
    assert "Another plan for the reviews on this version is under way." in refused
    assert "What came of each review" in ended
    assert running.as_a(Role.ICB_LEAD, "QMJ").get(address).status_code == 403
    assert browser.get("/moves/999").status_code == 404


def test_a_version_is_retired_and_put_back_on_pages(running: Running, moved: tuple[int, dict[str, str]]) -> None:
    version_id, _ = moved
    browser = running.as_a(Role.ADMINISTRATOR, "ENG")

    asked = words(browser.get(f"/definitions/{version_id}/retire"))
    retired = words(follow(browser, browser.post(f"/definitions/{version_id}/retire", {"what": "version"})))
    back = words(follow(browser, browser.post(f"/definitions/{version_id}/put-back")))

    assert "New reviews start under version 1 again." in asked
    assert "Retired" in retired
    assert "Put it back into use" in retired
    assert "Move open reviews to this version" in back
