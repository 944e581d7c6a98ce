"""What may happen to a review under the shipped definitions, and when."""

import pytest

from scrt_workflow import conditions, reference
from scrt_workflow.conditions import Facts, holds
from scrt_workflow.workflows.machine import outcome_of, unmet_need
from scrt_workflow.workflows.schema import CLOSED, NOTHING, OPEN, SAME
from tests.definitions.shipped import (
    CSPR,
    DHR,
    FULL_REVIEWS,
    OLDER,
    RAPID,
    SAR,
    SHIPPED,
    WORKFLOWS,
    asked,
    step,
    steps,
    workflow,
)

BOTH_ASSURANCES = {"give_icb_assurance", "give_regional_acceptance"}
DEADLINES = {
    (RAPID, "sent_to_panel"): "D02",
    (CSPR, "report_published"): "D03",
    (SAR, "review_completed"): "D06",
    (DHR, "decision"): "D09",
    (DHR, "overview_report"): "D10",
}


@pytest.mark.parametrize("key", FULL_REVIEWS)
@pytest.mark.parametrize("learned", [{}, {"lessons": "…"}, {"organisational_learning": ["L01"]}])
def test_nothing_is_signed_off_before_lessons_and_learning_are_recorded(key: str, learned: dict[str, object]) -> None:
    both = {"lessons": "…", "organisational_learning": ["L01"]}

    assert unmet_need(step(key, "sign_off"), Facts(learned)) == (
        "Record the lessons and learning first. They are due before sign-off."
    )
    assert unmet_need(step(key, "sign_off"), Facts(both)) is None


@pytest.mark.parametrize("key", FULL_REVIEWS)
@pytest.mark.parametrize("name", ["decide_publication", "lift_embargo"])
def test_media_interest_at_any_time_needs_a_briefing_before_publication(key: str, name: str) -> None:
    ever = {"media_interest": {"high", "none"}}
    public = {"media_interest": "none", "publication_status": "public"}

    assert unmet_need(step(key, name), Facts(public, ever)) is not None
    assert unmet_need(step(key, name), Facts({**public, "pre_publication_briefed_on": "2024-05-03"}, ever)) is None
    assert unmet_need(step(key, name), Facts({**public, "publication_status": "embargoed"}, ever)) is None
    assert unmet_need(step(key, name), Facts(public, {"media_interest": {"none", "low"}})) is None


@pytest.mark.parametrize("key", FULL_REVIEWS)
def test_a_full_review_counts_as_closed_only_when_published_or_embargoed(key: str) -> None:
    one = workflow(key)
    closed = {state.key for state in one.states.values() if state.counts_as == CLOSED}
    into = {
        (taken.key, outcome.to)
        for taken in one.steps.values()
        for outcome in taken.outcomes
        if outcome.to in closed and not set(taken.comes_from) <= closed
    }

    assert closed == {"published", "embargoed", "closed"}
    assert into == {("decide_publication", "published"), ("decide_publication", "embargoed")}
    assert set(step(key, "close").comes_from) == {"published", "embargoed"}


def test_a_dhr_is_published_or_embargoed_only_with_both_assurances() -> None:
    states = workflow(DHR).states

    for name in ("assured", "published", "embargoed"):
        assert set(states[name].approved_by) == BOTH_ASSURANCES
    assert set(step(DHR, "reopen").voids) == BOTH_ASSURANCES
    assert set(step(DHR, "give_icb_assurance").approves) == {"lessons", "report_signed_off_date"}
    assert set(step(DHR, "give_regional_acceptance").approves) == {
        "lessons", "report_signed_off_date", "icb_chief_nurse_assured",
    }  # fmt: skip


@pytest.mark.parametrize(
    ("name", "question", "reason"),
    [
        ("give_icb_assurance", "icb_chief_nurse_assured", "icb_not_assured_reason"),
        ("give_regional_acceptance", "regional_chief_content", "regional_not_content_reason"),
    ],
)
def test_a_no_asks_why_and_sends_the_review_back(name: str, question: str, reason: str) -> None:
    no, not_yet = Facts({question: "no"}), Facts({question: "not_yet"})

    assert reason in asked(DHR, name)
    assert SHIPPED.questions[reason].required
    assert holds(SHIPPED.questions[reason].show_when, no)
    assert not holds(SHIPPED.questions[reason].show_when, not_yet)
    assert outcome_of(step(DHR, name), no).to == "signed_off"
    assert not outcome_of(step(DHR, name), no).approves
    assert outcome_of(step(DHR, name), not_yet).to == SAME


def test_nobody_can_correct_what_was_approved_without_asking_again() -> None:
    approved = {question for one in workflow(DHR).steps.values() for question in one.approves}

    assert not approved & set(asked(DHR, "correct"))


@pytest.mark.parametrize(("choice", "family"), [("cspr_child", CSPR), ("sar_adult", SAR), ("dhr_adult", DHR), ("dhr_child", DHR)])
def test_a_rapid_review_converts_to_the_review_that_was_chosen(choice: str, family: str) -> None:
    outcome = outcome_of(step(RAPID, "decide_next"), Facts({"next_review": choice}))

    assert outcome.to == "converted"
    assert outcome.opens is not None
    assert (outcome.opens.workflow, outcome.opens.review_type) == (family, f"{choice}_converted")
    assert workflow(family).review_types[outcome.opens.review_type].converted


def test_a_rapid_review_closes_without_another_only_with_the_reason() -> None:
    form = SHIPPED.forms["rapid_review_decision"]
    reason = next(page for page in form.pages if "no_further_review_reason" in page.questions)

    assert outcome_of(step(RAPID, "decide_next"), Facts({"next_review": "none"})).to == "closed"
    assert holds(reason.show_when, Facts({"next_review": "none"}))
    assert SHIPPED.questions["no_further_review_reason"].required


@pytest.mark.parametrize("key", FULL_REVIEWS)
@pytest.mark.parametrize("name", ["withdraw", "decide_no_review"])
def test_a_converted_review_is_taken_back_by_undoing_its_conversion(key: str, name: str) -> None:
    for kind in workflow(key).review_types.values():
        refused = unmet_need(step(key, name), Facts({"review_type": kind.key})) is not None
        assert refused == kind.converted


@pytest.mark.parametrize("name", ["state_type", "state_type_of_closed"])
@pytest.mark.parametrize("kind", ["cspr_child", "dhr_adult", "dhr_child", "rapid_review", "sar_adult"])
def test_stating_its_type_moves_an_older_record_to_the_right_workflow(name: str, kind: str) -> None:
    becomes = outcome_of(step(OLDER, name), Facts({"stated_review_type": kind})).becomes

    assert becomes is not None
    target = workflow(becomes.workflow)
    assert becomes.review_type == kind
    assert kind in target.review_types
    assert target.states[becomes.state].counts_as == (OPEN if name == "state_type" else CLOSED)


@pytest.mark.parametrize("kind", ["cspr_child", "dhr_adult", "dhr_child", "sar_adult"])
def test_a_closed_older_record_says_how_it_ended(kind: str) -> None:
    shown = {
        question
        for page in SHIPPED.forms["stated_type_of_closed"].pages
        if holds(page.show_when, Facts({"stated_review_type": kind, "publication_status": "embargoed"}))
        for question in page.questions
    }

    assert {"report_signed_off_date", "publication_status", "embargo_reason", "look_again_on"} <= shown
    assert "no_further_review_reason" not in shown


def test_an_older_record_has_no_type_until_it_is_stated() -> None:
    assert workflow(OLDER).untyped
    assert not workflow(OLDER).review_types


@pytest.mark.parametrize("key", WORKFLOWS)
def test_updates_may_be_given_at_every_open_stage(key: str) -> None:
    one = workflow(key)
    open_states = {state.key for state in one.states.values() if state.counts_as == OPEN}

    assert set(step(key, "give_update").comes_from) == open_states
    assert asked(key, "give_update") == ("latest_update",)
    assert SHIPPED.questions["latest_update"].type == "entry"


@pytest.mark.parametrize("key", WORKFLOWS)
def test_media_interest_may_be_flagged_at_any_time_and_the_region_is_told(key: str) -> None:
    one = workflow(key)
    ended = {state.key for state in one.states.values() if state.final and state.counts_as == NOTHING}

    assert set(step(key, "flag_media_interest").comes_from) == set(one.states) - ended
    assert set(step(key, "flag_media_interest").who) == {"designate", "regional_lead"}
    rule = one.escalations["media_interest"]
    assert rule.to == ("regional_lead",)
    assert [test.values for test in conditions.tests_in(rule.when)] == [("medium", "high", "current")]


@pytest.mark.parametrize("key", WORKFLOWS)
def test_media_interest_is_told_to_every_post_that_the_guidance_names(key: str) -> None:
    rule = workflow(key).escalations["media_interest"]
    titles = {term.code: term.label.casefold() for term in reference.vocabulary(reference.POSTS)}
    told, specialised = (row.posts for row in reference.media_escalation() if row.posts)

    assert [titles[post] for post in rule.posts] == list(told)
    assert [[titles[post] for post in also.posts] for also in rule.also] == [list(specialised)]


@pytest.mark.parametrize("key", WORKFLOWS)
def test_the_region_acknowledges_media_interest_wherever_it_may_be_waiting_and_nothing_moves(key: str) -> None:
    taken = step(key, workflow(key).escalations["media_interest"].acknowledged_by)

    assert set(taken.who) == {"regional_lead", "regional_chief", "national_lead"}
    assert set(step(key, "flag_media_interest").comes_from) <= set(taken.comes_from)
    assert [outcome.to for outcome in taken.outcomes] == [SAME]
    assert "media_interest_told" in asked(key, taken.key)


@pytest.mark.parametrize("key", WORKFLOWS)
def test_every_workflow_can_be_corrected_and_withdrawn(key: str) -> None:
    withdrawal = workflow(key).withdrawal

    assert step(key, "correct").restates
    assert "correction_reason" in asked(key, "correct")
    assert withdrawal is not None
    assert withdrawal.restates
    assert "withdrawal_reason" in asked(key, withdrawal.key)


@pytest.mark.parametrize("key", FULL_REVIEWS)
def test_an_embargo_is_lifted_by_a_person_and_only_from_the_embargo(key: str) -> None:
    lifting = step(key, "lift_embargo")

    assert lifting.comes_from == ("embargoed",)
    assert outcome_of(lifting, Facts({"publication_status": "public"})).to == "published"
    assert outcome_of(lifting, Facts({"publication_status": "embargoed"})).to == SAME


# Time


def test_clocks_are_those_of_statute_and_guidance() -> None:
    rows = {row.id: row for row in reference.statutory_deadlines()}
    clocks = {(one.key, clock.key): clock for one in SHIPPED.workflows.values() for clock in one.clocks.values()}

    assert set(clocks) == set(DEADLINES)
    for key, deadline in DEADLINES.items():
        assert clocks[key].due.removesuffix("s") == (rows[deadline].period or "").removesuffix("s")
        assert rows[deadline].authority in clocks[key].authority


@pytest.mark.parametrize("key", WORKFLOWS)
def test_the_designate_is_reminded_after_30_days_and_then_every_14(key: str) -> None:
    one = workflow(key)
    overdue = one.reminders["update_overdue"]

    assert {one.states[name].counts_as for name in overdue.while_in} == {OPEN}
    assert (overdue.after, overdue.again_every, overdue.to) == ("30 days", "14 days", ("designate",))
    assert (overdue.escalate_after, overdue.escalate_to) == (3, ("icb_lead", "regional_lead"))
    assert "give_update" in overdue.since


@pytest.mark.parametrize("key", FULL_REVIEWS)
def test_an_embargo_is_looked_at_again_on_its_day(key: str) -> None:
    again = workflow(key).reminders["embargo_look_again"]

    assert (again.while_in, again.since, again.after) == (("embargoed",), ("look_again_on",), "0 days")
    assert "look_again_on" in asked(key, "decide_publication")


def test_each_deadline_warns_ahead_and_goes_up_after_two_reminders() -> None:
    for key in WORKFLOWS:
        one = workflow(key)
        for clock in one.clocks:
            near, late = one.reminders[f"{clock}_near"], one.reminders[f"{clock}_late"]
            assert (near.deadline, late.deadline) == (clock, clock)
            assert (near.to, near.escalate_to, late.after) == (("designate",), (), "1 day")
            assert (late.escalate_after, late.escalate_to) == (2, ("icb_lead", "regional_lead"))
            assert near.while_in == late.while_in


def test_only_what_says_something_of_the_case_sets_an_update_back() -> None:
    for key in WORKFLOWS:
        since = set(workflow(key).reminders["update_overdue"].since)
        assert not since & {"change_details", "correct", "flag_media_interest", "brief_before_publication", "record_learning"}


def test_moves_are_dated_by_the_day_of_the_fact() -> None:
    dated = {taken.key: outcome.dated_by for _, taken in steps() for outcome in taken.outcomes if outcome.dated_by}

    for name, question in dated.items():
        assert SHIPPED.questions[question].type == "date", name
    assert {"refer", "commission", "start", "sign_off", "notify", "complete", "decide_next"} <= set(dated)
