"""From which day to which day a review was what, kept on two time axes: what was so, and when it was known.

A row is never rewritten in place: the row that turned out wrong stops being known (`known_to`) and new ones are known from then.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from collections.abc import Set as AbstractSet
from datetime import date, datetime
from typing import Any
from uuid import UUID

from sqlalchemy import insert, select, update
from sqlalchemy.orm import Session

from scrt_workflow.models import Review, Span, TermSpan
from scrt_workflow.workflows.schema import NOTHING

_OF_SPAN = ("organisation", "workflow", "review_type", "status", "state", "event_id")


def current_from(session: Session, review_id: UUID) -> date | None:
    """Give the first day of the span that a review is in as known now, or None where it has none."""
    return session.execute(
        select(Span.from_on).where(Span.review_id == review_id, Span.known_to.is_(None), Span.to_on.is_(None))
    ).scalar_one_or_none()


def continue_as(session: Session, review: Review, *, on: date, known: datetime, event_id: int) -> None:
    """Let *review* be, from day *on*, what its row says now; spans that go on past that day end with it."""
    now = _as_now(review)
    rows = _known(session, review.id)
    after = [row for row in rows if row["to_on"] is None or row["to_on"] > on]
    kept = [{**row, "to_on": on} for row in after if row["from_on"] < on]
    made = {**now, "from_on": on, "to_on": None, "event_id": event_id}
    _replace(session, review.id, after, [*kept, made], known=known)


def restate(session: Session, review: Review, *, known: datetime, never_counted: bool = False) -> None:
    """Let it always have been so: every day of *review* takes the type that its row has now.

    With *never_counted* it also counted as nothing on all of them (it was entered in error).
    """
    rows = _known(session, review.id)
    same = {"review_type": review.review_type}
    changed = [{**row, **same, **({"status": NOTHING} if never_counted else {})} for row in rows]
    if [row for row, new in zip(rows, changed, strict=True) if row != new]:
        _replace(session, review.id, rows, changed, known=known)


class OutOfOrderError(Exception):
    """A day cannot be moved past the spans beside it; *after* and *before* are the days it must stand between."""

    def __init__(self, after: date | None, before: date | None) -> None:
        """Keep the days."""
        super().__init__()
        self.after, self.before = after, before


def redate(session: Session, review_id: UUID, *, was: date, now: date, entered_by: AbstractSet[int], known: datetime) -> None:
    """Let the span that began on day *was* by one of the events *entered_by* have begun on day *now*, and its terms with it.

    Raises OutOfOrderError when *now* is not between the days on which its neighbours began.
    """
    rows = _known(session, review_id)
    at = next((n for n, row in enumerate(rows) if row["from_on"] == was and row["event_id"] in entered_by), None)
    if at is None:
        return
    earlier, later = rows[at - 1] if at else None, rows[at]["to_on"]
    if (earlier and now <= earlier["from_on"]) or (later and now >= later):
        raise OutOfOrderError(earlier["from_on"] if earlier else None, later)
    new = [dict(row) for row in rows]
    new[at]["from_on"] = now
    if earlier:
        new[at - 1]["to_on"] = now
    _replace(session, review_id, rows, new, known=known)
    _redate_terms(session, review_id, was=was, now=now, known=known)


def _redate_terms(session: Session, review_id: UUID, *, was: date, now: date, known: datetime) -> None:
    query = select(TermSpan).where(TermSpan.review_id == review_id, TermSpan.known_to.is_(None), TermSpan.from_on == was)
    rows = [row for row in session.scalars(query) if row.to_on is None or row.to_on > now]
    made = [
        {"review_id": review_id, "vocabulary": row.vocabulary, "code": row.code, "rank": row.rank, "from_on": now,
         "to_on": row.to_on, "known_from": known, "event_id": row.event_id}
        for row in rows
    ]  # fmt: skip
    if made:
        session.execute(update(TermSpan).where(TermSpan.id.in_([row.id for row in rows])).values(known_to=known))
        session.execute(insert(TermSpan), made)


def _as_now(review: Review) -> dict[str, Any]:
    return {
        "organisation": review.responsible,
        "workflow": review.workflow,
        "review_type": review.review_type,
        "status": review.status,
        "state": review.state,
    }


def _known(session: Session, review_id: UUID) -> list[dict[str, Any]]:
    columns = (Span.id, Span.from_on, Span.to_on, *(getattr(Span, name) for name in _OF_SPAN))
    query = select(*columns).where(Span.review_id == review_id, Span.known_to.is_(None)).order_by(Span.from_on)
    return [dict(row) for row in session.execute(query).mappings()]


def _replace(
    session: Session,
    review_id: UUID,
    old: Sequence[Mapping[str, Any]],
    new: Sequence[Mapping[str, Any]],
    *,
    known: datetime,
) -> None:
    """Stop knowing *old* rows and know *new* ones instead, all at *known*."""
    if old:
        session.execute(update(Span).where(Span.id.in_([row["id"] for row in old])).values(known_to=known))
    made = [
        {
            "review_id": review_id,
            "from_on": row["from_on"],
            "to_on": row["to_on"],
            "known_from": known,
            **{name: row[name] for name in _OF_SPAN},
        }
        for row in new
    ]
    if made:
        session.execute(insert(Span), made)


def set_terms(
    session: Session,
    review_id: UUID,
    vocabulary: str,
    codes: Sequence[str],
    *,
    on: date | None,
    known: datetime,
    event_id: int,
) -> None:
    """Give a review the terms *codes*, in rank order, from day *on*; with *on* None it always had them (a correction)."""
    columns = (TermSpan.id, TermSpan.code, TermSpan.rank, TermSpan.from_on, TermSpan.to_on)
    query = select(*columns).where(
        TermSpan.review_id == review_id, TermSpan.vocabulary == vocabulary, TermSpan.known_to.is_(None)
    )
    rows = session.execute(query).all()
    start = on or min((row.from_on for row in rows), default=None) or known.date()
    after = [row for row in rows if row.to_on is None or row.to_on > start]
    if after:
        session.execute(update(TermSpan).where(TermSpan.id.in_([row.id for row in after])).values(known_to=known))
    made = [(row.code, row.rank, row.from_on, start) for row in after if row.from_on < start]
    made += [(code, rank, start, None) for rank, code in enumerate(codes, 1)]
    if made:
        same = {"review_id": review_id, "vocabulary": vocabulary, "known_from": known, "event_id": event_id}
        values = [{**same, "code": code, "rank": rank, "from_on": first, "to_on": last} for code, rank, first, last in made]
        session.execute(insert(TermSpan), values)
