"""A review in words: what is on record, its deadlines, and what happened."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from scrt_workflow import catalogue, reference
from scrt_workflow.actors import Actor
from scrt_workflow.forms.question_types import show
from scrt_workflow.forms.schema import Question
from scrt_workflow.models import Entry, Event, EventBody, Person, Review
from scrt_workflow.operations.deadlines import is_over
from scrt_workflow.operations.history import REBASE_UNDONE, REBASED
from scrt_workflow.operations.nudging import may_nudge
from scrt_workflow.operations.overdue import following
from scrt_workflow.operations.records import Record
from scrt_workflow.operations.restating import BY_ITSELF
from scrt_workflow.permissions import ROLES, Role
from scrt_workflow.web import version_words
from scrt_workflow.web.requests import today
from scrt_workflow.workflows.ahead import distances
from scrt_workflow.workflows.clocks import ClockState
from scrt_workflow.workflows.schema import SAME, Definition, Step, Workflow
from scrt_workflow.working_days import local_date


def type_title(definition: Definition, review: Review) -> str:
    """Give the type of a review in words; a blank one is Not Stated."""
    kind = definition.workflow.review_types.get(review.review_type or "")
    return kind.title if kind else reference.NOT_STATED


def answers_on_record(session: Session, record: Record) -> list[dict[str, Any]]:
    """Give every answer on record in words, in the order that the workflow's forms ask them.

    Updates have a list of their own; what is asked afresh by a step that moves nothing, such as what to correct, is history.
    """
    definition, options = record.definition, _options(session, record, record.definition)
    order: dict[str, bool] = {}
    for step in definition.workflow.steps.values():
        moves = any(outcome.to != SAME for outcome in step.outcomes)
        for key in definition.form_of(step).questions:
            order[key] = order.get(key, False) or moves
    asked = [(definition.questions[key], moves) for key, moves in order.items() if record.answers.get(key) is not None]
    shown = [question for question, moves in asked if question.type != "entry" and (moves or not question.afresh)]
    return [_answer(question, record.answers[question.key], options) for question in shown]


def approved_answers(session: Session, record: Record, step: Step) -> list[dict[str, Any]]:
    """Give what *step* approves as it stands on record, for whoever is asked to approve it."""
    options = _options(session, record, record.definition)
    asked = [record.definition.questions[key] for key in step.approves if record.answers.get(key) is not None]
    return [_answer(question, record.answers[question.key], options) for question in asked]


def _answer(question: Question, value: Any, options: Any) -> dict[str, Any]:
    words = show(question, value, options(question))
    return {"key": question.key, "label": question.title, "value": words, "is_link": question.type == "url"}


def _options(session: Session, record: Record, definition: Definition) -> Any:
    """Give the function that names every answer a question ever offered, so that an old answer keeps its words."""
    review = record.review
    return catalogue.options_for(
        session,
        definition,
        on=today(),
        ever=True,
        review_type=review.review_type,
        converted=True,
        organisation=review.responsible,
    )


def updates_of(session: Session, review: Review) -> list[dict[str, Any]]:
    """Give the dated entries of a review, the newest first."""
    query = select(Entry, Person.name).outerjoin(Person, Person.id == Entry.person_id).where(Entry.review_id == review.id)
    rows = session.execute(query.order_by(Entry.on_date.desc(), Entry.seq.desc()))
    return [{"on": entry.on_date, "by": name or "", "body": entry.body, "at": entry.at} for entry, name in rows]


def shown_of(deadlines: list[ClockState], record: Record) -> list[ClockState]:
    """Give the deadlines of a review to show; once it counts as closed, or nothing more is due, only those that were met."""
    if record.review.withdrawn_at is not None:
        return []
    is_ended = is_over(record.definition.workflow.states[record.review.state])
    return [one for one in deadlines if one.stopped_on] if is_ended else deadlines


def may_remind(record: Record, states: Iterable[ClockState], actor: Actor, *, today: date) -> bool:
    """Say whether *actor* may send a reminder of a review, and something of it is overdue."""
    workflow, state = record.definition.workflow, record.review.state
    rules = [rule for rule in workflow.reminders.values() if rule.deadline and rule.after and state in rule.while_in]
    running = [one for one in states if one.is_running and one.due_on]
    late = (following(rule.after, one.due_on) for rule in rules for one in running if one.due_on and one.key == rule.deadline)
    due = [record.review.next_due_on, *late]
    return may_nudge(actor, record.review) is not None and any(day is not None and day <= today for day in due)


def happened(session: Session, record: Record) -> list[dict[str, Any]]:
    """Give what happened to a review, the newest first, in words."""
    query = (
        select(Event, EventBody, Person.name)
        .outerjoin(EventBody, EventBody.event_id == Event.id)
        .outerjoin(Person, Person.id == Event.person_id)
        .where(Event.stream == f"review:{record.review.id}")
        .order_by(Event.seq.desc())
    )
    return [_told(session, record, event, body, name) for event, body, name in session.execute(query)]


def _told(session: Session, record: Record, event: Event, body: EventBody | None, name: str | None) -> dict[str, Any]:
    definition = record.definition
    if event.definition_version_id is not None:
        definition = catalogue.definition(session, event.definition_version_id)
    step = definition.workflow.steps.get(event.step or "")
    states = {**record.definition.workflow.states, **definition.workflow.states}
    role = ROLES[Role(event.role)].title if event.role in set(Role) else ""
    moved = event.to_state is not None and event.to_state != event.from_state and event.to_state in states
    is_renaming = event.kind in {REBASED, REBASE_UNDONE} and event.dated_on is None
    became = "The stage is called" if is_renaming else "The review became"
    said = (body.body or {}) if body else {}
    return {
        "title": _title(session, event, step),
        "at": event.recorded_at,
        "by": f"{name}, {role}" if name and role else name or "",
        "dated": event.dated_on if event.dated_on and event.dated_on != local_date(event.recorded_at) else None,
        "note": f"{became} “{states[event.to_state].title}”." if moved and event.to_state else None,
        "changes": [*_changes(session, record, definition, said), *_ended(definition, said)],
        "is_removed": body is not None and body.redacted_by_id is not None,
        "moved": moved and not is_renaming,
        "went_back": moved and not is_renaming and _is_back(definition.workflow, event),
    }


def _title(session: Session, event: Event, step: Step | None) -> str:
    if event.kind in {REBASED, REBASE_UNDONE}:
        return version_words.moved_to(session, event)
    return step.title if step else BY_ITSELF.get(event.kind, event.kind)


def _is_back(workflow: Workflow, event: Event) -> bool:
    far = distances(workflow)
    return far.get(event.to_state or "", len(far)) < far.get(event.from_state or "", 0)


def sent_back(history: list[dict[str, Any]]) -> dict[str, Any] | None:
    """Give what sent a review back to where it is, if its last move was such a one: a No, or a reopening."""
    last = next((event for event in history if event["moved"]), None)
    return last if last and last["went_back"] else None


def _changes(session: Session, record: Record, definition: Definition, said: dict[str, Any]) -> Iterable[dict[str, Any]]:
    """Give the answers that an event set: what each was, where it was another, and what it became."""
    options = _options(session, record, definition)
    reasons = said.get("identifier_reasons", {})
    for key, (before, after) in said.get("answers", {}).items():
        question = definition.questions.get(key)
        if question is None or (before is None and after is None):
            continue
        was = None if question.type == "entry" else before
        words = [_one(show(question, value, options(question))) for value in (was, after)]
        kept = f" (kept because: {reasons[key]})" if key in reasons else ""
        yield {"label": question.title, "before": words[0], "after": (words[1] or "nothing") + kept}


def _ended(definition: Definition, said: dict[str, Any]) -> Iterable[dict[str, Any]]:
    steps = definition.workflow.steps
    ended = (steps[key].title for key in said.get("approvals_ended", []) if key in steps)
    return [{"label": f"The answer given by “{title}” no longer stands"} for title in ended]


def _one(words: str | list[str]) -> str:
    return words if isinstance(words, str) else ", ".join(words)
