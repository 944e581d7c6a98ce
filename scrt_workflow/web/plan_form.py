"""The form of a plan: where the reviews of each vanished stage go, what becomes of each changed deadline, and when it happens."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, ClassVar, cast

from flask import request
from wtforms import Form, RadioField, SelectField
from wtforms.fields.choices import SelectChoice  # type: ignore[attr-defined]  # the stubs are a version behind
from wtforms.validators import InputRequired

from scrt_workflow.operations.rebasing import AT_NEXT_STEP, NOW
from scrt_workflow.workflows.rebasing import Plan, choices_for, differences
from scrt_workflow.workflows.schema import Definition

WHEN = (
    SelectChoice(NOW, "Now", {"hint": "You see first what happens to each, and can take it back."}),
    SelectChoice(
        AT_NEXT_STEP,
        "Each at its next step",
        {"hint": "A review moves when somebody next completes a step of it. The plan stands until you end it."},
    ),
)


class PlanForm(Form):
    """When the reviews move; the fields about stages and deadlines are made for two versions."""

    mode = RadioField("When do the reviews move?", [InputRequired("Choose when the reviews move")], choices=WHEN)
    states: ClassVar[Mapping[str, str]] = {}
    clocks: ClassVar[Mapping[str, str]] = {}
    in_words: ClassVar[Mapping[tuple[str, str], str]] = {}

    @property
    def field_order(self) -> list[str]:
        """Give the names of its fields in the order to ask them."""
        return [*self.states.values(), *self.clocks.values(), "mode"]

    def plan(self) -> Plan:
        """Give the plan that was chosen."""
        states, clocks = ({key: str(self[name].data) for key, name in names.items()} for names in (self.states, self.clocks))
        return Plan(states, clocks)

    def choice_in_words(self, clock: str, choice: str) -> str:
        """Say what was chosen for a deadline."""
        return self.in_words.get((clock, choice), choice)


def plan_form(old: Definition, new: Definition, counts: Mapping[str, int]) -> PlanForm:
    """Make the form for moving reviews from *old* to *new*; *counts* says how many are at each stage."""
    found = differences(old, new)
    going_on = [SelectChoice(key, state.title) for key, state in new.workflow.states.items() if state.is_under_way]
    made: dict[str, Any] = {"states": {}, "clocks": {}, "in_words": {}}
    for state in found.vanished:
        name, many = f"state-{state.key}", counts.get(state.key, 0)
        sentence = f"Choose where the reviews at “{state.title}” go"
        choices = [SelectChoice("", "Choose a stage"), *going_on]
        here = "No review is there now." if not many else f"{many} {'review is' if many == 1 else 'reviews are'} there now."
        made[name] = SelectField(
            f"Reviews at “{state.title}” go to", [InputRequired(sentence)], choices=choices, description=here
        )
        made["states"][state.key] = name
    for rule in found.clocks:
        name, choices_here = f"clock-{rule.key}", choices_for(rule, found, old.workflow)
        choices = [SelectChoice(value, label) for value, label in choices_here.items()]
        sentence = f"Choose what becomes of the deadline “{rule.title}”"
        made[name] = RadioField(f"The deadline “{rule.title}”", [InputRequired(sentence)], choices=choices)
        made["clocks"][rule.key] = name
        made["in_words"] |= {(rule.key, value): label for value, label in choices_here.items()}
    kind = cast("type[PlanForm]", type("PlanForm", (PlanForm,), made))
    return kind(request.form)
