"""The invented people of the demo: who signs in, with which role, for which organisation."""

from typing import NamedTuple

REGION, ENGLAND = "Y56", "ENG"


class PersonRow(NamedTuple):
    """One account: role keys are those of `scrt_workflow.permissions`, organisations are ODS codes."""

    email: str
    name: str
    role: str
    organisation: str


# For each ICB: two designates, the chief nurse, the ICB lead.
_STAFF: dict[str, tuple[str, str, str, str]] = {
    "QMJ": ("Amara Okafor", "Tom Whitfield", "Helen Marchbank", "Sunil Rao"),
    "QMF": ("Ruth Adeyemi", "Callum Byrne", "Nasreen Chowdhury", "Peter Langdale"),
    "QKK": ("Joanna Petrova", "Marcus Ellery", "Grace Nwosu", "Dawn Hathersage"),
    "QRV": ("Farah Siddiqui", "Owen Tregarth", "Caroline Beckwith", "Imran Qureshi"),
    "QWE": ("Linda Osei", "Stephen Arkley", "Moira Dunleavy", "Kavita Menon"),
}


def icb_people(icb: str) -> list[PersonRow]:
    """Give an ICB's four people."""
    first, second, nurse, lead = _STAFF[icb]
    code = icb.lower()
    return [
        PersonRow(f"designate.{code}@example.nhs.uk", first, "designate", icb),
        PersonRow(f"designate2.{code}@example.nhs.uk", second, "designate", icb),
        PersonRow(f"chief.nurse.{code}@example.nhs.uk", nurse, "icb_chief_nurse", icb),
        PersonRow(f"icb.lead.{code}@example.nhs.uk", lead, "icb_lead", icb),
    ]


REGIONAL_LEAD = PersonRow("regional.lead@example.nhs.uk", "Yvonne Castleton", "regional_lead", REGION)
REGIONAL_CHIEF = PersonRow("regional.chief@example.nhs.uk", "Andrew Mbeki-Shaw", "regional_chief", REGION)


def people() -> list[PersonRow]:
    """Give everyone who can sign in to the demo, at least one for each role."""
    return [
        *(person for icb in _STAFF for person in icb_people(icb)),
        REGIONAL_LEAD,
        REGIONAL_CHIEF,
        PersonRow("regional.viewer@example.nhs.uk", "Bethan Howells", "viewer", REGION),
        PersonRow("national.lead@example.nhs.uk", "Philippa Drummond", "national_lead", ENGLAND),
        PersonRow("administrator@example.nhs.uk", "Desmond Achebe", "administrator", ENGLAND),
    ]


def initials(person: PersonRow) -> str:
    """Give a professional's initials, as the field *designated professional* asks for them."""
    return "".join(part[0] for part in person.name.replace("-", " ").split())
