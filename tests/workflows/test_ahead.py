"""What comes next for a review: what takes it on, never what corrects, takes back or reopens it."""

import pytest

from scrt_workflow.workflows.ahead import coming_later, coming_next, roles_in_words, updating_steps
from scrt_workflow.workflows.schema import Workflow
from tests.definitions import shipped

DHR, SAR, RAPID, OLDER = (shipped.workflow(key) for key in (shipped.DHR, shipped.SAR, shipped.RAPID, shipped.OLDER))


def next_steps(workflow: Workflow, state: str) -> list[str]:
    return [one.step.key for one in coming_next(workflow, state)]


@pytest.mark.parametrize(
    ("workflow", "state", "steps"),
    [
        (SAR, "referred", ["commission", "decide_no_review"]),
        (SAR, "in_progress", ["sign_off"]),
        (SAR, "embargoed", ["lift_embargo", "close"]),
        (DHR, "signed_off", ["ask_for_assurance"]),
        (DHR, "icb_assurance", ["give_icb_assurance"]),
        (RAPID, "completed", ["decide_next"]),
        (OLDER, "open", ["state_type"]),
    ],
)
def test_what_takes_a_review_on_comes_next(workflow: Workflow, state: str, steps: list[str]) -> None:
    assert next_steps(workflow, state) == steps


@pytest.mark.parametrize("workflow", [SAR, DHR, RAPID, OLDER], ids=lambda one: one.key)
def test_nothing_more_is_due_where_a_state_is_final(workflow: Workflow) -> None:
    for state in workflow.states.values():
        if state.final:
            assert next_steps(workflow, state.key) == []


@pytest.mark.parametrize("workflow", [SAR, DHR, RAPID, OLDER], ids=lambda one: one.key)
def test_what_reopens_withdraws_or_corrects_a_review_never_comes_next(workflow: Workflow) -> None:
    coming = {key for state in workflow.states for key in next_steps(workflow, state)}

    assert coming.isdisjoint({"reopen", "reopen_referral", "withdraw", "correct", "undo_conversion", "give_update"})


def test_an_older_record_goes_on_by_stating_its_type() -> None:
    assert next_steps(OLDER, "closed") == ["state_type_of_closed"]


def test_later_steps_lead_forward_only() -> None:
    later = [step.key for step in coming_later(DHR, "icb_assurance")]

    assert later == ["give_regional_acceptance", "decide_publication", "lift_embargo", "close"]
    assert coming_later(DHR, "closed") == []


def test_the_update_that_a_reminder_asks_for_is_known() -> None:
    assert [step.key for step in updating_steps(DHR, "icb_assurance")] == ["give_update"]
    assert updating_steps(DHR, "closed") == []


def test_roles_are_named_as_people_say_them() -> None:
    assert roles_in_words(("designate", "regional_lead")) == "the designated professional or the regional lead"
    assert roles_in_words(("icb_chief_nurse",)) == "the ICB Chief Nurse"
    assert roles_in_words(()) == "nobody"
