"""A change of one place of a definition leaves everything else in its files as it was written, to the byte."""

from __future__ import annotations

import difflib
from random import Random
from typing import Any

import pytest

from scrt_workflow.editing.merging import merge
from scrt_workflow.editing.references import entries
from scrt_workflow.editing.tree import NoSuchPlaceError, Place, Tree
from scrt_workflow.yaml_reader import Items, Map, Problems, Text, read_yaml
from scrt_workflow.yaml_writer import rewrite_yaml, same, write_yaml
from tests.editing.folders import LOAN, SHIPPED, WORKFLOW

STEP = ("workflows", WORKFLOW, "steps", "sign_off")
WORDS = ["Plain", "It's: so", "# no comment", "a, b", "[x]", "yes", "012", "", " lead", "two\nlines\n", "\n", "x" * 300, "- item",
         "w " * 100 + "end", "“quoted”", '"q"', "\\n", "é", "a\tb", "{x}", "? y", "| z", "> z", "@a", "%b", "`c`", "*d", "&e",
         "!f", "ends:", "a #b", "one\n\n  two", "tail \n", "---", "...", "null", "~", "=", "<<"]  # fmt: skip


def changed_lines(old: Tree, new: Tree) -> list[str]:
    paths = sorted({*old.texts, *new.texts})
    lines = [difflib.ndiff(old.texts.get(path, "").splitlines(), new.texts.get(path, "").splitlines()) for path in paths]
    return [line for diff in lines for line in diff if line[0] in "+-"]


def test_one_changed_field_is_one_changed_line() -> None:
    made = SHIPPED.put((*STEP, "title"), Text("Sign it off"))
    assert changed_lines(SHIPPED, made) == ["-     title: Record the sign-off", "+     title: Sign it off"]
    assert made.at((*STEP, "title")) == "Sign it off"


def test_an_entry_moves_with_its_lines() -> None:
    made = SHIPPED.move(STEP, -1)
    assert sorted(made.texts[f"workflows/{WORKFLOW}.yaml"].splitlines()) == sorted(
        SHIPPED.texts[f"workflows/{WORKFLOW}.yaml"].splitlines()
    )
    keys = list(made.at(STEP[:3]))
    assert keys.index("sign_off") + 1 == keys.index("record_learning")


def test_what_is_put_back_is_as_it_was() -> None:
    assert SHIPPED.move(STEP, -1).move(STEP, 1).texts == SHIPPED.texts
    assert SHIPPED.put(STEP, SHIPPED.at(STEP)).texts == SHIPPED.texts


def test_a_short_form_moves_to_a_file_of_its_own_when_its_pages_change() -> None:
    (key, *_) = [key for key in LOAN.keys("forms") if len(LOAN._address(("forms", key))[1])]  # noqa: SLF001
    made = LOAN.put(("forms", key, "pages", "0", "title"), Text("A heading"))
    assert made.at(("forms", key, "pages", "0", "title")) == "A heading"
    assert f"forms/{key}.yaml" in made.texts
    assert set(made.keys("forms")) == set(LOAN.keys("forms"))


def test_a_line_of_a_file_leads_to_the_entry_that_stands_there() -> None:
    for place, _, _ in entries(SHIPPED):
        file, line = SHIPPED.line_of(place)
        found = SHIPPED.place_at(file, line)
        assert found is not None
        assert place[: len(found)] == found or SHIPPED.line_of(found) == (file, line)


def test_what_is_not_there_is_said_to_be_missing() -> None:
    with pytest.raises(NoSuchPlaceError):
        SHIPPED.remove((*STEP, "outcomes", "7"))


@pytest.mark.parametrize("seed", range(4))
def test_whatever_is_changed_reads_back_as_it_was_meant(seed: int) -> None:
    rng = Random(seed)
    for name, written in rng.sample(sorted({**SHIPPED.texts, **LOAN.texts}.items()), 12):
        text = written
        node = read_yaml(text, file=name, problems=Problems())
        for _ in range(6):
            made = mutated(node, rng)
            again = rewrite_yaml(text, made)
            problems = Problems()
            assert same(read_yaml(again, file=name, problems=problems), made), (name, list(problems))
            node, text = made, again


def mutated(node: Any, rng: Random) -> Any:
    """Change something, somewhere in *node*: a text, a key more or fewer, an item more or fewer, the order."""
    if isinstance(node, Map) and node:
        return mutated_map(node, rng)
    if isinstance(node, Items) and node:
        at = rng.randrange(len(node))
        fewer = Items([*node[:at], *node[at + 1 :]]) if len(node) > 1 else node
        changed = Items([*node[:at], mutated(node[at], rng), *node[at + 1 :]])
        return rng.choice([changed, changed, fewer, Items([*node, rng.choice(node), Text(rng.choice(WORDS))])])
    return Text(rng.choice(WORDS))


def mutated_map(node: Map, rng: Random) -> Map:
    key, new = rng.choice(list(node)), Text(f"new_{rng.randrange(99)}")
    changed = Map({**node, key: mutated(node[key], rng)})
    fewer = Map({one: value for one, value in node.items() if one != key}) if len(node) > 1 else node
    more = Map({**node, new: rng.choice([Text(rng.choice(WORDS)), Map(node), Items(map(Text, WORDS[:3]))])})
    return rng.choice(
        [changed, changed, changed, fewer, more, Map({one: node[one] for one in rng.sample(list(node), len(node))})]
    )


def test_every_text_can_be_written_and_read_back() -> None:
    node = Map(
        {
            Text("flow"): Items([Map({Text("a"): Text(word)}) for word in WORDS]),
            Text("block"): Map({Text(f"k{n}"): Text(word) for n, word in enumerate(WORDS)}),
        }
    )
    problems = Problems()
    assert same(read_yaml(write_yaml(node), file="x", problems=problems), node), list(problems)


def test_two_changes_of_different_places_come_together() -> None:
    mine = SHIPPED.put((*STEP, "title"), Text("Sign it off"))
    theirs = SHIPPED.put((*STEP, "hint"), Text("By the chair")).put(("questions", "new_one"), Map({Text("type"): Text("date")}))
    found = merge(SHIPPED, mine, theirs)
    assert not found.conflicts
    assert found.tree.at((*STEP, "title")) == "Sign it off"
    assert found.tree.at((*STEP, "hint")) == "By the chair"
    assert found.tree.find(("questions", "new_one")) is not None


def test_two_changes_of_one_place_are_named() -> None:
    mine, theirs = SHIPPED.put((*STEP, "title"), Text("One")), SHIPPED.put((*STEP, "title"), Text("Other"))
    found = merge(SHIPPED, mine, theirs)
    assert found.conflicts == ((*STEP, "title"),)
    assert found.tree.at((*STEP, "title")) == "One"


def test_what_one_removes_is_gone_when_the_other_did_not_touch_it() -> None:
    place: Place = ("forms", "closure")
    assert merge(SHIPPED, SHIPPED, SHIPPED.remove(place)).tree.find(place) is None
    assert merge(SHIPPED, SHIPPED.remove(place), SHIPPED).tree.find(place) is None
