"""The mistakes in definitions: sentences with an address, all of them at once."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from difflib import get_close_matches
from heapq import nsmallest

MOST_PROBLEMS = 200
LONGEST_WORD = 60  # letters; what is longer was not meant to be a name


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
        """Note a mistake at *line* of *file*, 0 for the whole file; noting the same one twice counts once.

        Raises DefinitionError when there are so many that reading on would help nobody.
        """
        self._found.add(Problem(file, line, sentence))
        if len(self._found) > MOST_PROBLEMS:
            self._found.add(Problem(file, 0, f"There are more than {MOST_PROBLEMS} mistakes. The rest is not read yet."))
            raise DefinitionError(self)

    def copy(self) -> Problems:
        """Give the same mistakes, to which others can be added."""
        made = Problems()
        made._found = set(self._found)
        return made

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


def did_you_mean(word: str, known: Iterable[str]) -> str:
    """Say ` (did you mean x?)` when a known word is close to *word*, else nothing."""
    letters = set(word[:LONGEST_WORD])
    alike = nsmallest(8, (one for one in known if abs(len(one) - len(word)) <= 6), lambda one: len(letters ^ set(one)))
    close = get_close_matches(word, alike, n=1, cutoff=0.6)
    return f" (did you mean {close[0]}?)" if close else ""
