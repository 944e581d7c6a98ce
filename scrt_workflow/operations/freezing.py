"""The figures of every organisation at a period's end, tied out and kept for good.

They come from the net changes of each month, as known at midnight in London after the period's last day, so that a run that is
late by days gives the same. Before they are kept they must agree with what the spans themselves say, and with each other.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import astuple, dataclass
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import insert, select
from sqlalchemy.orm import Session

from scrt_workflow.models import Organisation, Rollup, RollupCell
from scrt_workflow.operations import counting, frozen, month_changes
from scrt_workflow.operations.counting import Cells, Placed
from scrt_workflow.operations.month_changes import MovedOnError
from scrt_workflow.operations.organisations import belonging, organisations_on
from scrt_workflow.operations.rollups import review_types
from scrt_workflow.reference import ENGLAND
from scrt_workflow.reports.figures import CONVERTED, MEASURES, NEW, Asked
from scrt_workflow.reports.periods import ReportingPeriod
from scrt_workflow.workflows.schema import CLOSED, OPEN
from scrt_workflow.working_days import local_time

IN_FLIGHT = timedelta(hours=1)
"""Longer than any transaction lasts: what was begun before a moment has been written, or never will be."""
MOST_NAMED = 5


class NotFrozenError(Exception):
    """Nothing was frozen. The message says why."""

    @property
    def told(self) -> str:
        """Give the sentence that administrators may read: it names periods or figures, and no review."""
        return str(self)


class TooEarlyError(NotFrozenError):
    """The period is not over, or ended so lately that steps of it may still be under way. The message says from when."""


class DoesNotTieOutError(NotFrozenError):
    """The figures contradict each other. The message says what does not sum, for administrators."""


@dataclass(frozen=True, slots=True)
class Made:
    """The table of one organisation: what it is shown with, and its figures."""

    organisation: str
    basis: Mapping[str, Any]
    cells: Cells


def refuse_too_early(period: ReportingPeriod, *, at: datetime) -> None:
    """Raise TooEarlyError where *period* cannot be frozen yet."""
    if at < period.known_at + IN_FLIGHT:
        when = local_time(period.known_at + IN_FLIGHT)
        raise TooEarlyError(f"{period.title} can be frozen from {when:%H:%M} on {when.day} {when:%B %Y}, when it is over.")


def make_tables(session: Session, period: ReportingPeriod) -> list[Made]:
    """Make the table of each organisation that exists on the last day of *period*.

    Raises MovedOnError where the net changes are not as known at its end, and DoesNotTieOutError.
    """
    if month_changes.watermark(session) != period.known_at:
        raise MovedOnError
    placed = month_changes.sums(session, period)
    made = list(_tables(session, period, placed))
    if wrong := [*_against_spans(session, period, placed), *_within(session, period, made)]:
        more = f" And {len(wrong) - MOST_NAMED} more." if len(wrong) > MOST_NAMED else ""
        raise DoesNotTieOutError(f"{period.title} was not frozen. {' '.join(wrong[:MOST_NAMED])}{more}")
    return made


def keep(session: Session, period: ReportingPeriod, made: list[Made], *, at: datetime) -> int:
    """Freeze the tables *made* of *period*; a period that is frozen stays as it is. Gives how many were frozen."""
    if frozen.is_frozen(session, period):
        return 0
    cells: list[dict[str, Any]] = []
    for table in made:
        row = Rollup(
            organisation=table.organisation, period_kind=period.kind, period=period.key, known_at=period.known_at,
            frozen_at=at, basis=dict(table.basis), digest=frozen.digest_of(table.basis, table.cells),
        )  # fmt: skip
        session.add(row)
        session.flush()
        cells += [
            {"rollup_id": row.id, "review_type": kind, "measure": measure, "code": code, "n": number}
            for (kind, measure, code), number in table.cells.items()
        ]
    if cells:
        session.execute(insert(RollupCell), cells)
    return len(made)


def _tables(session: Session, period: ReportingPeriod, placed: Placed) -> Iterator[Made]:
    types = [list(astuple(kind)) for kind in review_types(session).values()]
    belongs = belonging(session)
    by_place: dict[str, Cells] = {}
    for (place, *cell), number in placed.items():
        by_place.setdefault(place, Cells())[cell[0], cell[1], cell[2]] = number
    for organisation in organisations_on(session, period.last_day):
        codes = belongs.covered(organisation.code, period.last_day)
        cells = Cells()
        for code in codes & by_place.keys():
            cells.update(by_place[code])
        basis = {"name": organisation.name, "codes": sorted(codes), "types": types}
        yield Made(organisation.code, basis, cells)


def _against_spans(session: Session, period: ReportingPeriod, placed: Placed) -> Iterator[str]:
    """Say where the net changes sum to another figure than a count of the spans themselves."""
    everywhere = frozenset(session.scalars(select(Organisation.code)))
    counted = counting.count(session, Asked(ENGLAND, everywhere, period.last_day, period.known_at, period=period))
    for place, kind, measure, code in sorted(counted.keys() | placed.keys()):
        said, is_so = placed[place, kind, measure, code], counted[place, kind, measure, code]
        if said != is_so:
            yield f"The changes of {place} sum to {said} {_named(kind, measure, code)}, and its spans to {is_so}."


def _within(session: Session, period: ReportingPeriod, made: list[Made]) -> Iterator[str]:
    """Say which rows and regions do not sum."""
    tables = {table.organisation: table.cells for table in made}
    kinds = {one.code: one.kind for one in organisations_on(session, period.last_day)}
    yield from regions_that_do_not_sum(tables, kinds)
    for table in made:
        yield from rows_that_do_not_sum(table.organisation, table.cells)


def regions_that_do_not_sum(tables: Mapping[str, Cells], kinds: Mapping[str, str]) -> Iterator[str]:
    """Say which figures of England are not those of its regions together."""
    together = Cells()
    for code, cells in tables.items():
        if kinds.get(code) == "region":
            together.update(cells)
    england = tables.get(ENGLAND, Cells())
    for key in sorted(together.keys() | england.keys()):
        if together[key] != england[key]:
            yield f"England has {england[key]} {_named(*key)}, and its regions together {together[key]}."


def rows_that_do_not_sum(organisation: str, cells: Cells) -> Iterator[str]:
    """Say which figures of one table cannot stand beside its others."""
    reviews = {kind: cells[kind, OPEN, ""] + cells[kind, CLOSED, ""] for kind, _, _ in cells}
    for (kind, measure, code), number in sorted(cells.items()):
        if number < 0 or measure not in {OPEN, CLOSED, NEW, CONVERTED, *MEASURES}:
            yield f"{organisation} cannot have {number} {_named(kind, measure, code)}."
        if measure in MEASURES and number > reviews[kind]:
            yield f"{organisation} has {number} {_named(kind, measure, code)}, of {reviews[kind]} reviews."
    for kind in sorted(reviews):
        converted = sum(number for (of, measure, _), number in cells.items() if of == kind and measure == CONVERTED)
        if converted > cells[kind, CLOSED, ""]:
            yield f"{organisation} has {converted} {_named(kind, CONVERTED, '')}, of {cells[kind, CLOSED, '']} that closed."


def _named(kind: str, measure: str, code: str) -> str:
    return " ".join(part for part in (measure, code, f"of type {kind or 'Not Stated'}") if part)
