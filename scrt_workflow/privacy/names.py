"""People's names in running text: after a title, a relation or an initial, or known from the lists."""

import re
from collections.abc import Iterator

from scrt_workflow.privacy.passage import Passage, Span, Word, word_of
from scrt_workflow.privacy.surroundings import is_place, next_in_name
from scrt_workflow.privacy.word_lists import ACRONYMS, FORENAMES, LIKE_FORENAMES, NOT_NAMES, SURNAMES, group, words_of

TITLES = group("names", "titles")
TITLES_OF_PLACES = group("names", "titles_of_places")
RELATIONS = group("names", "relations")
LABELS = group("names", "labels")
HOUSEHOLDS = group("names", "households")
PLACES_AND_MONTHS = group("names", "places_and_months")
NO_NAME_AFTER = words_of("capitalised_words")

SHORT_IN_CAPITALS = group("codes", "short_names_in_capitals")
SHORTEST_CAPITALS = 4  # JOHN may be a name; three capitals are nearly always an abbreviation
LONGEST_NAME = 3
AFTER_A_RELATION = re.compile(r"(?: |, | \(|: |-)(?:(?:aka|as|called|known|named) ){0,2}([A-Z][A-Za-z]+(?:'[A-Za-z]+)*)")


def find_names(passage: Passage) -> Iterator[Span]:
    """Find forenames with what follows them, surnames after a title or an initial, and 'the Smith family'."""
    yield from _in_small_letters(passage)
    reached = 0
    for word in passage.capitals:
        if word.start >= reached and (last := _last_of_name(passage, word)):
            reached = last.end
            yield word.start, reached


def _in_small_letters(passage: Passage) -> Iterator[Span]:
    """Find 'john smith'. Few words are both, so the lists are asked first."""
    if (passage.keys & FORENAMES) and (passage.keys & SURNAMES):
        for word in passage.words:
            if word.text.islower() and word.key in FORENAMES:
                after = passage.after(word)
                if after and after.key in SURNAMES and passage.between(word, after) == " ":
                    yield word.start, after.end


def _last_of_name(passage: Passage, word: Word) -> Word | None:
    """Return the last word of the name that begins with *word*, or None where none does."""
    if word.text in TITLES:
        surname = next_in_name(passage, word)
        if surname is None or not _is_surname_after(surname) or (word.text in TITLES_OF_PLACES and is_place(passage, surname)):
            return None
        return _last_capital(passage, surname)
    if len(word.text) == 1:
        surname = next_in_name(passage, word)
        return surname if surname and _is_surname_after_initial(passage, word, surname) else None
    if _is_forename(passage, word):
        return _last_capital(passage, word)
    if word.key in SURNAMES:
        after = next_in_name(passage, word)
        return word if after and after.key in HOUSEHOLDS and not is_place(passage, word) else None
    return None


def _last_capital(passage: Passage, word: Word) -> Word:
    """Return the last word of the run of capitalised words, of at most three, that begins with *word*."""
    for _ in range(LONGEST_NAME - 1):
        after = passage.after(word)
        if after is None or not after.text[0].isupper() or passage.between(word, after) not in {" ", "-"}:
            break
        word = after
    return word


def _is_surname_after(name: Word) -> bool:
    """Whether *name*, which follows a title, can be a surname: Mr B is how reviews are published."""
    return name.text[0].isupper() and len(name.text) > 1 and not _is_abbreviation(name) and name.key not in NO_NAME_AFTER


def _is_abbreviation(word: Word) -> bool:
    if not word.text.isupper():
        return False
    return word.key in ACRONYMS or (len(word.text) < SHORTEST_CAPITALS and word.key not in SHORT_IN_CAPITALS)


def _is_surname_after_initial(passage: Passage, initial: Word, name: Word) -> bool:
    """Whether *name* is a surname that belongs to *initial*, not to a label: J Smith, but Adult K Smith."""
    if not name.text[0].isupper() or name.key not in SURNAMES or passage.between(initial, name) == "-":
        return False
    before = passage.before(initial)
    labelled = before is not None and before.key in LABELS and passage.between(before, initial) == " "
    return not labelled and not is_place(passage, name)


def _is_forename(passage: Passage, word: Word) -> bool:
    if word.key in FORENAMES:
        return not _is_abbreviation(word) and not is_place(passage, word)
    if word.key not in LIKE_FORENAMES or word.key in NOT_NAMES or word.text.lower() in NOT_NAMES:
        return False
    return not _is_abbreviation(word) and not is_place(passage, word) and _is_used_as_name(passage, word)


def _is_used_as_name(passage: Passage, word: Word) -> bool:
    """Whether a word that may also mean something else stands where only a name does: Grace Okafor; asked Grace to."""
    after = next_in_name(passage, word)
    if after and after.text[0].isupper():
        return after.key in SURNAMES
    before = passage.before(word)
    joined = before is not None and before.text[0].isupper() and passage.between(before, word) in {" ", "-"}
    meant_otherwise = word.text.isupper() or joined or word.key in PLACES_AND_MONTHS
    return not meant_otherwise and not passage.begins_a_sentence(word)


def find_relations(passage: Passage) -> Iterator[Span]:
    """Find a capitalised name just after a relation: her partner Sam; mother (called Ayşe)."""
    for relation in passage.keys & RELATIONS:
        for written in (relation, relation.capitalize(), relation.upper()):
            at = passage.text.find(written)
            while at >= 0:
                if name := _name_after_relation(passage, at, at + len(written)):
                    yield at, _last_capital(passage, name).end
                at = passage.text.find(written, at + len(written))


def _name_after_relation(passage: Passage, start: int, end: int) -> Word | None:
    if passage.text[max(start - 1, 0) : start].isalpha():
        return None
    found = AFTER_A_RELATION.match(passage.text, end)
    name = word_of(found[1], found.start(1)) if found else None
    return name if name and _may_follow_relation(name) else None


def _may_follow_relation(name: Word) -> bool:
    return not name.text.isupper() and name.key not in NO_NAME_AFTER and (name.key in LIKE_FORENAMES or name.key not in NOT_NAMES)
