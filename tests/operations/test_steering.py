"""What administrators say to the jobs: a run that is asked for is run once, and a paused job by nobody."""

from datetime import UTC, datetime, time, timedelta

import pytest
from sqlalchemy import select
from sqlalchemy.orm import Session

from scrt_workflow.actors import Actor
from scrt_workflow.models import Event, EventBody, JobRun
from scrt_workflow.operations import history, job_runs, steering
from scrt_workflow.operations.job_runs import LEASE
from scrt_workflow.operations.organisations import load_reference
from scrt_workflow.operations.people import actor_of
from scrt_workflow.operations.steering import LONGEST_REASON, SteeringRefusedError
from scrt_workflow.operations.timetable import Daily, Job, Monthly
from scrt_workflow.permissions import Role
from tests.factories import make_membership, make_person

REAL = datetime(2026, 11, 22, 13, tzinfo=UTC)
AT = datetime(2024, 11, 15, 9, tzinfo=UTC)
DAY, SECOND = timedelta(days=1), timedelta(seconds=1)
REMINDERS = Job("reminders", "Reminders", Daily(time(7)))
FIGURES = Job("figures", "Figures", Monthly(time(6)), reach=timedelta(days=400), each_missed=True)


@pytest.fixture
def administrator(session: Session) -> Actor:
    load_reference(session)
    person = make_person(session, name="Ada Obi")
    make_membership(session, person, Role.ADMINISTRATOR, "ENG")
    return actor_of(session, person.id, on=AT.date())


def events(session: Session, job: str) -> list[tuple[str, str | None, object]]:
    query = select(Event.kind, Event.role, EventBody.body).join(EventBody, EventBody.event_id == Event.id)
    rows = session.execute(query.where(Event.stream == steering.stream_of(job)).order_by(Event.seq))
    return [(row.kind, row.role, row.body) for row in rows]


def due(session: Session, job: Job, now: datetime, *, real_now: datetime = REAL) -> list[str]:
    return [job.when.period(moment) for moment in job_runs.unclaimed(session, job, now=now, real_now=real_now)]


def take(session: Session, job: Job, period: str = "2024-11-15", owner: str = "a") -> job_runs.Claim | None:
    return steering.claim_asked(session, job, period, owner=owner, at=REAL)


def make_run(session: Session, job: Job, period: str) -> None:
    session.add(JobRun(job=job.key, period=period, status="done", owner="a", attempt=1, started_at=REAL))
    session.flush()


def test_a_run_that_is_asked_for_is_claimed_by_one_scheduler_though_it_was_done_before(
    session: Session, administrator: Actor
) -> None:
    make_run(session, REMINDERS, "2024-11-15")
    steering.ask_for_run(session, REMINDERS, actor=administrator, at=AT)

    first, second = take(session, REMINDERS), take(session, REMINDERS, owner="b")

    assert first
    assert (first.owner, first.attempt) == ("a", 2)
    assert second is None
    assert not steering.is_asked_for(session, "reminders")


def test_nobody_claims_what_nobody_asked_for(session: Session) -> None:
    assert take(session, REMINDERS) is None


def test_a_wish_waits_while_that_very_run_is_under_way(session: Session, administrator: Actor) -> None:
    running = steering.claim_due(session, REMINDERS, "2024-11-15", owner="a", at=REAL)
    assert running
    steering.ask_for_run(session, REMINDERS, actor=administrator, at=AT)

    assert take(session, REMINDERS, owner="b") is None
    assert steering.is_asked_for(session, "reminders")
    job_runs.finish(session, running, {}, at=REAL)
    assert take(session, REMINDERS, owner="b")


def test_a_failed_run_is_run_at_once_when_somebody_asks_also_after_its_last_attempt(
    session: Session, administrator: Actor
) -> None:
    at = REAL
    while claim := job_runs.claim(session, "reminders", "2024-11-15", owner="a", at=at):
        job_runs.fail(session, claim, "OperationalError", at=at)
        at += timedelta(hours=1)
    steering.ask_for_run(session, REMINDERS, actor=administrator, at=AT)

    assert take(session, REMINDERS)


def test_a_run_that_was_asked_for_before_its_hour_is_gone_on_with_when_its_process_is_lost(
    session: Session, administrator: Actor
) -> None:
    early = AT.replace(hour=5)
    make_run(session, REMINDERS, "2024-11-14")
    steering.ask_for_run(session, REMINDERS, actor=administrator, at=early)
    assert take(session, REMINDERS)

    assert due(session, REMINDERS, early) == []
    assert due(session, REMINDERS, early, real_now=REAL + LEASE + SECOND) == ["2024-11-15"]
    assert steering.claim_due(session, REMINDERS, "2024-11-15", owner="b", at=REAL + LEASE + SECOND)


def test_what_is_asked_for_twice_is_one_wish_and_one_event(session: Session, administrator: Actor) -> None:
    for _ in range(2):
        steering.ask_for_run(session, REMINDERS, actor=administrator, at=AT)

    assert events(session, "reminders") == [("job:run-asked", "administrator", {})]


def test_a_paused_job_is_due_for_nobody_and_claimed_by_nobody(session: Session, administrator: Actor) -> None:
    steering.ask_for_run(session, REMINDERS, actor=administrator, at=AT)
    steering.pause(session, REMINDERS, " The mail server\r\nis mended. ", actor=administrator, at=AT)

    assert due(session, REMINDERS, AT) == []
    assert steering.claim_due(session, REMINDERS, "2024-11-15", owner="a", at=REAL) is None
    assert take(session, REMINDERS) is None
    assert steering.pauses(session)["reminders"].reason == "The mail server is mended."
    with pytest.raises(SteeringRefusedError, match="paused"):
        steering.ask_for_run(session, REMINDERS, actor=administrator, at=AT)
    with pytest.raises(SteeringRefusedError, match="already"):
        steering.pause(session, REMINDERS, "Again", actor=administrator, at=AT)


def test_a_pause_that_comes_between_looking_and_claiming_still_holds(session: Session, administrator: Actor) -> None:
    assert due(session, REMINDERS, AT) == ["2024-11-15"]
    steering.pause(session, REMINDERS, "Wait", actor=administrator, at=AT)

    assert steering.claim_due(session, REMINDERS, "2024-11-15", owner="a", at=REAL) is None


def test_a_job_that_goes_on_makes_up_what_it_missed_by_its_own_rule(session: Session, administrator: Actor) -> None:
    for job, period in ((REMINDERS, "2024-11-15"), (FIGURES, "2024-10")):
        make_run(session, job, period)
        steering.pause(session, job, "Wait", actor=administrator, at=AT)
    later = datetime(2025, 1, 2, 9, tzinfo=UTC)
    assert due(session, REMINDERS, later) == due(session, FIGURES, later) == []

    for job in (REMINDERS, FIGURES):
        steering.let_go_on(session, job, actor=administrator, at=later)

    assert due(session, REMINDERS, later) == ["2025-01-02"]
    assert due(session, FIGURES, later) == ["2024-11", "2024-12"]


def test_who_paused_and_let_go_on_when_and_why_is_in_the_history(session: Session, administrator: Actor) -> None:
    steering.pause(session, REMINDERS, "The mail server is mended.", actor=administrator, at=AT)
    for _ in range(2):
        steering.let_go_on(session, REMINDERS, actor=administrator, at=AT + DAY)

    assert events(session, "reminders") == [
        ("job:paused", "administrator", {"reason": "The mail server is mended."}),
        ("job:went-on", "administrator", {}),
    ]
    assert list(history.broken_links(session)) == []


@pytest.mark.parametrize("reason", ["", " \r\n ", "x" * (LONGEST_REASON + 1), "a\x00b"])
def test_a_pause_asks_for_a_reason_that_can_be_kept(session: Session, administrator: Actor, reason: str) -> None:
    with pytest.raises(SteeringRefusedError):
        steering.pause(session, REMINDERS, reason, actor=administrator, at=AT)

    assert steering.pauses(session) == {}
