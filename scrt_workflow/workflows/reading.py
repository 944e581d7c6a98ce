"""Read a workflow from `workflows/`, reporting every mistake in its shape at once (its sense is for `scrt_workflow.lint`)."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import replace
from typing import Any

from scrt_workflow.conditions import Condition, ConditionReader
from scrt_workflow.workflows.schema import (
    COUNTS_AS,
    NEW,
    NOTHING,
    SAME,
    ClockRule,
    Guard,
    Opening,
    Outcome,
    ReminderRule,
    ReviewType,
    State,
    Step,
    Tell,
    Wording,
    Workflow,
)
from scrt_workflow.yaml_reader import Fields, Items, Map, Problems, Text, did_you_mean

PERIOD = re.compile(r"\d{1,4} (?:(?:working |calendar )?days?|(?:calendar )?months?|(?:calendar )?years?)")
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
    steps = {str(name): _step(name, inner, fields, states) for name, inner in fields.nested("steps", most=MOST_STEPS)}
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
        clocks={str(name): _clock(name, inner, fields) for name, inner in fields.nested("clocks")},
        reminders={str(name): _reminder(name, inner, fields, states) for name, inner in fields.nested("reminders")},
        notices={str(name): _wording(name, inner, fields) for name, inner in fields.nested("notices")},
        file=file,
    )
    fields.done()
    return workflow if workflow.making_steps else _with_implied_making(workflow)


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


def _step(key: Text, node: Any, outer: Fields, states: Mapping[str, State]) -> Step:
    fields = Fields(node, file=outer.file, problems=outer.problems, place=key)
    comes_from, makes = _comes_from(fields, states)
    dated_by = str(fields.text("dated_by", longest=60))
    withdraws = fields.yes_no("withdraws")
    step = Step(
        key=str(key),
        title=str(fields.text("title", default=key.replace("_", " ").capitalize(), longest=120)),
        hint=str(fields.text("hint", longest=500)),
        comes_from=comes_from,
        makes=makes,
        who=tuple(map(str, fields.texts("who"))),
        form=str(fields.text("form", longest=60)),
        outcomes=_outcomes(fields, dated_by),
        needs=tuple(guard for item in fields.items("needs") if (guard := _guard(item, fields))),
        tells=tuple(_tell(item, fields) for item in fields.items("tells")),
        approves=tuple(map(str, fields.texts("approves"))),
        if_they_change=str(fields.text("if_they_change", longest=60)),
        voids=tuple(map(str, fields.texts("voids"))),
        carries=tuple(map(str, fields.texts("carries"))),
        restates=fields.yes_no("restates") or withdraws,
        withdraws=withdraws,
        withdraws_opened=fields.yes_no("withdraws_opened"),
        line=key.line,
    )
    if not step.who:
        fields.problem(key.line, "who is missing: name at least one role.")
    fields.done()
    return _with_approving_outcome(step)


def _with_approving_outcome(step: Step) -> Step:
    """Mark the first outcome of an approval as the one that gives it, where the definition marks none."""
    if not step.approves or not step.outcomes or any(outcome.approves for outcome in step.outcomes):
        return step
    return replace(step, outcomes=(replace(step.outcomes[0], approves=True), *step.outcomes[1:]))


def _comes_from(fields: Fields, states: Mapping[str, State]) -> tuple[tuple[str, ...], bool]:
    node = fields.any("from")
    if isinstance(node, Map):
        inner = Fields(
            node,
            file=fields.file,
            problems=fields.problems,
            place=f"{fields.place}: from",
        )
        return _counted_states(inner, states), False
    named = [item for item in (node if isinstance(node, Items) else [node]) if isinstance(item, Text)]
    if not named:
        fields.problem(fields.line, "from is missing: name the states it starts from, or `new`.")
    if NEW in named and len(named) > 1:
        fields.problem(named[0].line, "from: `new` stands alone.")
    if NEW in named:
        return (), True
    for name in named:
        if name not in states:
            fields.problem(
                name.line,
                f"from: no state is called '{name}'{did_you_mean(name, states)}.",
            )
    return tuple(str(name) for name in named if name in states), False


def _counted_states(fields: Fields, states: Mapping[str, State]) -> tuple[str, ...]:
    counts = fields.texts("counts_as")
    for word in counts:
        if word not in COUNTS_AS:
            fields.problem(
                word.line,
                f"'{word}' is not one of {', '.join(COUNTS_AS)}{did_you_mean(word, COUNTS_AS)}.",
            )
    fields.done()
    return tuple(key for key, state in states.items() if state.counts_as in counts)


def _outcomes(fields: Fields, dated_by: str) -> tuple[Outcome, ...]:
    items = fields.items("outcomes")
    alone = fields.text("to", longest=60)
    if items and alone:
        fields.problem(fields.line_of("to"), "give either `to` or `outcomes`, not both.")
    if not items and not alone:
        fields.problem(fields.line, "to is missing: name the state it leads to, or `same`.")
    if not items:
        return (Outcome(to=str(alone) or SAME, dated_by=dated_by, line=fields.line_of("to")),)
    return tuple(_outcome(item, fields, dated_by) for item in items)


def _outcome(node: Any, outer: Fields, dated_by: str) -> Outcome:
    fields = Fields(node, file=outer.file, problems=outer.problems, place=outer.place)
    outcome = Outcome(
        to=str(fields.text("to", required="becomes" not in fields.map, default=SAME, longest=60)),
        when=_condition(fields, "when"),
        dated_by=str(fields.text("dated_by", default=dated_by, longest=60)),
        approves=fields.yes_no("approves"),
        opens=_opening(fields, "opens"),
        becomes=_opening(fields, "becomes"),
        line=fields.line,
    )
    fields.done()
    return outcome


def _opening(outer: Fields, key: str) -> Opening | None:
    if (node := outer.any(key)) is None:
        return None
    fields = Fields(node, file=outer.file, problems=outer.problems, place=f"{outer.place}: {key}")
    opening = Opening(
        workflow=str(fields.text("workflow", required=True, longest=60)),
        review_type=str(fields.text("review_type", longest=60)),
        state=str(fields.text("state", required=key == "becomes", longest=60)),
        line=fields.line,
    )
    fields.done()
    return opening


def _guard(node: Any, outer: Fields) -> Guard | None:
    fields = Fields(node, file=outer.file, problems=outer.problems, place=f"{outer.place}: needs")
    when = _condition(fields, "when")
    otherwise = fields.text("else", required=True, longest=300)
    fields.done()
    return Guard(when, str(otherwise), fields.line) if when else None


def _tell(node: Any, outer: Fields) -> Tell:
    fields = Fields(node, file=outer.file, problems=outer.problems, place=f"{outer.place}: tells")
    notice = fields.text("notice", required=True, longest=60)
    made = Tell(
        str(notice),
        tuple(map(str, fields.texts("to"))),
        _condition(fields, "when"),
        fields.line,
    )
    if not made.to:
        fields.problem(fields.line, "to is missing: name the roles that are told.")
    fields.done()
    return made


def _condition(fields: Fields, key: str) -> Condition | None:
    node = fields.any(key)
    return None if node is None else ConditionReader(fields.file, fields.problems, f"{fields.place}: {key}").read(node)


def _period(fields: Fields, key: str) -> str:
    text = fields.text(key, required=True, longest=40)
    if text and not PERIOD.fullmatch(text):
        fields.problem(
            text.line,
            f"{key}: '{text}' is not a length of time, such as 15 working days, 30 days or 6 calendar months.",
        )
    return str(text)


def _clock(key: Text, node: Any, outer: Fields) -> ClockRule:
    fields = Fields(node, file=outer.file, problems=outer.problems, place=key)
    clock = ClockRule(
        key=str(key),
        title=str(fields.text("title", default=key.replace("_", " ").capitalize(), longest=120)),
        starts=str(fields.text("starts", required=True, longest=60)),
        due=_period(fields, "due"),
        stops=tuple(map(str, fields.texts("stops"))),
        may_pause=fields.yes_no("may_pause"),
        authority=str(fields.text("authority", longest=300)),
        line=key.line,
    )
    fields.done()
    return clock


def _reminder(key: Text, node: Any, outer: Fields, states: Mapping[str, State]) -> ReminderRule:
    fields = Fields(node, file=outer.file, problems=outer.problems, place=key)
    escalate = fields.any("escalate")
    inner = Fields(
        escalate if escalate is not None else Map(),
        file=fields.file,
        problems=fields.problems,
        place=f"{key}: escalate",
    )
    reminder = ReminderRule(
        key=str(key),
        while_in=_while(fields, states),
        since=tuple(map(str, fields.texts("since"))),
        after=_period(fields, "after"),
        again_every=_period(fields, "again_every"),
        to=tuple(map(str, fields.texts("to"))),
        escalate_after=inner.number("after", smallest=1, largest=100),
        escalate_to=tuple(map(str, inner.texts("to"))),
        notice=str(fields.text("notice", longest=60)),
        line=key.line,
    )
    inner.done()
    fields.done()
    return reminder


def _while(fields: Fields, states: Mapping[str, State]) -> tuple[str, ...]:
    node = fields.any("while")
    if isinstance(node, Map):
        inner = Fields(
            node,
            file=fields.file,
            problems=fields.problems,
            place=f"{fields.place}: while",
        )
        return _counted_states(inner, states)
    named = [item for item in (node if isinstance(node, Items) else [node]) if isinstance(item, Text)]
    if not named:
        fields.problem(
            fields.line,
            "while is missing: name the states in which people are reminded.",
        )
    for name in named:
        if name not in states:
            fields.problem(
                name.line,
                f"while: no state is called '{name}'{did_you_mean(name, states)}.",
            )
    return tuple(str(name) for name in named)


def _wording(key: Text, node: Any, outer: Fields) -> Wording:
    fields = Fields(node, file=outer.file, problems=outer.problems, place=key)
    wording = Wording(
        key=str(key),
        subject=str(fields.text("subject", required=True, longest=150)),
        body=str(fields.text("body", required=True, longest=4000)),
        line=key.line,
    )
    fields.done()
    return wording
