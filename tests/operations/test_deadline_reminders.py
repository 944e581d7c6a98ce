"""Slippage: a deadline warns once ahead, reminds after, and stops when it is met; staleness is another thing."""

from __future__ import annotations

from datetime import date, timedelta
from typing import Any

import pytest
from sqlalchemy import select
from sqlalchemy.orm import Session

from scrt_workflow.models import ClockRun, Notice, Review
from scrt_workflow.operations.letter_layout import Letter
from scrt_workflow.operations.letters import letter_for
from scrt_workflow.operations.people import find_person
from scrt_workflow.operations.reminders import Due
from tests.operations import reminding
from tests.operations.reminding import FIRST_DUE, on, open_review, remind, told

DAY = timedelta(days=1)
DEADLINE = date(2025, 3, 2)  # six months after 2 September 2024; a Sunday
WARNED = date(2025, 2, 3)  # twenty working days before


@pytest.fixture
def service(session: Session) -> Session:
    reminding.prepared(session)
    return session


def of_deadline(due: list[Due]) -> list[tuple[str, int]]:
    return [(one.reminder, one.number) for one in due if one.reminder.startswith("review_completed")]


def newest_letter(session: Session, who: str, day: date) -> Letter:
    person = find_person(session, f"{who}@example.nhs.uk")
    query = select(Notice).where(Notice.person_id == person.id).order_by(Notice.id.desc()).limit(1)
    return letter_for(session, session.scalars(query).one(), on=day, address="https://reviews.example.nhs.uk")


def test_a_deadline_warns_once_ahead(service: Session) -> None:
    open_review(service)

    assert of_deadline(remind(service, WARNED - DAY)) == []
    assert of_deadline(remind(service, WARNED)) == [("review_completed_near", 1)]
    assert [of_deadline(remind(service, WARNED + n * DAY)) for n in range(1, 27)] == [[]] * 26


def test_a_warning_that_was_missed_is_made_up_for_until_the_day_before(service: Session) -> None:
    open_review(service)

    assert of_deadline(remind(service, DEADLINE - DAY)) == [("review_completed_near", 1)]


def test_on_the_day_itself_it_is_too_late_for_a_warning(service: Session) -> None:
    open_review(service)

    assert of_deadline(remind(service, DEADLINE)) == []


def test_a_missed_deadline_reminds_every_two_weeks_and_goes_up_after_two(service: Session) -> None:
    open_review(service)
    found = []
    for number in range(43):
        due = remind(service, DEADLINE + number * DAY)
        found += [(number, one.number, one.roles) for one in due if one.reminder == "review_completed_late"]

    below, both = ("designate",), ("designate", "icb_lead", "regional_lead")
    assert found == [(1, 1, below), (15, 2, below), (29, 3, both)]


def test_a_deadline_that_is_met_reminds_nobody(service: Session) -> None:
    history = reminding.signed_off(service)
    history.played()

    assert of_deadline(remind(service, DEADLINE + 30 * DAY)) == []


def test_another_due_date_begins_a_new_cycle(service: Session) -> None:
    review = open_review(service)
    for number in (1, 15):
        remind(service, DEADLINE + number * DAY)

    later = date(2025, 6, 2)
    run = ClockRun(review_id=review.id, clock="review_completed", run=1, started_on=reminding.COMMISSIONED, due_on=later)
    service.add(run)
    service.flush()

    assert of_deadline(remind(service, DEADLINE + 29 * DAY)) == []
    assert of_deadline(remind(service, later - DAY)) == [("review_completed_near", 1)]
    assert of_deadline(remind(service, later + DAY)) == [("review_completed_late", 1)]


def test_an_update_resets_staleness_and_leaves_the_deadline_as_it_is(service: Session) -> None:
    history = reminding.commissioned(service)
    on(history, DEADLINE).then("give_update", latest_update="The report is being written.").played()

    assert [(one.reminder, one.number) for one in remind(service, DEADLINE + DAY)] == [("review_completed_late", 1)]


@pytest.mark.parametrize(
    ("step", "answers"),
    [
        ("flag_media_interest", {"media_interest": "low", "specialised_commissioning": "no"}),
        ("change_details", {"what_has_changed": ["themes"], "themes": ["Suicide"]}),
        ("correct", {"what_to_correct": ["themes"], "themes": ["Suicide"], "correction_reason": "The theme was mistyped."}),
    ],
)
def test_only_a_substantive_update_resets_staleness(service: Session, step: str, answers: dict[str, Any]) -> None:
    history = reminding.commissioned(service)
    on(history, FIRST_DUE - DAY).then(step, **answers).played()

    assert [(one.reminder, one.number) for one in remind(service, FIRST_DUE)] == [("update_overdue", 1)]


def test_the_letter_names_the_deadline_and_its_day(service: Session) -> None:
    open_review(service)
    for number in range(6):
        remind(service, FIRST_DUE + 14 * number * DAY)
    review = service.scalars(select(Review)).one()
    review.state_since = DEADLINE
    history_day = DEADLINE + DAY
    remind(service, history_day)

    found = newest_letter(service, "designate", history_day)

    assert "Due: 2 March 2025 (1 day ago)" in found.text
    assert f"Deadline missed: review {review.reference}" in found.text
    assert told(service)["designate"] == 7
