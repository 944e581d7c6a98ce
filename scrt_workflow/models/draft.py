"""What people have typed and not yet submitted, and the keys that make a second submit harmless."""

from datetime import datetime
from typing import Any
from uuid import UUID, uuid4

from sqlalchemy import ForeignKey, Index, text
from sqlalchemy.orm import Mapped, mapped_column

from scrt_workflow.models.columns import Code, Digest, Json, Key, Label, Model, SerialOf

OF_A_REVIEW = text("review_id IS NOT NULL")


class Draft(Model):
    """A step being filled in by one person, of a review or (no `review_id`) of a new one.

    `body` is the raw form data {field: [text, …]}, `pages_done` the keys of the pages submitted, `base_seq` the version
    of the review when it was begun, `key` the idempotency key that its submit will carry.
    """

    __tablename__ = "draft"
    __table_args__ = (
        Index(
            "draft_of_a_step",
            "person_id",
            "review_id",
            "step",
            unique=True,
            sqlite_where=OF_A_REVIEW,
            postgresql_where=OF_A_REVIEW,
        ),
        Index("draft_of_person", "person_id", "changed_at"),
    )

    id: Mapped[UUID] = mapped_column(primary_key=True, default=uuid4)
    person_id: Mapped[UUID] = mapped_column(ForeignKey("person.id"))
    membership_id: Mapped[UUID] = mapped_column(ForeignKey("membership.id"))
    organisation: Mapped[Code] = mapped_column(ForeignKey("organisation.code"))
    review_id: Mapped[UUID | None] = mapped_column(ForeignKey("review.id"))
    workflow: Mapped[Key]
    step: Mapped[Key]
    definition_version_id: Mapped[SerialOf] = mapped_column(ForeignKey("definition_version.id"))
    base_seq: Mapped[int]
    body: Mapped[dict[str, Any]] = mapped_column(Json(), default=dict)
    pages_done: Mapped[list[str]] = mapped_column(Json(), default=list)
    key: Mapped[UUID] = mapped_column(default=uuid4)
    changed_at: Mapped[datetime]


class Idempotency(Model):
    """A submit that had its effect: the same key and body get `location` again, another body is refused."""

    __tablename__ = "idempotency"
    __table_args__ = (Index("idempotency_age", "at"),)

    key: Mapped[UUID] = mapped_column(primary_key=True)
    person_id: Mapped[UUID | None] = mapped_column(ForeignKey("person.id"))
    route: Mapped[Label]
    body_hash: Mapped[Digest]
    location: Mapped[Label | None]
    at: Mapped[datetime]
