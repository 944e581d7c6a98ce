"""From which day to which day a review was what, kept on two time axes: what was so, and when it was known.

A row is never rewritten in place: the row that turned out wrong stops being known (`known_to`) and new ones are known from then.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from collections.abc import Set as AbstractSet
from datetime import date, datetime
from typing import Any
from uuid import UUID

from sqlalchemy import BindParameter, bindparam, insert, select, update
from sqlalchemy.orm import Session

from scrt_workflow.models import Review, Span, TermSpan
from scrt_workflow.operations.tables import table_of
from scrt_workflow.workflows.schema import NOTHING

SPANS, TERMS = table_of(Span), table_of(TermSpan)
_REVIEW: BindParameter[UUID] = bindparam("review")
_OF_SPAN = ("organisation", "workflow", "review_type", "status", "state", "event_id")
KNOWN = (
    select(SPANS.c.id, SPANS.c.from_on, SPANS.c.to_on, *(SPANS.c[name] for name in _OF_SPAN))
    .where(SPANS.c.review_id == _REVIEW, SPANS.c.known_to.is_(None))
    .order_by(SPANS.c.from_on)
)
CURRENT_FROM = select(SPANS.c.from_on).where(SPANS.c.review_id == _REVIEW, SPANS.c.known_to.is_(None), SPANS.c.to_on.is_(None))
FORGET, ADD = update(SPANS).where(SPANS.c.id == bindparam("old")), insert(SPANS)
KNOWN_TERMS = select(*TERMS.c["id", "vocabulary", "code", "rank", "from_on", "to_on", "event_id"]).where(
    TERMS.c.review_id == _REVIEW, TERMS.c.known_to.is_(None)
)
FORGET_TERM, ADD_TERM = update(TERMS).where(TERMS.c.id == bindparam("old")), insert(TERMS)


def current_from(session: Session, review_id: UUID) -> date | None:
    """Give the first day of the span that a review is in as known now, or None where it has none."""
    return session.connection().execute(CURRENT_FROM, {"review": review_id}).scalar_one_or_none()


def begin(session: Session, review: Review, *, on: date, known: datetime, event_id: int) -> None:
    """Let *review*, which had no span before, be from day *on* what its row says now."""
    made = {**_as_now(review), "from_on": on, "to_on": None, "event_id": event_id}
    _replace(session, review.id, [], [made], known=known)


def continue_as(session: Session, review: Review, *, on: date, known: datetime, event_id: int) -> None:
    """Let *review* be, from day *on*, what its row says now; spans that go on past that day end with it.

    Nothing counts from before the day on which its current span began: then *on* is that day.
    """
    now = _as_now(review)
    rows = _known(session, review.id)
    on = max([on, *(row["from_on"] for row in rows if row["to_on"] is None)])
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
    known_now = session.connection().execute(KNOWN_TERMS, {"review": review_id})
    rows = [row for row in known_now if row.from_on == was and (row.to_on is None or row.to_on > now)]
    made = [
        {"review_id": review_id, "vocabulary": row.vocabulary, "code": row.code, "rank": row.rank, "from_on": now,
         "to_on": row.to_on, "known_from": known, "event_id": row.event_id}
        for row in rows
    ]  # fmt: skip
    if made:
        session.connection().execute(FORGET_TERM, [{"old": row.id, "known_to": known} for row in rows])
        session.connection().execute(ADD_TERM, made)


def _as_now(review: Review) -> dict[str, Any]:
    return {
        "organisation": review.responsible,
        "workflow": review.workflow,
        "review_type": review.review_type,
        "status": review.status,
        "state": review.state,
    }


def _known(session: Session, review_id: UUID) -> list[dict[str, Any]]:
    return [dict(row) for row in session.connection().execute(KNOWN, {"review": review_id}).mappings()]


def _replace(
    session: Session,
    review_id: UUID,
    old: Sequence[Mapping[str, Any]],
    new: Sequence[Mapping[str, Any]],
    *,
    known: datetime,
) -> None:
    """Stop knowing *old* rows and know *new* ones instead, all at *known*."""
    connection = session.connection()
    if old:
        connection.execute(FORGET, [{"old": row["id"], "known_to": known} for row in old])
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
        connection.execute(ADD, made)


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
    connection = session.connection()
    rows = [row for row in connection.execute(KNOWN_TERMS, {"review": review_id}) if row.vocabulary == vocabulary]
    start = on or min((row.from_on for row in rows), default=None) or known.date()
    after = [row for row in rows if row.to_on is None or row.to_on > start]
    if after:
        connection.execute(FORGET_TERM, [{"old": row.id, "known_to": known} for row in after])
    made = [(row.code, row.rank, row.from_on, start) for row in after if row.from_on < start]
    made += [(code, rank, start, None) for rank, code in enumerate(codes, 1)]
    if made:
        same = {"review_id": review_id, "vocabulary": vocabulary, "known_from": known, "event_id": event_id}
        values = [{**same, "code": code, "rank": rank, "from_on": first, "to_on": last} for code, rank, first, last in made]
        connection.execute(ADD_TERM, values)
