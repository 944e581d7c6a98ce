"""A rapid review after which a child safeguarding practice review is held."""

import re

import pytest

from scrt_workflow.permissions import Role
from tests.journeys.beginnings import CASE, CHILDREN, LEARNING, OVERVIEW
from tests.journeys.telling import (
    given_somebody_is_signed_in,
    then_i_see,
    then_the_step_is_done,
    when_i_answer_all,
    when_i_begin,
    when_i_begin_a_new,
    when_i_complete,
    when_i_submit,
)
from tests.journeys.windows import Journey

REFERENCE = re.compile(r"R-[0-9A-HJKMNP-TV-Z]{5}-[0-9A-HJKMNP-TV-Z]{5}")


@pytest.mark.parametrize("javascript", [False, pytest.param(True, marks=pytest.mark.thorough)])
def test_a_rapid_review_converts_and_the_new_review_carries_its_answers(journey: Journey) -> None:
    me = given_somebody_is_signed_in(journey, Role.DESIGNATE)

    # A rapid review goes to the Panel.
    when_i_begin_a_new(me, "Rapid review")
    when_i_answer_all(me, **CASE, partnership=CHILDREN, notified_on="2 9 2024")
    when_i_submit(me)
    me.follow("Go to the review")
    then_i_see(me, "Notified", "Rapid review sent to the Panel", "23 September 2024")
    when_i_complete(me, "Start the rapid review", started_on="3 9 2024")
    when_i_complete(me, "Record that it went to the Panel", sent_to_panel_on="20 9 2024", **LEARNING)
    (old,) = set(REFERENCE.findall(me.heading))

    # It converts: the new review is there at once, with what was known, and each leads to the other.
    when_i_begin(me, "Decide what follows")
    when_i_answer_all(
        me,
        next_review="A child safeguarding practice review (CSPR Child)",
        next_review_decided_on="21 10 2024",
    )
    when_i_submit(me)
    then_the_step_is_done(me, "Decide what follows")
    (new,) = set(REFERENCE.findall(me.text)) - {old}
    me.follow(new)
    then_i_see(me, "CSPR Child - Converted", "Referred", "Converted from", OVERVIEW, "20 November 2023", "2024/12345", "Neglect")
    me.follow(old)
    then_i_see(me, "Converted", "Closed", "Converted to", "Nothing more is due.")

    # The new review goes its own way; it may be with another partnership now.
    me.follow(new)
    when_i_complete(me, "Record the commissioning", partnership=CHILDREN, decided_on="21 10 2024", commissioned_on="28 10 2024")
    then_i_see(me, "Commissioned", "Open")
