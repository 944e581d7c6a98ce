"""Deal 396 invented reviews over types, months and London's five ICBs so that the published table comes out (seed 001).

The cohorts below are the whole solution: their counts are the published figures taken apart by hand. Everything else
here is drawn with a fixed seed inside what a cohort allows.
"""

import random
from dataclasses import dataclass, replace
from datetime import date

from scrt_workflow.demo.days import WORKING_DAYS, days_between, numbers_in

SEED = 20241031
RAPID, SAR, CSPR, DHR, OLDER = (
    "rapid_review",
    "safeguarding_adult_review",
    "child_safeguarding_practice_review",
    "domestic_homicide_review",
    "older_record",
)
# North Central, North East, South East, North West and South West London: shares in per cent, roughly as people live.
ICB_WEIGHTS = {"QMJ": 17, "QMF": 24, "QKK": 22, "QRV": 22, "QWE": 15}


@dataclass(frozen=True)
class Cohort:
    """Reviews of one type with the same months: "before" is any month to May 2024, None still open on 31 October."""

    review_type: str | None
    opened: str
    closed: str | None
    count: int


@dataclass(frozen=True)
class DemoReview:
    """One invented review: *opened* is the first day that it counts as open, *closed* the first as closed."""

    label: str
    icb: str
    review_type: str | None
    opened: date
    closed: date | None
    parent: str | None = None
    child: str | None = None

    @property
    def workflow(self) -> str:
        """Name the workflow that a review of this type follows."""
        return WORKFLOW_OF[self.review_type]


WORKFLOW_OF: dict[str | None, str] = {
    "rapid_review": RAPID,
    "sar_adult": SAR,
    "sar_adult_converted": SAR,
    "cspr_child": CSPR,
    "cspr_child_converted": CSPR,
    "dhr_adult": DHR,
    "dhr_child": DHR,
    None: OLDER,
}


def is_converted(review_type: str | None) -> bool:
    """Say whether reviews of this type began as rapid reviews."""
    return review_type is not None and review_type.endswith("_converted")


def _cohorts(review_type: str | None, *rows: tuple[str, str | None, int]) -> list[Cohort]:
    return [Cohort(review_type, *row) for row in rows]


_B, _JUN, _JUL, _AUG, _SEP, _OCT = "before", "2024-06", "2024-07", "2024-08", "2024-09", "2024-10"
COHORTS: list[Cohort] = [
    *_cohorts("rapid_review", (_B, None, 4), (_JUL, None, 7), (_AUG, None, 2), (_SEP, None, 8), (_OCT, None, 2)),
    *_cohorts("rapid_review", (_B, _B, 49), (_B, _JUN, 1), (_B, _JUL, 4), (_B, _AUG, 1), (_B, _SEP, 1)),
    *_cohorts("rapid_review", (_JUN, _JUL, 1), (_JUL, _AUG, 2), (_JUL, _SEP, 4), (_SEP, _SEP, 1), (_SEP, _OCT, 1)),
    *_cohorts("sar_adult", (_B, None, 39), (_JUL, None, 8), (_AUG, None, 1), (_SEP, None, 3)),
    *_cohorts("sar_adult", (_B, _B, 68), (_B, _JUL, 5), (_B, _AUG, 2), (_B, _SEP, 4), (_B, _OCT, 1)),
    *_cohorts("sar_adult_converted", (_B, None, 1), (_JUL, None, 1), (_SEP, None, 1), (_B, _B, 2)),
    *_cohorts("cspr_child", (_B, None, 29), (_JUL, None, 4), (_AUG, None, 1), (_SEP, None, 2)),
    *_cohorts("cspr_child", (_B, _B, 29), (_B, _JUN, 1), (_B, _JUL, 3), (_B, _AUG, 1), (_B, _SEP, 2)),
    *_cohorts(
        "cspr_child_converted",
        (_B, None, 3),
        (_JUL, None, 1),
        (_SEP, None, 1),
        (_OCT, None, 1),
        (_B, _B, 1),
        (_B, _SEP, 1),
    ),
    *_cohorts("dhr_adult", (_B, None, 46), (_JUN, None, 1), (_JUL, None, 5), (_AUG, None, 1), (_SEP, None, 1)),
    *_cohorts("dhr_adult", (_B, _B, 22), (_B, _JUL, 1), (_B, _AUG, 1), (_B, _SEP, 1), (_B, _OCT, 1)),
    *_cohorts("dhr_child", (_JUL, None, 1)),
    *_cohorts(None, (_B, None, 4), (_B, _B, 7)),
]

# Working days from first open day to closing (shortest, longest); how old one that is still open may be on 31 October.
LENGTH = {RAPID: (16, 75), SAR: (120, 380), CSPR: (120, 340), DHR: (170, 420), OLDER: (60, 300)}
OLDEST_OPEN = {RAPID: 170, SAR: 420, CSPR: 380, DHR: 480, OLDER: 540}
FIRST_OPENING = 45  # leaves room for a referral since July 2022, when the ICBs began
FIRST_CONVERSION = 120  # leaves room for the rapid review before it
CONVERSION_GAP = (3, 60)  # working days from the decision to convert to the new review's commissioning


def _days(cohort: Cohort, rng: random.Random) -> tuple[date, date | None]:
    """Draw a first open day and a closing day that fit the cohort's months and the usual length of such a review."""
    workflow = WORKFLOW_OF[cohort.review_type]
    shortest, longest = LENGTH[workflow]
    earliest = FIRST_CONVERSION if is_converted(cohort.review_type) else FIRST_OPENING
    opening = [n for n in numbers_in(cohort.opened) if n >= earliest]
    if cohort.closed is None:
        return WORKING_DAYS[rng.choice([n for n in opening if n >= len(WORKING_DAYS) - OLDEST_OPEN[workflow]])], None
    closing = numbers_in(cohort.closed)
    pairs = [n for n in opening if n + shortest <= closing[-1] and n + longest >= closing[0]]
    start = rng.choice(pairs)
    first, last = max(start + shortest, closing[0]), min(start + longest, closing[-1])
    end = int(rng.triangular(first, last, first))  # most reviews close sooner than later
    return WORKING_DAYS[start], WORKING_DAYS[end]


def _paired(reviews: list[DemoReview]) -> list[DemoReview]:
    """Give each converted review the one rapid review that it came from, closed a little before, and that one's ICB.

    Raises ValueError when a converted review has no rapid review left to come from.
    """
    by_label = {review.label: review for review in reviews}
    free = {review.label for review in reviews if review.review_type == "rapid_review" and review.closed}
    for review in reviews:
        if not is_converted(review.review_type):
            continue
        shortest, longest = CONVERSION_GAP
        closings = {label: by_label[label].closed for label in sorted(free)}
        near = {label: days_between(day, review.opened) for label, day in closings.items() if day is not None}
        fitting = [label for label, gap in near.items() if shortest <= gap <= longest]
        if not fitting:
            raise ValueError(f"no rapid review closed shortly before {review.opened}, when {review.label} was commissioned")
        parent = min(fitting, key=lambda label: (near[label], label))
        free.discard(parent)
        by_label[parent] = replace(by_label[parent], child=review.label)
        by_label[review.label] = replace(review, parent=parent, icb=by_label[parent].icb)
    return list(by_label.values())


def _dealt_icbs(count: int, rng: random.Random) -> list[str]:
    """Share *count* reviews between the ICBs by weight, largest remainders first, in an order of chance."""
    exact = {icb: count * weight / 100 for icb, weight in ICB_WEIGHTS.items()}
    shares = {icb: int(share) for icb, share in exact.items()}
    for icb in sorted(exact, key=lambda icb: shares[icb] - exact[icb])[: count - sum(shares.values())]:
        shares[icb] += 1
    icbs = [icb for icb, share in shares.items() for _ in range(share)]
    rng.shuffle(icbs)
    return icbs


def allocation() -> list[DemoReview]:
    """Give the 396 reviews, in order of their first open day. The same every time."""
    rng = random.Random(SEED)
    drawn = [(cohort, _days(cohort, rng)) for cohort in COHORTS for _ in range(cohort.count)]
    drawn.sort(key=lambda pair: pair[1][0])
    icbs = _dealt_icbs(len(drawn), rng)
    return _paired(
        [
            DemoReview(label=f"london-{n:03}", icb=icb, review_type=cohort.review_type, opened=opened, closed=closed)
            for n, (icb, (cohort, (opened, closed))) in enumerate(zip(icbs, drawn, strict=True), 1)
        ]
    )
