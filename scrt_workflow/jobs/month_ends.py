"""The job that freezes the figures of each month."""

from scrt_workflow.jobs.freezing import freeze_ended
from scrt_workflow.jobs.work import Outcome, Work
from scrt_workflow.reports.periods import MONTH


def run(work: Work) -> Outcome:
    """Freeze the figures of the month that is over."""
    return freeze_ended(work, MONTH)
