"""Home: what needs the person who is signed in, and nothing of anyone else's."""

from __future__ import annotations

from datetime import timedelta

from sqlalchemy import update

from scrt_workflow.database import unit_of_work
from scrt_workflow.models import Membership
from scrt_workflow.permissions import Role
from tests.factories import Running
from tests.web.guided import complete, fill_in, with_history
from tests.web.invented import colleague, designate, lines_of, person_behind, ready, reference_of, review
from tests.web.reading import links, page_of, references, words


def test_overdue_updates_come_first_the_longest_overdue_above_the_others(running: Running) -> None:
    ready(running)
    long, fresh = review(running, up_to="start"), review(running, up_to="start", label="B")
    running.clock.advance(-timedelta(days=240))
    complete(designate(running), fresh, "give_update", {"latest_update": "The panel has met."})
    running.clock.advance(timedelta(days=240))
    done = review(running, up_to="start", label="C")
    complete(designate(running), done, "give_update", {"latest_update": "The panel has met."})

    page = designate(running).get("/")

    overdue = page_of(page).select("#overdue + .scrt-work .scrt-work__item")
    assert [reference_of(running, one) in item.get_text() for one, item in zip((long, fresh), overdue, strict=True)] == [True] * 2
    assert "Overdue by" in overdue[0].get_text()
    assert reference_of(running, done) in words(page, "#waiting + .scrt-work")


def test_an_overdue_update_can_be_given_from_there(running: Running) -> None:
    ready(running)
    review_id = review(running, "domestic_homicide_review", up_to="ask_for_assurance")

    page = designate(running).get("/")

    assert links(page)[f"Give an update of {reference_of(running, review_id)}"] == f"/reviews/{review_id}/steps/give-update"


def test_what_must_come_first_stands_in_place_of_a_step(running_on_sqlite: Running) -> None:
    running = ready(running_on_sqlite)
    review_id = review(running, up_to="start")

    offered = links(designate(running).get("/"))

    assert f"Record lessons and learning of {reference_of(running, review_id)}" in offered
    assert f"Record the sign-off of {reference_of(running, review_id)}" not in offered


def test_an_approver_sees_what_waits_for_their_answer(running: Running) -> None:
    ready(running)
    review_id = review(running, "domestic_homicide_review", up_to="ask_for_assurance")
    nurse, other = colleague(running, Role.ICB_CHIEF_NURSE), colleague(running, Role.ICB_CHIEF_NURSE, "QMF")

    assert reference_of(running, review_id) in words(nurse.get("/"), "#approvals + .scrt-work")
    assert references(other.get("/")) == []
    assert page_of(designate(running).get("/")).select("#approvals") == []


def test_what_is_answered_waits_no_more(running: Running) -> None:
    ready(running)
    review_id = review(running, "domestic_homicide_review", up_to="ask_for_assurance")
    nurse, chief = colleague(running, Role.ICB_CHIEF_NURSE), colleague(running, Role.REGIONAL_CHIEF, "Y56")
    complete(nurse, review_id, "give_icb_assurance", {"icb_chief_nurse_assured": "yes"})

    assert references(nurse.get("/")) == []
    assert reference_of(running, review_id) in words(chief.get("/"), "#approvals + .scrt-work")


def test_a_long_list_says_how_many_there_are_and_leads_to_them(running: Running) -> None:
    ready(running)
    with_history(running, *(line for n in range(12) for line in lines_of("rapid_review", up_to="notify", label=f"R{n}")))

    page = designate(running).get("/")

    assert len(page_of(page).select("#overdue + .scrt-work .scrt-work__item")) == 10
    listed = designate(running).get(links(page)["See all 12 overdue updates"])
    assert len(references(listed)) == 12


def test_who_only_reads_is_told_how_their_reviews_stand(running: Running) -> None:
    ready(running)
    review(running, up_to="start")

    page = running.as_a(Role.VIEWER, "Y56").get("/")

    assert "Open reviews 1 Updates overdue 1" in words(page)
    assert "Nothing waits for you." in words(page)
    assert "Create new record" not in words(page)


def test_an_administrator_is_shown_no_review_and_no_count(running: Running) -> None:
    ready(running)
    review(running, up_to="start")

    page = running.as_a(Role.ADMINISTRATOR, "ENG").get("/")

    assert references(page) == []
    assert "Open reviews" not in words(page)
    assert "Change workflows, their forms and their questions" in words(page)


def test_a_draft_of_a_review_that_is_no_longer_theirs_is_not_named(running: Running) -> None:
    ready(running)
    review_id, browser = review(running, up_to="start"), designate(running)
    fill_in(browser, f"/reviews/{review_id}/steps/give-update", {"latest_update": "Half a sentence"})
    assert reference_of(running, review_id) in words(browser.get("/"), "#drafts + .scrt-work")
    with unit_of_work(running.engine) as session:
        mine = Membership.person_id == person_behind(running).id
        session.execute(update(Membership).where(mine).values(organisation="QMF"))

    page = browser.get("/")

    assert reference_of(running, review_id) not in page.text
    assert page_of(page).select("#drafts") == []


def test_a_draft_in_which_nothing_was_typed_is_no_work(running_on_sqlite: Running) -> None:
    browser = designate(ready(running_on_sqlite))
    browser.post("/reviews/new", {"kind": "safeguarding_adult_review:refer"})

    assert page_of(browser.get("/")).select("#drafts") == []
