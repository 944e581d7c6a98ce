"""Nobody gives two of author, assure and accept, whatever roles they hold: refused in the transaction, not on the page (AZ6)."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime
from uuid import UUID, uuid4

import pytest
from sqlalchemy import select
from sqlalchemy.orm import Session

from scrt_workflow.database import make_engine
from scrt_workflow.models import Event, Person
from scrt_workflow.operations import steps
from scrt_workflow.operations.people import actor_of
from scrt_workflow.operations.refusals import StepRefusedError
from scrt_workflow.permissions import Role
from tests.definitions.histories import ABOUT, LEARNING, SAFETY, History, ready
from tests.definitions.shipped import DHR, SHIPPED
from tests.factories import make_membership, make_person

ROLES = (
    (Role.DESIGNATE, "QMJ"),
    (Role.ICB_CHIEF_NURSE, "QMJ"),
    (Role.REGIONAL_CHIEF, "Y56"),
    (Role.REGIONAL_LEAD, "Y56"),
    (Role.ADMINISTRATOR, "ENG"),
)
AT = datetime(2024, 3, 1, 9, tzinfo=UTC)
AUTHOR, ASSURE, ACCEPT = "record_learning", "give_icb_assurance", "give_regional_acceptance"
ANSWERS = {
    AUTHOR: {"lessons": ["Something else is recommended."], "organisational_learning": ["L01"]},
    ASSURE: {"icb_chief_nurse_assured": ["yes"]},
    ACCEPT: {"regional_chief_content": ["yes"]},
}
OWN_WORK = "Someone other than the people who wrote or approved these answers must do this step"


@pytest.fixture
def service(sqlite_url: str) -> Iterator[Session]:
    engine = make_engine(sqlite_url)
    with Session(engine) as session:
        ready(session, SHIPPED)
        yield session
    engine.dispose()


def waiting(session: Session) -> UUID:
    """Give a DHR, written by one person, that waits for the ICB's assurance."""
    history = History(session, DHR)
    history.then("refer", referred_on=history.day, **ABOUT | {"partnership": SAFETY, "review_type": "dhr_adult"})
    history.then("commission", decided_on=history.day, commissioned_on=history.day)
    history.then("start", started_on=history.day)
    history.then("record_learning", **LEARNING)
    history.then("sign_off", report_signed_off_date=history.day)
    return history.then("ask_for_assurance").review().id


def everybody_in_one(session: Session, person: Person | None = None) -> Person:
    """Give somebody who holds every role that a review has, and administers the service."""
    person = person or make_person(session)
    for role, place in ROLES:
        make_membership(session, person, role, place)
    return person


def author_of(session: Session, review_id: UUID) -> Person:
    events = select(Event.person_id).where(Event.stream == f"review:{review_id}", Event.step == AUTHOR)
    return session.get_one(Person, session.scalars(events).one())


def take(session: Session, review_id: UUID, step: str, by: Person) -> None:
    """Let somebody, in any of the roles that they hold, take a step past every page."""
    actor = actor_of(session, by.id, on=AT.date())
    newest = session.scalars(select(Event.seq).where(Event.stream == f"review:{review_id}").order_by(Event.seq.desc())).first()
    steps.complete_step(session, review_id, step, ANSWERS[step], actor=actor, at=AT, key=uuid4(), read_at=newest or 0)


def is_refused(session: Session, review_id: UUID, step: str, by: Person) -> None:
    with pytest.raises(StepRefusedError, match=OWN_WORK), session.begin_nested():
        take(session, review_id, step, by)


def test_the_author_neither_assures_nor_accepts_in_whatever_role(service: Session) -> None:
    review_id = waiting(service)
    author = everybody_in_one(service, author_of(service, review_id))

    is_refused(service, review_id, ASSURE, author)
    take(service, review_id, ASSURE, everybody_in_one(service))
    is_refused(service, review_id, ACCEPT, author)


def test_who_assured_does_not_accept_and_who_did_either_does_not_write_it_anew(service: Session) -> None:
    review_id = waiting(service)
    assured, accepted = everybody_in_one(service), everybody_in_one(service)

    take(service, review_id, ASSURE, assured)
    is_refused(service, review_id, ACCEPT, assured)
    is_refused(service, review_id, AUTHOR, assured)
    take(service, review_id, ACCEPT, accepted)
    is_refused(service, review_id, AUTHOR, accepted)


def test_who_writes_the_lessons_anew_approves_them_no_more_and_three_others_can(service: Session) -> None:
    review_id = waiting(service)
    first, second, third, fourth = (everybody_in_one(service) for _ in range(4))

    take(service, review_id, ASSURE, first)
    take(service, review_id, AUTHOR, second)
    is_refused(service, review_id, ASSURE, second)
    take(service, review_id, ASSURE, third)
    is_refused(service, review_id, ACCEPT, second)
    take(service, review_id, ACCEPT, fourth)


def test_an_administrator_gives_no_answer_of_a_review(service: Session) -> None:
    review_id = waiting(service)
    administrator = make_person(service)
    make_membership(service, administrator, Role.ADMINISTRATOR, "ENG")

    for step in (AUTHOR, ASSURE):
        with pytest.raises(StepRefusedError, match="Your role does not allow this step"), service.begin_nested():
            take(service, review_id, step, administrator)
