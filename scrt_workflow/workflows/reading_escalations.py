"""Read the escalations of a workflow: what begins each, whom it tells, and how it is acknowledged."""

from __future__ import annotations

from typing import Any

from scrt_workflow.workflows.reading_parts import condition
from scrt_workflow.workflows.reading_times import period
from scrt_workflow.workflows.time_rules import Also, EscalationRule
from scrt_workflow.yaml_reader import Fields, Map, Text


def read_escalation(key: Text, node: Any, outer: Fields) -> EscalationRule:
    """Read one escalation."""
    fields = Fields(node, file=outer.file, problems=outer.problems, place=key)
    escalate = fields.any("escalate")
    place = f"{key}: escalate"
    up = Fields(Map() if escalate is None else escalate, file=fields.file, problems=fields.problems, place=place)
    made = EscalationRule(
        key=str(key),
        title=str(fields.text("title", default=key.replace("_", " ").capitalize(), longest=120)),
        when=condition(fields, "when"),
        to=tuple(map(str, fields.texts("to"))),
        posts=tuple(map(str, fields.texts("posts"))),
        also=tuple(_also(item, fields) for item in fields.items("also")),
        notice=str(fields.text("notice", required=True, longest=60)),
        posts_notice=str(fields.text("posts_notice", longest=60)),
        acknowledged_by=str(fields.text("acknowledged_by", required=True, longest=60)),
        again_every=period(fields, "again_every"),
        escalate_after=up.number("after", smallest=1, largest=100),
        escalate_to=tuple(map(str, up.texts("to"))),
        line=key.line,
    )
    if made.when is None and "when" not in fields.map:
        fields.problem(key.line, "when is missing: say by which answer it begins.")
    up.done()
    fields.done()
    return made


def _also(node: Any, outer: Fields) -> Also:
    fields = Fields(node, file=outer.file, problems=outer.problems, place=f"{outer.place}: also")
    made = Also(tuple(map(str, fields.texts("posts"))), condition(fields, "when"), fields.line)
    if made.when is None and "when" not in fields.map:
        fields.problem(fields.line, "when is missing: say when these posts are told too.")
    fields.done()
    return made
