"""From which day a step counts, and what the spans say because of it."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date

from sqlalchemy import bindparam, select
from sqlalchemy.orm import Session

from scrt_workflow import catalogue
from scrt_workflow.conditions import Facts, holds, questions_in
from scrt_workflow.forms.checks import not_yet
from scrt_workflow.forms.question_types import show_day
from scrt_workflow.models import Review
from scrt_workflow.operations import spans, terms
from scrt_workflow.operations.doing import Doing
from scrt_workflow.operations.history import EVENTS, Appended
from scrt_workflow.operations.records import CHANGES
from scrt_workflow.operations.refusals import AnswersError
from scrt_workflow.operations.spans import OutOfOrderError, Redated
from scrt_workflow.workflows.machine import Move
from scrt_workflow.workflows.schema import SAME, Definition, Step

Was = tuple[str | None, str | None, str]
"""What a review was before a step: its state (None: it was not there), its type and its workflow."""
STEPS_DONE = (
    select(*EVENTS.c["id", "seq", "step", "from_state", "to_state", "definition_version_id"])
    .where(EVENTS.c.stream == bindparam("stream"), EVENTS.c.step.is_not(None))
    .order_by(EVENTS.c.seq.desc())
)
SET_AT = select(CHANGES.c.seq).where(CHANGES.c.review_id == bindparam("review"), CHANGES.c.question == bindparam("question"))


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
        raise AnswersError.of(doing.reading, question, not_yet(doing.record.definition.questions[question]))
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


def surely_dates(step: Step, asked: tuple[str, ...], question: str, facts: Facts) -> bool:
    """Say whether *question* dates *step* by the *facts* so far, whatever the questions *asked* after it are answered."""
    later = set(asked[asked.index(question) + 1 :]) if question in asked else set()
    for outcome in step.outcomes:
        unsure = bool(questions_in(outcome.when) & later)
        if unsure or holds(outcome.when, facts):
            if outcome.dated_by != question:
                return False
            if not unsure:
                return True
    return False


def follow_in_spans(session: Session, doing: Doing, event: Appended, *, before: Was) -> date | None:
    """Let the spans say what the review's row says now; give the day since which it is so, where that is not the step's own."""
    review, known, day = doing.record.review, event.recorded_at, event.dated_on or doing.today
    state, review_type, workflow = before
    if doing.step.makes:
        spans.begin(session, review, on=day, known=known, event_id=event.id)
        return None
    if doing.step.restates and review.review_type != review_type:
        spans.retype(session, review, was=review_type, known=known)
        review_type = review.review_type
    if doing.step.withdraws:
        spans.never_count(session, review, known=known)
    since = _redate(session, doing, event) if doing.step.restates else None
    if (state, review_type, workflow) != (review.state, review.review_type, review.workflow):
        spans.continue_as(session, review, on=day, known=known, event_id=event.id)
        return None
    return since


def _redate(session: Session, doing: Doing, event: Appended) -> date | None:
    """Let the steps dated by answers that are now corrected count from the corrected days; AnswersError if they cannot."""
    review = doing.record.review
    moved: dict[int, Redated] = {}
    asked: dict[int, str] = {}
    for question, (was, now) in doing.changed.items():
        if doing.record.definition.questions[question].type == "date" and isinstance(now, str):
            found = {one: kept for one, kept in _dated_by(session, review, question) if isinstance(was, str) or not kept}
            moved |= {one: Redated(date.fromisoformat(now), waits) for one, waits in found.items()}
            asked |= dict.fromkeys(found, question)
    if not moved:
        return None
    try:
        since = spans.redate(session, review.id, moved, known=event.recorded_at)
    except OutOfOrderError as error:
        raise _refusal(doing, asked[error.event_id], error) from error
    terms.redate_terms(session, review.id, {one: to.day for one, to in moved.items()}, known=event.recorded_at)
    return since


def _refusal(doing: Doing, question: str, error: OutOfOrderError) -> AnswersError:
    title = doing.record.definition.questions[question].title
    after = f"on or after {show_day(error.after.isoformat())}" if error.after else ""
    before = f"on or before {show_day(error.before.isoformat())}" if error.before else ""
    between = " and ".join(part for part in (after, before) if part)
    return AnswersError.of(doing.reading, question, f"{title} must be {between}, when the steps beside it are dated")


def _dated_by(session: Session, review: Review, question: str) -> Iterator[tuple[int, bool]]:
    """Give the events whose steps are dated by the answer of *question* that is on record, the newest first.

    Each comes with whether it only kept the answer: the oldest is the one that gave it.
    """
    answered = {row.seq for row in session.connection().execute(SET_AT, {"review": review.id, "question": question})}
    for event in session.connection().execute(STEPS_DONE, {"stream": f"review:{review.id}"}):
        definition = catalogue.definition(session, event.definition_version_id or 0)
        if question in _dating(definition, event.step, event.from_state, event.to_state):
            yield event.id, event.seq not in answered
            if event.seq in answered:
                return


def _dating(definition: Definition, step_key: str, from_state: str | None, to_state: str | None) -> set[str]:
    """Name the questions that date a step that led from one state to another; none for a correction."""
    step = definition.workflow.steps.get(step_key)
    if step is None or step.restates:
        return set()
    taken = [
        outcome
        for outcome in step.outcomes
        if (outcome.becomes.state if outcome.becomes else from_state if outcome.to == SAME else outcome.to) == to_state
    ]
    return {outcome.dated_by for outcome in taken if outcome.dated_by}
