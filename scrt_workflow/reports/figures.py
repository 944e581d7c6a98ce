"""The month-end figures of one organisation, as they are handed to whoever shows them."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import date, datetime
from typing import Any, TypeVar

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


@dataclass(frozen=True, slots=True)
class Hidden:
    """What is written in place of a count that is not shown."""

    words: str

    def __str__(self) -> str:
        return self.words

    def __format__(self, spec: str) -> str:
        return format(self.words, spec)


NOT_SHOWN = Hidden("not shown")
Count = int | Hidden


def known(count: Count) -> int:
    """Give *count*, and nought for one that is hidden."""
    return 0 if isinstance(count, Hidden) else count


@dataclass(frozen=True, slots=True)
class Line:
    """One type of review as a document shows it."""

    key: str
    type: str
    family: str
    open: Count
    closed: Count
    total: Count
    is_converted: bool = False


@dataclass(frozen=True, slots=True)
class MonthLine:
    """One month-end as a document shows it; *month* is its first day."""

    month: date
    open: Count
    closed: Count
    total: Count


@dataclass(frozen=True, slots=True)
class Term:
    """One term of a vocabulary as a document shows it; as now grouped, `of` names what the row counts together."""

    code: str
    label: str
    count: Count
    of: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Outcome:
    """What became of the closed rapid reviews, as a document shows it."""

    converted: Count
    closed_without: Count
    rate: float | Hidden | None
    median_days: float | Hidden | None


@dataclass(frozen=True)
class Summary:
    """What a document says of one organisation at a month's end: the rollup, and the month-ends up to it, the newest last.

    It holds what happened up to the day *up_to*: the month's last, or today while the month is not over. Where counts from 1
    are hidden up to a number, *hides_below* is the next; then sums are not those of what is shown.
    """

    asked: Asked
    name: str
    by_type: tuple[Line, ...]
    open: Count
    closed: Count
    total: Count
    new: Count
    terms: Mapping[str, tuple[Term, ...]]
    terms_by_family: Mapping[str, Mapping[str, tuple[Term, ...]]]
    conversions: Outcome
    trend: tuple[MonthLine, ...]
    up_to: date
    hides_below: int = 0
    frozen_at: datetime | None = None

    def __hash__(self) -> int:
        """Give a hash, so that what is made of figures can be kept for the next reader of the same ones."""
        return hash((self.asked, self.total, self.open, self.new))


def summarise(
    rollup: Rollup, trend: Iterable[MonthLine], *, converted: frozenset[str] = frozenset(), today: date | None = None
) -> Summary:
    """Put *rollup* and the month-ends up to it in one; *converted* are the keys of the types that rapid reviews become."""

    def terms(rows: tuple[TermRow, ...]) -> tuple[Term, ...]:
        return tuple(Term(row.code, row.label, row.count, row.of) for row in rows)

    outcome = rollup.conversions
    return Summary(
        asked=rollup.asked,
        name=rollup.name,
        by_type=tuple(
            Line(row.key, row.type, row.family, row.open, row.closed, row.total, row.key in converted) for row in rollup.by_type
        ),
        open=rollup.open,
        closed=rollup.closed,
        total=rollup.total,
        new=rollup.new,
        terms={measure: terms(rows) for measure, rows in rollup.terms.items()},
        terms_by_family={
            measure: {family: terms(rows) for family, rows in families.items()}
            for measure, families in rollup.terms_by_family.items()
        },
        conversions=Outcome(outcome.converted, outcome.closed_without, outcome.rate, outcome.median_days),
        trend=tuple(trend),
        up_to=min(rollup.asked.as_at, today or rollup.asked.as_at),
        frozen_at=rollup.frozen_at,
    )


Figures = Rollup | Summary


def as_json(rollup: Figures) -> dict[str, Any]:
    """Give *rollup* as data: the keys are documented in the README. What is hidden is no number but its words."""
    made: dict[str, Any] = {
        "organisation": rollup.asked.organisation,
        "month": f"{rollup.asked.as_at:%Y-%m}",
        "period": rollup.asked.of.key,
        "as_at": rollup.asked.as_at.isoformat(),
        "total": _plain(rollup.total),
        "open": _plain(rollup.open),
        "closed": _plain(rollup.closed),
        "new": _plain(rollup.new),
        "by_type": [
            {"type": row.type, "open": _plain(row.open), "closed": _plain(row.closed), "total": _plain(row.total)}
            for row in rollup.by_type
        ],
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
        "converted": _plain(outcome.converted),
        "closed_without": _plain(outcome.closed_without),
        "rate": _plain(outcome.rate),
        "median_days": _plain(outcome.median_days),
    }
    return made


def _plain(count: float | Hidden | None) -> float | str | None:
    return str(count) if isinstance(count, Hidden) else count


def _term(name: str, row: TermRow | Term) -> dict[str, Any]:
    found: dict[str, Any] = {name: row.label, "count": _plain(row.count)}
    return {**found, "of": list(row.of)} if row.of else found


Ranked = TypeVar("Ranked", TermRow, Term)


def ranking(rows: Iterable[Ranked], places: int) -> list[tuple[int, list[Ranked]]]:
    """Rank *rows* by count into the first *places* places; those that tie share one, and zeros and what is hidden have none."""
    groups: dict[int, list[Ranked]] = {}
    for row in rows:
        if count := known(row.count):
            groups.setdefault(count, []).append(row)
    return [(place, groups[count]) for place, count in enumerate(sorted(groups, reverse=True)[:places], 1)]
