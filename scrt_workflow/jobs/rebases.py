"""The job that goes on with batches of reviews that somebody has begun to move, or to move back."""

from scrt_workflow.jobs.work import Outcome, Work
from scrt_workflow.operations import rebasing


def run(work: Work) -> Outcome:
    """Carry every batch that is under way on to its end, each part of it in a transaction of its own."""
    with work.reading() as session:
        busy = rebasing.under_way_now(session)
    if not work.is_rehearsal:
        for rebase_id in busy:
            goes_on = True
            while goes_on:
                with work.unit() as session:
                    goes_on = rebasing.carry_on(session, rebase_id, at=work.at)
    return {"batches": len(busy)}
