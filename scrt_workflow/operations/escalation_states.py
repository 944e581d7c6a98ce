"""How the escalations of a review stand, and which of them wait for somebody: what pages show."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from sqlalchemy import ColumnElement, and_, exists, or_, select, true
from sqlalchemy.orm import Session

from scrt_workflow import catalogue
from scrt_workflow.actors import Actor, Held
from scrt_workflow.models import Escalation, EscalationTold, Event, Person, Review
from scrt_workflow.operations.escalations import NOBODY
from scrt_workflow.permissions import ROLES, Role
from scrt_workflow.workflows.schema import Definition, Step
from scrt_workflow.workflows.time_rules import EscalationRule

MOST_WAITING = 200


@dataclass(frozen=True, slots=True)
class Standing:
    """One escalation of a review: whom it told (codes of posts, names of people), and how it ended, if it has.

    *by* is who ended it, as what; *step* is the one that acknowledges it.
    """

    escalation: Escalation
    rule: EscalationRule | None
    step: Step | None
    posts: tuple[str, ...]
    without: tuple[str, ...]
    people: tuple[str, ...]
    by: str
    ended_at: datetime | None

    @property
    def is_waiting(self) -> bool:
        """Whether nobody has acknowledged it yet, and it has not ended otherwise."""
        return self.escalation.ended is None


def standing_of(session: Session, review: Review, definition: Definition) -> list[Standing]:
    """Give the escalations of a review, the newest first."""
    query = select(Escalation).where(Escalation.review_id == review.id).order_by(Escalation.since_seq.desc())
    found = session.scalars(query).all()
    if not found:
        return []
    told = session.scalars(select(EscalationTold).where(EscalationTold.review_id == review.id)).all()
    names = _names(session, told)
    ended = _ended(session, review, [one.ended_seq for one in found if one.ended_seq is not None])
    return [_standing(one, definition, told, names, ended.get(one.ended_seq or 0, ("", None))) for one in found]


def _standing(
    one: Escalation,
    definition: Definition,
    told: Sequence[EscalationTold],
    names: dict[str, str],
    ended: tuple[str, datetime | None],
) -> Standing:
    rule = definition.workflow.escalations.get(one.escalation)
    mine = [row for row in told if (row.escalation, row.since_seq) == (one.escalation, one.since_seq)]
    reached = dict.fromkeys(row.post for row in mine if row.post and row.recipient != NOBODY)
    without = dict.fromkeys(row.post for row in mine if row.recipient == NOBODY and row.post not in reached)
    people = dict.fromkeys(names[row.recipient] for row in mine if row.recipient in names)
    step = definition.workflow.steps.get(rule.acknowledged_by) if rule else None
    return Standing(one, rule, step, tuple(reached), tuple(without), tuple(people), *ended)


def _names(session: Session, told: Iterable[EscalationTold]) -> dict[str, str]:
    ids = {UUID(row.recipient) for row in told if row.recipient != NOBODY and ":" not in row.recipient}
    return {str(row.id): row.name for row in session.execute(select(Person.id, Person.name).where(Person.id.in_(ids)))}


def _ended(session: Session, review: Review, numbers: list[int]) -> dict[int, tuple[str, datetime | None]]:
    """Give who did the events by which escalations ended, as what, and when."""
    query = select(Event.seq, Event.role, Event.recorded_at, Person.name).outerjoin(Person, Person.id == Event.person_id)
    rows = session.execute(query.where(Event.stream == f"review:{review.id}", Event.seq.in_(numbers)))
    return {row.seq: (", ".join(filter(None, (row.name, _title(row.role)))), row.recorded_at) for row in rows}


def _title(role: str | None) -> str:
    return ROLES[Role(role)].title if role in set(Role) else ""


@dataclass(frozen=True, slots=True)
class Wanted:
    """A review with an escalation that waits for somebody's acknowledgement, by *step*."""

    review: Review
    definition: Definition
    step: Step
    escalation: Escalation


def acknowledgements_wanted(session: Session, actor: Actor) -> list[Wanted]:
    """Give what waits for *actor* to acknowledge it, the longest waiting first: of what the actor was told by a role."""
    if not actor.held:
        return []
    mine = and_(
        EscalationTold.review_id == Escalation.review_id,
        EscalationTold.escalation == Escalation.escalation,
        EscalationTold.since_seq == Escalation.since_seq,
        EscalationTold.recipient == str(actor.person_id),
    )
    query = select(Escalation, Review, exists().where(mine).label("was_told")).join(Review, Review.id == Escalation.review_id)
    query = query.where(Escalation.ended.is_(None), Review.withdrawn_at.is_(None), or_(*map(_reached, actor.held)))
    found = []
    for escalation, review, was_told in session.execute(
        query.order_by(Escalation.began_at, Escalation.review_id).limit(MOST_WAITING)
    ):
        definition = catalogue.definition(session, review.definition_version_id)
        rule = definition.workflow.escalations.get(escalation.escalation)
        step = definition.workflow.steps.get(rule.acknowledged_by) if rule else None
        if rule is None or step is None or review.state not in step.comes_from:
            continue
        goes_up = rule.escalate_after is not None and escalation.number > rule.escalate_after
        told = (*rule.to, *(rule.escalate_to if goes_up or was_told else ()))
        if actor.covering(review.responsible, set(told) & set(step.who)):
            found.append(Wanted(review, definition, step, escalation))
    return found


def _reached(held: Held) -> ColumnElement[bool]:
    return true() if held.everywhere else Review.responsible.in_(sorted(held.covers))
