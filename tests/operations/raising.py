"""A safeguarding adult review whose media interest is flagged, and the contacts of London that are told of it."""

from __future__ import annotations

from collections import Counter
from datetime import UTC, date, datetime, timedelta
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from scrt_workflow.models import Contact, Escalation, EscalationTold, Notice, Person, Review
from scrt_workflow.operations import contacts
from scrt_workflow.operations.escalations import raise_again, raisings_due
from scrt_workflow.permissions import Role
from tests.definitions.histories import ABOUT, ADULTS, History, ready
from tests.definitions.shipped import SAR, SHIPPED
from tests.operations.reminding import add

FLAGGED = datetime(2024, 10, 5, 14, 30, tzinfo=UTC)  # a Saturday, at half past three in London
DAY = timedelta(days=1)
DIRECTORS = ("commissioning_ops", "director_of_nursing", "medical_director", "locality_director", "communications_team")
SPECIALISED = "specialised_comms"
ADDED = datetime(2024, 1, 2, 9, tzinfo=UTC)
REGION = "Y56"


def prepared(session: Session, *, posts: tuple[str, ...] = (*DIRECTORS, SPECIALISED)) -> None:
    """Give the service its definitions, its regional and national lead, and London's contacts for *posts*."""
    ready(session, SHIPPED)
    for role in (Role.REGIONAL_LEAD, Role.NATIONAL_LEAD):
        add(session, role)
    for post in posts:
        contact(session, post)


def contact(session: Session, post: str, organisation: str = REGION, email: str = "", since: date = date(2023, 1, 1)) -> Contact:
    """Let somebody hold *post*."""
    name = f"{post}@example.nhs.uk" if organisation == REGION else f"{post}.{organisation.lower()}@example.nhs.uk"
    return contacts.add_contact(session, organisation, post, email or name, valid_from=since, at=ADDED)


def begun(session: Session, **answers: Any) -> History:
    """Give a review that was referred on 1 October; the next step is taken at FLAGGED."""
    history = History(session, SAR, at=datetime(2024, 10, 1, 9, tzinfo=UTC))
    history.then("refer", referred_on=history.day, **{"partnership": ADULTS} | ABOUT | answers)
    history.at = FLAGGED
    return history


def flag(history: History, level: str = "high", *, at: datetime | None = None, specialised: str = "no") -> Review:
    """Say how likely media interest is, and play what has not been played yet."""
    history.at = at or history.at
    return history.then("flag_media_interest", media_interest=level, specialised_commissioning=specialised).review()


def acknowledge(history: History, at: datetime, by: str = "regional_lead") -> Review:
    """Acknowledge the media interest."""
    history.at = at
    told: dict[str, Any] = {"media_interest_told": list(DIRECTORS), "media_interest_told_on": history.day}
    return history.then("acknowledge_media_interest", by, **told).review()


def raise_all(session: Session, at: datetime) -> int:
    """Raise again what is due at a moment, as the job does; give how many raisings that were."""
    return sum(raise_again(session, review, key, at=at) is not None for review, key in raisings_due(session, at=at))


def told(session: Session, *, number: int | None = None) -> Counter[str]:
    """Count the e-mails of the escalation by reader: the part of the address before the @."""
    people = select(Person.email_key, Notice.refs).join(Notice, Notice.person_id == Person.id)
    posts = select(Contact.email, Notice.refs).join(Notice, Notice.contact_id == Contact.id)
    rows = [*session.execute(people), *session.execute(posts)]
    ours = [row for row in rows if "escalation" in row[1] and (number is None or row[1]["number"] == number)]
    return Counter(row[0].partition("@")[0] for row in ours)


def ledger(session: Session) -> list[EscalationTold]:
    """Give the ledger, in order."""
    keys = (EscalationTold.since_seq, EscalationTold.number, EscalationTold.recipient, EscalationTold.post)
    return list(session.scalars(select(EscalationTold).order_by(*keys)))


def standing(session: Session) -> list[tuple[int, int, str | None]]:
    """Give each escalation: the event that began it, how often it was raised, and how it ended."""
    rows = session.scalars(select(Escalation).order_by(Escalation.since_seq).execution_options(populate_existing=True))
    return [(row.since_seq, row.number, row.ended) for row in rows]
