"""Find what may not be said: details that may identify a patient or somebody near them.

About 1 ms for 500 words. What is found is likely, not certain: the person who wrote it removes it, or says why it must stay.
"""

from collections.abc import Callable, Iterator
from itertools import islice

from scrt_workflow.privacy import codes
from scrt_workflow.privacy.dates import find_dates
from scrt_workflow.privacy.finding import Field, Finding, Kind, Severity
from scrt_workflow.privacy.folding import folded
from scrt_workflow.privacy.initials import find_initials
from scrt_workflow.privacy.names import find_names, find_relations
from scrt_workflow.privacy.nhs_numbers import find_nhs_numbers
from scrt_workflow.privacy.passage import Passage, Span
from scrt_workflow.privacy.places import find_combinations, find_schools
from scrt_workflow.privacy.references import find_names_in_references

__all__ = ["Field", "Finding", "Kind", "Severity", "find_pid"]

Detector = Callable[[Passage], Iterator[Span]]

# In order: where two overlap, the first to find has it.
DETECTORS: dict[Kind, Detector] = {
    Kind.EMAIL: codes.find_emails,
    Kind.NHS_NUMBER: find_nhs_numbers,
    Kind.UPRN: codes.find_uprns,
    Kind.PASSPORT_HO: codes.find_passports,
    Kind.HOSPITAL_NO: codes.find_hospital_numbers,
    Kind.POLICE_REF: codes.find_police_references,
    Kind.PHONE: codes.find_phones,
    Kind.DOB: find_dates,
    Kind.PNC_ID: codes.by_form(codes.PNC_ID, sizes={4}),
    Kind.NINO: codes.by_form(codes.NINO, sizes={2, 4, 6}, letters=3),
    Kind.UPN: codes.by_form(codes.UPN, sizes={11, 12}, letters=1),
    Kind.PRISON_NO: codes.find_prison_numbers,
    Kind.POSTCODE: codes.find_postcodes,
    Kind.CAR_REG: codes.find_number_plates,
    Kind.ADDRESS: codes.by_form(codes.ADDRESS, sizes=range(1, 5)),
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
MOST_OF_A_KIND = 100  # a text with more is refused all the same, and nobody reads further
FREE_TEXT_ONLY = frozenset({Kind.SCHOOL_GP, Kind.RELATION_NAME, Kind.PERSON_NAME, Kind.RARE_COMBINATION, Kind.ADDRESS})


def find_pid(text: str, *, field: Field) -> list[Finding]:
    """Find what in *text* may identify a person, in order of place; positions are in *text* as given.

    *field* is 'identifier' for a reference, 'free_text' for everything else.
    """
    plain, positions = folded(text)
    passage = Passage(plain, field)
    found: list[Finding] = []
    for kind, detect in DETECTORS.items():
        if (kind in NEEDS_A_DIGIT and not passage.numbers) or (kind in FREE_TEXT_ONLY and field == "identifier"):
            continue
        for start, end in islice(detect(passage), MOST_OF_A_KIND):
            if _is_free(found, start, end):
                found.append(Finding(start, end, kind, kind.severity))
    return sorted(_at(finding, positions) for finding in found)


def _is_free(found: list[Finding], start: int, end: int) -> bool:
    return not any(start < other.end and other.start < end for other in found)


def _at(finding: Finding, positions: list[int] | None) -> Finding:
    """Put *finding* where it stands in the text as given."""
    if positions is None:
        return finding
    start, end = positions[finding.start], positions[finding.end - 1] + 1
    return Finding(start, end, finding.kind, finding.severity)
