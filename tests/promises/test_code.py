"""The rules about our own code see what they are to see."""

import ast

import pytest

from tests.promises.code import places_in, writes_of

WAYS = (
    "review.state = 'closed'",
    "doing.record.review.state: str = 'closed'",
    "values['state'] = 'closed'",
    "write(session, review, {'state': 'closed'})",
    "update(Review).values(state='closed')",
    "setattr(review, 'state', 'closed')",
    "set_committed_value(review, 'state', 'closed')",
    "Review(id=key, state='closed')",
    "values |= dict(state='closed')",
)
HARMLESS = (
    "print(review.state)",
    "where(Review.state == 'closed')",
    "states['closed']",
    "found = row['state']",
    "state = 'closed'",
)


@pytest.mark.parametrize("way", WAYS)
def test_every_way_to_give_a_review_its_state_is_seen(way: str) -> None:
    assert list(writes_of("state", places_in(ast.parse(way), "here")))


@pytest.mark.parametrize("way", HARMLESS)
def test_looking_at_a_state_is_allowed(way: str) -> None:
    assert not list(writes_of("state", places_in(ast.parse(way), "here")))
