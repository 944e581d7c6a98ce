"""The time of a review's history never goes back, whatever the times of those who write it."""

import json
from datetime import UTC, datetime, timedelta
from uuid import uuid4

import pytest
from sqlalchemy import select
from sqlalchemy.orm import Session

from scrt_workflow.models import Event, Person, Review, Span
from scrt_workflow.operations import steps
from scrt_workflow.operations.history_lines import HistoryError
from scrt_workflow.operations.people import actor_of
from scrt_workflow.operations.play import play
from tests.operations import reminding

STARTED = datetime(2024, 9, 3, 10, tzinfo=UTC)
"""When the review that all this is about was started."""


@pytest.fixture
def started(session: Session) -> Review:
    """Give a review that was started at STARTED."""
    reminding.prepared(session)
    return reminding.commissioned(session).then("start", started_on="2024-09-03").review()


def test_a_history_that_goes_on_earlier_than_the_review_has_come_is_refused_with_its_line(
    session: Session, started: Review
) -> None:
    line = {"at": "2024-09-02T12:00", "person": "designate@example.nhs.uk", "role": "designate", "organisation": "QMJ"}
    line |= {"review": started.reference, "workflow": started.workflow, "step": "withdraw"}

    with pytest.raises(HistoryError) as refused:
        play(session, [json.dumps({**line, "answers": {"withdrawal_reason": "entered_twice"}})])

    assert str(refused.value) == (
        f"line 1: {started.reference}: withdraw: the newest step of this review is of 11:00 on 3 September 2024, "
        "and this would come before it."
    )


def test_of_two_who_act_at_once_the_second_is_recorded_no_earlier_than_the_first(session: Session, started: Review) -> None:
    person = session.scalars(select(Person).where(Person.email_key == "designate@example.nhs.uk")).one()
    actor = actor_of(session, person.id, on=STARTED.date())
    raw = {"withdrawal_reason": ["entered_twice"]}
    pressed = STARTED - timedelta(seconds=1)

    done = steps.complete_step(session, started.id, "withdraw", raw, actor=actor, at=pressed, key=uuid4(), read_at=3)

    times = session.scalars(select(Event.recorded_at).where(Event.stream == f"review:{started.id}").order_by(Event.seq)).all()
    assert (done.seq, times[-2], times[-1]) == (4, STARTED, STARTED)
    spans = session.scalars(select(Span).where(Span.review_id == started.id)).all()
    assert all(span.known_to is None or span.known_from <= span.known_to for span in spans)
