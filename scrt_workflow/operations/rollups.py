"""Month-end figures, counted from spans: what was open and closed on the last day, of which type, with which themes.

A review counts on a day when a span that was known at the asked moment covers that day and counts as open or closed. Every
figure is a count of the same set of reviews, so that rows and columns sum by construction; `reviews_behind` lists any of them.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from statistics import median
from typing import Any

from sqlalchemy import ColumnElement, Select, and_, case, exists, func, or_, select
from sqlalchemy.orm import Session, aliased

from scrt_workflow import catalogue, reference
from scrt_workflow.models import Organisation, Review, Span, TermSpan
from scrt_workflow.operations.organisations import covered_codes, find_organisation
from scrt_workflow.operations.vocabularies import Row, rows_now
from scrt_workflow.reports.figures import MEASURES, Asked, Conversions, Rollup, TermRow, TypeRow
from scrt_workflow.workflows.schema import CLOSED, OPEN, ReviewType
from scrt_workflow.working_days import end_of_month, local_midnight

NOT_STATED = ReviewType("", reference.NOT_STATED)
RAPID = "Rapid Review"
FAMILIES = ("DHR", "CSPR", "SAR", RAPID)


def month_asked(
    session: Session, organisation: str, month: str, *, known_on: date | None = None, grouped_on: date | None = None
) -> Asked:
    """Ask for the end of *month* (`2024-10`) of *organisation*, as known at the end of *known_on*, its terms grouped as on a day.

    Counted is what the organisation answers for on that day. Raises ValueError, or NoSuchOrganisationError.
    """
    as_at = end_of_month(date.fromisoformat(f"{month}-01"))
    known_at = local_midnight(known_on + timedelta(days=1)) if known_on else None
    find_organisation(session, organisation)
    return Asked(organisation, covered_codes(session, organisation, as_at), as_at, known_at, grouped_on)


def roll_up(session: Session, asked: Asked) -> Rollup:
    """Count the month-end figures that are *asked*."""
    types = review_types(session)
    organisation = session.get_one(Organisation, asked.organisation)
    terms = {measure: _term_counts(session, asked, vocabulary) for measure, (_, vocabulary) in MEASURES.items()}
    families = [*FAMILIES, *sorted({kind.family for kind in types.values() if kind.family} - set(FAMILIES))]
    return Rollup(
        asked=asked,
        name=organisation.name,
        by_type=_by_type(session, asked, types),
        new=session.execute(select(func.count()).select_from(_new(asked).subquery())).scalar_one(),
        terms={measure: _rows(session, asked, MEASURES[measure][1], counts, None) for measure, counts in terms.items()},
        terms_by_family={
            measure: {
                family: _rows(session, asked, MEASURES[measure][1], counts, {k.key for k in types.values() if k.family == family})
                for family in families
            }
            for measure, counts in terms.items()
        },
        conversions=_conversions(session, asked, types),
    )


def review_types(session: Session) -> dict[str, ReviewType]:
    """Give every type a review may have: the collection's own first, then those of other workflows, then Not Stated."""
    found = {row.code: ReviewType(row.code, row.label, row.family, row.converted) for row in reference.review_types()}
    for _, definition in catalogue.live_definitions(session).values():
        found |= {key: kind for key, kind in definition.workflow.review_types.items() if key not in found}
    used = select(Span.review_type).where(Span.review_type.is_not(None)).distinct()
    for key in session.scalars(used):
        found.setdefault(str(key), ReviewType(str(key), str(key).replace("_", " ").capitalize()))
    return {**found, "": NOT_STATED}


def known(row: type[Span | TermSpan] | Any, moment: datetime | None) -> ColumnElement[bool]:
    """Narrow to what was known at *moment* (None: now)."""
    if moment is None:
        return row.known_to.is_(None)
    return and_(row.known_from < moment, or_(row.known_to.is_(None), row.known_to >= moment))


def covers(row: type[Span | TermSpan] | Any, day: date) -> ColumnElement[bool]:
    """Narrow to what was so on *day*."""
    return and_(row.from_on <= day, or_(row.to_on.is_(None), row.to_on > day))


def counted(asked: Asked) -> Select[Any]:
    """Select the spans that the figures count: one for each review that was open or closed on the day."""
    here = (Span.organisation.in_(sorted(asked.codes)), Span.status.in_([OPEN, CLOSED]))
    return select(Span).where(*here, covers(Span, asked.as_at), known(Span, asked.known_at))


def _by_type(session: Session, asked: Asked, types: Mapping[str, ReviewType]) -> tuple[TypeRow, ...]:
    query = counted(asked).with_only_columns(Span.review_type, Span.status, func.count()).group_by(Span.review_type, Span.status)
    counts = {(kind or "", status): number for kind, status, number in session.execute(query)}
    return tuple(
        TypeRow(key, kind.title, kind.family, counts.get((key, OPEN), 0), counts.get((key, CLOSED), 0))
        for key, kind in types.items()
    )


def totals(session: Session, asked: Asked) -> tuple[int, int]:
    """Count the open and the closed reviews alone."""
    query = counted(asked).with_only_columns(Span.status, func.count()).group_by(Span.status)
    counts = {row[0]: row[1] for row in session.execute(query)}
    return counts.get(OPEN, 0), counts.get(CLOSED, 0)


def term_label(session: Session, asked: Asked, vocabulary: str, code: str) -> str:
    """Give the label of a term, or of a row that is grouped; its code if it has none."""
    if asked.grouped_on:
        return next((row.label for row in _grouping(session, asked, vocabulary).values() if row.key == code), code)
    return catalogue.terms(session, vocabulary, on=asked.as_at, ever=True, known_at=asked.known_at).get(code, code)


def _grouping(session: Session, asked: Asked, vocabulary: str) -> dict[str, Row]:
    """Give the row that counts each term; nothing where terms are counted as recorded."""
    return rows_now(session, vocabulary, asked.grouped_on) if asked.grouped_on else {}


def _new(asked: Asked) -> Select[Any]:
    """Select the reviews whose first open day falls in the month."""
    begun = select(Span.review_id).where(
        Span.status == OPEN, Span.organisation.in_(sorted(asked.codes)), known(Span, asked.known_at)
    )
    begun = begun.group_by(Span.review_id)
    return begun.having(func.min(Span.from_on) >= asked.first_day, func.min(Span.from_on) <= asked.as_at)


def _term_counts(session: Session, asked: Asked, vocabulary: str) -> dict[tuple[str, str], int]:
    """Count the reviews by type and term."""
    query: Select[Any] = counted(asked).join(TermSpan, TermSpan.review_id == Span.review_id)
    query = query.where(TermSpan.vocabulary == vocabulary, covers(TermSpan, asked.as_at), known(TermSpan, asked.known_at))
    counts_as = {code: row.key for code, row in _grouping(session, asked, vocabulary).items()}
    code = case(counts_as, value=TermSpan.code, else_=TermSpan.code) if counts_as else TermSpan.code
    columns = (Span.review_type, code.label("counted_as"), func.count(Span.review_id.distinct()))
    rows = session.execute(query.with_only_columns(*columns).group_by(Span.review_type, "counted_as"))
    return {(kind or "", code): number for kind, code, number in rows}


def _rows(
    session: Session, asked: Asked, vocabulary: str, counts: Mapping[tuple[str, str], int], types: Iterable[str] | None
) -> tuple[TermRow, ...]:
    """Give a row for every term valid on the day, and for any other that is counted, the most frequent first."""
    sums: dict[str, int] = {}
    for (kind, code), number in counts.items():
        if types is None or kind in types:
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
    grouping = _grouping(session, asked, vocabulary)
    worded = catalogue.terms(session, vocabulary, on=asked.grouped_on or asked.as_at, ever=True)
    in_use = catalogue.terms(session, vocabulary, on=asked.grouped_on or asked.as_at)
    labels = {row.key: row.label for row in grouping.values()}
    of = {key: tuple(worded[code] for code, row in grouping.items() if row.key == key) for key in labels}
    shown = dict.fromkeys([*(row.key for code, row in grouping.items() if code in in_use), *sorted(sums)])
    rows = [TermRow(key, labels.get(key, key), sums.get(key, 0), of[key] if len(of.get(key, ())) > 1 else ()) for key in shown]
    return tuple(sorted(rows, key=lambda row: -row.count))


def _conversions(session: Session, asked: Asked, types: Mapping[str, ReviewType]) -> Conversions:
    """Tell what became of the closed rapid reviews: how many converted, and the days from open to closed of those."""
    query = counted(asked).where(Span.status == CLOSED, Span.review_type.in_(_of_family(types, RAPID)))
    rows = session.execute(query.with_only_columns(Span.review_id, _opened(asked).label("converted"))).all()
    converted = [row.review_id for row in rows if row.converted]
    was_open = select(func.min(Span.from_on).label("first"), func.max(Span.to_on).label("last")).where(
        Span.status == OPEN, known(Span, asked.known_at), Span.to_on <= asked.as_at, Span.review_id.in_(converted)
    )
    days = [(row.last - row.first).days for row in session.execute(was_open.group_by(Span.review_id))] if converted else []
    return Conversions(len(converted), len(rows) - len(converted), float(median(days)) if days else None)


def _of_family(types: Mapping[str, ReviewType], family: str) -> list[str]:
    """Give the types of a family."""
    return [key for key, kind in types.items() if kind.family == family]


def _opened(asked: Asked) -> ColumnElement[bool]:
    """Say whether the review of a span has opened another by the day asked for, which nobody has taken back.

    One that was closed without a further review on the day, and was reopened and converted later, had not converted yet.
    """
    child, first_day, moment = aliased(Review), aliased(Span), asked.known_at
    begun = exists().where(first_day.review_id == child.id, known(first_day, moment), first_day.from_on <= asked.as_at)
    opened = [child.converted_from_id == Span.review_id, begun]
    if moment is None:
        return exists().where(*opened, child.withdrawn_at.is_(None))
    living = or_(child.withdrawn_at.is_(None), child.withdrawn_at >= moment)
    return exists().where(*opened, living, child.created_at < moment)


@dataclass(frozen=True, slots=True)
class Cell:
    """One figure of a rollup, by what narrows it: a type key ("" is Not Stated), a family, a status, a term, new ones.

    *converted* narrows to the closed rapid reviews: to those that converted (True), or did not.
    """

    review_type: str | None = None
    family: str | None = None
    status: str | None = None
    vocabulary: str | None = None
    code: str | None = None
    new: bool = False
    converted: bool | None = None


def reviews_behind(session: Session, asked: Asked, cell: Cell) -> Select[Review]:
    """Select the reviews that one figure counts, by reference."""
    query: Select[Any] = _new(asked) if cell.new else counted(asked).with_only_columns(Span.review_id)
    if cell.review_type is not None:
        query = query.where(Span.review_type == cell.review_type if cell.review_type else Span.review_type.is_(None))
    if cell.family is not None:
        query = query.where(Span.review_type.in_(_of_family(review_types(session), cell.family)))
    if cell.status is not None and not cell.new:
        query = query.where(Span.status == cell.status)
    if cell.converted is not None:
        opened = _opened(asked) if cell.converted else ~_opened(asked)
        rapid = _of_family(review_types(session), RAPID)
        query = query.where(Span.status == CLOSED, Span.review_type.in_(rapid), opened)
    if cell.code is not None:
        grouping = _grouping(session, asked, cell.vocabulary or "")
        codes = [code for code, row in grouping.items() if row.key == cell.code] if grouping else [cell.code]
        is_one = (TermSpan.vocabulary == cell.vocabulary, TermSpan.code.in_(codes))
        term = exists().where(TermSpan.review_id == Span.review_id, *is_one)
        query = query.where(term.where(covers(TermSpan, asked.as_at), known(TermSpan, asked.known_at)))
    return select(Review).where(Review.id.in_(query.scalar_subquery())).order_by(Review.reference)
