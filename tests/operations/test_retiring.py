"""A version, or a workflow, that is retired starts nothing new; what is under way goes on, and nobody is led nowhere."""

from __future__ import annotations

import pytest
from sqlalchemy import select
from sqlalchemy.orm import Session

from scrt_workflow import catalogue
from scrt_workflow.models import Event
from scrt_workflow.operations import retiring, rollups
from scrt_workflow.operations.refusals import StepRefusedError
from scrt_workflow.operations.retiring import RetirementRefusedError
from scrt_workflow.workflows.schema import ReviewType
from tests.operations.rebases import FIRST, MORE_FORMS, WITH_FITNESS, Visits

LEADING = """\
workflow: call
title: Call
review_types: [call]
states: {rung: {counts_as: open}, over: {counts_as: closed, final: yes}}
steps:
  ring: {from: new, who: [designate], to: rung}
  go_there:
    {title: Go there, from: [rung], who: [designate], outcomes: [{to: over, opens: {workflow: visit, review_type: visit}}]}
"""


@pytest.fixture
def visits(session: Session) -> Visits:
    return Visits(session)


def test_new_reviews_start_under_the_version_before_a_retired_one_and_those_under_way_finish(visits: Visits) -> None:
    new = visits.release(WITH_FITNESS, forms=MORE_FORMS)
    review_id = visits.begin("arrange")
    visits.move(new)

    retiring.retire(visits.session, new, whole=False, actor=visits.admin, at=visits.at)

    assert catalogue.live(visits.session, "visit")[0] == visits.first
    visits.take(review_id, "look", fit="yes")
    visits.take(review_id, "finish")
    assert visits.review(review_id).state == "done"
    retiring.put_back(visits.session, new, actor=visits.admin, at=visits.at)
    assert catalogue.live(visits.session, "visit")[0] == new
    kinds = visits.session.scalars(select(Event.kind).where(Event.stream == "definition:visit").order_by(Event.seq)).all()
    assert kinds[-2:] == ["definition:retired", "definition:put-back"]


def test_nothing_starts_under_a_retired_workflow_not_even_from_a_draft(visits: Visits) -> None:
    retiring.retire(visits.session, visits.first, whole=True, actor=visits.admin, at=visits.at)

    assert catalogue.live_versions(visits.session) == {}
    with pytest.raises(StepRefusedError, match="it was taken out of use"):
        visits.begin()


def test_figures_call_types_as_before_when_their_workflow_is_retired_or_has_them_no_more(visits: Visits) -> None:
    typed = "{visit: {title: 'Home visit, first', family: Visits}, round: {title: Round, family: Visits}}"
    named = FIRST.replace("[visit, round]", typed)
    visits.move(visits.release(named))
    visits.begin("arrange")
    visits.move(visits.release(named))
    before = rollups.review_types(visits.session)

    retiring.retire(visits.session, visits.first, whole=True, actor=visits.admin, at=visits.at)

    assert before["visit"] == ReviewType("visit", "Home visit, first", "Visits")
    assert rollups.review_types(visits.session)["visit"] == before["visit"]
    asked = rollups.month_asked(visits.session, "QMJ", "2024-06")
    families = list(rollups.roll_up(visits.session, asked).terms_by_family["themes"])
    assert families == ["DHR", "CSPR", "SAR", "Rapid Review", "Visits"]


def test_what_others_lead_to_is_not_retired(visits: Visits) -> None:
    visits.release(FIRST, LEADING)

    with pytest.raises(RetirementRefusedError) as refused:
        retiring.retire(visits.session, visits.first, whole=True, actor=visits.admin, at=visits.at)

    assert str(refused.value) == (
        "It cannot be retired, because other reviews still lead there: “Go there” of “Call”, version 1."
    )
    assert "visit" in catalogue.live_versions(visits.session)
