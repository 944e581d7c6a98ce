"""Two people answer the same questions at once: the second sees both versions, and neither is lost (WF4)."""

from scrt_workflow.permissions import Role
from tests.journeys.beginnings import given_a_sar
from tests.journeys.telling import (
    given_somebody_is_signed_in,
    then_i_see,
    then_the_step_is_done,
    when_i_answer_all,
    when_i_begin,
    when_i_complete,
    when_i_open,
    when_i_submit,
)
from tests.journeys.windows import Journey

MINE, THEIRS = "The ward is to keep one list of contacts.", "The trust is to ring the family every day."


def test_the_second_of_two_editors_sees_both_versions_and_neither_is_lost(journey: Journey) -> None:
    review = given_a_sar(journey, up_to="record_learning")
    me = given_somebody_is_signed_in(journey, Role.DESIGNATE, name="Amara Okafor")
    other = given_somebody_is_signed_in(journey, Role.DESIGNATE, name="Tom Whitfield")

    # Both open the same form; the other one is quicker.
    when_i_open(me, f"/reviews/{review}")
    when_i_begin(me, "Record lessons and learning")
    when_i_answer_all(me, lessons=MINE, organisational_learning=["Communication"])
    when_i_open(other, f"/reviews/{review}")
    when_i_complete(other, "Record lessons and learning", lessons=THEIRS)

    # I am shown what the other one saved beside what I wrote. Only what differs is asked.
    when_i_submit(me)
    assert "Someone else has changed this review" in me.heading
    then_i_see(me, "Nothing of yours is lost", MINE, THEIRS, "Tom Whitfield")
    assert me.page.get_by_role("group").count() == 1

    # I have to choose. I keep mine, and check it once more.
    me.press("Continue to check your answers")
    assert len(me.complaints) == 1
    then_i_see(me, MINE, THEIRS)
    me.page.get_by_label("Keep what you wrote").check()
    me.press("Continue to check your answers")
    then_i_see(me, MINE)
    when_i_submit(me)
    then_the_step_is_done(me, "Record lessons and learning")

    # Mine stands, and theirs is in the history.
    me.follow("Go to the review")
    then_i_see(me, MINE, f"changed from {THEIRS} to {MINE}")


def test_a_review_that_moved_on_says_who_moved_it_and_keeps_the_draft(journey: Journey) -> None:
    review = given_a_sar(journey, up_to="record_learning")
    me = given_somebody_is_signed_in(journey, Role.DESIGNATE)
    other = given_somebody_is_signed_in(journey, Role.DESIGNATE, name="Tom Whitfield")

    when_i_open(me, f"/reviews/{review}")
    when_i_begin(me, "Record the sign-off")
    when_i_answer_all(me, report_signed_off_date="10 9 2024")
    when_i_open(other, f"/reviews/{review}")
    when_i_complete(other, "Record the sign-off", report_signed_off_date="11 9 2024")

    when_i_submit(me)
    then_i_see(me, "Tom Whitfield", "Go to the review")
    me.follow("Go to the review")
    then_i_see(me, "11 September 2024")
