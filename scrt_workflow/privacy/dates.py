"""Dates of birth and death. Other dates are part of the work, so the words around a date decide."""

import re
from collections.abc import Iterator

from scrt_workflow.privacy.passage import Passage, Span

# The collection takes reviews from 1 April 2021: a whole date of an earlier year, in a text, is seldom one of the work.
FIRST_YEAR_OF_THE_WORK = 2021

LONGEST_MONTH_IN_DAYS = 31
LAST_YEAR_OF_TWO_DIGITS = 30  # 30 is 2030, 31 is 1931

MONTHS = ("jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec")
MONTH = rf"(?P<month>(?:{'|'.join(MONTHS)})[a-z]{{0,6}})"
DAY = r"(?P<day>[0-3]?[0-9])"
MONTH_NUMBER = r"(?P<month>[0-3]?[0-9])"
WHOLE_YEAR = r"(?P<year>(?:19|20)[0-9]{2})"
YEAR = r"(?P<year>(?:19|20)[0-9]{2}|'?[0-9]{2})"
START, END = r"(?<![A-Za-z0-9/.-])", r"(?![0-9]|[/.-][0-9])"
ORDINAL = "(?:st|nd|rd|th)?"

DATES: list[tuple[re.Pattern[str], set[int]]] = [  # and how many digits their first number has
    (re.compile(rf"{START}{DAY}(?P<gap>[/.-]| ?[/.-] | ){MONTH_NUMBER}(?P=gap){YEAR}{END}"), {1, 2}),
    (re.compile(rf"{START}{WHOLE_YEAR}(?P<gap>[/.-]){MONTH_NUMBER}(?P=gap){DAY}{END}"), {4}),
    (re.compile(rf"{START}{DAY}{ORDINAL}(?: of)?[ ,.-]{{0,2}}{MONTH}[ ,.-]{{0,2}}{YEAR}{END}", re.IGNORECASE), {1, 2}),
]
MONTH_FIRST = re.compile(rf"(?<![A-Za-z]){MONTH}[ .-]{{1,2}}{DAY}{ORDINAL},? {YEAR}{END}", re.IGNORECASE)
DAY_AND_YEAR = re.compile(rf"[0-3]?[0-9]{ORDINAL},? (?:19|20|'?[0-9][0-9]\b)", re.IGNORECASE)
LONGEST_MONTH = 11  # September and two signs
RUN_TOGETHER: list[tuple[re.Pattern[str], set[int]]] = [
    (re.compile(r"(?<![A-Za-z0-9])(?P<day>[0-3][0-9])(?P<month>[01][0-9])(?P<year>(?:19|20)[0-9]{2})(?![A-Za-z0-9])"), {8}),
    (re.compile(r"(?<![A-Za-z0-9])(?P<year>(?:19|20)[0-9]{2})(?P<month>[01][0-9])(?P<day>[0-3][0-9])(?![A-Za-z0-9])"), {8}),
    (re.compile(r"(?<![0-9])(?P<day>[0-3][0-9])(?P<month>[01][0-9])(?P<year>[0-9]{2})(?![A-Za-z0-9])"), {6}),
]

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


def find_dates(passage: Passage) -> Iterator[Span]:
    """Find dates that are said to be of a birth or death, stand beside a person, or are older than the work itself."""
    dates = [found for pattern, sizes in DATES for found in passage.at_numbers(pattern, sizes=sizes)]
    for day in passage.at_numbers(DAY_AND_YEAR, sizes={1, 2}):
        dates += MONTH_FIRST.finditer(passage.text, max(day.start() - LONGEST_MONTH, 0), day.end() + len("1983"))
    for found in dates:
        if _is_a_date(found) and _is_personal(passage, found):
            yield found.span()
    for found in (found for pattern, sizes in RUN_TOGETHER for found in passage.at_numbers(pattern, sizes=sizes)):
        before = passage.text[max(found.start() - 40, 0) : found.start()]
        old = passage.field == "identifier" and int(found["year"]) in range(1900, FIRST_YEAR_OF_THE_WORK)
        if _is_a_date(found) and (old or _is_said_to_be(before, "")):
            yield found.span()


def _is_a_date(found: re.Match[str]) -> bool:
    """Whether the day and month can be; either may come first when both are numbers."""
    day, month = int(found["day"]), found["month"]
    other = int(month) if month.isdigit() else 1 + MONTHS.index(month[:3].lower())
    return 1 <= min(day, other) <= len(MONTHS) and max(day, other) <= LONGEST_MONTH_IN_DAYS


def _is_personal(passage: Passage, found: re.Match[str]) -> bool:
    before = passage.text[max(found.start() - 60, 0) : found.start()]
    if _is_said_to_be(before, passage.text[found.end() : found.end() + 20]):
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
