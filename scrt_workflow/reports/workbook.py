"""The figures as a workbook: typed cells, a sheet of what each column means, and nothing that would be computed (OU1)."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import date, datetime, time
from functools import lru_cache
from io import BytesIO
from typing import Any

from scrt_workflow.reports.figures import Count, Hidden, Summary
from scrt_workflow.reports.periods import last_day_counted
from scrt_workflow.reports.tables import DANGEROUS
from scrt_workflow.working_days import local_date

AUTHOR = "Safeguarding case review tracker"
WIDEST, NARROWEST = 60, 10
NAMES = {"themes": "Themes", "learning": "Learning"}
A4 = 9
Cell = str | float | date | Hidden | None
Sheet = tuple[str, Sequence[str], Sequence[Sequence[Cell]]]
"""A sheet: its name, its columns, its rows."""

DATED = "The last day that is counted. Everything is as it was at the end of that day."
OPEN = "Reviews that were commissioned (rapid reviews: notified) and not yet closed on the day."
CLOSED = (
    "Reviews that were closed on the day: published, or with publication embargoed; rapid reviews that were converted, or ended"
    " without a further review."
)
MEANINGS = (
    ("Summary", "What", "Which figure or fact the row holds.", ""),
    (
        "Summary",
        "Figure",
        "The figure, the date or the words.",
        "Counted from the reviews of the organisation and of all under it.",
    ),
    (
        "Summary",
        "New in the period",
        "Reviews whose first open day lies in the period: the month, quarter or year.",
        "The stages of each review, and their dates.",
    ),
    ("Summary", "fewer than …", "A small count, hidden on request. “not shown” is a count that would give one away.", ""),
    (
        "Types",
        "Type of review",
        "The collection’s types; Not Stated where a review has none.",
        "The answer about the type of review.",
    ),
    ("Types", "Family", "DHR, CSPR, SAR or Rapid Review, with converted reviews among them.", "The workflow’s types of review."),
    ("Types", "Open", OPEN, "The stages of each review, and their dates."),
    ("Types", "Closed", CLOSED, "The stages of each review, and their dates."),
    ("Types", "Total", "Open and closed together.", "Open and Closed."),
    ("Trend", "Period end", DATED, "The calendar."),
    ("Trend", "Open", OPEN, "As under Types."),
    ("Trend", "Closed", CLOSED, "As under Types."),
    ("Trend", "Total", "Open and closed together.", "Open and Closed."),
    *(
        row
        for name, asked in (("Themes", "abuse and vulnerability themes"), ("Learning", "organisational learning"))
        for row in (
            (name, "Term", f"A term of the list of {asked}. Terms counted together are named.", f"The answer about {asked}."),
            (
                name,
                "Reviews",
                "Open and closed reviews with the term on the day. A review may have several terms.",
                f"As {name}, Term.",
            ),
            (
                f"{name} by type",
                "Family",
                "As under Types. Reviews without a family are counted under no family.",
                "As under Types.",
            ),
            (f"{name} by type", "Term", f"As under {name}.", f"As under {name}."),
            (f"{name} by type", "Reviews", "Reviews of the family with the term on the day.", f"As under {name}."),
        )
    ),
    ("Conversions", "What", "What became of the rapid reviews that were closed on the day.", ""),
    (
        "Conversions",
        "Figure",
        "Converted, closed without a further review, the share converted, and the median of days.",
        "See each row.",
    ),
    ("Conversions", "Unit", "What the figure counts; a share is from 0 to 1.", ""),
)


@lru_cache(maxsize=16)
def as_workbook(summary: Summary) -> bytes:
    """Give *summary* as an XLSX file; the same figures make the same bytes."""
    import xlsxwriter  # noqa: PLC0415 - only downloads and e-mails need it

    out = BytesIO()
    options = {"in_memory": True, "strings_to_formulas": False, "strings_to_urls": False, "strings_to_numbers": False}
    book = xlsxwriter.Workbook(out, options)
    book.set_properties(
        {
            "title": f"Safeguarding case reviews: {summary.name}, {summary.asked.of.title}",
            "subject": f"Data up to {_in_words(summary.up_to)}",
            "author": AUTHOR,
            "created": datetime.combine(summary.asked.as_at, time()),
        }
    )
    formats = _formats(book)
    for sheet in _sheets(summary):
        _write(book, formats, sheet, f"{summary.name}: data up to {_in_words(summary.up_to)}")
    book.close()
    return out.getvalue()


def _formats(book: Any) -> dict[str, Any]:
    looks: dict[str, dict[str, Any]] = {
        "head": {"bold": True, "font_color": "#ffffff", "bg_color": "#005eb8", "text_wrap": True, "valign": "top"},
        "text": {"text_wrap": True, "valign": "top"},
        "quoted": {"text_wrap": True, "valign": "top", "quote_prefix": True},
        "hidden": {"italic": True, "align": "right", "valign": "top"},
        "date": {"num_format": "d mmmm yyyy", "align": "left", "valign": "top"},
        "number": {"num_format": "#,##0", "valign": "top"},
        "share": {"num_format": "0.0###", "valign": "top"},
    }
    return {name: book.add_format({"font_name": "Arial", "font_size": 11, **look}) for name, look in looks.items()}


def _in_words(day: date) -> str:
    return f"{day.day} {day:%B %Y}"


def _sheets(summary: Summary) -> Iterable[Sheet]:
    by_type: list[Sequence[Cell]] = [(row.type, row.family, row.open, row.closed, row.total) for row in summary.by_type]
    by_type.append(("Total", None, summary.open, summary.closed, summary.total))
    months = [(last_day_counted(row.month, summary.up_to), row.open, row.closed, row.total) for row in summary.trend]
    yield "Summary", ("What", "Figure"), list(_facts(summary))
    yield "Types", ("Type of review", "Family", "Open", "Closed", "Total"), by_type
    yield "Trend", ("Period end", "Open", "Closed", "Total"), months
    for measure, rows in summary.terms.items():
        families = summary.terms_by_family[measure].items()
        yield NAMES[measure], ("Term", "Reviews"), [(_worded(row.label, row.of), row.count) for row in rows]
        by_family = [(family, _worded(row.label, row.of), row.count) for family, terms in families for row in terms]
        yield f"{NAMES[measure]} by type", ("Family", "Term", "Reviews"), by_family
    outcome = summary.conversions
    conversions: list[Sequence[Cell]] = [
        ("Converted to a full review", outcome.converted, "reviews"),
        ("Closed without a further review", outcome.closed_without, "reviews"),
        ("Share converted", outcome.rate, "from 0 to 1; empty where none was closed"),
        ("Median time from open to converted", outcome.median_days, "days; empty where none was converted"),
    ]
    yield "Conversions", ("What", "Figure", "Unit"), conversions
    yield "Data dictionary", ("Sheet", "Column", "What it means", "Where it comes from"), MEANINGS


def _worded(label: str, of: Sequence[str]) -> str:
    return f"{label} ({', '.join(of)})" if of else label


def _facts(summary: Summary) -> Iterable[Sequence[Cell]]:
    asked = summary.asked
    yield "Organisation", summary.name
    yield "Organisation code", asked.organisation
    yield "Period", asked.of.title
    yield "Data up to", summary.up_to
    yield "Reviews", summary.total
    yield "Open", summary.open
    yield "Closed", summary.closed
    yield "New in the period", summary.new
    if summary.frozen_at:
        yield "Frozen on", local_date(summary.frozen_at)
    if asked.known_at:
        yield "As it was known at", f"{_in_words(asked.known_at.date())} {asked.known_at:%H:%M} UTC"
    if asked.organised_on:
        yield "With all that the organisation covered on", asked.organised_on
    if asked.grouped_on:
        yield "Terms counted as grouped on", asked.grouped_on
    if summary.hides_below:
        yield "Small numbers", f"Counts from 1 to {summary.hides_below - 1} are hidden, with others that would give them away."


def _write(book: Any, formats: dict[str, Any], sheet: Sheet, footer: str) -> None:
    name, columns, rows = sheet
    page = book.add_worksheet(name)
    page.freeze_panes(1, 0)
    page.repeat_rows(0)
    page.set_paper(A4)
    page.set_landscape()
    page.fit_to_pages(1, 0)
    page.set_footer(f"&L{footer.replace('&', '&&')[:200]}&R&A, page &P of &N")
    for column, head in enumerate(columns):
        page.write_string(0, column, head, formats["head"])
        widths = [len(head), *(len(str(row[column])) for row in rows)]
        page.set_column(column, column, min(WIDEST, max(NARROWEST, *widths)) + 2)
    for number, row in enumerate(rows, 1):
        for column, cell in enumerate(row):
            _write_cell(page, formats, number, column, cell)


def _write_cell(page: Any, formats: dict[str, Any], row: int, column: int, cell: Cell | Count) -> None:
    """Write a cell as what it is: text is text, whatever it begins with."""
    match cell:
        case None | "":
            return
        case Hidden():
            page.write_string(row, column, str(cell), formats["hidden"])
        case str():
            page.write_string(row, column, cell, formats["quoted" if cell.startswith(DANGEROUS) else "text"])
        case date():
            page.write_datetime(row, column, datetime.combine(cell, time()), formats["date"])
        case float():
            page.write_number(row, column, cell, formats["share"])
        case _:
            page.write_number(row, column, cell, formats["number"])
