"""The ledger of job runs: one run a period, a run that is lost is taken over, what was missed is made up for once."""

from datetime import UTC, datetime, time, timedelta

import pytest
from sqlalchemy.orm import Session

from scrt_workflow.models import JobRun
from scrt_workflow.operations import job_runs
from scrt_workflow.operations.job_runs import LEASE, MOST_ATTEMPTS, PAUSES, LeaseLostError
from scrt_workflow.operations.timetable import Daily, Job, Monthly

REAL = datetime(2026, 11, 22, 13, tzinfo=UTC)
REMINDERS = Job("reminders", "Reminders", Daily(time(7)))
FIGURES = Job("figures", "Figures", Monthly(time(6)), reach=timedelta(days=400), each_missed=True)
DAY = timedelta(days=1)


def service_time(text: str) -> datetime:
    return datetime.fromisoformat(text).replace(tzinfo=UTC)


def wanted(session: Session, job: Job, now: str, *, real_now: datetime = REAL) -> list[str]:
    moments = job_runs.unclaimed(session, job, now=service_time(now), real_now=real_now)
    return [job.when.period(moment) for moment in moments]


def make_run(session: Session, job: Job, period: str, status: str = "done") -> None:
    leased = None if status == "done" else REAL + LEASE
    session.add(JobRun(job=job.key, period=period, status=status, owner="a", lease_until=leased, attempt=1, started_at=REAL))
    session.flush()


def test_of_many_who_claim_a_period_one_gets_it(session: Session) -> None:
    claims = [job_runs.claim(session, "reminders", "2024-11-15", owner=name, at=REAL) for name in "abcd"]

    assert [claim.owner for claim in claims if claim] == ["a"]


def test_what_is_done_is_not_run_again_unless_a_person_asks(session: Session) -> None:
    first = job_runs.claim(session, "reminders", "2024-11-15", owner="a", at=REAL)
    assert first
    job_runs.finish(session, first, {"queued": 2}, at=REAL)

    assert job_runs.claim(session, "reminders", "2024-11-15", owner="b", at=REAL + DAY) is None
    second = job_runs.claim(session, "reminders", "2024-11-15", owner="b", at=REAL + DAY, again=True)
    assert second
    assert second.attempt == 2


def test_a_person_cannot_run_what_runs_elsewhere_at_this_moment(session: Session) -> None:
    job_runs.claim(session, "reminders", "2024-11-15", owner="a", at=REAL)

    assert job_runs.claim(session, "reminders", "2024-11-15", owner="b", at=REAL + LEASE / 2, again=True) is None


def test_a_run_whose_process_was_lost_is_taken_over_and_the_first_is_refused(session: Session) -> None:
    lost = job_runs.claim(session, "reminders", "2024-11-15", owner="a", at=REAL)
    assert lost
    assert job_runs.claim(session, "reminders", "2024-11-15", owner="b", at=REAL + LEASE) is None

    taken = job_runs.claim(session, "reminders", "2024-11-15", owner="b", at=REAL + LEASE + timedelta(seconds=1))

    assert taken
    for late in (job_runs.renew, lambda *_, **when: job_runs.finish(session, lost, {}, **when)):
        with pytest.raises(LeaseLostError):
            late(session, lost, at=REAL + LEASE)
    job_runs.finish(session, taken, {}, at=REAL + LEASE)


def test_a_long_run_keeps_its_lease_by_renewing_it(session: Session) -> None:
    claim = job_runs.claim(session, "reminders", "2024-11-15", owner="a", at=REAL)
    assert claim
    job_runs.renew(session, claim, at=REAL + LEASE)

    assert job_runs.claim(session, "reminders", "2024-11-15", owner="b", at=REAL + 2 * LEASE) is None


def test_a_run_that_failed_is_tried_again_after_a_pause_and_not_for_ever(session: Session) -> None:
    at = REAL
    for attempt in range(1, MOST_ATTEMPTS + 1):
        claim = job_runs.claim(session, "reminders", "2024-11-15", owner="a", at=at)
        assert claim
        assert claim.attempt == attempt
        job_runs.fail(session, claim, "OperationalError", at=at)
        assert wanted(session, REMINDERS, "2024-11-15T09:00", real_now=at) == []
        at += PAUSES[min(attempt, len(PAUSES)) - 1] + timedelta(seconds=1)

    assert job_runs.claim(session, "reminders", "2024-11-15", owner="a", at=at) is None
    assert wanted(session, REMINDERS, "2024-11-15T09:00", real_now=at) == []


def test_a_new_service_has_missed_nothing_but_the_newest(session: Session) -> None:
    assert wanted(session, REMINDERS, "2024-11-15T09:00") == ["2024-11-15"]
    assert wanted(session, FIGURES, "2024-11-15T09:00") == ["2024-10"]


@pytest.mark.parametrize(
    ("now", "made_up"),
    [
        ("2024-11-15T08:00", ["2024-11-15"]),
        ("2024-11-16T09:00", ["2024-11-16"]),
        ("2024-12-01T09:00", ["2024-12-01"]),
        ("2024-11-15T06:59", []),
    ],
)
def test_of_reminders_that_were_missed_only_the_newest_is_made_up(session: Session, now: str, made_up: list[str]) -> None:
    make_run(session, REMINDERS, "2024-11-14")

    assert wanted(session, REMINDERS, now) == made_up


@pytest.mark.parametrize(
    ("now", "made_up"),
    [
        ("2024-11-30T23:59", []),
        ("2024-12-01T07:00", ["2024-11"]),
        ("2024-12-02T08:00", ["2024-11"]),
        ("2025-02-02T08:00", ["2024-11", "2024-12", "2025-01"]),
    ],
)
def test_of_month_ends_that_were_missed_each_is_made_up_for_its_own_month(session: Session, now: str, made_up: list[str]) -> None:
    make_run(session, FIGURES, "2024-10")

    assert wanted(session, FIGURES, now) == made_up


def test_a_month_that_was_left_out_between_others_is_made_up(session: Session) -> None:
    for month in ("2024-08", "2024-10"):
        make_run(session, FIGURES, month)

    assert wanted(session, FIGURES, "2024-11-15T09:00") == ["2024-09"]


def test_a_run_that_a_person_asked_for_in_the_future_hides_no_period_before_it(session: Session) -> None:
    for job, period in ((REMINDERS, "2024-12-24"), (FIGURES, "2025-06")):
        make_run(session, job, period)

    assert wanted(session, REMINDERS, "2024-11-15T09:00") == ["2024-11-15"]
    assert wanted(session, FIGURES, "2024-11-15T09:00") == ["2024-10"]


def test_what_runs_is_left_alone_until_its_lease_runs_out(session: Session) -> None:
    make_run(session, REMINDERS, "2024-11-15", status="running")

    assert wanted(session, REMINDERS, "2024-11-15T09:00") == []
    assert wanted(session, REMINDERS, "2024-11-15T09:00", real_now=REAL + LEASE + timedelta(seconds=1)) == ["2024-11-15"]


def test_the_last_run_of_each_job_is_the_newest(session: Session) -> None:
    make_run(session, REMINDERS, "2024-11-14")
    later = job_runs.claim(session, "reminders", "2024-11-15", owner="a", at=REAL + DAY)
    assert later

    assert {job: run.period for job, run in job_runs.last_runs(session).items()} == {"reminders": "2024-11-15"}
    assert [run.period for run in job_runs.runs_of(session, "reminders")] == ["2024-11-15", "2024-11-14"]
