"""The new name of domestic homicide reviews, from the day that is set."""

from dataclasses import fields, is_dataclass
from typing import Any

import pytest

from scrt_workflow.workflows.dardr import SHOWN, in_new_words, renamed
from tests.definitions import shipped


@pytest.mark.parametrize(
    ("old", "new"),
    [
        ("DHR Adult", "DARDR Adult"),
        ("DHR Child - Converted", "DARDR Child - Converted"),
        ("Domestic homicide review (DHR)", "Domestic abuse related death review (DARDR)"),
        ("A domestic homicide review of {organisation}", "A domestic abuse related death review of {organisation}"),
        ("QMJ-DHR-2022", "QMJ-DHR-2022"),
        ("DHRX", "DHRX"),
        ("SAR Adult", "SAR Adult"),
    ],
)
def test_a_name_is_said_anew_and_nothing_else(old: str, new: str) -> None:
    assert in_new_words(old) == new


def shown(part: Any) -> list[str]:
    """Give every text of a definition that people read."""
    if isinstance(part, dict):
        return [text for one in part.values() for text in shown(one)]
    if isinstance(part, tuple):
        return [text for one in part for text in shown(one)]
    if not is_dataclass(part):
        return []
    mine = [getattr(part, one.name) for one in fields(part) if one.name in SHOWN]
    return [text for text in mine if isinstance(text, str)] + [
        text for one in fields(part) for text in shown(getattr(part, one.name))
    ]


def test_a_definition_is_renamed_in_all_that_people_read_and_in_no_key() -> None:
    was = shipped.SHIPPED.definition(shipped.DHR)
    now = renamed(was)

    assert any("DHR" in text for text in shown(was))
    assert not [text for text in shown(now) if "DHR" in text.replace("DARDR", "") or "omestic homicide" in text]
    assert (now.workflow.key, list(now.workflow.review_types), list(now.questions)) == (
        was.workflow.key,
        list(was.workflow.review_types),
        list(was.questions),
    )
    assert {kind.family for kind in now.workflow.review_types.values()} == {"DARDR"}
