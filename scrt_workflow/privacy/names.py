"""People's names in running text: after a title, a relation or an initial, or known from the lists."""

from collections.abc import Iterator

from scrt_workflow.privacy.passage import Passage, Word
from scrt_workflow.privacy.surroundings import is_place, next_word
from scrt_workflow.privacy.word_lists import (
    ACRONYMS,
    FORENAMES,
    LIKE_FORENAMES,
    NOT_NAMES,
    SURNAMES,
    group,
    words_of,
)

TITLES = group("names", "titles")
TITLES_OF_PLACES = group("names", "titles_of_places")
RELATIONS = group("names", "relations")
INTRODUCING = group("names", "introducing")
LABELS = group("names", "labels")
HOUSEHOLDS = group("names", "households")
PLACES_AND_MONTHS = group("names", "places_and_months")

NO_NAME_AFTER = words_of("capitalised_words")
SHORTEST_CAPITALS = 4  # JOHN may be a name; three capitals are nearly always an abbreviation
INITIAL = 1


def find_names(passage: Passage) -> Iterator[tuple[int, int]]:
    """Find forenames with what follows them, surnames after a title or an initial, and 'the Smith family'."""
    words = passage.words
    reached = 0
    for at, word in enumerate(words):
        if word.start < reached or not _may_begin_a_name(word):
            continue
        last = _end_of_name(passage, at)
        if last is not None:
            reached = words[last].end
            yield word.start, reached


def _may_begin_a_name(word: Word) -> bool:
    """Whether *word* is a capitalised word, or a small-letter forename that a surname may follow (john smith)."""
    return word.text[0].isupper() or word.key in FORENAMES


def _end_of_name(passage: Passage, at: int) -> int | None:
    """Return the index of the last word of the name that begins with word *at*, or None where none does."""
    word, after = passage.words[at], next_word(passage, at)
    if word.text[0].islower():
        return at + 1 if after and after.key in SURNAMES and passage.between(word, after) == " " else None
    if word.text in TITLES and after and _is_surname_after_a_title(passage, at):
        return _last_capital(passage, at + 1)
    if len(word.text) == INITIAL and after and _is_surname_after_an_initial(passage, at):
        return at + 1
    if _is_forename(passage, at):
        return _last_capital(passage, at)
    if word.key in SURNAMES and after and after.key in HOUSEHOLDS and not is_place(passage, at):
        return at
    return None


def _last_capital(passage: Passage, at: int) -> int:
    """Return the index of the last capitalised word of the run, of at most three, that begins at *at*."""
    for last in range(at, at + 2):
        after = next_word(passage, last)
        if after is None or not after.text[0].isupper() or passage.between(passage.words[last], after) not in {" ", "-"}:
            return last
    return at + 2


def _is_surname_after_a_title(passage: Passage, at: int) -> bool:
    name = passage.words[at + 1]
    return (
        name.text[0].isupper()
        and len(name.text) > INITIAL
        and not (name.text.isupper() and (len(name.text) < SHORTEST_CAPITALS or name.key in ACRONYMS))
        and name.key not in NO_NAME_AFTER
        and not (passage.words[at].text in TITLES_OF_PLACES and name.key in NOT_NAMES)
    )


def _is_surname_after_an_initial(passage: Passage, at: int) -> bool:
    word, name = passage.words[at], passage.words[at + 1]
    before = passage.words[at - 1] if at else None
    if not name.text[0].isupper() or name.key not in SURNAMES or passage.between(word, name) not in {" ", ". ", "."}:
        return False
    labelled = before is not None and before.key in LABELS and passage.between(before, word) == " "
    return not labelled and not is_place(passage, at + 1)


def _is_forename(passage: Passage, at: int) -> bool:
    word = passage.words[at]
    if word.key in NOT_NAMES or word.text.lower() in NOT_NAMES or is_place(passage, at):
        return False
    if word.text.isupper() and (len(word.text) < SHORTEST_CAPITALS or word.key in ACRONYMS):
        return False
    if word.key in FORENAMES:
        return True
    return word.key in LIKE_FORENAMES and _is_used_as_a_name(passage, at)


def _is_used_as_a_name(passage: Passage, at: int) -> bool:
    """Whether a word that may also mean something else stands where only a name does: Grace Okafor; asked Grace to."""
    word, after = passage.words[at], next_word(passage, at)
    if after and after.text[0].isupper():
        return after.key in SURNAMES
    before = passage.words[at - 1] if at else None
    joined = before is not None and before.text[0].isupper() and passage.between(before, word) in {" ", "-"}
    return not word.text.isupper() and not joined and not passage.begins_a_sentence(word) and word.key not in PLACES_AND_MONTHS


def find_relations(passage: Passage) -> Iterator[tuple[int, int]]:
    """Find a capitalised name just after a relation: her partner Sam; mother (called Ayşe)."""
    if passage.keys.isdisjoint(RELATIONS):
        return
    words = passage.words
    for at, relation in enumerate(words[:-1]):
        if relation.key not in RELATIONS:
            continue
        name_at = at + 1
        while name_at + 1 < len(words) and words[name_at].text in INTRODUCING:
            name_at += 1
        name = words[name_at]
        if passage.between(relation, words[at + 1]) in {" ", ", ", " (", ": ", " - ", "-"} and _is_name_after_a_relation(name):
            yield relation.start, words[_last_capital(passage, name_at)].end


def _is_name_after_a_relation(name: Word) -> bool:
    return (
        name.text[0].isupper()
        and len(name.text) > INITIAL
        and not name.text.isupper()
        and name.key not in NO_NAME_AFTER
        and (name.key in LIKE_FORENAMES or name.key not in NOT_NAMES)
    )
