"""What the editor knows of each entry is what the reader reads, and what it writes reads back as what was meant."""

from __future__ import annotations

from typing import Any

import pytest

from scrt_workflow.editing.choices import Around, key_for
from scrt_workflow.editing.kinds import KINDS
from scrt_workflow.editing.references import dependants, entries, references
from scrt_workflow.editing.tree import Tree
from scrt_workflow.editing.values import edited, values_of
from scrt_workflow.folder import read_sources
from scrt_workflow.yaml_reader import Fields
from scrt_workflow.yaml_writer import same
from tests.editing.folders import SHIPPED, WORKFLOW

MARKS = {"workflow": {"workflow"}, "form": {"form"}, "page": {"page"}}
WITHOUT_FIELDS = {"option", "check", "asked", "review_type"}


@pytest.fixture
def asked_for(monkeypatch: pytest.MonkeyPatch) -> set[frozenset[str]]:
    """Read the shipped folder, and give the fields that were asked for of each map in it."""
    found: set[frozenset[str]] = set()
    done = Fields.done

    def noted(fields: Any) -> None:
        found.add(frozenset(fields._known))  # noqa: SLF001 - what the reader knows is what is looked at
        done(fields)

    monkeypatch.setattr(Fields, "done", noted)
    read_sources(SHIPPED.texts)
    return found


@pytest.mark.parametrize("key", sorted(set(KINDS) - WITHOUT_FIELDS))
def test_the_editor_offers_exactly_the_fields_that_the_language_has(asked_for: set[frozenset[str]], key: str) -> None:
    kind = KINDS[key]
    offered = {one.name.partition(".")[0] for one in kind.fields} | {one.name for one in kind.children} | MARKS.get(key, set())
    assert frozenset(offered - {"note"}) in asked_for


def test_saving_a_form_in_which_nothing_was_changed_changes_nothing() -> None:
    for place, kind, node in entries(SHIPPED):
        kept = edited(kind, node, values_of(kind, node), states=Around(SHIPPED, place).counts)
        assert same(kept, node), place


def test_everything_that_is_named_is_there() -> None:
    for one in references(SHIPPED):
        if len(one.target) == 2 and one.field.control.value not in {"moment", "moments", "moves"}:
            assert SHIPPED.find(one.target) is not None, one


def test_what_depends_on_a_stage_is_listed() -> None:
    found = {one.place[3] for one in dependants(SHIPPED, ("workflows", WORKFLOW, "states", "assured"))}
    assert {"give_regional_acceptance", "decide_publication", "correct"} <= found


def test_what_depends_on_an_answer_is_listed() -> None:
    found = dependants(SHIPPED, ("questions", "media_interest", "options", "medium"))
    assert ("workflows", WORKFLOW, "steps", "decide_publication", "needs", "0") in [one.place for one in found]


def test_nothing_depends_on_what_is_new() -> None:
    assert not dependants(Tree(SHIPPED.texts), ("questions", "nobody_asks_this"))


@pytest.mark.parametrize(
    ("title", "key"),
    [
        ("Record the sign-off", "record_the_sign_off"),
        ("2nd try", "x_2nd_try"),
        ("Same", "same_2"),
        ("Étude", "tude"),
        ("???", "x"),
    ],
)
def test_a_key_is_made_from_what_people_call_a_thing(title: str, key: str) -> None:
    assert key_for(title, {"other"}) == key
