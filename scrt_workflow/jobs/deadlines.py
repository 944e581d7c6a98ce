"""The job that works out again by when each open review is due: the bank holidays of later years may be known by now."""

from sqlalchemy import select

from scrt_workflow.jobs.work import Outcome, Work
from scrt_workflow.models import Review
from scrt_workflow.operations.deadlines import follow_in_rows

AT_A_TIME = 500


def run(work: Work) -> Outcome:
    """Look at every review that is not closed, some at a time, and put right what its row says."""
    with work.reading() as session:
        reviews = session.scalars(select(Review.id).where(Review.status != "closed").order_by(Review.id)).all()
    changed = 0
    for start in range(0, len(reviews), AT_A_TIME):
        if not work.is_rehearsal:
            with work.unit() as session:
                changed += len(follow_in_rows(session, reviews[start : start + AT_A_TIME], today=work.day))
    return {"looked_at": len(reviews), "put_right": changed}
