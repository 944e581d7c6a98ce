"""The workbook: cells of the right type, a dictionary of every column, and nothing that a spreadsheet would compute (OU1)."""

from __future__ import annotations

import re
from dataclasses import replace
from datetime import UTC, date, datetime
from io import BytesIO
from random import Random
from typing import Any
from zipfile import ZipFile

import pytest
from openpyxl import load_workbook

from scrt_workflow.reports.periods import read_period
from scrt_workflow.reports.suppression import protected
from scrt_workflow.reports.workbook import as_workbook
from tests.reports.hostile import PAYLOADS, with_words
from tests.reports.tables_by_chance import summary_by_chance

LONDON = replace(summary_by_chance(Random(2), most=90), name="London")
DANGEROUS = ("=", "+", "-", "@", "\t", "\r", "\0")


def opened(content: bytes) -> Any:
    """Open a workbook as who gets it does."""
    return load_workbook(BytesIO(content))


@pytest.mark.parametrize("payload", PAYLOADS)
def test_no_word_becomes_a_formula_or_a_link(payload: str) -> None:
    content = as_workbook(with_words(LONDON, payload))

    cells = [cell for sheet in opened(content) for row in sheet.iter_rows() for cell in row]
    assert [cell.coordinate for cell in cells if cell.data_type == "f"] == []
    assert [cell.coordinate for cell in cells if cell.hyperlink] == []
    with ZipFile(BytesIO(content)) as parts:
        sheets = [parts.read(name).decode() for name in parts.namelist() if "worksheets" in name]
        assert not any(re.search("<f[ >]", sheet) for sheet in sheets)
        assert not any(name.startswith("xl/externalLinks") for name in parts.namelist())


def test_what_begins_like_a_formula_stays_text_when_somebody_edits_the_cell() -> None:
    book = opened(as_workbook(with_words(LONDON, "=1+1")))

    cells = [cell for sheet in book for row in sheet.iter_rows() for cell in row if str(cell.value).startswith(DANGEROUS)]
    assert len(cells) > 10
    assert all(cell.quotePrefix for cell in cells)


def test_numbers_are_numbers_and_dates_are_dates() -> None:
    book = opened(as_workbook(LONDON))

    types = list(book["Types"].iter_rows(min_row=2, values_only=True))
    assert [row[2:] for row in types[:-1]] == [(row.open, row.closed, row.total) for row in LONDON.by_type]
    assert types[-1] == ("Total", None, LONDON.open, LONDON.closed, LONDON.total)
    months = list(book["Trend"].iter_rows(min_row=2, values_only=True))
    assert [row[0] for row in months] == [datetime(2024, 8, 31), datetime(2024, 9, 30), datetime(2024, 10, 31)]  # noqa: DTZ001 - dates
    assert all(cell.is_date for (cell,) in book["Trend"].iter_rows(min_row=2, max_col=1))
    facts = dict(book["Summary"].iter_rows(min_row=2, max_col=2, values_only=True))
    assert facts["Data up to"] == datetime(2024, 10, 31)  # noqa: DTZ001 - a date
    assert facts["Reviews"] == LONDON.total


def test_a_month_that_is_not_over_says_up_to_when_it_is_counted() -> None:
    book = opened(as_workbook(replace(LONDON, up_to=date(2024, 10, 9))))

    assert dict(book["Summary"].iter_rows(max_col=2, values_only=True))["Data up to"] == datetime(2024, 10, 9)  # noqa: DTZ001 - a date
    assert book.properties.subject == "Data up to 9 October 2024"
    ends = [row[0] for row in book["Trend"].iter_rows(min_row=2, values_only=True)]
    assert ends == [datetime(2024, 8, 31), datetime(2024, 9, 30), datetime(2024, 10, 9)]  # noqa: DTZ001 - dates


def test_a_workbook_says_of_which_period_it_is_and_how_it_was_counted() -> None:
    frozen_at, day = datetime(2024, 6, 30, 23, 30, tzinfo=UTC), date(2026, 5, 4)
    asked = replace(LONDON.asked, period=read_period("2024-25-Q1"), as_at=date(2024, 6, 30))
    frozen = replace(LONDON, asked=replace(asked, known_at=asked.of.known_at), frozen_at=frozen_at)
    elsewhere = replace(LONDON, asked=replace(asked, organised_on=day, grouped_on=day))

    one, other = (
        dict(opened(as_workbook(made))["Summary"].iter_rows(max_col=2, values_only=True)) for made in (frozen, elsewhere)
    )

    assert one["Period"] == other["Period"] == "April to June 2024"
    assert one["Frozen on"] == datetime(2024, 7, 1)  # noqa: DTZ001 - a date
    assert "Frozen on" not in other
    assert other["With all that the organisation covered on"] == datetime(2026, 5, 4)  # noqa: DTZ001 - a date


def test_every_column_of_every_sheet_is_in_the_dictionary() -> None:
    book = opened(as_workbook(LONDON))

    explained = {row[:2] for row in book["Data dictionary"].iter_rows(min_row=2, values_only=True)}
    columns = {(sheet.title, cell.value) for sheet in book for cell in sheet[1] if sheet.title != "Data dictionary"}
    measures = {(f"{name}{by}", column) for name in ("Learning",) for by in ("", " by type") for column in ("Term", "Reviews")}
    assert columns <= explained
    assert measures <= explained


def test_the_dictionary_says_that_a_converted_rapid_review_is_closed_and_a_notified_one_open() -> None:
    meanings = {row[:2]: row[2] for row in opened(as_workbook(LONDON))["Data dictionary"].iter_rows(min_row=2, values_only=True)}

    for sheet in ("Types", "Trend"):
        assert "rapid reviews: notified" in meanings[sheet, "Open"]
        assert "rapid reviews that were converted, or ended" in meanings[sheet, "Closed"]


def test_headings_stay_in_sight_and_columns_are_wide_enough() -> None:
    book = opened(as_workbook(LONDON))

    for sheet in book:
        assert sheet.freeze_panes == "A2"
        assert all(cell.font.bold for cell in sheet[1])
        for number, column in enumerate(sheet.columns, 1):
            longest = max(len(str(cell.value or "")) for cell in column if not isinstance(cell.value, datetime))
            (width,) = (one.width for one in sheet.column_dimensions.values() if one.min <= number <= one.max)
            assert width >= min(longest, 60)
    assert (book.properties.title, book.properties.creator) == (
        "Safeguarding case reviews: London, October 2024",
        "Safeguarding case review tracker",
    )


def test_the_same_figures_make_the_same_bytes() -> None:
    as_workbook.cache_clear()
    once = as_workbook(LONDON)
    as_workbook.cache_clear()

    assert as_workbook(LONDON) == once
    assert as_workbook(replace(LONDON, name="Leeds")) != once


def test_what_is_hidden_is_words_in_the_workbook_too() -> None:
    book = opened(as_workbook(protected(LONDON, 5)))

    found = [cell.value for sheet in book for row in sheet.iter_rows() for cell in row if sheet.title != "Data dictionary"]
    assert "fewer than 5" in found
    assert not any(isinstance(value, int) and 1 <= value < 5 for value in found)
