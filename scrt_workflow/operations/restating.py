"""Why figures that were frozen would be others today: the reviews that count otherwise, what changed, and by which step."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.orm import Session

from scrt_workflow import catalogue
from scrt_workflow.models import Event, Person, Review, Span, TermSpan
from scrt_workflow.operations.month_changes import batches, known_of, touched
from scrt_workflow.operations.net_changes import NOTHING_KNOWN, Known, first_open, standing
from scrt_workflow.permissions import ROLES, Role
from scrt_workflow.reports.figures import NEW, Asked

FOREVER = datetime(9999, 1, 1, tzinfo=UTC)
AFTER = timedelta(microseconds=1)
BY_ITSELF = {
    "review:opened": "Opened by the conversion of a rapid review",
    "review:redated": "Its first day was corrected in the review that it came from",
    "review:reminded": "A reminder was sent",
    "review:taken-back": "Taken back: the conversion was undone",
}
"""What is said of events that no step of the review itself made."""
Counts = frozenset[tuple[str, str, str, str]]
"""What one review adds to the figures: organisation, type, measure and code; nothing where it does not count."""


@dataclass(frozen=True, slots=True)
class Differing:
    """How one review counted as known when the figures were frozen, and how it counts as known now."""

    was: Counts
    now: Counts


@dataclass(frozen=True, slots=True)
class Because:
    """A step that changed what a review counts as: its title, when it was recorded and by whom."""

    title: str
    at: datetime
    by: str


def differing(session: Session, asked: Asked) -> dict[UUID, Differing]:
    """Give the reviews that count otherwise now than as known when *asked* was frozen."""
    found: dict[UUID, Differing] = {}
    if asked.known_at is None:
        return found
    for some in batches(touched(session, asked.known_at, FOREVER)):
        then, now = known_of(session, some, asked.known_at), known_of(session, some, None)
        for review in some:
            was, is_now = (counts(known.get(review, NOTHING_KNOWN), asked) for known in (then, now))
            if was != is_now:
                found[review] = Differing(was, is_now)
    return found


def counts(review: Known, asked: Asked) -> Counts:
    """Give what *review* adds to the figures that are *asked*."""
    here = {cell for cell in standing(review, asked.as_at) if cell[0] in asked.codes}
    first = first_open(review)
    if first and first.organisation in asked.codes and asked.first_day <= first.from_on <= asked.as_at:
        here.add((first.organisation, first.review_type, NEW, ""))
    return frozenset(here)


def reasons(session: Session, ids: Collection[UUID], asked: Asked) -> dict[UUID, list[Because]]:
    """Give the steps since the figures that are *asked* were frozen, by which reviews came to count otherwise."""
    if asked.known_at is None or not ids:
        return {}
    moments = _moments(session, ids, asked.known_at)
    counted = {review: counts(known, asked) for review, known in known_of(session, ids, asked.known_at).items()}
    turning: dict[UUID, list[datetime]] = defaultdict(list)
    for moment in sorted({at for review in moments.values() for at in review}):
        some = [review for review in ids if moment in moments[review]]
        then = known_of(session, some, moment + AFTER)
        for review in some:
            now = counts(then.get(review, NOTHING_KNOWN), asked)
            if now != counted.get(review, frozenset()):
                turning[review].append(moment)
            counted[review] = now
    return _steps(session, turning)


def _moments(session: Session, ids: Collection[UUID], since: datetime) -> dict[UUID, set[datetime]]:
    """Give the moments since which anything of a review, or of one that it opened, was known otherwise."""
    opened = select(Review.id, Review.converted_from_id).where(Review.converted_from_id.in_(ids))
    whose = {one: {one} for one in ids}
    for child, parent in session.execute(opened):
        if parent:
            whose.setdefault(child, set()).add(parent)
    found: dict[UUID, set[datetime]] = {one: set() for one in ids}
    for row in (Span, TermSpan):
        for moment in (row.known_from, row.known_to):
            query = select(row.review_id, moment).where(row.review_id.in_(list(whose)), moment >= since).distinct()
            for review, at in session.execute(query):
                for one in whose[review]:
                    found[one] |= {at} if at else set()
    return found


def _steps(session: Session, turning: Mapping[UUID, list[datetime]]) -> dict[UUID, list[Because]]:
    """Give the events that were recorded at those moments in the histories of those reviews."""
    streams = {f"review:{review}": review for review in turning}
    moments = sorted({at for found in turning.values() for at in found})
    query = select(Event, Person.name).outerjoin(Person, Person.id == Event.person_id)
    query = query.where(Event.stream.in_(list(streams)), Event.recorded_at.in_(moments)).order_by(Event.id)
    found: dict[UUID, list[Because]] = defaultdict(list)
    for event, name in session.execute(query):
        review = streams[event.stream]
        if event.recorded_at in turning[review]:
            found[review].append(Because(_title(session, event), event.recorded_at, ", ".join(_by(event, name))))
    return found


def _title(session: Session, event: Event) -> str:
    if event.definition_version_id is not None and event.step:
        step = catalogue.definition(session, event.definition_version_id).workflow.steps.get(event.step)
        if step:
            return step.title
    return BY_ITSELF.get(event.kind, "Moved to another version of its definition")


def _by(event: Any, name: str | None) -> Iterator[str]:
    if name:
        yield name
    if event.role in set(Role):
        yield ROLES[Role(event.role)].title
