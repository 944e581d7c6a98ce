"""The job that forgets what nobody needs any more."""

from datetime import timedelta

from sqlalchemy import delete

from scrt_workflow.jobs.work import Outcome, Work
from scrt_workflow.models import Heartbeat, JobRun
from scrt_workflow.operations import drafts, once, rehearsals, signing_in
from scrt_workflow.operations.timetable import TIMETABLE, Every

FORM_KEYS = timedelta(days=7)  # how long a form that is sent again has its first answer (D4)
SESSIONS = timedelta(days=2)  # longer than any may last
FREQUENT_RUNS = timedelta(days=1)  # jobs that run every minute or so: nobody looks back further
SIGNS_OF_LIFE = timedelta(days=1)


def run(work: Work) -> Outcome:
    """Forget old form keys, drafts, rehearsals, sessions, counted guesses and signs of life."""
    if not work.is_rehearsal:
        with work.unit() as session:
            once.forget_before(session, work.at - FORM_KEYS)
            drafts.forget_old(session, at=work.at)
            rehearsals.forget_old(session, at=work.at)
            now = work.real_clock.now()
            signing_in.forget_old(session, before=now - SESSIONS)
            frequent = [job.key for job in TIMETABLE.values() if isinstance(job.when, Every)]
            session.execute(delete(JobRun).where(JobRun.job.in_(frequent), JobRun.started_at < now - FREQUENT_RUNS))
            session.execute(delete(Heartbeat).where(Heartbeat.at < now - SIGNS_OF_LIFE))
    return {}
