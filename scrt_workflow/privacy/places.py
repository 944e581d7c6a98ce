"""Schools, surgeries and homes that are named, and details that only together point at somebody."""

import re
from collections.abc import Iterator

from scrt_workflow.privacy.passage import Passage, Span, Word
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
SAYING_AN_AGE = frozenset({"age", "aged", "old", "y", "yo"})
TOO_MANY = 4
LONGEST_NAME = 6  # words before School


def find_schools(passage: Passage) -> Iterator[Span]:
    """Find a school, surgery, practice or home with a name of its own before it."""
    for word in passage.capitals:
        if word.key in LAST_WORDS and _is_school(passage, word):
            named = _names_before(passage, word)
            if named and not any(each.key in BIGGER for each in named):
                yield named[-1].start, word.end


def _is_school(passage: Passage, word: Word) -> bool:
    before = passage.before(word)
    return word.key in ONE_WORD or (before is not None and f"{before.key}-{word.key}" in TWO_WORDS)


def _names_before(passage: Passage, word: Word) -> list[Word]:
    """Return the capitalised words just before *word* that give it a name, the nearest first."""
    names: list[Word] = []
    for _ in range(LONGEST_NAME):
        before = passage.before(word)
        if before is None or passage.between(before, word) not in {" ", "-", ". ", "' "}:
            break
        if before.key not in SAYING_WHAT_IT_IS:
            if not before.text[0].isupper():
                break
            names.append(before)
        word = before
    return names


def find_combinations(passage: Passage) -> Iterator[Span]:
    """Find paragraphs with an age and three more of: origin, place, whole date, rare event, family, work."""
    if passage.keys.isdisjoint(SAYING_AN_AGE):
        return
    ages = passage.near_numbers(AGE)
    for start, end in {_paragraph(passage.text, found.start()) for found in ages}:
        spots = {"age": [found.span() for found in ages if start <= found.start() < end]}
        if date := WHOLE_DATE.search(passage.text, start, end):
            spots["date"] = [date.span()]
        for word in passage.words:
            if start <= word.start < end and (sort := _sort(word)):
                spots.setdefault(sort, []).append((word.start, word.end))
        if len(spots) >= TOO_MANY:
            spans = sorted(span for sort in spots.values() for span in sort)
            yield spans[0][0], spans[-1][1]


def _sort(word: Word) -> str | None:
    if sort := SORT_OF.get(word.key):
        return sort
    return "place" if word.text[0].isupper() and word.key in AUTHORITIES else None


def _paragraph(text: str, at: int) -> Span:
    end = text.find("\n", at)
    return text.rfind("\n", 0, at) + 1, len(text) if end < 0 else end
