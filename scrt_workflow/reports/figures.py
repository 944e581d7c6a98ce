"""The month-end figures of one organisation, as they are handed to whoever shows them."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import date, datetime
from typing import Any

from scrt_workflow.reports.periods import ReportingPeriod, period_of

THEMES, LEARNING = "themes", "organisational_learning"
MEASURES = {"themes": ("theme", THEMES), "learning": ("learning", LEARNING)}
"""For each measure, the name of one of its terms in data, and the vocabulary that they are from."""
NEW, CONVERTED = "new", "converted"
"""The measures beside those and the statuses; converted ones are counted by the days that it took them."""


@dataclass(frozen=True, slots=True)
class TypeRow:
    """How many reviews of one type were open and closed."""

    key: str
    type: str
    family: str
    open: int
    closed: int

    @property
    def total(self) -> int:
        """Give both together."""
        return self.open + self.closed


@dataclass(frozen=True, slots=True)
class TermRow:
    """How many reviews had one term of a vocabulary; as now grouped, `of` names the terms that the row counts together."""

    code: str
    label: str
    count: int
    of: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Conversions:
    """What became of the rapid reviews that were closed; *rate* is converted ÷ all of them, *median_days* open to converted."""

    converted: int
    closed_without: int
    median_days: float | None

    @property
    def rate(self) -> float | None:
        """Give the share that converted, from 0 to 1; None where none was closed."""
        closed = self.converted + self.closed_without
        return round(self.converted / closed, 4) if closed else None


@dataclass(frozen=True)
class Asked:
    """What a rollup is of: an organisation with all under it, at the end of a day, as known at a moment (None: now).

    What is new is counted from the first day of *period*, by default the month. Terms are counted as recorded; with
    *grouped_on*, as they are grouped on that day. *codes* is what the organisation covers on the day counted; with
    *organised_on*, on that day.
    """

    organisation: str
    codes: frozenset[str]
    as_at: date
    known_at: datetime | None = None
    grouped_on: date | None = None
    period: ReportingPeriod | None = None
    organised_on: date | None = None

    @property
    def of(self) -> ReportingPeriod:
        """Give the period, by default the month."""
        return self.period or period_of("month", self.as_at)

    @property
    def first_day(self) -> date:
        """Give the first day of the period."""
        return self.of.first_day


@dataclass(frozen=True)
class Rollup:
    """The figures of one organisation at the end of a period; *frozen_at* says since when no correction changes them."""

    asked: Asked
    name: str
    by_type: tuple[TypeRow, ...]
    new: int
    terms: Mapping[str, tuple[TermRow, ...]]
    terms_by_family: Mapping[str, Mapping[str, tuple[TermRow, ...]]]
    conversions: Conversions = field(default_factory=lambda: Conversions(0, 0, None))
    frozen_at: datetime | None = None

    @property
    def open(self) -> int:
        """Give the sum of the open column."""
        return sum(row.open for row in self.by_type)

    @property
    def closed(self) -> int:
        """Give the sum of the closed column."""
        return sum(row.closed for row in self.by_type)

    @property
    def total(self) -> int:
        """Give the sum of both columns."""
        return self.open + self.closed


def as_json(rollup: Rollup) -> dict[str, Any]:
    """Give *rollup* as data: the keys are documented in the README."""
    made: dict[str, Any] = {
        "organisation": rollup.asked.organisation,
        "month": f"{rollup.asked.as_at:%Y-%m}",
        "period": rollup.asked.of.key,
        "as_at": rollup.asked.as_at.isoformat(),
        "total": rollup.total,
        "open": rollup.open,
        "closed": rollup.closed,
        "new": rollup.new,
        "by_type": [{"type": row.type, "open": row.open, "closed": row.closed, "total": row.total} for row in rollup.by_type],
    }
    if rollup.frozen_at:
        made["frozen_at"] = rollup.frozen_at.isoformat()
    if rollup.asked.organised_on:
        made["organisations_on"] = rollup.asked.organised_on.isoformat()
    if rollup.asked.grouped_on:
        made["grouped_on"] = rollup.asked.grouped_on.isoformat()
    for measure, (name, _) in MEASURES.items():
        made[measure] = [_term(name, row) for row in rollup.terms[measure]]
    for measure, (name, _) in MEASURES.items():
        families = rollup.terms_by_family[measure].items()
        made[f"{measure}_by_type"] = {family: [_term(name, row) for row in rows] for family, rows in families}
    outcome = rollup.conversions
    made["conversions"] = {
        "converted": outcome.converted,
        "closed_without": outcome.closed_without,
        "rate": outcome.rate,
        "median_days": outcome.median_days,
    }
    return made


def _term(name: str, row: TermRow) -> dict[str, Any]:
    found: dict[str, Any] = {name: row.label, "count": row.count}
    return {**found, "of": list(row.of)} if row.of else found


def ranking(rows: Iterable[TermRow], places: int) -> list[tuple[int, list[TermRow]]]:
    """Rank *rows* by count into the first *places* places; those that tie share one, and zeros have none."""
    groups: dict[int, list[TermRow]] = {}
    for row in rows:
        if row.count:
            groups.setdefault(row.count, []).append(row)
    return [(place, groups[count]) for place, count in enumerate(sorted(groups, reverse=True)[:places], 1)]
