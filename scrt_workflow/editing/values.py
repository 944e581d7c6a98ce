"""From what stands in a definition to what a form shows, and back: only the fields that were changed are written anew."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from scrt_workflow.editing.kinds import Control, Field, Kind
from scrt_workflow.workflows.schema import NEW
from scrt_workflow.yaml_reader import Items, Map, Text

Value = str | list[str]
Values = dict[str, Value]
"""What a form holds: by field, a text or the list of what was ticked."""
COUNTED = "counts_as:"
AMOUNTS, ALONE = frozenset({"at_least", "at_most"}), frozenset({"in_the_future", "not_in_the_future"})
"""Checks that compare with a number, and those that compare with nothing."""
SEVERAL = frozenset(
    {
        Control.ROLES,
        Control.POSTS,
        Control.STATES,
        Control.ORIGIN,
        Control.STEPS,
        Control.MOVES,
        Control.QUESTIONS,
        Control.MOMENTS,
        Control.APPROVALS,
    }
)
"""Controls that hold a list."""
_YES = {"yes", "true"}


def values_of(kind: Kind, node: Any) -> Values:
    """Give what the form of *kind* shows of *node*; conditions have a page of their own and are left out."""
    return {field.name: value_of(kind, field, node) for field in kind.fields if field.control is not Control.CONDITION}


def value_of(kind: Kind, field: Field, node: Any) -> Value:
    """Give what one field shows."""
    found = _raw(kind, field.name, node)
    if field.control in SEVERAL:
        return _ticked(found)
    if not isinstance(found, str):
        return field.default
    if field.control is Control.YES_NO:
        return "yes" if found in _YES else "no"
    return str(found)


def _raw(kind: Kind, name: str, node: Any) -> Any:
    if kind.key == "check":
        word, operand = next(iter(node.items()), ("", "")) if isinstance(node, dict) else (node, None)
        is_amount = word in AMOUNTS
        return {"name": word, "operand": None if is_amount else operand, "amount": operand if is_amount else None}[name]
    if not name:
        return node
    for part in name.split("."):
        node = node.get(Text(part)) if isinstance(node, dict) else None
    return node


def _ticked(node: Any) -> list[str]:
    if isinstance(node, dict):
        counts = node.get(Text("counts_as"))
        return [f"{COUNTED}{word}" for word in (counts if isinstance(counts, list) else [counts]) if isinstance(word, str)]
    items = node if isinstance(node, list) else [] if node is None else [node]
    return [str(item) for item in items if isinstance(item, str)]


def edited(kind: Kind, node: Any, values: Mapping[str, Value], *, states: Mapping[str, str]) -> Any:
    """Give *node* with what *values* change; *states* says as what each stage counts."""
    if kind.key == "check":
        word = str(values.get("name", ""))
        operand = str(values.get("amount" if word in AMOUNTS else "operand", "")) if word not in ALONE else ""
        return Map({Text(word): Text(operand)}) if operand else Text(word)
    if kind.fields[0].name == "":
        return Text(str(values[""]))
    made = Map(node)
    for field in kind.fields:
        if field.control is not Control.CONDITION and field.name in values:
            value = values[field.name]
            if value != value_of(kind, field, node):
                made = _with(made, field.name.split("."), _node(field, value, states), kind)
    return made


def _node(field: Field, value: Value, states: Mapping[str, str]) -> Any:
    """Give what *value* is written as; None where it goes without saying."""
    if isinstance(value, str):
        return None if value in {"", field.default} else Text(value)
    if not value:
        return None
    if field.control in {Control.STATES, Control.ORIGIN}:
        return _states(value, states)
    return Items(Text(one) for one in value)


def _states(value: Sequence[str], states: Mapping[str, str]) -> Any:
    if NEW in value:
        return Text(NEW)
    counted = [one.removeprefix(COUNTED) for one in value if one.startswith(COUNTED)]
    named = [one for one in value if not one.startswith(COUNTED)]
    if counted and not named:
        return Map({Text("counts_as"): Text(counted[0]) if len(counted) == 1 else Items(map(Text, counted))})
    meant = [key for key, counts_as in states.items() if key in named or counts_as in counted]
    return Items(map(Text, meant))


def _with(node: Map, parts: list[str], value: Any, kind: Kind) -> Map:
    """Put *value* at a key, or at a key within a key; a new key stands where the kind's fields have it."""
    if len(parts) > 1:
        inner = node.get(Text(parts[0]))
        made = _with(inner if isinstance(inner, Map) else Map(), parts[1:], value, kind)
        return _with(node, parts[:1], made or None, kind)
    if value is None:
        return Map({key: one for key, one in node.items() if key != parts[0]})
    if Text(parts[0]) in node:
        return Map({key: value if key == parts[0] else one for key, one in node.items()})
    return put_in_order(node, parts[0], value, kind)


def put_in_order(node: Map, key: str, value: Any, kind: Kind) -> Map:
    """Put a new key into *node* after those that come before it in its kind; children come after the fields, a note last."""
    order = [*(one.name.partition(".")[0] for one in kind.fields if one.name != "note"), *(one.name for one in kind.children)]
    before = set(order[: order.index(key)]) if key in order else set(order)
    keys = [str(name) for name in node]
    at = max((place + 1 for place, name in enumerate(keys) if name in before or name in {kind.key, "form", "page"}), default=0)
    keys.insert(at, key)
    return Map({Text(name): value if name == key else node[Text(name)] for name in keys})
