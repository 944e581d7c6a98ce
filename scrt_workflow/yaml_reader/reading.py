"""From a text in YAML to nodes, refusing whatever a definition has no use for before anything is built from it."""

import re
from functools import lru_cache
from typing import Any

import yaml

from scrt_workflow.yaml_reader.nodes import Items, Map, Text
from scrt_workflow.yaml_reader.problems import DefinitionError, Problem, Problems

LARGEST_FILE = 256 * 1024  # bytes
DEEPEST_NESTING = 20
MOST_ENTRIES = 1000  # of one list or map
LONGEST_KEPT, MOST_KEPT = 32 * 1024, 120  # characters of a text that is kept once it was read, and how many such texts are
_UNWANTED = re.compile("[\x00-\x08\x0b-\x1f\x7f-\x9f\u200b\u200e\u200f\u2028-\u202e\u2060-\u2069\ud800-\udfff\ufeff\ufffe\uffff]")


class _RefusedError(Exception):
    """What the reader met that it does not read."""

    def __init__(self, line: int, sentence: str) -> None:
        super().__init__(sentence)
        self.line, self.sentence = line, sentence


def read_yaml(text: str, *, file: str, problems: Problems) -> Map:
    """Read *text*, the contents of *file*; mistakes go to *problems*, and what could be read comes back, if anything.

    What was read of a text that is not long is kept: a folder is read again and again, of which one file has changed.
    """
    node, found = (_read_once if len(text) <= LONGEST_KEPT else _read)(text, file)
    for problem in found:
        problems.add(problem.file, problem.line, problem.sentence)
    return node


def _read(text: str, file: str) -> tuple[Map, tuple[Problem, ...]]:
    problems = Problems()
    try:
        node = _node_of(text, file, problems)
    except DefinitionError:  # more mistakes than are listed, as the last of them says
        node = Map()
    return node, tuple(problems)


_read_once = lru_cache(maxsize=MOST_KEPT)(_read)


def _node_of(text: str, file: str, problems: Problems) -> Map:
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
    except _RefusedError as refused:
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
            raise _RefusedError(line, "Aliases (`*name`) are not read. Write the text out.")
        if getattr(event, "anchor", None):
            raise _RefusedError(line, "Anchors (`&name`) are not read. Write the text out.")
        if getattr(event, "tag", None) and event.tag != "!":
            raise _RefusedError(line, f"Tags (`{event.tag[:60]}`) are not read. Write plain text.")
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
        raise _RefusedError(events.take().start_mark.line + 1, "A file holds one document. Take out the `---` line.")
    return found


def _node(events: _Events, file: str, problems: Problems, *, depth: int) -> Any:
    event = events.take()
    line = event.start_mark.line + 1
    if depth > DEEPEST_NESTING:
        raise _RefusedError(line, f"This is nested more than {DEEPEST_NESTING} levels deep.")
    if isinstance(event, yaml.ScalarEvent):
        return Text(event.value, line)
    if isinstance(event, yaml.SequenceStartEvent):
        items = Items()
        items.line = line
        while not events.next_is(yaml.SequenceEndEvent):
            items.append(_node(events, file, problems, depth=depth + 1))
            _check_size(items, line)
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
            problems.add(file, key.line, f"{key[:60]}: this key stands here twice.")
        else:
            found[key] = value
            _check_size(found, line)
    events.take()
    return found


def _check_size(entries: Items | Map, line: int) -> None:
    if len(entries) > MOST_ENTRIES:
        raise _RefusedError(line, f"This has more than {MOST_ENTRIES} entries.")
