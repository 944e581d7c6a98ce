"""The figures of an organisation at the end of a month, quarter, year or any day, laid out as they are shown.

They are counted from spans (`operations.counting`), or kept from the day that they were frozen (`operations.frozen`).
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping
from datetime import date, timedelta
from statistics import median

from sqlalchemy import Select, select
from sqlalchemy.orm import Session

from scrt_workflow import catalogue, reference
from scrt_workflow.models import DefinitionVersion, Organisation, Review, Span
from scrt_workflow.operations import counting
from scrt_workflow.operations.counting import RAPID, Cell, Cells
from scrt_workflow.operations.organisations import covered_codes, find_organisation
from scrt_workflow.reports.figures import CONVERTED, MEASURES, NEW, Asked, Conversions, Rollup, TermRow, TypeRow
from scrt_workflow.reports.periods import MONTH, ReportingPeriod, period_of
from scrt_workflow.workflows.dardr import in_new_words
from scrt_workflow.workflows.schema import CLOSED, OPEN, ReviewType
from scrt_workflow.working_days import local_midnight

NOT_STATED = ReviewType("", reference.NOT_STATED)
FAMILIES = ("DHR", in_new_words("DHR"), "CSPR", "SAR", RAPID)
"""Those that come first, in order."""


def month_asked(
    session: Session, organisation: str, month: str, *, known_on: date | None = None, grouped_on: date | None = None
) -> Asked:
    """Ask for the end of *month* (`2024-10`) of *organisation*; raises ValueError, and what `period_asked` does."""
    period = period_of(MONTH, date.fromisoformat(f"{month}-01"))
    return period_asked(session, organisation, period, known_on=known_on, grouped_on=grouped_on)


def period_asked(
    session: Session, organisation: str, period: ReportingPeriod, *, known_on: date | None = None,
    grouped_on: date | None = None, organised_on: date | None = None,
) -> Asked:  # fmt: skip
    """Ask for the end of *period* of *organisation*, as known at the end of *known_on*, its terms grouped as on a day.

    Counted is what the organisation answers for on the last day, or on *organised_on*. Raises NoSuchOrganisationError.
    """
    known_at = local_midnight(known_on + timedelta(days=1)) if known_on else None
    find_organisation(session, organisation)
    codes = covered_codes(session, organisation, organised_on or period.last_day)
    return Asked(organisation, codes, period.last_day, known_at, grouped_on, period, organised_on)


def roll_up(session: Session, asked: Asked) -> Rollup:
    """Count the figures that are *asked*."""
    cells = counting.together(counting.count(session, asked))
    name = session.get_one(Organisation, asked.organisation).name
    return laid_out(session, asked, cells, name=name, types=review_types(session).values())


def laid_out(session: Session, asked: Asked, cells: Cells, *, name: str, types: Collection[ReviewType]) -> Rollup:
    """Lay out *cells*: a row for each type, and for each term that is valid on the day or counted."""
    named = {kind.family for kind in types if kind.family}
    families = [*(one for one in FAMILIES if one in named), *sorted(named - set(FAMILIES))]
    of = {family: {kind.key for kind in types if kind.family == family} for family in families}
    return Rollup(
        asked=asked,
        name=name,
        by_type=tuple(
            TypeRow(kind.key, kind.title, kind.family, cells[kind.key, OPEN, ""], cells[kind.key, CLOSED, ""]) for kind in types
        ),
        new=sum(number for (_, measure, _), number in cells.items() if measure == NEW),
        terms={measure: _rows(session, asked, measure, cells, None) for measure in MEASURES},
        terms_by_family={
            measure: {family: _rows(session, asked, measure, cells, of[family]) for family in families} for measure in MEASURES
        },
        conversions=_conversions(cells, of.get(RAPID, set())),
    )


def review_types(session: Session) -> dict[str, ReviewType]:
    """Give every type a review may have: the collection's own first, then those of other workflows, then Not Stated."""
    called = in_new_words if catalogue.is_called_dardr(session) else str
    found = {
        row.code: ReviewType(row.code, called(row.label), called(row.family), row.converted) for row in reference.review_types()
    }
    for _, definition in catalogue.live_definitions(session).values():
        found |= {key: kind for key, kind in definition.workflow.review_types.items() if key not in found}
    used = select(Span.review_type).where(Span.review_type.is_not(None)).distinct()
    gone = [str(key) for key in session.scalars(used) if key not in found]
    return {**found, **{key: _last_called(session, key) for key in sorted(gone)}, "": NOT_STATED}


def _last_called(session: Session, key: str) -> ReviewType:
    """Give a type that no workflow in use has any more, as the newest version that had it called it."""
    of = select(Span.workflow).where(Span.review_type == key)
    versions = select(DefinitionVersion.id).where(DefinitionVersion.workflow.in_(of)).order_by(DefinitionVersion.id.desc())
    for version in session.scalars(versions).all():
        if kind := catalogue.definition(session, version).workflow.review_types.get(key):
            return kind
    return ReviewType(key, key.replace("_", " ").capitalize())


def reviews_behind(session: Session, asked: Asked, cell: Cell) -> Select[Review]:
    """Select the reviews that one figure counts, by reference."""
    families: dict[str, list[str]] = {}
    for kind in review_types(session).values():
        families.setdefault(kind.family, []).append(kind.key)
    return counting.reviews_behind(session, asked, cell, families)


def term_label(session: Session, asked: Asked, vocabulary: str, code: str) -> str:
    """Give the label of a term, or of a row that is grouped; its code if it has none."""
    if asked.grouped_on:
        return next((row.label for row in counting.grouping(session, asked, vocabulary).values() if row.key == code), code)
    return catalogue.terms(session, vocabulary, on=asked.as_at, ever=True, known_at=asked.known_at).get(code, code)


def _rows(session: Session, asked: Asked, measure: str, cells: Cells, types: Iterable[str] | None) -> tuple[TermRow, ...]:
    """Give a row for every term valid on the day, and for any other that is counted, the most frequent first."""
    vocabulary = MEASURES[measure][1]
    sums: dict[str, int] = {}
    for (kind, counted, code), number in cells.items():
        if counted == measure and (types is None or kind in types):
            sums[code] = sums.get(code, 0) + number
    if asked.grouped_on:
        return _grouped_rows(session, asked, vocabulary, sums)
    valid = catalogue.terms(session, vocabulary, on=asked.as_at, known_at=asked.known_at)
    labels = {**catalogue.terms(session, vocabulary, on=asked.as_at, ever=True, known_at=asked.known_at), **valid}
    shown = [*valid, *sorted(code for code in sums if code not in valid)]
    rows = [TermRow(code, labels.get(code, code), sums.get(code, 0)) for code in shown]
    return tuple(sorted(rows, key=lambda row: -row.count))


def _grouped_rows(session: Session, asked: Asked, vocabulary: str, sums: Mapping[str, int]) -> tuple[TermRow, ...]:
    """Give a row for everything that terms in use are counted as now, and for any other that is counted."""
    grouping = counting.grouping(session, asked, vocabulary)
    worded = catalogue.terms(session, vocabulary, on=asked.grouped_on or asked.as_at, ever=True)
    in_use = catalogue.terms(session, vocabulary, on=asked.grouped_on or asked.as_at)
    labels = {row.key: row.label for row in grouping.values()}
    of = {key: tuple(worded[code] for code, row in grouping.items() if row.key == key) for key in labels}
    shown = dict.fromkeys([*(row.key for code, row in grouping.items() if code in in_use), *sorted(sums)])
    rows = [TermRow(key, labels.get(key, key), sums.get(key, 0), of[key] if len(of.get(key, ())) > 1 else ()) for key in shown]
    return tuple(sorted(rows, key=lambda row: -row.count))


def _conversions(cells: Cells, rapid: Collection[str]) -> Conversions:
    """Tell what became of the closed rapid reviews: how many converted, and the days from open to closed of those."""
    closed = sum(cells[kind, CLOSED, ""] for kind in rapid)
    by_days = [(code, number) for (kind, measure, code), number in cells.items() if measure == CONVERTED and kind in rapid]
    converted = sum(number for _, number in by_days)
    days = [int(code) for code, number in by_days if code for _ in range(number)]
    return Conversions(converted, closed - converted, float(median(days)) if days else None)
