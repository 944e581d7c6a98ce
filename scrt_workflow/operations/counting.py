"""Which reviews count, and as what: read from their spans, at the end of a day, as known at a moment.

A review counts on a day when a span that was known at the asked moment covers that day and counts as open or closed. Every figure
is a count of the same set of reviews, so that rows and columns sum by construction; `reviews_behind` lists any of them.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from sqlalchemy import ColumnElement, Select, and_, case, exists, func, or_, select
from sqlalchemy.orm import Session, aliased

from scrt_workflow.models import Review, Span, TermSpan
from scrt_workflow.operations.vocabularies import Row, rows_now
from scrt_workflow.reports.figures import CONVERTED, MEASURES, NEW, Asked
from scrt_workflow.workflows.schema import CLOSED, OPEN

RAPID = "Rapid Review"
VOCABULARIES = {vocabulary: measure for measure, (_, vocabulary) in MEASURES.items()}
Cells = Counter[tuple[str, str, str]]
"""How many reviews, by type ("" is Not Stated), measure and code ("" where the measure has none)."""
Placed = Counter[tuple[str, str, str, str]]
"""The same, by the organisation that had them first."""


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


def begun(asked: Asked) -> Select[Any]:
    """Select the spans with which reviews were first open, where that was in the period: each is new for whose it was then."""
    earlier = aliased(Span)
    before = or_(earlier.from_on < Span.from_on, and_(earlier.from_on == Span.from_on, earlier.event_id < Span.event_id))
    was_open = exists().where(earlier.review_id == Span.review_id, earlier.status == OPEN, known(earlier, asked.known_at), before)
    here = (Span.organisation.in_(sorted(asked.codes)), Span.status == OPEN, known(Span, asked.known_at))
    return select(Span).where(*here, Span.from_on >= asked.first_day, Span.from_on <= asked.as_at, ~was_open)


def count(session: Session, asked: Asked) -> Placed:
    """Count every figure that is *asked*, by the organisation that had the reviews."""
    placed = Placed()
    where = (Span.organisation, Span.review_type)
    number = func.count()
    for place, kind, status, n in session.execute(
        counted(asked).with_only_columns(*where, Span.status, number).group_by(*where, Span.status)
    ):
        placed[place, kind or "", status, ""] += n
    for place, kind, n in session.execute(begun(asked).with_only_columns(*where, number).group_by(*where)):
        placed[place, kind or "", NEW, ""] += n
    for measure in MEASURES:
        placed += _terms(session, asked, measure)
    return placed + _converted(session, asked)


def together(placed: Placed) -> Cells:
    """Give the figures of all organisations together."""
    cells = Cells()
    for (_, *cell), number in placed.items():
        cells[cell[0], cell[1], cell[2]] += number
    return cells


def totals(session: Session, asked: Asked) -> tuple[int, int]:
    """Count the open and the closed reviews alone."""
    query = counted(asked).with_only_columns(Span.status, func.count()).group_by(Span.status)
    counts = {row[0]: row[1] for row in session.execute(query)}
    return counts.get(OPEN, 0), counts.get(CLOSED, 0)


def grouping(session: Session, asked: Asked, vocabulary: str) -> dict[str, Row]:
    """Give the row that counts each term; nothing where terms are counted as recorded."""
    return rows_now(session, vocabulary, asked.grouped_on) if asked.grouped_on else {}


def _terms(session: Session, asked: Asked, measure: str) -> Placed:
    """Count the reviews by organisation, type and term."""
    vocabulary = MEASURES[measure][1]
    query: Select[Any] = counted(asked).join(TermSpan, TermSpan.review_id == Span.review_id)
    query = query.where(TermSpan.vocabulary == vocabulary, covers(TermSpan, asked.as_at), known(TermSpan, asked.known_at))
    counts_as = {code: row.key for code, row in grouping(session, asked, vocabulary).items()}
    code = case(counts_as, value=TermSpan.code, else_=TermSpan.code) if counts_as else TermSpan.code
    where = (Span.organisation, Span.review_type)
    columns = (*where, code.label("counted_as"), func.count(Span.review_id.distinct()))
    rows = session.execute(query.with_only_columns(*columns).group_by(*where, "counted_as"))
    return Placed({(place, kind or "", measure, term): number for place, kind, term, number in rows})


def _converted(session: Session, asked: Asked) -> Placed:
    """Count the closed reviews that have opened another, by the days from their first open day to the end of their last."""
    became = counted(asked).where(Span.status == CLOSED, opened(asked))
    ids = became.with_only_columns(Span.review_id).scalar_subquery()
    was_open = select(Span.review_id, func.min(Span.from_on), func.max(Span.to_on)).where(
        Span.status == OPEN, known(Span, asked.known_at), Span.to_on <= asked.as_at, Span.review_id.in_(ids)
    )
    days = {
        review: str((last - first).days) for review, first, last in session.execute(was_open.group_by(Span.review_id)) if last
    }
    rows = session.execute(became.with_only_columns(Span.review_id, Span.organisation, Span.review_type))
    return Placed((place, kind or "", CONVERTED, days.get(review, "")) for review, place, kind in rows)


def opened(asked: Asked) -> ColumnElement[bool]:
    """Say whether the review of a span has opened another by the day asked for, which nobody has taken back.

    One that was closed without a further review on the day, and was reopened and converted later, had not converted yet.
    """
    child, first_day, moment = aliased(Review), aliased(Span), asked.known_at
    had_begun = exists().where(first_day.review_id == child.id, known(first_day, moment), first_day.from_on <= asked.as_at)
    became = [child.converted_from_id == Span.review_id, had_begun]
    if moment is None:
        return exists().where(*became, child.withdrawn_at.is_(None))
    living = or_(child.withdrawn_at.is_(None), child.withdrawn_at >= moment)
    return exists().where(*became, living, child.created_at < moment)


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


def reviews_behind(session: Session, asked: Asked, cell: Cell, families: Mapping[str, Iterable[str]]) -> Select[Review]:
    """Select the reviews that one figure counts, by reference; *families* says which types each has."""
    query: Select[Any] = (begun(asked) if cell.new else counted(asked)).with_only_columns(Span.review_id)
    if cell.review_type is not None:
        query = query.where(Span.review_type == cell.review_type if cell.review_type else Span.review_type.is_(None))
    if cell.family is not None:
        query = query.where(Span.review_type.in_(families.get(cell.family, ())))
    if cell.status is not None and not cell.new:
        query = query.where(Span.status == cell.status)
    if cell.converted is not None:
        became = opened(asked) if cell.converted else ~opened(asked)
        query = query.where(Span.status == CLOSED, Span.review_type.in_(families.get(RAPID, ())), became)
    if cell.code is not None:
        groups = grouping(session, asked, cell.vocabulary or "")
        codes = [code for code, row in groups.items() if row.key == cell.code] if groups else [cell.code]
        is_one = (TermSpan.vocabulary == cell.vocabulary, TermSpan.code.in_(codes))
        term = exists().where(TermSpan.review_id == Span.review_id, *is_one)
        query = query.where(term.where(covers(TermSpan, asked.as_at), known(TermSpan, asked.known_at)))
    return select(Review).where(Review.id.in_(query.scalar_subquery())).order_by(Review.reference)
