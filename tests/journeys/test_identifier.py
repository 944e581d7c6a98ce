"""What may identify a patient is stopped before it is stored; it goes on without it, or with a reason."""

from scrt_workflow.permissions import Role
from tests.journeys.beginnings import given_a_sar
from tests.journeys.telling import (
    given_somebody_is_signed_in,
    then_i_am_told,
    then_i_do_not_see,
    then_i_see,
    then_the_step_is_done,
    when_i_answer,
    when_i_begin,
    when_i_open,
    when_i_submit,
)
from tests.journeys.windows import Journey

NUMBER = "943 476 5919"  # invented, with a right check digit
LOOKS_LIKE_ONE = "This looks like an NHS number. Remove it, or say why it must stay."
REASON = "It is the number of our contract, which has ten digits too."


def test_an_nhs_number_is_stopped_and_goes_on_when_it_is_taken_out(journey: Journey) -> None:
    review = given_a_sar(journey, up_to="start")
    me = given_somebody_is_signed_in(journey, Role.DESIGNATE)

    when_i_open(me, f"/reviews/{review}")
    when_i_begin(me, "Give an update")
    when_i_answer(me, latest_update=f"We asked for the notes of {NUMBER}.")
    then_i_am_told(me, LOOKS_LIKE_ONE)
    when_i_answer(me, latest_update="We asked for the notes.")
    when_i_submit(me)
    then_the_step_is_done(me, "Give an update")
    me.follow("Go to the review")
    then_i_see(me, "We asked for the notes.")
    then_i_do_not_see(me, NUMBER)


def test_what_only_looks_like_an_nhs_number_stays_with_a_reason(journey: Journey) -> None:
    review = given_a_sar(journey, up_to="start")
    me = given_somebody_is_signed_in(journey, Role.DESIGNATE)

    when_i_open(me, f"/reviews/{review}")
    when_i_begin(me, "Give an update")
    when_i_answer(me, latest_update=f"Contract {NUMBER} was changed.")
    then_i_am_told(me, LOOKS_LIKE_ONE)
    me.page.get_by_label("If it must stay as it is, say why").fill(REASON)
    me.press("Continue")
    then_i_see(me, NUMBER, f"Kept because: {REASON}")
    when_i_submit(me)
    me.follow("Go to the review")
    then_i_see(me, NUMBER, REASON)
