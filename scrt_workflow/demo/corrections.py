"""What is corrected in the demo after October's figures were frozen: themes that had been entered the wrong way round.

Each pair is of one ICB and type, open since different months, and still open: so the month-ends between count a theme less and
another more, as now known, and October's published figures are the same from either side.
"""

from collections.abc import Iterator
from datetime import datetime, timedelta

from scrt_workflow.demo.cases import cases

PAIRS = (("london-114", "london-356"), ("london-198", "london-355"), ("london-309", "london-373"))
FIRST = datetime.fromisoformat("2024-11-01T08:05:00")
REASON = "The themes of two referrals were entered the wrong way round."


def corrections() -> Iterator[dict[str, object]]:
    """Give the lines of the corrections, as `play` reads them after those of London's history."""
    by_label = {case.review.label: case for case in cases()}
    swapped = [(by_label[one], by_label[other]) for pair in PAIRS for one, other in (pair, pair[::-1])]
    for number, (case, other) in enumerate(swapped):
        yield {
            "at": (FIRST + number * timedelta(minutes=7)).isoformat(),
            "person": case.designate.email,
            "role": case.designate.role,
            "organisation": case.designate.organisation,
            "review": case.review.label,
            "workflow": case.review.workflow,
            "step": "correct",
            "answers": {"what_to_correct": ["themes"], "correction_reason": REASON, "themes": other.themes},
        }
