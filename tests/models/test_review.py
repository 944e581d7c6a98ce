"""A review's rows: one living child, one approval in force, no stale object."""

from collections.abc import Callable
from typing import Any

import pytest
from sqlalchemy import delete, select, text, update
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session
from sqlalchemy.orm.exc import StaleDataError

from scrt_workflow.database import make_engine, reading
from scrt_workflow.models import Approval, Review
from tests.models.rows import NOON, add_person, add_review, make_approval, make_review


def child_of(parent: Review, reference: str, **changes: Any) -> Review:
    return make_review(parent.responsible, parent.definition_version_id, reference, converted_from_id=parent.id, **changes)


def test_a_review_has_one_living_child(session: Session) -> None:
    parent = add_review(session)
    session.add(child_of(parent, "R2"))
    session.flush()

    session.add(child_of(parent, "R3"))
    with pytest.raises(IntegrityError):
        session.flush()


def test_a_review_may_have_another_child_when_the_first_was_withdrawn(session: Session) -> None:
    parent = add_review(session)
    session.add_all([child_of(parent, "R2", withdrawn_at=NOON), child_of(parent, "R3", withdrawn_at=NOON)])

    session.add(child_of(parent, "R4"))
    session.flush()

    assert len(session.scalars(select(Review.id).where(Review.converted_from_id == parent.id)).all()) == 3


def test_an_object_that_was_read_before_another_change_cannot_be_written(session: Session) -> None:
    review = add_review(session)
    move = update(Review).where(Review.version == 1).values(version=2, state="in_progress")

    session.execute(move, execution_options={"synchronize_session": False})
    review.state = "closed"

    with pytest.raises(StaleDataError):
        session.flush()


def test_one_approval_of_a_step_is_in_force(session: Session) -> None:
    review, person_id = add_review(session), add_person(session)
    session.add(make_approval(review, person_id, seq=1))
    session.flush()

    session.add(make_approval(review, person_id, seq=2))
    with pytest.raises(IntegrityError):
        session.flush()


def test_an_approval_can_be_voided_once_and_given_again(session: Session) -> None:
    review, person_id = add_review(session), add_person(session)
    session.add(make_approval(review, person_id, seq=1))
    session.flush()

    session.execute(update(Approval).values(voided_seq=2))
    session.add(make_approval(review, person_id, seq=3))
    session.flush()

    with pytest.raises(IntegrityError, match="never changed or deleted"):
        session.execute(update(Approval).where(Approval.seq == 1).values(voided_seq=4))


@pytest.mark.parametrize(
    "change",
    [
        lambda: update(Approval).values(role="regional_chief"),
        lambda: update(Approval).values(answer="no", voided_seq=2),
        lambda: update(Approval).values(voided_seq=None),
        lambda: delete(Approval),
    ],
    ids=["another role", "another answer", "nothing", "gone"],
)
def test_nothing_else_of_an_approval_can_change(session: Session, change: Callable[[], Any]) -> None:
    review, person_id = add_review(session), add_person(session)
    session.add(make_approval(review, person_id))
    session.flush()

    with pytest.raises(IntegrityError, match="never changed or deleted"):
        session.execute(change())


@pytest.mark.parametrize(
    ("query", "index"),
    [
        (
            "SELECT id FROM review WHERE responsible = 'Q' AND status = 'open' ORDER BY last_update_on DESC, id DESC",
            "review_list",
        ),
        ("SELECT id FROM review WHERE status = 'open' ORDER BY last_update_on DESC, id DESC", "review_everywhere"),
        ("SELECT id FROM review ORDER BY last_update_on DESC, id DESC", "review_newest"),
        ("SELECT id FROM review ORDER BY state_since DESC, id DESC", "review_since"),
        ("SELECT review_id FROM identifier WHERE reference_key = '2024/1'", "identifier_find"),
        ("SELECT review_id FROM span WHERE organisation = 'QMJ' AND from_on <= '2024-10-31'", "span_month_end"),
        (
            "SELECT id FROM notice WHERE status = 'queued' AND next_try_at <= '2024' ORDER BY next_try_at, id",
            "notice_to_send",
        ),
        (
            "SELECT seq FROM answer_change WHERE review_id = 'a' AND question = 'q' ORDER BY seq",
            "answer_change_of_question",
        ),
    ],
)
def test_what_is_asked_often_is_answered_by_an_index_without_sorting(sqlite_url: str, query: str, index: str) -> None:
    engine = make_engine(sqlite_url)
    with reading(engine) as session:
        plan = [row.detail for row in session.execute(text(f"EXPLAIN QUERY PLAN {query}"))]
    engine.dispose()

    assert len(plan) == 1, plan
    assert index in plan[0]
