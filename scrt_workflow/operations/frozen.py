"""The tables that were frozen when their period ended: found and laid out again as they were, whatever was corrected since."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterable, Mapping
from dataclasses import replace
from typing import Any

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from scrt_workflow.models import Rollup, RollupCell
from scrt_workflow.operations.counting import Cells
from scrt_workflow.operations.rollups import laid_out
from scrt_workflow.reports import figures
from scrt_workflow.reports.figures import Asked
from scrt_workflow.reports.periods import ReportingPeriod
from scrt_workflow.workflows.schema import CLOSED, OPEN, ReviewType


def find_frozen(session: Session, organisation: str, period: ReportingPeriod) -> Rollup | None:
    """Find the frozen table of *organisation* for *period*, if there is one."""
    query = select(Rollup).where(Rollup.organisation == organisation, *is_of(period))
    return session.scalars(query).one_or_none()


def is_frozen(session: Session, period: ReportingPeriod) -> bool:
    """Say whether *period* has been frozen."""
    return session.scalar(select(Rollup.id).where(*is_of(period)).limit(1)) is not None


def first_frozen(session: Session, kind: str) -> str | None:
    """Give the key of the first period of *kind* that was frozen."""
    return session.scalar(select(func.min(Rollup.period)).where(Rollup.period_kind == kind))


def is_of(period: ReportingPeriod) -> tuple[Any, Any]:
    """Give the conditions that a rollup is of *period*."""
    return Rollup.period_kind == period.kind, Rollup.period == period.key


def asked_then(row: Rollup, period: ReportingPeriod, *, known_now: bool = False) -> Asked:
    """Give what *row* was asked for: the same codes, as known when the period ended, or as *known_now*."""
    known_at = None if known_now else row.known_at
    return Asked(row.organisation, frozenset(row.basis["codes"]), period.last_day, known_at, period=period)


def as_frozen(session: Session, row: Rollup, period: ReportingPeriod) -> figures.Rollup:
    """Lay out the frozen table *row* of *period*: its figures, its types, and terms worded as they were."""
    types = [ReviewType(*kind) for kind in row.basis["types"]]
    made = laid_out(session, asked_then(row, period), cells_of(session, row.id), name=row.basis["name"], types=types)
    return replace(made, frozen_at=row.frozen_at)


def cells_of(session: Session, rollup_id: int) -> Cells:
    """Give the figures of one frozen table."""
    query = select(RollupCell.review_type, RollupCell.measure, RollupCell.code, RollupCell.n)
    return Cells({(row[0], row[1], row[2]): row[3] for row in session.execute(query.where(RollupCell.rollup_id == rollup_id))})


def frozen_totals(
    session: Session, organisation: str, periods: Iterable[ReportingPeriod]
) -> dict[ReportingPeriod, tuple[int, int]]:
    """Give the frozen numbers of open and closed reviews of those of *periods* (of one kind) that are frozen."""
    wanted = {(period.kind, period.key): period for period in periods}
    query = select(Rollup.period_kind, Rollup.period, RollupCell.measure, func.sum(RollupCell.n))
    query = query.outerjoin(RollupCell, (RollupCell.rollup_id == Rollup.id) & RollupCell.measure.in_([OPEN, CLOSED]))
    query = query.where(Rollup.organisation == organisation, Rollup.period.in_([key for _, key in wanted]))
    found: dict[ReportingPeriod, dict[str, int]] = {}
    for kind, key, measure, number in session.execute(query.group_by(Rollup.period_kind, Rollup.period, RollupCell.measure)):
        if period := wanted.get((kind, key)):
            found.setdefault(period, {})[measure or ""] = number or 0
    return {period: (sums.get(OPEN, 0), sums.get(CLOSED, 0)) for period, sums in found.items()}


def digest_of(basis: Mapping[str, Any], cells: Mapping[tuple[str, str, str], int]) -> str:
    """Give a digest by which a change of a frozen table shows."""
    listed = [[*key, number] for key, number in sorted(cells.items())]
    text = json.dumps([basis, listed], sort_keys=True, ensure_ascii=False, separators=(",", ":"))
    return hashlib.sha256(text.encode()).hexdigest()
