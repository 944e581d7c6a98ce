"""Where a mistake stands: a node of a definition, with the words and the line that a sentence about it begins with."""

from collections.abc import Collection
from dataclasses import dataclass
from typing import Any

from scrt_workflow.yaml_reader import Items, Map, Problems, Text, did_you_mean


@dataclass(frozen=True, slots=True)
class Place:
    """A part of a definition, such as one step: `node` is what was read there, `words` its name."""

    problems: Problems
    file: str
    node: Any
    words: str
    line: int = 0

    def wrong(self, sentence: str, *path: str, line: int = 0) -> None:
        """Report *sentence* about what stands at *path* in this part, or at *line* where that is known."""
        found = line or line_of(self.node, path) or self.line
        self.problems.add(self.file, found, ": ".join(filter(None, (self.words, *path[:1], sentence))))

    def unknown(self, what: str, name: str, known: Collection[str], *path: str, line: int = 0) -> None:
        """Report that there is no *what* called *name*, and what may have been meant."""
        sentence = f"no {what} is called '{plain(name)}'{did_you_mean(name, known)}."
        self.wrong(sentence, *path, *((name,) if path else ()), line=line)

    def inside(self, *path: str, words: str = "") -> "Place":
        """Give the part at *path* in this one."""
        node = self.node
        for key in path:
            node = node.get(Text(key)) if isinstance(node, Map) else None
        return Place(self.problems, self.file, node, words or path[-1], line_of(self.node, path) or self.line)


def line_of(node: Any, path: Collection[str]) -> int:
    """Give the line of the last word of *path* that stands in *node*, 0 when not even the first does.

    A word leads on through the key of a map, or to the item of a list that is that word.
    """
    line = 0
    for word in path:
        if isinstance(node, Map):
            key = next((key for key in node if key == word), None)
            if key is None:
                break
            line, node = key.line or line, node[key]
        elif isinstance(node, Items):
            line = next((item.line for item in node if isinstance(item, Text) and item == word), line)
            break
        else:
            line = node.line if isinstance(node, Text) and node == word and node.line else line
            break
    return line


def plain(name: str) -> str:
    """Give a name from a definition as it may stand in a sentence: short, and on one line."""
    return " ".join(name.split())[:60]
