"""Numbers and codes that point at one person or one place, each known by its form or by the words that announce it."""

import re
from collections.abc import Callable, Container, Iterator

from scrt_workflow.privacy.passage import Passage, Span
from scrt_workflow.privacy.word_lists import group

Detector = Callable[[Passage], Iterator[Span]]

# By form. Each begins with at most so many letters before its first digit.
CAR_REG = re.compile(r"(?<![A-Za-z0-9])[A-Z]{2}[0-9]{2} ?([A-Z]{3})(?![A-Za-z0-9])")
CRIME_NUMBER = re.compile(
    r"(?<![A-Za-z0-9/.-])(?:[0-9]{7}/[0-9]{2}|[0-9]{2}[A-Z]{2}/[0-9]{1,6}/[0-9]{2})(?![A-Za-z0-9/])", re.IGNORECASE
)
NINO = re.compile(
    r"(?<![A-Za-z0-9])(?:QQ|(?!BG|GB|KN|NK|NT|TN|ZZ)[A-CEGHJ-PR-TW-Z][A-CEGHJ-NPR-TW-Z])"
    r"[ -]?[0-9]{2}[ -]?[0-9]{2}[ -]?[0-9]{2}[ -]?[A-D](?![A-Za-z0-9])",
    re.IGNORECASE,
)
PHONE = re.compile(
    r"(?<![A-Za-z0-9])(?:44[ -]?(?:\(0\)[ -]?)?[1-9][0-9]{1,9}|0044[ -]?[1-9][0-9]{1,9}|0[1235789][0-9]{1,9}\)?)"
    r"(?:[ -]?[0-9]{3,8}){0,3}(?![0-9A-Za-z])"
)
PNC_ID = re.compile(r"(?<![A-Za-z0-9/])(?:19|20)[0-9]{2}/[0-9]{7}[A-Z](?![A-Za-z0-9])", re.IGNORECASE)
POSTCODE = re.compile(
    r"(?<![A-Za-z0-9])([A-Z]{1,2})[0-9][0-9A-Z]?\s?[0-9](?!(?:st|nd|rd|th)\b)[ABD-HJLNP-UV-Z]{2}(?![A-Za-z0-9])", re.IGNORECASE
)
PRISON_NO = re.compile(r"(?<![A-Za-z0-9])[A-Z]([0-9]{4})(?!RR)[A-Z]{2}(?![A-Za-z0-9])")
UPN = re.compile(r"(?<![A-Za-z0-9])[A-Z][0-9]{11}[0-9A-Z](?![A-Za-z0-9])", re.IGNORECASE)
ADDRESS = re.compile(
    r"(?<![A-Za-z0-9/.-])(?!(?:19|20)[0-9]{2}\b)[0-9]{1,4}[A-Za-z]?,? "
    r"(?!(?:Family|Crown|High|County|Magistrates'?|Youth) Court)"
    r"(?:(?:[A-Z][A-Za-z'.]{1,20} ){1,3}(?i:Road|Rd|Street|St|Avenue|Ave|Close|Lane|Court|House|Way|Drive|Gardens?|Place|Terrace|"
    r"Crescent|Grove|Mews|Square|Hill|Row|Walk|Park|View|Rise|Green|Parade|Buildings)|"
    r"[a-z']{4,20} (?:road|street|avenue|crescent|terrace))\b"
)
EMAIL = re.compile(r"(?<![\w.+-])[\w.+-]{1,64}@[\w-]{1,63}(?:\.[\w-]{1,63}){1,5}")

# By announcement: the words, then the number.
NUMBER_OF = r"(?:(?:id|no|num(?:ber)?|ref(?:erence)?|record|report|card)\b[^A-Za-z0-9\n]{0,4})"
HOSPITAL = re.compile(
    rf"\b(?:(?:MRN|RiO|LCS|Mosaic|PAS|EMIS|SystmOne|Liquid ?Logic|Care ?First)\b[^A-Za-z0-9\n]{{0,4}}{NUMBER_OF}{{0,2}}|"
    rf"(?:hosp(?:ital)?|patient|client|service user|case ?notes?|social care|CHI)\b[^A-Za-z0-9\n]{{0,4}}{NUMBER_OF}{{1,2}})"
    r"(?:is )?$",
    re.IGNORECASE,
)
PASSPORT = re.compile(
    rf"\b(?:passport|HO|home office|BRP|ARC|UKVI|visa|permit)\b[^A-Za-z0-9\n]{{0,4}}{NUMBER_OF}{{0,2}}(?:is )?$", re.IGNORECASE
)
POLICE = re.compile(
    rf"\b(?:crime|CRIS|custody|police|incident log|crimint|merlin)\b[^A-Za-z0-9\n]{{0,4}}{NUMBER_OF}{{1,2}}(?:is )?$",
    re.IGNORECASE,
)
CAD = re.compile(rf"\bCAD\b[^A-Za-z0-9\n]{{0,4}}{NUMBER_OF}{{0,2}}$", re.IGNORECASE)
UPRN = re.compile(r"\bUPRN\b[^0-9\n]{0,12}$", re.IGNORECASE)

POSTCODE_AREAS = group("codes", "postcode_areas")
NO_NUMBER_PLATE = group("codes", "no_number_plate")
YEAR = re.compile(r"20[0-4][0-9]")
ANNOUNCEMENT = 45  # characters before a number in which it may be announced
ANY_SIZE = range(1, 20)
DIGITS_OF_A_PHONE = range(10, 12)


def by_form(pattern: re.Pattern[str], *, sizes: Container[int], letters: int = 0) -> Detector:
    """Make a detector of *pattern*, whose first number has so many digits and at most *letters* characters before it."""
    return lambda passage: (found.span() for found in passage.at_numbers(pattern, sizes=sizes, letters=letters))


def by_announcement(words: str, announcement: re.Pattern[str], number: str) -> Detector:
    """Make a detector of *number*, a pattern, where *announcement*, which needs one of *words*, ends just before."""
    keys = frozenset(words.split())
    pattern = re.compile(rf"(?<![A-Za-z0-9]){number}(?![A-Za-z0-9])", re.IGNORECASE)

    def find(passage: Passage) -> Iterator[Span]:
        if passage.keys.isdisjoint(keys):
            return
        for found in (found for letters in (0, 3) for found in passage.at_numbers(pattern, sizes=ANY_SIZE, letters=letters)):
            start = max(found.start() - ANNOUNCEMENT, 0)
            if announced := announcement.search(passage.text[start : found.start()]):
                yield start + announced.start(), found.end()

    return find


find_hospital_numbers = by_announcement(
    "mrn rio lcs mosaic pas emis systmone liquid liquidlogic first carefirst hosp hospital patient client user "
    "casenote casenotes note notes chi",
    HOSPITAL,
    "[A-Z]{0,3}[0-9]{5,10}",
)
find_passports = by_announcement("passport ho home brp arc ukvi visa permit", PASSPORT, "(?:[A-Z]{1,2}[0-9]{7}|[0-9]{9})")
find_uprns = by_announcement("uprn", UPRN, "[0-9]{1,12}")
find_crimes = by_announcement("crime cris custody police incident crimint merlin", POLICE, "[A-Z]{0,3}[0-9][0-9A-Z/-]{3,14}")
find_cads = by_announcement("cad", CAD, "[0-9]{1,5}(?: ?/ ?[0-9A-Z]{2,9})?")
find_crime_numbers = by_form(CRIME_NUMBER, sizes={2, 7})


def find_police_references(passage: Passage) -> Iterator[Span]:
    """Find crime numbers by their form, and CAD and other references by what announces them."""
    for find in (find_cads, find_crimes, find_crime_numbers):
        yield from find(passage)


def find_postcodes(passage: Passage) -> Iterator[Span]:
    """Find whole postcodes of real areas, and the NHS's own ZZ99 for people who have none."""
    return (found.span() for found in passage.at_numbers(POSTCODE, sizes={1, 2}, letters=2) if found[1].upper() in POSTCODE_AREAS)


def find_phones(passage: Passage) -> Iterator[Span]:
    """Find UK telephone numbers: ten or eleven digits from 0, or as many after +44."""
    for found in passage.at_numbers(PHONE, sizes=range(2, 12)):
        digits = re.sub("[^0-9]", "", found[0].replace("(0)", ""))
        national = re.sub("^(?:00)?44", "0", digits)
        sign = passage.text[found.start() - 1 : found.start()]
        if len(national) in DIGITS_OF_A_PHONE and (sign == "+" or not digits.startswith("44")):
            yield found.start() - (sign in {"(", "+"}), found.end()


def find_prison_numbers(passage: Passage) -> Iterator[Span]:
    """Find A1234AA; a year in it (S2024AB) makes a reference of it, where references are written."""
    for found in passage.at_numbers(PRISON_NO, sizes={4}, letters=1):
        if passage.field == "free_text" or not YEAR.fullmatch(found[1]):
            yield found.span()


def find_number_plates(passage: Passage) -> Iterator[Span]:
    """Find AB12 CDE, unless its last letters are a kind of review, a month or a word in capitals (LB24 SAR)."""
    return (found.span() for found in passage.at_numbers(CAR_REG, sizes={2}, letters=2) if found[1] not in NO_NUMBER_PLATE)


def find_emails(passage: Passage) -> Iterator[Span]:
    """Find e-mail addresses; most texts hold no @ at all."""
    return (found.span() for found in (EMAIL.finditer(passage.text) if "@" in passage.text else ()))
