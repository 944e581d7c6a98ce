"""Read what happens by itself in a workflow: its clocks, its reminders, and the wording of its notices."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from scrt_workflow.workflows.reading_parts import counted_states
from scrt_workflow.workflows.schema import State, Wording
from scrt_workflow.workflows.time_rules import ClockRule, ReminderRule
from scrt_workflow.working_days import Period, PeriodError, PeriodTooLongError
from scrt_workflow.yaml_reader import Fields, Items, Map, Text, did_you_mean


def period(fields: Fields, key: str, *, required: bool = True) -> str:
    """Read the length of time at *key*."""
    text = fields.text(key, required=required, longest=40)
    if text:
        try:
            Period.parse(text)
        except PeriodTooLongError:
            return str(text)  # for the check to refuse; a version released with it can still be read
        except PeriodError as error:
            fields.problem(text.line, f"{key}: {error}")
    return str(text)


def read_clock(key: Text, node: Any, outer: Fields) -> ClockRule:
    """Read one deadline."""
    fields = Fields(node, file=outer.file, problems=outer.problems, place=key)
    clock = ClockRule(
        key=str(key),
        title=str(fields.text("title", default=key.replace("_", " ").capitalize(), longest=120)),
        starts=str(fields.text("starts", required=True, longest=60)),
        due=period(fields, "due"),
        stops=tuple(map(str, fields.texts("stops"))),
        pauses=tuple(map(str, fields.texts("pauses"))),
        resumes=tuple(map(str, fields.texts("resumes"))),
        restarts=tuple(map(str, fields.texts("restarts"))),
        extended_by=str(fields.text("extended_by", longest=60)),
        may_pause=fields.yes_no("may_pause"),
        authority=str(fields.text("authority", longest=300)),
        line=key.line,
    )
    fields.done()
    return clock


def read_reminder(key: Text, node: Any, outer: Fields, states: Mapping[str, State]) -> ReminderRule:
    """Read when people are reminded, and to whom that goes up."""
    fields = Fields(node, file=outer.file, problems=outer.problems, place=key)
    escalate, warns = fields.any("escalate"), fields.any("before") is not None
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
        deadline=str(fields.text("deadline", longest=60)),
        after=period(fields, "after", required=not warns),
        before=period(fields, "before", required=False),
        again_every=period(fields, "again_every", required=not warns),
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
        return counted_states(inner, states)
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


def read_wording(key: Text, node: Any, outer: Fields) -> Wording:
    """Read the subject and body of one notice."""
    fields = Fields(node, file=outer.file, problems=outer.problems, place=key)
    wording = Wording(
        key=str(key),
        subject=str(fields.text("subject", required=True, longest=150)),
        body=str(fields.text("body", required=True, longest=4000)),
        line=key.line,
    )
    fields.done()
    return wording
