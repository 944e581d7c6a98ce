"""People and their roles, as an administrator and an ICB lead look after them."""

import re
from collections.abc import Mapping
from typing import Any
from uuid import UUID

import pytest
from sqlalchemy import select

from scrt_workflow.database import reading, unit_of_work
from scrt_workflow.models import Event, Membership, Person
from scrt_workflow.operations import history, people
from scrt_workflow.operations.authority import PersonRefusedError
from scrt_workflow.permissions import Role
from scrt_workflow.text_rules import TextFault
from tests.factories import NOW, PASSWORD, SINCE, TODAY, Browser, Running

NEW: dict[str, Any] = {
    "email": "new.person@example.nhs.uk",
    "name": "New Person",
    "role": "designate",
    "organisation": "QMJ",
    "valid_from": ["1", "11", "2024"],
    "last_day": ["", "", ""],
}


def kinds_of(running: Running, person: Person) -> list[str]:
    with reading(running.engine) as session:
        query = select(Event.kind).where(Event.stream == people.stream_of(person.id)).order_by(Event.seq)
        return list(session.scalars(query))


def find(running: Running, email: str) -> Person:
    with reading(running.engine) as session:
        return people.find_person(session, email)


def role_of(running: Running, person: Person) -> Membership:
    with reading(running.engine) as session:
        return session.scalars(select(Membership).where(Membership.person_id == person.id)).one()


def refuses(browser: Browser, path: str, form: Mapping[str, object] | None = None) -> str:
    answer = browser.post(path, form)
    assert answer.status_code == 422
    found = re.search(r'error-summary__list">\s*<li>(?:<a[^>]*>)?([^<]+)', answer.text)
    return found[1].strip() if found else ""


def test_someone_added_signs_in_with_the_temporary_password_that_is_shown_once(running: Running) -> None:
    browser = running.as_a(Role.ADMINISTRATOR, "ENG")

    answer = browser.post("/people/new", NEW)
    shown = re.search(r"<code>([\w-]{23})</code>", answer.text)
    assert shown
    person = find(running, NEW["email"])

    assert running.browser().post("/sign-in", {"email": person.email_key, "password": shown[1]}).status_code == 303
    assert kinds_of(running, person)[:3] == ["person:added", "person:role-granted", "person:password-reset"]
    assert shown[1] not in browser.get(f"/people/{person.id}").text


def test_what_happened_to_an_account_says_who_did_it_and_cannot_be_altered(running: Running) -> None:
    browser = running.as_a(Role.ADMINISTRATOR, "ENG")
    browser.post("/people/new", NEW)
    person = find(running, "new.person@example.nhs.uk")

    browser.post(f"/people/{person.id}/disable")

    with reading(running.engine) as session:
        newest = session.scalars(select(Event).where(Event.kind == "person:disabled")).one()
        assert (newest.role, newest.organisation) == ("administrator", "ENG")
        assert list(history.broken_links(session)) == []


def test_who_has_an_account_already_keeps_it_and_gets_the_role(running: Running) -> None:
    person = running.person((Role.VIEWER, "QMF"), email="new.person@example.nhs.uk", name="Old Name")
    browser = running.as_a(Role.ADMINISTRATOR, "ENG")

    answer = browser.post("/people/new", NEW)

    assert answer.headers["Location"] == f"/people/{person.id}"
    with reading(running.engine) as session:
        actor = people.actor_of(session, person.id, on=TODAY)
    assert actor.name == "Old Name"
    assert actor.roles == {Role.VIEWER, Role.DESIGNATE}
    assert running.browser().post("/sign-in", {"email": person.email_key, "password": PASSWORD}).status_code == 303


@pytest.mark.parametrize(
    ("change", "sentence"),
    [
        ({"email": "no address"}, "Enter an e-mail address in the usual form, like name@example.nhs.uk."),
        ({"email": ""}, "Enter the person’s work e-mail address."),
        ({"organisation": "Y56"}, "London has no Designated professional. Choose another organisation for this role."),
        ({"role": ""}, "Choose a role."),
        ({"valid_from": ["31", "2", "2024"]}, "First day must be a real date, like 27 3 2024."),
        ({"valid_from": ["1", "5", "2020"]}, "NHS North Central London Integrated Care Board does not exist on that day."),
        ({"last_day": ["1", "10", "2024"]}, "The role must end after it starts."),
        (
            {"name": "New\u202ePerson"},
            str(TextFault.REORDERING),
        ),
    ],
)
def test_a_person_who_cannot_be_added_so_is_not_added(
    running_on_sqlite: Running, change: dict[str, object], sentence: str
) -> None:
    browser = running_on_sqlite.as_a(Role.ADMINISTRATOR, "ENG")

    assert refuses(browser, "/people/new", NEW | change) == sentence

    with reading(running_on_sqlite.engine) as session:
        assert session.scalars(select(Person).where(Person.name.contains("New"))).all() == []


def test_an_icb_lead_looks_after_the_people_of_that_icb_only(running: Running) -> None:
    mine, theirs = running.person((Role.DESIGNATE, "QMJ")), running.person((Role.DESIGNATE, "QMF"))
    browser = running.as_a(Role.ICB_LEAD, "QMJ")

    page = browser.get("/people").text

    assert mine.name in page
    assert theirs.name not in page
    assert browser.get(f"/people/{mine.id}").status_code == 200
    nobody = browser.get(f"/people/{UUID(int=5)}")
    hidden = browser.get(f"/people/{theirs.id}")
    assert hidden.status_code == nobody.status_code == 404
    assert hidden.text.count("\n") == nobody.text.count("\n")
    for action in ("disable", "enable", "password", "roles/new"):
        assert browser.post(f"/people/{theirs.id}/{action}").status_code == 404
    assert browser.post(f"/people/{mine.id}/roles/{role_of(running, theirs).id}/end").status_code == 404


def test_an_icb_lead_gives_only_the_roles_of_an_icb_and_only_in_that_icb(running: Running) -> None:
    person = running.person((Role.VIEWER, "QMJ"))
    browser = running.as_a(Role.ICB_LEAD, "QMJ")
    form = {name: value for name, value in NEW.items() if name not in {"email", "name"}}
    path = f"/people/{person.id}/roles/new"

    for change in ({"role": "icb_lead"}, {"role": "administrator", "organisation": "ENG"}, {"organisation": "QMF"}):
        assert refuses(browser, path, form | change) == "Not a valid choice."

    assert browser.post(path, form).status_code == 303


@pytest.mark.parametrize("action", ["disable", "password"])
def test_an_icb_lead_cannot_take_over_an_account_with_other_roles(running: Running, action: str) -> None:
    person = running.person((Role.DESIGNATE, "QMJ"), (Role.ADMINISTRATOR, "ENG"))
    browser = running.as_a(Role.ICB_LEAD, "QMJ")

    sentence = refuses(browser, f"/people/{person.id}/{action}")

    assert sentence == "This person also has roles that are not yours to manage. Ask an administrator."
    assert kinds_of(running, person) == []


def test_nobody_changes_their_own_roles_or_account(running: Running) -> None:
    person = running.person((Role.ADMINISTRATOR, "ENG"))
    browser = running.browser(person)
    own = "Someone else must do this: nobody changes their own account or roles."
    form = {name: value for name, value in NEW.items() if name not in {"email", "name"}}

    for path, sent in (("disable", {}), ("password", {}), ("roles/new", form)):
        assert refuses(browser, f"/people/{person.id}/{path}", sent) == own
    ends = {"last_day": ["1", "11", "2024"]}
    assert refuses(browser, f"/people/{person.id}/roles/{role_of(running, person).id}/end", ends) == own


def test_a_role_is_held_until_its_last_day(running: Running) -> None:
    person = running.person((Role.DESIGNATE, "QMJ"))
    browser = running.as_a(Role.ADMINISTRATOR, "ENG")
    held = role_of(running, person)

    browser.post(f"/people/{person.id}/roles/{held.id}/end", {"last_day": ["2", "11", "2024"]})

    with reading(running.engine) as session:
        roles = [people.actor_of(session, person.id, on=TODAY.replace(day=day)).roles for day in (2, 3)]
    assert roles == [{Role.DESIGNATE}, set()]
    told = "Designated professional, NHS North Central London Integrated Care Board, from 1 July 2022 to 2 November 2024"
    assert told in browser.get(f"/people/{person.id}").text


def test_a_role_held_already_is_not_given_twice(running: Running) -> None:
    person = running.person((Role.DESIGNATE, "QMJ"))

    with unit_of_work(running.engine) as session:
        mine = session.get_one(Person, person.id)
        with pytest.raises(PersonRefusedError, match="has that role already"):
            people.grant_role(session, mine, Role.DESIGNATE, "QMJ", valid_from=TODAY, at=NOW)


def test_a_role_that_a_history_names_is_held_from_its_first_day(running: Running) -> None:
    with unit_of_work(running.engine) as session:
        for first in (TODAY, SINCE, TODAY):
            person = people.ensure_role(session, "a.b@example.nhs.uk", Role.DESIGNATE, "QMJ", valid_from=first, at=NOW)
        actor = people.actor_of(session, person.id, on=SINCE)
        rows = session.scalars(select(Membership).where(Membership.person_id == person.id)).all()

    assert actor.roles == {Role.DESIGNATE}
    assert sorted((row.valid_from, row.valid_to) for row in rows) == [(SINCE, TODAY), (TODAY, None)]


def test_a_disabled_person_holds_no_role_and_cannot_sign_in(running: Running) -> None:
    person = running.person((Role.DESIGNATE, "QMJ"))
    browser = running.as_a(Role.ADMINISTRATOR, "ENG")

    browser.post(f"/people/{person.id}/disable")

    with reading(running.engine) as session:
        assert people.actor_of(session, person.id, on=TODAY).held == ()
    wants_in = {"email": person.email_key, "password": PASSWORD}
    assert running.browser().post("/sign-in", wants_in).status_code == 422
    browser.post(f"/people/{person.id}/enable")
    assert running.browser().post("/sign-in", wants_in).status_code == 303


def test_people_are_found_by_parts_of_name_and_address(running: Running) -> None:
    running.person(email="amara.okafor@example.nhs.uk", name="Amara Okafor")
    running.person(email="tom@example.nhs.uk", name="Tom Whitfield 100%")
    browser = running.as_a(Role.ADMINISTRATOR, "ENG")

    found = {q: browser.get("/people", query_string={"q": q}).text for q in ("OKAF ama", "100%", "_", "tom@ex")}

    assert ("Amara Okafor" in found["OKAF ama"], "Tom Whitfield" in found["OKAF ama"]) == (True, False)
    assert ("Amara Okafor" in found["100%"], "Tom Whitfield" in found["100%"]) == (False, True)
    assert "Amara Okafor" not in found["_"]
    assert "Tom Whitfield" in found["tom@ex"]


@pytest.mark.parametrize("q", ["a\0b", "a\ud800b", "x" * 300])
def test_what_nobody_can_be_called_finds_nobody(running: Running, q: str) -> None:
    person = running.person()

    found = running.as_a(Role.ADMINISTRATOR, "ENG").get("/people", query_string={"q": q.encode("utf-8", "surrogatepass")})

    assert found.status_code == 200
    assert person.email_key not in found.text
