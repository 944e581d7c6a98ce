"""A safeguarding adult review, from the referral to its publication and closure, by one designate."""

import pytest

from scrt_workflow.permissions import Role
from tests.journeys.beginnings import BOARD, CASE, LEARNING
from tests.journeys.telling import (
    then_i_am_told,
    then_i_see,
    then_the_step_is_done,
    when_i_answer,
    when_i_answer_all,
    when_i_begin_a_new,
    when_i_complete,
    when_i_sign_in,
    when_i_submit,
)
from tests.journeys.windows import Journey


@pytest.mark.parametrize("javascript", [False, pytest.param(True, marks=pytest.mark.thorough)])
def test_a_sar_goes_from_its_referral_to_publication_and_closure(journey: Journey) -> None:
    designate = journey.someone(Role.DESIGNATE, name="Amara Okafor")
    me = journey.window()

    # A case is referred; mistakes are said where they are.
    me.open("/")
    when_i_sign_in(me, designate)
    when_i_begin_a_new(me, "Safeguarding adult review (SAR)")
    when_i_answer(me, incident_date="20 13 2023")
    then_i_am_told(me, "Incident date must be a real date, for example 27 3 2024", "Enter a brief overview of what happened")
    when_i_answer_all(me, **CASE, partnership=BOARD, referred_on="12 2 2024")
    then_i_see(me, "20 November 2023", "Neglect", BOARD, "2024/12345", "None expected")
    when_i_submit(me)
    then_the_step_is_done(me, "Refer a case for review")
    then_i_see(me, "Referred", "Record the commissioning")

    # The board commissions it, and the work begins.
    me.follow("Go to the review")
    when_i_complete(me, "Record the commissioning", decided_on="4 3 2024", commissioned_on="18 3 2024")
    then_i_see(me, "Commissioned", "Open", "Review completed", "18 September 2024")
    when_i_complete(me, "Start the review", started_on="2 4 2024")
    when_i_complete(me, "Give an update", latest_update="The panel has met twice.")
    then_i_see(me, "In progress", "The panel has met twice.")

    # It is signed off once its lessons are recorded, and not before.
    then_i_see(me, "Record the lessons and learning first. They are due before sign-off.")
    when_i_complete(me, "Record lessons and learning", **LEARNING)
    when_i_complete(me, "Record the sign-off", report_signed_off_date="10 9 2024")
    then_i_see(me, "Signed off", "Publish or embargo the report")

    # It is published. The link to the report says that it leads out of the service.
    when_i_complete(
        me,
        "Publish or embargo the report",
        publication_status="Public",
        publication_date="14 10 2024",
        report_link="https://board.example/reports/adult-k",
    )
    then_i_see(me, "Published", "Closed")
    me.follow("https://board.example/reports/adult-k")
    then_i_see(me, "You are leaving this service")
    me.page.go_back()

    # It is closed, and nothing more is due.
    when_i_complete(me, "Close the review")
    then_i_see(me, "Nothing more is due.", "Every service is to name one lead by May.")
