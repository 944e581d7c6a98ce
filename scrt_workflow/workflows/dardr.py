"""What a domestic homicide review is called: from the day that the law renames it, a domestic abuse related death review.

The Victims and Prisoners Act 2024, section 19, puts the new name into the Domestic Violence, Crime and Victims Act 2004; it was
not in force when this was written, so its day is a setting. Keys never change, nor does anything that a person has written.
"""

from __future__ import annotations

import re
from dataclasses import fields, is_dataclass, replace
from typing import Any, TypeVar, cast

from scrt_workflow.workflows.schema import Definition

Part = TypeVar("Part")
NEW_NAMES = {
    "DHRs": "DARDRs",
    "DHR": "DARDR",
    "Domestic homicide": "Domestic abuse related death",
    "domestic homicide": "domestic abuse related death",
}
_OLD = re.compile(r"\b(DHRs|DHR|Domestic homicide|domestic homicide)(?![\w-])")
SHOWN = frozenset(
    {"body", "family", "hint", "intro", "label", "otherwise", "required_error", "short_label", "short_title", "subject", "title"}
)
"""The fields that people read; all others hold keys."""


def in_new_words(text: str) -> str:
    """Give *text* as it is called from that day on."""
    return _OLD.sub(lambda found: NEW_NAMES[found[1]], text)


def renamed(definition: Definition) -> Definition:
    """Give *definition* with the new name in all that people read."""
    return _renamed(definition)


def _field(name: str, value: Any) -> Any:
    if name == "options":
        return {key: in_new_words(label) for key, label in value.items()}
    return in_new_words(value) if name in SHOWN and isinstance(value, str) else _renamed(value)


def _renamed(part: Part) -> Part:
    made: Any = part
    if isinstance(part, tuple):
        made = tuple(map(_renamed, part))
    elif isinstance(part, dict):
        made = {key: _renamed(one) for key, one in part.items()}
    elif is_dataclass(part) and not isinstance(part, type):
        values = {one.name: getattr(part, one.name) for one in fields(part) if one.init}
        made = replace(part, **{name: _field(name, one) for name, one in values.items()})
    return cast("Part", made)
