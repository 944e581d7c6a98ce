"""Read the steps of a workflow: where each comes from, who takes it, how it can end, and what it needs and sends."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

from scrt_workflow.workflows.reading_parts import condition, counted_states
from scrt_workflow.workflows.schema import NEW, SAME, Guard, Opening, Outcome, State, Step, Tell
from scrt_workflow.yaml_reader import Fields, Items, Map, Text, did_you_mean


def read_step(key: Text, node: Any, outer: Fields, states: Mapping[str, State]) -> Step:
    """Read one step; *states* are those that its `from` may name."""
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
        return counted_states(inner, states), False
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
        when=condition(fields, "when"),
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
    when = condition(fields, "when")
    otherwise = fields.text("else", required=True, longest=300)
    fields.done()
    return Guard(when, str(otherwise), fields.line) if when else None


def _tell(node: Any, outer: Fields) -> Tell:
    fields = Fields(node, file=outer.file, problems=outer.problems, place=f"{outer.place}: tells")
    notice = fields.text("notice", required=True, longest=60)
    made = Tell(
        str(notice),
        tuple(map(str, fields.texts("to"))),
        condition(fields, "when"),
        fields.line,
    )
    if not made.to:
        fields.problem(fields.line, "to is missing: name the roles that are told.")
    fields.done()
    return made
