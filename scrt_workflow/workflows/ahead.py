"""What comes next for a review, and who must do it."""

from __future__ import annotations

from dataclasses import dataclass

from scrt_workflow.permissions import ROLES, Role
from scrt_workflow.workflows.schema import CLOSED, OPEN, SAME, Step, Workflow


@dataclass(frozen=True, slots=True)
class Coming:
    """A step that takes a review on from where it is, and the roles that may take it, in words."""

    step: Step
    by: str


def coming_next(workflow: Workflow, state: str) -> list[Coming]:
    """Give the steps that take a review on from *state*; not those that correct, withdraw or reopen it."""
    here = workflow.states[state]

    def leads_on(step: Step) -> bool:
        moves = any(outcome.to not in {SAME, state} for outcome in step.outcomes)
        reopens = here.counts_as == CLOSED and any(_counts(workflow, outcome.to) == OPEN for outcome in step.outcomes)
        return moves and not step.restates and not step.withdraws_opened and not reopens

    return [Coming(step, roles_in_words(step.who)) for step in workflow.steps_from[state] if leads_on(step)]


def _counts(workflow: Workflow, state: str) -> str:
    return workflow.states[state].counts_as if state in workflow.states else ""


def roles_in_words(roles: tuple[str, ...]) -> str:
    """Name *roles* as people say them: the designated professional or the regional lead."""
    titles = [ROLES[Role(role)].title for role in roles if role in set(Role)]
    named = [
        title if title[:2].isupper() or title.startswith("Regional Chief") else title[0].lower() + title[1:] for title in titles
    ]
    return "the " + " or the ".join(named) if named else "nobody"
