"""The outbox: each notice is one mailer's at a time, and what a mailer writes that has lost it is refused."""

from datetime import UTC, datetime, timedelta
from random import Random

import pytest
from sqlalchemy import select
from sqlalchemy.orm import Session

from scrt_workflow.models import Notice, Person
from scrt_workflow.operations import delivery
from scrt_workflow.operations.delivery import PAUSES, TRIES, Held, claim_next
from scrt_workflow.operations.notices import queue

REAL = datetime(2026, 11, 22, 13, tzinfo=UTC)
SERVICE = datetime(2024, 11, 1, 9, tzinfo=UTC)
LEASE = timedelta(minutes=2)
SECOND = timedelta(seconds=1)


@pytest.fixture
def person(session: Session) -> Person:
    person = Person(email_key="designate@example.nhs.uk", name="Dana Okafor")
    session.add(person)
    session.flush()
    return person


def put(session: Session, person: Person, *names: str, at: datetime = SERVICE) -> None:
    for name in names:
        queue(session, "update_overdue", [person.id], once=name, refs={"review": "1"}, at=at)


def take(session: Session, owner: str = "a", at: datetime = REAL) -> Held:
    held = claim_next(session, owner=owner, at=at, lease=LEASE)
    assert held
    return held


def test_the_same_notice_is_queued_once_and_its_message_id_follows_from_it(session: Session, person: Person) -> None:
    put(session, person, "reminder:1", "reminder:1", "reminder:2")

    first, second = (session.get_one(Notice, number) for number in (take(session).id, take(session).id))
    assert first.message_id != second.message_id
    assert first.message_id.startswith("<")
    assert claim_next(session, owner="a", at=REAL, lease=LEASE) is None


def test_a_new_notice_is_ready_whatever_calendar_it_was_queued_by(session: Session, person: Person) -> None:
    put(session, person, "from a demo in the future", at=datetime(2031, 1, 1, tzinfo=UTC))

    assert take(session).attempt == 1


def test_a_notice_that_someone_holds_is_nobody_else_s_until_the_lease_runs_out(session: Session, person: Person) -> None:
    put(session, person, "reminder:1")
    first = take(session)

    assert claim_next(session, owner="b", at=REAL + LEASE, lease=LEASE) is None
    second = take(session, "b", REAL + LEASE + SECOND)

    assert (second.id, second.attempt) == (first.id, 2)
    assert not delivery.record_sent(session, first, at=SERVICE)
    assert not delivery.put_back(session, first, "late", at=REAL, chance=Random(1))
    assert not delivery.give_up(session, first, "late")
    assert delivery.record_sent(session, second, at=SERVICE)
    assert session.get_one(Notice, first.id, populate_existing=True).status == "sent"


def test_a_frozen_mailer_is_refused_also_when_it_is_the_same_process_that_took_over(session: Session, person: Person) -> None:
    put(session, person, "reminder:1")
    first = take(session)
    again = take(session, "a", REAL + LEASE + SECOND)

    assert not delivery.record_sent(session, first, at=SERVICE)
    assert delivery.record_sent(session, again, at=SERVICE)


def test_a_notice_that_was_put_back_waits_longer_each_time_and_a_day_in_all(session: Session, person: Person) -> None:
    put(session, person, "reminder:1")
    at, waited = REAL, []
    for attempt in range(1, TRIES):
        held = take(session, at=at)
        assert held.attempt == attempt
        assert delivery.put_back(session, held, "450 Mailbox busy", at=at, chance=Random(attempt))
        next_try_at = session.get_one(Notice, held.id, populate_existing=True).next_try_at
        assert claim_next(session, owner="a", at=next_try_at - SECOND, lease=LEASE) is None
        waited.append(next_try_at - at)
        at = next_try_at

    assert all(0.8 * pause <= wait <= 1.2 * pause for pause, wait in zip(PAUSES, waited, strict=True))
    assert sum(PAUSES, timedelta()) >= timedelta(hours=24)
    assert len({wait / pause for pause, wait in zip(PAUSES, waited, strict=True)}) == len(PAUSES)


def test_the_reason_is_kept_for_whoever_looks_after_the_service(session: Session, person: Person) -> None:
    put(session, person, "reminder:1", "reminder:2")
    delivery.give_up(session, take(session), f"550 {'x' * 5000}")
    delivery.withhold(session, take(session), "The reader may no longer see the review.")

    reasons = session.scalars(select(Notice.last_error).order_by(Notice.id)).all()
    assert [len(reason or "") for reason in reasons] == [delivery.LONGEST_REASON, 40]
    assert delivery.count_by_status(session) == {"failed": 1, "withheld": 1}


def test_a_lost_notice_goes_before_new_ones(session: Session, person: Person) -> None:
    put(session, person, "reminder:1", "reminder:2")
    lost = take(session)

    assert take(session, "b", REAL + LEASE + SECOND).id == lost.id
