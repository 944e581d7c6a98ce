"""The deadlines of a review as bars over one stretch of time: how long each ran, was paused, was late."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta

from scrt_workflow.workflows.clocks import LATE, MET, PAUSED, RUNNING, ClockState

LENGTH = 1000
"""How long the whole stretch of time is drawn."""
DAY = timedelta(days=1)


@dataclass(frozen=True, slots=True)
class Part:
    """A part of a bar: from where, how long, and what it was then: MET, RUNNING, PAUSED or LATE."""

    at: int
    length: int
    kind: str


@dataclass(frozen=True, slots=True)
class Bar:
    """One deadline: its parts in order, where it is due, and where it was due before."""

    parts: tuple[Part, ...]
    due: int | None
    was_due: tuple[int, ...]


@dataclass(frozen=True, slots=True)
class Timeline:
    """The bars of deadlines by their keys, on a stretch of time from *first* to *last*; *today* is where today is in it."""

    first: date
    last: date
    today: int | None
    bars: Mapping[str, Bar]

    @property
    def kinds(self) -> frozenset[str]:
        """Give what the parts of the bars are."""
        return frozenset(part.kind for bar in self.bars.values() for part in bar.parts)


def timeline_of(states: Sequence[ClockState], *, today: date) -> Timeline:
    """Draw *states* as bars, all on one scale."""
    days = [day for one in states for day in _days(one, today)] or [today]
    first, last = min(days), max(*days, min(days) + DAY)
    scale = _Scale(first, (last - first).days)
    bars = {one.key: _bar(one, today, scale) for one in states}
    return Timeline(first, last, scale.at(today) if first <= today <= last else None, bars)


@dataclass(frozen=True, slots=True)
class _Scale:
    first: date
    days: int

    def at(self, day: date) -> int:
        return round((day - self.first).days * LENGTH / self.days)


def _days(one: ClockState, today: date) -> Iterator[date]:
    """Give the days that must be in the picture."""
    yield one.started_on
    yield max(one.stopped_on or today, one.started_on)
    yield from (day for day in (one.due_on, *(new.was for new in one.new_dates)) if day)
    yield from (pause.from_on for pause in one.pauses)


def _bar(one: ClockState, today: date, scale: _Scale) -> Bar:
    parts = [
        Part(scale.at(begin), max(scale.at(end) - scale.at(begin), 1), kind)
        for begin, end, kind in _stretches(one, max(one.stopped_on or today, one.started_on))
    ]
    was_due = tuple(scale.at(new.was) for new in one.new_dates if new.was)
    return Bar(tuple(parts), scale.at(one.due_on) if one.due_on else None, was_due)


def _stretches(one: ClockState, end: date) -> Iterator[tuple[date, date, str]]:
    """Give from when to when the deadline ran, was paused, was late. A deadline that was met ran green."""
    cursor = one.started_on
    for pause in one.pauses:
        until = min(pause.to_on or end, end)
        if until > cursor or pause.to_on is None:
            since = max(pause.from_on, cursor)
            if since > cursor:
                yield from _ran(one, cursor, since)
            if since < until or pause.to_on is None:
                yield since, until, PAUSED
            cursor = until
    if one.paused_on is None:
        yield from _ran(one, cursor, end)


def _ran(one: ClockState, begin: date, end: date) -> Iterator[tuple[date, date, str]]:
    in_time = MET if one.stopped_on else RUNNING
    due = max(one.due_on or end, begin)
    if begin < min(due, end) or begin == end == one.started_on:
        yield begin, min(due, end), in_time
    if due < end:
        yield due, end, LATE
