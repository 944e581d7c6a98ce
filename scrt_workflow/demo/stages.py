"""How far each invented review has come by 31 October 2024."""

import random
from collections.abc import Sequence

from scrt_workflow.demo.allocation import CSPR, DHR, RAPID, SAR, DemoReview
from scrt_workflow.demo.days import WORKING_DAYS, days_between

# Of those still open: how many are past the work itself, how many have only begun, how old the former must be.
FAR: dict[str, tuple[str, ...]] = {
    RAPID: ("completed",) * 6,
    SAR: ("signed_off",) * 9,
    CSPR: ("signed_off",) * 7,
    DHR: ("assured",) * 3 + ("regional_assurance",) * 3 + ("icb_assurance",) * 4 + ("signed_off",) * 2 + ("sent_back",) * 2,
}
NEW: dict[str, tuple[str, int]] = {
    RAPID: ("notified", 3),
    SAR: ("commissioned", 7),
    CSPR: ("commissioned", 5),
    DHR: ("commissioned", 6),
}
OLD_ENOUGH = {RAPID: 18, SAR: 130, CSPR: 130, DHR: 190}  # working days
WITH_LEARNING = ("closed", "completed", "signed_off", "sent_back", "icb_assurance", "regional_assurance", "assured")


def stages(reviews: Sequence[DemoReview], seed: int) -> dict[str, str]:
    """Name the stage that each review has reached, by label.

    It is "closed", a state of its workflow, "sent_back" (signed off again after a no) or "open" (older records).
    """
    rng = random.Random(seed)
    reached = {review.label: "closed" if review.closed else "open" for review in reviews}
    for workflow, far in FAR.items():
        alive = sorted((r for r in reviews if r.workflow == workflow and r.closed is None), key=lambda r: (r.opened, r.label))
        reached |= {review.label: "in_progress" for review in alive}
        begun, how_many = NEW[workflow]
        reached |= {review.label: begun for review in alive[-how_many:]}
        old = [r for r in alive[:-how_many] if days_between(r.opened, WORKING_DAYS[-1]) >= OLD_ENOUGH[workflow]]
        reached |= {review.label: stage for review, stage in zip(rng.sample(old, len(far)), far, strict=True)}
    return reached
