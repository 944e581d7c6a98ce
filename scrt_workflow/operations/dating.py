"""From which day a step counts, and what the spans say because of it."""

from __future__ import annotations

from datetime import date, datetime

from sqlalchemy import bindparam, select
from sqlalchemy.orm import Session

from scrt_workflow import catalogue
from scrt_workflow.forms.question_types import show_day
from scrt_workflow.models import Review
from scrt_workflow.operations import spans
from scrt_workflow.operations.doing import Doing
from scrt_workflow.operations.history import EVENTS, Appended
from scrt_workflow.operations.refusals import AnswersError
from scrt_workflow.workflows.machine import Move

STEPS_DONE = select(EVENTS.c.id, EVENTS.c.step, EVENTS.c.definition_version_id).where(
    EVENTS.c.stream == bindparam("stream"), EVENTS.c.step.is_not(None)
)


def dated_on(doing: Doing, made: Move) -> date:
    """Give the day from which the step counts: that of the question it is dated by, else the day it is done in London.

    A step that moves a review cannot be dated before the day on which the review came to where it is (AnswersError).
    """
    question = made.outcome.dated_by
    value = doing.facts.answer(question) if question else None
    if not isinstance(value, str):
        return doing.today
    day, title = date.fromisoformat(value), doing.record.definition.questions[question].title
    if day > doing.today:
        raise AnswersError.of(doing.reading, question, f"{title} must be today or in the past")
    review = doing.record.review
    moves = made.state != review.state or made.outcome.becomes is not None
    if moves and question not in doing.changed and not doing.step.makes:
        return max(day, review.state_since)
    if moves and not doing.step.restates and not doing.step.makes and day < review.state_since:
        state, since = (
            doing.record.definition.workflow.states[review.state].title,
            show_day(review.state_since.isoformat()),
        )
        raise AnswersError.of(doing.reading, question, f"{title} must be on or after {since}, when the review became “{state}”")
    return day


def follow_in_spans(session: Session, doing: Doing, event: Appended, *, before: tuple[str | None, str | None, str]) -> None:
    """Let the spans say what the review's row says now."""
    review, known, day = doing.record.review, event.recorded_at, event.dated_on or doing.today
    if doing.step.restates:
        spans.restate(session, review, known=known, never_counted=doing.step.withdraws)
        _redate(session, doing, known=known)
    if doing.step.makes:
        spans.begin(session, review, on=day, known=known, event_id=event.id)
    elif before != (review.state, review.review_type, review.workflow):
        spans.continue_as(session, review, on=day, known=known, event_id=event.id)


def _redate(session: Session, doing: Doing, *, known: datetime) -> None:
    """Let the steps dated by an answer that is now corrected count from the corrected day (AnswersError if they cannot)."""
    review = doing.record.review
    for question, (was, now) in doing.changed.items():
        if doing.record.definition.questions[question].type != "date" or not (isinstance(was, str) and isinstance(now, str)):
            continue
        entered_by = {event for event, dated_by in _dated_events(session, review) if question in dated_by}
        try:
            spans.redate(
                session, review.id, was=date.fromisoformat(was), now=date.fromisoformat(now), entered_by=entered_by, known=known
            )
        except spans.OutOfOrderError as error:
            title = doing.record.definition.questions[question].title
            after = f"after {show_day(error.after.isoformat())}" if error.after else ""
            before = f"before {show_day(error.before.isoformat())}" if error.before else ""
            between = " and ".join(part for part in (after, before) if part)
            raise AnswersError.of(
                doing.reading, question, f"{title} must be {between}, when the steps beside it are dated"
            ) from error


def _dated_events(session: Session, review: Review) -> list[tuple[int, set[str]]]:
    """Give the events of *review* with the questions that date their steps."""
    found = []
    for event_id, step_key, version_id in session.connection().execute(STEPS_DONE, {"stream": f"review:{review.id}"}):
        step = catalogue.definition(session, version_id or 0).workflow.steps.get(step_key or "")
        found.append((event_id, {outcome.dated_by for outcome in step.outcomes} if step else set()))
    return found
