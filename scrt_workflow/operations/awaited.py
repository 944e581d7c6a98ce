"""Whom a review waits for, and what stands in the way of a step before its form is filled in."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date

from sqlalchemy import select
from sqlalchemy.orm import Session

from scrt_workflow.actors import Actor
from scrt_workflow.conditions import holds, questions_in
from scrt_workflow.models import Person
from scrt_workflow.operations import notices
from scrt_workflow.operations.records import Record, is_own_work
from scrt_workflow.workflows.schema import SAME, Step


def people_who_may(session: Session, record: Record, step: Step, *, on: date) -> list[Person]:
    """Give the people who hold a role for *step* at this review on a day, less those whose own work an approval would be of."""
    ids = notices.people_in(session, step.who, record.review.responsible, on=on)
    people = session.scalars(select(Person).where(Person.id.in_(ids)).order_by(Person.name, Person.id))
    return [one for one in people if not (step.is_approval and is_own_work(record, step, _acting(one)))]


def _acting(person: Person) -> Actor:
    return Actor(person.id, person.name, person.email_key, ())


@dataclass(frozen=True, slots=True)
class Obstacle:
    """What must be done before a step, as a sentence, and the steps *by* which it is done; one that *stays* cannot be."""

    sentence: str
    by: tuple[Step, ...]
    stays: bool


def unmet_beforehand(record: Record, step: Step) -> Obstacle | None:
    """Give the first guard of *step* that does not hold, and that its own form cannot make hold."""
    asked = set(record.definition.form_of(step).questions)
    for guard in step.needs:
        about = questions_in(guard.when)
        if not about & asked and not holds(guard.when, record.facts):
            return Obstacle(guard.otherwise, _asking(record, about), stays=about == {"review_type"})
    return None


def _asking(record: Record, questions: set[str]) -> tuple[Step, ...]:
    """Give the steps that can be taken now, leave the review where it is, and ask one of *questions* for the first time."""
    here = record.definition.workflow.steps_from.get(record.review.state, ())
    staying = (step for step in here if not step.restates and all(outcome.to == SAME for outcome in step.outcomes))
    return tuple(step for step in staying if questions & set(record.definition.form_of(step).questions))
