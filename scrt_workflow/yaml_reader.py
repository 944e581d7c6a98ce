"""Read YAML so that every mistake is reported at once, each a sentence with a file and a line.

A definition is data. Only maps, lists and text are read: every scalar is text (`yes` is the word yes, `012` is not ten), and
anchors, aliases, tags, repeated keys, deep nesting and large files are refused before anything is built from them (IN7).
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from difflib import get_close_matches
from typing import Any, Self

import yaml

LARGEST_FILE = 256 * 1024  # bytes
DEEPEST_NESTING = 20
KEY = re.compile(r"[a-z][a-z0-9_]{0,59}")
_UNWANTED = re.compile("[\x00-\x08\x0b-\x1f\x7f\u200e\u200f\u202a-\u202e\u2066-\u2069\ud800-\udfff]")


class Text(str):
    """A piece of text that remembers the line it was read from."""

    __slots__ = ("line",)
    line: int

    def __new__(cls, text: str, line: int = 0) -> Self:
        """Make a text read at *line* (1 is the first; 0 when it was not read from a file)."""
        made = super().__new__(cls, text)
        made.line = line
        return made


class Items(list[Any]):
    """A list that remembers the line it starts on."""

    line: int = 0


class Map(dict[Text, Any]):
    """A mapping that remembers the line it starts on; its keys are `Text` and remember theirs."""

    line: int = 0


@dataclass(frozen=True, slots=True, order=True)
class Problem:
    """One mistake in a definition: where it is, and a sentence that says what it is."""

    file: str
    line: int
    sentence: str

    def __str__(self) -> str:
        """Show it as `file:line: sentence`; line 0 stands for the whole file and is left out."""
        return f"{self.file}:{self.line}: {self.sentence}" if self.line else f"{self.file}: {self.sentence}"


class Problems:
    """The mistakes found so far, kept in the order of the files and their lines."""

    def __init__(self) -> None:
        """Start with none."""
        self._found: set[Problem] = set()

    def add(self, file: str, line: int, sentence: str) -> None:
        """Note a mistake at *line* of *file*; noting the same one twice counts once."""
        self._found.add(Problem(file, line, sentence))

    def __iter__(self) -> Iterator[Problem]:
        """Give the mistakes by file and line."""
        return iter(sorted(self._found))

    def __len__(self) -> int:
        """Count the mistakes."""
        return len(self._found)


class DefinitionError(Exception):
    """The definitions hold mistakes; `problems` lists them all."""

    def __init__(self, problems: Iterable[Problem]) -> None:
        """Keep *problems*, and show one a line."""
        self.problems = list(problems)
        super().__init__("\n".join(str(problem) for problem in self.problems))


class _Refused(Exception):
    """What the reader met that it does not read."""

    def __init__(self, line: int, sentence: str) -> None:
        super().__init__(sentence)
        self.line, self.sentence = line, sentence


def read_yaml(text: str, *, file: str, problems: Problems) -> Map:
    """Read *text*, the contents of *file*; mistakes go to *problems*, and what could be read comes back (empty if nothing)."""
    text = text.removeprefix("\ufeff").replace("\r\n", "\n")  # as Windows writes files
    if len(text.encode(errors="replace")) > LARGEST_FILE:
        problems.add(file, 1, f"The file is larger than {LARGEST_FILE // 1024} KiB. Split it.")
        return Map()
    if unwanted := _UNWANTED.search(text):
        line = text.count("\n", 0, unwanted.start()) + 1
        problems.add(file, line, f"The character U+{ord(unwanted.group()):04X} cannot be seen and is not allowed. Delete it.")
        return Map()
    try:
        found = _document(_Events(text), file, problems)
    except _Refused as refused:
        problems.add(file, refused.line, refused.sentence)
        return Map()
    except yaml.YAMLError as error:
        mark = getattr(error, "problem_mark", None)
        what = getattr(error, "problem", None) or "it cannot be read"
        problems.add(file, mark.line + 1 if mark else 1, f"This is not YAML: {what}.")
        return Map()
    if not isinstance(found, Map):
        problems.add(file, 1, "The file must be a list of `key: value` lines.")
        return Map()
    return found


class _Events:
    """The parser's events one by one, with one that can be looked at before it is taken."""

    def __init__(self, text: str) -> None:
        self._parser = yaml.CSafeLoader(text) if hasattr(yaml, "CSafeLoader") else yaml.SafeLoader(text)

    def take(self) -> Any:
        event: Any = self._parser.get_event()
        line = event.start_mark.line + 1 if event.start_mark else 1
        if isinstance(event, yaml.AliasEvent):
            raise _Refused(line, "Aliases (`*name`) are not read. Write the text out.")
        if getattr(event, "anchor", None):
            raise _Refused(line, "Anchors (`&name`) are not read. Write the text out.")
        if getattr(event, "tag", None) and event.tag != "!":
            raise _Refused(line, f"Tags (`{event.tag}`) are not read. Write plain text.")
        return event

    def next_is(self, kind: type) -> bool:
        return isinstance(self._parser.peek_event(), kind)


def _document(events: _Events, file: str, problems: Problems) -> Any:
    events.take()  # the stream starts
    if events.next_is(yaml.StreamEndEvent):
        return Map()
    events.take()  # the document starts
    found = _node(events, file, problems, depth=1)
    events.take()  # the document ends
    if not events.next_is(yaml.StreamEndEvent):
        raise _Refused(events.take().start_mark.line + 1, "A file holds one document. Take out the `---` line.")
    return found


def _node(events: _Events, file: str, problems: Problems, *, depth: int) -> Any:
    event = events.take()
    line = event.start_mark.line + 1
    if depth > DEEPEST_NESTING:
        raise _Refused(line, f"This is nested more than {DEEPEST_NESTING} levels deep.")
    if isinstance(event, yaml.ScalarEvent):
        return Text(event.value, line)
    if isinstance(event, yaml.SequenceStartEvent):
        items = Items()
        items.line = line
        while not events.next_is(yaml.SequenceEndEvent):
            items.append(_node(events, file, problems, depth=depth + 1))
        events.take()
        return items
    return _map(events, file, problems, line=line, depth=depth)


def _map(events: _Events, file: str, problems: Problems, *, line: int, depth: int) -> Map:
    found = Map()
    found.line = line
    while not events.next_is(yaml.MappingEndEvent):
        key = _node(events, file, problems, depth=depth + 1)
        value = _node(events, file, problems, depth=depth + 1)
        if not isinstance(key, Text):
            problems.add(file, getattr(key, "line", line), "A key must be a word, not a list or a map.")
        elif key in found:
            problems.add(file, key.line, f"{key}: this key stands here twice.")
        else:
            found[key] = value
    events.take()
    return found


def did_you_mean(word: str, known: Iterable[str]) -> str:
    """Say ` (did you mean x?)` when a known word is close to *word*, else nothing."""
    close = get_close_matches(word, list(known), n=1, cutoff=0.6)
    return f" (did you mean {close[0]}?)" if close else ""


class Fields:
    """The fields of one map: each is asked for once, by type, and what was not asked for is reported as unknown."""

    def __init__(self, node: Any, *, file: str, problems: Problems, place: str) -> None:
        """Read *node*, which stands at *place* (such as `sign_off`) in *file*."""
        self.file, self.problems, self.place = file, problems, place
        self.line = getattr(node, "line", 1)
        if not isinstance(node, Map):
            self.problem(self.line, "write this as `key: value` lines.")
            node = Map()
        self.map: Map = node
        self._known: list[str] = []

    def problem(self, line: int, sentence: str) -> None:
        """Report *sentence* at *line*, with the place in front of it."""
        self.problems.add(self.file, line or self.line, f"{self.place}: {sentence}" if self.place else sentence)

    def line_of(self, key: str) -> int:
        """Give the line *key* stands on, or the line of the map if it is not there."""
        return next((known.line for known in self.map if known == key), self.line)

    def any(self, key: str) -> Any:
        """Give whatever stands at *key*, or None."""
        self._known.append(key)
        return self.map.get(Text(key))

    def text(self, key: str, *, required: bool = False, default: str = "", longest: int = 2000) -> Text:
        """Give the text at *key*; a list or map there, or nothing where it is required, is a mistake."""
        value = self.any(key)
        if value is None:
            if required:
                self.problem(self.line, f"{key} is missing.")
            return Text(default, self.line)
        if not isinstance(value, Text):
            self.problem(getattr(value, "line", self.line), f"{key} must be text, not a list or a map.")
            return Text(default, self.line)
        if required and not value.strip():
            self.problem(value.line, f"{key} is empty.")
        if len(value) > longest:
            self.problem(value.line, f"{key} is longer than {longest} characters.")
            return Text(value[:longest], value.line)
        return value

    def one_of(self, key: str, choices: Iterable[str], *, default: str, required: bool = False) -> Text:
        """Give the word at *key*, which must be one of *choices*."""
        value, choices = self.text(key, default=default, required=required), list(choices)
        if value not in choices and (key in self.map or not required):
            self.problem(value.line, f"{key}: '{value}' is not one of {', '.join(choices)}{did_you_mean(value, choices)}.")
            return Text(default, value.line)
        return value

    def yes_no(self, key: str, *, default: bool = False) -> bool:
        """Give whether *key* says yes."""
        return self.one_of(key, ["yes", "no", "true", "false"], default="yes" if default else "no") in {"yes", "true"}

    def number(self, key: str, *, smallest: int = 0, largest: int = 1_000_000) -> int | None:
        """Give the whole number at *key*, or None if it is not there."""
        if key not in self.map:
            self.any(key)
            return None
        value = self.text(key)
        if not re.fullmatch(r"-?[0-9]{1,9}", value) or not smallest <= int(value) <= largest:
            self.problem(value.line, f"{key}: '{value}' is not a whole number from {smallest} to {largest}.")
            return None
        return int(value)

    def items(self, key: str) -> list[Any]:
        """Give the list at *key*, empty if it is not there; a lone value counts as a list of one."""
        value = self.any(key)
        if value is None:
            return []
        return list(value) if isinstance(value, Items) else [value]

    def texts(self, key: str) -> tuple[Text, ...]:
        """Give the list of texts at *key*."""
        found = []
        for item in self.items(key):
            if isinstance(item, Text):
                found.append(item)
            else:
                self.problem(getattr(item, "line", self.line), f"{key} must be a list of words.")
        return tuple(found)

    def nested(self, key: str) -> list[tuple[Text, Any]]:
        """Give the pairs of the map at *key*, empty if it is not there; each key must be a plain word."""
        value = self.any(key)
        if value is None:
            return []
        if not isinstance(value, Map):
            self.problem(getattr(value, "line", self.line), f"{key} must be `key: value` lines.")
            return []
        return [(name, inner) for name, inner in value.items() if self.is_key(name)]

    def is_key(self, name: Text) -> bool:
        """Say whether *name* may be a key, and report it if not."""
        if KEY.fullmatch(name):
            return True
        self.problem(name.line, f"'{name[:60]}' cannot be a key: use small letters, digits and _, starting with a letter.")
        return False

    def done(self) -> None:
        """Report every field that nobody asked for (`note` is always allowed: it carries what a comment would lose)."""
        for key in self.map:
            if key not in self._known and key != "note":
                self.problem(key.line, f"no such field as '{key[:60]}'{did_you_mean(key, self._known)}.")
