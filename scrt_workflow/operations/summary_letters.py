"""The month-end figures as an e-mail: its words, and the files that go with it. No word of a review is among them (OU4)."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date
from typing import Any

from scrt_workflow.enclosures import Enclosure
from scrt_workflow.reports import charts
from scrt_workflow.reports.figures import Count, Summary, Term, ranking
from scrt_workflow.reports.files import CALLED, MEDIA
from scrt_workflow.reports.infographic import HEADINGS, as_pdf, conversions_in_words
from scrt_workflow.reports.printing import NotPrintedError
from scrt_workflow.reports.workbook import as_workbook
from scrt_workflow.working_days import end_of_month

PLACES, MOST_AT_A_PLACE = 3, 4
CHART = "chart.png"
NARROW = 350  # pixels


def enclosures_of(summary: Summary) -> tuple[tuple[Enclosure, ...], str]:
    """Give the files that go with the e-mail, the chart that it shows, the workbook and the infographic; and why that is missing.

    The same figures are drawn and laid out once, however many read them.
    """
    name = f"{summary.asked.organisation}-{summary.asked.of.key}"
    chart = Enclosure(CHART, MEDIA["png"], charts.as_png(_chart(summary)), is_shown=True)
    workbook = Enclosure(f"{CALLED['xlsx']}-{name}.xlsx", MEDIA["xlsx"], as_workbook(summary))
    try:
        return (chart, workbook, Enclosure(f"{CALLED['pdf']}-{name}.pdf", MEDIA["pdf"], as_pdf(summary))), ""
    except NotPrintedError as error:
        return (chart, workbook), str(error)


def _chart(summary: Summary) -> charts.Drawing:
    """Draw the chart so narrow that a phone shows its words large enough to read."""
    first, last = summary.trend[0].month, summary.trend[-1].month
    return charts.trend(summary, width=NARROW, title=f"Reviews, {first:%B %Y} to {last:%B %Y}")


def filling(summary: Summary, enclosures: tuple[Enclosure, ...], *, missing: str, address: str, began: date) -> dict[str, Any]:
    """Give what the letter's templates are filled with; *missing* is why a file is, and links begin with *address*.

    The organisation *began* on that day.
    """
    title, took_over = summary.asked.of.title, summary.asked.organised_on is not None
    address_of = f"{address}/figures?organisation={summary.asked.organisation}&period={summary.asked.of.key}"
    return {
        "subject": " ".join(f"{title}: safeguarding case reviews, {summary.name}".split()),
        "summary": summary,
        "title": title,
        "period": summary.asked.of.word,
        "up_to": f"{summary.up_to.day} {summary.up_to:%B %Y}{', of those that it took over from' if took_over else ''}",
        "figures": list(_figures(summary, began)),
        "chart": CHART,
        "chart_in_words": charts.trend_in_words(summary),
        "rankings": list(_rankings(summary)),
        "conversions": conversions_in_words(summary),
        "files": [one.name for one in enclosures if not one.is_shown],
        "no_infographic": missing,
        "link": f"{address_of}&known_at=then&organisations=now" if took_over else address_of,
        "account": f"{address}/account",
    }


def _figures(summary: Summary, began: date) -> Iterator[tuple[str, Count, str]]:
    """Give the figures that matter most, each with how it differs from the month-end before, where both are shown.

    An organisation that had not begun then had nothing that it could be compared with.
    """
    before, kind = summary.trend[-2], summary.asked.of.word
    had_begun = summary.asked.organised_on is not None or began <= end_of_month(before.month)
    for label, status in (("Reviews", "total"), ("Open", "open"), ("Closed", "closed")):
        count: Count = getattr(summary, status)
        yield label, count, _difference(count, getattr(before, status), kind) if had_begun else ""
    yield "New", summary.new, f"in the {kind}"


def _difference(now: Count, before: Count, kind: str) -> str:
    if not isinstance(now, int) or not isinstance(before, int):
        return ""
    if now == before:
        return f"as the {kind} before"
    return f"{abs(now - before):,} {'more' if now > before else 'fewer'} than the {kind} before"


def _rankings(summary: Summary) -> Iterator[tuple[str, list[tuple[str, list[str]]]]]:
    """Give, for themes and for learning, the first places overall and of each family that has any."""
    for measure, heading in HEADINGS.items():
        families = {"Overall": summary.terms[measure], **summary.terms_by_family[measure]}
        lists = [(family, [_place(count, tied) for count, tied in _places(rows)]) for family, rows in families.items()]
        yield heading, [(family, places) for family, places in lists if places]


def _places(rows: tuple[Term, ...]) -> list[tuple[Count, list[Term]]]:
    return [(tied[0].count, tied) for _, tied in ranking(rows, PLACES)]


def _place(count: Count, tied: list[Term]) -> str:
    words = " / ".join(one.label for one in tied[:MOST_AT_A_PLACE])
    more = f" and {len(tied) - MOST_AT_A_PLACE} more" if len(tied) > MOST_AT_A_PLACE else ""
    return f"{words}{more} ({count}{' each' if len(tied) > 1 else ''})"
