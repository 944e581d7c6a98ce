"""Find what may not be said: details that may identify a patient or somebody near them.

About 1 ms for 500 words. What is found is likely, not certain: the person who wrote it removes it, or says why it must stay.
"""

import re
from collections.abc import Callable, Iterable, Iterator

from scrt_workflow.privacy import codes
from scrt_workflow.privacy.dates import find_dates
from scrt_workflow.privacy.finding import Field, Finding, Kind, Severity
from scrt_workflow.privacy.folding import folded
from scrt_workflow.privacy.initials import find_initials
from scrt_workflow.privacy.names import find_names, find_relations
from scrt_workflow.privacy.nhs_numbers import find_nhs_numbers
from scrt_workflow.privacy.passage import Passage
from scrt_workflow.privacy.places import find_combinations, find_schools
from scrt_workflow.privacy.references import find_names_in_references

__all__ = ["Field", "Finding", "Kind", "Severity", "find_pid"]

Spans = Iterable[tuple[int, int]]
Detector = Callable[[Passage], Spans]


def near_digits(pattern: re.Pattern[str]) -> Detector:
    """Make a detector of a pattern that needs a digit."""

    def find(passage: Passage) -> Iterator[tuple[int, int]]:
        return (found.span() for found in passage.near_digits(pattern))

    return find


# In order: where two overlap, the first to find has it.
DETECTORS: dict[Kind, Detector] = {
    Kind.EMAIL: codes.find_emails,
    Kind.NHS_NUMBER: find_nhs_numbers,
    Kind.UPRN: near_digits(codes.UPRN),
    Kind.PASSPORT_HO: near_digits(codes.PASSPORT_HO),
    Kind.HOSPITAL_NO: near_digits(codes.HOSPITAL_NO),
    Kind.POLICE_REF: near_digits(codes.POLICE_REF),
    Kind.PHONE: codes.find_phones,
    Kind.DOB: find_dates,
    Kind.PNC_ID: near_digits(codes.PNC_ID),
    Kind.NINO: near_digits(codes.NINO),
    Kind.UPN: near_digits(codes.UPN),
    Kind.PRISON_NO: codes.find_prison_numbers,
    Kind.POSTCODE: codes.find_postcodes,
    Kind.CAR_REG: codes.find_number_plates,
    Kind.ADDRESS: near_digits(codes.ADDRESS),
    Kind.SCHOOL_GP: find_schools,
    Kind.RELATION_NAME: find_relations,
    Kind.NAME_IN_IDENTIFIER: find_names_in_references,
    Kind.PERSON_NAME: find_names,
    Kind.INITIALS: find_initials,
    Kind.RARE_COMBINATION: find_combinations,
}
NEEDS_A_DIGIT = frozenset(DETECTORS) - {
    Kind.EMAIL,
    Kind.SCHOOL_GP,
    Kind.RELATION_NAME,
    Kind.NAME_IN_IDENTIFIER,
    Kind.PERSON_NAME,
    Kind.INITIALS,
}
FREE_TEXT_ONLY = frozenset({Kind.SCHOOL_GP, Kind.RELATION_NAME, Kind.PERSON_NAME, Kind.RARE_COMBINATION, Kind.ADDRESS})


def find_pid(text: str, *, field: Field) -> list[Finding]:
    """Find what in *text* may identify a person, in order of place; positions are in *text* as given.

    *field* is 'identifier' for a reference, 'free_text' for everything else.
    """
    plain, positions = folded(text)
    passage = Passage(plain, field)
    found: list[Finding] = []
    for kind, detect in DETECTORS.items():
        if (kind in NEEDS_A_DIGIT and not passage.digit_zones) or (kind in FREE_TEXT_ONLY and field == "identifier"):
            continue
        found += [Finding(start, end, kind, kind.severity) for start, end in detect(passage) if _is_free(found, start, end)]
    return sorted(_at(finding, positions) for finding in found)


def _is_free(found: list[Finding], start: int, end: int) -> bool:
    return not any(start < other.end and other.start < end for other in found)


def _at(finding: Finding, positions: list[int] | None) -> Finding:
    """Put *finding* where it stands in the text as given."""
    if positions is None:
        return finding
    start, end = positions[finding.start], positions[finding.end - 1] + 1
    return Finding(start, end, finding.kind, finding.severity)
