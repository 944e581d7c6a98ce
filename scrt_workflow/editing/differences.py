"""What two folders of definitions differ in, in words: what a release would change, and what one did."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from difflib import SequenceMatcher
from typing import Any

from scrt_workflow.editing.choices import Around, question_title
from scrt_workflow.editing.kinds import KINDS, Children, Control, Field, Kind
from scrt_workflow.editing.references import read_condition
from scrt_workflow.editing.tree import QUESTIONS, Place, Tree
from scrt_workflow.editing.values import Values, value_of, values_of
from scrt_workflow.folder import FORMS, WORKFLOWS
from scrt_workflow.workflows.schema import SAME, Definition, ReviewType, Workflow
from scrt_workflow.workflows.wording import condition_in_words
from scrt_workflow.yaml_reader import Map, Text
from scrt_workflow.yaml_writer import same

ADDED, REMOVED, CHANGED, MOVED = "added", "removed", "changed", "moved"
_BRACES = re.compile(r"[\s:,–-]*(review )?\{\w+\}")
"""The places of an e-mail's subject that are filled in, which are left out where it is a heading."""
NOTHING = "nothing"


@dataclass(frozen=True)
class Difference:
    """One entry that differs: where it is, what it is called, and how. `fields` are the label, what it was and what it is."""

    place: Place
    what: str
    kind: str
    title: str
    within: str
    fields: tuple[tuple[str, str, str], ...] = field(default=())

    @property
    def sentence(self) -> str:
        """Say it in a line."""
        where = f" of {self.within}" if self.within else ""
        return f"{self.what.capitalize()}: {self.kind} ‘{self.title}’{where}"


def differences(old: Tree, new: Tree) -> list[Difference]:
    """Give what *new* has that *old* has not, and the other way round, in the order of the folder."""
    found: list[Difference] = []
    for root, kind in ((WORKFLOWS, "workflow"), (FORMS, "form"), (QUESTIONS, "question")):
        for key in dict.fromkeys([*old.keys(root), *new.keys(root)]):
            place = (root, key)
            found += _compared(_Side(old, old.find(place)), _Side(new, new.find(place)), place, place, KINDS[kind], "")
    return found


@dataclass(frozen=True)
class _Side:
    tree: Tree
    node: Any


def _compared(old: _Side, new: _Side, was: Place, place: Place, kind: Kind, within: str) -> Iterator[Difference]:
    if (old.node is None and new.node is None) or (old.node is not None and new.node is not None and same(old.node, new.node)):
        return
    side = old if new.node is None else new
    title = heading(side.tree, was if new.node is None else place, kind, side.node)
    if old.node is None or new.node is None:
        yield Difference(place, ADDED if old.node is None else REMOVED, kind.name, title, within, _facts(side, place, kind))
        if old.node is not None:
            return
    changed = tuple(_changed_fields(old, new, was, place, kind)) if old.node is not None else ()
    if changed:
        yield Difference(place, CHANGED, kind.name, title, within, changed)
    for held in kind.children:
        yield from _children(old, new, (was, place), held, f"‘{title}’")


def _children(old: _Side, new: _Side, places: tuple[Place, Place], held: Children, within: str) -> Iterator[Difference]:
    was, place = places
    before, after = _held(old.node, held), _held(new.node, held)
    pairs = _paired(before, after) if held.is_list else [(key, key) for key in dict.fromkeys([*before, *after])]
    for one, other in pairs:
        here = (*place, held.name, other if other is not None else str(one))
        there = (*was, held.name, one if one is not None else str(other))
        sides = _Side(old.tree, before.get(one or "")), _Side(new.tree, after.get(other or ""))
        yield from _compared(*sides, there, here, KINDS[held.kind], within)
    kept = [key for key in before if key in after]
    if not held.is_list and kept != [key for key in after if key in before]:
        yield Difference((*place, held.name), MOVED, "order", held.title, within)


def _held(node: Any, held: Children) -> dict[str, Any]:
    inner = node.get(Text(held.name)) if isinstance(node, Map) else None
    if isinstance(inner, Map):
        return {str(key): one for key, one in inner.items()}
    return {str(number): one for number, one in enumerate(inner)} if isinstance(inner, list) else {}


def _paired(before: dict[str, Any], after: dict[str, Any]) -> list[tuple[str | None, str | None]]:
    """Pair the items of two lists: those that are the same, then those that stand in each other's place."""
    one, other = [_known_by(node) for node in before.values()], [_known_by(node) for node in after.values()]
    pairs: list[tuple[str | None, str | None]] = []
    for tag, a, b, c, d in SequenceMatcher(None, one, other, autojunk=False).get_opcodes():
        if tag == "equal" or (tag == "replace" and b - a == d - c):
            pairs += [(str(x), str(y)) for x, y in zip(range(a, b), range(c, d), strict=True)]
        else:
            pairs += [(str(x), None) for x in range(a, b)] + [(None, str(y)) for y in range(c, d)]
    return pairs


def _known_by(node: Any) -> str:
    """Give what an item of a list is known by: the key of a page, else all that it says."""
    return str(node.get(Text("page"), node)) if isinstance(node, dict) else str(node)


def _facts(side: _Side, place: Place, kind: Kind) -> tuple[tuple[str, str, str], ...]:
    """Give the fields of an entry that is new or gone, but for what it is known by."""
    said = ((one, _in_words(side, place, kind, one)) for one in kind.fields if one.name not in {kind.heads, "note"})
    usual = {NOTHING, "no"} | {label for one in kind.fields for value, label in one.choices if not value}
    return tuple((one.label, "", words) for one, words in said if words not in usual | {one.default})


def _changed_fields(old: _Side, new: _Side, was: Place, place: Place, kind: Kind) -> Iterator[tuple[str, str, str]]:
    for one in kind.fields:
        before, after = _in_words(old, was, kind, one), _in_words(new, place, kind, one)
        if before != after:
            yield one.label, before, after


def _in_words(side: _Side, place: Place, kind: Kind, asked: Field) -> str:
    """Say what a field of an entry holds."""
    if asked.control is Control.CONDITION:
        condition = read_condition(side.node, asked.name)
        return condition_in_words(condition, lenient_definition(Around(side.tree, place))) if condition else NOTHING
    value = value_of(kind, asked, side.node)
    labels = Around(side.tree, place).for_field(asked)
    words = [labels.get(one, one) for one in ([value] if isinstance(value, str) else value)]
    return ", ".join(words) or NOTHING


def heading(tree: Tree, place: Place, kind: Kind, node: Any) -> str:
    """Give what people know an entry by."""
    if kind.key == "asked":
        return question_title(tree, str(node))
    if kind.key == "outcome":
        return _ending(Around(tree, place), values_of(kind, node))
    head = kind.field(kind.heads)
    if head is None:
        return str(place[-1])
    said = _in_words(_Side(tree, node), place, kind, head)
    if said != NOTHING:
        return _BRACES.sub("", said) or said if kind.key in {"notice", "reminder", "tell"} else said
    return f"Number {int(place[-1]) + 1}" if place[-1].isdecimal() else place[-1].replace("_", " ").capitalize()


def _ending(around: Around, values: Values) -> str:
    """Say where an outcome leads: to a stage, nowhere, on under another workflow, or to a new review besides."""
    said = {name: str(value) for name, value in values.items()}
    titles = around.workflow_titles
    if becomes := said["becomes.workflow"]:
        state = around.titles_in(becomes, "states").get(said["becomes.state"], said["becomes.state"])
        return f"Goes on as {titles.get(becomes, becomes)}, at {state}"
    to = {SAME: "Stays where it is", **around.states}.get(said["to"], said["to"]) or "Leads nowhere yet"
    opens = said["opens.workflow"]
    return f"{to}, and opens a new {titles.get(opens, opens)}" if opens else to


def lenient_definition(around: Around) -> Definition:
    """Give as much of a definition as the words of its conditions need, whatever else may be wrong with it."""
    types = {key: ReviewType(key, title) for key, title in around.titles("review_types").items()}
    questions = _Questions(around)
    return Definition(Workflow("", "", "", types, {}, {}), {}, questions)


class _Questions(dict[str, Any]):
    """The questions of a tree, each with its title, type and answers, made when it is asked for."""

    def __init__(self, around: Around) -> None:
        super().__init__()
        self._around = around

    def get(self, key: str, default: Any = None) -> Any:
        title = self._around.questions.get(key)
        return default if title is None else _Asked(title, self._around.answers_to(key))


@dataclass(frozen=True, slots=True)
class _Asked:
    title: str
    options: dict[str, str]
    type: str = ""
