"""What pages say where a review has been under several versions of its definition."""

from __future__ import annotations

from typing import Any

from sqlalchemy.orm import Session

from scrt_workflow import catalogue
from scrt_workflow.forms.builder import REASON, PageForm
from scrt_workflow.forms.question_types import show
from scrt_workflow.models import Event
from scrt_workflow.operations.history import REBASED
from scrt_workflow.operations.rebase_checks import number_of
from scrt_workflow.operations.records import Record
from scrt_workflow.operations.unasked import not_asked_under, only_asked_earlier
from scrt_workflow.web.filling import Filling
from scrt_workflow.web.requests import today
from scrt_workflow.workflows.ahead import coming_later, coming_next

Row = dict[str, Any]


def not_asked(session: Session, record: Record) -> list[Row]:
    """Give the questions that a review was not asked, since the version it was under then did not have them."""
    found = not_asked_under(session, record)
    workflow, state = record.definition.workflow, record.review.state
    ahead = [*(one.step for one in coming_next(workflow, state)), *coming_later(workflow, state)] if found else []
    rows = []
    for key, number in found.items():
        asking = next((step.title for step in ahead if key in record.definition.form_of(step).questions), "")
        later = f". “{asking}” asks it." if asking else ""
        rows.append({"label": record.definition.questions[key].title, "value": f"Not asked under version {number}{later}"})
    return rows


def earlier_answers(session: Session, record: Record) -> list[Row]:
    """Give the answers to what only an earlier version asked."""
    rows = []
    for question, value, definition in only_asked_earlier(session, record):
        if question.type != "entry" and not question.afresh:
            review = record.review
            kind, place = review.review_type, review.responsible
            options = catalogue.options_for(
                session, definition, on=today(), ever=True, review_type=kind, converted=True, organisation=place
            )
            rows.append({"label": question.title, "value": show(question, value, options(question))})
    return rows


def say_what_was_not_asked(session: Session, record: Record, asked: PageForm) -> None:
    """Say beside each question of a correction that it was never asked, if so: it would look as if it had been left empty."""
    found = not_asked_under(session, record)
    for one in asked:
        if one.question.key in found:
            one.description = f"Not asked under version {found[one.question.key]}. {one.description or ''}".strip()


def moved_to(session: Session, event: Event) -> str:
    """Say what an event did that put a review under another version."""
    number = number_of(session, event.definition_version_id or 0)
    return f"Moved {'' if event.kind == REBASED else 'back '}to version {number} of its definition"


def typed_for_nothing(session: Session, filling: Filling) -> list[Row]:
    """Give what was typed for questions that the form asked when its draft was begun, and asks no longer."""
    if filling.draft is None:
        return []
    begun_under = catalogue.definition(session, filling.draft.definition_version_id)
    rows = []
    for key, typed in filling.raw.items():
        question = begun_under.questions.get(key)
        if question and key not in filling.form.questions and not key.endswith(REASON) and any(typed):
            rows.append({"label": question.title, "value": "\n".join(filter(None, typed))})
    return rows
