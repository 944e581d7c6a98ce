"""Running a job for one period: claim it, do it, and write down what it came to."""

from scrt_workflow.database import unit_of_work
from scrt_workflow.jobs.work import Body, Outcome, Work
from scrt_workflow.logs import log, where
from scrt_workflow.operations import job_runs
from scrt_workflow.operations.job_runs import Claim, LeaseLostError


def run_once(job: str, period: str, body: Body, work: Work, *, owner: str, again: bool = False) -> Outcome | None:
    """Run *job* for *period* unless someone else has it, or did it; None when nothing was run. Raises what *body* raises.

    With *again* it is run also when it is done; every job is made so that this does nothing twice.
    """
    with unit_of_work(work.engine) as session:
        claim = job_runs.claim(session, job, period, owner=owner, at=work.real_clock.now(), again=again)
    return None if claim is None else run_claimed(claim, body, work)


def run_claimed(claim: Claim, body: Body, work: Work) -> Outcome:
    """Do what was claimed, and write down what it came to. Raises what *body* raises."""
    began = work.real_clock.now()
    try:
        outcome = body(work.claimed(claim))
    except Exception as error:
        _record_failure(work, claim, error)
        raise
    with unit_of_work(work.engine) as session:
        job_runs.finish(session, claim, outcome, at=work.real_clock.now())
    took = round((work.real_clock.now() - began).total_seconds(), 3)
    log.info("job_done", job=claim.job, period=claim.period, attempt=claim.attempt, seconds=took, **outcome)
    return outcome


def _record_failure(work: Work, claim: Claim, error: Exception) -> None:
    log.error("job_failed", job=claim.job, period=claim.period, attempt=claim.attempt, where=where(error))
    if isinstance(error, LeaseLostError):
        return
    with unit_of_work(work.engine) as session:
        job_runs.fail(session, claim, type(error).__name__, at=work.real_clock.now(), told=getattr(error, "told", ""))
