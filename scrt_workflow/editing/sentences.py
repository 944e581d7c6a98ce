"""Mistakes as administrators read them: what the check calls by its key has the name that the pages give it."""

from __future__ import annotations

import re
from collections.abc import Mapping

from scrt_workflow.editing.choices import Around, titles
from scrt_workflow.editing.kind_list import CHECK_WORDS, KINDS, OPERATOR_WORDS
from scrt_workflow.editing.kinds import kind_at
from scrt_workflow.editing.tree import Place, Tree
from scrt_workflow.folder import FORMS, WORKFLOWS
from scrt_workflow.workflows.schema import SAME
from scrt_workflow.yaml_reader import Map, Text

_NAMED = re.compile(r"(?P<before>^|[\s(])(?P<mark>['`]?)(?P<key>[a-z][a-z0-9_]*)(?P=mark)(?=[\s.,:;)?]|$)")
_LANGUAGE = {
    **{child.name: child.title for kind in KINDS.values() for child in kind.children},
    **{field.name: field.label for kind in KINDS.values() for field in kind.fields if field.name},
    **OPERATOR_WORDS,
    **CHECK_WORDS,
    SAME: "Stays where it is",
}


def in_titles(sentence: str, named: Mapping[str, str], place: Place) -> str:
    """Say a mistake at *place* by what the pages call things (`names_around`): its own key goes, as it is named beside."""
    head, colon, rest = sentence.partition(": ")
    while colon and head in place:
        sentence = rest
        head, colon, rest = sentence.partition(": ")
    labels = _labels_at(place)

    def said(found: re.Match[str]) -> str:
        key, before, mark = found["key"], found["before"], found["mark"]
        is_first = found.start() == 0
        if not (mark or "_" in key or is_first):
            return found[0]
        title = (labels.get(key) if is_first else None) or named.get(key) or ((mark == "`" or "_" in key) and _LANGUAGE.get(key))
        return f"{before}‘{title}’" if title else found[0]

    made = _NAMED.sub(said, sentence)
    return made[:1].upper() + made[1:]


def _labels_at(place: Place) -> Mapping[str, str]:
    kind = kind_at(place)
    if kind is None:
        return {}
    return {child.name: child.title for child in kind.children} | {field.name: field.label for field in kind.fields}


def names_around(tree: Tree, place: Place) -> Mapping[str, str]:
    """Give what can be named at *place*, by its key: the same for every place of a workflow."""
    surrounding = Around(tree, place)
    forms = {key: str(_title(tree.find((FORMS, key))) or key) for key in tree.keys(FORMS)}
    workflows = {key: str(_title(tree.find((WORKFLOWS, key))) or key) for key in tree.keys(WORKFLOWS)}
    found = {**workflows, **forms, **surrounding.questions}
    if place[0] == WORKFLOWS:
        workflow = tree.find(place[:2])
        for part, title in (
            ("review_types", "title"),
            ("notices", "subject"),
            ("clocks", "title"),
            ("escalations", "title"),
            ("steps", "title"),
            ("states", "title"),
        ):
            found |= titles(workflow.get(Text(part)) if isinstance(workflow, Map) else None, title)
    return found


def _title(node: object) -> object:
    return node.get(Text("title")) if isinstance(node, Map) else None
