"""Deadlines of reviews as the database has them: what comes next of a review follows every step that can change it."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from uuid import UUID, uuid4

import pytest
from sqlalchemy import Engine, update
from sqlalchemy.orm import Session

from scrt_workflow import catalogue
from scrt_workflow.actors import Actor
from scrt_workflow.clock import FixedClock
from scrt_workflow.database import reading, unit_of_work
from scrt_workflow.jobs import deadlines as job
from scrt_workflow.jobs.work import Work
from scrt_workflow.models import NO_DEADLINE, Person, Review
from scrt_workflow.operations import steps
from scrt_workflow.operations.deadlines import deadlines_on, idle_on
from scrt_workflow.operations.people import actor_of
from scrt_workflow.operations.records import record_of
from scrt_workflow.operations.refusals import StepRefusedError
from scrt_workflow.workflows.clocks import ClockState
from tests.definitions.histories import ABOUT, CHILDREN, SAFETY, History
from tests.definitions.shipped import CSPR, DHR
from tests.operations.reminding import commissioned, on, prepared, signed_off

# The review of these tests was commissioned on 2 September 2024: it is to be completed by 2 March 2025.


@pytest.fixture(autouse=True)
def _prepared(request: pytest.FixtureRequest) -> None:
    if "session" in request.fixturenames:
        prepared(request.getfixturevalue("session"))


def started(session: Session) -> History:
    return commissioned(session).then("start", started_on="2024-09-03")


def paused(session: Session) -> History:
    history = on(started(session), date(2024, 12, 2))
    return history.then("pause_deadline", paused_on="2024-12-02", pause_reason="criminal_proceedings")


def deadline(session: Session, history: History) -> date:
    return session.get_one(Review, history.review().id, populate_existing=True).deadline_on


def state(session: Session, review: Review, *, today: date) -> ClockState:
    record = record_of(session, review, catalogue.definition(session, review.definition_version_id))
    (found,) = deadlines_on(session, record, today=today)
    return found


def test_the_row_of_a_review_names_the_deadline_that_comes_next(session: Session) -> None:
    assert deadline(session, started(session)) == date(2025, 3, 2)


def test_a_pause_takes_the_deadline_out_of_the_row_and_its_end_puts_it_back_later(session: Session) -> None:
    history = paused(session)
    assert deadline(session, history) == NO_DEADLINE

    on(history, date(2025, 1, 6)).then("end_pause", resumed_on="2025-01-06")

    assert deadline(session, history) == date(2025, 4, 6)
    found = state(session, history.review(), today=date(2025, 1, 7))
    assert [(one.from_on, one.to_on) for one in found.pauses] == [(date(2024, 12, 2), date(2025, 1, 6))]


def test_a_pause_can_end_with_the_whole_time_again(session: Session) -> None:
    history = on(paused(session), date(2025, 1, 6)).then("end_pause_afresh", resumed_on="2025-01-06")

    assert deadline(session, history) == date(2025, 7, 6)


def test_a_new_due_date_is_the_next_deadline_and_every_old_one_is_kept(session: Session) -> None:
    history = on(started(session), date(2025, 2, 3))
    history.then("change_deadline", new_due_on="2025-05-02", new_due_reason="The board agreed.")
    on(history, date(2025, 4, 1)).then("change_deadline", new_due_on="2025-06-02", new_due_reason="The board agreed again.")

    assert deadline(session, history) == date(2025, 6, 2)
    found = state(session, history.review(), today=date(2025, 4, 2))
    assert [(one.was, one.now) for one in found.new_dates] == [
        (date(2025, 3, 2), date(2025, 5, 2)),
        (date(2025, 5, 2), date(2025, 6, 2)),
    ]


def test_a_review_whose_deadline_is_met_has_none(session: Session) -> None:
    assert deadline(session, signed_off(session)) == NO_DEADLINE


def test_a_corrected_date_moves_the_deadline(session: Session) -> None:
    history = started(session)

    dates = {"referred_on": "2024-08-29", "decided_on": "2024-08-30", "commissioned_on": "2024-08-30"}
    history.then("correct", what_to_correct=["progress"], correction_reason="The wrong month.", started_on="2024-09-03", **dates)

    assert deadline(session, history) == date(2025, 2, 28)


@pytest.mark.parametrize(
    ("workflow", "about"), [(DHR, {"partnership": SAFETY, "review_type": "dhr_adult"}), (CSPR, {"partnership": CHILDREN})]
)
def test_a_review_that_was_first_refused_has_its_report_still_to_come(
    session: Session, workflow: str, about: dict[str, str]
) -> None:
    history = History(session, workflow, at=datetime(2024, 9, 1, 10, tzinfo=UTC))
    history.then("refer", referred_on=history.day, **ABOUT | about)
    history.then("decide_no_review", decided_on="2024-09-02", no_review_reason="The criteria are not met.")
    history.then("reopen_referral", reopening_reason="They are met.")

    history.then("commission", decided_on="2024-09-02", commissioned_on=history.day)

    assert deadline(session, history) == date(2025, 3, 2)


def test_an_update_leaves_the_deadline_alone(session: Session) -> None:
    assert deadline(session, started(session).then("give_update", latest_update="Going on.")) == date(2025, 3, 2)


def who(session: Session, at: datetime) -> Actor:
    person = session.query(Person).filter_by(email_key="designate@example.nhs.uk").one()
    return actor_of(session, person.id, on=at.date())


def try_step(session: Session, review: UUID, step: str, at: datetime, **raw: list[str]) -> None:
    seq = session.get_one(Review, review, populate_existing=True).version
    steps.complete_step(session, review, step, raw, actor=who(session, at), at=at, key=uuid4(), read_at=seq)


def test_a_deadline_that_is_not_paused_cannot_go_on_and_the_refusal_says_so(session: Session) -> None:
    review = started(session).review()

    with pytest.raises(StepRefusedError, match="No deadline is paused"):
        try_step(session, review.id, "end_pause", datetime(2024, 10, 1, 10, tzinfo=UTC), resumed_on=["1", "10", "2024"])


def test_a_deadline_that_is_paused_cannot_be_paused_again(session: Session) -> None:
    review = paused(session).review()
    raw = {"paused_on": ["3", "12", "2024"], "pause_reason": ["inquest"]}

    with pytest.raises(StepRefusedError, match="No deadline that this could pause is running"):
        try_step(session, review.id, "pause_deadline", datetime(2024, 12, 3, 10, tzinfo=UTC), **raw)


def test_only_what_can_be_done_to_a_deadline_is_offered(session: Session) -> None:
    def idle(history: History) -> set[str]:
        review = history.review()
        record = record_of(session, review, catalogue.definition(session, review.definition_version_id))
        return set(idle_on(session, record, today=date(2025, 1, 1)))

    assert idle(started(session)) == {"end_pause", "end_pause_afresh"}
    assert idle(paused(session)) == {"pause_deadline"}


def test_the_nightly_job_puts_right_what_a_row_says(database: Engine) -> None:
    with unit_of_work(database) as session:
        prepared(session)
        review = started(session).review().id
        session.execute(update(Review).values(deadline_on=NO_DEADLINE))
    at = datetime(2024, 10, 1, 4, tzinfo=UTC)

    outcome = job.run(Work(database, at, FixedClock(at)))

    assert outcome == {"looked_at": 1, "put_right": 1}
    with reading(database) as session:
        assert session.get_one(Review, review).deadline_on == date(2025, 3, 2)
    assert job.run(Work(database, at + timedelta(days=1), FixedClock(at))) == {"looked_at": 1, "put_right": 0}
