"""People and their roles, as an administrator and an ICB lead look after them."""

import re
from collections.abc import Mapping
from datetime import date, timedelta
from typing import Any
from uuid import UUID

import pytest
from sqlalchemy import select

from scrt_workflow.database import reading, unit_of_work
from scrt_workflow.models import Event, Membership, Notice, Person
from scrt_workflow.operations import history, people
from scrt_workflow.operations.authority import NoSuchPersonError, PersonRefusedError
from scrt_workflow.operations.letter_layout import Letter
from scrt_workflow.operations.letters import letter_for
from scrt_workflow.permissions import Role
from scrt_workflow.text_rules import TextFault
from tests.factories import HOST, NOW, PASSWORD, SINCE, TODAY, Browser, Running, make_membership
from tests.web.reading import unvarying

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


def role_of(running: Running, person: Person, role: Role | None = None) -> Membership:
    """Give the first role that *person* held, or their only *role*."""
    with reading(running.engine) as session:
        query = select(Membership).where(Membership.person_id == person.id).order_by(Membership.valid_from)
        found = session.scalars(query).all()
    return next(one for one in found if role in (None, one.role))


def epoch(running: Running, person: Person) -> int:
    with reading(running.engine) as session:
        return session.get_one(Person, person.id).session_epoch


def letters_to(running: Running, person: Person) -> list[Letter]:
    """Write the letters that wait for *person*, in order."""
    with reading(running.engine) as session:
        notices = session.scalars(select(Notice).where(Notice.person_id == person.id).order_by(Notice.id))
        return [letter_for(session, notice, on=TODAY, address=f"https://{HOST}") for notice in notices]


def one_line(letter: Letter) -> str:
    return " ".join(letter.text.split())


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
        ({"email": "jürgen@example.nhs.uk"}, "Enter an e-mail address in the usual form, like name@example.nhs.uk."),
        ({"email": "new@exa_mple.nhs.uk"}, "Enter an e-mail address in the usual form, like name@example.nhs.uk."),
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
    assert unvarying(hidden) == unvarying(nobody)
    for action in ("disable", "enable", "password", "roles/new"):
        assert browser.post(f"/people/{theirs.id}/{action}").status_code == 404
    assert browser.post(f"/people/{mine.id}/roles/{role_of(running, theirs).id}/end").status_code == 404


def test_an_icb_lead_gives_only_the_roles_of_an_icb_and_only_in_that_icb(running: Running) -> None:
    person = running.person((Role.VIEWER, "QMJ"))
    browser = running.as_a(Role.ICB_LEAD, "QMJ")
    form = {name: value for name, value in NEW.items() if name not in {"email", "name"}}
    path = f"/people/{person.id}/roles/new"

    for change in ({"role": "icb_chief_nurse"}, {"role": "administrator", "organisation": "ENG"}, {"organisation": "QMF"}):
        assert refuses(browser, path, form | change) == "Not a valid choice."

    assert browser.post(path, form).status_code == 303


NOT_THE_LEADS = [
    ((Role.ICB_CHIEF_NURSE, "QMJ"),),
    ((Role.DESIGNATE, "QMJ"), (Role.ICB_CHIEF_NURSE, "QMJ")),
    ((Role.DESIGNATE, "QMJ"), (Role.VIEWER, "QMF")),
    ((Role.DESIGNATE, "QMJ"), (Role.ADMINISTRATOR, "ENG")),
]


@pytest.mark.parametrize("roles", NOT_THE_LEADS)
def test_an_icb_lead_reaches_nobody_who_has_another_role_now_or_later(
    running: Running, roles: tuple[tuple[Role, str], ...]
) -> None:
    (first, place), *later = roles
    person = running.person((first, place), name="Nasreen Chowdhury")
    with unit_of_work(running.engine) as session:
        for role, code in later:
            make_membership(session, session.get_one(Person, person.id), role, code, valid_from=TODAY + timedelta(days=30))
    acting, before = running.person((Role.ICB_LEAD, "QMJ")), epoch(running, person)
    browser = running.browser(acting)

    assert person.name not in browser.get("/people").text
    for path in ("", "/password", "/disable", "/enable", "/roles/new"):
        assert browser.get(f"/people/{person.id}{path}").status_code == 404
    sentence = refuses(browser, "/people/new", NEW | {"email": person.email_key})
    assert sentence.startswith(f"Ask an administrator to give this person the role: {person.email_key}")
    assert browser.last is not None
    assert person.name not in browser.last.text
    with unit_of_work(running.engine) as session:
        mine, lead = session.get_one(Person, person.id), people.actor_of(session, acting.id, on=TODAY)
        for act in (people.disable_person, people.enable_person, people.reset_password):
            with pytest.raises(PersonRefusedError, match="not yours to manage"):
                act(session, mine, at=NOW, actor=lead)
        with pytest.raises(PersonRefusedError, match="Ask an administrator"):
            people.grant_role(session, mine, Role.VIEWER, "QMJ", valid_from=TODAY, at=NOW, actor=lead)
    assert (kinds_of(running, person), epoch(running, person)) == ([], before)


def test_an_icb_lead_sees_of_a_person_only_what_concerns_that_icb(running: Running) -> None:
    person, admin = running.person((Role.DESIGNATE, "QMJ")), running.as_a(Role.ADMINISTRATOR, "ENG")
    with unit_of_work(running.engine) as session:
        mine = session.get_one(Person, person.id)
        make_membership(session, mine, Role.NATIONAL_LEAD, "ENG", valid_to=TODAY)
        people.end_role(session, people.grant_role(session, mine, Role.VIEWER, "QMF", valid_from=TODAY, at=NOW), on=TODAY, at=NOW)
    running.browser().post("/sign-in", {"email": person.email_key, "password": PASSWORD})
    browser = running.as_a(Role.ICB_LEAD, "QMJ")
    form = {name: value for name, value in NEW.items() if name not in {"email", "name"}}
    browser.post(f"/people/{person.id}/roles/new", form | {"role": "viewer"})

    told, told_admin = browser.get(f"/people/{person.id}").text, admin.get(f"/people/{person.id}").text

    foreign = ("National lead", "North East London", "Signed in", "Role ended")
    assert [word for word in foreign if word in told] == []
    assert [word for word in foreign if word not in told_admin] == []
    assert "Designated professional" in told
    assert "Role given" in told


def test_who_left_the_icb_can_come_back_but_what_they_did_elsewhere_stays_out_of_the_leads_reach(running: Running) -> None:
    person = running.person()
    with unit_of_work(running.engine) as session:
        mine = session.get_one(Person, person.id)
        make_membership(session, mine, Role.DESIGNATE, "QMJ", valid_to=TODAY)
        make_membership(session, mine, Role.NATIONAL_LEAD, "ENG", valid_to=TODAY)
    browser = running.as_a(Role.ICB_LEAD, "QMJ")

    assert "not yours to manage" in refuses(browser, f"/people/{person.id}/password")
    assert browser.post("/people/new", NEW | {"email": person.email_key}).status_code == 303
    assert "not yours to manage" in refuses(browser, f"/people/{person.id}/password")
    assert running.as_a(Role.ADMINISTRATOR, "ENG").post(f"/people/{person.id}/password").status_code == 200


def test_only_an_administrator_makes_somebody_an_icb_chief_nurse(running: Running) -> None:
    person = running.person((Role.VIEWER, "QMJ"))
    lead, admin = running.as_a(Role.ICB_LEAD, "QMJ"), running.as_a(Role.ADMINISTRATOR, "ENG")
    form = {name: value for name, value in NEW.items() if name not in {"email", "name"}} | {"role": "icb_chief_nurse"}

    assert refuses(lead, f"/people/{person.id}/roles/new", form) == "Not a valid choice."
    assert admin.post(f"/people/{person.id}/roles/new", form).status_code == 303
    assert lead.get(f"/people/{person.id}").status_code == 404


def test_the_holder_of_an_account_is_told_what_is_done_to_it(running: Running) -> None:
    person = running.person((Role.DESIGNATE, "QMJ"))
    running.person((Role.ADMINISTRATOR, "ENG"), email="desmond@example.nhs.uk", name="Desmond Achebe")
    browser = running.browser(running.person((Role.ICB_LEAD, "QMJ"), name="Sunil Rao"))
    form = {name: value for name, value in NEW.items() if name not in {"email", "name"}}

    browser.post(f"/people/{person.id}/roles/new", form | {"role": "viewer", "last_day": ["30", "11", "2024"]})
    browser.post(f"/people/{person.id}/roles/{role_of(running, person).id}/end", {"last_day": ["2", "11", "2024"]})
    given = re.search(r"<code>([\w-]{23})</code>", browser.post(f"/people/{person.id}/password").text)

    by = "Sunil Rao (ICB lead, NHS North Central London Integrated Care Board)"
    at, place = "on 1 November 2024 at 09:00", "NHS North Central London Integrated Care Board"
    letters = letters_to(running, person)
    assert [one.subject for one in letters] == [
        "You were given a role", "The end of your role was set", "Your password was reset"
    ]  # fmt: skip
    assert f"{by} gave you this role {at}: Viewer, {place}, from 1 November 2024 to 30 November 2024." in one_line(letters[0])
    ended = f"{by} set the end of this role of yours {at}: Designated professional, {place}, from 1 July 2022 to 2 November 2024."
    assert ended in one_line(letters[1])
    assert f"{by} gave you a temporary password {at}." in one_line(letters[2])
    for one in letters:
        assert "If you did not expect this, tell Desmond Achebe (desmond@example.nhs.uk) today." in one_line(one)
        assert given
        assert given[1] not in one.text + one.html


def test_the_holder_of_an_account_is_told_when_it_is_disabled_and_enabled_again(running: Running) -> None:
    person = running.person((Role.DESIGNATE, "QMJ"))
    browser = running.browser(running.person((Role.ADMINISTRATOR, "ENG"), name="Desmond Achebe"))
    by = "Desmond Achebe (Administrator, NHS England)"

    browser.post(f"/people/{person.id}/disable")
    (disabled,) = letters_to(running, person)
    browser.post(f"/people/{person.id}/enable")
    _, enabled = letters_to(running, person)

    assert (disabled.subject, enabled.subject) == ("Your account was disabled", "Your account was enabled again")
    assert f"{by} disabled your account on 1 November 2024 at" in one_line(disabled)
    assert f"{by} enabled your account again on 1 November 2024 at" in one_line(enabled)
    assert all("If you did not expect this, tell Desmond Achebe (" in one_line(one) for one in (disabled, enabled))
    assert "/account" not in disabled.text  # which its reader cannot open
    assert "/account" in enabled.text


def test_nobody_is_told_of_an_account_that_is_only_being_made(running: Running) -> None:
    running.as_a(Role.ADMINISTRATOR, "ENG").post("/people/new", NEW)

    assert letters_to(running, find(running, NEW["email"])) == []


def test_a_letter_about_an_account_names_another_administrator_than_who_did_it(running: Running) -> None:
    person = running.person((Role.DESIGNATE, "QMJ"))
    browser = running.browser(running.person((Role.ADMINISTRATOR, "ENG"), name="Desmond Achebe"))

    browser.post(f"/people/{person.id}/password")
    (alone,) = letters_to(running, person)
    running.person((Role.ADMINISTRATOR, "ENG"), email="ada@example.nhs.uk", name="Ada Obi")
    (beside,) = letters_to(running, person)

    assert "tell Desmond Achebe (" in one_line(alone)
    assert "tell Ada Obi (ada@example.nhs.uk) today" in one_line(beside)


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


def test_a_role_that_was_never_held_can_be_given_again(running: Running) -> None:
    person = running.person((Role.VIEWER, "QMJ"))
    browser, path = running.as_a(Role.ADMINISTRATOR, "ENG"), f"/people/{person.id}/roles"
    form = {name: value for name, value in NEW.items() if name not in {"email", "name"}} | {"valid_from": ["1", "12", "2024"]}

    for _ in range(2):
        assert browser.post(f"{path}/new", form).status_code == 303
        planned = role_of(running, person, Role.DESIGNATE)
        assert browser.post(f"{path}/{planned.id}/end", {"last_day": ["30", "11", "2024"]}).status_code == 303
    assert browser.post(f"{path}/new", form).status_code == 303

    assert role_of(running, person, Role.DESIGNATE).valid_to is None


def test_a_last_day_has_a_day_after_it(running_on_sqlite: Running) -> None:
    person = running_on_sqlite.person((Role.DESIGNATE, "QMJ"))
    browser, path = running_on_sqlite.as_a(Role.ADMINISTRATOR, "ENG"), f"/people/{person.id}/roles"
    form = {name: value for name, value in NEW.items() if name not in {"email", "name"}}
    never = {"last_day": ["31", "12", "9999"]}

    for sent in (f"{path}/new", form | never), (f"{path}/{role_of(running_on_sqlite, person).id}/end", never):
        assert refuses(browser, *sent).endswith("must be in 2100 or before.")


@pytest.mark.parametrize("typed", [["", "12", "2024"], [" ", "12", "2024"], ["", "", "2024"]])
def test_half_a_last_day_gives_no_role_without_an_end(running_on_sqlite: Running, typed: list[str]) -> None:
    answer = running_on_sqlite.as_a(Role.ADMINISTRATOR, "ENG").post("/people/new", {**NEW, "last_day": typed})

    assert answer.status_code == 422
    assert "Last day must be a real date, like 27 3 2024." in answer.text
    with reading(running_on_sqlite.engine) as session, pytest.raises(NoSuchPersonError):
        people.find_person(session, NEW["email"])


def test_spaces_are_no_day_and_end_and_lend_nothing(running_on_sqlite: Running) -> None:
    administrator = running_on_sqlite.as_a(Role.ADMINISTRATOR, "ENG")
    person = running_on_sqlite.person((Role.DESIGNATE, "QMJ"))
    colleague = running_on_sqlite.person((Role.VIEWER, "QMJ"))
    page = f"/people/{person.id}/roles/{role_of(running_on_sqlite, person).id}"
    blank = [" ", " ", " "]

    ended = administrator.post(f"{page}/end", {"last_day": blank})
    form = {"email": colleague.email_key, "valid_from": ["4", "11", "2024"], "last_day": blank}
    lent = administrator.post(f"{page}/lend", form)

    assert (ended.status_code, lent.status_code) == (422, 422)
    assert "Enter the last day of the role." in ended.text
    assert "Enter the last day on which it is lent." in lent.text
    assert role_of(running_on_sqlite, person).valid_to is None


def test_the_end_of_a_role_only_comes_nearer(running: Running) -> None:
    person = running.person()
    with unit_of_work(running.engine) as session:
        mine = session.get_one(Person, person.id)
        past = make_membership(session, mine, Role.DESIGNATE, "QMJ", valid_to=TODAY)
        ends = make_membership(session, mine, Role.VIEWER, "QMJ", valid_to=TODAY + timedelta(days=30))
    browser, path = running.as_a(Role.ADMINISTRATOR, "ENG"), f"/people/{person.id}/roles"
    later, sooner = {"last_day": ["1", "1", "2030"]}, {"last_day": ["5", "11", "2024"]}

    assert refuses(browser, f"{path}/{past.id}/end", later) == "This role has ended already."
    assert refuses(browser, f"{path}/{past.id}/end", {"last_day": ["1", "10", "2024"]}) == "This role has ended already."
    assert refuses(browser, f"{path}/{ends.id}/end", later).startswith("This role ends sooner than that.")
    assert browser.post(f"{path}/{ends.id}/end", sooner).status_code == 303

    assert role_of(running, person, Role.DESIGNATE).valid_to == TODAY
    assert role_of(running, person, Role.VIEWER).valid_to == date(2024, 11, 6)


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
