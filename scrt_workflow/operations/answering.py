"""What completing a step writes beside the review's row: its answers, who set them, its approvals, terms and identifiers."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from datetime import date
from typing import Any
from uuid import UUID

from sqlalchemy import bindparam, delete, insert, update
from sqlalchemy.orm import Session

from scrt_workflow import reference
from scrt_workflow.actors import Actor, Held
from scrt_workflow.conditions import NOT_ASKED, Facts
from scrt_workflow.forms.builder import Reading
from scrt_workflow.forms.schema import CLOSED_LISTS, Question
from scrt_workflow.models import Entry, Identifier, Review
from scrt_workflow.operations import terms
from scrt_workflow.operations.history import Appended
from scrt_workflow.operations.records import ANSWERS, APPROVALS, CHANGES, Record
from scrt_workflow.operations.tables import dialect_of, in_both_dialects, table_of
from scrt_workflow.text_rules import search_key
from scrt_workflow.workflows.machine import Move
from scrt_workflow.workflows.schema import Definition
from scrt_workflow.working_days import local_date

Changed = Mapping[str, tuple[Any, Any]]
"""Questions whose answer a step sets: what it was (NOT_ASKED where nobody had asked) and what it is now."""
SEARCHED_LENGTH = 4000
SEARCHED_TYPES = ("identifier", "partnership", "text", "long_text")
"""The types of question by whose answers a review is found, the surest to find it by first."""

ENTRIES, IDENTIFIERS = table_of(Entry), table_of(Identifier)
SET_ANSWER = in_both_dialects(
    lambda insert: (add := insert(ANSWERS)).on_conflict_do_update(
        index_elements=["review_id", "question"],
        set_={name: add.excluded[name] for name in ("value", "set_seq", "asked_under_id")},
    )
)
ADD_CHANGE, ADD_ENTRY, GIVE_APPROVAL = insert(CHANGES), insert(ENTRIES), insert(APPROVALS)
END_APPROVAL = update(APPROVALS).where(
    APPROVALS.c.review_id == bindparam("review"), APPROVALS.c.step == bindparam("ended"), APPROVALS.c.voided_seq.is_(None)
)
FORGET_IDENTIFIERS = delete(IDENTIFIERS).where(IDENTIFIERS.c.review_id == bindparam("review"))
ADD_IDENTIFIER = insert(IDENTIFIERS)


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


def record_answers(session: Session, record: Record, changed: Changed, event: Appended, actor: Actor, *, restates: bool) -> None:
    """Write the *changed* answers of *event* and what is derived from them."""
    if not changed:
        return
    review, questions = record.review, record.definition.questions
    now = {question: value for question, (_, value) in changed.items()}
    stored = {q: _stored(questions[q], value, event.dated_on) for q, value in now.items()}
    version_id = event.definition_version_id or review.definition_version_id
    set_answers(session, review.id, stored, seq=event.seq, version_id=version_id)
    by = {"review_id": review.id, "seq": event.seq, "person_id": actor.person_id}
    listed = [{**by, "question": q, "choice": now[q] if questions[q].type in CLOSED_LISTS else None} for q in now]
    connection = session.connection()
    connection.execute(ADD_CHANGE, listed)
    entries = [
        {**by, "question": q, "body": value, "on_date": event.dated_on, "at": event.recorded_at}
        for q, value in now.items()
        if questions[q].type == "entry" and value is not None
    ]
    if entries:
        connection.execute(ADD_ENTRY, entries)
    record_terms(session, record, now, event, restates=restates)
    if not _identifying(record.definition).isdisjoint(now):
        record_identifiers(session, record, now)


def _stored(question: Question, value: Any, day: date | None) -> Any:
    """Give what the answer's row holds: the value, or for an entry its day (its words stand in a table of their own)."""
    if question.type == "entry" and value is not None:
        return day.isoformat() if day else None
    return value


def set_answers(session: Session, review_id: UUID, values: Mapping[str, Any], *, seq: int, version_id: int) -> None:
    """Set answers of a review, whether or not they were asked before."""
    if not values:
        return
    rows = [
        {"review_id": review_id, "question": q, "value": value, "set_seq": seq, "asked_under_id": version_id}
        for q, value in values.items()
    ]
    session.connection().execute(SET_ANSWER[dialect_of(session)], rows)


def record_approvals(session: Session, record: Record, made: Move, event: Appended, held: Held) -> None:
    """End the approvals that *made* ends, and keep the one that it gives."""
    review_id = record.review.id
    if made.ends:
        ended = [{"review": review_id, "ended": step, "voided_seq": event.seq} for step in made.ends]
        session.connection().execute(END_APPROVAL, ended)
    if made.gives:
        given = {"review_id": review_id, "seq": event.seq, "step": made.gives, "person_id": event.person_id}
        session.connection().execute(GIVE_APPROVAL, {**given, "role": str(held.role)})


def record_terms(session: Session, record: Record, answers: Mapping[str, Any], event: Appended, *, restates: bool) -> None:
    """Keep from when to when the review has the terms of a vocabulary that its ranked choices name."""
    for question, value in answers.items():
        asked = record.definition.questions.get(question)
        if asked is not None and asked.type == "ranked_choices":
            terms.set_terms(
                session, record.review.id, asked, value or [], on=event.dated_on or local_date(event.recorded_at),
                known=event.recorded_at, event_id=event.id, restates=restates,
            )  # fmt: skip


def _identifying(definition: Definition) -> set[str]:
    """Name the questions that ask an identifier, or which kind of identifier one is."""
    asked = [question for question in definition.questions.values() if question.type == "identifier"]
    return {key for question in asked for key in (question.key, question.typed_by) if key}


def record_identifiers(session: Session, record: Record, answers: Mapping[str, Any]) -> None:
    """Keep the review's identifiers where lists and searches find them: one row a reference, numbered in the bank's order."""
    now = {**record.answers, **answers}
    if record.review.version > 1:  # a new review has none yet
        session.connection().execute(FORGET_IDENTIFIERS, {"review": record.review.id})
    asked = sorted(q.key for q in record.definition.questions.values() if q.type == "identifier")
    rows = [
        {"review_id": record.review.id, "slot": slot, "type": now.get(record.definition.questions[key].typed_by),
         "reference": now[key], "reference_key": identifier_key(now[key])}
        for slot, key in enumerate(asked, 1) if now.get(key)
    ]  # fmt: skip
    if rows:
        session.connection().execute(ADD_IDENTIFIER, rows)


def identifier_key(reference: str) -> str:
    """Give *reference* as it is searched for: casefolded, without spaces."""
    return "".join(reference.casefold().split())[:300]


def is_searched(changed: Collection[str], definition: Definition) -> bool:
    """Say whether one of the questions *changed* is among those by whose words a review is found."""
    return any(definition.questions[key].type in SEARCHED_TYPES for key in changed if key in definition.questions)


def search_text(review: Review, facts: Facts, definition: Definition) -> str:
    """Give the words by which the review is found, casefolded: its references, its partnership, then what was written in it.

    What does not fit is cut off at the end, so short answers come before long ones; each kind in the bank's order.
    """
    asked = [question for kind in SEARCHED_TYPES for question in definition.questions.values() if question.type == kind]
    labels = reference.partnership_labels()
    written = [labels.get(value, str(value)) for question in asked if (value := facts.answers.get(question.key))]
    return search_key(" ".join([review.reference, *written]))[:SEARCHED_LENGTH]
