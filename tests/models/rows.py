"""The fewest rows that a test of the models needs."""

from datetime import UTC, date, datetime
from typing import Any
from uuid import UUID

from sqlalchemy.orm import Session

from scrt_workflow.models import (
    Approval,
    DefinitionVersion,
    Event,
    EventBody,
    Organisation,
    Person,
    Release,
    Review,
)

DAY = date(2024, 11, 1)
NOON = datetime(2024, 11, 1, 12, tzinfo=UTC)


def add_organisation(session: Session, code: str = "QMJ") -> str:
    """Add an ICB, unless it is one of those that are shipped, and return its code."""
    if session.get(Organisation, code) is None:
        session.add(Organisation(code=code, kind="icb", name="NHS North Central London ICB", valid_from=date(2022, 7, 1)))
        session.flush()
    return code


def add_person(session: Session, email: str = "designate@example.nhs.uk") -> UUID:
    """Add a person and return their id."""
    person = Person(email_key=email, name="Dana Okafor")
    session.add(person)
    session.flush()
    return person.id


def add_version(session: Session, workflow: str = "rapid_review") -> int:
    """Add a definition version and return its id."""
    release = Release(reason="The first", at=NOON)
    session.add(release)
    session.flush()
    version = DefinitionVersion(workflow=workflow, number=1, bundle="", hash="0" * 64, release_id=release.id)
    session.add(version)
    session.flush()
    return version.id


def make_review(organisation: str, definition_version_id: int, reference: str = "R1", **changes: Any) -> Review:
    """Make a review that is not yet added."""
    values: dict[str, Any] = {
        "reference": reference,
        "definition_version_id": definition_version_id,
        "workflow": "rapid_review",
        "state": "notified",
        "status": "open",
        "state_since": DAY,
        "entered_under": organisation,
        "responsible": organisation,
        "version": 1,
        "last_update_on": DAY,
        "created_at": NOON,
    }
    return Review(**values | changes)


def add_review(session: Session) -> Review:
    """Add a review with what it refers to."""
    review = make_review(add_organisation(session), add_version(session))
    session.add(review)
    session.flush()
    return review


def add_event(session: Session, stream: str = "review:1", seq: int = 1) -> int:
    """Add an event with its body and return its id."""
    event = Event(stream=stream, seq=seq, kind="step:complete", recorded_at=NOON, body_digest="d", prev_hash="p", hash="h")
    session.add(event)
    session.flush()
    session.add(EventBody(event_id=event.id, salt="salt", body={"brief_overview": "A fall"}))
    session.flush()
    return event.id


def make_approval(review: Review, person_id: UUID, seq: int = 1) -> Approval:
    """Make an approval in force that is not yet added."""
    return Approval(review_id=review.id, seq=seq, step="give_icb_assurance", person_id=person_id, role="icb_chief_nurse")
