"""What happened is never changed or deleted, whoever asks (DA4)."""

import pytest
from sqlalchemy import insert, select, text, update
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from scrt_workflow.models import AccessEvent, AnswerChange, Checkpoint, CheckpointHead, Event, EventBody, QuestionKey
from tests.factories import make_person
from tests.models.rows import NOON, add_event, add_review


@pytest.fixture
def history(session: Session) -> Session:
    """Give a session that sees one row of everything that is only added to."""
    add_event(session)
    review = add_review(session)
    session.execute(insert(QuestionKey).values(key="themes", type="ranked_choices"))
    session.execute(insert(AnswerChange).values(review_id=review.id, seq=1, question="themes", choice=["T01"]))
    session.execute(insert(Checkpoint).values(id=1, at=NOON, heads=1, hash="h"))
    session.execute(insert(CheckpointHead).values(checkpoint_id=1, stream="review:1", seq=1, hash="h"))
    reads = {"at": NOON, "person_id": make_person(session).id, "review_id": review.id, "endpoint": "reviews.show"}
    session.execute(insert(AccessEvent).values(reads))
    session.commit()
    return session


@pytest.mark.parametrize("table", ["access_event", "answer_change", "checkpoint", "checkpoint_head", "event", "event_body"])
@pytest.mark.parametrize("statement", ["DELETE FROM {table}", "UPDATE {table} SET {column} = {column}"])
def test_what_happened_can_be_neither_changed_nor_deleted(history: Session, table: str, statement: str) -> None:
    column = {"access_event": "at", "checkpoint": "heads", "event_body": "salt"}.get(table, "seq")

    with pytest.raises(IntegrityError, match="what happened is never changed or deleted"):
        history.execute(text(statement.format(table=table, column=column)))

    history.rollback()
    assert history.scalar(text(f"SELECT count(*) FROM {table}")) == 1  # the names are the test's own


@pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
def test_an_event_cannot_be_replaced_on_sqlite(history: Session) -> None:
    with pytest.raises(IntegrityError, match="never changed or deleted"):
        history.execute(text("INSERT OR REPLACE INTO event SELECT * FROM event"))


@pytest.mark.parametrize("database_url", ["postgresql"], indirect=True)
def test_events_cannot_be_truncated_on_postgresql(history: Session) -> None:
    with pytest.raises(IntegrityError, match="never changed or deleted"):
        history.execute(text("TRUNCATE event CASCADE"))


def test_the_body_of_an_event_can_be_emptied_by_a_later_event_once(history: Session) -> None:
    first = history.scalars(select(Event.id)).one()
    redaction = add_event(history, seq=2)
    empty = update(EventBody).where(EventBody.event_id == first).values(salt=None, body=None, redacted_by_id=redaction)

    history.execute(empty)

    assert history.scalars(select(EventBody.body).where(EventBody.event_id == first)).one() is None
    with pytest.raises(IntegrityError, match="never changed or deleted"):
        history.execute(empty)


@pytest.mark.parametrize("kept", [{"body": {"brief_overview": "Another story"}}, {"salt": "another"}])
def test_a_redaction_cannot_put_other_words_in_place(history: Session, kept: dict[str, object]) -> None:
    first = history.scalars(select(Event.id)).one()
    redaction = add_event(history, seq=2)
    values = {"salt": None, "body": None, "redacted_by_id": redaction} | kept

    with pytest.raises(IntegrityError, match="never changed or deleted"):
        history.execute(update(EventBody).where(EventBody.event_id == first).values(**values))


def test_a_stream_has_one_event_of_each_number(session: Session) -> None:
    add_event(session, stream="review:1", seq=1)
    add_event(session, stream="review:2", seq=1)

    with pytest.raises(IntegrityError):
        add_event(session, stream="review:1", seq=1)


def test_an_event_is_written_by_one_core_statement_that_gives_its_number(session: Session) -> None:
    values = {"kind": "step:complete", "recorded_at": NOON, "body_digest": "d", "prev_hash": "p", "hash": "h"}
    numbers = [
        session.scalars(insert(Event).values(stream="review:1", seq=seq, **values).returning(Event.id)).one() for seq in (1, 2)
    ]

    assert numbers[0] < numbers[1]
