"""What a review was not asked because it was under an earlier version of its definition, and what only an earlier one asked."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from sqlalchemy import bindparam, select
from sqlalchemy.orm import Session

from scrt_workflow import catalogue
from scrt_workflow.forms.schema import Question
from scrt_workflow.models import DefinitionVersion
from scrt_workflow.operations.history import EVENTS
from scrt_workflow.operations.records import ANSWERS, Record
from scrt_workflow.operations.tables import table_of
from scrt_workflow.workflows.rebasing import asked
from scrt_workflow.workflows.schema import Definition

VERSIONS = table_of(DefinitionVersion)
BEEN_UNDER = (
    select(VERSIONS.c.id, VERSIONS.c.number)
    .where(
        VERSIONS.c.id.in_(select(EVENTS.c.definition_version_id).where(EVENTS.c.stream == bindparam("stream"))),
        VERSIONS.c.workflow == bindparam("workflow"),
    )
    .order_by(VERSIONS.c.number.desc())
)
ASKED_UNDER = select(ANSWERS.c.question, ANSWERS.c.value, ANSWERS.c.asked_under_id).where(
    ANSWERS.c.review_id == bindparam("review"), ANSWERS.c.value.is_not(None)
)


def not_asked_under(session: Session, record: Record) -> dict[str, int]:
    """Give the questions that this version asks, and the review was not: each with the number of the version it was under then.

    They have no row among its answers; asked and left empty is a row with nothing in it.
    """
    earlier = list(_earlier(session, record))
    found: dict[str, int] = {}
    for question in asked(record.definition) if earlier else ():
        if question not in record.answers:
            under = (number for number, definition in earlier if question not in asked(definition))
            if (number := next(under, None)) is not None:
                found[question] = number
    return found


def _earlier(session: Session, record: Record) -> Iterator[tuple[int, Definition]]:
    """Give the versions that the review has been under before its own, the newest first."""
    review = record.review
    rows = session.connection().execute(BEEN_UNDER, {"stream": f"review:{review.id}", "workflow": review.workflow}).all()
    own = next((row.number for row in rows if row.id == review.definition_version_id), 0)
    for row in rows:
        if row.number < own:
            yield row.number, catalogue.definition(session, row.id)


def only_asked_earlier(session: Session, record: Record) -> list[tuple[Question, Any, Definition]]:
    """Give the answers to questions that this version of the review's workflow no longer asks, with the definition that asked."""
    still_asked = asked(record.definition)
    if all(question in still_asked or value is None for question, value in record.answers.items()):
        return []
    found = []
    for row in session.connection().execute(ASKED_UNDER, {"review": record.review.id}):
        by = catalogue.definition(session, row.asked_under_id)
        if row.question not in still_asked and by.workflow.key == record.review.workflow and row.question in by.questions:
            found.append((by.questions[row.question], row.value, by))
    return found
