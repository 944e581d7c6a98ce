"""From which day to which day a review was what, and from when until when we thought so.

There are two time axes. A day D is in a span when from_on <= D < to_on, so that one whose days are equal covers none; a row was
what we knew at a moment M when known_from <= M < known_to. None on the right is "and still": what is known now has no known_to.
"""

from datetime import date, datetime
from uuid import UUID

from sqlalchemy import CheckConstraint, ForeignKey, Index, text
from sqlalchemy.orm import Mapped, mapped_column

from scrt_workflow.models.columns import Code, Key, Model, OneOf, Serial, SerialOf
from scrt_workflow.models.review import STATUSES

KNOWN_NOW = text("known_to IS NULL AND (to_on IS NULL OR from_on < to_on)")
"""One fact covers a day, among those known now; a move that was followed by another on the same day covers none."""
GIVEN_UP = text("known_to IS NOT NULL")
"""What turned out wrong or went on otherwise; found by when, to count again only what changed."""


class Span(Model):
    """Whose a review was, of which type, in which state, and as what it counted."""

    __tablename__ = "span"
    __table_args__ = (
        CheckConstraint("to_on IS NULL OR from_on <= to_on", name="period"),
        CheckConstraint("known_to IS NULL OR known_from <= known_to", name="known"),
        Index(
            "one_span_a_day_as_known",
            "review_id",
            "from_on",
            unique=True,
            sqlite_where=KNOWN_NOW,
            postgresql_where=KNOWN_NOW,
        ),
        Index("span_month_end", "organisation", "from_on", "to_on"),
        Index("span_of_review", "review_id"),
        Index("span_learned", "known_from"),
        Index("span_given_up", "known_to", sqlite_where=GIVEN_UP, postgresql_where=GIVEN_UP),
    )

    id: Mapped[Serial]
    review_id: Mapped[UUID] = mapped_column(ForeignKey("review.id"))
    from_on: Mapped[date]
    to_on: Mapped[date | None]
    organisation: Mapped[Code]  # as it was then: a copy, not a reference
    workflow: Mapped[Key]
    review_type: Mapped[Key | None]
    status: Mapped[str] = mapped_column(OneOf(*STATUSES))
    state: Mapped[Key]
    known_from: Mapped[datetime]
    known_to: Mapped[datetime | None]
    event_id: Mapped[SerialOf] = mapped_column(ForeignKey("event.id"))


class TermSpan(Model):
    """Which term a question gave a review, at which rank (1 is the first), by which event, and which ended it.

    `vocabulary` is empty where the question has options of its own, which no rollup counts.
    """

    __tablename__ = "term_span"
    __table_args__ = (
        CheckConstraint("to_on IS NULL OR from_on <= to_on", name="period"),
        CheckConstraint("known_to IS NULL OR known_from <= known_to", name="known"),
        Index(
            "one_term_as_known",
            "review_id",
            "question",
            "code",
            "from_on",
            unique=True,
            sqlite_where=KNOWN_NOW,
            postgresql_where=KNOWN_NOW,
        ),
        Index("term_span_of_review", "review_id", "vocabulary"),
        Index("term_span_learned", "known_from"),
        Index("term_span_given_up", "known_to", sqlite_where=GIVEN_UP, postgresql_where=GIVEN_UP),
    )

    id: Mapped[Serial]
    review_id: Mapped[UUID] = mapped_column(ForeignKey("review.id"))
    question: Mapped[Key]
    vocabulary: Mapped[Key]
    code: Mapped[Key]
    rank: Mapped[int]
    from_on: Mapped[date]
    to_on: Mapped[date | None]
    known_from: Mapped[datetime]
    known_to: Mapped[datetime | None]
    event_id: Mapped[SerialOf] = mapped_column(ForeignKey("event.id"))
    ended_by_id: Mapped[SerialOf | None] = mapped_column(ForeignKey("event.id"))
