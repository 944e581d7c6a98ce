"""Which kind of entry stands at a place of a definition."""

from __future__ import annotations

from scrt_workflow.editing.kind import Children, Control, Field, Kind
from scrt_workflow.editing.kind_list import KINDS, OPERATOR_WORDS
from scrt_workflow.editing.tree import QUESTIONS, Place
from scrt_workflow.folder import FORMS, WORKFLOWS

_ROOT_KINDS = {WORKFLOWS: "workflow", FORMS: "form", QUESTIONS: "question"}


def kind_at(place: Place) -> Kind | None:
    """Give what *place* holds, or None where it is no entry of its own (a field, or a part of a condition)."""
    if len(place) < 2 or place[0] not in _ROOT_KINDS:
        return None
    kind = KINDS[_ROOT_KINDS[place[0]]]
    rest = place[2:]
    while rest:
        held = next((one for one in kind.children if one.name == rest[0]), None)
        if held is None or len(rest) < 2:
            return None
        kind, rest = KINDS[held.kind], rest[2:]
    return kind


def entry_at(place: Place) -> Place:
    """Give the entry that *place* lies in, which can be edited: the place itself, or one around it."""
    while len(place) > 2 and kind_at(place) is None:
        place = place[:-1]
    return place


__all__ = ["KINDS", "OPERATOR_WORDS", "Children", "Control", "Field", "Kind", "entry_at", "kind_at"]
