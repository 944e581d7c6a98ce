"""Numbers and codes that point at one person or one place, each known by its form or by the word that announces it."""

import re
from collections.abc import Iterator

from scrt_workflow.privacy.passage import Passage
from scrt_workflow.privacy.word_lists import group

POSTCODE_AREAS = group("codes", "postcode_areas")
NO_NUMBER_PLATE = group("codes", "no_number_plate")
POSTCODE = re.compile(
    r"(?<![A-Za-z0-9])([A-Z]{1,2})[0-9][0-9A-Z]?\s?[0-9](?!(?:st|nd|rd|th)\b)[ABD-HJLNP-UV-Z]{2}(?![A-Za-z0-9])", re.IGNORECASE
)
NINO = re.compile(
    r"(?<![A-Za-z0-9])(?:QQ|(?!BG|GB|KN|NK|NT|TN|ZZ)[A-CEGHJ-PR-TW-Z][A-CEGHJ-NPR-TW-Z])"
    r"[ -]?[0-9]{2}[ -]?[0-9]{2}[ -]?[0-9]{2}[ -]?[A-D](?![A-Za-z0-9])",
    re.IGNORECASE,
)
PHONE = re.compile(
    r"(?<![A-Za-z0-9])(?:\+44[ -]?(?:\(0\)[ -]?)?[1-9][0-9]{1,4}|\(?0[1235789][0-9]{1,3}\)?|0044[ -]?[1-9][0-9]{1,4}|"
    r"0[1235789][0-9]{8,9}(?![0-9]))(?:[ -]?[0-9]{3,8}){0,3}(?![0-9A-Za-z])"
)
UPRN = re.compile(r"\bUPRN\b[^0-9\n]{0,12}[0-9]{1,12}\b", re.IGNORECASE)
PNC_ID = re.compile(r"(?<![A-Za-z0-9/])(?:19|20)[0-9]{2}/[0-9]{7}[A-Z](?![A-Za-z0-9])", re.IGNORECASE)
PRISON_NO = re.compile(r"(?<![A-Za-z0-9])[A-Z][0-9]{4}(?!RR)[A-Z]{2}(?![A-Za-z0-9])")
UPN = re.compile(r"(?<![A-Za-z0-9])[A-Z][0-9]{11}[0-9A-Z](?![A-Za-z0-9])", re.IGNORECASE)
CAR_REG = re.compile(r"(?<![A-Za-z0-9])[A-Z]{2}[0-9]{2} ?([A-Z]{3})(?![A-Za-z0-9])")
CALLED_A_NUMBER = r"(?:(?:id|no|num(?:ber)?|ref(?:erence)?|record|report|card)\b[^A-Za-z0-9\n]{0,4})"
HOSPITAL_NO = re.compile(
    rf"\b(?:(?:MRN|RiO|LCS|Mosaic|PAS|EMIS|SystmOne|Liquid ?Logic|Care ?First)\b[^A-Za-z0-9\n]{{0,4}}{CALLED_A_NUMBER}{{0,2}}|"
    rf"(?:hosp(?:ital)?|patient|client|service user|case ?notes?|social care|CHI)\b[^A-Za-z0-9\n]{{0,4}}{CALLED_A_NUMBER}{{1,2}})"
    r"(?:is )?[A-Z]{0,3}[0-9]{5,10}\b",
    re.IGNORECASE,
)
PASSPORT_HO = re.compile(
    rf"\b(?:passport|HO|home office|BRP|ARC|UKVI|visa|permit)\b[^A-Za-z0-9\n]{{0,4}}{CALLED_A_NUMBER}{{0,2}}(?:is )?"
    r"(?:[A-Z]{1,2}[0-9]{7}|[0-9]{9})\b",
    re.IGNORECASE,
)
POLICE_REF = re.compile(
    rf"\bCAD\b[^A-Za-z0-9\n]{{0,4}}{CALLED_A_NUMBER}{{0,2}}[0-9]{{1,5}}(?:[ ]?/[ ]?[0-9A-Z]{{2,9}})?\b|"
    rf"\b(?:crime|CRIS|custody|police|incident log|crimint|merlin)\b[^A-Za-z0-9\n]{{0,4}}{CALLED_A_NUMBER}{{1,2}}(?:is )?"
    r"[A-Z]{0,3}[0-9][0-9A-Z/-]{3,14}|"
    r"(?<![A-Za-z0-9/])[0-9]{2}[A-Z]{2}/[0-9]{1,6}/[0-9]{2}(?![A-Za-z0-9/])|"
    r"(?<![A-Za-z0-9/.-])[0-9]{7}/[0-9]{2}(?![A-Za-z0-9/])",
    re.IGNORECASE,
)
ADDRESS = re.compile(
    r"(?<![A-Za-z0-9/.-])(?!(?:19|20)[0-9]{2}\b)[0-9]{1,4}[A-Za-z]?,?[ ]"
    r"(?!(?:Family|Crown|High|County|Magistrates'?|Youth)[ ]Court)"
    r"(?:[A-Z][A-Za-z'.]{1,20}[ ]){1,3}"
    r"(?i:Road|Rd|Street|St|Avenue|Ave|Close|Lane|Court|House|Way|Drive|Gardens?|Place|Terrace|Crescent|Grove|Mews|Square|Hill|"
    r"Row|Walk|Park|View|Rise|Green|Parade|Buildings)\b|"
    r"(?<![A-Za-z0-9/.-])[0-9]{1,4}[a-z]?[ ][a-z']{4,20}[ ](?:road|street|avenue|crescent|terrace)\b"
)
EMAIL = re.compile(r"(?<![\w.+-])[\w.+-]{1,64}@[\w-]{1,63}(?:\.[\w-]{1,63}){1,5}")
YEAR_IN_IT = re.compile(r"20[0-4][0-9]")

DIGITS_IN_A_PHONE = range(10, 12)


def find_postcodes(passage: Passage) -> Iterator[tuple[int, int]]:
    """Find whole postcodes of real areas, and the NHS's own ZZ99 for people who have none."""
    for found in passage.near_digits(POSTCODE):
        if found[1].upper() in POSTCODE_AREAS:
            yield found.span()


def find_phones(passage: Passage) -> Iterator[tuple[int, int]]:
    """Find UK telephone numbers: ten or eleven digits from 0, or as many after +44."""
    for found in passage.near_digits(PHONE):
        digits = re.sub("[^0-9]", "", found[0].replace("(0)", ""))
        abroad = digits.startswith(("44", "0044"))
        national = "0" + digits.removeprefix("00").removeprefix("44") if abroad else digits
        if len(national) in DIGITS_IN_A_PHONE:
            yield found.span()


def find_prison_numbers(passage: Passage) -> Iterator[tuple[int, int]]:
    """Find A1234AA; in a reference, a year in it (S2024AB) makes it a reference."""
    for found in passage.near_digits(PRISON_NO):
        if passage.field == "free_text" or not YEAR_IN_IT.match(found[0], 1):
            yield found.span()


def find_number_plates(passage: Passage) -> Iterator[tuple[int, int]]:
    """Find AB12 CDE, unless its last letters are a kind of review, a month or a word in capitals (LB24 SAR)."""
    for found in passage.near_digits(CAR_REG):
        if found[1] not in NO_NUMBER_PLATE:
            yield found.span()


def find_emails(passage: Passage) -> Iterator[tuple[int, int]]:
    """Find e-mail addresses; most texts hold no @ at all."""
    if "@" in passage.text:
        yield from (found.span() for found in EMAIL.finditer(passage.text))
