"""Charts: what they draw is what the figures say, nothing of what is hidden, and nothing that a strict page would refuse."""

from __future__ import annotations

from dataclasses import replace
from datetime import date
from html.parser import HTMLParser
from random import Random
from typing import Any

import pytest

from scrt_workflow.reports import charts
from scrt_workflow.reports.figures import Hidden, MonthLine, Summary
from scrt_workflow.reports.periods import read_period
from scrt_workflow.reports.suppression import protected
from tests.reports.hostile import with_words
from tests.reports.tables_by_chance import summary_by_chance

LONDON = replace(summary_by_chance(Random(2), most=90), name="London")


class Elements(HTMLParser):
    """Lists the elements of a picture, and their attributes."""

    def __init__(self, svg: str) -> None:
        super().__init__()
        self.names: set[str] = set()
        self.attributes: set[tuple[str, str | None]] = set()
        self.words: list[str] = []
        self.feed(svg)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        """Remember an element."""
        self.names.add(tag)
        self.attributes |= set(attrs)

    def handle_data(self, data: str) -> None:
        """Remember words."""
        self.words.append(data)


def luminance(colour: str) -> float:
    parts = [int(colour[at : at + 2], 16) / 255 for at in (1, 3, 5)]
    red, green, blue = (part / 12.92 if part <= 0.04045 else ((part + 0.055) / 1.055) ** 2.4 for part in parts)
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue


def contrast(one: str, other: str) -> float:
    lighter, darker = sorted((luminance(one), luminance(other)), reverse=True)
    return (lighter + 0.05) / (darker + 0.05)


def test_a_chart_shows_each_number_in_words_too() -> None:
    drawn = Elements(charts.as_svg(charts.both(LONDON)))

    for total in (*(row.total for row in LONDON.trend), *(row.total for row in LONDON.by_type)):
        assert str(total) in drawn.words
    assert {"Open", "Closed"} <= set(drawn.words)
    for row in LONDON.trend:
        assert f"{row.month:%B %Y}: {row.open} open, {row.closed} closed" in charts.trend_in_words(LONDON)
    for line in LONDON.by_type:
        assert f"{line.type}: {line.open} open, {line.closed} closed" in charts.types_in_words(LONDON)


def test_the_words_of_a_chart_say_up_to_which_day_a_month_that_is_not_over_is_counted() -> None:
    said = charts.trend_in_words(replace(LONDON, up_to=date(2024, 10, 9)))

    newest = LONDON.trend[-1]
    assert f"; up to 9 October 2024: {newest.open} open, {newest.closed} closed." in said
    assert "September 2024: " in said
    assert "; October 2024" not in said


def test_colours_and_letters_stand_out() -> None:
    assert contrast(charts.OPEN, "#ffffff") >= 4.5
    assert contrast(charts.INK, charts.CLOSED) >= 4.5
    assert contrast(charts.OPEN, charts.CLOSED) >= 3
    assert contrast(charts.EDGE, "#ffffff") >= 3


def test_a_picture_has_nothing_that_runs_styles_or_fetches() -> None:
    hostile = with_words(LONDON, '"><script>alert(1)</script><a href="https://example.com">x</a>\'+alert(1)+\'')
    drawn = Elements(charts.as_svg(charts.both(hostile)))

    assert drawn.names <= {"svg", "g", "path", "rect", "text", "line", "tspan", "defs", "clippath", "desc", "title"}
    assert not [name for name, _ in drawn.attributes if name.startswith("on") or name in {"style", "href", "xlink:href"}]


def test_what_is_hidden_is_nowhere_in_the_drawing() -> None:
    for seed in range(30):
        summary = summary_by_chance(Random(seed), most=90)
        shown = protected(summary, 5)
        rows: list[Any] = [*shown.by_type, *shown.trend]
        hidden_rows = [row for row in rows if {type(row.open), type(row.closed)} == {Hidden}]
        drawing: dict[str, Any] = charts.both(shown)
        names = {value["name"] for value in _values(drawing) if "status" in value}
        for row in hidden_rows:
            assert getattr(row, "type", None) not in names
        for value in _values(drawing):
            if "count" in value:
                assert value["count"] >= 5


def _values(drawing: Any) -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = []
    if isinstance(drawing, dict):
        for key, value in drawing.items():
            found += value if key == "values" else _values(value)
    elif isinstance(drawing, list):
        for one in drawing:
            found += _values(one)
    return found


def test_a_picture_is_small_and_the_same_each_time() -> None:
    once = charts.as_png(charts.trend(LONDON))
    charts._png.cache_clear()  # noqa: SLF001 - so that it is drawn anew

    assert charts.as_png(charts.trend(LONDON)) == once
    assert once.startswith(b"\x89PNG")
    assert len(once) < 60_000


def over_six(key: str) -> Summary:
    """Give figures of a period, and the six ends of such periods up to it, each with one review more than the one before."""
    period = read_period(key)
    ends = [period.back(back).last_day for back in range(5, -1, -1)]
    trend = tuple(MonthLine(day.replace(day=1), number, 20, number + 20) for number, day in enumerate(ends, 30))
    return replace(LONDON, asked=replace(LONDON.asked, as_at=period.last_day, period=period), trend=trend)


@pytest.mark.parametrize("width", [350, 520, 560])
@pytest.mark.parametrize("key", ["2024-10", "2024-25-Q3", "2024-25", "2024-10-15"])
def test_each_of_six_ends_has_a_column_of_its_own_however_narrow_the_chart_is(key: str, width: int) -> None:
    drawing = charts.trend(over_six(key), width=width)

    tops = drawing["layer"][-1]["data"]["values"]
    assert len({top["name"] for top in tops}) == 6
    drawn = Elements(charts.as_svg(drawing)).words
    assert {top["name"] for top in tops} <= set(drawn)


def test_no_review_at_all_can_be_drawn() -> None:
    none = replace(LONDON, by_type=(), trend=tuple(replace(row, open=0, closed=0, total=0) for row in LONDON.trend))

    assert charts.as_png(charts.both(none)).startswith(b"\x89PNG")
