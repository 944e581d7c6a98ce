"""From which day to which day a review was what, kept on two time axes: what was so, and when it was known.

A row is never rewritten in place: the row that turned out wrong stops being known (`known_to`) and new ones are known from then.

The rows of a review that are known now are its moves, one each, in the order of the events that made them. A move that was
followed by another on the same day has a row of no days: it covers no day, so that nothing counts it, but it is not
forgotten, and a correction of either day finds it (docs/decisions/spans-on-two-axes.md).
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from itertools import pairwise, takewhile
from typing import Any
from uuid import UUID

from sqlalchemy import BindParameter, bindparam, insert, select, update
from sqlalchemy.orm import Session

from scrt_workflow.models import Review, Span
from scrt_workflow.operations.tables import table_of
from scrt_workflow.workflows.schema import NOTHING

SPANS = table_of(Span)
_REVIEW: BindParameter[UUID] = bindparam("review")
_SAYS = ("organisation", "workflow", "review_type", "status", "state")
_COPIED = (*_SAYS, "from_on", "to_on", "event_id")
KNOWN = (
    select(SPANS.c.id, *(SPANS.c[name] for name in _COPIED))
    .where(SPANS.c.review_id == _REVIEW, SPANS.c.known_to.is_(None))
    .order_by(SPANS.c.event_id)
)
KNOWN_OF_ALL = (
    select(SPANS.c.id, SPANS.c.review_id, *(SPANS.c[name] for name in _COPIED))
    .where(SPANS.c.review_id.in_(bindparam("reviews", expanding=True)), SPANS.c.known_to.is_(None))
    .order_by(SPANS.c.event_id)
)
FORGET, ADD = update(SPANS).where(SPANS.c.id == bindparam("old")), insert(SPANS)
Row = dict[str, Any]


@dataclass(frozen=True, slots=True)
class Redated:
    """The day on which a move now counts; one that only kept an older answer *waits* for the move before it."""

    day: date
    waits: bool = False


class OutOfOrderError(Exception):
    """The move of event *event_id* cannot be dated so; *after* and *before* are the days that it must stand between."""

    def __init__(self, event_id: int, after: date | None, before: date | None) -> None:
        """Keep which it is, and the days."""
        super().__init__()
        self.event_id, self.after, self.before = event_id, after, before


def known_moves(session: Session, review_id: UUID) -> list[Row]:
    """Give the rows of a review that are known now, in the order of their events."""
    return [dict(row) for row in session.connection().execute(KNOWN, {"review": review_id}).mappings()]


def days_of_moves(session: Session, review_id: UUID) -> dict[int, date]:
    """Give, by the events that made them, the days on which the moves of a review count as known now."""
    return {row["event_id"]: row["from_on"] for row in known_moves(session, review_id)}


def begin(session: Session, review: Review, *, on: date, known: datetime, event_id: int) -> None:
    """Let *review*, which had no span before, be from day *on* what its row says now."""
    _know(session, review.id, [], [{**_as_now(review), "from_on": on, "event_id": event_id}], known=known)


def continue_as(session: Session, review: Review, *, on: date, known: datetime, event_id: int) -> None:
    """Let *review* be, from day *on*, what its row says now; not before the day on which it came to where it was."""
    rows = known_moves(session, review.id)
    made = {**_as_now(review), "from_on": max(on, rows[-1]["from_on"]), "event_id": event_id}
    _know(session, review.id, rows, [*rows, made], known=known)


@dataclass(frozen=True, slots=True)
class Renamed:
    """A review whose stage is called otherwise under another version of its definition, or counts otherwise from day *on*."""

    review_id: UUID
    event_id: int
    known: datetime
    state: str
    status: str
    on: date | None = None


def rename_all(session: Session, renamed: Sequence[Renamed]) -> None:
    """Let many reviews be in a stage of another name since they came to where they are, or from a day on count otherwise."""
    rows: dict[UUID, list[Row]] = {}
    if renamed:
        for row in session.connection().execute(KNOWN_OF_ALL, {"reviews": [one.review_id for one in renamed]}).mappings():
            rows.setdefault(row["review_id"], []).append(dict(row))
    for one in renamed:
        held = rows.get(one.review_id, [])
        if not held:
            continue
        last = {**held[-1], "state": one.state, "status": one.status}
        if one.on is None:
            new = [*held[:-1], last]
        else:
            new = [*held, {**last, "from_on": max(one.on, last["from_on"]), "event_id": one.event_id}]
        _know(session, one.review_id, held, new, known=one.known)


def retype(session: Session, review: Review, *, was: str | None, known: datetime) -> None:
    """Let *review* always have been of the type that its row has now, where it last was of type *was*.

    A type that it had before an ordinary change stays: that change was no mistake.
    """
    rows = known_moves(session, review.id)
    last = len(list(takewhile(lambda row: row["review_type"] == was, reversed(rows))))
    first = len(rows) - last
    changed = [{**row, "review_type": review.review_type} for row in rows[first:]]
    _know(session, review.id, rows, [*rows[:first], *changed], known=known)


def never_count(session: Session, review: Review, *, known: datetime) -> None:
    """Let *review* have counted as nothing on all its days: it was entered in error."""
    rows = known_moves(session, review.id)
    _know(session, review.id, rows, [{**row, "status": NOTHING} for row in rows], known=known)


def take_back(session: Session, review: Review, undone: int, *, on: date, known: datetime, event_id: int) -> date:
    """Let the move of event *undone*, and what came after it, never have been: a mistake that is undone on day *on*.

    Where *review* is now not what it was before that move, it is so from day *on*. Gives the day since which it is.
    """
    rows = known_moves(session, review.id)
    kept = [row for row in rows if row["event_id"] < undone]
    now = _as_now(review)
    if not kept or any(kept[-1][name] != now[name] for name in _SAYS):
        day = max(on, kept[-1]["from_on"]) if kept else rows[0]["from_on"]
        kept.append({**now, "from_on": day, "event_id": event_id})
    _know(session, review.id, rows, kept, known=known)
    since: date = kept[-1]["from_on"]
    return since


def redate(session: Session, review_id: UUID, moved: Mapping[int, Redated], *, known: datetime) -> date:
    """Let moves, by the events that made them, have been on other days, all of them at once; moves stay in their order.

    Gives the day since which the review is what it is. Raises OutOfOrderError.
    """
    rows = known_moves(session, review_id)
    new: list[Row] = []
    for row in rows:
        to = moved.get(row["event_id"])
        day = to.day if to else row["from_on"]
        new.append({**row, "from_on": max(day, new[-1]["from_on"]) if to and to.waits and new else day})
    for number, (one, other) in enumerate(pairwise(new)):
        if one["from_on"] > other["from_on"]:
            at = number + 1 if other["event_id"] in moved else number
            days = [row["from_on"] for row in new]
            raise OutOfOrderError(new[at]["event_id"], days[at - 1] if at else None, dict(enumerate(days)).get(at + 1))
    _know(session, review_id, rows, new, known=known)
    since: date = new[-1]["from_on"]
    return since


def _as_now(review: Review) -> Row:
    return {
        "organisation": review.responsible,
        "workflow": review.workflow,
        "review_type": review.review_type,
        "status": review.status,
        "state": review.state,
    }


def _know(session: Session, review_id: UUID, old: Sequence[Row], new: Sequence[Row], *, known: datetime) -> None:
    """Know *new* rows from the moment *known*, each going on until the next, and *old* ones no longer where they differ."""
    ends = [*(row["from_on"] for row in new[1:]), None]
    wanted = [{name: {**row, "to_on": to_on}[name] for name in _COPIED} for row, to_on in zip(new, ends, strict=True)]
    held = [{name: row[name] for name in _COPIED} for row in old]
    connection = session.connection()
    if gone := [{"old": row["id"], "known_to": known} for row, one in zip(old, held, strict=True) if one not in wanted]:
        connection.execute(FORGET, gone)
    if made := [{"review_id": review_id, "known_from": known, **row} for row in wanted if row not in held]:
        connection.execute(ADD, made)
