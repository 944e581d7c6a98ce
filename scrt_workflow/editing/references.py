"""What of a definition names what: so that nothing is taken away while something else depends on it."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from scrt_workflow.conditions import Condition, ConditionReader, tests_in
from scrt_workflow.editing.kinds import KINDS, Control, Field, Kind
from scrt_workflow.editing.tree import QUESTIONS, Place, Tree
from scrt_workflow.editing.values import COUNTED, value_of
from scrt_workflow.folder import FORMS, WORKFLOWS
from scrt_workflow.workflows.schema import NEW, SAME
from scrt_workflow.yaml_reader import Items, Map, Problems, Text

_IN_WORKFLOW = {
    Control.STATE: "states",
    Control.TARGET: "states",
    Control.STATES: "states",
    Control.ORIGIN: "states",
    Control.STEP: "steps",
    Control.STEPS: "steps",
    Control.APPROVALS: "steps",
    Control.CLOCK: "clocks",
    Control.NOTICE: "notices",
}
_QUESTIONS = frozenset(
    {Control.QUESTION, Control.DATE_QUESTION, Control.TYPING_QUESTION, Control.QUESTIONS, Control.OPERAND}
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class Reference:
    """The entry at *place* names what is at *target*, in its field *field*."""

    place: Place
    field: Field
    target: Place


def entries(tree: Tree) -> Iterator[tuple[Place, Kind, Any]]:
    """Give every entry of a tree: its place, what it is, and its node."""
    for root, kind in ((WORKFLOWS, "workflow"), (FORMS, "form"), (QUESTIONS, "question")):
        for key in tree.keys(root):
            yield from _within((root, key), KINDS[kind], tree.at((root, key)))


def _within(place: Place, kind: Kind, node: Any) -> Iterator[tuple[Place, Kind, Any]]:
    yield place, kind, node
    for held in kind.children:
        inner = node.get(Text(held.name)) if isinstance(node, Map) else None
        if isinstance(inner, Map):
            for key, one in inner.items():
                yield from _within((*place, held.name, str(key)), KINDS[held.kind], one)
        elif isinstance(inner, Items):
            for number, one in enumerate(inner):
                yield from _within((*place, held.name, str(number)), KINDS[held.kind], one)


def references(tree: Tree) -> Iterator[Reference]:
    """Give everything that is named anywhere in *tree*."""
    for place, kind, node in entries(tree):
        for field in kind.fields:
            for target in _targets(place, kind, field, node):
                yield Reference(place, field, target)


def dependants(tree: Tree, place: Place) -> list[Reference]:
    """Give what names the entry at *place*, or something in it, from outside it."""
    return [one for one in references(tree) if one.target[: len(place)] == place and one.place[: len(place)] != place]


def _targets(place: Place, kind: Kind, field: Field, node: Any) -> Iterator[Place]:
    if field.control is Control.CONDITION:
        yield from _of_condition(read_condition(node, field.name), place)
        return
    value = value_of(kind, field, node)
    for name in [value] if isinstance(value, str) else value:
        if name and name not in {SAME, NEW} and not name.startswith(COUNTED):
            yield from _named(place, field, name)
    if kind.key == "outcome" and field.control is Control.WORKFLOW and value:
        yield from _of_opening(node, field.name.partition(".")[0], str(value))


def _named(place: Place, field: Field, name: str) -> Iterator[Place]:
    if field.control in _IN_WORKFLOW:
        yield (*place[:2], _IN_WORKFLOW[field.control], name)
    elif field.control in _QUESTIONS:
        yield (QUESTIONS, name)
    elif field.control is Control.FORM:
        yield (FORMS, name)
    elif field.control is Control.WORKFLOW:
        yield (WORKFLOWS, name)
    elif field.control in {Control.MOMENT, Control.MOMENTS, Control.MOVES}:
        yield from ((*place[:2], "steps", name), (*place[:2], "states", name), (QUESTIONS, name))


def _of_opening(node: Any, head: str, workflow: str) -> Iterator[Place]:
    inner = node.get(Text(head)) if isinstance(node, Map) else None
    for part, held in (("review_type", "review_types"), ("state", "states")):
        named = inner.get(Text(part)) if isinstance(inner, Map) else None
        if isinstance(named, str):
            yield (WORKFLOWS, workflow, held, str(named))


def _of_condition(condition: Condition | None, place: Place) -> Iterator[Place]:
    for test in tests_in(condition):
        yield (QUESTIONS, test.question)
        if test.operator in {"before", "after"}:
            yield (QUESTIONS, test.values[0])
        elif test.question == "review_type":
            yield from ((*place[:2], "review_types", value) for value in test.values)
        else:
            yield from ((QUESTIONS, test.question, "options", value) for value in test.values)


def read_condition(node: Any, name: str) -> Condition | None:
    """Read the condition in the field *name* of *node*; None where there is none, or where it has mistakes."""
    found = node.get(Text(name)) if isinstance(node, Map) else None
    if found is None:
        return None
    problems = Problems()
    condition = ConditionReader("", problems, "").read(found)
    return None if len(problems) else condition
