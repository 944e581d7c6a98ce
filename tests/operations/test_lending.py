"""A role that is lent for a time: its mail goes to whoever holds it then, and nobody gains two of the eyes."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta

import pytest
from sqlalchemy import select, update
from sqlalchemy.orm import Session

from scrt_workflow.models import Membership, Person
from scrt_workflow.operations import people
from scrt_workflow.operations.authority import PersonRefusedError
from scrt_workflow.operations.lending import lend_role
from scrt_workflow.operations.people import actor_of, find_person
from scrt_workflow.permissions import Role
from tests.operations import reminding
from tests.operations.reminding import FIRST_DUE, add, open_review, remind, told

DAY = timedelta(days=1)
AT = datetime(2024, 9, 20, 9, tzinfo=UTC)
FIRST, END = FIRST_DUE - DAY, FIRST_DUE + 10 * DAY


@pytest.fixture
def service(session: Session) -> Session:
    reminding.prepared(session)
    open_review(session)
    return session


def own_role(session: Session, who: str = "designate") -> Membership:
    person = find_person(session, f"{who}@example.nhs.uk")
    query = select(Membership).where(Membership.person_id == person.id).order_by(Membership.valid_from.desc())
    return session.scalars(query.limit(1)).one()


def lent(session: Session, *, first: date = FIRST, end: date = END) -> tuple[Membership, Person]:
    borrower = add(session, Role.VIEWER, "7")
    return lend_role(session, own_role(session), borrower, valid_from=first, valid_to=end, at=AT), borrower


def test_while_a_role_is_lent_its_mail_goes_to_who_holds_it_then(service: Session) -> None:
    lent(service)

    for day in (FIRST_DUE, FIRST_DUE + 14 * DAY):
        remind(service, day)

    assert told(service) == {"viewer7": 1, "designate": 1}


def test_mail_goes_to_its_owner_when_the_borrower_is_disabled(service: Session) -> None:
    _, borrower = lent(service)
    borrower.disabled_at = AT
    service.flush()

    remind(service, FIRST_DUE)

    assert told(service) == {"designate": 1}


def test_the_borrower_acts_by_it_on_those_days_only(service: Session) -> None:
    held, borrower = lent(service)

    roles = [actor_of(service, borrower.id, on=day).roles for day in (FIRST - DAY, FIRST, END - DAY, END)]

    assert held.lent_from_id == own_role(service).id
    assert [Role.DESIGNATE in one for one in roles] == [False, True, True, False]


def test_a_role_is_lent_only_while_it_is_held_and_never_on_or_to_its_owner(service: Session) -> None:
    held, borrower = lent(service)
    mine = own_role(service)

    with pytest.raises(PersonRefusedError, match="cannot be lent on"):
        lend_role(service, held, add(service, Role.VIEWER, "8"), valid_from=FIRST, valid_to=END, at=AT)
    with pytest.raises(PersonRefusedError, match="own role"):
        lend_role(service, mine, find_person(service, "designate@example.nhs.uk"), valid_from=FIRST, valid_to=END, at=AT)
    with pytest.raises(PersonRefusedError, match="on which it is held"):
        lend_role(service, mine, borrower, valid_from=mine.valid_from - DAY, valid_to=mine.valid_from, at=AT)


def test_a_role_is_lent_to_nobody_who_cannot_sign_in_and_for_no_days_that_are_over(service: Session) -> None:
    borrower, mine = add(service, Role.VIEWER, "7"), own_role(service)

    with pytest.raises(PersonRefusedError, match="days are over"):
        lend_role(service, mine, borrower, valid_from=AT.date() - 5 * DAY, valid_to=AT.date(), at=AT)
    borrower.disabled_at = AT
    with pytest.raises(PersonRefusedError, match="account is disabled"):
        lend_role(service, mine, borrower, valid_from=FIRST, valid_to=END, at=AT)
    assert service.scalars(select(Membership).where(Membership.lent_from_id == mine.id)).all() == []


def test_a_role_that_was_ended_since_it_was_read_is_not_lent(service: Session) -> None:
    borrower, mine = add(service, Role.VIEWER, "7"), own_role(service)
    ended = update(Membership).where(Membership.id == mine.id).values(valid_to=FIRST)
    service.execute(ended.execution_options(synchronize_session=False))

    with pytest.raises(PersonRefusedError, match="on which it is held"):
        lend_role(service, mine, borrower, valid_from=FIRST, valid_to=END, at=AT)


def test_what_is_lent_ends_with_the_role_that_it_is_of(service: Session) -> None:
    held, borrower = lent(service)
    before = borrower.session_epoch

    people.end_role(service, own_role(service), on=FIRST_DUE, at=AT)

    assert held.valid_to == FIRST_DUE
    assert borrower.session_epoch == before + 1


def test_nobody_lends_a_role_that_is_not_theirs_to_give(service: Session) -> None:
    nurse, borrower = add(service, Role.ICB_CHIEF_NURSE), add(service, Role.VIEWER, "8")
    lead = actor_of(service, find_person(service, "icb.lead@example.nhs.uk").id, on=FIRST)
    role = service.scalars(select(Membership).where(Membership.person_id == nurse.id)).one()

    with pytest.raises(PersonRefusedError, match="Your role does not let you"):
        lend_role(service, role, borrower, valid_from=FIRST, valid_to=END, at=AT, actor=lead)
    themselves = service.get_one(Person, lead.person_id)
    with pytest.raises(PersonRefusedError, match="nobody changes their own"):
        lend_role(service, own_role(service), themselves, valid_from=FIRST, valid_to=END, at=AT, actor=lead)
