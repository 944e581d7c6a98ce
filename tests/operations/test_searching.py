"""A review is found by its references, however much was written in it, and by the same words on both databases."""

import pytest
from sqlalchemy.orm import Session

from scrt_workflow.models import Review
from scrt_workflow.operations.answering import SEARCHED_LENGTH
from scrt_workflow.reference import partnership_labels
from tests.definitions.histories import ABOUT, ADULTS, LEARNING, History, ready
from tests.definitions.shipped import SAR, SHIPPED

LONG = "word " * 798  # 3,990 characters


@pytest.fixture
def long_review(session: Session) -> Review:
    """Give a review with a long overview, whose answers came in the order that its steps ask them."""
    ready(session, SHIPPED)
    more = {"identifier_type_2": "Local identifier", "identifier_ref_2": "LOCAL 77", "brief_overview": LONG.strip()}
    history = History(session, SAR).then("refer", referred_on="2024-01-08", **{"partnership": ADULTS} | ABOUT | more)
    history.then("commission", decided_on="2024-01-09", commissioned_on="2024-01-09").then("start", started_on="2024-01-10")
    history.then("record_learning", **LEARNING | {"lessons": "Every lesson."})
    history.then("sign_off", report_signed_off_date="2024-01-12")
    history.then(
        "decide_publication", publication_status="embargoed", embargoed_on="2024-01-13", embargo_reason="other",
        embargo_reason_other="A trial goes on.", look_again_on="2024-12-02",
    )  # fmt: skip
    return history.review()


def test_references_come_first_then_short_answers_then_long_ones_and_only_those_are_cut(long_review: Review) -> None:
    reference, board = long_review.reference.casefold(), partnership_labels()[ADULTS].casefold()

    assert long_review.search_text.startswith(f"{reference} 2023/12345 local 77 {board} a trial goes on. word word")
    assert len(long_review.search_text) == SEARCHED_LENGTH
