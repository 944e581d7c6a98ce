"""Schools, surgeries and homes that are named, and details that only together point at somebody."""

import re
from collections.abc import Iterator

from scrt_workflow.privacy.passage import Passage, Word
from scrt_workflow.privacy.word_lists import AUTHORITIES, group

ONE_WORD = group("schools", "one_word")
TWO_WORDS = group("schools", "two_words")
SAYING_WHAT_IT_IS = group("schools", "saying_what_it_is")
LAST_WORDS = ONE_WORD | {words.split("-")[1] for words in TWO_WORDS}
BIGGER = group("schools", "bigger")

AGE = re.compile(
    r"\b(?:aged? |age of )[0-9]{1,3}\b|\b[0-9]{1,3}[ -]?(?:years?|yrs?|months?|weeks?|days?)?[ -]?old\b|\b[0-9]{1,3}[ -]?y/?o\b",
    re.IGNORECASE,
)
WHOLE_DATE = re.compile(
    r"\b[0-3]?[0-9](?:st|nd|rd|th)?"
    r"(?:[/.-][01]?[0-9][/.-]| ?(?:jan|feb|mar|apr|may|jun|jul|aug|sep|oct|nov|dec)[a-z]{0,6},? ?)(?:20)?[0-9]{2}\b",
    re.IGNORECASE,
)
SORTS = ("event", "family", "origin", "work")
SORT_OF = {word: sort for sort in SORTS for word in group("details", sort)}
TOO_MANY = 4


def find_schools(passage: Passage) -> Iterator[tuple[int, int]]:
    """Find a school, surgery, practice or home with a name of its own before it."""
    if passage.keys.isdisjoint(LAST_WORDS):
        return
    words = passage.words
    for at in range(1, len(words)):
        word, before = words[at], words[at - 1]
        if word.text[0].isupper() and (word.key in ONE_WORD or f"{before.key}-{word.key}" in TWO_WORDS):
            named = _names_before(passage, at)
            if named and not any(each.key in BIGGER for each in named):
                yield named[-1].start, word.end


def _names_before(passage: Passage, at: int) -> list[Word]:
    """Return the capitalised words just before word *at* that give it a name, the nearest first."""
    names: list[Word] = []
    for left in range(at - 1, max(at - 7, -1), -1):
        word, right = passage.words[left], passage.words[left + 1]
        if passage.between(word, right).strip(" .-&") or "\n" in passage.between(word, right):
            break
        if word.key in SAYING_WHAT_IT_IS or (word.key == "st" and word.text == "st"):
            continue
        if not word.text[0].isupper():
            break
        names.append(word)
    return names


def find_combinations(passage: Passage) -> Iterator[tuple[int, int]]:
    """Find paragraphs with an age and three more of: origin, place, whole date, rare event, family, work."""
    ages = passage.near_digits(AGE)
    if not ages:
        return
    for start, end in {_paragraph(passage.text, found.start()) for found in ages}:
        sorts = {"age"}
        spots = [found.span() for found in ages if start <= found.start() < end]
        if date := WHOLE_DATE.search(passage.text, start, end):
            sorts.add("date")
            spots.append(date.span())
        for word in passage.words:
            if start <= word.start < end and (sort := _sort(word)):
                sorts.add(sort)
                spots.append((word.start, word.end))
        if len(sorts) >= TOO_MANY:
            yield min(spots)[0], max(spot[1] for spot in spots)


def _sort(word: Word) -> str | None:
    if sort := SORT_OF.get(word.key):
        return sort
    return "place" if word.text[0].isupper() and word.key in AUTHORITIES else None


def _paragraph(text: str, at: int) -> tuple[int, int]:
    end = text.find("\n", at)
    return text.rfind("\n", 0, at) + 1, len(text) if end < 0 else end
