"""The job that tells people and posts again what nobody has acknowledged."""

from scrt_workflow.jobs.work import Outcome, Work
from scrt_workflow.models import Review
from scrt_workflow.operations.escalations import raise_again, raisings_due


def run(work: Work) -> Outcome:
    """Raise again each escalation that waits and is due, one at a time."""
    with work.reading() as session:
        due = raisings_due(session, at=work.at)
        for review_id, key in due:
            work.say(f"{session.get_one(Review, review_id).reference}  {key}")
    queued = without_a_reader = 0
    if not work.is_rehearsal:
        for review_id, key in due:
            with work.unit() as session:
                new = raise_again(session, review_id, key, at=work.at)
            queued += new or 0
            without_a_reader += new == 0
    return {"due": len(due), "queued": queued, "without_a_reader": without_a_reader}
