"""The text that is looked through, cut once into the pieces that the detectors share."""

import re
import string
from functools import cached_property
from typing import NamedTuple

from scrt_workflow.privacy.finding import Field

WORD = re.compile(r"[A-Za-z]+(?:'[A-Za-z]+)*")
DIGITS = re.compile(r"[0-9]+")
AFTER_A_SENTENCE = re.compile(r"(?:^|[.!?:;\n\"(\[*•–-])\s*$")

ALPHANUMERIC = string.ascii_letters + string.digits
LONGEST_WORD = 40
BEFORE_DIGITS, AFTER_DIGITS = 45, 30  # how far from a digit the rest of a number, or the word that announces it, may stand


class Word(NamedTuple):
    """A word and where it stands; `key` is it in small letters, without apostrophe or a possessive 's."""

    text: str
    key: str
    start: int
    end: int


class Passage:
    """A folded text, and the field that it was typed in."""

    def __init__(self, text: str, field: Field) -> None:
        """*text* is folded: see `folding`."""
        self.text = text
        self.field = field

    @cached_property
    def words(self) -> list[Word]:
        """All words, in order."""
        return [Word(word, key_of(word), *found.span()) for found in WORD.finditer(self.text) for word in (found[0],)]

    @cached_property
    def keys(self) -> frozenset[str]:
        """The keys of all words."""
        return frozenset(word.key for word in self.words)

    @cached_property
    def digit_zones(self) -> list[tuple[int, int]]:
        """The stretches of text around digits, which never cut a word or a number."""
        zones: list[tuple[int, int]] = []
        for found in DIGITS.finditer(self.text):
            start, end = self._wordwise(found.start() - BEFORE_DIGITS, found.end() + AFTER_DIGITS)
            if zones and start <= zones[-1][1]:
                zones[-1] = (zones[-1][0], max(end, zones[-1][1]))
            else:
                zones.append((start, end))
        return zones

    def _wordwise(self, start: int, end: int) -> tuple[int, int]:
        """Widen to whole words, as far as a word can reasonably be long."""
        start, end = max(start, 0), min(end, len(self.text))
        before, after = self.text[max(start - LONGEST_WORD, 0) : start], self.text[end : end + LONGEST_WORD]
        letters_before = len(before) - len(before.rstrip(ALPHANUMERIC))
        letters_after = len(after) - len(after.lstrip(ALPHANUMERIC))
        return start - letters_before, end + letters_after

    def near_digits(self, pattern: re.Pattern[str]) -> list[re.Match[str]]:
        """Find *pattern*, which needs a digit, in the stretches around digits."""
        return [found for start, end in self.digit_zones for found in pattern.finditer(self.text, start, end)]

    def between(self, left: Word, right: Word) -> str:
        """Return what stands between two words."""
        return self.text[left.end : right.start]

    def begins_a_sentence(self, word: Word) -> bool:
        """Whether *word* is capital only because it comes first."""
        return AFTER_A_SENTENCE.search(self.text[max(word.start - 4, 0) : word.start]) is not None


def key_of(word: str) -> str:
    """Return *word* as the lists hold it: small letters, no apostrophe, no possessive 's."""
    return word.lower().removesuffix("'s").replace("'", "")
