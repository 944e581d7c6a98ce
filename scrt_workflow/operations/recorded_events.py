"""What was done to real reviews, as it is read to be played again."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from scrt_workflow.models import Event, EventBody, Review

MOST_REVIEWS = 200


@dataclass(frozen=True, slots=True)
class Happened:
    """An event of a review, or of the one that it was converted from."""

    id: int
    stream: str
    seq: int
    kind: str
    step: str
    to_state: str
    person: UUID | None
    role: str
    at: datetime
    version: int
    body: Mapping[str, Any] | None


def newest_reviews(session: Session, workflow: str) -> list[UUID]:
    """Give the newest reviews of a workflow whose histories may be played, and no more than a page can tell of."""
    query = select(Review.id).where(Review.workflow == workflow).order_by(Review.created_at.desc(), Review.id)
    return list(session.scalars(query.limit(MOST_REVIEWS)))


def how_many(session: Session, workflow: str) -> int:
    """Count the reviews of a workflow."""
    return session.execute(select(func.count()).where(Review.workflow == workflow)).scalar_one()


def histories(session: Session, reviews: Sequence[Review]) -> dict[UUID, list[Happened]]:
    """Give what happened to each review, and before it to the one that it was converted from, in its order."""
    streams = {f"review:{one}" for review in reviews for one in (review.id, review.converted_from_id) if one}
    query = select(Event, EventBody.body).outerjoin(EventBody, EventBody.event_id == Event.id).where(Event.stream.in_(streams))
    by_stream: dict[str, list[Happened]] = {}
    for event, body in session.execute(query.order_by(Event.id)):
        made = Happened(
            event.id, event.stream, event.seq, event.kind, event.step or "", event.to_state or "", event.person_id,
            event.role or "", event.recorded_at, event.definition_version_id or 0, body,
        )  # fmt: skip
        by_stream.setdefault(event.stream, []).append(made)
    found = {}
    for review in reviews:
        own = [one for key in (review.id, review.converted_from_id) if key for one in by_stream.get(f"review:{key}", [])]
        found[review.id] = sorted(own, key=lambda one: one.id)
    return found
