"""Read a workflow from `workflows/`, reporting every mistake in its shape at once (its sense is for `scrt_workflow.lint`)."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

from scrt_workflow.workflows.reading_escalations import read_escalation
from scrt_workflow.workflows.reading_steps import read_step
from scrt_workflow.workflows.reading_times import read_clock, read_reminder, read_wording
from scrt_workflow.workflows.schema import (
    COUNTS_AS,
    NEW,
    NOTHING,
    SAME,
    Outcome,
    ReviewType,
    State,
    Step,
    Workflow,
)
from scrt_workflow.yaml_reader import Fields, Items, Map, Problems, Text

MOST_STATES, MOST_STEPS = 200, 500
MAKING_STEP = "create"
"""The key of the step that makes a review, in a workflow that does not name one (`from: new`)."""


def read_workflow(node: Map, *, file: str, problems: Problems, known_types: Mapping[str, ReviewType]) -> Workflow | None:
    """Read the workflow in *node*; *known_types* gives the labels of types that are only named."""
    fields = Fields(node, file=file, problems=problems, place="")
    key = fields.text("workflow", required=True)
    if not key or not fields.is_key(key):
        return None
    title = fields.text("title", required=True, longest=120)
    states = {str(name): _state(name, inner, fields) for name, inner in fields.nested("states", most=MOST_STATES)}
    steps = {str(name): read_step(name, inner, fields, states) for name, inner in fields.nested("steps", most=MOST_STEPS)}
    if not states and not fields.map.get(Text("states")):
        fields.problem(
            fields.line_of("states"),
            "states is missing: a workflow needs at least one.",
        )
    if not steps and not fields.map.get(Text("steps")):
        fields.problem(fields.line_of("steps"), "steps is missing: a workflow needs at least one.")
    starts_in = fields.text("starts_in", default=_first_state(states, steps))
    workflow = Workflow(
        key=str(key),
        title=str(title),
        short_title=str(fields.text("short_title", longest=40)),
        hint=str(fields.text("hint", longest=500)),
        starts_in=str(starts_in),
        review_types=_review_types(fields, known_types),
        untyped=fields.yes_no("untyped"),
        states=states,
        steps=steps,
        clocks={str(name): read_clock(name, inner, fields) for name, inner in fields.nested("clocks")},
        reminders={str(name): read_reminder(name, inner, fields, states) for name, inner in fields.nested("reminders")},
        escalations={str(name): read_escalation(name, inner, fields) for name, inner in fields.nested("escalations")},
        notices={str(name): read_wording(name, inner, fields) for name, inner in fields.nested("notices")},
        file=file,
    )
    fields.done()
    if workflow.making_steps:
        return workflow
    if MAKING_STEP in steps:
        sentence = (
            "no step is `from: new`, so the service adds a step of this key. Give this one another key, or make it that step."
        )
        fields.problem(steps[MAKING_STEP].line, f"{MAKING_STEP}: {sentence}")
    return _with_implied_making(workflow)


def _first_state(states: Mapping[str, State], steps: Mapping[str, Step]) -> str:
    made = next(
        (step.outcomes[0].to for step in steps.values() if step.makes and step.outcomes),
        "",
    )
    return made or next(iter(states), "")


def _with_implied_making(workflow: Workflow) -> Workflow:
    """Add the step that makes a review: whoever may take the first steps from the first state may start one."""
    who = tuple(dict.fromkeys(role for step in workflow.steps_from.get(workflow.starts_in, ()) for role in step.who))
    step = Step(
        MAKING_STEP,
        "Create a new record",
        (),
        who,
        "",
        (Outcome(workflow.starts_in),),
        makes=True,
    )
    return replace(workflow, steps={MAKING_STEP: step, **workflow.steps})


def _review_types(fields: Fields, known: Mapping[str, ReviewType]) -> dict[str, ReviewType]:
    node = fields.any("review_types")
    if node is None and fields.yes_no("untyped"):
        return {}  # the reviews of this workflow have no type until one is stated
    if isinstance(node, Items):
        node = Map({item: Map() for item in node if isinstance(item, Text)})
    if not isinstance(node, Map) or not node:
        fields.problem(
            fields.line_of("review_types"),
            "review_types is missing: name at least one type of review.",
        )
        return {}
    return {str(key): _review_type(key, inner, fields, known) for key, inner in node.items() if fields.is_key(key)}


def _review_type(key: Text, node: Any, outer: Fields, known: Mapping[str, ReviewType]) -> ReviewType:
    if isinstance(node, Text):
        node = Map({Text("title", node.line): node})
    fields = Fields(node, file=outer.file, problems=outer.problems, place=f"review_types: {key}")
    like = known.get(key, ReviewType(str(key), key.replace("_", " ").capitalize()))
    made = ReviewType(
        key=str(key),
        title=str(fields.text("title", default=like.title, longest=80)),
        family=str(fields.text("family", default=like.family, longest=40)),
        converted=fields.yes_no("converted", default=like.converted),
    )
    fields.done()
    return made


def _state(key: Text, node: Any, outer: Fields) -> State:
    fields = Fields(node, file=outer.file, problems=outer.problems, place=key)
    state = State(
        key=str(key),
        title=str(fields.text("title", default=key.replace("_", " ").capitalize(), longest=80)),
        counts_as=str(fields.one_of("counts_as", COUNTS_AS, default=NOTHING, required=True)),
        final=fields.yes_no("final"),
        approved_by=tuple(map(str, fields.texts("approved_by"))),
        line=key.line,
    )
    if key in {SAME, NEW}:
        fields.problem(key.line, f"'{key}' is a word of the language and cannot be a state.")
    fields.done()
    return state
