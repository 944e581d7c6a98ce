"""Open reviews moved from one version of their definition to another, each with what came of it."""

from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import ForeignKey, Index, text
from sqlalchemy.orm import Mapped, mapped_column

from scrt_workflow.models.columns import Json, Model, OneOf, Prose, Serial, SerialOf

REBASE_MODES = ("now", "at_next_step")
REBASE_STATUSES = ("planned", "running", "standing", "done", "undoing", "undone")
REBASE_OUTCOMES = ("waiting", "moved", "blocked", "passed_by", "undone", "left")
UNDER_WAY = text("status IN ('running', 'standing', 'undoing')")


class Rebase(Model):
    """A plan for the reviews under one version, and how far it is carried out.

    One *at_next_step* is `standing` until somebody ends it; one *now* is `running` until no review waits.
    """

    __tablename__ = "rebase"
    __table_args__ = (
        Index("one_rebase_under_way", "from_version_id", unique=True, sqlite_where=UNDER_WAY, postgresql_where=UNDER_WAY),
        Index("rebase_to", "to_version_id"),
    )

    id: Mapped[Serial]
    from_version_id: Mapped[SerialOf] = mapped_column(ForeignKey("definition_version.id"))
    to_version_id: Mapped[SerialOf] = mapped_column(ForeignKey("definition_version.id"))
    plan: Mapped[dict[str, Any]] = mapped_column(Json())
    mode: Mapped[str] = mapped_column(OneOf(*REBASE_MODES))
    status: Mapped[str] = mapped_column(OneOf(*REBASE_STATUSES), default="planned")
    started_by_id: Mapped[UUID | None] = mapped_column(ForeignKey("person.id"))
    at: Mapped[datetime]
    began_at: Mapped[datetime | None]
    ended_at: Mapped[datetime | None]
    undone_by_id: Mapped[UUID | None] = mapped_column(ForeignKey("person.id"))


class RebaseItem(Model):
    """What a rebase did to one review, and the sentence that says why, where it did not move it or not back.

    The numbers are of events: the newest before, the one that moved it, the one that moved it back.
    """

    __tablename__ = "rebase_item"
    __table_args__ = (Index("rebase_item_waiting", "rebase_id", "outcome", "review_id"),)

    rebase_id: Mapped[SerialOf] = mapped_column(ForeignKey("rebase.id"), primary_key=True, autoincrement=False)
    review_id: Mapped[UUID] = mapped_column(ForeignKey("review.id"), primary_key=True)
    outcome: Mapped[str] = mapped_column(OneOf(*REBASE_OUTCOMES))
    said: Mapped[Prose] = mapped_column(default="")
    before_seq: Mapped[int]
    done_seq: Mapped[int | None]
    undone_seq: Mapped[int | None]
