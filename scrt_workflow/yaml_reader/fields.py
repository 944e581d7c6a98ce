"""The fields of one map, each asked for by its type."""

import re
from collections.abc import Iterable
from itertools import islice
from typing import Any

from scrt_workflow.yaml_reader.nodes import Items, Map, Text
from scrt_workflow.yaml_reader.problems import Problems, did_you_mean

KEY = re.compile(r"[a-z][a-z0-9_]{0,59}")


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

    def nested(self, key: str, *, most: int = 100) -> list[tuple[Text, Any]]:
        """Give the pairs of the map at *key*, empty if it is not there and *most* of them; each key must be a plain word."""
        value = self.any(key)
        if value is None:
            return []
        if not isinstance(value, Map):
            self.problem(getattr(value, "line", self.line), f"{key} must be `key: value` lines.")
            return []
        if len(value) > most:
            self.problem(value.line, f"{key}: there are more than {most} of them.")
        return [(name, inner) for name, inner in islice(value.items(), most) if self.is_key(name)]

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
