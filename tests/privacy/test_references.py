"""References are let through, and names in them are not (IN9)."""

from collections.abc import Callable

import pytest

from scrt_workflow.privacy import Field, Kind, find_pid
from tests.privacy.references_in_use import references

FORENAMES = """
Jon Sarah Mohammed Aisha Olivia Callum Priya Kwame Chidi Agnieszka Andrei Siobhan Rhys Harpreet Fatima Tunde Jasmine
Kieran Zainab Piotr Leanne Darren Nkechi Gurdeep Bronwen Declan Svetlana Yusuf Amara Tyrone Chloe Imran Deborah Hamza
Megan Olufemi Shanice Tomasz Ffion Bilal"""
SURNAMES = """
Smith Jones Patel Khan Okafor Begum Williams Kaur Singh Murphy Kowalski Ahmed Nguyen Adeyemi Hussain Campbell Evans
O'Brien McDonald Taylor Popescu Mensah Chowdhury Robinson Thompson Walker Wright Turner Mitchell Sharma Boateng Hughes
Clarke Ali Fernandes Morgan Stewart Edwards Cohen Parker"""
SHAPES: dict[str, Callable[[str, str], str]] = {
    "JonS": lambda forename, surname: f"{forename}{surname[0]}",
    "JSmith": lambda forename, surname: f"{forename[0]}{surname}",
    "Smith123": lambda forename, surname: f"{surname}{100 + len(forename)}",
    "JonSmith": lambda forename, surname: f"{forename}{surname}",
    "Jon_Smith": lambda forename, surname: f"{forename}_{surname}",
}
NAMES = list(zip(FORENAMES.split(), SURNAMES.split(), strict=True))
WRITTEN = [(shape, SHAPES[shape](*names)) for shape in SHAPES for names in NAMES]

IN_OTHER_WAYS = [
    "jons",
    "JONS",
    "jsmith",
    "JSMITH",
    "smithj",
    "SMITHJ",
    "johnsmith",
    "JOHNSMITH",
    "Jon S",
    "J. Smith",
    "J Smith",
    "Smith, J",
    "SAR-JonS-2024",
    "SAR/Smith/03",
    "2024-Patel",
    "Child Sarah",
    "Adult Mohammed",
    "Khan 2",
    "XanthiaB",
    "O'BrienT",
    "McDonaldJ",
    "Taylor-07",
    "Grace 2",
    "Sarah's case",
    "Anne-Marie",
    "José3",
    "Zoë-S",
]
ACCEPTED = [
    "Child Q",
    "Adult K",
    "Mr B",
    "Mrs C",
    "Baby P",
    "Sibling 2",
    "Family A",
    "Ms D",
    "Barnet",
    "Guy's",
    "Guy's and St Thomas'",
    "Clare's Law",
    "Claire's law",
    "Sarah's Law",
    "Martha's Rule",
    "Gillick",
    "Gillick competence",
    "Caldicott",
    "Caldicott Guardian",
    "Fraser guidelines",
    "St Thomas' Hospital",
    "St Mary's",
    "King's College Hospital",
    "Queen Elizabeth Hospital",
    "Kingston",
    "Great Ormond Street",
    "James Paget University Hospitals",
    "John Radcliffe Hospital",
    "Alexandra House",
    "Victoria Infirmary",
    "Richmond upon Thames",
    "King's Lynn and West Norfolk",
    "Bradford",
    "Lincoln",
    "Chester",
    "Stafford",
    "Kent",
    "Devon",
    "BOB ICB",
    "MARAC",
    "SARA",
    "Rose Ward",
    "May 2024",
    "June-3",
    "NEL-SAR-2024-07",
    "LB-CSPR-12",
    "HSAB/23/4",
    "BD-DHR-03",
    "2023/12345",
]


def kinds(text: str, field: Field) -> list[Kind]:
    return [finding.kind for finding in find_pid(text, field=field)]


@pytest.mark.parametrize("field", ["free_text", "identifier"])
def test_two_hundred_names_written_as_references_are_found(field: Field) -> None:
    assert len({text for _, text in WRITTEN}) == 200

    assert [text for _, text in WRITTEN if not kinds(text, field)] == []


@pytest.mark.parametrize("text", IN_OTHER_WAYS)
def test_a_name_in_a_reference_is_found_however_it_is_written(text: str) -> None:
    assert set(kinds(text, "identifier")) == {Kind.NAME_IN_IDENTIFIER}


@pytest.mark.parametrize("field", ["free_text", "identifier"])
def test_at_most_one_in_a_hundred_real_references_is_flagged(field: Field) -> None:
    in_use = references(5000)

    wrong = [text for text in in_use if kinds(text, field)]

    assert len(wrong) <= 50, wrong


@pytest.mark.parametrize("field", ["free_text", "identifier"])
@pytest.mark.parametrize("text", ACCEPTED)
def test_the_published_style_places_and_laws_are_no_names(text: str, field: Field) -> None:
    assert kinds(text, field) == []


def test_every_authority_may_stand_in_a_reference() -> None:
    from tests.privacy.references_in_use import AUTHORITIES  # noqa: PLC0415 - only this test needs it

    assert [name for name in AUTHORITIES if kinds(f"{name} 3", "identifier") or kinds(f"in {name} today", "free_text")] == []


def test_a_finding_in_a_reference_says_what_to_do() -> None:
    finding = find_pid("SAR-JonS-2024", field="identifier")[0]

    assert (finding.start, finding.end, finding.severity) == (4, 8, "high")
    assert finding.sentence == (
        "This reference seems to hold a person's name. Use one that names nobody, or say why it must stay."
    )
