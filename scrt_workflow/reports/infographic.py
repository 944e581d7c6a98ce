"""The infographic: the figures of a month's end on one tagged page to print, as regions show theirs.

What does not fit is set smaller, and at last left to the workbook: there is one page whatever the vocabularies are.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import date, timedelta
from functools import cache, lru_cache
from typing import Any

from jinja2 import Environment, FileSystemLoader, StrictUndefined

from scrt_workflow.reports import charts
from scrt_workflow.reports.figures import Count, Hidden, Line, Summary, Term, ranking
from scrt_workflow.reports.printing import print_page
from scrt_workflow.settings import shipped
from scrt_workflow.working_days import local_date

SERVICE = "Safeguarding case review tracker"
HEADINGS = {"themes": "Abuse and vulnerability themes", "learning": "Organisational learning"}
PLACES = 4
CHART_WIDTH = 520
SIZES = (9.4, 8.4, 7.4, 6.6, 5.8)  # points
MOST_TYPES, MOST_FAMILIES, MOST_ABREAST = 18, 7, 5
LONGEST_LABEL, LONGEST_PLACE, LONGEST_WORD, LONGEST_NAME = 44, 60, 20, 90  # characters


@dataclass(frozen=True, slots=True)
class Place:
    """One place of a ranking: its number, the terms that share it, how many more do, and how many reviews each has."""

    number: int
    words: str
    more: int
    count: Count
    is_tie: bool


@lru_cache(maxsize=16)
def as_pdf(summary: Summary) -> bytes:
    """Give *summary* as one page A4, tagged for those who listen to it (PDF/UA-1). Raises NotPrintedError.

    The same figures make the same bytes.
    """
    filling = _filling(summary)
    files = {"ours:trend": charts.as_svg(charts.trend(summary, width=CHART_WIDTH, title=""))}
    return print_page([_template().render(filling, size=size) for size in SIZES], files)


@cache
def _template() -> Any:
    loader = FileSystemLoader(shipped("templates") / "documents")
    environment = Environment(loader=loader, autoescape=True, undefined=StrictUndefined, trim_blocks=True, lstrip_blocks=True)
    return environment.get_template("infographic.html")


def _filling(summary: Summary) -> dict[str, Any]:
    """Give what the template is filled with."""
    types, others = _types(summary)
    lists = [(heading, list(_lists(summary, measure))) for measure, heading in HEADINGS.items()]
    columns = min(MOST_ABREAST, max(len(each) for _, each in lists))
    period = summary.asked.of
    return {
        "summary": summary,
        "service": SERVICE,
        "title": f"Safeguarding case reviews: {_short(summary.name, LONGEST_NAME)}, {period.title}",
        "name": _short(summary.name, LONGEST_NAME),
        "period": period,
        "up_to": _day(summary.up_to),
        "tiles": [
            ("Reviews", summary.total),
            ("Open", summary.open),
            ("Closed", summary.closed),
            (f"New in the {period.word}", summary.new),
        ],
        "types": [replace(row, type=_short(row.type)) for row in types],
        "others": others,
        "trend_in_words": charts.trend_in_words(summary),
        "measures": lists,
        "columns": columns,
        "share": 100 / columns - 0.1,  # a hair less, so that rounding breaks no row
        "conversions": conversions_in_words(summary),
        "counted_how": " ".join(how_counted(summary)),
    }


def _types(summary: Summary) -> tuple[list[Line], int]:
    """Give the types to show, and how many there are besides: where there are many, those without a review go first."""
    rows = list(summary.by_type)
    if len(rows) > MOST_TYPES:
        rows = sorted(rows, key=lambda row: not (row.total if isinstance(row.total, int) else 1))[:MOST_TYPES]
    return rows, len(summary.by_type) - len(rows)


def _lists(summary: Summary, measure: str) -> Iterator[tuple[str, list[Place]]]:
    """Give the first places overall, and of each family that has reviews with terms."""
    yield "Overall", _places(summary.terms[measure])
    families = [(family, _places(rows)) for family, rows in summary.terms_by_family[measure].items()]
    yield from [(_short(family), places) for family, places in families if places][:MOST_FAMILIES]


def _places(rows: Sequence[Term]) -> list[Place]:
    places = []
    for number, tied in ranking(rows, PLACES):
        words = _short(tied[0].label)
        named = 1
        for one in tied[1:]:
            if len(words) + len(one.label) > LONGEST_PLACE:
                break
            words, named = f"{words} / {one.label}", named + 1
        places.append(Place(number, words, len(tied) - named, tied[0].count, len(tied) > 1))
    return places


def _short(label: str, longest: int = LONGEST_LABEL) -> str:
    """Cut what is too long for its place, and words that would not fit a line; the workbook has all of it."""
    words = " ".join(_cut(word, LONGEST_WORD) for word in label.split())
    return _cut(words, longest)


def _cut(text: str, longest: int) -> str:
    return text if len(text) <= longest else f"{text[: longest - 1].rstrip()}…"


def how_counted(summary: Summary) -> Iterator[str]:
    """Say how the figures were counted, where that is not as known and as organised on the day that they were asked for."""
    asked = summary.asked
    if summary.frozen_at:
        yield f"These figures were frozen on {_day(local_date(summary.frozen_at))}."
    elif asked.known_at:
        yield f"As it was known on {_day(local_date(asked.known_at - timedelta(seconds=1)))}."
    if asked.organised_on:
        yield f"With all that the organisation covered on {_day(asked.organised_on)}."
    if asked.grouped_on:
        yield f"Themes and learning as they were grouped on {_day(asked.grouped_on)}."


def _day(day: date) -> str:
    return f"{day.day} {day:%B %Y}"


def in_days(number: int) -> str:
    """Say a number of days."""
    return "1 day" if number == 1 else f"{number} days"


def conversions_in_words(summary: Summary) -> str:
    """Say what became of the rapid reviews that were closed."""
    outcome = summary.conversions
    words = f"Of the closed rapid reviews, {outcome.converted} converted to a full review"
    if isinstance(outcome.rate, float):
        words += f" ({outcome.rate:.0%})"
    words += f" and {outcome.closed_without} closed without one."
    if isinstance(outcome.median_days, float) and not isinstance(outcome.converted, Hidden) and outcome.converted:
        words += f" Half of those that converted did so within {in_days(round(outcome.median_days))}."
    return words
