"""A reader who wants to know what is hidden: writes what a document says as sums, and solves them for each hidden count."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from scrt_workflow.reports.figures import NOT_SHOWN, Count, Hidden, Summary

Domains = dict[Any, tuple[int, int]]
Sum = tuple[dict[Any, int], int]
"""Counts, each times a number, whose sum is at least nought, and at most this."""
MANY = 400
COLUMNS = ("open", "closed", "total")


class Reader:
    """Knows how figures hang together, and what `fewer than` and `not shown` mean; *summary* is all that this reader has."""

    def __init__(self, summary: Summary, *, low: int, fewer_than: int = 0) -> None:
        self.low, self.fewer_than = low, fewer_than
        self.domains: Domains = {}
        self.sums: list[Sum] = []
        self.hidden: set[Any] = set()
        self._read_reviews(summary)
        self._read_terms(summary)

    def _see(self, name: Any, shown: Count) -> None:
        if isinstance(shown, int):
            self.domains[name] = (shown, shown)
        else:
            self.hidden.add(name)
            self.domains[name] = (self.low, MANY) if shown is NOT_SHOWN else (1, self.fewer_than - 1)

    def _equal(self, one: Mapping[Any, int]) -> None:
        self.sums.append((dict(one), 0))

    def _read_reviews(self, summary: Summary) -> None:
        months: dict[Any, Any] = {line.month: line for line in summary.trend[:-1]}
        rows: dict[Any, Any] = {row.key: row for row in summary.by_type} | months | {"all": summary}
        for name, row in rows.items():
            for column in COLUMNS:
                self._see((name, column), getattr(row, column))
            self._equal({(name, "open"): 1, (name, "closed"): 1, (name, "total"): -1})
        for column in COLUMNS:
            self._equal({("all", column): -1} | {(row.key, column): 1 for row in summary.by_type})
        self._see("new", summary.new)
        self._equal({("all", "total"): 1, (summary.trend[-2].month, "total"): -1, "new": -1})
        self._see("converted", summary.conversions.converted)
        self._see("without", summary.conversions.closed_without)
        rapid = {(row.key, "closed"): -1 for row in summary.by_type if row.family == "Rapid Review"}
        self._equal({"converted": 1, "without": 1} | rapid)
        self._equal({"converted": 1} | {(row.key, "total"): -1 for row in summary.by_type if row.is_converted})

    def _read_terms(self, summary: Summary) -> None:
        for measure, overall in summary.terms.items():
            families = summary.terms_by_family[measure]
            for row in overall:
                self._see((measure, "", row.code), row.count)
                self.domains[measure, None, row.code] = (0, MANY)
                apart = {(measure, family, row.code): 1 for family in (*families, None)}
                self._equal({(measure, "", row.code): -1} | apart)
                for family in (*families, None):
                    of = {(one.key, "total"): 1 for one in summary.by_type if (one.family or None) == family}
                    self.sums.append(({(measure, family, row.code): -1} | of, MANY * 9))
            for family, rows in families.items():
                for row in rows:
                    self._see((measure, family, row.code), row.count)

    def knows(self, name: Any, *, truth: int) -> bool:
        """Say whether no other number than *truth* agrees with all that is shown."""
        low, high = self.domains[name]
        others = [(low, truth - 1), (truth + 1, high)]
        return not any(_is_possible({**self.domains, name: other}, self.sums) for other in others if other[0] <= other[1])


def _is_possible(domains: Domains, sums: list[Sum]) -> bool:
    if not _narrowed(domains, sums):
        return False
    free = [name for name, (low, high) in domains.items() if low < high]
    if not free:
        return True
    name = min(free, key=lambda one: domains[one][1] - domains[one][0])
    low, high = domains[name]
    halves = [(low, low), (low + 1, high)]
    return any(_is_possible({**domains, name: half}, sums) for half in halves)


def _narrowed(domains: Domains, sums: list[Sum]) -> bool:
    """Take from *domains* what no sum leaves possible; False when nothing is left of one."""
    has_changed = True
    while has_changed:
        has_changed = False
        for parts, most in sums:
            low, high = (
                sum(bounds) for bounds in zip(*(_times(domains[name], sign) for name, sign in parts.items()), strict=True)
            )
            if low > most or high < 0:
                return False
            for name, sign in parts.items():
                least, largest = _times(domains[name], sign)
                bounds = _times((max(least, -(high - largest)), min(largest, most - (low - least))), sign)
                if bounds[0] > bounds[1]:
                    return False
                if bounds != domains[name]:
                    domains[name], has_changed = bounds, True
                    low, high = low - least + _times(bounds, sign)[0], high - largest + _times(bounds, sign)[1]
    return True


def _times(bounds: tuple[int, int], sign: int) -> tuple[int, int]:
    return bounds if sign > 0 else (-bounds[1], -bounds[0])


def counts_of(summary: Summary) -> Iterator[tuple[Any, Count]]:
    """Give every count of a document, by where it stands."""
    for n, row in enumerate((*summary.by_type, *summary.trend, summary)):
        yield from (((n, column), getattr(row, column)) for column in COLUMNS)
    yield "new", summary.new
    yield "converted", summary.conversions.converted
    yield "without", summary.conversions.closed_without
    for measure, overall in summary.terms.items():
        for family, rows in {"": overall, **summary.terms_by_family[measure]}.items():
            yield from (((measure, family, row.code), row.count) for row in rows)


def is_hidden(shown: Count) -> bool:
    """Say whether a count is not shown."""
    return isinstance(shown, Hidden)
