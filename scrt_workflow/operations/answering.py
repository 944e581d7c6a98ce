"""What completing a step writes beside the review's row: its answers, who set them, its approvals, terms and identifiers."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date
from typing import Any
from uuid import UUID

from sqlalchemy import delete, insert, update
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.orm import Session

from scrt_workflow.actors import Actor, Held
from scrt_workflow.conditions import NOT_ASKED, Facts
from scrt_workflow.forms.builder import Reading
from scrt_workflow.forms.schema import CLOSED_LISTS, Question
from scrt_workflow.models import Answer, AnswerChange, Approval, Entry, Event, Identifier, Review
from scrt_workflow.operations import spans
from scrt_workflow.operations.records import Record
from scrt_workflow.text_rules import search_key
from scrt_workflow.workflows.machine import Move
from scrt_workflow.workflows.schema import Definition

Changed = Mapping[str, tuple[Any, Any]]
"""Questions whose answer a step sets: what it was (NOT_ASKED where nobody had asked) and what it is now."""
SEARCHED_LENGTH = 4000


def changes(record: Record, answers: Mapping[str, Any]) -> dict[str, tuple[Any, Any]]:
    """Give the answers that are new or differ from those on record; an entry always is, for it adds."""
    before = dict(record.answers)
    before.setdefault("review_type", record.review.review_type if "review_type" in answers else NOT_ASKED)
    return {
        question: (before.get(question, NOT_ASKED), value)
        for question, value in answers.items()
        if before.get(question, NOT_ASKED) is NOT_ASKED
        or before[question] != value
        or (record.definition.questions[question].type == "entry" and value is not None)
    }


def ever_with(ever: Mapping[str, frozenset[str]], answers: Mapping[str, Any]) -> dict[str, frozenset[str]]:
    """Add the values in *answers* to those ever given."""
    found = dict(ever)
    for question, value in answers.items():
        values = value if isinstance(value, list) else [value] if isinstance(value, str) else []
        found[question] = found.get(question, frozenset()) | frozenset(values)
    return found


def event_body(changed: Changed, reading: Reading, *, ended: Sequence[str]) -> dict[str, Any]:
    """Give what an event says: each answer before and after, approvals that ended, and why likely identifiers may stay."""
    body: dict[str, Any] = {"answers": {q: [None if was is NOT_ASKED else was, now] for q, (was, now) in changed.items()}}
    if ended:
        body["approvals_ended"] = list(ended)
    if reading.pid_reasons:
        body["identifier_reasons"] = dict(reading.pid_reasons)
    return body


def record_answers(session: Session, record: Record, changed: Changed, event: Event, actor: Actor, *, restates: bool) -> None:
    """Write the *changed* answers of *event* and what is derived from them."""
    review, questions = record.review, record.definition.questions
    set_answers(
        session,
        review.id,
        {q: _stored(questions[q], now, event.dated_on) for q, (_, now) in changed.items()},
        seq=event.seq,
        version_id=event.definition_version_id or review.definition_version_id,
    )
    closed = {q: now if questions[q].type in CLOSED_LISTS else None for q, (_, now) in changed.items()}
    set_authors(session, review.id, {(q, actor.person_id, choice) for q, choice in _hashable(closed)}, seq=event.seq)
    for question, (_, now) in changed.items():
        if questions[question].type == "entry" and now is not None:
            session.execute(
                insert(Entry).values(
                    review_id=review.id,
                    seq=event.seq,
                    question=question,
                    body=now,
                    on_date=event.dated_on,
                    person_id=actor.person_id,
                    at=event.recorded_at,
                )
            )
    record_terms(session, record, {q: now for q, (_, now) in changed.items()}, event, restates=restates)
    if any(questions[q].type == "identifier" or _types_identifier(record.definition, q) for q in changed):
        record_identifiers(session, record, {q: now for q, (_, now) in changed.items()})


def _hashable(closed: Mapping[str, Any]) -> list[tuple[str, Any]]:
    return [(q, tuple(value) if isinstance(value, list) else value) for q, value in closed.items()]


def _stored(question: Question, value: Any, day: date | None) -> Any:
    """Give what the answer's row holds: the value, or for an entry the day of the newest one (its words stand in its own table)."""
    if question.type == "entry" and value is not None:
        return day.isoformat() if day else None
    return value


def set_answers(session: Session, review_id: UUID, values: Mapping[str, Any], *, seq: int, version_id: int) -> None:
    """Set answers of a review, whether or not they were asked before."""
    if not values:
        return
    make = postgresql.insert if session.get_bind().dialect.name == "postgresql" else sqlite.insert
    statement = make(Answer)
    new = {name: statement.excluded[name] for name in ("value", "set_seq", "asked_under_id")}
    rows = [
        {"review_id": review_id, "question": q, "value": value, "set_seq": seq, "asked_under_id": version_id}
        for q, value in values.items()
    ]
    session.execute(statement.on_conflict_do_update(index_elements=["review_id", "question"], set_=new), rows)


def set_authors(session: Session, review_id: UUID, set_by: set[tuple[str, UUID | None, Any]], *, seq: int) -> None:
    """Note who set which question at event *seq*, with the value where it came from a list."""
    rows = [
        {
            "review_id": review_id,
            "seq": seq,
            "question": q,
            "person_id": person,
            "choice": list(c) if isinstance(c, tuple) else c,
        }
        for q, person, c in sorted(set_by, key=str)
    ]
    if rows:
        session.execute(insert(AnswerChange), rows)


def record_approvals(session: Session, record: Record, made: Move, event: Event, held: Held) -> None:
    """End the approvals that *made* ends, and keep the one that it gives."""
    of_review = Approval.review_id == record.review.id
    if made.ends:
        ended = update(Approval).where(of_review, Approval.step.in_(made.ends), Approval.voided_seq.is_(None))
        session.execute(ended.values(voided_seq=event.seq).execution_options(synchronize_session=False))
    if made.gives:
        values = {"review_id": record.review.id, "seq": event.seq, "step": made.gives, "person_id": event.person_id}
        session.execute(insert(Approval).values(**values, role=str(held.role)))


def record_terms(session: Session, record: Record, answers: Mapping[str, Any], event: Event, *, restates: bool) -> None:
    """Keep from when to when the review has the terms of a vocabulary that its ranked choices name."""
    for question, value in answers.items():
        asked = record.definition.questions.get(question)
        if asked is not None and asked.type == "ranked_choices":
            on = None if restates else event.dated_on
            vocabulary = asked.vocabulary or asked.key
            spans.set_terms(session, record.review.id, vocabulary, value or [], on=on, known=event.recorded_at, event_id=event.id)


def _types_identifier(definition: Definition, question: str) -> bool:
    return any(other.typed_by == question for other in definition.questions.values())


def record_identifiers(session: Session, record: Record, answers: Mapping[str, Any]) -> None:
    """Keep the review's identifiers where lists and searches find them: one row a reference, numbered in the bank's order."""
    now = {**record.answers, **answers}
    session.execute(delete(Identifier).where(Identifier.review_id == record.review.id))
    asked = sorted(q.key for q in record.definition.questions.values() if q.type == "identifier")
    rows = [
        {"review_id": record.review.id, "slot": slot, "type": now.get(record.definition.questions[key].typed_by),
         "reference": now[key], "reference_key": identifier_key(now[key])}
        for slot, key in enumerate(asked, 1) if now.get(key)
    ]  # fmt: skip
    if rows:
        session.execute(insert(Identifier), rows)


def identifier_key(reference: str) -> str:
    """Give *reference* as it is searched for: casefolded, without spaces."""
    return "".join(reference.casefold().split())[:300]


def search_text(review: Review, facts: Facts, definition: Definition) -> str:
    """Give the words by which the review is found: its references and what was written in it, casefolded."""
    written = [
        str(value)
        for key, value in facts.answers.items()
        if key in definition.questions and definition.questions[key].type in {"text", "identifier", "long_text"} and value
    ]
    return search_key(" ".join([review.reference, *written]))[:SEARCHED_LENGTH]
