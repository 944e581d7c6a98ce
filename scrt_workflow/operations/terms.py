"""From which day to which day a review had which terms (themes, learning), on the two time axes of its spans.

The terms that one question gave a review come in sets, each given by an event from a day on until the next set. A correction
changes a set as if it had always been so; a correction of the day on which a step counts moves the set that the step gave.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime
from operator import attrgetter
from typing import Any
from uuid import UUID

from sqlalchemy import bindparam, insert, select, update
from sqlalchemy.orm import Session

from scrt_workflow.forms.schema import Question
from scrt_workflow.models import TermSpan
from scrt_workflow.operations.spans import known_moves
from scrt_workflow.operations.tables import table_of

TERMS = table_of(TermSpan)
_COPIED = ("question", "vocabulary", "code", "rank", "from_on", "to_on", "event_id", "ended_by_id")
KNOWN = select(TERMS.c.id, *(TERMS.c[name] for name in _COPIED)).where(
    TERMS.c.review_id == bindparam("review"), TERMS.c.known_to.is_(None)
)
FORGET, ADD = update(TERMS).where(TERMS.c.id == bindparam("old")), insert(TERMS)
Row = dict[str, Any]


@dataclass(frozen=True, slots=True)
class TermSet:
    """The terms that an event gave a review, in rank order, from day *on*; none where it took them away."""

    event_id: int
    on: date
    codes: tuple[str, ...]


def set_terms(
    session: Session, review_id: UUID, question: Question, codes: Sequence[str], *, on: date, known: datetime, event_id: int,
    restates: bool,
) -> None:  # fmt: skip
    """Give a review the terms *codes* from day *on*; one that *restates* always had them where it last had others.

    What was never given before counts, when a correction gives it, from the review's first day.
    """
    rows = _known(session, review_id, question.key)
    sets = _sets(rows)
    given = TermSet(event_id, on, tuple(codes))
    if restates and sets:
        given = replace(sets.pop(), codes=tuple(codes))
    elif restates and (moves := known_moves(session, review_id)):
        given = replace(given, event_id=moves[0]["event_id"], on=moves[0]["from_on"])
    _know(session, review_id, question.key, question.vocabulary or "", rows, [*sets, given], known=known)


def redate_terms(session: Session, review_id: UUID, days: Mapping[int, date], *, known: datetime) -> None:
    """Let the sets that events gave count from other days."""
    rows = _known(session, review_id)
    for question in sorted({row["question"] for row in rows}):
        of_it = [row for row in rows if row["question"] == question]
        sets = [replace(one, on=days.get(one.event_id, one.on)) for one in _sets(of_it)]
        _know(session, review_id, question, of_it[0]["vocabulary"], of_it, sets, known=known)


def _known(session: Session, review_id: UUID, question: str | None = None) -> list[Row]:
    rows = session.connection().execute(KNOWN, {"review": review_id}).mappings()
    return [dict(row) for row in rows if question in {None, row["question"]}]


def _sets(rows: Sequence[Row]) -> list[TermSet]:
    """Read the sets off their rows, in the order of their events; an empty one is known by the set that it ended."""
    days: dict[int, date] = {}
    for row in rows:
        if (ended := row["ended_by_id"]) is not None:
            days[ended] = min(days.get(ended, row["to_on"]), row["to_on"])
    days |= {row["event_id"]: row["from_on"] for row in rows}
    ranked = sorted(rows, key=lambda row: row["rank"])
    found = [TermSet(key, day, tuple(row["code"] for row in ranked if row["event_id"] == key)) for key, day in days.items()]
    return sorted(found, key=attrgetter("event_id"))


def _rows(sets: Sequence[TermSet], question: str, vocabulary: str) -> list[Row]:
    """Write the rows of *sets*: each goes on until the first day of the earliest set that an event gave after it."""
    rows = []
    for number, one in enumerate(sets):
        later = min(sets[number + 1 :], key=lambda other: (other.on, other.event_id), default=None)
        end = {"to_on": max(one.on, later.on) if later else None, "ended_by_id": later.event_id if later else None}
        same = {"question": question, "vocabulary": vocabulary, "from_on": one.on, "event_id": one.event_id, **end}
        rows += [{**same, "code": code, "rank": rank} for rank, code in enumerate(one.codes, 1)]
    return rows


def _know(
    session: Session, review_id: UUID, question: str, vocabulary: str, old: Sequence[Row], sets: Sequence[TermSet], *,
    known: datetime,
) -> None:  # fmt: skip
    """Know the rows of *sets* from the moment *known*, and *old* ones no longer where they differ."""
    wanted = _rows(sets, question, vocabulary)
    held = [{name: row[name] for name in _COPIED} for row in old]
    connection = session.connection()
    if gone := [{"old": row["id"], "known_to": known} for row, one in zip(old, held, strict=True) if one not in wanted]:
        connection.execute(FORGET, gone)
    if made := [{"review_id": review_id, "known_from": known, **row} for row in wanted if row not in held]:
        connection.execute(ADD, made)
