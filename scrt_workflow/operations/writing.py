"""Writing the row of a review, on the condition that it is as it was read (WF2, WF4)."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from sqlalchemy import bindparam, update
from sqlalchemy.orm import Session
from sqlalchemy.orm.attributes import set_committed_value

from scrt_workflow.models import Review
from scrt_workflow.operations.refusals import StaleReviewError
from scrt_workflow.operations.tables import table_of

REVIEWS = table_of(Review)
WRITE = update(REVIEWS).where(
    REVIEWS.c.id == bindparam("review"), REVIEWS.c.version == bindparam("read_at"), REVIEWS.c.state == bindparam("read_in")
)


def write(session: Session, review: Review, values: Mapping[str, Any]) -> None:
    """Write *values* to the row of *review* if it is still at the version and state it was read at; raises StaleReviewError."""
    as_read = {"review": review.id, "read_at": review.version, "read_in": review.state}
    if session.connection().execute(WRITE, {**values, **as_read}).rowcount != 1:
        raise StaleReviewError([], review.version)
    for name, value in values.items():
        set_committed_value(review, name, value)


def write_all(session: Session, wanted: Sequence[Mapping[str, Any]]) -> None:
    """Write several rows of reviews, all or none: each says its `review`, what it was `read_at` and `read_in`, and its values.

    All have the same columns. Raises StaleReviewError where one is not as it was read. Objects of the session are not told.
    """
    if wanted and session.connection().execute(WRITE, list(wanted)).rowcount != len(wanted):
        raise StaleReviewError([], 0)
