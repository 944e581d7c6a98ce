"""YAML is read as data: text stays text, mistakes come all at once with their lines, and nothing hangs, runs or grows."""

from time import process_time

import pytest

from scrt_workflow.yaml_reader import (
    DefinitionError,
    Fields,
    Items,
    Map,
    Problem,
    Problems,
    Text,
    did_you_mean,
    read_yaml,
)


def read(text: str) -> tuple[Map, list[str]]:
    """Read *text*; give what came of it, and the mistakes as they are shown."""
    problems = Problems()
    found = read_yaml(text, file="f.yaml", problems=problems)
    return found, [str(problem) for problem in problems]


# What is read


def test_every_scalar_is_the_text_that_was_written() -> None:
    found, problems = read(
        "words: [yes, no, on, off, null, ~, true]\nnumbers: [012, 1:30, 1e3, 0x1F, .5, 1_000]\nday: 2024-07-22\nnothing:"
    )

    assert problems == []
    assert found == {
        "words": ["yes", "no", "on", "off", "null", "~", "true"],
        "numbers": ["012", "1:30", "1e3", "0x1F", ".5", "1_000"],
        "day": "2024-07-22",
        "nothing": "",
    }


def test_texts_lists_and_maps_remember_their_lines() -> None:
    found, _ = read("one: 1\n\nmany:\n  - a\n  - b: c\n")

    assert [key.line for key in found] == [1, 3]
    assert found[Text("many")].line == 4
    assert [item.line for item in found[Text("many")]] == [4, 5]


def test_an_empty_file_and_a_file_of_comments_hold_nothing() -> None:
    assert read("") == ({}, [])
    assert read("# to be written\n") == ({}, [])


def test_a_file_written_on_windows_is_read() -> None:
    assert read("\ufeffone: 1\r\ntwo: 2\r\n") == ({"one": "1", "two": "2"}, [])


def test_a_merge_key_and_a_python_name_are_plain_words() -> None:
    found, problems = read("<<: {a: b}\n__class__: os.system\nself: scrt_workflow.settings.read_settings\n")

    assert problems == []
    assert list(found) == ["<<", "__class__", "self"]


# What is refused, with its line

ALIAS_BOMB = "a0: &a0 [x]\n" + "".join(f"a{n}: &a{n} [{', '.join([f'*a{n - 1}'] * 9)}]\n" for n in range(1, 40))
REFUSED = {
    "an alias bomb": (ALIAS_BOMB, "f.yaml:1: Anchors (`&name`) are not read. Write the text out."),
    "an alias": ("a: 1\nb: *a\n", "f.yaml:2: Aliases (`*name`) are not read. Write the text out."),
    "a list that holds itself": ("a: &a [*a]\n", "f.yaml:1: Anchors (`&name`) are not read. Write the text out."),
    "a tag": ("a: 1\nb: !!python/name:os.system\n",
              "f.yaml:2: Tags (`tag:yaml.org,2002:python/name:os.system`) are not read. Write plain text."),
    "a tag of one's own": ("a: !secret b\n", "f.yaml:1: Tags (`!secret`) are not read. Write plain text."),
    "a key that stands twice": ("a: 1\nb: 2\na: 3\n", "f.yaml:3: a: this key stands here twice."),
    "a key that is a list": ("a: 1\n? [b, c]\n: d\n", "f.yaml:2: A key must be a word, not a list or a map."),
    "900 lists in each other": ("a:\n  " + "[" * 900 + "]" * 900, "f.yaml:2: This is nested more than 20 levels deep."),
    "900 maps in each other": ("{a: " * 900 + "1" + "}" * 900, "f.yaml:1: This is nested more than 20 levels deep."),
    "100,000 open brackets": ("[" * 100_000, "f.yaml:1: This is nested more than 20 levels deep."),
    "100,000 dashes": ("- " * 100_000, "f.yaml:1: This is nested more than 20 levels deep."),
    "a list too long": ("a:\n" + "- b\n" * 1001, "f.yaml:2: This has more than 1000 entries."),
    "a map too long": ("".join(f"a{n}: b\n" for n in range(1001)), "f.yaml:1: This has more than 1000 entries."),
    "a megabyte": ("a: b\n" * 200_000, "f.yaml:1: The file is larger than 256 KiB. Split it."),
    "two documents": ("a: 1\n---\nb: 2\n", "f.yaml:2: A file holds one document. Take out the `---` line."),
    "a list instead of keys": ("- a\n- b\n", "f.yaml:1: The file must be a list of `key: value` lines."),
    "an unclosed quote": ("a: 1\nb: 'c\n", "f.yaml:3: This is not YAML: found unexpected end of stream."),
    "a tab": ("a:\n\tb: 1\n", "f.yaml:2: This is not YAML: found character that cannot start any token."),
    "text that reads backwards": ("a: 1\nb: x\u202ey\n",
                                  "f.yaml:2: The character U+202E cannot be seen and is not allowed. Delete it."),
    "a null character": ("a: \x00\n", "f.yaml:1: The character U+0000 cannot be seen and is not allowed. Delete it."),
    "half a character": ("a: \ud800\n", "f.yaml:1: The character U+D800 cannot be seen and is not allowed. Delete it."),
}  # fmt: skip


@pytest.mark.parametrize("name", REFUSED)
def test_what_a_definition_has_no_use_for_is_refused_with_its_line_at_once(name: str) -> None:
    text, sentence = REFUSED[name]

    began = process_time()
    _, problems = read(text)

    assert problems == [sentence]
    assert process_time() - began < 1


def test_a_file_keeps_what_could_be_read_beside_a_mistake() -> None:
    found, problems = read("a: 1\na: 2\nb: 3\n")

    assert found == {"a": "1", "b": "3"}
    assert len(problems) == 1


# Mistakes


def test_mistakes_are_listed_by_file_and_line_and_each_once() -> None:
    problems = Problems()
    for file, line in (("b.yaml", 1), ("a.yaml", 10), ("a.yaml", 9), ("a.yaml", 9)):
        problems.add(file, line, "It is wrong.")

    assert [str(problem) for problem in problems] == [
        "a.yaml:9: It is wrong.",
        "a.yaml:10: It is wrong.",
        "b.yaml:1: It is wrong.",
    ]
    assert str(Problem("a.yaml", 0, "It is empty.")) == "a.yaml: It is empty."


def test_after_two_hundred_mistakes_no_more_are_looked_for() -> None:
    problems = Problems()
    for line in range(1, 201):
        problems.add("a.yaml", line, "It is wrong.")

    with pytest.raises(DefinitionError) as refused:
        problems.add("a.yaml", 201, "It is wrong.")

    assert len(refused.value.problems) == 202
    assert "a.yaml: There are more than 200 mistakes. The rest is not read yet." in str(refused.value)


def test_a_word_that_is_nearly_right_is_suggested() -> None:
    assert did_you_mean("designat", ["icb_lead", "designate", "viewer"]) == " (did you mean designate?)"
    assert did_you_mean("somebody", ["icb_lead", "designate", "viewer"]) == ""
    assert did_you_mean("x" * 100_000, ["xx"]) == ""


# Fields


def fields(text: str) -> tuple[Fields, Problems]:
    """Read *text* as one map, and give its fields."""
    problems = Problems()
    node = read_yaml(text, file="f.yaml", problems=problems)
    return Fields(node, file="f.yaml", problems=problems, place="it"), problems


def test_each_field_is_read_by_its_type() -> None:
    asked, problems = fields("a: text\nb: yes\nc: 12\nd: [x, y]\ne: z\nf: {g: h}\nnote: for whom it may concern\n")

    assert asked.text("a") == "text"
    assert asked.yes_no("b") is True
    assert asked.number("c") == 12
    assert asked.texts("d") == ("x", "y")
    assert asked.texts("e") == ("z",)
    assert asked.nested("f") == [("g", "h")]
    asked.done()
    assert list(problems) == []


def test_every_wrong_field_is_said_in_a_sentence() -> None:
    asked, problems = fields("a: [b]\nc: maybe\nd: twelve\ne: {F: g}\nh: {i: j}\ntitel: k\n")

    asked.text("a")
    asked.yes_no("c")
    asked.number("d", smallest=1, largest=9)
    asked.nested("e")
    asked.texts("h")
    asked.text("title", required=True)
    asked.done()

    assert [str(problem) for problem in problems] == [
        "f.yaml:1: it: a must be text, not a list or a map.",
        "f.yaml:1: it: title is missing.",
        "f.yaml:2: it: c: 'maybe' is not one of yes, no, true, false.",
        "f.yaml:3: it: d: 'twelve' is not a whole number from 1 to 9.",
        "f.yaml:4: it: 'F' cannot be a key: use small letters, digits and _, starting with a letter.",
        "f.yaml:5: it: h must be a list of words.",
        "f.yaml:6: it: no such field as 'titel' (did you mean title?).",
    ]


@pytest.mark.parametrize("key", ["A", "1a", "_a", "a-b", "a b", "a.b", "__init__", "", "a" * 61, "ä", "a\n"])
def test_a_key_is_a_plain_word(key: str) -> None:
    problems = Problems()
    asked = Fields(Map({Text("a"): Map({Text(key, 1): Text("b")})}), file="f.yaml", problems=problems, place="")

    assert asked.nested("a") == []
    assert len(problems) == 1


def test_a_list_is_not_a_map() -> None:
    problems = Problems()

    Fields(Items(), file="f.yaml", problems=problems, place="it").done()

    assert [problem.sentence for problem in problems] == ["it: write this as `key: value` lines."]
