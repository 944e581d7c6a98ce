"""A rollup as a table to read, and as CSV to open in a spreadsheet."""

from __future__ import annotations

import csv
from collections.abc import Iterator
from io import StringIO
from typing import NamedTuple

from scrt_workflow.reports.figures import NEW, Figures, Rollup, Summary
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
    then = dict(_rows(rollup))
    now = dict(_rows(restated)) if restated else {}
    for key in then | now:
        words = (then.get(key) or now[key]).words
        counts = [one[key].number if key in one else 0 for one in ((then, now) if restated else (then,))]
        writer.writerow([safe(str(cell)) for cell in (rollup.asked.organisation, rollup.asked.of.key, *words, *counts)])
    return out.getvalue()


def safe(cell: str) -> str:
    """Give *cell* so that no spreadsheet takes it for a formula."""
    return f"'{cell}" if cell.startswith(DANGEROUS) else cell


class _Row(NamedTuple):
    """One figure: its measure, type or family, term and status in words, and the number."""

    words: tuple[str, str, str, str]
    number: object


def _rows(rollup: Figures) -> Iterator[tuple[tuple[str, ...], _Row]]:
    """Give each figure by what it is of: types and terms by their keys, since their words may have changed since."""
    for status in STATUSES:
        yield (status,), _Row(("reviews", "", "", status), getattr(rollup, status))
    yield (NEW,), _Row((NEW, "", "", ""), rollup.new)
    for row in rollup.by_type:
        for status in STATUSES:
            yield ("by_type", row.key, status), _Row(("by_type", row.type, "", status), getattr(row, status))
    yield from _term_rows(rollup)
    for name in ("converted", "closed_without", "rate", "median_days"):
        value = getattr(rollup.conversions, name)
        yield ("conversions", name), _Row(("conversions", "", "", name), "" if value is None else value)


def _term_rows(rollup: Figures) -> Iterator[tuple[tuple[str, ...], _Row]]:
    grouped = "_grouped" if rollup.asked.grouped_on else ""
    for measure, terms in rollup.terms.items():
        for term in terms:
            yield (measure, term.code), _Row((f"{measure}{grouped}", "", term.label, ""), term.count)
    for measure, families in rollup.terms_by_family.items():
        for family, terms in families.items():
            for term in terms:
                words = (f"{measure}{grouped}_by_type", family, term.label, "")
                yield (measure, family, term.code), _Row(words, term.count)
