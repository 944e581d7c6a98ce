"""What a plan must say to move reviews from one version of a workflow to another, and what the two versions differ in.

A stage that both have is kept; of one that is gone the plan says where its reviews go. Deadlines whose rule has changed keep
the due date that each review has, are counted by the new rule, or start afresh on the day of the move.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass, field, replace
from typing import Any

from scrt_workflow.forms.schema import Question
from scrt_workflow.workflows.schema import Definition, State, Workflow
from scrt_workflow.workflows.time_rules import ClockRule

BY_RULE, AFRESH, KEEP = "by_rule", "afresh", "keep:"
"""What becomes of a deadline: counted by the new rule, begun on the day of the move, or (`keep:<old deadline>`) left as it is."""


@dataclass(frozen=True, slots=True)
class Differences:
    """What a plan has to settle, and what else changes for a review that is moved.

    *vanished* are stages at which something is still due and that the new version lacks; *recounted* are stages of both that
    count otherwise now, as they are in the new version.
    """

    vanished: tuple[State, ...]
    recounted: tuple[State, ...]
    clocks: tuple[ClockRule, ...]
    clocks_gone: tuple[ClockRule, ...]
    added: tuple[Question, ...]
    removed: tuple[Question, ...]


@dataclass(frozen=True, slots=True)
class Plan:
    """For each stage that is gone where its reviews go, and for each changed deadline what becomes of its due date."""

    states: Mapping[str, str] = field(default_factory=dict)
    clocks: Mapping[str, str] = field(default_factory=dict)

    def as_json(self) -> dict[str, Any]:
        """Give the plan as it is kept."""
        return {"states": dict(self.states), "clocks": dict(self.clocks)}

    @classmethod
    def from_json(cls, kept: Mapping[str, Any]) -> Plan:
        """Read a plan that was kept."""
        return cls(dict(kept.get("states", {})), dict(kept.get("clocks", {})))

    def target(self, new: Workflow, state: str) -> State | None:
        """Give the state that a review in *state* is in under the *new* version; None where the plan says nothing of it."""
        return new.states.get(state) or new.states.get(self.states.get(state, ""))


def differences(old: Definition, new: Definition) -> Differences:
    """Give what differs between two versions as far as reviews under way are concerned."""
    before, after = old.workflow, new.workflow
    asked_before, asked_now = asked(old), asked(new)
    return Differences(
        vanished=tuple(state for state in before.states.values() if state.is_under_way and state.key not in after.states),
        recounted=tuple(
            state
            for key, state in after.states.items()
            if key in before.states and before.states[key].counts_as != state.counts_as and before.states[key].is_under_way
        ),
        clocks=tuple(rule for key, rule in after.clocks.items() if _counted(before.clocks.get(key)) != _counted(rule)),
        clocks_gone=tuple(rule for key, rule in before.clocks.items() if key not in after.clocks),
        added=tuple(new.questions[key] for key in asked_now if key not in asked_before),
        removed=tuple(old.questions[key] for key in asked_before if key not in asked_now),
    )


def asked(definition: Definition) -> dict[str, None]:
    """Name the questions that the steps of a definition ask, in the order asked."""
    forms = (definition.form_of(step) for step in definition.workflow.steps.values())
    return dict.fromkeys(question for form in forms for question in form.questions)


def _counted(rule: ClockRule | None) -> ClockRule | None:
    """Give what of a deadline decides its due date."""
    return replace(rule, title="", authority="", line=0, may_pause=False) if rule else None


def choices_for(rule: ClockRule, found: Differences, old: Workflow) -> dict[str, str]:
    """Give what may become of a changed deadline, in words, the usual first."""
    if rule.key in old.clocks:
        kept = {KEEP + rule.key: "Keep the due date that each review has"}
    else:
        kept = {f"{KEEP}{gone.key}": f"Take over the due date of “{gone.title}”, which is gone" for gone in found.clocks_gone}
    return kept | {
        BY_RULE: f"Count by the new version: {rule.due} from when it began",
        AFRESH: f"Start afresh: {rule.due} from the day of the move, where it is running",
    }


def mistakes_in(plan: Plan, old: Definition, new: Definition) -> Iterator[tuple[str, str]]:
    """Give what is missing or wrong in *plan*: the field (`state-…`, `clock-…`) and the sentence."""
    found = differences(old, new)
    for state in found.vanished:
        target = new.workflow.states.get(plan.states.get(state.key, ""))
        if target is None:
            yield f"state-{state.key}", f"Choose where the reviews at “{state.title}” go"
        elif not target.is_under_way:
            sentence = f"Choose a stage at which something is still due for the reviews at “{state.title}”"
            yield f"state-{state.key}", sentence
    for rule in found.clocks:
        if plan.clocks.get(rule.key) not in choices_for(rule, found, old.workflow):
            yield f"clock-{rule.key}", f"Choose what becomes of the deadline “{rule.title}”"
    surplus = [*(plan.states.keys() - {one.key for one in found.vanished}), *(plan.clocks.keys() - {c.key for c in found.clocks})]
    if surplus:
        yield "", f"The plan speaks of {', '.join(sorted(surplus))}, of which there is nothing to say"


def what_blocks(
    plan: Plan, old: Workflow, new: Workflow, state: str, review_type: str | None, in_force: Collection[str], *, version: int
) -> str:
    """Give the sentence that says why a review cannot be moved as it stands, empty where nothing is in the way."""
    target = plan.target(new, state)
    if target is None:
        title = old.states[state].title
        return f"Version {version} has no stage “{title}”, and the plan does not say where its reviews go."
    if review_type and review_type not in new.review_types:
        kind = old.review_types.get(review_type)
        return f"Its type, “{kind.title if kind else review_type}”, is none of version {version}."
    lacking = [f"“{new.steps[key].title}”" for key in target.approved_by if key not in in_force]
    if lacking:
        return f"“{target.title}” asks in version {version} for {' and '.join(lacking)}, which nobody has given."
    return ""
