"""A review with all that its rules look at: its answers, the approvals in force, and who wrote what."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any
from uuid import UUID

from sqlalchemy import BindParameter, bindparam, select
from sqlalchemy.orm import Session

from scrt_workflow.actors import Actor, Held
from scrt_workflow.conditions import Facts
from scrt_workflow.models import Answer, AnswerChange, Approval, Review
from scrt_workflow.operations.tables import table_of
from scrt_workflow.workflows.refusal import Refusal
from scrt_workflow.workflows.schema import Definition, Step

ANSWERS, CHANGES, APPROVALS = table_of(Answer), table_of(AnswerChange), table_of(Approval)
_REVIEW: BindParameter[UUID] = bindparam("review_id")
ANSWERED = select(ANSWERS.c.question, ANSWERS.c.value, ANSWERS.c.set_seq).where(ANSWERS.c.review_id == _REVIEW)
APPROVED = (
    select(APPROVALS.c.step, APPROVALS.c.person_id, APPROVALS.c.voided_seq)
    .where(APPROVALS.c.review_id == _REVIEW)
    .order_by(APPROVALS.c.seq)
)
CHANGED = select(CHANGES.c.question, CHANGES.c.person_id, CHANGES.c.choice).where(
    CHANGES.c.review_id == _REVIEW, CHANGES.c.question.in_(bindparam("questions", expanding=True))
)


@dataclass(frozen=True)
class Record:
    """A review as its rules see it. `answers` holds no key for what was not asked, and None for what was left empty.

    `version` is the number of the newest event when it was read: nothing in it has changed while the review's is the same.
    """

    review: Review
    definition: Definition
    answers: Mapping[str, Any]
    set_at: Mapping[str, int]
    version: int = 0
    ever: Mapping[str, frozenset[str]] = field(default_factory=dict)
    in_force: Mapping[str, UUID] = field(default_factory=dict)
    given_by: Mapping[str, frozenset[UUID]] = field(default_factory=dict)
    authors: Mapping[str, frozenset[UUID]] = field(default_factory=dict)

    @property
    def facts(self) -> Facts:
        """Give what conditions may look at; the review's type is looked at like a question."""
        return Facts({**self.answers, "review_type": self.review.review_type}, self.ever)


def record_of(session: Session, review: Review, definition: Definition, step: Step | None = None) -> Record:
    """Load what the rules of *definition* look at in *review*, and no more: those about *step* alone if it is named."""
    connection = session.connection()
    rows = connection.execute(ANSWERED, {"review_id": review.id}).all()
    approving = definition.approving
    approvals = connection.execute(APPROVED, {"review_id": review.id}).all() if approving else []
    followed = definition.followed_by[step.key] if step else definition.followed
    ever, authors = _followed(session, review, followed)
    return Record(
        review=review,
        definition=definition,
        answers={row.question: row.value for row in rows},
        set_at={row.question: row.set_seq for row in rows},
        version=review.version,
        ever=ever,
        in_force={row.step: row.person_id for row in approvals if row.voided_seq is None},
        given_by={key: frozenset(row.person_id for row in approvals if row.step == key) for key in approving},
        authors=authors,
    )


def _followed(
    session: Session, review: Review, questions: frozenset[str]
) -> tuple[dict[str, frozenset[str]], dict[str, frozenset[UUID]]]:
    """Give, for *questions*, every value they ever had (closed lists only) and everyone who ever set them."""
    ever: dict[str, set[str]] = {}
    authors: dict[str, set[UUID]] = {}
    if questions:
        for row in session.connection().execute(CHANGED, {"review_id": review.id, "questions": sorted(questions)}):
            if row.choice is not None:
                ever.setdefault(row.question, set()).update(row.choice if isinstance(row.choice, list) else [row.choice])
            if row.person_id is not None:
                authors.setdefault(row.question, set()).add(row.person_id)
    return {q: frozenset(v) for q, v in ever.items()}, {q: frozenset(p) for q, p in authors.items()}


@dataclass(frozen=True, slots=True)
class Access:
    """Whether a step of a review is open to someone: as what they would take it, or why it is not."""

    step: Step
    held: Held | None
    refusal: Refusal | None


def steps_open_to(record: Record, actor: Actor) -> list[Access]:
    """Say of every step that can happen where the review is whether *actor* may take it: one answer for button and POST."""
    if record.review.withdrawn_at is not None:
        return []
    steps = record.definition.workflow.steps_from.get(record.review.state, ())
    return [access_to(record, step, actor) for step in steps]


def access_to(record: Record, step: Step, actor: Actor) -> Access:
    """Say whether *step* of this review is open to *actor*, and as what they would take it."""
    access = first_look(record.review, step, actor)
    if access.refusal is None and step.is_approval and is_own_work(record, step, actor):
        return Access(step, access.held, Refusal.OWN_WORK)
    return access


def first_look(review: Review, step: Step, actor: Actor) -> Access:
    """Say what the review's row alone says of it: whether this is the role, the place and the state for *step*."""
    held = actor.covering(review.responsible, step.who)
    if review.withdrawn_at is not None:
        return Access(step, None, Refusal.WITHDRAWN)
    if held is None:
        elsewhere = any(one.role in step.who for one in actor.held)
        return Access(step, None, Refusal.WRONG_PLACE if elsewhere else Refusal.WRONG_ROLE)
    if review.state not in step.comes_from:
        return Access(step, held, Refusal.WRONG_STATE)
    return Access(step, held, None)


def is_own_work(record: Record, step: Step, actor: Actor) -> bool:
    """Say whether *actor* wrote what *step* approves, or gave another approval of this review (AZ6)."""
    wrote = any(actor.person_id in record.authors.get(question, ()) for question in step.approves)
    return wrote or any(actor.person_id in people for key, people in record.given_by.items() if key != step.key)


def would_author_what_they_approved(record: Record, step: Step, changed: set[str], actor: Actor) -> bool:
    """Say whether *actor*, who has approved this review in another step, would now write what that step approves (AZ6)."""
    approved = (record.definition.workflow.steps[key] for key, people in record.given_by.items() if actor.person_id in people)
    return any(other.key != step.key and changed & set(other.approves) for other in approved)
