"""The job that forgets what nobody needs any more."""

from datetime import timedelta

from sqlalchemy import delete

from scrt_workflow.jobs.work import Outcome, Work
from scrt_workflow.models import Heartbeat
from scrt_workflow.operations import drafts, once, rehearsals, signing_in

FORM_KEYS = timedelta(days=7)  # how long a form that is sent again has its first answer (D4)
SESSIONS = timedelta(days=2)  # longer than any may last
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
            session.execute(delete(Heartbeat).where(Heartbeat.at < now - SIGNS_OF_LIFE))
    return {}
