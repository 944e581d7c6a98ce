"""What the page after a step says: that it is done, where the review is now, and who must do what next."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

from sqlalchemy import select

from scrt_workflow import catalogue
from scrt_workflow.actors import Actor
from scrt_workflow.models import Event, Review
from scrt_workflow.operations.conversions import opened_by
from scrt_workflow.operations.deadlines import deadlines_on
from scrt_workflow.operations.records import record_of, steps_open_to
from scrt_workflow.web.requests import actor, database, now, today
from scrt_workflow.web.review_steps import grouped
from scrt_workflow.web.reviews import visible_or_none
from scrt_workflow.workflows.schema import Step

JUST_NOW = timedelta(hours=1)


def was_just_done(review: Review, step_key: str, actor: Actor) -> bool:
    """Say whether *actor* took this step just now, and nothing has happened since: they came Back to its form."""
    newest = select(Event).where(Event.stream == f"review:{review.id}", Event.seq == review.version)
    event = database().scalars(newest).one_or_none()
    if event is None or (event.step, event.person_id) != (step_key, actor.person_id):
        return False
    return now() - event.recorded_at < JUST_NOW


def what_was_done(review: Review, step_key: str) -> dict[str, Any] | None:
    """Give what the page shows after *step_key*; None when this review never had that step."""
    taken = select(Event).where(Event.stream == f"review:{review.id}", Event.step == step_key)
    event = database().scalars(taken.order_by(Event.seq.desc()).limit(1)).one_or_none()
    if event is None:
        return None
    taken_under = catalogue.definition(database(), event.definition_version_id or review.definition_version_id)
    definition = catalogue.definition(database(), review.definition_version_id)
    record = record_of(database(), review, definition)
    deadlines = deadlines_on(database(), record, today=today())
    return {
        "review": review,
        "step": taken_under.workflow.steps.get(step_key),
        "state": definition.workflow.states[review.state],
        "moved": event.from_state != event.to_state,
        "steps": grouped(database(), record, steps_open_to(record, actor()), [], deadlines, me=actor().person_id, today=today()),
        "opened": _opened(taken_under.workflow.steps.get(step_key), review),
    }


def _opened(step: Step | None, review: Review) -> Review | None:
    """Give the review that a converting step opened, if it did and the reader may see it."""
    if step is None or not any(outcome.opens for outcome in step.outcomes):
        return None
    child = opened_by(database(), review)
    return visible_or_none(child.id) if child else None
