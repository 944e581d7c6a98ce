"""E-mails that could not be sent: listed without an address, tried again as if new, and under the same Message-ID."""

from datetime import UTC, date, datetime, timedelta

import pytest
from sqlalchemy import func, select
from sqlalchemy.orm import Session

from scrt_workflow.actors import Actor
from scrt_workflow.models import Contact, Event, EventBody, Notice
from scrt_workflow.operations import dead_letters, delivery, history, readiness
from scrt_workflow.operations.dead_letters import TRIED_AGAIN, NoSuchLetterError
from scrt_workflow.operations.notices import queue_all
from scrt_workflow.operations.organisations import load_reference
from scrt_workflow.operations.people import actor_of
from scrt_workflow.permissions import Role
from tests.factories import make_membership, make_person

REAL = datetime(2026, 11, 22, 13, tzinfo=UTC)
AT = datetime(2024, 11, 15, 9, tzinfo=UTC)
UNKNOWN, FULL = "550 No such user here", "552 Mailbox full"


@pytest.fixture
def administrator(session: Session) -> Actor:
    load_reference(session)
    person = make_person(session, name="Ada Obi")
    make_membership(session, person, Role.ADMINISTRATOR, "ENG")
    return actor_of(session, person.id, on=AT.date())


def fail(session: Session, *reasons: str) -> list[int]:
    person = make_person(session, name="Dana Okafor")
    wanted = [(f"{person.id}:{number}", "update_overdue", person.id, {"review": "1"}) for number in range(len(reasons))]
    queue_all(session, wanted, at=AT)
    ids = []
    for reason in reasons:
        held = delivery.claim_next(session, owner="a", at=REAL, lease=timedelta(minutes=2))
        assert held
        delivery.give_up(session, held, reason)
        ids.append(held.id)
    return ids


def test_each_is_shown_by_its_reader_s_name_and_its_reason(session: Session) -> None:
    (number,) = fail(session, UNKNOWN)

    (letter,) = dead_letters.dead_letters(session)

    assert (letter.id, letter.template, letter.reader, letter.reason) == (number, "update_overdue", "Dana Okafor", UNKNOWN)
    assert (letter.queued_at, letter.tries) == (AT, 1)


def test_a_contact_is_shown_by_its_post(session: Session) -> None:
    load_reference(session)
    contact = Contact(organisation="QMJ", post="director_of_nursing", email="nurse@example.nhs.uk", valid_from=date(2022, 7, 1))
    session.add(contact)
    session.flush()
    notice = Notice(once_key="x", message_id="<x>", template="media", contact_id=contact.id, status="failed", last_error=FULL)
    notice.next_try_at = notice.queued_at = AT
    session.add(notice)
    session.flush()

    assert [one.reader for one in dead_letters.dead_letters(session)] == ["director of nursing"]


def test_a_long_list_comes_page_by_page(session: Session) -> None:
    ids = fail(session, *[UNKNOWN] * 5)

    first = [one.id for one in dead_letters.dead_letters(session, limit=3)]
    second = [one.id for one in dead_letters.dead_letters(session, before=first[-1], limit=3)]

    assert first + second == sorted(ids, reverse=True)


def test_they_are_counted_by_reason_the_most_frequent_first(session: Session) -> None:
    ids = fail(session, UNKNOWN, FULL, UNKNOWN)

    assert [(one.reason, one.number, one.newest) for one in dead_letters.by_reason(session)] == [
        (UNKNOWN, 2, ids[2]),
        (FULL, 1, ids[1]),
    ]
    assert dead_letters.how_many(session) == 3


def test_one_that_is_tried_again_is_new_but_for_its_message_id(session: Session, administrator: Actor) -> None:
    ids = fail(session, UNKNOWN, UNKNOWN)
    before = session.get_one(Notice, ids[0], populate_existing=True).message_id
    letter = dead_letters.find(session, ids[0])

    assert dead_letters.try_again(session, letter, all_alike=False, actor=administrator, at=AT) == 1

    held = delivery.claim_next(session, owner="b", at=REAL, lease=timedelta(minutes=2))
    notice = session.get_one(Notice, ids[0], populate_existing=True)
    assert held
    assert (held.id, held.attempt, notice.message_id) == (ids[0], 1, before)
    assert [one.id for one in dead_letters.dead_letters(session)] == [ids[1]]


def test_one_that_is_tried_again_has_waited_only_since_then(session: Session, administrator: Actor) -> None:
    (number,) = fail(session, UNKNOWN)
    later = AT + timedelta(days=3)
    dead_letters.try_again(session, dead_letters.find(session, number), all_alike=False, actor=administrator, at=later)

    assert readiness.longest_wait(session, at=later + timedelta(minutes=1), real_at=REAL) == timedelta(minutes=1)


def test_all_that_failed_for_the_same_reason_are_tried_again_and_no_other(session: Session, administrator: Actor) -> None:
    ids = fail(session, UNKNOWN, FULL, UNKNOWN, UNKNOWN)
    letter = dead_letters.find(session, ids[0])

    assert dead_letters.how_many_alike(session, letter) == 3
    assert dead_letters.try_again(session, letter, all_alike=True, actor=administrator, at=AT) == 3
    assert [one.id for one in dead_letters.dead_letters(session)] == [ids[1]]


def test_who_had_which_tried_again_and_why_it_had_failed_is_in_the_history(session: Session, administrator: Actor) -> None:
    ids = fail(session, UNKNOWN, UNKNOWN)
    dead_letters.try_again(session, dead_letters.find(session, ids[0]), all_alike=True, actor=administrator, at=AT)

    query = select(Event.stream, Event.person_id, Event.role, EventBody.body).join(EventBody, EventBody.event_id == Event.id)
    rows = session.execute(query.where(Event.kind == TRIED_AGAIN).order_by(Event.stream)).all()
    assert [tuple(row) for row in rows] == [
        (f"notice:{number}", administrator.person_id, "administrator", {"reason": UNKNOWN}) for number in sorted(ids)
    ]
    assert list(history.broken_links(session)) == []


def test_what_is_tried_again_already_is_left_alone(session: Session, administrator: Actor) -> None:
    (number,) = fail(session, UNKNOWN)
    letter = dead_letters.find(session, number)
    both = [dead_letters.try_again(session, letter, all_alike=False, actor=administrator, at=AT) for _ in range(2)]

    assert both == [1, 0]
    assert session.scalar(select(func.count()).where(Event.kind == TRIED_AGAIN)) == 1
    with pytest.raises(NoSuchLetterError):
        dead_letters.find(session, number)
