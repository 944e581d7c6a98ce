"""Open reviews moved from one version of their definition to another, each with what came of it."""

from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import ForeignKey
from sqlalchemy.orm import Mapped, mapped_column

from scrt_workflow.models.columns import Json, Key, Model, OneOf, Serial, SerialOf

REBASE_MODES = ("dry_run", "batch", "undo")


class Rebase(Model):
    """One run of a rebase plan."""

    __tablename__ = "rebase"

    id: Mapped[Serial]
    from_version_id: Mapped[SerialOf] = mapped_column(ForeignKey("definition_version.id"))
    to_version_id: Mapped[SerialOf] = mapped_column(ForeignKey("definition_version.id"))
    plan: Mapped[dict[str, Any]] = mapped_column(Json())
    mode: Mapped[str] = mapped_column(OneOf(*REBASE_MODES))
    started_by_id: Mapped[UUID | None] = mapped_column(ForeignKey("person.id"))
    at: Mapped[datetime]


class RebaseItem(Model):
    """What a rebase did to one review: its version before, the event that moved it, the event that moved it back."""

    __tablename__ = "rebase_item"

    rebase_id: Mapped[SerialOf] = mapped_column(ForeignKey("rebase.id"), primary_key=True, autoincrement=False)
    review_id: Mapped[UUID] = mapped_column(ForeignKey("review.id"), primary_key=True)
    outcome: Mapped[Key]
    before_seq: Mapped[int]
    done_seq: Mapped[int | None]
    undone_seq: Mapped[int | None]
