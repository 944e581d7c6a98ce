"""What needs a person: the reviews that wait for a step of theirs, the overdue first."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date

from sqlalchemy import ColumnElement, Select, and_, false, func, not_, or_, select
from sqlalchemy.orm import Session

from scrt_workflow import catalogue
from scrt_workflow.actors import Actor
from scrt_workflow.models import DefinitionVersion, Review
from scrt_workflow.operations import finding
from scrt_workflow.operations.awaited import unmet_beforehand
from scrt_workflow.operations.records import access_to, record_of
from scrt_workflow.workflows.ahead import coming_next, updating_steps
from scrt_workflow.workflows.schema import CLOSED, OPEN, Definition, Step

SHOWN, MOST_APPROVALS, COUNTED_TO = 10, 200, 1000
Taken = Mapping[tuple[int, str], tuple[Step, ...]]
"""For a version of a definition and a state of it, steps that may be taken there."""


@dataclass(frozen=True, slots=True)
class Need:
    """A review that waits for *steps* of this person; *overdue_by* is how many days its update is late, if it is."""

    review: Review
    definition: Definition
    steps: tuple[Step, ...]
    overdue_by: int | None = None


@dataclass(frozen=True, slots=True)
class Waiting:
    """The first reviews that wait for someone, and how many there are in all (to COUNTED_TO)."""

    needs: list[Need]
    total: int


@dataclass(frozen=True, slots=True)
class Overview:
    """How many reviews that someone may see are open, and of how many of those the update is overdue."""

    open: int
    overdue: int


def overview(session: Session, actor: Actor, *, today: date) -> Overview:
    """Count the open reviews that *actor* may see, and those of them whose update is overdue."""
    late = func.count().filter(Review.next_due_on < today)
    counted = finding.visible_reviews(actor).where(Review.status == OPEN).with_only_columns(func.count(), late)
    return Overview(*session.execute(counted).one())


def approvals_wanted(session: Session, actor: Actor) -> list[Need]:
    """Give the reviews that wait for an approval that *actor* may give, the longest waiting first; none of their own work."""
    versions = _definitions(session)
    taken = _taken(versions, is_approval=True)
    here = _where(actor, taken)
    if not here:
        return []
    query = select(Review).where(or_(*here), Review.withdrawn_at.is_(None)).order_by(Review.state_since, Review.id)
    found = []
    for review in session.scalars(query.limit(MOST_APPROVALS)):
        definition = versions[review.definition_version_id]
        record = record_of(session, review, definition)
        steps = taken[review.definition_version_id, review.state]
        open_ones = tuple(step for step in steps if access_to(record, step, actor).refusal is None)
        found += [Need(review, definition, open_ones)] if open_ones else []
    return found


def updates_overdue(session: Session, actor: Actor, *, today: date) -> Waiting:
    """Give the reviews whose update is overdue and is *actor*'s to give, the longest overdue first."""
    versions = _definitions(session)
    updates, onward = _updates(versions), _taken(versions, is_approval=False)
    here = _where(actor, updates)
    if not here:
        return Waiting([], 0)
    query = select(Review).where(or_(*here), Review.next_due_on < today, Review.withdrawn_at.is_(None))
    needs = []
    for review in session.scalars(query.order_by(Review.next_due_on, Review.id).limit(SHOWN)):
        place, definition = (review.definition_version_id, review.state), versions[review.definition_version_id]
        need = _need(session, actor, review, definition, (*updates.get(place, ()), *onward.get(place, ())))
        needs.append(replace(need, overdue_by=(today - (review.next_due_on or today)).days))
    return Waiting(needs, _count(session, query))


def steps_waiting(session: Session, actor: Actor, *, today: date) -> Waiting:
    """Give the other reviews that wait for a step of *actor*: those first whose update is due soonest, the closed ones last."""
    versions = _definitions(session)
    onward, updates = _taken(versions, is_approval=False), _updates(versions)
    here = _where(actor, onward)
    if not here:
        return Waiting([], 0)
    late = and_(Review.next_due_on < today, or_(false(), *_where(actor, updates)))
    query = select(Review).where(or_(*here), Review.withdrawn_at.is_(None), not_(func.coalesce(late, false())))
    ended_last = Review.status == CLOSED
    first = query.order_by(ended_last, Review.next_due_on.is_(None), Review.next_due_on, Review.state_since, Review.id).limit(
        SHOWN
    )
    needs = []
    for review in session.scalars(first):
        definition = versions[review.definition_version_id]
        steps = onward.get((review.definition_version_id, review.state), ())
        needs.append(_need(session, actor, review, definition, steps))
    return Waiting(needs, _count(session, query))


def _need(session: Session, actor: Actor, review: Review, definition: Definition, steps: Sequence[Step]) -> Need:
    """Give what a review needs of *actor*: those of *steps* that are theirs, or what must precede them."""
    mine = tuple(step for step in steps if actor.covering(review.responsible, step.who))
    if not any(step.needs for step in mine):
        return Need(review, definition, mine)
    record = record_of(session, review, definition)
    found: dict[str, Step] = {}
    for step in mine:
        obstacle = unmet_beforehand(record, step)
        instead = (step,) if obstacle is None else () if obstacle.stays else obstacle.by
        found |= {one.key: one for one in instead if actor.covering(review.responsible, one.who)}
    return Need(review, definition, tuple(found.values()))


def _count(session: Session, query: Select[Review]) -> int:
    some = query.with_only_columns(Review.id).limit(COUNTED_TO + 1).subquery()
    return session.execute(select(func.count()).select_from(some)).scalar_one()


def _definitions(session: Session) -> dict[int, Definition]:
    return {one: catalogue.definition(session, one) for one in session.scalars(select(DefinitionVersion.id))}


def _updates(versions: Mapping[int, Definition]) -> Taken:
    """Give the steps by which the update that is due in each state is given."""
    return {
        (version, state): steps
        for version, found in versions.items()
        for state in found.workflow.states
        if (steps := tuple(updating_steps(found.workflow, state)))
    }


def _taken(versions: Mapping[int, Definition], *, is_approval: bool) -> Taken:
    """Give the steps that take a review on from each state: those that approve, or the others."""
    return {
        (version, state): steps
        for version, found in versions.items()
        for state in found.workflow.states
        if (steps := tuple(one.step for one in coming_next(found.workflow, state) if one.step.is_approval == is_approval))
    }


def _where(actor: Actor, taken: Taken) -> list[ColumnElement[bool]]:
    """Narrow to the states in which a role that *actor* holds may take a step, where it is held."""
    found: list[ColumnElement[bool]] = []
    for held in actor.held:
        by_version: dict[int, list[str]] = {}
        for (version, state), steps in taken.items():
            if any(held.role in step.who for step in steps):
                by_version.setdefault(version, []).append(state)
        for version, states in by_version.items():
            parts = [Review.definition_version_id == version, Review.state.in_(states)]
            parts += [] if held.everywhere else [Review.responsible.in_(sorted(held.covers))]
            found.append(and_(*parts))
    return found
