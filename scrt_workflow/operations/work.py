"""What needs a person: the reviews that wait for a step of theirs, the overdue first."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import date
from typing import Any

from sqlalchemy import ColumnElement, and_, func, or_, select
from sqlalchemy.orm import Session

from scrt_workflow import catalogue
from scrt_workflow.actors import Actor
from scrt_workflow.models import Review
from scrt_workflow.workflows.ahead import coming_next
from scrt_workflow.workflows.schema import Definition, Step

SHOWN = 20


@dataclass(frozen=True, slots=True)
class Need:
    """A review that waits for *steps* of this person; *overdue_by* is how many days its update is late, if it is."""

    review: Review
    definition: Definition
    steps: tuple[Step, ...]
    overdue_by: int | None


def approvals_wanted(session: Session, actor: Actor) -> list[Need]:
    """Give the reviews that wait for an approval that is *actor*'s to give, the longest waiting first."""
    needs, _ = _needs(session, actor, lambda step: step.is_approval, today=None)
    return needs


def waiting_for(session: Session, actor: Actor, *, today: date) -> tuple[list[Need], int]:
    """Give the first reviews that wait for another step of *actor*, the overdue first, and how many there are in all."""
    return _needs(session, actor, lambda step: not step.is_approval, today=today)


def _needs(session: Session, actor: Actor, fits: Callable[[Step], bool], *, today: date | None) -> tuple[list[Need], int]:
    versions = {v: catalogue.definition(session, v) for v in session.scalars(select(Review.definition_version_id).distinct())}
    taken = {
        (version, state): steps
        for version, found in versions.items()
        for state in found.workflow.states
        if (steps := tuple(one.step for one in coming_next(found.workflow, state) if fits(one.step)))
    }
    here = _mine(actor, taken)
    if not here:
        return [], 0
    query = select(Review).where(or_(*here), Review.withdrawn_at.is_(None))
    total = session.execute(select(func.count()).select_from(query.with_only_columns(Review.id).limit(1001).subquery()))
    order: tuple[Any, ...] = (Review.next_due_on.is_(None), Review.next_due_on, Review.state_since, Review.id)
    if today is None:
        order = (Review.state_since, Review.id)
    found = session.scalars(query.order_by(*order).limit(SHOWN if today else 200)).all()
    needs = [
        Need(
            review,
            versions[review.definition_version_id],
            tuple(s for s in taken[review.definition_version_id, review.state] if actor.covering(review.responsible, s.who)),
            _late(review, today),
        )
        for review in found
    ]
    return needs, total.scalar_one()


def _late(review: Review, today: date | None) -> int | None:
    if today is None or review.next_due_on is None or review.next_due_on >= today:
        return None
    return (today - review.next_due_on).days


def _mine(actor: Actor, taken: dict[tuple[int, str], tuple[Step, ...]]) -> list[ColumnElement[bool]]:
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
