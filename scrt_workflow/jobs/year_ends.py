"""The job that freezes the figures of each financial year."""

from scrt_workflow.jobs.freezing import freeze_ended
from scrt_workflow.jobs.work import Outcome, Work
from scrt_workflow.reports.periods import YEAR


def run(work: Work) -> Outcome:
    """Freeze the figures of the financial year that is over."""
    return freeze_ended(work, YEAR)
