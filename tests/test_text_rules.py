"""Stored text is the same on both databases, shows what it says, and fits (D15)."""

import time

import pytest

from scrt_workflow.text_rules import TextFault, TextRefusedError, clean, normalised, search_key, text_fault


def test_ordinary_text_is_kept_as_it_was_typed() -> None:
    text = "Zoë’s carer said: “she’s safe” – 100 % 👩‍⚕️\n\tSecond line; ½ price, naïve, 中文, العربية."

    assert clean(text, max_length=500) == text


def test_a_letter_and_its_accent_become_one_character() -> None:
    assert clean("Zoe\u0308", max_length=3) == "Zoë"


@pytest.mark.parametrize("end", ["\r\n", "\r", "\v", "\f", "\x85", "\u2028", "\u2029"])
def test_every_kind_of_line_end_becomes_one(end: str) -> None:
    assert clean(f"first{end}second", max_length=50) == "first\nsecond"


def test_space_around_a_text_and_at_the_ends_of_its_lines_goes() -> None:
    assert normalised(" \n first \t\n  second  \n\n") == "first\n  second"
    assert normalised("\ufefftext") == "text"
    assert normalised(" \u00a0 ") == ""


@pytest.mark.parametrize("code", [0x00, 0x01, 0x07, 0x08, 0x0E, 0x1B, 0x7F, 0x80, 0x9F, 0xFDD0, 0xFFFE, 0xFFFF, 0xE0041])
def test_a_character_that_cannot_be_shown_is_refused(code: int) -> None:
    assert text_fault(normalised(f"a{chr(code)}b"), max_length=50) == TextFault.UNSEEN


@pytest.mark.parametrize("code", [0x202A, 0x202B, 0x202C, 0x202D, 0x202E, 0x2066, 0x2067, 0x2068, 0x2069])
def test_a_mark_that_turns_text_around_is_refused(code: int) -> None:
    assert text_fault(normalised(f"a{chr(code)}b"), max_length=50) == TextFault.REORDERING


@pytest.mark.parametrize("text", ["\ud800", "a\udfffb", "\udc00\ud800"])
def test_half_a_character_is_refused(text: str) -> None:
    assert text_fault(normalised(text), max_length=50) == TextFault.HALF_A_CHARACTER


def test_length_is_counted_in_characters_after_composing() -> None:
    assert text_fault("é" * 10, max_length=10) is None
    assert text_fault("👩" * 10, max_length=10) is None
    assert text_fault("a" * 1_201, max_length=1_200) == "Use 1,200 characters or fewer. You have 1,201."


def test_a_short_answer_stays_on_one_line() -> None:
    assert text_fault("first\nsecond", max_length=50, one_line=True) == TextFault.MORE_THAN_ONE_LINE
    assert text_fault("first\nsecond", max_length=50) is None


def test_what_cannot_be_kept_is_refused_with_the_sentence_to_show() -> None:
    with pytest.raises(TextRefusedError, match="Remove the characters that cannot be shown"):
        clean("a\x00b", max_length=50)


def test_cleaning_twice_changes_nothing() -> None:
    for text in (" Zoe\u0308 \r\n x ", "a \n\n b", "\u2028\ufeffq\u2029"):
        once = clean(text, max_length=50)
        assert clean(once, max_length=50) == once


@pytest.mark.parametrize(
    ("typed", "searched"),
    [
        ("  NEL-SAR  2024 ", "nel-sar 2024"),
        ("ＳＡＲ\u00a0①", "sar 1"),
        ("STRASSE", "straße"),
        ("Zoë", "Zoe\u0308"),
    ],
)
def test_a_search_does_not_see_case_width_or_spacing(typed: str, searched: str) -> None:
    assert search_key(typed) == search_key(searched)


@pytest.mark.parametrize("pile", ["\u0308" * 31, "\u0308\u0323" * 16, "\u0489\u0308" * 40])
def test_marks_piled_on_one_letter_are_refused(pile: str) -> None:
    assert text_fault(normalised(f"a{pile}"), max_length=500) == TextFault.PILED_MARKS


@pytest.mark.parametrize("text", ["👩‍⚕️" * 40, "…" * 100, "a" + "\u0308" * 30, "ก็" * 40])
def test_emoji_dots_and_languages_with_many_marks_are_kept(text: str) -> None:
    assert text_fault(normalised(text), max_length=500) is None


@pytest.mark.parametrize("piece", [" ", "\u0308", "\u0308\u0323", "a \n", "\u2028 ", "👩\u0308", "\u1100\u1161\u11a8"])
def test_a_megabyte_of_anything_is_judged_in_a_moment(piece: str) -> None:
    text = piece * (1_000_000 // len(piece))
    began = time.perf_counter()

    text_fault(normalised(text), max_length=20_000)
    search_key(text)

    assert time.perf_counter() - began < 5
