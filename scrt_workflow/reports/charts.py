"""Charts for e-mails and documents: one Vega-Lite drawing of figures, as SVG to print and as PNG to send.

A drawing says where each bar begins and ends, so that nothing is left for the library to count. Colours are the NHS's; open is
dark and closed is light with an edge, and each has its number on it, so that nobody need tell colours apart.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable, Iterator
from functools import lru_cache
from io import BytesIO
from threading import Lock
from typing import Any

from scrt_workflow.reports.figures import Line, MonthLine, Summary, known
from scrt_workflow.reports.periods import QUARTER, YEAR, ReportingPeriod, last_day_counted
from scrt_workflow.working_days import end_of_month

OPEN, CLOSED, EDGE, INK, GREY = "#005eb8", "#d8dde0", "#4c6272", "#212b32", "#4c6272"
FONT = "Arial, Liberation Sans, Helvetica, sans-serif"
WIDTH = 560
WIDE = 450  # from here on a column has room for a month with its year
SHOWN_FROM = 0.07  # of the longest bar: what is shorter has no room for its number
ROW, MOST_ROWS = 26, 24
TWICE = 2.0  # so that a sharp screen shows a sharp chart
COLOURS = 64
SCHEMA = "https://vega.github.io/schema/vega-lite/v5.json"  # a name; nothing is fetched
_one_at_a_time = Lock()  # it runs a JavaScript engine of its own

Drawing = dict[str, Any]


def trend_in_words(summary: Summary) -> str:
    """Say in words what the chart over time shows."""
    months = "; ".join(f"{_up_to(summary, row)}: {row.open} open, {row.closed} closed" for row in summary.trend)
    return f"Open and closed reviews at the end of each {summary.asked.of.word}. {months}."


def _up_to(summary: Summary, row: MonthLine) -> str:
    day = last_day_counted(row.month, summary.up_to)
    return f"{row.month:%B %Y}" if day == end_of_month(day) else f"up to {day.day} {day:%B %Y}"


def types_in_words(summary: Summary) -> str:
    """Say in words what the chart of types shows."""
    types = "; ".join(f"{row.type}: {row.open} open, {row.closed} closed" for row in summary.by_type)
    return f"Open and closed reviews of each type. {types}."


def trend(summary: Summary, *, width: int = WIDTH, title: str | None = None) -> Drawing:
    """Draw what was open and closed at each month-end: a column each, open below. Where it is narrow, months have no year."""
    of = summary.asked.of
    shown = "%b %Y" if width >= WIDE and of.kind != YEAR else short_names(of)
    title = f"Reviews at the end of each {of.word}" if title is None else title
    bars = [bar | {"name": f"{row.month:{shown}}"} for row in summary.trend for bar in _bars(row)]
    tops = [
        {"name": f"{row.month:{shown}}", "at": _end(row), "words": f"{row.total}" if isinstance(row.total, int) else "not all"}
        for row in summary.trend
    ]
    across = {"field": "name", "type": "ordinal", "sort": None, "title": None, "axis": {"labelAngle": 0, "domainColor": EDGE}}
    layers = _layers(bars, _most(summary.trend), along="y", across="x", place=across)
    layers.append(
        {
            "data": {"values": tops},
            "mark": {"type": "text", "baseline": "bottom", "dy": -4, "fontSize": 13, "fontWeight": "bold", "color": INK},
            "encoding": {"x": across, "y": {"field": "at", "type": "quantitative"}, "text": {"field": "words"}},
        }
    )
    return {**({"title": _title(title)} if title else {}), "width": width, "height": 200, "layer": layers}


def short_names(period: ReportingPeriod) -> str:
    """Give the shortest names that six ends of such periods may have, as `strftime` writes them: no two of them are the same."""
    return {QUARTER: "%b %y", YEAR: "%Y"}.get(period.kind, "%b")


def types(summary: Summary) -> Drawing:
    """Draw how many reviews of each type are open and closed: a bar each, open first; at most those of 24 types."""
    rows = [row for row in summary.by_type if row.total or len(summary.by_type) <= MOST_ROWS][:MOST_ROWS]
    bars = [bar | {"name": row.type} for row in rows for bar in _bars(row)]
    axis = {"labelLimit": 220, "domainColor": EDGE, "labelPadding": 6}
    place = {"field": "name", "type": "ordinal", "sort": [row.type for row in rows], "title": None, "axis": axis}
    layers = _layers(bars, _most(rows), along="x", across="y", place=place)
    ends = [{"name": row.type, "at": _end(row), "words": f"{row.total}"} for row in rows]
    layers.append(
        {
            "data": {"values": ends},
            "mark": {"type": "text", "align": "left", "dx": 6, "fontSize": 13, "fontWeight": "bold", "color": INK},
            "encoding": {"y": place, "x": {"field": "at", "type": "quantitative"}, "text": {"field": "words"}},
        }
    )
    size = {"width": WIDTH - 200, "height": ROW * max(len(rows), 1)}
    return {"title": _title("Reviews of each type"), **size, "layer": layers}


def both(summary: Summary) -> Drawing:
    """Draw both charts, one above the other, under the name of the organisation and the day."""
    above = f"{summary.name}: data up to {summary.up_to.day} {summary.up_to:%B %Y}"
    return {
        "title": {"text": above, "anchor": "start", "fontSize": 16, "limit": WIDTH + 60, "offset": 20},
        "vconcat": [trend(summary), types(summary)],
        "spacing": 30,
    }


def as_svg(drawing: Drawing) -> str:
    """Give *drawing* as SVG: shapes and words, nothing that runs or fetches."""
    return _svg(_written(drawing))


def as_png(drawing: Drawing) -> bytes:
    """Give *drawing* as a picture of twice its size."""
    return _png(_written(drawing))


def _title(text: str) -> Drawing:
    return {"text": text, "anchor": "start", "fontSize": 15, "color": INK, "offset": 12}


def _written(drawing: Drawing) -> str:
    looks = {
        "font": FONT,
        "axis": {"labelFontSize": 13, "labelColor": INK, "grid": False, "ticks": False},
        "legend": {
            "labelFontSize": 13,
            "labelColor": INK,
            "orient": "bottom",
            "symbolType": "square",
            "symbolSize": 160,
            "title": None,
        },
        "view": {"stroke": None},
    }
    return json.dumps({"$schema": SCHEMA, "background": "#ffffff", "padding": 12, "config": looks, **drawing}, sort_keys=True)


def _end(row: Line | MonthLine) -> int:
    """Say where the bar of a row ends: after what is shown, so that it tells nothing else."""
    return known(row.open) + known(row.closed)


def _most(rows: Iterable[Line | MonthLine]) -> int:
    return max([1, *(_end(row) for row in rows)])


def _bars(row: Line | MonthLine) -> Iterator[dict[str, Any]]:
    begins = 0
    for status, count in (("Open", row.open), ("Closed", row.closed)):
        if isinstance(count, int) and count:
            yield {"status": status, "from": begins, "to": begins + count, "middle": begins + count / 2, "count": count}
            begins += count


def _layers(bars: list[dict[str, Any]], most: int, *, along: str, across: str, place: Drawing) -> list[Drawing]:
    """Draw bars with their numbers on them, from `from` to `to` on the axis *along*."""
    scale = {"domain": [0, most * 1.12], "nice": False}
    length = {"field": "from", "type": "quantitative", "axis": None, "scale": scale}
    fill = {"domain": ["Open", "Closed"], "range": [OPEN, CLOSED]}
    ink = {"condition": {"test": "datum.status === 'Open'", "value": "#ffffff"}, "value": INK}
    labelled = [bar for bar in bars if bar["count"] >= SHOWN_FROM * most]
    bar_ends = {
        along: length,
        f"{along}2": {"field": "to"},
        across: place,
        "fill": {"field": "status", "type": "nominal", "scale": fill},
    }
    return [
        {"data": {"values": bars}, "mark": {"type": "bar", "stroke": EDGE, "strokeWidth": 1}, "encoding": bar_ends},
        {
            "data": {"values": labelled},
            "mark": {"type": "text", "fontSize": 13, "baseline": "middle", "align": "center"},
            "encoding": {
                along: {"field": "middle", "type": "quantitative"},
                across: place,
                "text": {"field": "count"},
                "color": ink,
            },
        },
    ]


@lru_cache(maxsize=64)
def _svg(written: str) -> str:
    drawn: str = _drawn(written, lambda library, drawing: library.vegalite_to_svg(drawing, allowed_base_urls=[]))
    return drawn


@lru_cache(maxsize=64)
def _png(written: str) -> bytes:
    drawn: bytes = _drawn(written, lambda library, drawing: library.vegalite_to_png(drawing, scale=TWICE, allowed_base_urls=[]))
    return _in_few_colours(drawn)


def _in_few_colours(picture: bytes) -> bytes:
    """Give a picture of flat colours in a fifth of its bytes."""
    from PIL import Image  # noqa: PLC0415 - as above

    out = BytesIO()
    Image.open(BytesIO(picture)).convert("RGB").quantize(COLOURS).save(out, "PNG", optimize=True)
    return out.getvalue()


def _drawn(written: str, draw: Callable[[Any, Drawing], Any]) -> Any:
    import vl_convert  # noqa: PLC0415 - only documents need it, and its first chart takes a while

    with _one_at_a_time:
        return draw(vl_convert, json.loads(written))
