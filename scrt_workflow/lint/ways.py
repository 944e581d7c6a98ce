"""Which ways there are between the states of a workflow, whatever is answered: enough to tell what cannot come before what."""

from collections.abc import Collection, Mapping
from dataclasses import dataclass, field

from scrt_workflow.workflows.schema import SAME, Definition, Step, Workflow


@dataclass(frozen=True)
class Ways:
    """Where each step of a workflow can leave a review (`targets`), and from which states one comes to a state (`sources`)."""

    targets: Mapping[str, set[str]]
    sources: Mapping[str, set[str]]
    known: dict[tuple[str, ...], set[str]] = field(default_factory=dict)

    def before(self, states: tuple[str, ...]) -> set[str]:
        """Give *states*, and those from which a review can come to one of them."""
        if states not in self.known:
            found, wanted = set(states), list(states)
            while wanted:
                new = self.sources.get(wanted.pop(), set()) - found
                found |= new
                wanted += new
            self.known[states] = found
        return self.known[states]


def ways_of(definition: Definition) -> Ways:
    """Give the ways of a workflow."""
    targets: dict[str, set[str]] = {}
    sources: dict[str, set[str]] = {}
    for step in definition.workflow.steps.values():
        targets[step.key] = _targets(definition, step)
        for state in targets[step.key]:
            sources.setdefault(state, set()).update(step.comes_from)
    return Ways(targets, sources)


def _targets(definition: Definition, step: Step) -> set[str]:
    """Give the states that *step* can leave a review in: it leads there, stays, or lets an approval fall."""
    asked = set(definition.form_of(step).questions)
    falling = {other.if_they_change for other in definition.workflow.steps.values() if asked & set(other.approves)}
    leading = {outcome.to for outcome in step.outcomes if not outcome.becomes}
    return (leading | falling | set(step.comes_from) if SAME in leading else leading | falling) & set(definition.workflow.states)


def states_after(workflow: Workflow, states: Collection[str]) -> set[str]:
    """Give *states*, and those that a review can come to from there while what it has opened is not taken back."""
    reached, wanted = set(states), list(states)
    while wanted:
        for step in workflow.steps_from.get(wanted.pop(), ()):
            if not step.withdraws_opened:
                new = {outcome.to for outcome in step.outcomes if outcome.to in workflow.states} - reached
                reached |= new
                wanted += new
    return reached
