"""Reminders: the next one when it is due, once, to whoever holds the role, for as long as the review is where it was."""

from datetime import UTC, date, datetime, timedelta

import pytest
from sqlalchemy import func, select
from sqlalchemy.orm import Session

from scrt_workflow.models import Notice, Person, ReminderSent
from scrt_workflow.operations import people
from scrt_workflow.operations.people import find_person
from scrt_workflow.operations.reminders import reminders_due, send_reminders
from scrt_workflow.permissions import Role
from tests.operations import reminding
from tests.operations.reminding import FIRST_DUE, add, on, open_review, remind, told

DAY = timedelta(days=1)


@pytest.fixture
def service(session: Session) -> Session:
    reminding.prepared(session)
    return session


def test_the_designate_is_reminded_when_nobody_has_updated_a_review_for_thirty_days(service: Session) -> None:
    review = open_review(service)

    assert remind(service, FIRST_DUE - DAY) == []
    (due,) = remind(service, FIRST_DUE)

    assert (due.reference, due.number, due.template) == (review.reference, 1, "update_overdue")
    assert told(service) == {"designate": 1}


def test_a_notice_holds_a_day_and_the_ledger_what_it_is_about(service: Session) -> None:
    review = open_review(service)
    remind(service, FIRST_DUE)

    notice, sent = service.scalars(select(Notice)).one(), service.scalars(select(ReminderSent)).one()
    assert notice.refs == {"day": "2024-10-02"}
    assert (sent.review_id, sent.reminder, sent.since_seq, sent.number) == (review.id, "update_overdue", 2, 1)
    assert (sent.notice_id, sent.recipient, sent.on_date) == (notice.id, str(notice.person_id), FIRST_DUE)


def test_running_it_again_sends_nothing_twice(service: Session) -> None:
    open_review(service)

    assert len(remind(service, FIRST_DUE)) == 1
    assert remind(service, FIRST_DUE) == []
    assert remind(service, FIRST_DUE + DAY) == []
    assert told(service) == {"designate": 1}


def test_two_who_worked_out_the_same_reminder_send_it_once(service: Session) -> None:
    open_review(service)
    due = list(reminders_due(service, on=FIRST_DUE))
    at = datetime(2024, 10, 2, 6, tzinfo=UTC)

    assert [send_reminders(service, due, at=at) for _ in range(2)] == [1, 0]
    assert service.scalar(select(func.count()).select_from(ReminderSent)) == 1


def test_a_missed_day_is_made_up_for_and_the_next_reminder_is_counted_from_then(service: Session) -> None:
    open_review(service)
    late = FIRST_DUE + 40 * DAY

    (due,) = remind(service, late)

    assert (due.number, due.due_on) == (1, FIRST_DUE)
    assert remind(service, late + 13 * DAY) == []
    assert [one.number for one in remind(service, late + 14 * DAY)] == [2]


def test_after_the_third_the_leads_of_the_icb_and_the_region_are_told_too(service: Session) -> None:
    open_review(service)

    for number in range(4):
        remind(service, FIRST_DUE + 14 * number * DAY)
        assert told(service)["icb.lead"] == (number == 3)

    assert told(service) == {"designate": 4, "icb.lead": 1, "regional.lead": 1}


def test_an_update_begins_again_at_one(service: Session) -> None:
    history = reminding.commissioned(service)
    history.played()
    remind(service, FIRST_DUE)
    updated = FIRST_DUE + 2 * DAY

    on(history, updated).then("give_update", latest_update="The panel has met.").played()

    assert remind(service, updated + 29 * DAY) == []
    assert [due.number for due in remind(service, updated + 30 * DAY)] == [1]


def test_a_step_that_is_no_update_changes_nothing(service: Session) -> None:
    history = reminding.commissioned(service)
    on(history, FIRST_DUE - DAY).then("flag_media_interest", media_interest="low", specialised_commissioning="no").played()

    assert len(remind(service, FIRST_DUE)) == 1


def test_a_review_that_counts_for_nothing_yet_or_no_more_reminds_nobody(service: Session) -> None:
    history = reminding.commissioned(service)
    history.then("withdraw", withdrawal_reason="entered_twice").lines.pop(1)
    history.played()

    assert remind(service, FIRST_DUE + 365 * DAY) == []


def test_a_closed_review_reminds_nobody_and_begins_afresh_when_it_is_reopened(service: Session) -> None:
    history = reminding.signed_off(service)
    history.then(
        "decide_publication", publication_status="public", publication_date=history.day,
        report_link="https://example.org/reviews/1",
    ).played()  # fmt: skip
    assert remind(service, date(2025, 6, 2)) == []

    on(history, date(2025, 6, 3)).then("reopen", by="regional_lead", reopening_reason="New information came in.").played()

    assert remind(service, date(2025, 7, 2)) == []
    assert [due.number for due in remind(service, date(2025, 7, 3))] == [1]


def test_an_embargo_reminds_on_the_day_to_look_again_and_a_later_day_begins_anew(service: Session) -> None:
    history = reminding.signed_off(service)
    history.then(
        "decide_publication", publication_status="embargoed", embargoed_on=history.day, embargo_reason="inquest",
        look_again_on="2024-12-02",
    ).played()  # fmt: skip

    assert remind(service, date(2024, 12, 1)) == []
    assert [due.template for due in remind(service, date(2024, 12, 2))] == ["embargo_look_again"]

    again = {"publication_status": "embargoed", "embargo_reason": "inquest", "look_again_on": "2025-03-03"}
    on(history, date(2024, 12, 5)).then("lift_embargo", **again).played()
    assert remind(service, date(2025, 3, 2)) == []
    assert [due.number for due in remind(service, date(2025, 3, 3))] == [1]


def test_everyone_who_holds_the_role_is_reminded_but_nobody_who_is_disabled_or_has_left(service: Session) -> None:
    open_review(service)
    add(service, Role.DESIGNATE, "2")
    add(service, Role.DESIGNATE, "3").disabled_at = datetime(2024, 9, 9, tzinfo=UTC)
    reminding.end_roles(service, add(service, Role.DESIGNATE, "4").id, FIRST_DUE)
    service.flush()

    remind(service, FIRST_DUE)

    assert told(service) == {"designate": 1, "designate2": 1}


def test_where_nobody_holds_the_role_those_above_are_told_at_once(service: Session) -> None:
    open_review(service)
    reminding.end_roles(service, find_person(service, "designate@example.nhs.uk").id, FIRST_DUE)

    remind(service, FIRST_DUE)

    assert told(service) == {"icb.lead": 1, "regional.lead": 1}


def test_where_nobody_is_there_at_all_it_stays_due_until_somebody_is(service: Session) -> None:
    open_review(service)
    for person in service.scalars(select(Person)).all():
        reminding.end_roles(service, person.id, FIRST_DUE)

    assert [due.people for due in remind(service, FIRST_DUE)] == [()]
    add(service, Role.DESIGNATE, "2")

    assert remind(service, FIRST_DUE + DAY)
    assert told(service) == {"designate2": 1}


def test_the_people_of_the_icb_that_took_over_are_reminded(service: Session) -> None:
    open_review(service)
    day = date(2026, 4, 1)
    person = people.ensure_role(
        service, "designate2@example.nhs.uk", Role.DESIGNATE, "Z9B2Z", valid_from=day, at=datetime(2026, 4, 1, tzinfo=UTC)
    )

    assert {due.people for due in remind(service, day + DAY)} == {(person.id,)}


def test_the_second_reminder_still_says_when_the_update_was_due_at_first(service: Session) -> None:
    open_review(service)
    remind(service, FIRST_DUE)
    (second,) = remind(service, FIRST_DUE + 14 * DAY)

    assert (second.due_on, second.first_due_on) == (FIRST_DUE + 14 * DAY, FIRST_DUE)
