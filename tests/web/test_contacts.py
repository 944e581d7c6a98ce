"""Administrators see who holds which post, which has nobody, and change it from a day on."""

from __future__ import annotations

from datetime import date
from typing import Any

from sqlalchemy import select

from scrt_workflow.database import reading, unit_of_work
from scrt_workflow.models import Contact
from scrt_workflow.operations.contacts import add_contact
from scrt_workflow.permissions import Role
from tests.factories import NOW, SINCE, Browser, Running
from tests.web.reading import links, page_of, words

NEW: dict[str, Any] = {"email": "new@example.nhs.uk", "valid_from": ["1", "11", "2024"], "last_day": ["", "", ""]}


def administrator(running: Running) -> Browser:
    return running.as_a(Role.ADMINISTRATOR, "ENG")


def contact(running: Running, organisation: str, post: str = "medical_director") -> int:
    with unit_of_work(running.engine) as session:
        email = f"{post}.{organisation.lower()}@example.nhs.uk"
        return add_contact(session, organisation, post, email, valid_from=SINCE, at=NOW).id


def emails(running: Running) -> dict[str, tuple[date, date | None]]:
    with reading(running.engine) as session:
        return {one.email: (one.valid_from, one.valid_to) for one in session.scalars(select(Contact))}


def row_of(page: Any, name: str) -> str:
    (found,) = [row.get_text(" ") for row in page_of(page).select("tbody tr") if name in row.get_text(" ")]
    return " ".join(found.split())


def test_the_list_says_which_posts_have_nobody(running: Running) -> None:
    contact(running, "Y56")
    contact(running, "QMJ", "director_of_nursing")

    page = administrator(running).get("/contacts")

    ours, theirs = row_of(page, "North Central London ICB"), row_of(page, "North East London ICB")
    assert ours.partition("Nobody for")[0].endswith("Own contacts Director of nursing ")
    assert "Medical director" not in ours
    assert "Director of nursing" in theirs.partition("Nobody for")[2]
    assert row_of(page, "Kent and Medway").endswith("Nobody for Every post")
    assert "In 49 places nobody would be told for at least one post." in words(page)


def test_where_an_icb_has_no_contact_the_page_says_who_is_told_instead(running: Running) -> None:
    contact(running, "Y56")

    said = words(administrator(running).get("/contacts/qmj"))

    assert "Medical director medical_director.y56@example.nhs.uk of London is told today." in said
    assert "Locality director Nobody" in said


def test_a_contact_is_added_replaced_and_ended_and_the_history_says_so(running: Running) -> None:
    browser = administrator(running)
    answer = browser.post("/contacts/qmj/medical-director/new", NEW)
    assert (answer.status_code, answer.headers["Location"]) == (303, "/contacts/qmj")
    page = browser.get("/contacts/qmj")
    assert "new@example.nhs.uk, from 1 November 2024" in words(page)

    replace = links(page)["Replace new@example.nhs.uk as Medical director"]
    browser.post(replace, {"email": "next@example.nhs.uk", "on": ["1", "12", "2024"]})
    end = links(browser.get("/contacts/qmj"))["End next@example.nhs.uk as Medical director"]
    browser.post(end, {"last_day": ["31", "12", "2024"]})

    assert emails(running) == {
        "new@example.nhs.uk": (date(2024, 11, 1), date(2024, 12, 1)),
        "next@example.nhs.uk": (date(2024, 12, 1), date(2025, 1, 1)),
    }
    said = words(browser.get("/contacts/qmj"))
    assert said.count("Contact added") == 2
    assert "Medical director, next@example.nhs.uk, from 1 December 2024 to 31 December 2024" in said


def test_what_is_wrong_is_said_beside_what_was_typed(running: Running) -> None:
    browser, taken = administrator(running), contact(running, "QMJ")

    wrong = browser.post("/contacts/qmj/medical-director/new", {**NEW, "email": "nobody"})
    twice = browser.post("/contacts/qmj/medical-director/new", NEW)
    late = browser.post(f"/contacts/qmj/{taken}/end", {"last_day": ["31", "2", "2024"]})

    assert [one.status_code for one in (wrong, twice, late)] == [422, 422, 422]
    assert "in the usual form" in words(wrong)
    assert 'value="nobody"' in wrong.text
    assert "This post has a contact at that time already." in words(twice)
    assert "must be a real date" in words(late)
    assert list(emails(running)) == ["medical_director.qmj@example.nhs.uk"]


def test_what_is_not_there_is_a_404(running: Running) -> None:
    browser, here = administrator(running), contact(running, "QMJ")

    for address in (
        "/contacts/zzz",
        "/contacts/qmj/caretaker/new",
        "/contacts/qmj/999999/end",
        "/contacts/qmj/9223372036854775808/end",
        "/contacts/qmj/99999999999999999999/replace",
        f"/contacts/qmf/{here}/end",
        f"/contacts/qmf/{here}/replace",
    ):
        assert browser.get(address).status_code == 404, address


def test_only_administrators_find_the_contacts(running: Running) -> None:
    assert "Contacts" in links(administrator(running).get("/"))
    lead = running.as_a(Role.REGIONAL_LEAD, "Y56")
    assert "Contacts" not in links(lead.get("/"))
    assert lead.get("/contacts").status_code == 403
