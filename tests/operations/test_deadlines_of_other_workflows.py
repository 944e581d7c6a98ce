"""Deadlines of workflows that are not the shipped ones, as the database has them after each step."""

from __future__ import annotations

from datetime import UTC, date, datetime
from typing import Any
from uuid import UUID, uuid4

import pytest
from sqlalchemy.orm import Session

from scrt_workflow import catalogue
from scrt_workflow.operations import steps
from scrt_workflow.operations.deadlines import deadlines_on
from scrt_workflow.operations.records import record_of
from scrt_workflow.workflows.clocks import ClockState
from tests.operations.rebases import FIRST, Visits


@pytest.fixture
def visits(session: Session) -> Visits:
    return Visits(session)


def begin(visits: Visits, version: int) -> UUID:
    """Begin a visit under a version that is not the first."""
    raw = {"why": ["It is due"], "review_type": ["visit"]}
    who: dict[str, Any] = {"organisation": "QMJ", "actor": visits.designate, "at": visits.at, "key": uuid4()}
    return steps.start_review(visits.session, "visit", "ask", raw, version_id=version, **who).review_id


def on(visits: Visits, day: str) -> Visits:
    visits.at = datetime.combine(date.fromisoformat(day), datetime.min.time().replace(hour=9), UTC)
    return visits


def deadline(visits: Visits, review_id: UUID) -> ClockState:
    review = visits.review(review_id)
    record = record_of(visits.session, review, catalogue.definition(visits.session, review.definition_version_id))
    (found,) = deadlines_on(visits.session, record, today=visits.at.date())
    return found


HOLDING = FIRST.replace(
    "  finish:",
    """\
  hold: {title: Hold a meeting, from: [planned], who: [designate], form: seeing, dated_by: seen_on, to: same}
  correct: {title: Correct, from: [planned], who: [designate], form: seeing, to: same, restates: yes}
  finish:""",
)


def test_a_deadline_that_a_meeting_starts_follows_the_correction_of_its_date(visits: Visits) -> None:
    version = visits.release(HOLDING.replace("starts: arrange", "starts: hold"))
    one = begin(visits, version)
    visits.take(one, "arrange")
    on(visits, "2024-06-20").take(one, "hold", seen_on="2024-06-10")
    assert visits.review(one).deadline_on == date(2024, 7, 10)

    on(visits, "2024-06-24").take(one, "correct", seen_on="2024-06-17")

    assert visits.review(one).deadline_on == date(2024, 7, 17)
    assert deadline(visits, one).started_on == date(2024, 6, 17)
