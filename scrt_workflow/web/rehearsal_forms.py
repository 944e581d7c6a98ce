"""The forms of the rehearsal pages."""

from __future__ import annotations

from datetime import date
from typing import Any

from wtforms import Form, RadioField, SelectField
from wtforms.fields.choices import SelectChoice  # type: ignore[attr-defined]  # the stubs are a version behind
from wtforms.validators import InputRequired, Optional

from scrt_workflow.operations.rehearsed import Rehearsed
from scrt_workflow.reference import organisations
from scrt_workflow.web.people_forms import DayField
from scrt_workflow.workflows.schema import Definition


class BeginForm(Form):
    """How a made-up review begins; `offer` fills in what there is to choose from."""

    begins_by = RadioField("How does the made-up review begin?", [InputRequired("Select how the review begins")])
    review_type = RadioField("Of which type is it?", [Optional()])
    organisation = SelectField("Which ICB is it for?", [InputRequired("Select an ICB")])
    day = DayField("On which day does it begin?", [InputRequired("Enter the day on which it begins")])

    def offer(self, rehearsed: Rehearsed, today: date) -> None:
        """Offer the first steps of what is *rehearsed*, its types and the ICBs of today; of what has one answer, nothing."""
        workflow = rehearsed.definition.workflow
        types = types_to_choose(rehearsed.definition)
        self.begins_by.choices = [SelectChoice(step.key, step.title) for step in workflow.making_steps]
        self.review_type.choices = [SelectChoice(key, title) for key, title in types.items()]
        icbs = sorted((one.name, one.code) for one in organisations() if one.kind == "icb" and _is_there(one, today))
        self.organisation.choices = [SelectChoice(code, name) for name, code in icbs]
        if len(workflow.making_steps) == 1:
            self.begins_by.data = workflow.making_steps[0].key
            del self.begins_by
        if not types:
            del self.review_type

    def validate(self, extra_validators: Any = None) -> bool:
        """Check the answers; an ICB must have been there on the day."""
        is_well = super().validate(extra_validators)
        place = next((one for one in organisations() if one.code == self.organisation.data), None)
        if is_well and place and self.day.data and not _is_there(place, self.day.data):
            self.day.errors = [*self.day.errors, f"{place.name} was not there on that day. Choose another day"]
            return False
        return bool(is_well)


class ClockForm(Form):
    """The day that the clock is moved to."""

    day = DayField("Move the clock to", [InputRequired("Enter the day to move the clock to")])


def types_to_choose(definition: Definition) -> dict[str, str]:
    """Give the types that a new review may have where its form does not ask it."""
    workflow = definition.workflow
    asked = all("review_type" in definition.form_of(step).questions for step in workflow.making_steps)
    types = {kind.key: kind.title for kind in workflow.chosen_types}
    return {} if asked or workflow.untyped or len(types) < 2 else types


def _is_there(place: Any, day: date) -> bool:
    return bool(place.valid_from <= day and (place.valid_to is None or day < place.valid_to))
