"""Every valid NHS number is found, however it is spaced (IN9)."""

from collections.abc import Callable

import pytest

from scrt_workflow.privacy import Field, Kind, find_pid
from scrt_workflow.privacy.nhs_numbers import passes_check
from tests.privacy.references_in_use import nhs_numbers

NUMBERS = nhs_numbers(1000)

SPACINGS: dict[str, Callable[[str], str]] = {
    "together": lambda number: number,
    "with spaces as the NHS prints it": lambda number: f"{number[:3]} {number[3:6]} {number[6:]}",
    "with hyphens": lambda number: f"{number[:3]}-{number[3:6]}-{number[6:]}",
    "with dots": lambda number: f"{number[:3]}.{number[3:6]}.{number[6:]}",
    "in pairs": lambda number: " ".join(number[at : at + 2] for at in range(0, 10, 2)),
    "digit by digit": " ".join,
}
DISGUISES: dict[str, Callable[[str], str]] = {
    "with slashes": lambda number: f"{number[:3]}/{number[3:6]}/{number[6:]}",
    "with two spaces": lambda number: f"{number[:3]}  {number[3:6]}  {number[6:]}",
    "with a hyphen and a space": lambda number: f"{number[:3]}-{number[3:6]} {number[6:]}",
    "in halves": lambda number: f"{number[:5]} {number[5:]}",
    "with unbreakable spaces": lambda number: f"{number[:3]}\u00a0{number[3:6]}\u202f{number[6:]}",
    "with zero-width spaces": "\u200b".join,
    "with soft hyphens": lambda number: f"{number[:3]}\u00ad{number[3:6]}\u00ad{number[6:]}",
    "with long dashes": lambda number: f"{number[:3]}–{number[3:6]}—{number[6:]}",
    "over three lines": lambda number: f"{number[:3]}\n{number[3:6]}\n{number[6:]}",
    "in wide digits": lambda number: "".join(chr(0xFF10 + int(digit)) for digit in number),
    "in Arabic digits": lambda number: "".join(chr(0x0660 + int(digit)) for digit in number),
    "in Bengali digits": lambda number: "".join(chr(0x09E6 + int(digit)) for digit in number),
    "in raised digits": lambda number: "".join("⁰¹²³⁴⁵⁶⁷⁸⁹"[int(digit)] for digit in number),
    "in bold digits": lambda number: "".join(chr(0x1D7CE + int(digit)) for digit in number),
    "in keycaps": lambda number: "".join(f"{digit}\ufe0f\u20e3" for digit in number),
    "with a letter before it": lambda number: f"NHS{number}",
    "between brackets": lambda number: f"({number})",
}


def flagged(text: str, field: Field) -> bool:
    return any(finding.kind is Kind.NHS_NUMBER for finding in find_pid(text, field=field))


@pytest.mark.parametrize("field", ["free_text", "identifier"])
@pytest.mark.parametrize("spacing", SPACINGS)
def test_all_of_a_thousand_valid_numbers_are_found(spacing: str, field: Field) -> None:
    written = [f"On 14 March 2024 {SPACINGS[spacing](number)}, StEIS 2023/12345" for number in NUMBERS]

    assert [text for text in written if not flagged(text, field)] == []


@pytest.mark.parametrize("disguise", DISGUISES)
def test_a_number_is_found_in_any_disguise(disguise: str) -> None:
    written = [f"seen in {DISGUISES[disguise](number)} today" for number in NUMBERS[:100]]

    assert [text for text in written if not flagged(text, "free_text")] == []


def test_a_finding_covers_the_number_as_it_was_typed() -> None:
    text = "The carer’s number is 943\u200b 476–59\u00ad19 she said"

    finding = find_pid(text, field="free_text")[0]

    assert text[finding.start : finding.end] == "943\u200b 476–59\u00ad19"


def test_a_number_said_to_be_an_nhs_number_is_found_even_when_a_digit_is_wrong() -> None:
    assert not passes_check("9434765918")
    assert flagged("NHS number: 9434765918", "free_text")
    assert not flagged("9434765918", "free_text")


@pytest.mark.parametrize("number", ["9434765919", "9990000018", "0000000000"])
def test_the_check_digit_is_that_of_modulus_eleven(number: str) -> None:
    assert passes_check(number)


@pytest.mark.parametrize(
    "text",
    [
        "943476591",
        "94347659190",
        "2023/123451",
        "2024-0000031",
        "the children are 3, 5, 7, 9, 11, 13 and 15",
        "on 12/03/2024 10:15 and 13/03/2024",
        "£9,434,765.91",
    ],
)
def test_other_numbers_are_none(text: str) -> None:
    assert not flagged(text, "free_text")


def test_a_telephone_number_from_abroad_is_a_telephone_number() -> None:
    assert [finding.kind for finding in find_pid("+44 7700 900123", field="free_text")] == [Kind.PHONE]
