"""What text may be stored: one rule for both databases, stricter than either.

Every text that a person types passes through `normalised`, then `text_fault`; `clean` does both. Lengths are counted in
characters (code points) of the normalised text, as both databases count them.
"""

import re
import unicodedata
from enum import StrEnum

LONGEST_LINE = 200
LONGEST_TEXT = 20_000
MARKS_ON_A_LETTER = 30  # Unicode's own limit (UAX 15, Stream-Safe Text); composing longer piles takes quadratic time

# Word's soft line break, a form feed, NEL and Unicode's own separators all mean a new line to whoever pasted them.
LINE_ENDS = re.compile("\r\n|[\r\v\f\x85\u2028\u2029]")

UNSEEN = re.compile("[\x00-\x08\x0e-\x1f\x7f-\x9f\ufdd0-\ufdef\ufff0-\ufff8\ufffe\uffff\U000e0000-\U000e007f]")
REORDERING = re.compile("[\u202a-\u202e\u2066-\u2069]")
HALF = re.compile("[\ud800-\udfff\ufffd]")
LIKE_A_PILE = re.compile(rf"[^\w\s\x00-\x7f]{{{MARKS_ON_A_LETTER + 1},}}")

ADDRESS = re.compile(r"[!-~]{1,64}@[A-Za-z0-9.-]{1,190}")
NOT_IN_ONE = frozenset('@,;:<>()[]"\\')
ENCODED = "=?"  # what an encoded word of a header begins with


class TextFault(StrEnum):
    """Why a text cannot be kept. The value is shown to the person who typed it."""

    HALF_A_CHARACTER = "Remove the broken character. It cannot be stored; it often comes from text that was cut in two."
    MORE_THAN_ONE_LINE = "Write this on one line."
    PILED_MARKS = "Remove the marks that are piled on one letter."
    REORDERING = "Remove the hidden marks that change the direction of the text. They often come with pasted text."
    UNSEEN = "Remove the characters that cannot be shown. They often come with text pasted from another program."


class TextRefusedError(ValueError):
    """A text cannot be kept. The message is for the person who typed it."""


def normalised(text: str) -> str:
    """Return *text* composed (NFC), with one kind of line end, and no space around it or at the ends of its lines."""
    text = LINE_ENDS.sub("\n", text).replace("\ufeff", "")
    if not _has_piled_marks(text):
        text = unicodedata.normalize("NFC", text)
    return "\n".join(line.rstrip(" \t") for line in text.split("\n")).strip()


def text_fault(text: str, *, max_length: int, one_line: bool = False) -> str | None:
    """Return the sentence that says what is wrong with the normalised *text*, or None."""
    faults = {
        f"Use {max_length:,} characters or fewer. You have {len(text):,}.": len(text) > max_length,
        TextFault.HALF_A_CHARACTER: HALF.search(text),
        TextFault.REORDERING: REORDERING.search(text),
        TextFault.UNSEEN: UNSEEN.search(text),
        TextFault.PILED_MARKS: _has_piled_marks(text),
        TextFault.MORE_THAN_ONE_LINE: one_line and "\n" in text,
    }
    return next((str(sentence) for sentence, found in faults.items() if found), None)


def clean(text: str, *, max_length: int, one_line: bool = False) -> str:
    """Return the normalised *text* that may be stored. Raises TextRefusedError with the sentence to show."""
    text = normalised(text)
    if fault := text_fault(text, max_length=max_length, one_line=one_line):
        raise TextRefusedError(fault)
    return text


def search_key(text: str) -> str:
    """Return *text* as searches compare it: compatibility forms, case and runs of space make no difference."""
    if not _has_piled_marks(text):
        text = unicodedata.normalize("NFKC", unicodedata.normalize("NFKC", text).casefold())
    return " ".join(text.split())


def _has_piled_marks(text: str) -> bool:
    """Whether more marks follow each other than any language piles on a letter."""
    return not text.isascii() and any(_is_piled(run[0]) for run in LIKE_A_PILE.finditer(text))


def _is_piled(run: str) -> bool:
    pile = 0
    for character in run:
        pile = pile + 1 if unicodedata.category(character).startswith("M") else 0
        if pile > MARKS_ON_A_LETTER:
            return True
    return False


def is_address(text: str) -> bool:
    """Tell whether *text* is one plain e-mail address, which any mail server takes, and which can be no header and no list."""
    local, _, _ = text.rpartition("@")
    return ADDRESS.fullmatch(text) is not None and not NOT_IN_ONE & set(local) and ENCODED not in text
