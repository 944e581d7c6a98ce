"""Names inside references: JonS, JSmith, Smith123, john_smith. The guidance gives the first as what not to write."""

import re
from collections.abc import Iterator

from scrt_workflow.privacy.passage import Passage, Span, key_of
from scrt_workflow.privacy.surroundings import is_place
from scrt_workflow.privacy.word_lists import ACRONYMS, FORENAMES, LIKE_FORENAMES, LIKE_SURNAMES, NOT_NAMES, SURNAMES, group

LETTERS_BEFORE = re.compile(r"(?<![A-Za-z0-9])[A-Za-z']{3,}$")
LONGEST_PIECE = 40
JOINED = re.compile(r"(?<![A-Za-z0-9._@])([A-Za-z]{1,20})[._]([A-Za-z]{1,20})(?![A-Za-z0-9_@]|\.[A-Za-z])")
JOINT = re.compile(r"[._][A-Za-z]")
HUMP = re.compile(r"(?:Mc|Mac|O')[A-Z][a-z]+|[A-Z]+(?![a-z'])|[A-Z]?[a-z]+")

ENDS_OF_BOARDS = tuple(group("codes", "boards_end_in"))
SHORT_IN_CAPITALS = group("codes", "short_names_in_capitals")
NO_UNLISTED_NAMES = NOT_NAMES | LIKE_SURNAMES
KNOWN = FORENAMES | SURNAMES
LIKE_NAMES = LIKE_FORENAMES | LIKE_SURNAMES
SHORTEST_GLUED = 4  # the shortest surname looked for behind an initial in one case: jsmith
SHORTEST_UNLISTED = 3


def find_names_in_references(passage: Passage) -> Iterator[Span]:
    """Find pieces that are, or hold, somebody's name; in free text only those that are glued together, as in JonS."""
    if passage.field == "free_text":
        yield from _in_free_text(passage)
        return
    for piece in passage.words:
        if _is_name(piece.text, alone=len(passage.words) == 1) and not is_place(passage, piece):
            yield piece.start, piece.end


def _in_free_text(passage: Passage) -> Iterator[Span]:
    for word in passage.capitals:
        if not word.text[1:].islower() and len(word.text) <= LONGEST_PIECE and _is_name_with_initial(HUMP.findall(word.text)):
            yield word.start, word.end
    for start, _ in passage.numbers:
        letters = LETTERS_BEFORE.search(passage.text[max(start - LONGEST_PIECE, 0) : start])
        if letters and _is_known(letters[0]):
            yield start - len(letters[0]), start
    if JOINT.search(passage.text):
        yield from (found.span() for found in JOINED.finditer(passage.text) if _is_joined_name(found[1], found[2]))


def _is_joined_name(first: str, second: str) -> bool:
    """Whether two words joined by a dot or a line are two names, or one and an initial: john.smith, Patel_A."""
    known = [_is_known(part) for part in (first, second)]
    alike = [len(part) == 1 or part.lower() in LIKE_NAMES for part in (first, second)]
    return any(known) and all(is_known or is_alike for is_known, is_alike in zip(known, alike, strict=True))


def _is_name(piece: str, *, alone: bool) -> bool:
    """Whether *piece* of a reference is a name; *alone* when it holds no other letters."""
    if _is_no_name(piece):
        return False
    if _is_known(piece):
        return True
    parts = HUMP.findall(piece)
    if len(parts) > 1:
        return _is_name_with_initial(parts) or _is_built_like_one(parts)
    if piece.isupper() or piece.islower():
        return _is_in_one_case(piece.lower())
    return alone and piece.lower() in LIKE_NAMES


def _is_no_name(piece: str) -> bool:
    if len(piece) > LONGEST_PIECE or not NOT_NAMES.isdisjoint({piece.lower(), key_of(piece)}):
        return True
    return piece.isupper() and (piece.lower() in ACRONYMS or piece.endswith(ENDS_OF_BOARDS))


def _is_known(piece: str) -> bool:
    key = key_of(piece)
    return key in SHORT_IN_CAPITALS if piece.isupper() and len(piece) < SHORTEST_GLUED else key in KNOWN


def _is_name_with_initial(parts: list[str]) -> bool:
    """Whether the humps of a word are a name and an initial, or two names: Jon-S, J-Smith, Jon-Smith, S-McDonald."""
    initials = [part for part in parts if part.isupper() and len(part) <= 2]
    names = [key_of(part) for part in parts if part not in initials]
    if not names or not all(name in KNOWN or (name in LIKE_NAMES and name not in NOT_NAMES) for name in names):
        return False
    return bool(initials) or (len(names) > 1 and any(name in KNOWN for name in names))


def _is_built_like_one(parts: list[str]) -> bool:
    """Whether an unlisted name stands before one initial: XanthiaB."""
    first, last = parts[0], parts[-1]
    if len(parts) > 2 or len(last) > 1 or len(first) < SHORTEST_UNLISTED:
        return False
    return first.istitle() and last.isupper() and first.lower() not in NO_UNLISTED_NAMES


def _is_in_one_case(piece: str) -> bool:
    """Whether small letters hold a name and an initial, or a forename and a surname: jons, jsmith, smithj, johnsmith."""
    if piece[:-1] in KNOWN or (len(piece) > SHORTEST_GLUED and piece[1:] in SURNAMES):
        return True
    return any(piece[:at] in FORENAMES and piece[at:] in SURNAMES for at in range(3, len(piece) - 2))
