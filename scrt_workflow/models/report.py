"""Month-end figures: net changes, from which any month is a sum, and tables frozen as they were published."""

from datetime import datetime

from sqlalchemy import ForeignKey, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from scrt_workflow.models.columns import Code, Key, Model, OneOf, Serial, SerialOf

PERIOD_KINDS = ("month", "quarter", "year")


class MonthChange(Model):
    """By how much a count rose in a month ("2024-10"); derived from spans, rebuildable.

    `review_type` is "" for Not Stated, and `code` is "" where the measure has none.
    """

    __tablename__ = "month_change"

    month: Mapped[Code] = mapped_column(primary_key=True)
    organisation: Mapped[Code] = mapped_column(primary_key=True)
    review_type: Mapped[Key] = mapped_column(primary_key=True)
    measure: Mapped[Key] = mapped_column(primary_key=True)
    code: Mapped[Code] = mapped_column(primary_key=True)
    net: Mapped[int]


class Rollup(Model):
    """The table of one organisation and period ("2024-10", "2024-Q4", "2024"), as known at a moment; frozen or not."""

    __tablename__ = "rollup"
    __table_args__ = (UniqueConstraint("organisation", "period_kind", "period"),)

    id: Mapped[Serial]
    organisation: Mapped[Code] = mapped_column(ForeignKey("organisation.code"))
    period_kind: Mapped[str] = mapped_column(OneOf(*PERIOD_KINDS))
    period: Mapped[Code]
    known_at: Mapped[datetime]
    frozen_at: Mapped[datetime | None]


class RollupCell(Model):
    """One figure of a rollup; `review_type` and `code` may be ""."""

    __tablename__ = "rollup_cell"

    rollup_id: Mapped[SerialOf] = mapped_column(ForeignKey("rollup.id"), primary_key=True, autoincrement=False)
    measure: Mapped[Key] = mapped_column(primary_key=True)
    review_type: Mapped[Key] = mapped_column(primary_key=True)
    code: Mapped[Code] = mapped_column(primary_key=True)
    n: Mapped[int]
