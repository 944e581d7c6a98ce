"""Bring together what two people changed of the same definitions, entry by entry."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from scrt_workflow.editing.tree import ROOTS, Place, Tree
from scrt_workflow.yaml_reader import Map, Text
from scrt_workflow.yaml_writer import same

_GONE = None


@dataclass(frozen=True)
class Merged:
    """The tree with both changes; `conflicts` are the places that both changed, each in its own way (theirs is left out)."""

    tree: Tree
    conflicts: tuple[Place, ...]


def merge(base: Tree, mine: Tree, theirs: Tree) -> Merged:
    """Give *mine* with what *theirs* changed since *base*. A map is merged key by key, anything else is whole."""
    conflicts: list[Place] = []
    tree = mine
    for root in ROOTS:
        for key in dict.fromkeys([*base.keys(root), *theirs.keys(root)]):
            place = (root, key)
            made = _merged(base.find(place), mine.find(place), theirs.find(place), place, conflicts)
            if made is _GONE and tree.find(place) is not None:
                tree = tree.remove(place)
            elif made is not _GONE and not same(made, tree.find(place)):
                tree = tree.put(place, made) if tree.find(place) is None else _replaced(tree, place, made)
    return Merged(tree, tuple(conflicts))


def _replaced(tree: Tree, place: Place, node: Map) -> Tree:
    """Put a whole workflow, form or question in the stead of what is there, one of its entries after the other."""
    there = tree.at(place)
    if not isinstance(there, dict) or not isinstance(node, dict):
        return tree.remove(place).put(place, node)
    for key in [key for key in there if key not in node]:
        tree = tree.remove((*place, str(key)))
    for key, value in node.items():
        if key not in there or not same(there[key], value):
            tree = tree.put((*place, str(key)), value)
    return tree


def _merged(base: Any, mine: Any, theirs: Any, place: Place, conflicts: list[Place]) -> Any:
    if _alike(theirs, base) or _alike(mine, theirs):
        return mine
    if _alike(mine, base):
        return theirs
    if isinstance(mine, dict) and isinstance(theirs, dict):
        was = base if isinstance(base, dict) else {}
        made = {str(key): _merged(was.get(key), mine.get(key), theirs.get(key), (*place, str(key)), conflicts)
                for key in _order(mine, theirs)}  # fmt: skip
        return Map({Text(key): value for key, value in made.items() if value is not _GONE})
    conflicts.append(place)
    return mine


def _order(mine: dict[Text, Any], theirs: dict[Text, Any]) -> Iterator[Text]:
    yield from mine
    yield from (key for key in theirs if key not in mine)


def _alike(one: Any, other: Any) -> bool:
    return one is None and other is None if one is None or other is None else same(one, other)
