"""Work that is left and taken up again: on another device, and after the session has ended (SE4)."""

import pytest

from scrt_workflow.permissions import Role
from tests.journeys.beginnings import BOARD, CASE, OVERVIEW, given_a_sar
from tests.journeys.telling import (
    given_this_person_is_signed_in,
    then_i_do_not_see,
    then_i_see,
    then_the_step_is_done,
    when_i_answer,
    when_i_answer_all,
    when_i_begin,
    when_i_begin_a_new,
    when_i_open,
    when_i_sign_in,
    when_i_submit,
)
from tests.journeys.windows import Journey

TOO_LONG_AGO = 20  # minutes: a session ends after 15 without a request
TYPED = "The panel met.\r\n\r\n  Two agencies “owe” an answer – by <May> & June…"


@pytest.mark.parametrize("javascript", [True, pytest.param(False, marks=pytest.mark.thorough)])
def test_a_new_review_is_begun_on_one_device_and_goes_on_on_another(journey: Journey) -> None:
    person = journey.someone(Role.DESIGNATE)
    first = given_this_person_is_signed_in(journey, person)

    when_i_begin_a_new(first, "Safeguarding adult review (SAR)")
    when_i_answer(first, incident_date="20 11 2023", brief_overview=OVERVIEW)
    first.answer("themes", ["Neglect"])
    first.press("Save and come back later")
    then_i_see(first, "Your draft is saved", "Your drafts")

    second = given_this_person_is_signed_in(journey, person)
    second.follow("Refer a case for review")
    assert second.group("themes").get_by_role("combobox").first.locator("option:checked").inner_text() == "Neglect"
    rest = {key: value for key, value in CASE.items() if key not in {"incident_date", "brief_overview", "themes"}}
    when_i_answer_all(second, **rest, partnership=BOARD, referred_on="12 2 2024")
    then_i_see(second, OVERVIEW, "20 November 2023", "Neglect")
    second.follow("Change Incident date")
    assert second.control("brief_overview").input_value() == OVERVIEW
    when_i_answer(second, incident_date="21 11 2023")
    then_i_see(second, "21 November 2023")
    when_i_submit(second)
    then_the_step_is_done(second, "Refer a case for review")

    first.follow("Home")
    then_i_do_not_see(first, "Your drafts")


def test_what_was_typed_when_the_session_ended_is_there_after_signing_in(journey: Journey) -> None:
    person = journey.someone(Role.DESIGNATE)
    review = given_a_sar(journey, up_to="start")
    me = given_this_person_is_signed_in(journey, person)

    when_i_open(me, f"/reviews/{review}")
    when_i_begin(me, "Give an update")
    me.answer("latest_update", TYPED)
    journey.live.minutes_pass(TOO_LONG_AGO)
    me.press("Continue")
    assert me.heading == "Sign in"
    when_i_sign_in(me, person)

    then_i_see(me, "We kept what you typed as a draft.")
    assert me.control("latest_update").input_value() == TYPED.replace("\r\n", "\n")
    me.press("Continue")
    when_i_submit(me)
    then_the_step_is_done(me, "Give an update")
    me.follow("Go to the review")
    then_i_see(me, "Two agencies “owe” an answer – by <May> & June…")


def test_somebody_else_who_signs_in_on_that_browser_sees_none_of_it(journey: Journey) -> None:
    person, another = journey.someone(Role.DESIGNATE), journey.someone(Role.DESIGNATE, "QMF")
    review = given_a_sar(journey, up_to="start")
    me = given_this_person_is_signed_in(journey, person)

    when_i_open(me, f"/reviews/{review}")
    when_i_begin(me, "Give an update")
    me.answer("latest_update", TYPED)
    journey.live.minutes_pass(TOO_LONG_AGO)
    me.press("Continue")
    then_i_do_not_see(me, "The panel met.")
    when_i_sign_in(me, another)

    then_i_do_not_see(me, "The panel met.", "Your drafts", str(review))
    when_i_open(me, f"/reviews/{review}/steps/give-update")
    then_i_see(me, "Page not found")
    then_i_do_not_see(me, "The panel met.")
