"""Dates of birth and death. Other dates are part of the work, so the words around a date decide."""

import re
from collections.abc import Iterator

from scrt_workflow.privacy.passage import Passage

# The collection takes reviews from 1 April 2021: a whole date of an earlier year, in a text, is seldom one of the work.
FIRST_YEAR_OF_THE_WORK = 2021

LAST_YEAR_OF_TWO_DIGITS = 30  # 30 is 2030, 31 is 1931

MONTHS = ("jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec")
MONTH = r"(?P<month>(?:jan|feb|mar|apr|may|jun|jul|aug|sep|oct|nov|dec)[a-z]{0,6})"
DAY = r"(?P<day>[0-3]?[0-9])(?:st|nd|rd|th)?"
YEAR = r"(?P<year>(?:19|20)[0-9]{2}|'?[0-9]{2})"
END = r"(?![0-9]|[/.-][0-9])"

DATES = [
    re.compile(rf"(?<![A-Za-z0-9/.-])(?P<day>[0-3]?[0-9])(?P<gap>[/.-]| ?[/.-] | )(?P<month>[0-3]?[0-9])(?P=gap){YEAR}{END}"),
    re.compile(rf"(?<![A-Za-z0-9/.-])(?P<year>(?:19|20)[0-9]{{2}})(?P<gap>[/.-])(?P<month>[01]?[0-9])(?P=gap)(?P<day>[0-3]?[0-9]){END}"),
    re.compile(rf"\b{DAY}(?: of)?[ ,.-]{{0,2}}{MONTH}[ ,.-]{{0,2}}{YEAR}{END}", re.IGNORECASE),
    re.compile(rf"\b{MONTH}[ .-]{{1,2}}{DAY},? {YEAR}{END}", re.IGNORECASE),
]  # fmt: skip
TOGETHER = re.compile(
    r"(?<![A-Za-z0-9])(?:(?P<day>[0-3][0-9])(?P<month>[01][0-9])(?P<year>(?:19|20)[0-9]{2})|(?P<year2>(?:19|20)[0-9]{2})(?P<month2>[01][0-9])(?P<day2>[0-3][0-9]))(?![A-Za-z0-9])"
)
AFTER_CUE = re.compile(
    r"\bd\.?o\.?b\.?[^A-Za-z0-9]{0,4}(?P<day>[0-3][0-9])(?P<month>[01][0-9])(?P<year>(?:19|20)?[0-9]{2})(?![0-9])", re.IGNORECASE
)

BORN_OR_DIED = re.compile(
    r"\b(?:d\.?\s?o\.?\s?[bd]\b\.?|births?|birth ?dates?|born|birthdays?|died|deaths?|dead|deceased|passed away|killed)\b"
    r"(?:(?![.!?]\s+[A-Z])[^\n]){0,30}$",
    re.IGNORECASE,
)
SAID_AFTER = re.compile(r"\W{0,3}(?:\(|- ?)?\s?(?:d\.?\s?o\.?\s?[bd]\b|date of (?:birth|death)|birthday)", re.IGNORECASE)
SOMEBODY = re.compile(
    r"\b(?:child|adult|baby|infant|boy|girl|man|woman|son|daughter|mother|father|mum|dad|sibling|brother|sister|twin|victim|"
    r"perpetrator|partner|patient|subject)\b[\w ]{0,12}\($",
    re.IGNORECASE,
)
OF_THE_WORK = re.compile(
    r"\b(?:incident|report|met|meets|meeting|panel|publish|sign|review|referr|notif|commission|decid|decision|update|dated|"
    r"conference|strategy|submitted|sent|received|letter|e-?mail|agreed|board|due|deadline|closed|opened|inquest|hearing|trial|"
    r"court|sentenc|convict|guidance|act|version)[a-z]{0,6}\b[^.!?\n]{0,40}$",
    re.IGNORECASE,
)
FROM_OR_UNTIL = re.compile(r"\b(?:from|until|by|since|between|to)\s+$", re.IGNORECASE)


def find_dates(passage: Passage) -> Iterator[tuple[int, int]]:
    """Find dates that are said to be of a birth or death, stand beside a person, or are older than the work itself."""
    for pattern in [*DATES, AFTER_CUE]:
        for found in passage.near_digits(pattern):
            if _is_a_date(found["day"], found["month"]) and _is_personal(passage, found):
                yield found.span()
    if passage.field == "identifier":
        for found in passage.near_digits(TOGETHER):
            day, month, year = (found[name] or found[f"{name}2"] for name in ("day", "month", "year"))
            if _is_a_date(day, month) and int(year) < FIRST_YEAR_OF_THE_WORK:
                yield found.span()


def _is_a_date(day: str, month: str) -> bool:
    """Whether the day and month can be; either may come first when both are numbers."""
    first = int(day)
    second = int(month) if month.isdigit() else 1 + MONTHS.index(month[:3].lower())
    return 1 <= min(first, second) <= 12 and 1 <= max(first, second) <= 31


def _is_personal(passage: Passage, found: re.Match[str]) -> bool:
    before = passage.text[max(found.start() - 60, 0) : found.start()]
    if found.re is AFTER_CUE or _is_said_to_be(before, passage.text[found.end() : found.end() + 20]):
        return True
    year = _whole_year(found["year"].lstrip("'"))
    if passage.field == "identifier":
        begins_with_day = found.start() == found.start("day")
        return len(found["year"]) == len("2024") and (begins_with_day or year < FIRST_YEAR_OF_THE_WORK)
    return year < FIRST_YEAR_OF_THE_WORK and not _is_of_the_work(found, before)


def _is_said_to_be(before: str, after: str) -> bool:
    """Whether the words around a date say whose it is: born, died, DOB, or somebody just before a bracket."""
    cue = BORN_OR_DIED.search(before[-40:])
    if cue and not OF_THE_WORK.search(cue[0]):
        return True
    return bool(SAID_AFTER.match(after) or SOMEBODY.search(before[-30:]))


def _is_of_the_work(found: re.Match[str], before: str) -> bool:
    """Whether it is the date of a report, a meeting or the like, or three small numbers with nothing but spaces between."""
    spaced = "gap" in found.re.groupindex and found["gap"] == " " and len(found["year"]) < len("2024")
    return bool(spaced or OF_THE_WORK.search(before) or FROM_OR_UNTIL.search(before))


def _whole_year(year: str) -> int:
    """Return the year meant by two digits or four: 83 is 1983, 19 is 2019."""
    return int(year) if len(year) == len("2024") else int(year) + (1900 if int(year) > LAST_YEAR_OF_TWO_DIGITS else 2000)
