"""Figures of organisations that there are not, by chance: small ones, since it is there that little hides much."""

from __future__ import annotations

from datetime import date
from random import Random

from scrt_workflow.reports.figures import Asked, Count, Line, MonthLine, Outcome, Summary, Term

OCTOBER = Asked("QMJ", frozenset({"QMJ"}), date(2024, 10, 31))
TYPES = (
    ("dhr", "DHR", False),
    ("sar", "SAR", False),
    ("sar_converted", "SAR", True),
    ("rapid", "Rapid Review", False),
    ("", "", False),
)
FAMILIES = ("DHR", "SAR", "Rapid Review")


def summary_by_chance(chance: Random, *, most: int = 9, terms: int = 3) -> Summary:
    """Make figures that hang together as real ones do: counts up to *most*, and many noughts."""

    def number(largest: int = most) -> int:
        return chance.choice([0, 0, 1, 2, 3, chance.randint(0, most), chance.randint(0, most)]) % (largest + 1)

    converted = number()
    rows = []
    closed_rapid = 0
    for key, family, is_converted in TYPES:
        opened, closed = number(), number()
        if is_converted:
            opened, closed = (part := chance.randint(0, converted)), converted - part
        if family == "Rapid Review":
            closed = closed_rapid = converted + number()
        rows.append(Line(key, key or "Not Stated", family, opened, closed, opened + closed, is_converted))
    opened, closed = sum(_number(row.open) for row in rows), sum(_number(row.closed) for row in rows)
    total, without = opened + closed, closed_rapid - converted
    new = number(total)
    before = chance.randint(0, total - new)
    trend = (
        MonthLine(date(2024, 8, 1), one := number(), two := number(), one + two),
        MonthLine(date(2024, 9, 1), before, total - new - before, total - new),
        MonthLine(date(2024, 10, 1), opened, closed, total),
    )
    sizes = {family: sum(_number(row.total) for row in rows if row.family == family) for family in (*FAMILIES, "")}
    by_family: dict[str, list[Term]] = {family: [] for family in FAMILIES}
    overall = []
    for code in (f"term{n}" for n in range(terms)):
        counts = {family: number(size) for family, size in sizes.items()}
        for family in FAMILIES:
            by_family[family].append(Term(code, code, counts[family]))
        overall.append(Term(code, code, sum(counts.values())))
    rate = converted / (converted + without) if converted + without else None
    return Summary(
        asked=OCTOBER, name="North Central London", by_type=tuple(rows), open=opened, closed=closed, total=total, new=new,
        terms={"themes": tuple(overall)}, terms_by_family={"themes": {family: tuple(of) for family, of in by_family.items()}},
        conversions=Outcome(converted, without, rate, 30.0 if converted else None), trend=trend,
        up_to=OCTOBER.as_at,
    )  # fmt: skip


def _number(count: Count) -> int:
    assert isinstance(count, int)
    return count
