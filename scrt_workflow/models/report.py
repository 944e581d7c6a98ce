"""Month-end figures: net changes, from which any month is a sum, and tables frozen as they were published."""

from datetime import date, datetime
from typing import Any

from sqlalchemy import ForeignKey, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from scrt_workflow.models.columns import Code, Digest, Json, Key, Label, Model, OneOf, Serial, SerialOf

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
    """The frozen table of one organisation and period ("2024-10", "2024-25-Q3", "2024-25"), as known at a moment.

    `basis` is what the figures are shown with, and what may be called or arranged otherwise later: the organisation's name, the
    codes that it covered, the types of review. `digest` is over the basis and the cells. Neither is ever changed.
    """

    __tablename__ = "rollup"
    __table_args__ = (UniqueConstraint("organisation", "period_kind", "period"),)

    id: Mapped[Serial]
    organisation: Mapped[Code] = mapped_column(ForeignKey("organisation.code"))
    period_kind: Mapped[str] = mapped_column(OneOf(*PERIOD_KINDS))
    period: Mapped[Code]
    known_at: Mapped[datetime]
    frozen_at: Mapped[datetime]
    basis: Mapped[dict[str, Any]] = mapped_column(Json())
    digest: Mapped[Digest]


class RollupCell(Model):
    """One figure of a rollup that is not nought; `review_type` and `code` may be ""."""

    __tablename__ = "rollup_cell"

    rollup_id: Mapped[SerialOf] = mapped_column(ForeignKey("rollup.id"), primary_key=True, autoincrement=False)
    measure: Mapped[Key] = mapped_column(primary_key=True)
    review_type: Mapped[Key] = mapped_column(primary_key=True)
    code: Mapped[Code] = mapped_column(primary_key=True)
    n: Mapped[int]


class TieOutFinding(Model):
    """Something that cannot be, found by the last tie-out: of which kind, and where (a reference, an organisation and period)."""

    __tablename__ = "tie_out_finding"

    kind: Mapped[Key] = mapped_column(primary_key=True)
    subject: Mapped[Label] = mapped_column(primary_key=True)
    found_on: Mapped[date]
