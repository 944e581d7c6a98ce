"""A review with all that its rules look at: its answers, the approvals in force, and who wrote what."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.orm import Session

from scrt_workflow.actors import Actor, Held
from scrt_workflow.conditions import Facts, tests_in
from scrt_workflow.models import Answer, AnswerChange, Approval, Review
from scrt_workflow.workflows.refusal import Refusal
from scrt_workflow.workflows.schema import Definition, Step


@dataclass(frozen=True)
class Record:
    """A review as its rules see it. `answers` holds no key for what was not asked, and None for what was left empty."""

    review: Review
    definition: Definition
    answers: Mapping[str, Any]
    set_at: Mapping[str, int]
    ever: Mapping[str, frozenset[str]] = field(default_factory=dict)
    in_force: Mapping[str, UUID] = field(default_factory=dict)
    given_by: Mapping[str, frozenset[UUID]] = field(default_factory=dict)
    authors: Mapping[str, frozenset[UUID]] = field(default_factory=dict)

    @property
    def facts(self) -> Facts:
        """Give what conditions may look at; the review's type is looked at like a question."""
        return Facts({**self.answers, "review_type": self.review.review_type}, self.ever)


def record_of(session: Session, review: Review, definition: Definition) -> Record:
    """Load what the rules of *definition* look at in *review*, and no more."""
    rows = session.execute(select(Answer.question, Answer.value, Answer.set_seq).where(Answer.review_id == review.id)).all()
    approving = {step.key for step in definition.workflow.steps.values() if step.is_approval}
    approvals = approvals_of(session, review) if approving else []
    followed = {question for step in definition.workflow.steps.values() for question in step.approves} | ever_asked(definition)
    ever, authors = _followed(session, review, followed)
    return Record(
        review=review,
        definition=definition,
        answers={row.question: row.value for row in rows},
        set_at={row.question: row.set_seq for row in rows},
        ever=ever,
        in_force={row.step: row.person_id for row in approvals if row.voided_seq is None},
        given_by={key: frozenset(row.person_id for row in approvals if row.step == key) for key in approving},
        authors=authors,
    )


def approvals_of(session: Session, review: Review) -> list[Approval]:
    """Give every approval of *review*, those that fell included, oldest first."""
    return list(session.scalars(select(Approval).where(Approval.review_id == review.id).order_by(Approval.seq)))


def ever_asked(definition: Definition) -> set[str]:
    """Name the questions of which conditions ask whether they ever had some answer."""
    steps = definition.workflow.steps.values()
    conditions = [
        *(outcome.when for step in steps for outcome in step.outcomes),
        *(guard.when for step in steps for guard in step.needs),
        *(tell.when for step in steps for tell in step.tells),
        *(page.show_when for form in definition.forms.values() for page in form.pages),
        *(question.show_when for question in definition.questions.values()),
    ]
    return {test.question for condition in conditions for test in tests_in(condition) if test.operator == "ever_in"}


def _followed(
    session: Session, review: Review, questions: set[str]
) -> tuple[dict[str, frozenset[str]], dict[str, frozenset[UUID]]]:
    """Give, for *questions*, every value they ever had (closed lists only) and everyone who ever set them."""
    ever: dict[str, set[str]] = {}
    authors: dict[str, set[UUID]] = {}
    if questions:
        columns = (AnswerChange.question, AnswerChange.person_id, AnswerChange.choice)
        query = select(*columns).where(AnswerChange.review_id == review.id, AnswerChange.question.in_(sorted(questions)))
        for row in session.execute(query):
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
    review = record.review
    held = actor.covering(review.responsible, step.who)
    if review.withdrawn_at is not None:
        return Access(step, None, Refusal.WITHDRAWN)
    if held is None:
        elsewhere = any(one.role in step.who for one in actor.held)
        return Access(step, None, Refusal.WRONG_PLACE if elsewhere else Refusal.WRONG_ROLE)
    if review.state not in step.comes_from:
        return Access(step, held, Refusal.WRONG_STATE)
    if step.is_approval and is_own_work(record, step, actor):
        return Access(step, held, Refusal.OWN_WORK)
    return Access(step, held, None)


def is_own_work(record: Record, step: Step, actor: Actor) -> bool:
    """Say whether *actor* wrote what *step* approves, or gave another approval of this review (AZ6)."""
    wrote = any(actor.person_id in record.authors.get(question, ()) for question in step.approves)
    return wrote or any(actor.person_id in people for key, people in record.given_by.items() if key != step.key)


def would_author_what_they_approved(record: Record, step: Step, changed: set[str], actor: Actor) -> bool:
    """Say whether *actor*, who has approved this review in another step, would now write what that step approves (AZ6)."""
    approved = (record.definition.workflow.steps[key] for key, people in record.given_by.items() if actor.person_id in people)
    return any(other.key != step.key and changed & set(other.approves) for other in approved)
