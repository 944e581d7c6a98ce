"""What was done to something that is not a review, as rows for a page: an account, a vocabulary, a contact, a job."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from sqlalchemy import ColumnElement, select

from scrt_workflow.models import Event, EventBody, Person
from scrt_workflow.web.requests import database

MOST_EVENTS = 30


def event_rows(
    stream: str, words: Mapping[str, str], note: Callable[[Mapping[str, Any]], str], *only: ColumnElement[bool],
    most: int = MOST_EVENTS,
) -> list[dict[str, Any]]:  # fmt: skip
    """Give the newest events of *stream*, the newest first: in *words* by their kinds, each with a *note* of its body."""
    query = select(Event.kind, Event.recorded_at, EventBody.body, Person.name).join(EventBody, EventBody.event_id == Event.id)
    query = query.outerjoin(Person, Person.id == Event.person_id).where(Event.stream == stream, *only)
    return [
        {"title": words.get(row.kind, row.kind), "at": row.recorded_at, "by": row.name or "", "note": note(row.body or {})}
        for row in database().execute(query.order_by(Event.seq.desc()).limit(most))
    ]
