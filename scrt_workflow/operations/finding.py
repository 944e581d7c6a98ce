"""Finding reviews: every read starts from what the reader may see, so a list and a page cannot disagree (AZ2, AZ3)."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from uuid import UUID

from sqlalchemy import ColumnElement, Select, and_, bindparam, false, func, or_, select
from sqlalchemy.orm import InstrumentedAttribute, Session

from scrt_workflow.actors import Actor
from scrt_workflow.models import Identifier, Review
from scrt_workflow.operations.answering import identifier_key
from scrt_workflow.text_rules import search_key

PAGE_SIZE = 25
MOST_WORDS = 8
REFERENCE = re.compile("[A-Z0-9-]{1,20}")
COUNTED_TO = 1000
"""Past this many the list says 'more than': an exact count costs more than the page."""
FEW = 8 * PAGE_SIZE
"""So many, found among very many, are put in order alone: looking for them in the order of all could pass over every review."""


class NoSuchReviewError(LookupError):
    """There is no such review for this reader: it does not exist, or is not theirs to see, and nothing tells which."""


@dataclass(frozen=True, slots=True)
class Wanted:
    """What a list of reviews is narrowed to; what is empty, or None, does not narrow it.

    `organisations` are codes, `stages` pairs of a workflow and a state, `overdue_on` a day on which an update was overdue.
    `due_from` and `due_before` narrow to a deadline that is due on the one or later, and before the other.
    """

    organisations: frozenset[str] | None = None
    status: str = ""
    review_type: str = ""
    stages: tuple[tuple[str, str], ...] | None = None
    identifier_type: str = ""
    identifier: str = ""
    words: str = ""
    overdue_on: date | None = None
    due_from: date | None = None
    due_before: date | None = None
    sort: str = "updated"
    newest_first: bool = True
    after: str = ""


@dataclass(frozen=True, slots=True)
class Found:
    """A page of reviews, the cursor of the next (None: this is the last), and how many there are in all (at most COUNTED_TO)."""

    reviews: Sequence[Review]
    next_after: str | None
    total: int


SORTS: dict[str, InstrumentedAttribute[date] | InstrumentedAttribute[str]] = {
    "updated": Review.last_update_on,
    "since": Review.state_since,
    "reference": Review.reference,
    "deadline": Review.deadline_on,
}
NOT_STATED = "not_stated"


def visible_reviews(actor: Actor) -> Select[Review]:
    """Select the reviews that *actor* may see."""
    if actor.sees_everything:
        return select(Review)
    return select(Review).where(Review.responsible.in_(sorted(actor.visible_codes)))


ONE = select(Review).where(Review.id == bindparam("review_id"))


def find_review(session: Session, actor: Actor, review_id: UUID) -> Review:
    """Give a review that *actor* may see; raises NoSuchReviewError."""
    return seen_by(actor, session.scalars(ONE, {"review_id": review_id}).one_or_none())


def seen_by(actor: Actor, review: Review | None) -> Review:
    """Give *review*, looked for by its id, if there is one and *actor* may see it; raises NoSuchReviewError.

    It is asked here and not in the statement, where a list of organisations takes as long as finding the review.
    """
    if review is None or not actor.sees(review.responsible):
        raise NoSuchReviewError
    return review


def list_reviews(session: Session, actor: Actor, wanted: Wanted) -> Found:
    """List the reviews that *actor* may see and that are *wanted*, a page at a time by keyset."""
    narrowing = _narrowing(wanted)
    narrowed = visible_reviews(actor).where(*narrowing)
    counted = narrowed.with_only_columns(Review.id).limit(COUNTED_TO + 1)
    if narrowing:
        ids = session.scalars(counted).all()
        total = len(ids)
        if total <= FEW:
            narrowed = select(Review).where(Review.id.in_(ids))
    else:
        total = session.execute(select(func.count()).select_from(counted.subquery())).scalar_one()
    column = SORTS.get(wanted.sort, Review.last_update_on)
    order = (column.desc(), Review.id.desc()) if wanted.newest_first else (column.asc(), Review.id.asc())
    page = narrowed.where(*_after(wanted, column)).order_by(*order).limit(PAGE_SIZE + 1)
    rows = list(session.scalars(page))
    more = len(rows) > PAGE_SIZE
    last = rows[PAGE_SIZE - 1] if more else None
    return Found(rows[:PAGE_SIZE], f"{getattr(last, column.key)}~{last.id}" if last else None, total)


def _narrowing(wanted: Wanted) -> list[ColumnElement[bool]]:
    found: list[ColumnElement[bool]] = []
    if wanted.organisations is not None:
        found.append(Review.responsible.in_(sorted(wanted.organisations)))
    if wanted.status:
        found.append(Review.status == wanted.status)
    if wanted.stages is not None:
        at = [and_(Review.workflow == workflow, Review.state == state) for workflow, state in wanted.stages]
        found.append(or_(false(), *at))
    found += _due(wanted)
    if wanted.review_type:
        blank = wanted.review_type == NOT_STATED
        found.append(Review.review_type.is_(None) if blank else Review.review_type == wanted.review_type)
    if wanted.identifier or wanted.identifier_type:
        found.append(Review.id.in_(_identified(wanted)))
    words = search_key(wanted.words).split()[:MOST_WORDS]
    return found + [Review.search_text.contains(word, autoescape=True) for word in words]


def _due(wanted: Wanted) -> list[ColumnElement[bool]]:
    """Narrow to updates that are overdue, and to deadlines that are due between two days."""
    found: list[ColumnElement[bool]] = []
    if wanted.overdue_on is not None:
        found.append(Review.next_due_on < wanted.overdue_on)
    if wanted.due_from is not None:
        found.append(Review.deadline_on >= wanted.due_from)
    if wanted.due_before is not None:
        found.append(Review.deadline_on < wanted.due_before)
    return found


def _identified(wanted: Wanted) -> Select[UUID]:
    query = select(Identifier.review_id)
    if wanted.identifier_type:
        query = query.where(Identifier.type == wanted.identifier_type)
    if wanted.identifier:
        query = query.where(Identifier.reference_key.startswith(identifier_key(wanted.identifier), autoescape=True))
    return query


def _after(wanted: Wanted, column: InstrumentedAttribute[date] | InstrumentedAttribute[str]) -> list[ColumnElement[bool]]:
    """Narrow to what comes after the cursor, in one range of an index; a cursor that is not one is left alone."""
    value_text, _, id_text = wanted.after.partition("~")
    try:
        last = UUID(id_text)
        value = _reference(value_text) if column is Review.reference else date.fromisoformat(value_text)
    except ValueError:
        return []
    if wanted.newest_first:
        return [column <= value, or_(column < value, Review.id < last)]
    return [column >= value, or_(column > value, Review.id > last)]


def _reference(text: str) -> str:
    """Give *text* if it can be a review's reference; raises ValueError."""
    if not REFERENCE.fullmatch(text):
        raise ValueError(text)
    return text
