"""A condition in parts that a form can show and change one at a time: tests, under groups of which all or any must hold."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import Any

from scrt_workflow.conditions import WORDS, All, Condition, ConditionReader, Not, Test
from scrt_workflow.yaml_reader import Items, Map, Problems, Text

ALL, ANY = "all", "any"
Way = tuple[int, ...]
"""Which part: the second part of the first group is (0, 1); nothing is the whole."""


@dataclass(frozen=True)
class Group:
    """Parts of which all or any must hold; *negated*: it must not be so."""

    joiner: str
    parts: tuple[Part, ...] = ()
    negated: bool = False


@dataclass(frozen=True)
class One:
    """A single test; *negated*: it must not be so."""

    question: str
    operator: str
    values: tuple[str, ...] = ()
    negated: bool = False


Part = Group | One


def parts_of(node: Any) -> Group:
    """Read a condition as a group; what cannot be read is an empty one."""
    condition = ConditionReader("", problems := Problems(), "").read(node) if node is not None else None
    if condition is None or len(problems):
        return Group(ALL)
    made = _part(condition)
    return made if isinstance(made, Group) and not made.negated else Group(ALL, (made,))


def _part(condition: Condition) -> Part:
    if isinstance(condition, Not):
        inner = _part(condition.part)
        return replace(inner, negated=not inner.negated)
    if isinstance(condition, Test):
        return One(condition.question, condition.operator, condition.values)
    return Group(ALL if isinstance(condition, All) else ANY, tuple(map(_part, condition.parts)))


def node_of_parts(group: Group) -> Map | None:
    """Write a group as a condition, as briefly as the language allows; None where nothing is left in it."""
    found = _node(group)
    return found if isinstance(found, Map) else None


def _node(part: Part) -> Map | None:
    node = _test(part) if isinstance(part, One) else _group(part)
    return Map({Text("not"): node}) if part.negated and node is not None else node


def _group(group: Group) -> Map | None:
    nodes = [node for part in group.parts if (node := _node(part)) is not None]
    return nodes[0] if len(nodes) == 1 else Map({Text(group.joiner): Items(nodes)}) if nodes else None


def _test(one: One) -> Map:
    value: Any
    if one.operator in WORDS:
        value = Text(one.operator)
    elif one.operator == "in" and len(one.values) == 1 and one.values[0] not in WORDS:
        value = Text(one.values[0])
    elif one.operator in {"in", "not_in", "ever_in"}:
        value = Map({Text(one.operator): Items(map(Text, one.values))})
    else:
        value = Map({Text(one.operator): Text(one.values[0] if one.values else "")})
    return Map({Text(one.question): value})


def at(group: Group, way: Way) -> Part | None:
    """Give the part at *way*, or None."""
    part: Part = group
    for number in way:
        if not isinstance(part, Group) or number >= len(part.parts):
            return None
        part = part.parts[number]
    return part


def changed(group: Group, way: Way, change: Callable[[Part], Part | None]) -> Group:
    """Give *group* with the part at *way* changed; None takes it out, and with it a group that is then empty."""
    if not way:
        made = change(group)
        return made if isinstance(made, Group) else Group(ALL)
    parts: list[Part] = []
    for number, part in enumerate(group.parts):
        if number != way[0]:
            parts.append(part)
            continue
        made = changed(part, way[1:], change) if len(way) > 1 and isinstance(part, Group) else change(part)
        if made is not None and not (isinstance(made, Group) and not made.parts and len(way) > 1):
            parts.append(made)
    return replace(group, parts=tuple(parts))


def with_part(group: Group, way: Way, part: Part) -> Group:
    """Give *group* with *part* added to the group at *way*."""
    return changed(group, way, lambda one: replace(one, parts=(*one.parts, part)) if isinstance(one, Group) else one)
