"""What may not be said, kind by kind, and what a person is told when it seems to have been."""

from dataclasses import dataclass
from enum import StrEnum
from typing import Literal

Field = Literal["free_text", "identifier"]

TOGETHER = "These details together could identify someone. Leave some out, or say why they must stay."
IN_A_REFERENCE = "This reference seems to hold a person's name. Use one that names nobody, or say why it must stay."


class Severity(StrEnum):
    """How directly a finding points at a person."""

    HIGH = "high"
    MEDIUM = "medium"


class Kind(StrEnum):
    """The kinds of personal detail that are looked for. The value is how a kind is called in a sentence."""

    ADDRESS = "a street address"
    CAR_REG = "a vehicle registration"
    DOB = "a date of birth or death"
    EMAIL = "an e-mail address"
    HOSPITAL_NO = "a hospital or social care record number"
    INITIALS = "someone's initials"
    NAME_IN_IDENTIFIER = "a person's name in a reference"
    NHS_NUMBER = "an NHS number"
    NINO = "a National Insurance number"
    PASSPORT_HO = "a passport or Home Office number"
    PERSON_NAME = "a person's name"
    PHONE = "a telephone number"
    PNC_ID = "a Police National Computer number"
    POLICE_REF = "a police reference"
    POSTCODE = "a postcode"
    PRISON_NO = "a prisoner number"
    RARE_COMBINATION = "details that together could identify someone"
    RELATION_NAME = "the name of a relative or partner"
    SCHOOL_GP = "a named school, surgery or care home"
    UPN = "a pupil number"
    UPRN = "a property reference number"

    @property
    def severity(self) -> Severity:
        """How directly this kind points at a person."""
        return Severity.MEDIUM if self in LESS_DIRECT else Severity.HIGH

    @property
    def sentence(self) -> str:
        """What to tell the person who wrote it."""
        match self:
            case Kind.RARE_COMBINATION:
                return TOGETHER
            case Kind.NAME_IN_IDENTIFIER:
                return IN_A_REFERENCE
            case _:
                return f"This looks like {self.value}. Remove it, or say why it must stay."


LESS_DIRECT = frozenset({Kind.CAR_REG, Kind.INITIALS, Kind.POLICE_REF, Kind.RARE_COMBINATION, Kind.SCHOOL_GP})


@dataclass(frozen=True, slots=True, order=True)
class Finding:
    """Something in a text that may identify a person: `start` and `end` are positions in the text as it was given."""

    start: int
    end: int
    kind: Kind
    severity: Severity

    @property
    def sentence(self) -> str:
        """What to tell the person who wrote it."""
        return self.kind.sentence
