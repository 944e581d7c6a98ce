"""Every valid NHS number is found, however it is spaced (IN9)."""

import re
from collections.abc import Callable
from random import Random

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
    "with commas as an amount": lambda number: f"{number[0]},{number[1:4]},{number[4:7]},{number[7:]}",
    "with dots as an amount": lambda number: f"{number[0]}.{number[1:4]}.{number[4:7]}.{number[7:]}",
    "with unbreakable spaces in HTML": lambda number: f"{number[:3]}&nbsp;{number[3:6]}&nbsp;{number[6:]}",
    "with numbered entities": lambda number: f"{number[:3]}&#160;{number[3:6]}&#x2009;{number[6:]}",
    "with line breaks in HTML": lambda number: f"{number[:3]}<br>{number[3:6]}<br />{number[6:]}",
    "in cells of a table": lambda number: f"<td>{number[:3]}</td>\n  <td width='60'>{number[3:6]}</td>\n  <td>{number[6:]}</td>",
    "with wide hyphens": lambda number: f"{number[:3]}   -  {number[3:6]} - {number[6:]}",
    "with five signs": lambda number: f"{number[:3]}) - ({number[3:6]} .-. {number[6:]}",
    "in halves with an entity": lambda number: f"{number[:5]}&ndash;{number[5:]}",
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
        "£9,434,765,919",
        "GBP 9,434,765,919",
        "the years 943 and 476, and 5919 days",
    ],
)
def test_other_numbers_are_none(text: str) -> None:
    assert not flagged(text, "free_text")


ORDINARY = [
    "StEIS {year}/{five}, {year}/{five}",
    "It cost £{amount:,}, then £{five:,}.",
    "£{amount:,} for the system",
    "Call 020 {four} {four} or 07{three} {five}9",
    "01{three} {five}0 (ext. {three})",
    "<td>{day}/{day}/{year}</td><td>{day}.{day}.{year}</td>",
    "{day}-{day}-{year} at {day}:{day} - 2 h",
    "{three} of {three} - {day}.{day}%",
]


def invented(form: str, dice: Random) -> str:
    """Fill in *form*; each number is another one wherever it stands."""
    pieces = re.split(r"(?<=})", form)
    sizes = {
        "amount": (1_000_000_000, 9_999_999_999),
        "year": (2014, 2026),
        "day": (1, 12),
        "three": (100, 999),
        "four": (1000, 9999),
    }
    return "".join(
        piece.format(five=dice.randint(10000, 99999), **{name: dice.randint(*size) for name, size in sizes.items()})
        for piece in pieces
    )


def test_at_most_one_in_a_hundred_amounts_dates_and_telephone_numbers_is_flagged() -> None:
    dice = Random(9434765919)
    written = [invented(dice.choice(ORDINARY), dice) for _ in range(5000)]

    assert len([text for text in written if flagged(text, "free_text")]) <= 50


def test_a_telephone_number_from_abroad_is_a_telephone_number() -> None:
    assert [finding.kind for finding in find_pid("+44 7700 900123", field="free_text")] == [Kind.PHONE]
