"""The text that is looked through, and the pieces of it that the detectors share, each cut once and only when asked for."""

import re
import string
from collections.abc import Container
from functools import cached_property
from typing import NamedTuple

from scrt_workflow.privacy.finding import Field

WORD = re.compile(r"[A-Za-z]+(?:'[A-Za-z]+)*")
LETTERS = re.compile("[a-z]+")
CAPITALISED = re.compile(r"(?<![A-Za-z])[A-Z][A-Za-z]*(?:'[A-Za-z]+)*")
NEXT = re.compile(r"[^A-Za-z]{0,3}([A-Za-z]+(?:'[A-Za-z]+)*)")
DIGITS = re.compile(r"[0-9]+")
AFTER_A_SENTENCE = re.compile(r"(?:^|[.!?:;\n\"(\[*-])\s*$")

NO_LETTERS = string.digits + string.punctuation + string.whitespace
LETTERS_AND_SIGN = string.ascii_letters + "'"
LONGEST_WORD = 40
WIDEST_GAP = 3
BEFORE_DIGITS, AFTER_DIGITS = 45, 24  # how far from a digit the rest of a number, or the word that announces it, may stand

Span = tuple[int, int]


class Word(NamedTuple):
    """A word and where it stands; `key` is it as the lists hold it."""

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
        """All words, in order: cheap for a reference, dear for a long text."""
        return [word_of(found[0], found.start()) for found in WORD.finditer(self.text)]

    @cached_property
    def capitals(self) -> list[Word]:
        """The words that begin with a capital letter, in order."""
        return [word_of(found[0], found.start()) for found in CAPITALISED.finditer(self.text)]

    @cached_property
    def keys(self) -> frozenset[str]:
        """All words in small letters, cut at apostrophes: enough to tell what need not be looked for."""
        return frozenset(LETTERS.findall(self.text.lower()))

    def before(self, word: Word) -> Word | None:
        """Return the word just before *word*, when at most three other characters stand between."""
        start = max(word.start - LONGEST_WORD, 0)
        stretch = self.text[start : word.start]
        up_to_word = stretch.rstrip(NO_LETTERS)
        text = up_to_word[len(up_to_word.rstrip(LETTERS_AND_SIGN)) :].lstrip("'")
        near = len(stretch) - len(up_to_word) <= WIDEST_GAP
        return word_of(text, start + len(up_to_word) - len(text)) if text and near else None

    def after(self, word: Word) -> Word | None:
        """Return the word just after *word*, when at most three other characters stand between."""
        found = NEXT.match(self.text, word.end)
        return word_of(found[1], found.start(1)) if found else None

    def between(self, left: Word, right: Word) -> str:
        """Return what stands between two words."""
        return self.text[left.end : right.start]

    def begins_a_sentence(self, word: Word) -> bool:
        """Whether *word* is capital only because it comes first."""
        return AFTER_A_SENTENCE.search(self.text[max(word.start - 4, 0) : word.start]) is not None

    @cached_property
    def numbers(self) -> list[Span]:
        """The runs of digits, in order."""
        return [found.span() for found in DIGITS.finditer(self.text)]

    @cached_property
    def numbers_after_letters(self) -> list[Span]:
        """The runs of digits with a letter just before them, or before one sign before them."""
        return [span for span in self.numbers if any(each.isalpha() for each in self.text[max(span[0] - 2, 0) : span[0]])]

    @cached_property
    def around_numbers(self) -> list[Span]:
        """The stretches of text that may belong to the digits in them."""
        stretches: list[Span] = []
        for first, last in self.numbers:
            start, end = max(first - BEFORE_DIGITS, 0), min(last + AFTER_DIGITS, len(self.text))
            if stretches and start <= stretches[-1][1]:
                stretches[-1] = (stretches[-1][0], end)
            else:
                stretches.append((start, end))
        return stretches

    def near_numbers(self, pattern: re.Pattern[str]) -> list[re.Match[str]]:
        """Find *pattern*, which needs a digit and may begin with words that announce it."""
        return [found for start, end in self.around_numbers for found in pattern.finditer(self.text, start, end)]

    def at_numbers(self, pattern: re.Pattern[str], *, sizes: Container[int], letters: int = 0) -> list[re.Match[str]]:
        """Find *pattern* where a number of one of the *sizes* (digits) begins, or up to *letters* characters before it."""
        numbers = self.numbers_after_letters if letters else self.numbers
        return [
            found
            for first, last in numbers
            if last - first in sizes
            for start in range(max(first - letters, 0), first + 1)
            if (found := pattern.match(self.text, start))
        ]


def word_of(text: str, start: int) -> Word:
    """Return the word *text* that begins at *start*."""
    return Word(text, text.lower() if text.isalpha() else key_of(text), start, start + len(text))


def key_of(word: str) -> str:
    """Return *word* as the lists hold it: small letters, no apostrophe, no possessive 's."""
    return word.lower().removesuffix("'s").replace("'", "")
