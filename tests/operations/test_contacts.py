"""Contacts: who holds a post from a day to a day, one at a time, and what was changed stays in the history."""

from datetime import UTC, date, datetime

import pytest
from sqlalchemy import select
from sqlalchemy.orm import Session

from scrt_workflow.models import Contact, Event, EventBody
from scrt_workflow.operations import contacts
from scrt_workflow.operations.contacts import ContactRefusedError, add_contact, end_contact, in_post, replace_contact
from scrt_workflow.operations.organisations import load_reference
from scrt_workflow.operations.people import actor_of
from scrt_workflow.permissions import Role
from tests.factories import make_membership, make_person

AT = datetime(2024, 11, 1, 9, tzinfo=UTC)
TODAY = date(2024, 11, 1)
SINCE = date(2023, 1, 1)
POST = "medical_director"


@pytest.fixture
def service(session: Session) -> Session:
    load_reference(session)
    return session


def add(session: Session, email: str = "one@example.nhs.uk", organisation: str = "Y56", since: date = SINCE) -> Contact:
    return add_contact(session, organisation, POST, email, valid_from=since, at=AT)


def told(session: Session, on: date, organisation: str = "QMJ") -> str:
    found = in_post(session, [POST], organisation, on=on)[POST]
    return found.email if found else ""


def test_a_contact_is_told_from_the_first_day_to_the_last(service: Session) -> None:
    made = add(service, since=date(2024, 11, 5))
    end_contact(service, made, on=date(2024, 12, 1), at=AT)

    days = [date(2024, 11, 4), date(2024, 11, 5), date(2024, 11, 30), date(2024, 12, 1)]
    assert [told(service, day) for day in days] == ["", made.email, made.email, ""]


def test_one_replaces_another_from_a_day_on_and_nobody_is_told_twice(service: Session) -> None:
    old = add(service)
    replace_contact(service, old, "Two@Example.nhs.uk ", on=date(2024, 12, 1), at=AT)

    assert (told(service, date(2024, 11, 30)), told(service, date(2024, 12, 1))) == ("one@example.nhs.uk", "two@example.nhs.uk")


def test_the_next_of_a_contact_that_ends_ends_on_the_same_day(service: Session) -> None:
    old = add_contact(service, "Y56", POST, "one@example.nhs.uk", valid_from=SINCE, valid_to=date(2025, 1, 1), at=AT)
    new = replace_contact(service, old, "two@example.nhs.uk", on=TODAY, at=AT)

    assert new.valid_to == date(2025, 1, 1)
    with pytest.raises(ContactRefusedError, match="ends before that day"):
        replace_contact(service, new, "three@example.nhs.uk", on=date(2025, 1, 1), at=AT)


@pytest.mark.parametrize(
    ("organisation", "post", "email", "since", "why"),
    [
        ("Y56", POST, "no address", TODAY, "usual form"),
        ("Y56", POST, "a@b", TODAY, "usual form"),
        ("Y56", POST, "jürgen@example.nhs.uk", TODAY, "usual form"),
        ("Y56", "caretaker", "a@example.nhs.uk", TODAY, "no such post"),
        ("QMJ", POST, "a@example.nhs.uk", date(2020, 1, 1), "does not exist on that day"),
        ("Y56", POST, "a@example.nhs.uk", TODAY, "has a contact at that time"),
        ("Y56", POST, "a@example.nhs.uk", date(2022, 12, 1), "has a contact at that time"),
    ],
)
def test_what_cannot_be_is_refused_in_a_sentence(
    service: Session, organisation: str, post: str, email: str, since: date, why: str
) -> None:
    add(service)

    with pytest.raises(ContactRefusedError, match=why):
        add_contact(service, organisation, post, email, valid_from=since, at=AT)
    assert len(service.scalars(select(Contact)).all()) == 1


def test_a_last_day_before_the_first_is_refused_and_so_is_a_second_end(service: Session) -> None:
    with pytest.raises(ContactRefusedError, match="must not be before"):
        add_contact(service, "Y56", POST, "a@example.nhs.uk", valid_from=TODAY, valid_to=TODAY, at=AT)
    made = add(service)
    end_contact(service, made, on=date(2024, 12, 1), at=AT)
    with pytest.raises(ContactRefusedError, match="ends sooner"):
        end_contact(service, made, on=date(2025, 1, 1), at=AT)
    end_contact(service, made, on=TODAY, at=AT)
    with pytest.raises(ContactRefusedError, match="ended already"):
        end_contact(service, made, on=TODAY, at=AT)


def test_one_whose_end_was_set_before_the_beginning_never_was_and_the_post_is_free(service: Session) -> None:
    made = add(service, since=date(2024, 12, 1))
    end_contact(service, made, on=TODAY, at=AT)

    assert contacts.contacts_of(service, "Y56") == []
    assert add(service, "two@example.nhs.uk", since=date(2024, 12, 1)).id


def test_only_an_administrator_changes_contacts(service: Session) -> None:
    person = make_person(service)
    make_membership(service, person, Role.REGIONAL_LEAD, "Y56")
    lead = actor_of(service, person.id, on=TODAY)

    with pytest.raises(ContactRefusedError, match="administrator"):
        add_contact(service, "Y56", POST, "a@example.nhs.uk", valid_from=TODAY, at=AT, actor=lead)


def test_what_was_changed_is_kept_as_events_with_who_did_it(service: Session) -> None:
    person = make_person(service)
    make_membership(service, person, Role.ADMINISTRATOR, "ENG")
    administrator = actor_of(service, person.id, on=TODAY)
    made = add_contact(service, "Y56", POST, "one@example.nhs.uk", valid_from=SINCE, at=AT, actor=administrator)
    replace_contact(service, made, "two@example.nhs.uk", on=TODAY, at=AT, actor=administrator)

    query = select(Event, EventBody.body).join(EventBody, EventBody.event_id == Event.id).order_by(Event.seq)
    rows = service.execute(query.where(Event.stream == "contacts:Y56")).all()
    assert [event.kind for event, _ in rows] == ["contact:added", "contact:ended", "contact:added"]
    assert {event.person_id for event, _ in rows} == {person.id}
    assert [body["until"] for _, body in rows] == [None, "2024-11-01", None]


def test_the_contact_of_an_icb_that_took_over_another_is_told_of_its_reviews(service: Session) -> None:
    add(service, "new@example.nhs.uk", "Z9B2Z", since=date(2026, 4, 1))
    add(service, "region@example.nhs.uk", "Y56")

    assert told(service, date(2026, 3, 31)) == "region@example.nhs.uk"
    assert told(service, date(2026, 4, 1)) == "new@example.nhs.uk"
