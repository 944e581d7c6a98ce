"""Sending a reminder on the page of a review, choosing one's e-mails, and lending a role."""

from __future__ import annotations

import re
from datetime import UTC, datetime
from uuid import uuid4

import pytest
from sqlalchemy import select

from scrt_workflow.database import reading
from scrt_workflow.models import Event, Notice, ReminderSent
from scrt_workflow.operations.mail_choices import Mail, wanted
from scrt_workflow.permissions import Role
from tests.factories import Browser, Running
from tests.web.guided import complete, hidden
from tests.web.invented import designate, ready, review
from tests.web.reading import links, words

LATE = datetime(2025, 6, 7, 10, tzinfo=UTC)  # a Saturday


def count(running: Running, model: type) -> int:
    with reading(running.engine) as session:
        return len(session.scalars(select(model)).all())


def a_late_review(running: Running) -> str:
    ready(running)
    running.clock.set(LATE)
    return f"/reviews/{review(running, up_to='start')}"


def test_a_lead_sends_a_reminder_from_the_page_of_a_review(running: Running) -> None:
    page = a_late_review(running)
    lead = running.browser(running.person((Role.ICB_LEAD, "QMJ"), name="Sunil Rao"))

    assert links(lead.get(page))["Send a reminder now"] == f"{page}/reminder"
    form = lead.get(f"{page}/reminder")
    assert "Update overdue" in words(form)
    sent = lead.post(f"{page}/reminder", {**hidden(form), "reminder": "update_overdue"})

    assert sent.status_code == 303
    shown = words(lead.get(page))
    assert "The reminder goes to" in shown
    assert re.search(r"A reminder was sent .*Sunil Rao, ICB lead", shown)
    assert (count(running, Notice), count(running, ReminderSent)) == (1, 1)


@pytest.mark.parametrize("day", range(8, 12))  # the deadline of its completion is 9 July 2024
def test_a_reminder_is_offered_on_the_days_on_which_there_is_one_to_send(running: Running, day: int) -> None:
    ready(running)
    running.clock.set(datetime(2024, 7, day - 1, 23, 30, tzinfo=UTC))  # half past midnight in London
    one = review(running, up_to="start")
    complete(designate(running), one, "give_update", {"latest_update": "Going on."})
    lead = running.as_a(Role.ICB_LEAD, "QMJ")

    is_offered = "Send a reminder now" in words(lead.get(f"/reviews/{one}"))

    assert is_offered == (day >= 10) == ("Nothing is overdue" not in words(lead.get(f"/reviews/{one}/reminder")))


def test_a_double_click_sends_one_and_a_second_one_the_same_day_is_refused_politely(running: Running) -> None:
    page = a_late_review(running)
    lead = running.as_a(Role.REGIONAL_LEAD, "Y56")
    form = {**hidden(lead.get(f"{page}/reminder")), "reminder": "update_overdue"}

    assert [lead.post(f"{page}/reminder", form).status_code for _ in range(2)] == [303, 303]
    assert count(running, ReminderSent) == 1
    again = lead.post(f"{page}/reminder", form | {"key": str(uuid4())})
    assert again.status_code == 409
    assert "A reminder of this review was sent today already. You can send another one tomorrow." in words(again)
    assert "sent today already" in words(lead.get(f"{page}/reminder"))
    assert "Send a reminder now" not in (shown := words(lead.get(page)))
    assert "A reminder of this review was sent today already." in shown


def test_what_to_remind_of_must_be_chosen_and_be_one_of_those_offered(running: Running) -> None:
    page = a_late_review(running)
    lead = running.as_a(Role.NATIONAL_LEAD, "ENG")
    key = hidden(lead.get(f"{page}/reminder"))

    nothing, other = (lead.post(f"{page}/reminder", key | more) for more in ({}, {"reminder": "embargo_look_again"}))

    assert (nothing.status_code, other.status_code) == (422, 409)
    assert "Choose what you want to remind of" in words(nothing)
    assert count(running, ReminderSent) == 0


def test_who_may_not_send_reminders_sees_no_way_to(running: Running) -> None:
    page = a_late_review(running)

    for role, place in ((Role.DESIGNATE, "QMJ"), (Role.VIEWER, "Y56"), (Role.ICB_CHIEF_NURSE, "QMJ")):
        browser = running.as_a(role, place)
        assert "Send a reminder now" not in words(browser.get(page))
        assert browser.get(f"{page}/reminder").status_code == 403


def chosen(running: Running, browser: Browser) -> frozenset[Mail]:
    with reading(running.engine) as session:
        event = session.scalars(select(Event).order_by(Event.id.desc()).limit(1)).one()
        assert event.person_id is not None
        return wanted(session, event.person_id)


def test_anyone_stops_and_starts_their_digests_on_their_account_page(running: Running) -> None:
    browser = running.as_a(Role.DESIGNATE, "QMJ")
    assert browser.get("/account").text.count(" checked") == 2

    assert browser.post("/account", {"summaries": "y"}).status_code == 303
    assert chosen(running, browser) == {Mail.SUMMARIES}
    page = browser.get("/account")
    assert page.text.count(" checked") == 1
    assert 'id="e-mails"' in page.text
    browser.post("/account", {"summaries": "y", "reminders": "y"})
    assert chosen(running, browser) == set(Mail)


def test_an_icb_lead_lends_a_role_to_a_colleague_for_a_time(running: Running) -> None:
    designate = running.person((Role.DESIGNATE, "QMJ"), name="Dora Ek")
    colleague = running.person((Role.VIEWER, "QMJ"), email="colin@example.nhs.uk", name="Colin Ash")
    lead = running.as_a(Role.ICB_LEAD, "QMJ")
    address = next(one for text, one in links(lead.get(f"/people/{designate.id}")).items() if text.startswith("Lend"))
    form = {"email": "colin@example.nhs.uk", "valid_from": ["4", "11", "2024"], "last_day": ["8", "11", "2024"]}

    assert lead.post(address, form | {"email": "nobody@example.nhs.uk"}).status_code == 422
    assert lead.post(address, form | {"last_day": ["", "", ""]}).status_code == 422
    assert lead.post(address, form).status_code == 303

    shown = words(lead.get(f"/people/{colleague.id}"))
    assert "from 4 November 2024 to 8 November 2024, lent by Dora Ek" in shown
    assert "lent by Dora Ek" in words(running.browser(colleague).get("/account"))
    assert "Lent to Colin Ash from 4 November 2024 to 8 November 2024" in words(lead.get(f"/people/{designate.id}"))
