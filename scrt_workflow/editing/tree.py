"""A folder of definitions as one tree of nodes, whose every change is written back into the texts where it belongs.

A place is the way to a node: `("workflows", "older_record", "steps", "state_type", "outcomes", "0")`. It begins with one of
`workflows`, `forms` and `questions`, then the key of one; a list is counted from 0.
"""

from __future__ import annotations

import hashlib
import json
from bisect import bisect_left, bisect_right
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, replace
from functools import cached_property
from operator import itemgetter
from typing import Any

from scrt_workflow.folder import BANK, FORMS, WORKFLOWS
from scrt_workflow.yaml_reader import Items, Map, Problems, Text, read_yaml
from scrt_workflow.yaml_writer import rewrite_yaml, same, write_yaml

QUESTIONS = "questions"
ROOTS = (WORKFLOWS, FORMS, QUESTIONS)
Place = tuple[str, ...]


class NoSuchPlaceError(LookupError):
    """The definitions hold nothing at a place, or not any more."""


@dataclass(frozen=True)
class Tree:
    """The texts of a folder by path, and what they say; a file that cannot be read holds nothing here."""

    texts: Mapping[str, str]

    @cached_property
    def _files(self) -> dict[str, Map]:
        found = {}
        for path, text in self.texts.items():
            problems = Problems()
            node = read_yaml(text, file=path, problems=problems)
            if len(problems) == 0:
                found[path] = node
        return found

    @cached_property
    def _addresses(self) -> dict[Place, tuple[str, Place]]:
        """Give, for each workflow, form and question, the file that it stands in and where in the file."""
        found: dict[Place, tuple[str, Place]] = {}
        for path, node in self._files.items():
            if path == BANK:
                found |= {(QUESTIONS, str(key)): (path, (str(key),)) for key in node}
            elif path.startswith(f"{WORKFLOWS}/"):
                found.setdefault((WORKFLOWS, str(node.get(Text("workflow"), ""))), (path, ()))
            elif Text("form") in node:
                found.setdefault((FORMS, str(node[Text("form")])), (path, ()))
            else:
                found |= {(FORMS, str(key)): (path, (str(key),)) for key in node}
        return found

    def keys(self, root: str) -> list[str]:
        """Name the workflows, forms or questions there are, in the order of their files."""
        return [place[1] for place in self._addresses if place[0] == root]

    def at(self, place: Place) -> Any:
        """Give the node at *place*; raises NoSuchPlaceError. A short form is given as it would stand in a file of its own."""
        path, inner = self._address(place)
        node: Any = self._files[path]
        for part in (*inner, *place[2:]) if not self._is_short(place) else ():
            node = _step(node, part, place)
        if self._is_short(place):
            node = _long_form(place[1], _step(self._files[path], inner[0], place))
            for part in place[2:]:
                node = _step(node, part, place)
        return node

    def find(self, place: Place) -> Any | None:
        """Give the node at *place*, or None."""
        try:
            return self.at(place)
        except NoSuchPlaceError:
            return None

    def line_of(self, place: Place) -> tuple[str, int]:
        """Give the file and the line at which *place* stands."""
        path, inner = self._address(place)
        node: Any = self._files[path]
        line = 1
        for part in (*inner, *([] if self._is_short(place) else place[2:])):
            line = next((key.line for key in node if key == part), line) if isinstance(node, Map) else line
            node = _step(node, part, place)
            line = getattr(node, "line", line) if isinstance(node, Map) and part.isdigit() else line
        return path, line

    def place_at(self, file: str, line: int) -> Place | None:
        """Give the last place that begins at or before *line* of *file*, or None where nothing of it can be read."""
        lines, places = self._beginnings.get(file, ([], []))
        before = bisect_right(lines, line)
        return places[bisect_left(lines, lines[before - 1])] if before else None

    @cached_property
    def _beginnings(self) -> dict[str, tuple[list[int], list[Place]]]:
        """Give, for each file that can be read, the lines on which places begin, in order, and the place that begins on each."""
        found: dict[str, list[tuple[int, Place]]] = {}
        for place, (path, inner) in self._addresses.items():
            root: Any = self._files[path]
            begins = 1
            for part in inner:
                begins = next((key.line for key in root if key == part), 1)
                root = root[Text(part)]
            found.setdefault(path, []).extend((at, where) for where, at in _begins(root, place, begins))
        ordered = {path: sorted(starts, key=itemgetter(0)) for path, starts in found.items()}
        return {path: ([at for at, _ in starts], [place for _, place in starts]) for path, starts in ordered.items()}

    def _address(self, place: Place) -> tuple[str, Place]:
        try:
            return self._addresses[place[:2]]
        except KeyError:
            raise NoSuchPlaceError(f"There is no {'/'.join(place[:2])} here.") from None

    def _is_short(self, place: Place) -> bool:
        return place[0] == FORMS and bool(self._address(place)[1])

    # Changes: each gives the tree as it is then

    def put(self, place: Place, node: Any) -> Tree:
        """Put *node* at *place*, in the stead of what is there or as something new (a list then grows at its end)."""
        if len(place) == 2:
            return self._with_whole(place, node)
        return self.changed(place, lambda around, part: _put(around, part, node))

    def remove(self, place: Place) -> Tree:
        """Take away what is at *place*."""
        self.at(place)
        if len(place) == 2:
            path, inner = self._address(place)
            if not inner:
                return replace(self, texts={name: text for name, text in self.texts.items() if name != path})
            return self._with_file(path, _without(self._files[path], inner[0]))
        return self.changed(place, _without)

    def move(self, place: Place, by: int) -> Tree:
        """Move what is at *place* up (-1) or down (1) among its like; at the end of the line it stays."""
        self.at(place)
        if len(place) == 2:
            path, inner = self._address(place)
            return self._with_file(path, _moved(self._files[path], inner[0], by)) if inner and place[0] == QUESTIONS else self
        return self.changed(place, lambda around, part: _moved(around, part, by))

    def changed(self, place: Place, change: Callable[[Any, str], Any]) -> Tree:
        """Give the tree with *change* applied to what holds *place*: the node around it, and its own key or number."""
        if self._is_short(place):
            return self._in_a_file_of_its_own(place).changed(place, change)
        path, inner = self._address(place)
        return self._with_file(path, _deep(self._files[path], (*inner, *place[2:]), change, place))

    def _in_a_file_of_its_own(self, place: Place) -> Tree:
        form = self.at(place[:2])
        return self.remove(place[:2]).put(place[:2], form)

    def _with_whole(self, place: Place, node: Any) -> Tree:
        if place not in self._addresses:
            return self._with_new(place, node)
        path, inner = self._address(place)
        if self._is_short(place):
            return self.remove(place)._with_new(place, node)  # noqa: SLF001 - it is a tree like this one
        return self._with_file(path, _put(self._files[path], inner[0], node) if inner else node)

    def _with_new(self, place: Place, node: Any) -> Tree:
        root, key = place
        if root == QUESTIONS:
            bank = self._files.get(BANK)
            if bank is None and BANK in self.texts:
                raise NoSuchPlaceError(f"{BANK} cannot be read. Mend it first.")
            return self._with_file(BANK, Map({**(bank or {}), Text(key): node}))
        path = next(name for name in _names(root, key) if name not in self.texts)
        return self._with_file(path, node)

    def _with_file(self, path: str, node: Map) -> Tree:
        if not node and path != BANK:
            return replace(self, texts={name: text for name, text in self.texts.items() if name != path})
        text = rewrite_yaml(self.texts[path], node) if path in self.texts else write_yaml(node)
        return replace(self, texts={**self.texts, path: text})


def digest(node: Any) -> str:
    """Give a short digest of *node*, by which an edit knows whether somebody else has changed it since."""
    return hashlib.sha256(json.dumps(node, ensure_ascii=False).encode()).hexdigest()[:32]


def _names(root: str, key: str) -> Iterator[str]:
    yield f"{root}/{key}.yaml"
    yield from (f"{root}/{key}_{number}.yaml" for number in range(2, 1000))


def _long_form(key: str, node: Any) -> Map:
    words = Text(key.replace("_", " ").capitalize())
    page = Map({Text("page"): Text(key), Text("title"): words, Text("questions"): node})
    return Map({Text("form"): Text(key), Text("title"): words, Text("pages"): Items([page] if node else [])})


def _begins(node: Any, place: Place, line: int) -> Iterator[tuple[Place, int]]:
    """Give every place under *place* with the line that it begins on."""
    yield place, line
    if isinstance(node, Map):
        for key, inner in node.items():
            yield from _begins(inner, (*place, str(key)), key.line)
    elif isinstance(node, Items):
        for number, inner in enumerate(node):
            yield from _begins(inner, (*place, str(number)), getattr(inner, "line", line))


def _step(node: Any, part: str, place: Place) -> Any:
    if isinstance(node, dict) and Text(part) in node:
        return node[Text(part)]
    if isinstance(node, list) and part.isdecimal() and int(part) < len(node):
        return node[int(part)]
    raise NoSuchPlaceError(f"There is no {'/'.join(place)} here.")


def _deep(node: Any, parts: Place, change: Callable[[Any, str], Any], place: Place) -> Any:
    """Give *node* with *change* applied to what holds the last of *parts*; maps that are missing on the way are made."""
    if len(parts) == 1:
        return change(node, parts[0])
    head = parts[0]
    if isinstance(node, dict) and Text(head) not in node:
        empty: Any = Items() if parts[1].isdecimal() else Map()
        return Map({**node, Text(head): _deep(empty, parts[1:], change, place)})
    return _put(node, head, _deep(_step(node, head, place), parts[1:], change, place))


def _put(around: Any, part: str, node: Any) -> Any:
    if isinstance(around, list):
        number = int(part)
        return Items([*around[:number], node, *around[number + 1 :]])
    return Map({**around, Text(part): node})


def _without(around: Any, part: str) -> Any:
    if isinstance(around, list):
        return Items([item for number, item in enumerate(around) if number != int(part)])
    return Map({key: value for key, value in around.items() if key != part})


def _moved(around: Any, part: str, by: int) -> Any:
    order: list[Any] = list(range(len(around))) if isinstance(around, list) else [str(key) for key in around]
    at = order.index(int(part) if isinstance(around, list) else part)
    to = min(max(at + by, 0), len(order) - 1)
    order.insert(to, order.pop(at))
    return (
        Items([around[number] for number in order])
        if isinstance(around, list)
        else Map({Text(k): around[Text(k)] for k in order})
    )


__all__ = ["QUESTIONS", "ROOTS", "NoSuchPlaceError", "Place", "Tree", "digest", "same"]
