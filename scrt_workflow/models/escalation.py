"""Escalations of reviews: since when each waits to be acknowledged, and the ledger of who was told."""

from datetime import datetime
from uuid import UUID

from sqlalchemy import CheckConstraint, ForeignKey, ForeignKeyConstraint, Index, text
from sqlalchemy.orm import Mapped, mapped_column

from scrt_workflow.models.columns import Key, Label, Model, OneOf, SerialOf

ENDS = ("acknowledged", "dropped", "fell", "rose", "withdrawn")
WAITING = text("ended IS NULL")


class Escalation(Model):
    """One escalation of a review, begun by event `since_seq`: raised `number` times, next at `next_at` until it has *ended*.

    It ends by being acknowledged (event `ended_seq`), when the answer that began it fell back or rose further, when the review
    is withdrawn, or when the review's definition has no such rule any more (dropped).
    """

    __tablename__ = "escalation"
    __table_args__ = (
        CheckConstraint("(ended IS NULL) = (ended_seq IS NULL)", name="ended_by"),
        Index(
            "escalation_waiting", "review_id", "escalation", unique=True, sqlite_where=WAITING, postgresql_where=WAITING
        ),
        Index("escalation_to_raise", "next_at", sqlite_where=WAITING, postgresql_where=WAITING),
    )  # fmt: skip

    review_id: Mapped[UUID] = mapped_column(ForeignKey("review.id"), primary_key=True)
    escalation: Mapped[Key] = mapped_column(primary_key=True)
    since_seq: Mapped[int] = mapped_column(primary_key=True)
    began_at: Mapped[datetime]
    number: Mapped[int]
    raised_at: Mapped[datetime]
    next_at: Mapped[datetime]
    ended: Mapped[str | None] = mapped_column(OneOf(*ENDS))
    ended_seq: Mapped[int | None]


class EscalationTold(Model):
    """The ledger of raisings: whom the `number`-th told (a person's id or `contact:<id>`), and for which post, if for one.

    A post that had nobody stands with the recipient `nobody`.
    """

    __tablename__ = "escalation_told"
    __table_args__ = (
        ForeignKeyConstraint(
            ["review_id", "escalation", "since_seq"],
            ["escalation.review_id", "escalation.escalation", "escalation.since_seq"],
        ),
    )

    review_id: Mapped[UUID] = mapped_column(primary_key=True)
    escalation: Mapped[Key] = mapped_column(primary_key=True)
    since_seq: Mapped[int] = mapped_column(primary_key=True)
    number: Mapped[int] = mapped_column(primary_key=True)
    recipient: Mapped[Label] = mapped_column(primary_key=True)
    post: Mapped[Key] = mapped_column(primary_key=True)
    at: Mapped[datetime]
    notice_id: Mapped[SerialOf | None] = mapped_column(ForeignKey("notice.id"))
