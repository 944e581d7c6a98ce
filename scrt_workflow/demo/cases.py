"""Everything invented about one review before its history is written: people, place, words and choices."""

import random
from collections.abc import Iterator
from dataclasses import dataclass

from scrt_workflow.demo import terms
from scrt_workflow.demo.allocation import SEED, DemoReview, allocation
from scrt_workflow.demo.people import PersonRow, icb_people
from scrt_workflow.demo.places import boroughs
from scrt_workflow.demo.stages import stages

MEDIA = ("none", "low", "medium", "high", "current")
MEDIA_WEIGHTS = (50, 34, 10, 4, 2)
SPECIALISED_WEIGHTS = (6, 88, 6)
EMBARGOED, FLAGGED_LATER = 0.22, 0.06  # shares of reviews


@dataclass(frozen=True)
class Case:
    """One review and what was made up for it. *flagged* is a media interest raised after the referral, if one was."""

    review: DemoReview
    stage: str
    themes: list[str]
    learning: list[str]
    child_type: str | None
    borough: str
    designate: PersonRow
    chief_nurse: PersonRow
    media_interest: str
    specialised: str
    flagged: str | None
    embargoed: bool
    rng: random.Random

    @property
    def number(self) -> int:
        """The review's own number in the demo."""
        return int(self.review.label[-3:])

    @property
    def needs_briefing(self) -> bool:
        """Say whether media interest was medium or above at any time, so that publication needs a briefing first."""
        return (self.flagged or self.media_interest) in MEDIA[2:]


def _case(
    review: DemoReview,
    child: DemoReview | None,
    parent: "Case | None",
    *,
    stage: str,
    themes: list[str],
    learning: list[str],
) -> Case:
    # Its own generator for each review: changing what one review says leaves every other as it was.
    rng = random.Random(f"{SEED} {review.label}")
    first, second, chief_nurse, _ = icb_people(review.icb)
    interest = (parent.flagged or parent.media_interest) if parent else rng.choices(MEDIA, MEDIA_WEIGHTS)[0]
    raised = interest in MEDIA[:2] and rng.random() < FLAGGED_LATER
    return Case(
        review=review,
        stage=stage,
        themes=themes,
        learning=learning,
        child_type=child.review_type if child else None,
        borough=parent.borough if parent else rng.choice(boroughs(review.icb)),
        designate=parent.designate if parent else rng.choice((first, second)),
        chief_nurse=chief_nurse,
        media_interest=interest,
        specialised=parent.specialised if parent else rng.choices(("yes", "no", "not_known"), SPECIALISED_WEIGHTS)[0],
        flagged=rng.choice(MEDIA[2:]) if raised else None,
        embargoed=rng.random() < EMBARGOED,
        rng=rng,
    )


def cases() -> Iterator[Case]:
    """Give all 396, a converted review after the rapid review that it came from."""
    reviews = allocation()
    reached = stages(reviews, SEED)
    themes, learning = terms.themes(reviews, SEED), terms.learning(reviews, reached, SEED)
    by_label = {review.label: review for review in reviews}
    made: dict[str, Case] = {}
    for review in sorted(reviews, key=lambda review: (review.parent is not None, review.label)):
        label = review.label
        made[label] = _case(
            review,
            by_label.get(review.child or ""),
            made.get(review.parent or ""),
            stage=reached[label],
            themes=themes[label],
            learning=learning.get(label, []),
        )
        yield made[label]
