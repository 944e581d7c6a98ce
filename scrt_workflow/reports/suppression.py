"""Small numbers are hidden, and with them as much else as keeps sums and related tables from giving them away.

A count from 1 to n-1 is written "fewer than n", and what is hidden besides "not shown"; so is a small one where even "fewer
than n" would tell it, as in a row of one open, one closed and fewer than three. Whoever subtracts could often tell what is
hidden: from the rest of a row, a column's sum, what came of rapid reviews, the month before. So other counts are hidden too,
the cheapest that will do: for each hidden count there is another whole set of figures, in which it is another number, that
agrees with everything that is still shown.

That holds for one document. Two of them, of two months or of an ICB and its region, may be compared; none knows of others.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, replace
from heapq import heappop, heappush
from itertools import count

from scrt_workflow.reports.figures import (
    NOT_SHOWN,
    Count,
    Hidden,
    Line,
    MonthLine,
    Outcome,
    Summary,
    Term,
)

SMALLEST = 3
"""Below this "fewer than" says the number."""
RAPID = "Rapid Review"
STATUSES = ("open", "closed", "total")
LONGEST_SEARCH = 20_000  # ways looked at for one count; a document of London's needs under a hundred

Key = tuple[str, ...]
"""One count: ("type", key, status), ("all", status), ("month", "2024-09", status), ("term", measure, family, code) and so on."""
ALL, NEW, REST, TERM, TYPE, MONTH, CONVERTED, WITHOUT = "all", "new", "rest", "term", "type", "month", "converted", "without"
COSTS = {TYPE: 10, TERM: 10, CONVERTED: 12, WITHOUT: 12, MONTH: 15, NEW: 15, ALL: 60}
BLURRED = 30  # what it costs to write a small count as one that may be of any size
DEARER = 5  # a sum tells more than what it is the sum of


@dataclass(frozen=True)
class Relation:
    """What a reader knows of counts: their sum, each times 1 or -1, is zero; or, where it only *is_at_least*, not below zero."""

    parts: Mapping[Key, int]
    is_at_least: bool = False


@dataclass(frozen=True)
class Puzzle:
    """The counts of a document, as a reader who wants to know more sees them."""

    counts: Mapping[Key, int]
    relations: tuple[Relation, ...]
    never_shown: frozenset[Key]
    hides_below: int

    def is_small(self, key: Key) -> bool:
        """Say whether a count is one to hide."""
        return 1 <= self.counts[key] < self.hides_below

    def is_blurred_by(self, key: Key, change: int) -> bool:
        """Say whether a small count that might be other by *change* is no longer sure to be small."""
        return self.is_small(key) and self.counts[key] + change >= self.hides_below

    def allows(self, key: Key, change: int) -> bool:
        """Say whether a hidden count might be other by *change*, for a reader who knows how numbers are hidden."""
        least = 0 if key in self.never_shown else 1 if self.is_small(key) else self.hides_below
        return self.counts[key] + change >= least

    def cost(self, key: Key) -> int | None:
        """Say how much is lost by hiding a count: little with a small one; None for a nought, which is always shown."""
        if key in self.never_shown or self.is_small(key):
            return 0
        if not self.counts[key]:
            return None
        is_sum = key[-1] == "total" or (key[0] == TERM and not key[2])
        return COSTS[key[0]] + DEARER * is_sum + self.counts[key].bit_length()


def protected(summary: Summary, hides_below: int) -> Summary:
    """Give *summary* with counts from 1 to *hides_below* - 1 hidden, and what would give them away; 0 hides nothing.

    Raises ValueError for 1 and 2, by which "fewer than" would say the number.
    """
    if not hides_below:
        return summary
    if hides_below < SMALLEST:
        raise ValueError(f"Small numbers are hidden from {SMALLEST} on: fewer than 2 would mean 1.")
    puzzle = _puzzle(summary, hides_below)
    return _shown(summary, puzzle, *_hidden(puzzle))


def _puzzle(summary: Summary, hides_below: int) -> Puzzle:
    counts = dict(_counts(summary))
    relations = [one for one in _relations(summary, counts) if _holds(one, counts)]
    never_shown = frozenset(key for key in counts if key[0] == REST)
    return Puzzle(counts, tuple(relations), never_shown, hides_below)


def _holds(relation: Relation, counts: Mapping[Key, int]) -> bool:
    """Say whether a relation is true: a review that moved away may have made months or conversions not add up."""
    return _off(relation, counts, {}) == 0


def _off(relation: Relation, counts: Mapping[Key, int], changes: Mapping[Key, int]) -> int:
    """Say by how much a relation is broken by *changes*."""
    off = sum(sign * (counts[key] + changes.get(key, 0)) for key, sign in relation.parts.items())
    return min(off, 0) if relation.is_at_least else off


def _number(shown: Count) -> int:
    if isinstance(shown, Hidden):
        raise TypeError("These figures were protected before.")
    return shown


def _month_key(summary: Summary, line: MonthLine) -> Key:
    """Give how counts of a month-end begin; the newest is the month of the other figures, if it says the same."""
    is_same = line is summary.trend[-1] and all(getattr(line, status) == getattr(summary, status) for status in STATUSES)
    return (ALL,) if is_same else (MONTH, f"{line.month:%Y-%m}")


def _counts(summary: Summary) -> Iterator[tuple[Key, int]]:
    for status in STATUSES:
        yield (ALL, status), _number(getattr(summary, status))
        for row in summary.by_type:
            yield (TYPE, row.key, status), _number(getattr(row, status))
        for line in summary.trend:
            yield (*_month_key(summary, line), status), _number(getattr(line, status))
    yield (NEW,), _number(summary.new)
    yield (CONVERTED,), _number(summary.conversions.converted)
    yield (WITHOUT,), _number(summary.conversions.closed_without)
    for measure, overall in summary.terms.items():
        by_family = summary.terms_by_family[measure]
        sums = {row.code: _number(row.count) for row in overall}
        for family, rows in {"": overall, **by_family}.items():
            yield from (((TERM, measure, family, row.code), _number(row.count)) for row in rows)
        for of_family in by_family.values():
            for term in of_family:
                sums[term.code] = sums.get(term.code, 0) - _number(term.count)
        yield from (((REST, measure, code), number) for code, number in sums.items())


def _relations(summary: Summary, counts: Mapping[Key, int]) -> Iterator[Relation]:
    """Give everything that a reader may reckon with."""
    for status in STATUSES:
        column: dict[Key, int] = {(TYPE, row.key, status): 1 for row in summary.by_type}
        yield Relation({**column, (ALL, status): -1})
    months = [_month_key(summary, line) for line in summary.trend]
    for begins in [(ALL,), *months, *((TYPE, row.key) for row in summary.by_type)]:
        yield Relation({(*begins, "open"): 1, (*begins, "closed"): 1, (*begins, "total"): -1})
    if len(months) > 1:
        yield Relation({(*months[-1], "total"): 1, (*months[-2], "total"): -1, (NEW,): -1})
    yield Relation({(ALL, "total"): 1, (NEW,): -1}, is_at_least=True)
    rapid: dict[Key, int] = {(TYPE, row.key, "closed"): -1 for row in summary.by_type if row.family == RAPID}
    yield Relation({(CONVERTED,): 1, (WITHOUT,): 1, **rapid})
    became: dict[Key, int] = {(TYPE, row.key, "total"): -1 for row in summary.by_type if row.is_converted}
    yield Relation({(CONVERTED,): 1, **became})
    yield from _relations_of_terms(summary, counts)


def _relations_of_terms(summary: Summary, counts: Mapping[Key, int]) -> Iterator[Relation]:
    """Give that families sum to all, with a rest that nobody is shown; and that no term has more reviews than there are."""
    for key in counts:
        if key[0] == REST:
            _, measure, code = key
            families = summary.terms_by_family[measure]
            parts: dict[Key, int] = {key: 1, (TERM, measure, "", code): -1}
            parts |= {(TERM, measure, family, code): 1 for family in families if (TERM, measure, family, code) in counts}
            yield Relation(parts)
            yield _no_more_than_there_are(key, [row for row in summary.by_type if row.family not in families])
        elif key[0] == TERM and key[2]:
            yield _no_more_than_there_are(key, [row for row in summary.by_type if row.family == key[2]])


def _no_more_than_there_are(key: Key, rows: Iterable[Line]) -> Relation:
    parts: dict[Key, int] = {(TYPE, row.key, "total"): 1 for row in rows}
    return Relation({**parts, key: -1}, is_at_least=True)


def _hidden(puzzle: Puzzle) -> tuple[set[Key], set[Key]]:
    """Choose what to hide: the small counts, and for each as much besides as makes it uncertain; and which of all to blur."""
    of = _relations_by_key(puzzle)
    small = [key for key in puzzle.counts if puzzle.is_small(key)]
    hidden, blurred, uncertain = set(puzzle.never_shown) | set(small), set[Key](), set[Key]()
    for key in small:
        if key not in uncertain:
            way = _other_figures(puzzle, of, key, hidden, blurred)
            if way is None:  # not known to happen; then no count is shown
                return set(puzzle.counts), set(puzzle.counts)
            hidden |= way.keys()
            uncertain |= way.keys()
            blurred |= {one for one, change in way.items() if puzzle.is_blurred_by(one, change)}
    return hidden, blurred


def _relations_by_key(puzzle: Puzzle) -> dict[Key, list[Relation]]:
    found: dict[Key, list[Relation]] = {key: [] for key in puzzle.counts}
    for relation in puzzle.relations:
        for key in relation.parts:
            found[key].append(relation)
    return found


def _other_figures(
    puzzle: Puzzle, of: Mapping[Key, Iterable[Relation]], start: Key, hidden: set[Key], blurred: set[Key]
) -> dict[Key, int] | None:
    """Find the cheapest other figures in which the count at *start* is one more or one less: by how much each differs.

    A relation that a change breaks is mended by another change of it, until none is broken; among equals the latest goes on.
    """
    order = count()
    waiting: list[tuple[int, int, dict[Key, int]]] = []

    def look_at(cost: int, changes: dict[Key, int], key: Key, change: int) -> None:
        more = 0 if key in hidden else puzzle.cost(key)
        if key not in changes and more is not None and puzzle.allows(key, change):
            more += BLURRED * (key not in blurred and puzzle.is_blurred_by(key, change))
            heappush(waiting, (cost + more, -next(order), {**changes, key: change}))

    look_at(0, {}, start, 1)
    look_at(0, {}, start, -1)
    for _ in range(LONGEST_SEARCH):
        if not waiting:
            return None
        cost, _, changes = heappop(waiting)
        broken = next((one for key in changes for one in of[key] if _off(one, puzzle.counts, changes)), None)
        if broken is None:
            return changes
        off = _off(broken, puzzle.counts, changes)
        for key, sign in broken.parts.items():
            look_at(cost, changes, key, -off * sign)
    return None


def _shown(summary: Summary, puzzle: Puzzle, hidden: set[Key], blurred: set[Key]) -> Summary:
    fewer = Hidden(f"fewer than {puzzle.hides_below}")

    def show(*key: str) -> Count:
        if key not in hidden:
            return puzzle.counts[key]
        return fewer if puzzle.is_small(key) and key not in blurred else NOT_SHOWN

    def line(row: Line) -> Line:
        key = (TYPE, row.key)
        return replace(row, open=show(*key, "open"), closed=show(*key, "closed"), total=show(*key, "total"))

    def month(row: MonthLine) -> MonthLine:
        begins = _month_key(summary, row)
        return replace(row, open=show(*begins, "open"), closed=show(*begins, "closed"), total=show(*begins, "total"))

    def terms(measure: str, family: str, rows: tuple[Term, ...]) -> tuple[Term, ...]:
        return _in_order(replace(row, count=show(TERM, measure, family, row.code)) for row in rows)

    converted, without = show(CONVERTED), show(WITHOUT)
    of = summary.conversions
    rate = NOT_SHOWN if Hidden in {type(converted), type(without)} else of.rate
    return replace(
        summary,
        by_type=tuple(map(line, summary.by_type)),
        open=show(ALL, "open"),
        closed=show(ALL, "closed"),
        total=show(ALL, "total"),
        new=show(NEW),
        terms={measure: terms(measure, "", rows) for measure, rows in summary.terms.items()},
        terms_by_family={
            measure: {family: terms(measure, family, rows) for family, rows in families.items()}
            for measure, families in summary.terms_by_family.items()
        },
        conversions=Outcome(converted, without, rate, NOT_SHOWN if isinstance(converted, Hidden) else of.median_days),
        trend=tuple(map(month, summary.trend)),
        hides_below=puzzle.hides_below,
    )


def _in_order(rows: Iterable[Term]) -> tuple[Term, ...]:
    """Put what is hidden between what is shown and the noughts, by its words: its place would tell how much it is."""

    def place(row: Term) -> tuple[int, int, str]:
        if isinstance(row.count, Hidden):
            return 1, 0, row.label
        return (0, -row.count, "") if row.count else (2, 0, "")

    return tuple(sorted(rows, key=place))
