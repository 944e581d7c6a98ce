"""A reminder sent by hand: it takes the place of the next automatic one, is on record, and is sent once a day at most."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from uuid import UUID, uuid4

import pytest
from sqlalchemy import select
from sqlalchemy.orm import Session

from scrt_workflow.actors import Actor
from scrt_workflow.models import Event, EventBody, Notice, ReminderSent, Review
from scrt_workflow.operations import mail_choices, nudging
from scrt_workflow.operations.letter_layout import WithheldError
from scrt_workflow.operations.letters import letter_for
from scrt_workflow.operations.nudging import REMINDED, NudgeRefusedError, nudge
from scrt_workflow.operations.once import KeyReusedError
from scrt_workflow.operations.people import actor_of, find_person
from scrt_workflow.permissions import Role
from tests.operations import reminding
from tests.operations.reminding import FIRST_DUE, add, on, open_review, remind, told

DAY = timedelta(days=1)
NUDGED = FIRST_DUE + 3 * DAY  # a Saturday


@pytest.fixture
def service(session: Session) -> Session:
    reminding.prepared(session)
    return session


def someone(session: Session, who: str, day: date = NUDGED) -> Actor:
    return actor_of(session, find_person(session, f"{who}@example.nhs.uk").id, on=day)


def nudged(session: Session, review: Review, who: str = "icb.lead", day: date = NUDGED, key: UUID | None = None) -> list[UUID]:
    at = datetime(day.year, day.month, day.day, 14, tzinfo=UTC)
    return nudge(session, review.id, "update_overdue", actor=someone(session, who, day), at=at, key=key or uuid4())


def test_a_nudge_is_sent_on_any_day_and_uses_up_the_automatic_reminder(service: Session) -> None:
    review = open_review(service)
    remind(service, FIRST_DUE)

    assert len(nudged(service, review)) == 1

    assert told(service) == {"designate": 2}
    sent = service.scalars(select(ReminderSent).order_by(ReminderSent.number)).all()
    assert [(one.number, one.on_date, one.manual) for one in sent] == [(1, FIRST_DUE, False), (2, NUDGED, True)]
    assert remind(service, FIRST_DUE + 14 * DAY) == []
    assert [one.number for one in remind(service, NUDGED + 14 * DAY)] == [3]


def test_a_nudge_says_who_had_it_sent_in_the_words_of_the_definition(service: Session) -> None:
    review = open_review(service)
    nudged(service, review)

    letter = letter_for(service, service.scalars(select(Notice)).one(), on=NUDGED, address="https://reviews.example.nhs.uk")

    assert letter.subject == f"Update overdue: review {review.reference}"
    assert "icb.lead had this reminder sent. You get this message as designated professional" in " ".join(letter.text.split())


def test_a_nudge_is_in_the_history_with_who_and_when_and_resets_nothing(service: Session) -> None:
    review = open_review(service)
    before = (review.version, review.next_due_on, review.last_update_on, review.state)
    people = nudged(service, review, "regional.lead")

    event, body = service.execute(
        select(Event, EventBody).join(EventBody, EventBody.event_id == Event.id).where(Event.kind == REMINDED)
    ).one()
    assert (event.seq, event.role, event.organisation) == (before[0] + 1, "regional_lead", "Y56")
    assert body.body == {"reminder": "update_overdue", "number": 1, "to": [str(person) for person in people]}
    service.refresh(review)
    assert (review.version, review.next_due_on, review.last_update_on, review.state) == (event.seq, *before[1:])


def test_the_same_form_twice_sends_one_reminder_and_another_wish_is_refused(service: Session) -> None:
    review, key = open_review(service), uuid4()

    assert len(nudged(service, review, key=key)) == 1
    assert nudged(service, review, key=key) == []
    assert told(service) == {"designate": 1}
    with pytest.raises(KeyReusedError):
        nudged(service, review, "regional.lead", key=key)


def test_one_reminder_a_day_is_enough(service: Session) -> None:
    review = open_review(service)
    remind(service, FIRST_DUE)

    with pytest.raises(NudgeRefusedError, match="sent today already"):
        nudged(service, review, day=FIRST_DUE)
    nudged(service, review, day=FIRST_DUE + DAY)
    with pytest.raises(NudgeRefusedError, match="sent today already"):
        nudged(service, review, "regional.lead", day=FIRST_DUE + DAY)


def test_nobody_is_reminded_of_what_is_not_overdue_or_over(service: Session) -> None:
    review = open_review(service)
    with pytest.raises(NudgeRefusedError, match="Nothing is overdue"):
        nudged(service, review, day=FIRST_DUE - DAY)

    review.withdrawn_at = datetime(2024, 10, 3, tzinfo=UTC)
    service.flush()
    with pytest.raises(NudgeRefusedError, match="Nothing is overdue"):
        nudged(service, review)


@pytest.mark.parametrize("role", [Role.DESIGNATE, Role.VIEWER, Role.ICB_CHIEF_NURSE, Role.REGIONAL_CHIEF])
def test_only_leads_send_reminders(service: Session, role: Role) -> None:
    review = open_review(service)
    person = add(service, role, "9")

    with pytest.raises(NudgeRefusedError, match="Your role"):
        nudging.offers(service, review, actor=actor_of(service, person.id, on=NUDGED), on=NUDGED)


def test_a_lead_of_another_icb_sends_none(service: Session) -> None:
    review = open_review(service)
    review.responsible = "QMF"

    with pytest.raises(NudgeRefusedError, match="Your role"):
        nudging.offers(service, review, actor=someone(service, "icb.lead"), on=NUDGED)


def test_from_the_fourth_on_a_nudge_goes_up_too_but_not_to_who_sends_it(service: Session) -> None:
    review = open_review(service)
    for number in range(3):
        remind(service, FIRST_DUE + 14 * number * DAY)

    nudged(service, review, day=FIRST_DUE + 30 * DAY)

    assert told(service) == {"designate": 4, "regional.lead": 1}


def test_where_nobody_else_holds_the_role_it_says_so(service: Session) -> None:
    review = open_review(service)
    for who in ("designate", "regional.lead"):
        reminding.end_roles(service, find_person(service, f"{who}@example.nhs.uk").id, FIRST_DUE)

    with pytest.raises(NudgeRefusedError, match="Nobody else holds a role"):
        nudged(service, review)


def test_a_nudge_reaches_who_stopped_digests_but_not_after_an_update(service: Session) -> None:
    history = reminding.commissioned(service)
    review = history.review()
    chooses = someone(service, "designate")
    mail_choices.choose(service, [], actor=chooses, at=datetime(2024, 10, 3, tzinfo=UTC))
    nudged(service, review)
    notice = service.scalars(select(Notice)).one()

    assert letter_for(service, notice, on=NUDGED, address="https://reviews.example.nhs.uk").to == "designate@example.nhs.uk"
    service.expire_all()
    on(history, NUDGED + DAY).then("give_update", latest_update="The panel has met.").played()
    with pytest.raises(WithheldError, match="moved on"):
        letter_for(service, notice, on=NUDGED + DAY, address="https://reviews.example.nhs.uk")
