"""Names inside references: JonS, JSmith, Smith123, john_smith. The guidance gives the first as what not to write."""

import re
from collections.abc import Iterator

from scrt_workflow.privacy.passage import Passage, key_of
from scrt_workflow.privacy.surroundings import is_place
from scrt_workflow.privacy.word_lists import ACRONYMS, FORENAMES, LIKE_FORENAMES, LIKE_SURNAMES, NOT_NAMES, SURNAMES, group

GLUED = re.compile(
    r"(?<![A-Za-z0-9])(?=[A-Za-z']*[a-z'][A-Z]|[A-Z]{2}[a-z]|[A-Za-z]{3,}[0-9])[A-Za-z']{3,40}[0-9]{0,8}(?![A-Za-z])"
)
JOINED = re.compile(r"(?<![A-Za-z0-9._@])([A-Za-z]{1,20})[._]([A-Za-z]{1,20})(?![A-Za-z0-9_@]|\.[A-Za-z])")
HUMP = re.compile(r"(?:Mc|Mac|O')[A-Z][a-z]+|[A-Z]+(?![a-z])|[A-Z]?[a-z]+")
ENDS_OF_BOARDS = tuple(group("codes", "boards_end_in"))
SHORT_IN_CAPITALS = group("codes", "short_names_in_capitals")

KNOWN = FORENAMES | SURNAMES
LIKE_NAMES = LIKE_FORENAMES | LIKE_SURNAMES
SHORTEST_GLUED = 4  # the shortest surname looked for behind an initial in one case: jsmith
SHORTEST_UNLISTED = 3


def find_names_in_references(passage: Passage) -> Iterator[tuple[int, int]]:
    """Find pieces that are, or hold, somebody's name; in free text only those that are glued together, as in JonS."""
    if passage.field == "free_text":
        yield from (found.span() for found in GLUED.finditer(passage.text) if _is_glued_name(found[0]))
        yield from (found.span() for found in JOINED.finditer(passage.text) if _is_joined_name(found[1], found[2]))
        return
    for at, piece in enumerate(passage.words):
        if _is_name(piece.text, alone=len(passage.words) == 1) and not is_place(passage, at):
            yield piece.start, piece.end


def _is_glued_name(piece: str) -> bool:
    letters = piece.rstrip("0123456789")
    parts = HUMP.findall(letters)
    return _is_name_with_an_initial(parts) if len(parts) > 1 else letters != piece and _is_known(letters)


def _is_joined_name(first: str, second: str) -> bool:
    """Whether two words joined by a dot or a line are two names, or one and an initial: john.smith, Patel_A."""
    known = [_is_known(part) for part in (first, second)]
    initial = len(first) == 1 or len(second) == 1
    return all(known) or (initial and any(known))


def _is_name(piece: str, *, alone: bool) -> bool:
    """Whether *piece* of a reference is a name; *alone* when it holds no other letters."""
    if not NOT_NAMES.isdisjoint({piece.lower(), key_of(piece)}) or (
        piece.isupper() and (piece.lower() in ACRONYMS or piece.endswith(ENDS_OF_BOARDS))
    ):
        return False
    if _is_known(piece):
        return True
    parts = HUMP.findall(piece)
    if len(parts) > 1:
        return _is_name_with_an_initial(parts) or _is_built_like_one(parts)
    if alone and piece[0].isupper() and not piece.isupper() and piece.lower() in LIKE_NAMES:
        return True
    return (piece.isupper() or piece.islower()) and _is_in_one_case(piece.lower())


def _is_known(piece: str) -> bool:
    key = key_of(piece)
    if piece.isupper() and len(piece) < SHORTEST_GLUED:
        return key in SHORT_IN_CAPITALS
    return key in KNOWN


def _is_name_with_an_initial(parts: list[str]) -> bool:
    """Whether the humps of a word are a name and an initial, or two names: Jon-S, J-Smith, Jon-Smith, S-Mc-Donald."""
    keys = [part.lower().replace("'", "") for part in parts]
    names = [key for key, part in zip(keys, parts, strict=True) if len(key) > 1 and not part.isupper() and key not in NOT_NAMES]
    known = [key for key in names if key in KNOWN]
    like = [key for key in names if key in LIKE_NAMES]
    others = len(parts) - len(known) - len(like)
    initials = sum(len(key) <= 2 and part.isupper() for key, part in zip(keys, parts, strict=True))
    return bool((known or like) and others == initials and (initials or len(known) > 1 or (known and like)))


def _is_built_like_one(parts: list[str]) -> bool:
    """Whether an unlisted name stands with one initial: XanthiaB, or BXanthia in the hump 'BX' and 'anthia'."""
    if len(parts) != 2:
        return False
    first, second = parts
    initial_last = len(second) == 1 and second.isupper() and first[0].isupper() and first[1:].islower()
    return initial_last and len(first) >= SHORTEST_UNLISTED and first.lower() not in NOT_NAMES | LIKE_SURNAMES


def _is_in_one_case(piece: str) -> bool:
    """Whether small letters hold a name and an initial, or a forename and a surname: jons, jsmith, smithj, johnsmith."""
    if piece[:-1] in KNOWN or (len(piece) > SHORTEST_GLUED and piece[1:] in SURNAMES):
        return True
    return any(piece[:at] in FORENAMES and piece[at:] in SURNAMES for at in range(3, len(piece) - 2))
