"""What comes next for a review, what may be due later, and who must do it."""

from __future__ import annotations

from dataclasses import dataclass

from scrt_workflow.permissions import ROLES, Role
from scrt_workflow.workflows.schema import CLOSED, SAME, Outcome, Step, Workflow


@dataclass(frozen=True, slots=True)
class Coming:
    """A step that takes a review on from where it is, and the roles that may take it, in words."""

    step: Step
    by: str


def coming_next(workflow: Workflow, state: str) -> list[Coming]:
    """Give the steps that take a review on from *state*: none in a final one, and none that corrects, takes back or reopens."""
    return [Coming(step, roles_in_words(step.who)) for step in workflow.steps_from[state] if leads_on(workflow, step, state)]


def leads_on(workflow: Workflow, step: Step, state: str) -> bool:
    """Say whether *step* takes a review on from *state*."""
    if workflow.states[state].final or step.withdraws or step.withdraws_opened:
        return False
    return any(is_onward(workflow, step, state, outcome) for outcome in step.outcomes)


def is_onward(workflow: Workflow, step: Step, state: str, outcome: Outcome) -> bool:
    """Say whether ending *step* in *outcome* takes a review on from *state*; what reopens a closed one does not."""
    if outcome.becomes is not None:
        return True
    if step.restates or outcome.to in {SAME, state} or outcome.to not in workflow.states:
        return False
    return workflow.states[state].counts_as != CLOSED or workflow.states[outcome.to].counts_as == CLOSED


def coming_later(workflow: Workflow, state: str) -> list[Step]:
    """Give the steps that may be due after the next ones, in the order that they are written; none that would only lead back."""
    far = distances(workflow)
    due: set[str] = set()
    reached = [state]
    for here in reached:
        for step in (coming.step for coming in coming_next(workflow, here)):
            due.add(step.key)
            there = {outcome.to: None for outcome in step.outcomes if is_onward(workflow, step, here, outcome)}
            known = (one for one in there if one in workflow.states and one not in reached)
            reached += [one for one in known if far.get(one, 0) >= far.get(here, 0)]
    due -= {coming.step.key for coming in coming_next(workflow, state)}
    return [step for step in workflow.steps.values() if step.key in due]


def updating_steps(workflow: Workflow, state: str) -> list[Step]:
    """Give the steps by which someone gives the update that a reminder asks for in *state*, and that leave the review there."""
    since = {key for rule in workflow.reminders.values() if state in rule.while_in for key in rule.since}
    here = (step for step in workflow.steps_from[state] if step.key in since)
    return [step for step in here if all(outcome.to in {SAME, state} for outcome in step.outcomes)]


def distances(workflow: Workflow) -> dict[str, int]:
    """Give how many steps each state lies from where reviews begin; one that is never come to onwards is left out."""
    begin = [outcome.to for step in workflow.making_steps for outcome in step.outcomes] or [workflow.starts_in]
    far = dict.fromkeys([*begin, workflow.starts_in], 0)
    for here in (queue := list(far)):
        for step in (coming.step for coming in coming_next(workflow, here)):
            for outcome in step.outcomes:
                if outcome.to not in far and outcome.to in workflow.states and is_onward(workflow, step, here, outcome):
                    far[outcome.to] = far[here] + 1
                    queue.append(outcome.to)
    return far


def roles_in_words(roles: tuple[str, ...]) -> str:
    """Name *roles* as people say them: the designated professional or the regional lead."""
    titles = [ROLES[Role(role)].title for role in roles if role in set(Role)]
    named = [
        title if title[:2].isupper() or title.startswith("Regional Chief") else title[0].lower() + title[1:] for title in titles
    ]
    return "the " + " or the ".join(named) if named else "nobody"
