"""A review in words: what is on record, what happened, and its tasks."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from flask import url_for
from sqlalchemy import select
from sqlalchemy.orm import Session

from scrt_workflow import catalogue
from scrt_workflow.forms.question_types import show
from scrt_workflow.models import Draft, Entry, Event, EventBody, Person, Review
from scrt_workflow.operations import steps
from scrt_workflow.operations.records import Access, Record
from scrt_workflow.permissions import ROLES, Role
from scrt_workflow.web.requests import today
from scrt_workflow.workflows.ahead import roles_in_words
from scrt_workflow.workflows.schema import SAME, Definition

UNASKED_STEPS = {
    "review:opened": "Opened by the conversion of a rapid review",
    "review:taken-back": "Taken back: the conversion was undone",
}


def type_title(definition: Definition, review: Review) -> str:
    """Give the type of a review in words; a blank one is Not Stated."""
    kind = definition.workflow.review_types.get(review.review_type or "")
    return kind.title if kind else "Not Stated"


def answers_on_record(session: Session, record: Record) -> list[dict[str, Any]]:
    """Give every answer on record in words, in the order that the workflow's forms ask them."""
    options = steps.options_of(session, record.review, record.definition, today=today())
    everything = catalogue.options_for(
        session, record.definition, on=None, review_type=record.review.review_type, converted=True,
        organisation=record.review.responsible,
    )  # fmt: skip
    order = list(dict.fromkeys(q for form in _forms_in_order(record.definition) for q in form))
    rows = []
    for key in order:
        question = record.definition.questions.get(key)
        if (
            question is not None
            and key in record.answers
            and question.type != "entry"
            and record.answers[key] is not None
        ):
            offered = {**everything(question), **options(question)}
            rows.append({"key": key, "label": question.title, "value": show(question, record.answers[key], offered)})
    return rows


def _forms_in_order(definition: Definition) -> Iterable[tuple[str, ...]]:
    return (definition.form_of(step).questions for step in definition.workflow.steps.values())


def updates_of(session: Session, review: Review) -> list[dict[str, Any]]:
    """Give the dated entries of a review, the newest first."""
    query = (
        select(Entry, Person.name).outerjoin(Person, Person.id == Entry.person_id).where(Entry.review_id == review.id)
    )
    rows = session.execute(query.order_by(Entry.on_date.desc(), Entry.seq.desc()))
    return [{"on": entry.on_date, "by": name or "", "body": entry.body, "at": entry.at} for entry, name in rows]


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
    moved = event.to_state != event.from_state and event.to_state in states
    return {
        "title": step.title if step else UNASKED_STEPS.get(event.kind, event.kind),
        "at": event.recorded_at,
        "by": f"{name}, {role}" if name and role else name or "",
        "dated": event.dated_on if event.dated_on and event.dated_on != event.recorded_at.date() else None,
        "note": f"The review became “{states[event.to_state].title}”." if moved and event.to_state else None,
        "changes": _changes(session, record, definition, (body.body or {}) if body else {}),
    }


def _changes(session: Session, record: Record, definition: Definition, said: dict[str, Any]) -> list[dict[str, Any]]:
    options = catalogue.options_for(
        session,
        definition,
        on=None,
        review_type=record.review.review_type,
        converted=True,
        organisation=record.review.responsible,
    )
    found = []
    for key, (before, after) in said.get("answers", {}).items():
        question = definition.questions.get(key)
        if question is not None and (before is not None or after is not None):
            words = [_one(show(question, value, options(question))) for value in (before, after)]
            found.append({"label": question.title, "before": words[0], "after": words[1] or "nothing"})
    ended = [
        definition.workflow.steps[key].title
        for key in said.get("approvals_ended", [])
        if key in definition.workflow.steps
    ]
    return found + [{"label": f"“{title}” no longer stands"} for title in ended]


def _one(words: str | list[str]) -> str:
    return words if isinstance(words, str) else ", ".join(words)


def tasks(
    session: Session, record: Record, accesses: list[Access], drafts: list[Draft]
) -> dict[str, list[dict[str, Any]]]:
    """Give the steps of a review as tasks: those open to this person, those of others, not yet, and done."""
    review = record.review
    begun = {draft.step for draft in drafts if draft.review_id == review.id}
    events = select(Event.step).where(Event.stream == f"review:{review.id}", Event.step.is_not(None)).distinct()
    done = set(session.scalars(events))
    here = {access.step.key for access in accesses}
    groups: dict[str, list[dict[str, Any]]] = {"open": [], "others": [], "not_yet": [], "done": []}
    for access in accesses:
        step = access.step
        row: dict[str, Any] = {"title": step.title, "hint": step.hint}
        if access.refusal is None:
            href = url_for("steps.begin", review_id=review.id, step_key=step.key)
            groups["open"].append({**row, "href": href, "status": "draft" if step.key in begun else "open"})
        else:
            waits = access.held is None
            why = f"For {roles_in_words(step.who)}" if waits else str(access.refusal)
            groups["others"].append({**row, "hint": why, "status": "waiting" if waits else "not_yet"})
    for step in record.definition.workflow.steps.values():
        moves = any(outcome.to != SAME for outcome in step.outcomes)
        if step.key in done:
            groups["done"].append({"title": step.title, "status": "done"})
        elif step.key not in here and moves and not step.makes and not step.restates:
            groups["not_yet"].append(
                {"title": step.title, "hint": f"For {roles_in_words(step.who)}", "status": "not_yet"}
            )
    return groups
