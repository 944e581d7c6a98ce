"""What is forgotten by itself: drafts that nobody will come back to, and nobody's who will."""

from datetime import timedelta
from typing import Any
from uuid import UUID, uuid4

import pytest
from sqlalchemy import Engine, select

from scrt_workflow.clock import FixedClock
from scrt_workflow.database import reading, unit_of_work
from scrt_workflow.jobs import tidying
from scrt_workflow.jobs.work import Work
from scrt_workflow.models import Draft
from scrt_workflow.permissions import Role
from tests.factories import NOW, REAL_NOW, make_membership, make_person
from tests.models.rows import add_organisation, add_version, make_review

TYPED = {"latest_update": ["The panel has met."]}
KEPT = [
    {"days": 89},
    {"days": 89, "of_a_review": False},
    {"days": 0, "of_a_review": False, "body": {}},
    {"days": 2, "body": {}},
    {"days": 6, "disabled": True},
    {"days": 6, "withdrawn": True},
]
FORGOTTEN = [
    {"days": 91},
    {"days": 91, "of_a_review": False},
    {"days": 2, "of_a_review": False, "body": {}},
    {"days": 8, "disabled": True},
    {"days": 8, "withdrawn": True},
]


def add_draft(
    engine: Engine, *, days: int, body: Any = TYPED, of_a_review: bool = True, disabled: bool = False, withdrawn: bool = False
) -> UUID:
    """Make a draft that was last changed *days* ago; then its writer was disabled, or its review withdrawn, if so."""
    then = NOW - timedelta(days=days)
    with unit_of_work(engine) as session:
        code, version, person = add_organisation(session), add_version(session), make_person(session)
        held = make_membership(session, person, Role.DESIGNATE, code)
        review = make_review(code, version, withdrawn_at=then if withdrawn else None)
        session.add(review)
        person.disabled_at = then if disabled else None
        session.flush()
        draft = Draft(
            id=uuid4(), person_id=person.id, membership_id=held.id, organisation=code,
            review_id=review.id if of_a_review else None, workflow="rapid_review", step="give_update",
            definition_version_id=version, base_seq=0, body=body, changed_at=then,
        )  # fmt: skip
        session.add(draft)
    return draft.id


def is_there_after_tidying(engine: Engine, draft_id: UUID) -> bool:
    tidying.run(Work(engine, NOW, FixedClock(REAL_NOW)))
    with reading(engine) as session:
        return session.scalars(select(Draft.id).where(Draft.id == draft_id)).one_or_none() is not None


@pytest.mark.parametrize("draft", KEPT, ids=str)
def test_a_draft_that_its_writer_may_come_back_to_is_kept(database: Engine, draft: dict[str, Any]) -> None:
    assert is_there_after_tidying(database, add_draft(database, **draft))


@pytest.mark.parametrize("draft", FORGOTTEN, ids=str)
def test_a_draft_that_nobody_comes_back_to_is_forgotten(database: Engine, draft: dict[str, Any]) -> None:
    assert not is_there_after_tidying(database, add_draft(database, **draft))
