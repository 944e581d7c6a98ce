"""A safeguarding adult review that nobody updates, and days on which people are reminded of it."""

from collections import Counter
from datetime import UTC, date, datetime, time
from uuid import UUID, uuid5

from sqlalchemy import select
from sqlalchemy.orm import Session

from scrt_workflow.models import Membership, Notice, Person, Review
from scrt_workflow.operations import history, people
from scrt_workflow.operations.reminders import Due, reminders_due, send_reminders
from scrt_workflow.permissions import Role
from tests.definitions.histories import ABOUT, ADULTS, LEARNING, SITS_IN, History, ready
from tests.definitions.shipped import SAR, SHIPPED

COMMISSIONED = date(2024, 9, 2)
FIRST_DUE = date(2024, 10, 2)  # thirty days after it


def prepared(session: Session) -> None:
    """Give the service its definitions, and somebody in every role that is told of London's QMJ."""
    ready(session, SHIPPED)
    for role in (Role.ICB_LEAD, Role.REGIONAL_LEAD):
        add(session, role)


def add(session: Session, role: Role, number: str = "") -> Person:
    """Let somebody hold *role*, for QMJ or for London."""
    email = f"{role.value.replace('_', '.')}{number}@example.nhs.uk"
    day = date(2022, 7, 1)
    return people.ensure_role(
        session, email, role, SITS_IN.get(role.value, "QMJ"), valid_from=day, at=datetime(2022, 7, 1, 9, tzinfo=UTC)
    )


def commissioned(session: Session) -> History:
    """Give a review that was commissioned on COMMISSIONED; the next step is a day later."""
    history = History(session, SAR, at=datetime(2024, 9, 1, 10, tzinfo=UTC))
    history.then("refer", referred_on=history.day, **{"partnership": ADULTS} | ABOUT)
    return history.then("commission", decided_on=history.day, commissioned_on=history.day)


def signed_off(session: Session) -> History:
    """Give a review whose report was signed off."""
    history = commissioned(session).then("start", started_on="2024-09-03").then("record_learning", **LEARNING)
    return history.then("sign_off", report_signed_off_date=history.day)


def open_review(session: Session) -> Review:
    """Play the review that was commissioned."""
    return commissioned(session).review()


def on(history: History, day: date) -> History:
    """Let the next step of *history* be taken on *day*."""
    history.at = datetime.combine(day, time(10), UTC)
    return history


def remind(session: Session, day: date) -> list[Due]:
    """Remind people as the daily job does at seven in the morning; give what was due."""
    due = list(reminders_due(session, on=day))
    send_reminders(session, due, at=datetime.combine(day, time(7), UTC))
    return due


def told(session: Session) -> Counter[str]:
    """Count the notices queued to each person, by the part of their address before the @."""
    query = select(Person.email_key).join(Notice, Notice.person_id == Person.id)
    return Counter(email.partition("@")[0] for email in session.scalars(query.where(Notice.refs.is_not(None))))


def end_roles(session: Session, person_id: UUID, day: date) -> None:
    """End every role of a person on a day."""
    for held in session.scalars(select(Membership).where(Membership.person_id == person_id)):
        held.valid_to = day
    session.flush()


def another(session: Session, review: Review, number: int) -> Review:
    """Give one more review that is like *review* in all that reminders look at."""
    values = {column.name: getattr(review, column.name) for column in Review.__table__.columns}
    like = Review(**values | {"id": uuid5(review.id, str(number)), "reference": f"{review.reference}-{number}"})
    session.add(like)
    session.flush()
    _event(session, like, "commission", None, "commissioned", COMMISSIONED)
    return like


def _event(session: Session, review: Review, step: str, was: str | None, state: str, day: date) -> None:
    at = datetime.combine(day, time(12), UTC)
    history.append(
        session, stream=f"review:{review.id}", kind="review:step", body={}, at=at, step=step, from_state=was, to_state=state
    )
