"""The ledger of job runs: whoever inserts the row of a job and period runs it, so that each has one run (SC1, D7).

A run holds its row by a lease. When the lease runs out, because its process died or froze, another may take over with
the next attempt, and what the first one writes to the row afterwards is refused. Leases go by real time.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import and_, func, or_, select, update
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.orm import Session

from scrt_workflow.models import JobPause, JobRun
from scrt_workflow.operations.timetable import TIMETABLE, Job

LEASE = timedelta(minutes=5)
PAUSES = [timedelta(seconds=seconds) for seconds in (5, 30, 120, 600)]
"""How long after each failure a run is tried again: a busy database is soon free, other trouble takes longer."""
MOST_ATTEMPTS = len(PAUSES) + 1


class LeaseLostError(Exception):
    """Another process has taken over this run, since this one was silent for too long."""


@dataclass(frozen=True, slots=True)
class Claim:
    """The right to run a job for one period, until the *lease* runs out; each unit of work that it does renews that."""

    job: str
    period: str
    owner: str
    attempt: int
    lease: timedelta = LEASE


def unclaimed(session: Session, job: Job, *, now: datetime, real_now: datetime) -> list[datetime]:
    """Give the moments of the periods that *job* is to run for and that nobody runs, the oldest first.

    *now* is the time that the timetable goes by. Before the first run there ever was, nothing was missed but the newest. A
    run that somebody asked for before its hour is gone on with when its process was lost, and run at its hour if it failed; a
    paused job has none.
    """
    if session.scalar(select(JobPause.job).where(JobPause.job == job.key)) is not None:
        return []
    moments = list(job.when.due_moments(now - job.reach, now))
    if not job.each_missed:
        moments = moments[-1:]
    named = {job.when.period(moment): moment for moment in moments}
    early = select(JobRun.period).where(JobRun.job == job.key, JobRun.period == job.when.period(now), _is_free(real_now))
    if (period := session.scalar(early)) is not None:
        named.setdefault(period, now)
    if not named:
        return []
    ours = and_(JobRun.job == job.key, JobRun.period >= next(iter(named)))
    known = session.execute(select(JobRun, _is_free(real_now)).where(ours)).all()
    ago = real_now - now
    taken = {run.period for run, is_free in known if not (is_free or _failed_before(run, named.get(run.period), ago))}
    first = select(func.min(JobRun.period)).where(JobRun.job == job.key, JobRun.period <= max(named))
    began = session.scalar(first) or max(named)
    return [moment for period, moment in named.items() if period >= began and period not in taken]


def _failed_before(run: JobRun, due: datetime | None, ago: timedelta) -> bool:
    """Say whether a run failed before it was *due*; that is service time, and *ago* what real time is ahead of it."""
    return run.status == "failed" and run.finished_at is not None and due is not None and run.finished_at < due + ago


def claim(
    session: Session, job: str, period: str, *, owner: str, at: datetime, lease: timedelta = LEASE, again: bool = False,
    due: datetime | None = None,
) -> Claim | None:  # fmt: skip
    """Claim the run of *job* for *period*; None when someone else has it, or it is done.

    With *again* it is claimed unless it runs at this moment, for a person who asks for it. What failed before it was *due* is
    claimed however often it was tried: somebody had asked for it too early. *at* and *due* are real times.
    """
    insert = postgresql.insert if session.get_bind().dialect.name == "postgresql" else sqlite.insert
    held: dict[str, Any] = {"status": "running", "owner": owner, "lease_until": at + lease, "started_at": at}
    new = insert(JobRun).values(job=job, period=period, attempt=1, **held)
    if session.execute(new.on_conflict_do_nothing().returning(JobRun.job)).scalar_one_or_none() is not None:
        return Claim(job, period, owner, 1, lease)
    free = or_(JobRun.status != "running", JobRun.lease_until < at) if again else _is_free(at, due)
    taken = update(JobRun).where(JobRun.job == job, JobRun.period == period, free)
    taken = taken.values(attempt=JobRun.attempt + 1, finished_at=None, **held).returning(JobRun.attempt)
    attempt = session.execute(taken.execution_options(synchronize_session=False)).scalar_one_or_none()
    return None if attempt is None else Claim(job, period, owner, attempt, lease)


def _is_free(at: datetime, due: datetime | None = None) -> Any:
    """Say in SQL that a run's lease has run out, that its pause after a failure is over, or that it failed before it was due."""
    free = and_(JobRun.status.in_(("running", "failed")), JobRun.lease_until < at, JobRun.attempt < MOST_ATTEMPTS)
    return free if due is None else or_(free, and_(JobRun.status == "failed", JobRun.finished_at < due))


def renew(session: Session, claim: Claim, *, at: datetime) -> None:
    """Hold the run longer; raises LeaseLostError."""
    _write(session, claim, {"lease_until": at + claim.lease})


def finish(session: Session, claim: Claim, outcome: Mapping[str, Any], *, at: datetime) -> None:
    """Record that the run is done, and what it came to; raises LeaseLostError."""
    _write(session, claim, {"status": "done", "outcome": dict(outcome), "finished_at": at, "lease_until": None})


def fail(session: Session, claim: Claim, kind: str, *, at: datetime, told: str = "") -> None:
    """Record that the run failed with an error of *kind*; it is tried again later. Raises LeaseLostError.

    *told* is what administrators may read of it.
    """
    again_at = at + PAUSES[min(claim.attempt, len(PAUSES)) - 1]
    _write(
        session,
        claim,
        {
            "status": "failed",
            "outcome": {"error": kind, "told": told} if told else {"error": kind},
            "finished_at": at,
            "lease_until": again_at,
        },
    )


def _write(session: Session, claim: Claim, changes: Mapping[str, Any]) -> None:
    ours = (JobRun.job == claim.job, JobRun.period == claim.period, JobRun.owner == claim.owner)
    still = update(JobRun).where(*ours, JobRun.attempt == claim.attempt, JobRun.status == "running").values(**changes)
    written = session.execute(still.returning(JobRun.job).execution_options(synchronize_session=False))
    if written.scalar_one_or_none() is None:
        raise LeaseLostError(f"{claim.job} for {claim.period} was taken over by another process.")


def last_runs(session: Session) -> dict[str, JobRun]:
    """Give the newest run of each job."""
    newest = select(JobRun.job, func.max(JobRun.started_at).label("at")).group_by(JobRun.job).subquery()
    query = select(JobRun).join(newest, and_(JobRun.job == newest.c.job, JobRun.started_at == newest.c.at))
    return {run.job: run for run in session.scalars(query.order_by(JobRun.period))}


def runs_of(session: Session, job: str, *, before: str = "", limit: int = 30) -> Sequence[JobRun]:
    """Give the last runs of a job, the newest period first; with *before*, of the periods before that one."""
    ours = [JobRun.job == job, *([JobRun.period < before] if before else [])]
    return session.scalars(select(JobRun).where(*ours).order_by(JobRun.period.desc()).limit(limit)).all()


def given_up(session: Session, *, at: datetime) -> list[JobRun]:
    """Give the runs that came to no end and are not tried again by themselves. *at* is the real time.

    A job that makes up for the newest period only has done so by a later run.
    """
    ended = or_(JobRun.status == "failed", and_(JobRun.status == "running", JobRun.lease_until < at))
    found = session.scalars(select(JobRun).where(ended, JobRun.attempt >= MOST_ATTEMPTS).order_by(JobRun.started_at)).all()
    done = select(JobRun.job, func.max(JobRun.period)).where(JobRun.status == "done", JobRun.job.in_([run.job for run in found]))
    newest = {row[0]: row[1] for row in session.execute(done.group_by(JobRun.job))} if found else {}
    return [run for run in found if (job := TIMETABLE.get(run.job)) and (job.each_missed or newest.get(run.job, "") < run.period)]
