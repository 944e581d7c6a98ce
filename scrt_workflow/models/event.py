"""What happened: one table for every stream (a review, a workflow's definitions, a person, an organisation).

A stream is named `thing:id`, such as `review:0190…`, and its events form a hash chain. What was said is beside the
event, salted, so that it can be taken out without breaking the chain (promises D8 and DA6). Events are never changed or
deleted: triggers refuse it on both databases, and on PostgreSQL the role `scrt_app` has no right to.
"""

from datetime import date, datetime
from typing import Any
from uuid import UUID

from sqlalchemy import ForeignKey, Index, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from scrt_workflow.models.columns import Code, Digest, Json, Key, Label, Model, Serial, SerialOf


class Event(Model):
    """One thing that happened, by whom, acting as what; `dated_on` is the London day from which it counts."""

    __tablename__ = "event"
    __table_args__ = (UniqueConstraint("stream", "seq"),)

    id: Mapped[Serial]
    stream: Mapped[Label]
    seq: Mapped[int]
    kind: Mapped[Key]
    step: Mapped[Key | None]
    from_state: Mapped[Key | None]
    to_state: Mapped[Key | None]
    definition_version_id: Mapped[SerialOf | None] = mapped_column(ForeignKey("definition_version.id"))
    person_id: Mapped[UUID | None] = mapped_column(ForeignKey("person.id"))
    membership_id: Mapped[UUID | None] = mapped_column(ForeignKey("membership.id"))
    role: Mapped[Key | None]
    organisation: Mapped[Code | None]  # as it was then: a copy, not a reference
    dated_on: Mapped[date | None]
    recorded_at: Mapped[datetime]
    request_id: Mapped[Digest | None]
    body_digest: Mapped[Digest]
    prev_hash: Mapped[Digest]
    hash: Mapped[Digest]


class EventBody(Model):
    """What was said in an event. It can only be emptied, once, naming the event that says why (`redacted_by_id`)."""

    __tablename__ = "event_body"

    event_id: Mapped[SerialOf] = mapped_column(ForeignKey("event.id"), primary_key=True, autoincrement=False)
    salt: Mapped[Digest | None]
    body: Mapped[Any | None] = mapped_column(Json())
    redacted_by_id: Mapped[SerialOf | None] = mapped_column(ForeignKey("event.id"))


class Checkpoint(Model):
    """How far the history had come at a moment: `hash` is over the checkpoint before it and the heads that it notes."""

    __tablename__ = "checkpoint"

    id: Mapped[Serial]
    at: Mapped[datetime]
    heads: Mapped[int]
    hash: Mapped[Digest]


class CheckpointHead(Model):
    """The newest event of a stream that had grown since the checkpoint before."""

    __tablename__ = "checkpoint_head"
    __table_args__ = (Index("heads_of_checkpoint", "checkpoint_id", "stream"),)

    stream: Mapped[Label] = mapped_column(primary_key=True)
    seq: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    hash: Mapped[Digest]
    checkpoint_id: Mapped[SerialOf] = mapped_column(ForeignKey("checkpoint.id"))


class AccessEvent(Model):
    """Someone read a review."""

    __tablename__ = "access_event"
    __table_args__ = (
        Index("access_of_review", "review_id", "at"),
        Index("access_by_person", "person_id", "at"),
    )

    id: Mapped[Serial]
    at: Mapped[datetime]
    person_id: Mapped[UUID] = mapped_column(ForeignKey("person.id"))
    review_id: Mapped[UUID] = mapped_column(ForeignKey("review.id"))
    endpoint: Mapped[Key]
