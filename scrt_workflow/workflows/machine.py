"""Where a step leads: outcomes and approvals decided by our rules, the move itself checked by a flat `transitions` machine.

The only user of `transitions`. A definition never reaches it raw: states and triggers are our own keys, no callback is a string,
`auto_transitions` is off, and a thin proxy is moved, never a row of the database.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable
from dataclasses import dataclass
from typing import Any

from transitions import Machine, MachineError

from scrt_workflow.conditions import Facts, holds
from scrt_workflow.workflows.schema import NOTHING, SAME, Outcome, Step, Workflow


class NoOutcomeError(Exception):
    """No outcome of the step holds for these answers (the linter proves that this cannot be, so a definition was not linted)."""


class IllegalMoveError(Exception):
    """The step does not lead from this state to that one."""


@dataclass(frozen=True, slots=True)
class Move:
    """What completing a step does: the outcome it has, where the review goes, and which approvals it gives and ends."""

    outcome: Outcome
    state: str
    gives: str | None
    ends: tuple[str, ...]


class _Token:
    """Stands for a review in the machine: it has a state and nothing else."""

    __slots__ = ("state",)

    def __init__(self, state: str) -> None:
        self.state = state


_built: dict[int, tuple[Workflow, Machine]] = {}


def machine_of(workflow: Workflow) -> Machine:
    """Give the flat machine of *workflow*: a trigger for every way that a step may lead, from every state that it starts from."""
    kept = _built.get(id(workflow))
    if kept is not None and kept[0] is workflow:
        return kept[1]
    machine = Machine(model=None, states=list(workflow.states), initial=None, auto_transitions=False)
    for step in workflow.steps.values():
        sources: list[Any] = list(step.comes_from)
        for trigger, destination in _ways(workflow, step).items():
            if sources and destination in workflow.states:
                machine.add_transition(trigger, sources, destination)
    _built[id(workflow)] = (workflow, machine)
    return machine


def _ways(workflow: Workflow, step: Step) -> dict[str, str]:
    """Give the ways that *step* may lead, by trigger: `step:state`, or `step:approval:falls` where it may change answers."""
    ways = {f"{step.key}:{outcome.to}": outcome.to for outcome in step.outcomes if outcome.to != SAME and not outcome.becomes}
    if step.form and not step.voids and not step.withdraws:
        others = (other for other in workflow.steps.values() if other.approves and other.key != step.key)
        ways |= {f"{step.key}:{other.key}:falls": other.if_they_change for other in others}
    return ways


def outcome_of(step: Step, facts: Facts) -> Outcome:
    """Give the first outcome of *step* that holds of *facts*; raises NoOutcomeError when none does."""
    for outcome in step.outcomes:
        if holds(outcome.when, facts):
            return outcome
    raise NoOutcomeError(f"No outcome of '{step.title}' fits these answers. Tell an administrator.")


def unmet_need(step: Step, facts: Facts) -> str | None:
    """Give the sentence of the first guard of *step* that does not hold, or None."""
    return next((guard.otherwise for guard in step.needs if not holds(guard.when, facts)), None)


def decide(
    workflow: Workflow, step: Step, state: str, facts: Facts, *, changed: Collection[str], in_force: Iterable[str]
) -> Move:
    """Decide what completing *step* does to a review in *state*.

    *facts* hold the answers as they will be, *changed* names those that this step changes, *in_force* the approving steps whose
    approval stands. An approval falls when an answer that it approved changes in another step, and the review then goes back to
    where that approval is asked for, unless the step itself says which approvals end or takes the review out of the count.
    """
    outcome = outcome_of(step, facts)
    target = state if outcome.to == SAME else outcome.to
    trigger = f"{step.key}:{target}"
    standing = list(in_force)
    fallen = [key for key in workflow.steps if key in standing and key != step.key and _touches(workflow.steps[key], changed)]
    ends = [key for key in standing if key in fallen or key in step.voids or key == step.key]
    if fallen and not _decides_itself(workflow, step, target) and not step.makes:
        trigger, target = f"{step.key}:{fallen[0]}:falls", workflow.steps[fallen[0]].if_they_change or target
    if not step.makes and outcome.becomes is None:
        _check_legal(workflow, step, state, target, trigger)
    return Move(outcome, target, step.key if step.is_approval and outcome.approves else None, tuple(ends))


def _touches(approving: Step, changed: Collection[str]) -> bool:
    return any(question in changed for question in approving.approves)


def _decides_itself(workflow: Workflow, step: Step, target: str) -> bool:
    counted = workflow.states.get(target)
    return bool(step.voids) or step.withdraws or (counted is not None and counted.counts_as == NOTHING)


def _check_legal(workflow: Workflow, step: Step, state: str, target: str, trigger: str) -> None:
    """Move a token through the machine, so that no state is reached by a way that the definition does not write."""
    if target == state:
        return
    event = machine_of(workflow).events.get(trigger)
    token = _Token(state)
    try:
        moved = event is not None and event.trigger(token) and token.state == target
    except MachineError:
        moved = False
    if not moved:
        raise IllegalMoveError(f"'{step.title}' does not lead from {state} to {target}.")


def states_lacking_approval(workflow: Workflow, state: str, in_force: Collection[str]) -> list[str]:
    """Name the approvals that *state* asks for (`approved_by`) and that are not in force."""
    return [key for key in workflow.states[state].approved_by if key not in in_force]
