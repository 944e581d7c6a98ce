"""When the next update of a review is due: the day that its list and its people's work are ordered by."""

from __future__ import annotations

from datetime import date

from scrt_workflow import reference
from scrt_workflow.workflows.schema import Step, Workflow
from scrt_workflow.working_days import Period


def next_due(workflow: Workflow, state: str, step: Step | None, *, before: date | None, today: date) -> date | None:
    """Give the day by which a review in *state* wants an update, after *step* was completed on *today*.

    A substantive step (one that a reminder counts `since`) starts the time afresh; others leave the day *before* as it is.
    No source gives an interval: it is a setting of each definition (domain.md, "Clocks").
    """
    days = []
    for rule in workflow.reminders.values():
        steps = [key for key in rule.since if key in workflow.steps]
        if steps and state in rule.while_in:
            afresh = before is None or (step is not None and step.key in steps)
            days.append(Period.parse(rule.after).after(today, holidays=reference.bank_holidays()) if afresh else before)
    return min((day for day in days if day is not None), default=None)
