"""One plain alphabet to look for patterns in, whatever alphabet, digits or invisible characters were typed."""

import re
import unicodedata
from functools import lru_cache

NOT_ASCII = re.compile(r"[^\x00-\x7f]")
STAND_INS = {"ł": "l", "Ł": "L", "ø": "o", "Ø": "O", "đ": "d", "Đ": "D", "ı": "i", "−": "-", "⁄": "/", "∕": "/"} | {
    **dict.fromkeys("’‘‛ʼʹ′", "'"),
    **dict.fromkeys("“”„«»", '"'),
    **dict.fromkeys("·•․‧", "."),
    **dict.fromkeys("\u2028\u2029\x85", "\n"),
}


def folded(text: str) -> tuple[str, list[int] | None]:
    """Return *text* in plain letters, digits and signs, and where each of its characters stood; None where nothing moved.

    Any script's digits become 0 to 9, accents and zero-width characters go, every dash is '-' and every space ' '.
    """
    if text.isascii():
        return text, None
    plain = NOT_ASCII.sub(lambda found: _plain(found[0]), text)
    if len(plain) == len(text):
        return plain, None
    positions = [at for at, character in enumerate(text) if character.isascii() or _plain(character)]
    return plain, [*positions, len(text)]


@lru_cache(maxsize=4096)
def _plain(character: str) -> str:
    """Return the one plain character that *character* stands for, itself where there is none, or '' where it is unseen."""
    if character in STAND_INS:
        return STAND_INS[character]
    if (digit := unicodedata.digit(character, None)) is not None:
        return str(digit)
    category = unicodedata.category(character)
    if category in {"Cf", "Me", "Mn"}:
        return ""
    if category in {"Pd", "Zs"}:
        return "-" if category == "Pd" else " "
    letters = unicodedata.normalize("NFKD", character).encode("ascii", "ignore").decode()
    return letters if len(letters) == 1 else character
