"""Reminders as plain bookkeeping: what each person is to get on each day, said again without a line of the service's.

It knows the rules of the shipped safeguarding adult review by heart: an open review wants an update after 30 days and then every
14, an embargo wants another look on its day and then every 14; the designate is told, from the fourth on the leads too.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import date, timedelta

HOLIDAYS = {
    date(2024, 12, 25), date(2024, 12, 26), date(2025, 1, 1), date(2025, 4, 18), date(2025, 4, 21), date(2025, 5, 5),
    date(2025, 5, 26), date(2025, 8, 25),
}  # fmt: skip
FRIDAY = 4
Cycle = tuple[str, int]


def is_working(day: date) -> bool:
    """Say whether people are at work on *day*."""
    return day.weekday() <= FRIDAY and day not in HOLIDAYS


@dataclass
class Holding:
    """Who holds a role of an ICB, or of the region (no ICB), from a day until another."""

    who: str
    above: bool
    icb: str = ""
    first: date = date.min
    until: date = date.max
    lent_from: str = ""

    def on(self, day: date) -> bool:
        """Say whether it is held on *day*."""
        return self.first <= day < self.until


@dataclass
class Kept:
    """A review: where it is, and what its reminders are counted from."""

    reference: str
    icb: str
    state: str
    counted_from: date
    cycle: int = 1
    sent: int = 0
    last: date | None = None

    def begins(self, state: str, day: date) -> None:
        """Begin a new cycle."""
        self.state, self.counted_from, self.sent, self.last = state, day, 0, None
        self.cycle += 1

    def is_due(self, day: date) -> bool:
        """Say whether the next reminder is due."""
        if self.state == "published":
            return False
        wait = 14 if self.last else 30 if self.state == "open" else 0
        return day >= (self.last or self.counted_from) + timedelta(days=wait)


@dataclass
class Book:
    """Everything that is to happen, by hand."""

    holdings: list[Holding]
    reviews: dict[str, Kept] = field(default_factory=dict)
    stopped: set[str] = field(default_factory=set)
    entered: dict[str, list[tuple[Kept, int, int]]] = field(default_factory=dict)
    posted: dict[str, date] = field(default_factory=dict)

    def job(self, day: date) -> dict[str, list[tuple[Kept, int, int]]]:
        """Run the job of a day: give what each person's e-mail is made from."""
        if not is_working(day):
            return {}
        for review in self.reviews.values():
            people = self._readers(review, day) if review.is_due(day) else []
            if people:
                review.sent, review.last = review.sent + 1, day
                for who in people:
                    self.entered.setdefault(who, []).append((review, review.cycle, review.sent))
        post = {who: rows for who, rows in self.entered.items() if rows and self.posted.get(who) != day}
        for who in post:
            self.posted[who] = day
            self.entered[who] = []
        return post

    def letter(self, who: str, rows: Iterable[tuple[Kept, int, int]], day: date) -> set[str]:
        """Give the references in the letter to *who* as it is written on *day*."""
        return {
            review.reference
            for review, cycle, number in rows
            if review.cycle == cycle and self._may_hear(who, review, number, day)
        }

    def _may_hear(self, who: str, review: Kept, number: int, day: date) -> bool:
        above, below = (any(one.who == who for one in self._held(review, day, above=up)) for up in (True, False))
        if above and (number > 3 or not below):
            return True
        return below and who not in self.stopped

    def _held(self, review: Kept, day: date, *, above: bool) -> list[Holding]:
        return [one for one in self.holdings if one.above == above and one.icb in {"", review.icb} and one.on(day)]

    def _told(self, review: Kept, day: date, *, above: bool) -> list[str]:
        held = self._held(review, day, above=above)
        lent = {(one.lent_from, one.icb) for one in held}
        return [one.who for one in held if (one.who, one.icb) not in lent]

    def _readers(self, review: Kept, day: date) -> list[str]:
        below = self._told(review, day, above=False)
        if not below or review.sent + 1 > 3:
            return sorted({*below, *self._told(review, day, above=True)})
        return below
