"""NHS numbers, however they are spaced: ten digits, the last of which checks the others (modulus 11)."""

import re
from collections.abc import Iterator
from itertools import pairwise

from scrt_workflow.privacy.passage import DIGITS, Passage, Span

LENGTH = 10
WIDEST_GAP = 5  # signs, of which a tag, an entity and a few spaces are one each
AS_PRINTED, AS_AN_AMOUNT = (3, 3, 4), (1, 3, 3, 3)
OTHER_SPACINGS = {
    AS_AN_AMOUNT, (3, 7), (4, 3, 3), (4, 4, 2), (4, 6), (5, 5), (6, 4), (2, 4, 4), (3, 4, 3), (7, 3),
    (2, 2, 2, 2, 2), (3, 3, 2, 2), (3, 3, 1, 3), (3, 2, 3, 2), (2, 3, 3, 2), (1,) * LENGTH,
}  # fmt: skip
SPACERS = re.compile(r"[\s./_:-]{1,5}")
MARKUP = re.compile(r"&(?:amp;)?(?:[A-Za-z]{2,12}|#[0-9]{1,6}|#[xX][0-9A-Fa-f]{1,5});|</?[A-Za-z][^<>]{0,80}>")
ONE_SIGN = re.compile(r"\0+|\s{1,4}")
MONEY = re.compile(r"(?:[£$€]|\bGBP|\bEUR|\bUSD)\s?$")
SAID_TO_BE = re.compile(r"\bNHS\b[^0-9\n]{0,20}$", re.IGNORECASE)
ABROAD = re.compile(r"(?:\+|\b00)\s?44\W{0,3}$")


def find_nhs_numbers(passage: Passage) -> Iterator[Span]:
    """Find ten digits that pass the check, or that are said to be an NHS number, whatever stands between them."""
    text, numbers = passage.text, passage.numbers
    if "<" in text or "&" in text:
        text = MARKUP.sub(lambda found: "\0" * len(found[0]), text)
        numbers = [found.span() for found in DIGITS.finditer(text)]
    for row in _rows(text, numbers):
        sizes = [end - start for start, end in row]
        for first in range(len(row)):
            length, last = 0, first
            while length < LENGTH and last < len(row):
                length += sizes[last]
                last += 1
            if length == LENGTH and _is_one(text, row[first:last], is_named="nhs" in passage.keys):
                yield row[first][0], row[last - 1][1]


def _rows(text: str, numbers: list[Span]) -> list[list[Span]]:
    """Return the numbers of the text in rows, within which nothing but a few signs stands between one and the next."""
    rows: list[list[Span]] = []
    for start, end in numbers:
        gap = text[rows[-1][-1][1] : start] if rows else ""
        if rows and not any(map(str.isalnum, gap)) and len(_signs(gap)) <= WIDEST_GAP:
            rows[-1].append((start, end))
        else:
            rows.append([(start, end)])
    return rows


def _signs(gap: str) -> str:
    """Give what stands between two numbers with one space for each tag, entity or few spaces."""
    return ONE_SIGN.sub(" ", gap) if len(gap) > 1 else gap


def _is_one(text: str, groups: list[Span], *, is_named: bool) -> bool:
    start = groups[0][0]
    if is_named and SAID_TO_BE.search(text[max(start - 30, 0) : start]):
        return True
    if not passes_check("".join(text[left:right] for left, right in groups)) or not _is_spaced_like_one(text, groups):
        return False
    return not ABROAD.search(text[max(start - 10, 0) : start])


def _is_spaced_like_one(text: str, groups: list[Span]) -> bool:
    """Whether the digits stand together, as the NHS prints them, or in regular groups that are no year and number."""
    sizes = tuple(end - start for start, end in groups)
    if len(sizes) == 1 or sizes == AS_PRINTED:
        return True
    gaps = {_signs(text[left[1] : right[0]]) for left, right in pairwise(groups)}
    if sizes not in OTHER_SPACINGS or len(gaps) != 1:
        return False
    gap = gaps.pop()
    if sizes == AS_AN_AMOUNT and gap in {",", ".", " "}:
        return not MONEY.search(text[max(groups[0][0] - 5, 0) : groups[0][0]])
    if not SPACERS.fullmatch(gap):
        return False
    return gap not in {"/", "-"} or not any(_is_year(text[start:end]) for start, end in (groups[0], groups[-1]))


def _is_year(digits: str) -> bool:
    """Whether *digits* are a year of the work, as in 2024/123456; NHS numbers do not begin like that."""
    return len(digits) == len("2024") and digits.startswith(("200", "201", "202", "203"))


def passes_check(digits: str) -> bool:
    """Whether the tenth of ten *digits* is the check digit of the other nine: weights 10 to 2, modulus 11."""
    total = sum(int(digit) * weight for digit, weight in zip(digits, range(LENGTH, 0, -1), strict=True))
    return total % 11 == 0
