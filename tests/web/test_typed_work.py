"""What was typed is never lost (SE4): not when the step, the role or the review is gone, nor when the service fails."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from uuid import UUID

import pytest
from sqlalchemy import event, select, update
from sqlalchemy.exc import OperationalError
from werkzeug.test import TestResponse

from scrt_workflow import catalogue
from scrt_workflow.database import reading, unit_of_work
from scrt_workflow.models import Draft, Membership, Person, Review
from scrt_workflow.permissions import Role
from scrt_workflow.web.requests import Work
from tests.factories import PASSWORD, TODAY, Browser, Running, make_membership
from tests.web.guided import complete, hidden
from tests.web.invented import colleague, designate, person_behind, ready, review
from tests.web.reading import links, words

TYPED = "An hour of work.\r\nOn two lines."
SHOWN = "An hour of work. On two lines."
Gone = Callable[[Running, UUID], object]


def update_page(browser: Browser, review_id: UUID) -> TestResponse:
    """Open the page on which an update is given."""
    return browser.get(browser.get(f"/reviews/{review_id}/steps/give-update").headers["Location"])


def send(browser: Browser, page: TestResponse, **more: str) -> TestResponse:
    return browser.post(page.request.path, {**hidden(page), "latest_update": TYPED, **more})


def roles_of(running: Running, *roles: tuple[Role, str]) -> None:
    """Give the designate these roles in place of their own; their sessions end."""
    person = person_behind(running)
    with unit_of_work(running.engine) as session:
        session.execute(update(Membership).where(Membership.person_id == person.id).values(valid_to=TODAY))
        for role, place in roles:
            make_membership(session, person, role, place)
        session.get_one(Person, person.id).session_epoch += 1


def withdrawn(running: Running, review_id: UUID) -> None:
    other = colleague(running)
    assert complete(other, review_id, "withdraw", {"withdrawal_reason": "It repeats another record."}).status_code == 303


def moved_away(running: Running, review_id: UUID) -> None:
    with unit_of_work(running.engine) as session:
        session.execute(update(Review).where(Review.id == review_id).values(responsible="QOP"))


def drafts(running: Running) -> list[dict[str, list[str]]]:
    with reading(running.engine) as session:
        return [draft.body for draft in session.scalars(select(Draft))]


def sign_in_again(running: Running, browser: Browser, sent: TestResponse) -> TestResponse:
    """Sign the designate in where their form had led, and follow to the page that they see then."""
    person = person_behind(running)
    answer = browser.post(sent.headers["Location"], {"email": person.email_key, "password": PASSWORD})
    while "Location" in answer.headers:
        answer = browser.get(answer.headers["Location"])
    return answer


GONE: dict[str, tuple[Gone, int, str]] = {
    "an ICB lead now": (lambda r, _: roles_of(r, (Role.ICB_LEAD, "QMJ")), 403, "Your role does not allow this step."),
    "a viewer now": (lambda r, _: roles_of(r, (Role.VIEWER, "QMJ")), 403, "Your role does not allow this step."),
    "withdrawn": (withdrawn, 409, "This review was withdrawn as entered in error."),
}


@pytest.mark.parametrize("gone", GONE)
@pytest.mark.parametrize("too_late", [False, True])
def test_work_on_a_step_that_is_not_open_any_more_becomes_a_draft(running: Running, gone: str, *, too_late: bool) -> None:
    ready(running)
    browser, review_id = designate(running), review(running, up_to="start")
    page, (change, status, sentence) = update_page(browser, review_id), GONE[gone]
    change(running, review_id)
    if too_late:
        running.real_clock.advance(timedelta(minutes=16))

    sent = send(browser, page)
    refused = sign_in_again(running, browser, sent) if sent.status_code == 303 else sent

    assert refused.status_code == status
    assert sentence in words(refused)
    assert SHOWN in words(refused, ".nhsuk-summary-list")
    assert drafts(running) == [{"latest_update": [TYPED]}]
    assert "It is kept as a draft" in words(refused)
    assert ("We kept what you typed as a draft." in words(refused)) is (sent.status_code == 303)
    again = browser.get(next(href for href in links(browser.get("/")).values() if href.endswith("give-update")))
    assert SHOWN in words(browser.get(again.headers["Location"]) if "Location" in again.headers else again)
    browser.post(links(refused)["Delete this draft"])
    assert drafts(running) == []


UNSEEN: dict[str, Gone] = {
    "without a role": lambda running, _: roles_of(running),
    "an administrator now": lambda running, _: roles_of(running, (Role.ADMINISTRATOR, "ENG")),
    "of another ICB now": lambda running, _: roles_of(running, (Role.DESIGNATE, "QOP")),
    "the review is with another ICB": moved_away,
}


@pytest.mark.parametrize("gone", UNSEEN)
@pytest.mark.parametrize("too_late", [False, True])
def test_work_on_a_review_that_one_may_not_see_any_more_is_shown_once(running: Running, gone: str, *, too_late: bool) -> None:
    ready(running)
    browser, review_id = designate(running), review(running, up_to="start")
    page = update_page(browser, review_id)
    UNSEEN[gone](running, review_id)
    if too_late:
        running.real_clock.advance(timedelta(minutes=16))

    sent = send(browser, page)
    refused = sign_in_again(running, browser, sent) if sent.status_code == 303 else sent

    assert refused.status_code in {403, 404}
    assert SHOWN in words(refused, ".nhsuk-summary-list")
    assert "We kept what you typed" not in words(refused)
    assert drafts(running) == []
    assert SHOWN not in words(browser.get("/"))


def test_a_role_that_ends_at_midnight_costs_nobody_what_they_typed(running: Running) -> None:
    ready(running)
    browser, review_id = designate(running), review(running, up_to="start")
    page = update_page(browser, review_id)
    with unit_of_work(running.engine) as session:
        mine = Membership.person_id == person_behind(running).id
        session.execute(update(Membership).where(mine).values(valid_to=TODAY))

    refused = send(browser, page)

    assert refused.status_code == 403
    assert SHOWN in words(refused, ".nhsuk-summary-list")


def test_a_draft_of_a_step_that_the_review_has_no_longer_can_be_read_and_deleted(running: Running) -> None:
    ready(running)
    browser, review_id = designate(running), review(running, "rapid_review", up_to="complete")
    page = browser.get(browser.get(f"/reviews/{review_id}/steps/decide-next").headers["Location"])
    browser.post(page.request.path, {**hidden(page), "next_review": "none", "action": "save"})
    with unit_of_work(running.engine) as session:
        other, _ = catalogue.live(session, "safeguarding_adult_review")
        session.execute(
            update(Review).values(workflow="safeguarding_adult_review", definition_version_id=other, state="in_progress")
        )

    refused = browser.get(links(browser.get("/"))["Decide what follows"])

    assert refused.status_code == 409
    assert "Nothing was changed by you." in words(refused)
    browser.post(links(refused)["Delete this draft"])
    assert drafts(running) == []


def test_a_form_that_cannot_be_read_as_an_answer_is_shown_as_it_was_typed(running: Running) -> None:
    ready(running)
    browser, review_id = designate(running), review(running, up_to="record_learning")
    page = browser.get(browser.get(f"/reviews/{review_id}/steps/sign-off").headers["Location"])
    withdrawn(running, review_id)

    refused = browser.post(page.request.path, {**hidden(page), "report_signed_off_date": ["31", "Februry", "2024"]})

    assert "31 Februry 2024" in words(refused, ".nhsuk-summary-list")


@pytest.mark.parametrize("status", [500, 503])
def test_what_was_typed_is_shown_where_the_service_fails(running: Running, status: int) -> None:
    ready(running)
    browser, review_id = designate(running), review(running, up_to="start")
    page = update_page(browser, review_id)
    running.app.testing = False

    def fail(*_: object) -> None:
        raise OperationalError("x", {}, Exception("gone")) if status == 503 else ZeroDivisionError

    event.listen(running.engine, "before_cursor_execute", fail)
    try:
        failed = send(browser, page)
    finally:
        event.remove(running.engine, "before_cursor_execute", fail)

    assert failed.status_code == status
    assert SHOWN in words(failed, ".nhsuk-summary-list")
    assert send(browser, page).status_code == 303


@pytest.mark.parametrize("token", ["", "forged"])
def test_an_error_page_repeats_nothing_that_nobody_was_given_a_form_for(running: Running, token: str) -> None:
    ready(running)
    browser, review_id = designate(running), review(running, up_to="start")

    refused = send(browser, update_page(browser, review_id), csrf_token=token)

    assert refused.status_code == 400
    assert SHOWN not in words(refused)


def test_no_character_costs_a_form_that_came_too_late(running: Running) -> None:
    ready(running)
    browser, review_id = designate(running), review(running, up_to="start")
    page = update_page(browser, review_id)
    running.real_clock.advance(timedelta(minutes=16))

    sent = send(browser, page, latest_update="An hour\0 of work.")
    sign_in_again(running, browser, sent)

    assert drafts(running) == [{"latest_update": ["An hour\ufffd of work."]}]


def test_two_tabs_that_come_back_too_late_at_once_are_both_kept(running: Running, monkeypatch: pytest.MonkeyPatch) -> None:
    ready(running)
    browser, one, other = designate(running), review(running, up_to="start"), review(running, up_to="start", label="B")
    first, second = update_page(browser, one), update_page(browser, other)
    running.real_clock.advance(timedelta(minutes=16))
    sent = send(browser, first)  # from here on the browser has a session, with nobody signed in
    again, settle = running.browser().with_cookie(browser.cookie), Work.settle

    def let_the_other_tab_first(work: Work) -> None:
        work.close()
        monkeypatch.setattr(Work, "settle", settle)
        send(again, second)
        settle(work)

    monkeypatch.setattr(Work, "settle", let_the_other_tab_first)
    send(browser, first)
    sign_in_again(running, browser, sent)

    assert len(drafts(running)) == 2
