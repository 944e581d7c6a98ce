"""A rollup as a table to read, and as CSV to open in a spreadsheet."""

from __future__ import annotations

import csv
from collections.abc import Iterator
from io import StringIO

from scrt_workflow.reports.figures import Figures, Rollup, Summary
from scrt_workflow.reports.periods import DAY, MONTH

DANGEROUS = ("=", "+", "-", "@", "\t", "\r", "\0")
"""What a cell must not start with, lest a spreadsheet compute it (OU1)."""
STATUSES = ("open", "closed", "total")


def as_text(rollup: Figures) -> str:
    """Give the figures as a table of plain text."""
    asked = rollup.asked
    known = f", as known at {asked.known_at:%d %B %Y %H:%M} UTC" if asked.known_at else ""
    known += ", frozen" if rollup.frozen_at else ""
    title = "" if asked.of.kind in {MONTH, DAY} else f", {asked.of.title}"
    lines = [f"{rollup.name} ({asked.organisation}): {asked.as_at:%d %B %Y}{title}{known}", ""]
    width = max([28, *(len(row.type) for row in rollup.by_type)])
    is_hiding = isinstance(rollup, Summary) and rollup.hides_below
    one, two, three = (15, 15, 15) if is_hiding else (7, 9, 8)
    lines += [f"{'Type of review':<{width}}{'Open':>{one}}{'Closed':>{two}}{'Total':>{three}}"]
    lines += [f"{row.type:<{width}}{row.open:>{one}}{row.closed:>{two}}{row.total:>{three}}" for row in rollup.by_type]
    lines += [f"{'Total':<{width}}{rollup.open:>{one}}{rollup.closed:>{two}}{rollup.total:>{three}}", ""]
    lines += [f"New in the {asked.of.word}: {rollup.new}", _conversions(rollup)]
    for measure, rows in rollup.terms.items():
        width = max([36, *(len(row.label) for row in rows)])
        grouped = ", as now grouped" if asked.grouped_on else ""
        lines += ["", f"{measure.capitalize()}{grouped}:", *(f"  {row.label:<{width}}{row.count:>{one - 2}}" for row in rows)]
    return "\n".join(lines)


def _conversions(rollup: Figures) -> str:
    outcome = rollup.conversions
    share = ""
    if isinstance(outcome.rate, float) and isinstance(outcome.median_days, float) and outcome.rate:
        share = f" ({outcome.rate:.0%}, median {outcome.median_days:g} days)"
    return f"Rapid reviews converted: {outcome.converted}{share}; closed without a further review: {outcome.closed_without}"


def as_csv(rollup: Figures, restated: Rollup | None = None) -> str:
    """Give the figures as CSV: measure, type or family, term, and the numbers; beside frozen ones, what they would be now."""
    out = StringIO()
    writer = csv.writer(out, lineterminator="\r\n")
    writer.writerow(["organisation", "period", "measure", "type", "term", "status", "count", *(["restated"] if restated else [])])
    now = {row[:-1]: row[-1] for row in _rows(restated)} if restated else {}
    rows = {row[:-1]: row[-1] for row in _rows(rollup)}
    for key in rows | now:
        counts = [rows.get(key, 0), *([now.get(key, 0)] if restated else [])]
        writer.writerow([safe(str(cell)) for cell in (rollup.asked.organisation, rollup.asked.of.key, *key, *counts)])
    return out.getvalue()


def safe(cell: str) -> str:
    """Give *cell* so that no spreadsheet takes it for a formula."""
    return f"'{cell}" if cell.startswith(DANGEROUS) else cell


def _rows(rollup: Figures) -> Iterator[tuple[object, ...]]:
    yield from (("reviews", "", "", status, getattr(rollup, status)) for status in STATUSES)
    yield "new", "", "", "", rollup.new
    yield from (("by_type", row.type, "", status, getattr(row, status)) for row in rollup.by_type for status in STATUSES)
    grouped = "_grouped" if rollup.asked.grouped_on else ""
    for measure, terms in rollup.terms.items():
        yield from ((f"{measure}{grouped}", "", term.label, "", term.count) for term in terms)
    for measure, families in rollup.terms_by_family.items():
        yield from (
            (f"{measure}{grouped}_by_type", family, term.label, "", term.count)
            for family, terms in families.items()
            for term in terms
        )
    outcome = rollup.conversions
    figures = {name: getattr(outcome, name) for name in ("converted", "closed_without", "rate", "median_days")}
    yield from (("conversions", "", "", name, "" if value is None else value) for name, value in figures.items())
