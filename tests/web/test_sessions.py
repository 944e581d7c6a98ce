"""Sessions: when they begin, how long they last, and what ends them at once (SE1, SE2, SE3, SE5)."""

import re
from collections.abc import Callable
from datetime import timedelta
from uuid import UUID

import pytest
from flask import session as flask_session
from sqlalchemy import func, select
from sqlalchemy.orm import Session

from scrt_workflow.actors import Actor
from scrt_workflow.database import reading, unit_of_work
from scrt_workflow.models import Event, Membership, Person, WebSession
from scrt_workflow.operations import people
from scrt_workflow.operations.people import actor_of
from scrt_workflow.permissions import Role
from tests.factories import NOW, PASSWORD, PASSWORD_HASH, TODAY, Browser, Running
from tests.web.guided import fill_in, hidden
from tests.web.invented import designate, person_behind, ready, review


def sign_in_by_the_form(browser: Browser, person: Person, *, password: str = PASSWORD) -> int:
    answer = browser.post("/sign-in", {"email": person.email_key, "password": password})
    return answer.status_code


def without_chance(page: str, email: str) -> str:
    """Take out of *page* what differs by chance, and the address that was typed."""
    return re.sub(r'(nonce|value)="[^"]*"', "", page).replace(email, "")


def is_signed_in(browser: Browser) -> bool:
    return browser.get("/account").status_code == 200


def test_someone_signs_in_and_goes_on_where_they_were_going(running: Running) -> None:
    person = running.person((Role.ADMINISTRATOR, "ENG"))
    browser = running.browser()
    asked = browser.get("/people?q=amara")

    answer = browser.post(asked.headers["Location"], {"email": person.email_key.upper(), "password": PASSWORD})

    assert asked.status_code == 302
    assert answer.status_code == 303
    assert answer.headers["Location"] == "/people?q=amara"
    assert browser.get("/people?q=amara").status_code == 200


def test_a_wrong_password_and_an_unknown_address_are_told_the_same(running: Running) -> None:
    person, browser = running.person(), running.browser()

    wrong = browser.post("/sign-in", {"email": person.email_key, "password": "wrong"})
    unknown = browser.post("/sign-in", {"email": person.email_key.replace("@", "0@"), "password": "wrong"})

    assert wrong.status_code == unknown.status_code == 422
    assert without_chance(wrong.text, person.email_key) == without_chance(unknown.text, person.email_key.replace("@", "0@"))


def test_the_id_changes_at_sign_in_and_nothing_planted_before_survives(running: Running) -> None:
    @running.app.route("/plant")
    def plant() -> str:
        flask_session["planted"] = "yes"
        return "planted"

    running.app.view_functions["plant"].__dict__["guard"] = "public"
    person, browser = running.person(), running.browser()
    browser.get("/plant")
    before = browser.cookie

    sign_in_by_the_form(browser, person)

    assert browser.cookie.split(".")[0] != before.split(".")[0]
    assert not is_signed_in(browser.with_cookie(before))
    with reading(running.engine) as session:
        assert session.scalars(select(WebSession.body)).all() == [{}]


@pytest.mark.parametrize("ending", ["sign-out", "disable", "role", "password", "reset"])
def test_what_ends_a_session_ends_every_copy_of_it(running: Running, ending: str) -> None:
    person = running.person((Role.DESIGNATE, "QMJ"))
    browser = running.browser(person)
    captured = [running.browser(person).cookie for _ in range(3)] + [browser.cookie]
    assert all(is_signed_in(browser.with_cookie(cookie)) for cookie in captured)

    with unit_of_work(running.engine) as session:
        mine = session.get_one(Person, person.id)
        match ending:
            case "disable":
                people.disable_person(session, mine, at=NOW)
            case "role":
                held = session.scalars(select(Membership).where(Membership.person_id == mine.id)).one()
                people.end_role(session, held, on=TODAY, at=NOW)
            case "password":
                people.set_password(session, mine, "another set of words entirely", at=NOW)
            case "reset":
                people.reset_password(session, mine, at=NOW)
    if ending == "sign-out":
        browser.post("/sign-out")
        captured = captured[-1:]

    assert not any(is_signed_in(browser.with_cookie(cookie)) for cookie in captured)


def test_changing_ones_own_password_ends_the_other_sessions_only(running: Running) -> None:
    person = running.person((Role.DESIGNATE, "QMJ"))
    here, elsewhere = running.browser(person), running.browser(person)
    before = here.cookie
    new = "another set of words entirely"

    answer = here.post("/account/password", {"current": PASSWORD, "new": new, "again": new})

    assert answer.status_code == 303
    assert is_signed_in(here)
    assert not is_signed_in(elsewhere)
    assert not is_signed_in(here.with_cookie(before))
    assert sign_in_by_the_form(running.browser(), person, password=new) == 303


@pytest.mark.parametrize(
    ("steps", "is_still_in"),
    [
        ([timedelta(minutes=14, seconds=59)], True),
        ([timedelta(minutes=15, seconds=1)], False),
        ([timedelta(seconds=40), timedelta(minutes=14, seconds=59)], True),
        ([timedelta(seconds=40), timedelta(minutes=15, seconds=1)], False),
        ([timedelta(minutes=14)] * 51 + [timedelta(minutes=5, seconds=59)], True),
        ([timedelta(minutes=14)] * 51 + [timedelta(minutes=6, seconds=1)], False),
    ],
    ids=["14:59", "15:01", "a page, then 14:59", "a page, then 15:01", "11:59:59 of use", "12:00:01 of use"],
)
def test_a_session_lasts_fifteen_idle_minutes_and_twelve_hours(
    running: Running, steps: list[timedelta], is_still_in: bool
) -> None:
    browser = running.browser(running.person())

    *earlier, last = steps
    for step in earlier:
        running.real_clock.advance(step)
        assert is_signed_in(browser)
    running.real_clock.advance(last)

    assert is_signed_in(browser) is is_still_in


def test_a_session_begun_while_the_clock_was_ahead_lasts_fifteen_idle_minutes_once_it_is_set_back(running: Running) -> None:
    running.real_clock.advance(timedelta(hours=3))
    browser = running.browser(running.person())
    running.real_clock.advance(timedelta(hours=-3))

    assert is_signed_in(browser)
    running.real_clock.advance(timedelta(minutes=15, seconds=1))
    assert not is_signed_in(browser)


def test_the_cookie_is_bound_to_this_host_and_hidden_from_scripts(running_on_sqlite: Running) -> None:
    browser = running_on_sqlite.browser()

    cookies = [browser.get("/sign-in").headers["Set-Cookie"]]
    sign_in_by_the_form(browser, running_on_sqlite.person())
    assert browser.last is not None
    cookies.append(browser.last.headers["Set-Cookie"])

    for cookie in cookies:
        name, _, attributes = cookie.partition("=")
        assert name == "__Host-scrt"
        assert len(cookie) < 4096
        assert {part.strip() for part in attributes.split(";")[1:]} == {"Secure", "HttpOnly", "Path=/", "SameSite=Lax"}


def test_a_browser_that_does_nothing_leaves_no_row(running_on_sqlite: Running) -> None:
    browser = running_on_sqlite.browser()

    for path in ("/sign-in", "/accessibility", "/health/live", "/people"):
        browser.get(path)

    with reading(running_on_sqlite.engine) as session:
        assert session.scalar(select(func.count()).select_from(WebSession)) == 0


def test_a_temporary_password_opens_nothing_but_the_page_that_changes_it(running: Running) -> None:
    person = running.person((Role.ADMINISTRATOR, "ENG"))
    with unit_of_work(running.engine) as session:
        temporary = people.reset_password(session, session.get_one(Person, person.id), at=NOW)
    browser = running.browser()

    answer = browser.post("/sign-in", {"email": person.email_key, "password": temporary})

    assert answer.headers["Location"] == "/account/password"
    assert browser.get("/people").headers["Location"] == "/account/password"
    new = "another set of words entirely"
    browser.post("/account/password", {"current": temporary, "new": new, "again": new})
    assert browser.get("/people").status_code == 200


def test_a_temporary_password_works_for_three_days(running: Running) -> None:
    person = running.person()
    with unit_of_work(running.engine) as session:
        temporary = people.reset_password(session, session.get_one(Person, person.id), at=NOW)

    running.clock.advance(timedelta(days=3, seconds=1))

    assert sign_in_by_the_form(running.browser(), person, password=temporary) == 422


def test_rights_that_change_bite_on_the_next_request(running: Running) -> None:
    person = running.person((Role.ICB_LEAD, "QMJ"))
    browser = running.browser(person)
    token = browser.token()
    assert browser.get("/people").status_code == 200

    running.clock.set(NOW + timedelta(days=365 * 3))  # by then QMJ has become part of another ICB

    assert browser.get("/people").status_code == 403
    assert browser.post("/people/new", {"csrf_token": token}).status_code == 403


def lose_the_role(session: Session, person: Person) -> None:
    held = session.scalars(select(Membership).where(Membership.person_id == person.id)).one()
    people.end_role(session, held, on=TODAY, at=NOW)


def move_to_another_icb(session: Session, person: Person) -> None:
    lose_the_role(session, person)
    people.grant_role(session, person, Role.DESIGNATE, "QMF", valid_from=TODAY, at=NOW)


def be_disabled(session: Session, person: Person) -> None:
    people.disable_person(session, person, at=NOW)


@pytest.mark.parametrize(("change", "then"), [(lose_the_role, 403), (move_to_another_icb, 404), (be_disabled, 303)])
def test_a_form_that_was_open_when_rights_changed_does_nothing(
    running: Running, change: Callable[[Session, Person], None], then: int
) -> None:
    ready(running)
    review_id, browser = review(running, up_to="start"), designate(running)
    check = fill_in(browser, f"/reviews/{review_id}/steps/give-update", {"latest_update": "The panel has met."})
    form, person = hidden(check), person_behind(running)
    with unit_of_work(running.engine) as session:
        change(session, session.get_one(Person, person.id))
        people.keep_password(session, session.get_one(Person, person.id), PASSWORD_HASH)
    before = events_of(running, review_id)

    late = browser.post(check.request.path, form)
    signed_in = sign_in_by_the_form(browser, person)
    again = browser.post(check.request.path, {"key": form["key"], "read_at": form["read_at"]})

    assert (late.status_code, late.headers["Location"].partition("?")[0]) == (303, "/sign-in")
    assert signed_in == (422 if change is be_disabled else 303)
    assert again.status_code == then
    assert events_of(running, review_id) == before


def events_of(running: Running, review_id: UUID) -> int:
    with reading(running.engine) as session:
        query = select(func.count()).select_from(Event).where(Event.stream == f"review:{review_id}")
        return session.scalars(query).one()


def test_an_actor_holds_the_roles_of_the_day(running: Running) -> None:
    person = running.person((Role.REGIONAL_LEAD, "Y56"), (Role.ADMINISTRATOR, "ENG"))

    with reading(running.engine) as session:
        actor: Actor = actor_of(session, person.id, on=TODAY)

    assert actor.roles == {Role.REGIONAL_LEAD, Role.ADMINISTRATOR}
    assert {"QMJ", "QMF", "QKK", "QRV", "QWE"} <= actor.visible_codes
    assert "QOP" not in actor.visible_codes
    assert not actor.sees_everything
