"""The tie-out finds nothing in sound reviews of workflows that are not ours, nor in those that moved to another version."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any
from uuid import UUID, uuid4

import pytest
from sqlalchemy.orm import Session

from scrt_workflow.operations import steps, tie_out
from tests.definitions.histories import ABOUT, ADULTS, History, ready
from tests.definitions.shipped import SAR, SHIPPED
from tests.operations.rebases import FIRST, QUESTIONS, Visits

VISIT_OR_ROUND = FIRST.replace(
    "  finish: {title: Finish, from: [seen], who: [designate], to: done}",
    """\
  judge: {title: Judge, from: [seen], who: [designate], form: judging, outcomes: [
    {when: {fit: yes}, to: done}, {when: {fit: no}, to: done, opens: {workflow: visit, review_type: round}}]}
  hand_on: {title: Hand on, from: [planned], who: [designate], outcomes: [
    {to: handed_on, opens: {workflow: visit, review_type: round}}]}
  end: {title: End, from: [handed_on], who: [designate], to: ended}""",
).replace(
    "  dropped:",
    """\
  handed_on: {title: Handed on, counts_as: open}
  ended: {title: Ended, counts_as: closed, final: yes}
  dropped:""",
)
FORMS = "asking: [review_type, why]\nseeing: [seen_on]\nupdating: [said]\njudging: [fit]\n"


@pytest.fixture
def visits(session: Session) -> Visits:
    return Visits(session)


def begun(visits: Visits, *taken: str) -> UUID:
    """Begin a visit under the newest version, and take these steps of it."""
    review_id = visits.begin("arrange")
    visits.move(visits.release(VISIT_OR_ROUND, forms=FORMS))
    for step in taken:
        key, _, answer = step.partition("=")
        visits.take(review_id, key, **({"fit": answer} if answer else {}))
    return review_id


@pytest.mark.parametrize("taken", [["look", "judge=yes"], ["look", "judge=no"], ["hand_on"], ["hand_on", "end"]])
def test_a_review_that_may_end_with_or_without_another_and_one_that_goes_on_beside_it_are_sound(
    visits: Visits, taken: list[str]
) -> None:
    begun(visits, *taken)

    assert tie_out.look(visits.session) == []


def test_three_topics_are_sound_where_there_may_be_but_two_since(visits: Visits) -> None:
    topics = (
        "topics: {{type: ranked_choices, label: Topics?, short_label: Topics, vocabulary: themes, required: no, at_most: {}}}\n"
    )
    forms = FORMS.replace("[seen_on]", "[seen_on, topics]")
    review_id = visits.begin("arrange")
    visits.move(three := visits.release(FIRST, forms=forms, questions=QUESTIONS + topics.format(3)))
    raw = {"topics": ["T01", "T02", "T03"]}
    who: dict[str, Any] = {"actor": visits.designate, "at": visits.at, "key": uuid4()}
    steps.complete_step(visits.session, review_id, "look", raw, read_at=visits.review(review_id).version, **who)

    visits.move(visits.release(FIRST, forms=forms, questions=QUESTIONS + topics.format(2)), from_id=three)

    assert tie_out.look(visits.session) == []


def test_themes_that_were_changed_before_the_day_to_which_the_referral_was_corrected_are_sound(session: Session) -> None:
    ready(session, SHIPPED)
    history = History(session, SAR, at=datetime(2024, 1, 30, 9, tzinfo=UTC))
    history.then("refer", referred_on="2024-01-30", partnership=ADULTS, **ABOUT)
    history.then("change_details", what_has_changed=["themes"], themes=["Neglect"])
    why: dict[str, Any] = {"what_to_correct": ["progress"], "correction_reason": "A slip of the hand."}
    history.then("correct", referred_on="2024-02-01", **why).played()

    assert tie_out.look(session) == []
