"""NHS numbers, however they are spaced: ten digits, the last of which checks the others (modulus 11)."""

import re
from collections.abc import Iterator
from itertools import pairwise

from scrt_workflow.privacy.passage import DIGITS, Passage

LENGTH = 10
ROW_OF_DIGITS = re.compile(r"[0-9](?:[^A-Za-z0-9]{0,3}[0-9]){9,}")
AS_PRINTED = [3, 3, 4]
OTHER_SPACINGS = {
    (3, 7), (4, 3, 3), (4, 4, 2), (4, 6), (5, 5), (6, 4), (2, 4, 4), (3, 4, 3), (7, 3),
    (2, 2, 2, 2, 2), (3, 3, 2, 2), (3, 3, 1, 3), (3, 2, 3, 2), (2, 3, 3, 2), (1,) * LENGTH,
}  # fmt: skip
SPACERS = re.compile(r"[\s./_:-]{1,3}")
SAYS_SO = re.compile(r"\bNHS\b[^0-9\n]{0,20}$", re.IGNORECASE)
ABROAD = re.compile(r"(?:\+|\b00)\s?44\W{0,3}$")


def find_nhs_numbers(passage: Passage) -> Iterator[tuple[int, int]]:
    """Find ten digits that pass the check, or that are said to be an NHS number, whatever stands between them."""
    for start, end in passage.digit_zones:
        for row in ROW_OF_DIGITS.finditer(passage.text, start, end):
            groups = [found.span() for found in DIGITS.finditer(passage.text, *row.span())]
            yield from _in_row(passage.text, groups)


def _in_row(text: str, groups: list[tuple[int, int]]) -> Iterator[tuple[int, int]]:
    """Try each run of whole groups of digits that has ten digits in all."""
    for first, (start, _) in enumerate(groups):
        length = 0
        for last in range(first, min(first + LENGTH, len(groups))):
            length += groups[last][1] - groups[last][0]
            if length >= LENGTH:
                break
        if length == LENGTH and _is_one(text, groups[first : last + 1]):
            yield start, groups[last][1]


def _is_one(text: str, groups: list[tuple[int, int]]) -> bool:
    before = text[max(groups[0][0] - 30, 0) : groups[0][0]]
    if SAYS_SO.search(before):
        return True
    digits = "".join(text[start:end] for start, end in groups)
    return passes_check(digits) and _is_spaced_like_one(text, groups) and not ABROAD.search(before)


def _is_spaced_like_one(text: str, groups: list[tuple[int, int]]) -> bool:
    """Whether the digits stand together, as the NHS prints them, or in regular groups that are no year and number."""
    sizes = [end - start for start, end in groups]
    if len(sizes) == 1 or sizes == AS_PRINTED:
        return True
    gaps = {text[left[1] : right[0]] for left, right in pairwise(groups)}
    if tuple(sizes) not in OTHER_SPACINGS or len(gaps) != 1 or not SPACERS.fullmatch(gap := gaps.pop()):
        return False
    return gap not in {"/", "-"} or not any(_is_year(text[start:end]) for start, end in (groups[0], groups[-1]))


def _is_year(digits: str) -> bool:
    return len(digits) == len("2024") and digits.startswith(("19", "20"))


def passes_check(digits: str) -> bool:
    """Whether the tenth of ten *digits* is the check digit of the other nine: weights 10 to 2, modulus 11."""
    total = sum(int(digit) * weight for digit, weight in zip(digits, range(LENGTH, 0, -1), strict=True))
    return total % 11 == 0
