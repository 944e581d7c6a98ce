"""What administrators say to the jobs: run now, pause, go on. Schedulers hear it, whichever of them looks first.

Nothing runs in the page: a run that is asked for is a wish, which the scheduler that claims the run strikes out in the same
unit of work, so that it is run once however many schedulers look. What is said is kept in the history, with who said it.
"""

from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import delete, select
from sqlalchemy.orm import Session

from scrt_workflow.actors import Actor
from scrt_workflow.models import JobPause, JobWish
from scrt_workflow.operations import history, job_runs
from scrt_workflow.operations.job_runs import LEASE, Claim
from scrt_workflow.operations.tables import dialect_of, in_both_dialects, table_of
from scrt_workflow.operations.timetable import Job
from scrt_workflow.permissions import Permission
from scrt_workflow.text_rules import TextRefusedError, clean

LONGEST_REASON = 500
ASKED, PAUSED, WENT_ON = "job:run-asked", "job:paused", "job:went-on"
WISHES, PAUSES = table_of(JobWish), table_of(JobPause)
WISH = in_both_dialects(lambda insert: insert(WISHES).on_conflict_do_nothing().returning(WISHES.c.job))
PAUSE = in_both_dialects(lambda insert: insert(PAUSES).on_conflict_do_nothing().returning(PAUSES.c.job))


class SteeringRefusedError(Exception):
    """A job cannot be told so now; the message says why."""


def stream_of(job: str) -> str:
    """Name the stream of what was said to *job*."""
    return f"job:{job}"


def ask_for_run(session: Session, job: Job, *, actor: Actor, at: datetime) -> None:
    """Have *job* run as soon as a scheduler looks. Raises SteeringRefusedError; asked for twice, it is run once."""
    if is_paused(session, job.key):
        raise SteeringRefusedError("This job is paused. Let it go on first; it then makes up what it has missed.")
    row = {"job": job.key, "asked_by_id": actor.person_id, "asked_at": at}
    if session.connection().execute(WISH[dialect_of(session)], row).scalar_one_or_none() is not None:
        _record(session, job, ASKED, {}, actor=actor, at=at)


def pause(session: Session, job: Job, reason: str, *, actor: Actor, at: datetime) -> None:
    """Let no scheduler begin a run of *job* from now on; one that runs goes on to its end. Raises SteeringRefusedError."""
    try:
        said = " ".join(clean(reason, max_length=LONGEST_REASON).split())
    except TextRefusedError as error:
        raise SteeringRefusedError(str(error)) from error
    if not said:
        raise SteeringRefusedError("Say why, so that others know what to wait for.")
    row = {"job": job.key, "paused_by_id": actor.person_id, "paused_at": at, "reason": said}
    if session.connection().execute(PAUSE[dialect_of(session)], row).scalar_one_or_none() is None:
        raise SteeringRefusedError("This job is paused already.")
    session.execute(delete(JobWish).where(JobWish.job == job.key))
    _record(session, job, PAUSED, {"reason": said}, actor=actor, at=at)


def let_go_on(session: Session, job: Job, *, actor: Actor, at: datetime) -> None:
    """Let schedulers run *job* again, and make up what it missed as it does after a stop. Nothing happens if it is not paused."""
    ended = delete(JobPause).where(JobPause.job == job.key).returning(JobPause.job)
    if session.execute(ended).scalar_one_or_none() is not None:
        _record(session, job, WENT_ON, {}, actor=actor, at=at)


def _record(session: Session, job: Job, kind: str, body: Mapping[str, Any], *, actor: Actor, at: datetime) -> None:
    held = next((one for one in actor.held if one.may(Permission.JOB_RUN)), None)
    history.append(session, stream=stream_of(job.key), kind=kind, body=body, at=at, actor=actor, held=held)


def is_paused(session: Session, job: str) -> bool:
    """Tell whether *job* is paused."""
    return session.scalar(select(JobPause.job).where(JobPause.job == job)) is not None


def is_asked_for(session: Session, job: str) -> bool:
    """Tell whether a run of *job* is asked for and nobody has taken it up."""
    return session.scalar(select(JobWish.job).where(JobWish.job == job)) is not None


def pauses(session: Session) -> dict[str, JobPause]:
    """Give the jobs that are paused."""
    return {one.job: one for one in session.scalars(select(JobPause))}


def wishes(session: Session) -> dict[str, JobWish]:
    """Give the runs that are asked for, by their jobs."""
    return {one.job: one for one in session.scalars(select(JobWish))}


def claim_due(
    session: Session, job: Job, period: str, *, owner: str, at: datetime, lease: timedelta = LEASE, due: datetime | None = None
) -> Claim | None:
    """Claim a run that is due, as schedulers do: None also when the job is paused. *at*, and *due*, are real times."""
    if is_paused(session, job.key):
        return None
    return job_runs.claim(session, job.key, period, owner=owner, at=at, lease=lease, due=due)


def claim_asked(session: Session, job: Job, period: str, *, owner: str, at: datetime, lease: timedelta = LEASE) -> Claim | None:
    """Claim the run that somebody asked for, and strike out the wish: both or neither. *at* is the real time.

    None when another has taken it up, or runs this period at the moment: the wish then stays for a later look.
    """
    wish = select(JobWish.job).where(JobWish.job == job.key).with_for_update()
    if is_paused(session, job.key) or session.scalar(wish) is None:
        return None
    claim = job_runs.claim(session, job.key, period, owner=owner, at=at, lease=lease, again=True)
    if claim is not None:
        session.execute(delete(JobWish).where(JobWish.job == job.key))
    return claim
