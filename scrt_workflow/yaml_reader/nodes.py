"""What is read from YAML: text, lists and maps that remember where they stand."""

from typing import Any, Self


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
