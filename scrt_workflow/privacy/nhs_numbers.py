"""NHS numbers, however they are spaced: ten digits, the last of which checks the others (modulus 11)."""

import re
from collections.abc import Iterator
from itertools import pairwise

from scrt_workflow.privacy.passage import Passage, Span

LENGTH = 10
WIDEST_GAP = 3
AS_PRINTED = [3, 3, 4]
OTHER_SPACINGS = {
    (3, 7), (4, 3, 3), (4, 4, 2), (4, 6), (5, 5), (6, 4), (2, 4, 4), (3, 4, 3), (7, 3),
    (2, 2, 2, 2, 2), (3, 3, 2, 2), (3, 3, 1, 3), (3, 2, 3, 2), (2, 3, 3, 2), (1,) * LENGTH,
}  # fmt: skip
SPACERS = re.compile(r"[\s./_:-]{1,3}")
SAID_TO_BE = re.compile(r"\bNHS\b[^0-9\n]{0,20}$", re.IGNORECASE)
ABROAD = re.compile(r"(?:\+|\b00)\s?44\W{0,3}$")


def find_nhs_numbers(passage: Passage) -> Iterator[Span]:
    """Find ten digits that pass the check, or that are said to be an NHS number, whatever stands between them."""
    for row in _rows(passage):
        sizes = [end - start for start, end in row]
        for first in range(len(row)):
            length, last = 0, first
            while length < LENGTH and last < len(row):
                length += sizes[last]
                last += 1
            if length == LENGTH and _is_one(passage, row[first:last]):
                yield row[first][0], row[last - 1][1]


def _rows(passage: Passage) -> list[list[Span]]:
    """Return the numbers of the text in rows, within which nothing but a few signs stands between one and the next."""
    rows: list[list[Span]] = []
    for start, end in passage.numbers:
        gap = passage.text[rows[-1][-1][1] : start] if rows else ""
        if rows and len(gap) <= WIDEST_GAP and not any(map(str.isalnum, gap)):
            rows[-1].append((start, end))
        else:
            rows.append([(start, end)])
    return rows


def _is_one(passage: Passage, groups: list[Span]) -> bool:
    text, start = passage.text, groups[0][0]
    if "nhs" in passage.keys and SAID_TO_BE.search(text[max(start - 30, 0) : start]):
        return True
    if not passes_check("".join(text[left:right] for left, right in groups)) or not _is_spaced_like_one(text, groups):
        return False
    return not ABROAD.search(text[max(start - 10, 0) : start])


def _is_spaced_like_one(text: str, groups: list[Span]) -> bool:
    """Whether the digits stand together, as the NHS prints them, or in regular groups that are no year and number."""
    sizes = [end - start for start, end in groups]
    if len(sizes) == 1 or sizes == AS_PRINTED:
        return True
    gaps = {text[left[1] : right[0]] for left, right in pairwise(groups)}
    if tuple(sizes) not in OTHER_SPACINGS or len(gaps) != 1 or not SPACERS.fullmatch(gap := gaps.pop()):
        return False
    return gap not in {"/", "-"} or not any(_is_year(text[start:end]) for start, end in (groups[0], groups[-1]))


def _is_year(digits: str) -> bool:
    """Whether *digits* are a year of the work, as in 2024/123456; NHS numbers do not begin like that."""
    return len(digits) == len("2024") and digits.startswith(("200", "201", "202", "203"))


def passes_check(digits: str) -> bool:
    """Whether the tenth of ten *digits* is the check digit of the other nine: weights 10 to 2, modulus 11."""
    total = sum(int(digit) * weight for digit, weight in zip(digits, range(LENGTH, 0, -1), strict=True))
    return total % 11 == 0
