"""Drafts: what a person has typed into a form so far, kept on the server from the first page on (SE4, D10)."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta
from uuid import UUID, uuid4

from sqlalchemy import and_, bindparam, delete, or_, select
from sqlalchemy.orm import Session
from sqlalchemy.orm.attributes import flag_modified

from scrt_workflow.actors import Actor, Held
from scrt_workflow.forms.builder import REASON, raw_from
from scrt_workflow.forms.schema import Form
from scrt_workflow.models import Draft, Person, Review
from scrt_workflow.operations.finding import ONE, seen_by
from scrt_workflow.operations.records import Record
from scrt_workflow.operations.tables import table_of
from scrt_workflow.workflows.schema import Step

UNSTORABLE = re.compile("[\0\ud800-\udfff]")
"""What no database keeps. It becomes the mark for a broken character, which its writer sees and is asked to remove."""
DRAFTS = table_of(Draft)
OF_STEP = select(Draft).where(
    Draft.person_id == bindparam("person_id"), Draft.review_id == bindparam("review_id"), Draft.step == bindparam("step_key")
)
WITH_REVIEW = ONE.add_columns(Draft).outerjoin(
    Draft,
    and_(Draft.review_id == Review.id, Draft.person_id == bindparam("person_id"), Draft.step == bindparam("step_key")),
)
DISCARD = delete(DRAFTS).where(DRAFTS.c.id == bindparam("draft_id"))
UNCHANGED = timedelta(days=90)
"""How long a draft is kept that nobody touches: a review waits two or three months for a court or a panel."""
CLOSED = timedelta(days=7)
"""How long a draft is kept that cannot be submitted, its writer being disabled or its review withdrawn: both may be a mistake."""
EMPTY = timedelta(days=1)
"""How long a new review is kept of which nothing was typed."""
LONGEST_KEPT = 64_000
"""Characters kept of one control: more than any question takes, so that what is too long can be shown and cut by its writer."""


def of_step(session: Session, actor: Actor, review: Review, step: Step) -> Draft | None:
    """Give *actor*'s draft of a step of a review, if there is one."""
    mine = {"person_id": actor.person_id, "review_id": review.id, "step_key": step.key}
    return session.scalars(OF_STEP, mine).one_or_none()


def find_with_review(session: Session, actor: Actor, review_id: UUID, step_key: str) -> tuple[Review, Draft | None]:
    """Give a review that *actor* may see, and their draft of one of its steps if there is one; raises NoSuchReviewError."""
    asked = {"review_id": review_id, "person_id": actor.person_id, "step_key": step_key}
    row = session.execute(WITH_REVIEW, asked).one_or_none()
    return seen_by(actor, row.Review if row else None), row.Draft if row else None


def find(session: Session, actor: Actor, draft_id: UUID) -> Draft | None:
    """Give *actor*'s own draft of that id, if there is one; nobody sees another's."""
    return session.scalars(select(Draft).where(Draft.id == draft_id, Draft.person_id == actor.person_id)).one_or_none()


def mine(session: Session, actor: Actor) -> list[Draft]:
    """Give *actor*'s drafts, the newest first."""
    return list(session.scalars(select(Draft).where(Draft.person_id == actor.person_id).order_by(Draft.changed_at.desc())))


def begin(session: Session, record: Record, step: Step, *, actor: Actor, held: Held, at: datetime) -> Draft:
    """Begin a draft of *step*, read at the review's newest event, with the answers on record filled in."""
    form, questions = record.definition.form_of(step), record.definition.questions
    asked = {q: record.answers[q] for q in form.questions if q in record.answers and questions[q].is_filled_in}
    raw, _ = raw_from({q: value for q, value in asked.items() if value is not None}, questions)
    draft = _blank(record, step, actor=actor, held=held, at=at)
    draft.body, draft.review_id, draft.organisation = raw, record.review.id, record.review.responsible
    session.add(draft)
    session.flush()
    return draft


def begin_new(session: Session, record: Record, step: Step, *, actor: Actor, held: Held, at: datetime) -> Draft:
    """Begin a draft of a review that is not there yet; *record* is a blank one.

    Its id is the key of its submit too, so that whoever comes back to its address afterwards finds what it became.
    """
    draft = _blank(record, step, actor=actor, held=held, at=at)
    draft.key = draft.id
    session.add(draft)
    session.flush()
    return draft


def _blank(record: Record, step: Step, *, actor: Actor, held: Held, at: datetime) -> Draft:
    return Draft(
        id=uuid4(),
        person_id=actor.person_id,
        membership_id=held.membership_id,
        organisation=record.review.responsible,
        review_id=None,
        workflow=record.review.workflow,
        step=step.key,
        definition_version_id=record.review.definition_version_id,
        base_seq=record.review.version,
        body={},
        pages_done=[],
        key=uuid4(),
        changed_at=at,
    )


def keep(
    session: Session,
    draft: Draft,
    form: Form,
    typed: Mapping[str, Sequence[str]],
    *,
    page: str,
    done: bool,
    at: datetime,
) -> None:
    """Keep what was *typed* into a page of *form*; names that the page does not ask are left alone (AZ7)."""
    asked = next((one.questions for one in form.pages if one.key == page), ())
    body = dict(draft.body)
    for name in [*asked, *(question + REASON for question in asked)]:
        values = [storable(value) for value in typed.get(name, [])][:100]
        if any(values):
            body[name] = values
        else:
            body.pop(name, None)
    pages = [key for key in draft.pages_done if key != page]
    draft.body, draft.pages_done, draft.changed_at = body, [*pages, page] if done else pages, at
    flag_modified(draft, "body")
    session.flush()


def storable(text: str) -> str:
    """Give what can be kept of a text that was typed."""
    return UNSTORABLE.sub("\ufffd", text[:LONGEST_KEPT])


def catch_up(session: Session, draft: Draft, chosen: Mapping[str, Sequence[str]], *, version: int, at: datetime) -> None:
    """Let *draft* go on from the review as it is at *version*, with the answers *chosen* where two people differed.

    The submit to come is another one, so it gets a new key.
    """
    draft.body = {**draft.body, **{name: list(values) for name, values in chosen.items()}}
    draft.base_seq, draft.key, draft.changed_at = version, uuid4(), at
    flag_modified(draft, "body")
    session.flush()


def discard(session: Session, draft: Draft) -> None:
    """Throw *draft* away: it was submitted, or its writer wants to be rid of it."""
    session.connection().execute(DISCARD, {"draft_id": draft.id})
    session.expunge(draft)


def forget_old(session: Session, *, at: datetime) -> None:
    """Forget the drafts that nobody will come back to: what was stopped as likely to identify a patient must not lie there."""
    withdrawn = select(Review.id).where(Review.withdrawn_at < at - CLOSED)
    disabled = select(Person.id).where(Person.disabled_at < at - CLOSED)
    is_empty = Draft.review_id.is_(None) & (Draft.body == {})
    old = or_(
        Draft.changed_at < at - UNCHANGED,
        and_(Draft.changed_at < at - EMPTY, is_empty),
        Draft.review_id.in_(withdrawn),
        Draft.person_id.in_(disabled),
    )
    session.execute(delete(Draft).where(old))
