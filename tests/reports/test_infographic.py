"""The infographic: one tagged page whatever it is made from, nothing fetched, and a sentence where none can be made."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, date, datetime
from io import BytesIO
from random import Random
from typing import Any

import pytest
from pypdf import PdfReader

from scrt_workflow.reports import printing
from scrt_workflow.reports.figures import Line, Outcome, Summary, Term
from scrt_workflow.reports.infographic import as_pdf, conversions_in_words
from scrt_workflow.reports.printing import (
    BUSY,
    NO_PANGO,
    PLACES,
    PROGRAM,
    WITHOUT_PANGO,
    NoPangoError,
    NotPrintedError,
    only_from,
    print_page,
)
from scrt_workflow.reports.suppression import protected
from tests.machine import find_pango
from tests.reports.tables_by_chance import summary_by_chance

LONDON = replace(summary_by_chance(Random(2), most=90), name="London")
LONG = "A term whose name somebody has written out in every particular, as a committee would, with all that it might mean "


@pytest.fixture(autouse=True)
def _pango() -> None:
    find_pango()


def read(summary: Summary) -> PdfReader:
    return PdfReader(BytesIO(as_pdf(summary)))


def text_of(reader: PdfReader) -> str:
    return " ".join(reader.pages[0].extract_text().split())


def tags(node: Any) -> Iterator[Any]:
    """Give the elements of the tree that a screen reader goes through, in its order."""
    node = node.get_object() if hasattr(node, "get_object") else node
    if isinstance(node, dict):
        if "/S" in node:
            yield node
        inner = node.get("/K", [])
        inner = inner.get_object() if hasattr(inner, "get_object") else inner
        for one in inner if isinstance(inner, list) else [inner]:
            yield from tags(one)


def many(summary: Summary, *, label: str, terms: int, families: int, types: int) -> Summary:
    """Give *summary* as a tracker with other workflows and other vocabularies would: all terms tie."""
    rows = tuple(Term(f"t{n}", f"{label} {n}", 7) for n in range(terms))
    kinds = tuple(Line(f"k{n}", f"{label} {n}", f"{label} {n % families}", 3, 4, 7) for n in range(types))
    by_family = {f"{label} {n}": rows for n in range(families)}
    return replace(
        summary,
        name=label * 2,
        by_type=kinds,
        terms={"themes": rows, "learning": rows},
        terms_by_family={"themes": by_family, "learning": by_family},
    )


def nothing(summary: Summary) -> Summary:
    rows = tuple(replace(row, open=0, closed=0, total=0) for row in summary.by_type)
    months = tuple(replace(row, open=0, closed=0, total=0) for row in summary.trend)
    none = {measure: tuple(replace(row, count=0) for row in terms) for measure, terms in summary.terms.items()}
    empty: dict[str, Any] = {measure: {} for measure in none}
    return replace(
        summary, by_type=rows, trend=months, open=0, closed=0, total=0, new=0, terms=none, terms_by_family=empty
    )  # fmt: skip


@pytest.fixture
def london() -> Summary:
    terms, families = LONDON.terms["themes"], LONDON.terms_by_family["themes"]
    return replace(LONDON, terms={"themes": terms, "learning": terms}, terms_by_family={"themes": families, "learning": families})


def test_it_is_one_tagged_page_with_a_title_a_language_and_the_chart_in_words(london: Summary) -> None:
    reader = read(london)
    root: Any = reader.trailer["/Root"]

    assert len(reader.pages) == 1
    assert [round(float(side) * 25.4 / 72) for side in reader.pages[0].mediabox[2:]] == [210, 297]
    assert (root["/Lang"], root["/MarkInfo"]["/Marked"].value) == ("en-GB", True)
    assert root["/ViewerPreferences"]["/DisplayDocTitle"].value is True
    assert reader.metadata
    assert reader.metadata.title == "Safeguarding case reviews: London, October 2024"
    assert b"pdfuaid:part" in root["/Metadata"].get_object().get_data()
    found = list(tags(root["/StructTreeRoot"]))
    kinds = [str(one["/S"]) for one in found]
    assert kinds.count("/H1") == 1
    assert [kind for kind in kinds if kind in {"/H1", "/H2", "/Table", "/Figure"}][:5] == [
        "/H1",
        "/H2",
        "/Table",
        "/H2",
        "/Figure",
    ]
    (figure,) = (one for one in found if one["/S"] == "/Figure")
    assert f"October 2024: {london.open} open, {london.closed} closed" in str(figure["/Alt"])


def test_a_screen_reader_says_what_it_is_of_then_the_figures_then_the_themes(london: Summary) -> None:
    said = text_of(read(london))

    order = ["London, October 2024", "Data up to", "31 October 2024", f"Reviews {london.total}", "Types of review", "Abuse and"]
    places = [said.index(words) for words in order]
    assert places == sorted(places)


@pytest.mark.parametrize(("median", "said"), [(0.0, "0 days"), (0.5, "0 days"), (1.0, "1 day"), (2.0, "2 days")])
def test_one_day_is_no_days(median: float, said: str) -> None:
    made = replace(LONDON, conversions=Outcome(4, 2, 2 / 3, median))

    assert conversions_in_words(made).endswith(f"did so within {said}.")


def test_it_says_how_it_was_counted_so_that_two_with_other_numbers_can_be_told_apart(london: Summary) -> None:
    known_at, day = datetime(2024, 6, 30, 23, tzinfo=UTC), date(2026, 5, 4)
    known = replace(london, asked=replace(london.asked, known_at=known_at))

    assert "were frozen on 1 July 2024." in text_of(read(replace(known, frozen_at=datetime(2024, 7, 1, 1, tzinfo=UTC))))
    assert "As it was known on 30 June 2024." in text_of(read(known))
    said = text_of(read(replace(london, asked=replace(london.asked, organised_on=day, grouped_on=day))))
    assert "With all that the organisation covered on 4 May 2026." in said
    assert "Themes and learning as they were grouped on 4 May 2026." in said
    assert "frozen" not in text_of(read(london))


@pytest.mark.parametrize(
    ("label", "terms", "families", "types"),
    [("Theme", 34, 4, 10), (LONG, 34, 4, 10), (LONG, 34, 9, 40), ("W" * 200, 34, 7, 18), ("<b>&amp;", 3, 1, 1)],
)
def test_it_stays_one_page_for_any_vocabulary_and_other_types(
    london: Summary, label: str, terms: int, families: int, types: int
) -> None:
    made = many(london, label=label, terms=terms, families=families, types=types)

    assert pages_laid_out(made) == 1


def test_nothing_at_all_is_a_page_too_and_so_is_what_is_hidden(london: Summary) -> None:
    assert pages_laid_out(nothing(london)) == 1
    assert "Reviews 0" in text_of(read(nothing(london)))
    said = text_of(read(protected(london, 5)))
    assert "fewer than 5" in said
    assert "Counts from 1 to 4 are hidden" in said


def pages_laid_out(summary: Summary) -> int:
    """Count pages; what did not fit would have been cut off, which this says by another number."""
    made = PdfReader(BytesIO(as_pdf(summary)))
    said = text_of(made)
    assert "or a rapid review that was converted or ended without a further review." in said  # its last words
    return len(made.pages)


def test_a_document_fetches_nothing_but_our_own_files(london: Summary) -> None:
    from weasyprint.urls import FatalURLFetchingError  # noqa: PLC0415 - needs Pango

    fetch = only_from({"ours:trend": "<svg/>"})

    for url in ("file:///etc/passwd", "http://127.0.0.1/", "https://example.com/x.css", "ours:other", "data:text/css,a"):
        with pytest.raises(FatalURLFetchingError):
            fetch.fetch(url)
    made = replace(london, name='<img src="file:///etc/x">')
    assert '<img src="file:///etc/x">' in text_of(read(made))


def test_the_same_figures_make_the_same_bytes(london: Summary) -> None:
    once = as_pdf(london)
    as_pdf.cache_clear()

    assert as_pdf(london) == once


def test_without_pango_it_says_what_to_install() -> None:
    lacking = (sys.executable, "-c", f"import sys; sys.exit({WITHOUT_PANGO})")

    with pytest.raises(NoPangoError, match="install the packages libpango"):
        print_page(["<p>A page</p>"], {}, program=lacking)
    assert "apt" in NO_PANGO


@pytest.mark.parametrize("program", ["raise SystemExit(1)", "import os; os.abort()", "import time; time.sleep(60)"])
def test_a_page_that_cannot_be_made_says_so_whatever_becomes_of_its_process(
    program: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(printing, "LONGEST", 0.5)

    with pytest.raises(NotPrintedError, match="could not be made this time"):
        print_page(["<p>Figures</p>"], {}, program=(sys.executable, "-c", program))
    monkeypatch.undo()
    assert print_page(["<html lang='en'><title>A page</title><p>A page</p>"], {}, program=PROGRAM).startswith(b"%PDF")


def test_who_would_be_the_third_to_wait_for_a_page_is_asked_to_come_back() -> None:
    with PLACES, PLACES, pytest.raises(NotPrintedError, match=BUSY):
        print_page(["<p>Figures</p>"], {}, program=())
