"""A domestic homicide review with four people, through both assurances, to an embargo that is lifted later."""

import pytest

from scrt_workflow.permissions import Role
from tests.journeys.beginnings import CASE, LEARNING, SAFETY
from tests.journeys.telling import (
    given_somebody_is_signed_in,
    then_i_am_told,
    then_i_see,
    then_the_step_is_done,
    when_i_answer,
    when_i_answer_all,
    when_i_begin,
    when_i_begin_a_new,
    when_i_complete,
    when_i_open,
    when_i_submit,
)
from tests.journeys.windows import Journey

REASON = "Nobody is named who is to change the pathway."
AMENDED = "The head of maternity is to change the pathway by May."


@pytest.mark.parametrize("javascript", [False, pytest.param(True, marks=pytest.mark.thorough)])
def test_a_dhr_needs_four_people_and_its_embargo_is_lifted(journey: Journey) -> None:
    designate = given_somebody_is_signed_in(journey, Role.DESIGNATE, name="Amara Okafor")
    second = given_somebody_is_signed_in(journey, Role.DESIGNATE, name="Tom Whitfield")
    nurse = given_somebody_is_signed_in(journey, Role.ICB_CHIEF_NURSE, name="Helen Marchbank")
    chief = given_somebody_is_signed_in(journey, Role.REGIONAL_CHIEF, "Y56", name="Andrew Shaw")

    # The designate takes it to the sign-off, and asks the chief nurse.
    when_i_begin_a_new(designate, "Domestic homicide review (DHR)")
    when_i_answer_all(designate, review_type="DHR Adult", **CASE, partnership=SAFETY, referred_on="1 2 2024")
    when_i_submit(designate)
    designate.follow("Go to the review")
    review = designate.path
    when_i_complete(designate, "Record the commissioning", decided_on="20 2 2024", commissioned_on="1 3 2024")
    when_i_complete(designate, "Start the review", started_on="4 3 2024")
    when_i_complete(designate, "Record lessons and learning", **LEARNING)
    when_i_complete(designate, "Record the sign-off", report_signed_off_date="2 9 2024")
    when_i_complete(designate, "Ask the ICB Chief Nurse")
    then_i_see(designate, "With the ICB Chief Nurse", "Helen Marchbank")

    # The chief nurse finds it among what waits for an answer, and says no, which needs a reason.
    nurse.follow("Home")
    then_i_see(nurse, "Waiting for your answer")
    when_i_open(nurse, review)
    when_i_begin(nurse, "Give ICB assurance")
    when_i_answer(nurse, icb_chief_nurse_assured="No")
    then_i_am_told(nurse, "Enter why the ICB Chief Nurse is not assured")
    when_i_answer_all(nurse, icb_not_assured_reason=REASON)
    when_i_submit(nurse)
    then_the_step_is_done(nurse, "Give ICB assurance")
    then_i_see(nurse, "Signed off")

    # A second designate reads the reason, amends the recommendations, and asks again.
    when_i_open(second, review)
    then_i_see(second, REASON)
    when_i_complete(second, "Record lessons and learning", lessons=AMENDED)
    when_i_complete(second, "Ask the ICB Chief Nurse")

    # The chief nurse is assured, and the regional chief accepts.
    when_i_open(nurse, review)
    then_i_see(nurse, AMENDED)
    when_i_complete(nurse, "Give ICB assurance", icb_chief_nurse_assured="Yes")
    then_i_see(nurse, "With the Regional Chief", "Andrew Shaw")
    chief.follow("Home")
    then_i_see(chief, "Waiting for your answer")
    when_i_open(chief, review)
    when_i_complete(chief, "Accept for the region", regional_chief_content="Yes")
    then_i_see(chief, "Assured")

    # The report is embargoed until the inquest is over, and published then.
    when_i_open(designate, review)
    when_i_complete(
        designate,
        "Publish or embargo the report",
        publication_status="Embargoed",
        embargoed_on="1 11 2024",
        embargo_reason="Coroner's inquest",
        look_again_on="3 3 2025",
    )
    then_i_see(designate, "Embargoed", "Closed", "3 March 2025")
    journey.live.days_pass(122)
    when_i_open(second, review)
    when_i_complete(
        second,
        "Look again at the embargo",
        publication_status="Public",
        publication_date="3 3 2025",
        report_link="https://partnership.example/reports/dhr-7",
    )
    then_i_see(second, "Published", "Closed", "3 March 2025")
