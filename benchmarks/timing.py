"""Timing several ways of doing one thing side by side, turn by turn, so that a busy machine slows all of them alike."""

from __future__ import annotations

import gc
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from statistics import median


@dataclass(frozen=True, slots=True)
class Timed:
    """What one turn took: `wall` and `cpu` (this process only) are medians in seconds, the ratios are to the first way."""

    name: str
    wall: float
    cpu: float
    wall_ratio: float
    cpu_ratio: float

    def __str__(self) -> str:
        """Show it as a line of a table."""
        wall, cpu = f"{self.wall * 1000:,.2f} ms", f"{self.cpu * 1000:,.2f} ms"
        return f"  {self.name:<60} {wall:>13} {cpu:>13} {self.wall_ratio:>8.2f} {self.cpu_ratio:>8.2f}"


HEADING = f"{'':<62} {'time':>13} {'of that CPU':>13} {'ratio':>8} {'of CPU':>8}"

Prepared = Callable[[], Callable[[], object]]
"""Prepares a turn, untimed, and gives the function to time."""


@dataclass(frozen=True, slots=True)
class Way:
    """A way of doing one thing; `done` counts how often its database says that it was done, and `close` lets that go."""

    prepare: Prepared
    done: Callable[[], int]
    close: Callable[[], None]


def unprepared(do: Callable[[], object]) -> Prepared:
    """Give a way that needs no preparation: *do* is timed, again and again."""
    return lambda: do


def side_by_side(ways: Mapping[str, Prepared], *, turns: int, warm_up: int = 20, each: int = 1) -> list[Timed]:
    """Let each of *ways* take its turn, *turns* times over, and give what they took; the first is what others are compared with.

    A ratio is the median over the turns of what a way took to what the first took in the same turn. What is too quick for the
    clock is done *each* times in a turn; the times given are of once.
    """
    took: dict[str, list[tuple[float, float]]] = {name: [] for name in ways}
    for turn in range(warm_up + turns):
        for name, prepare in ways.items():
            timed = _time(prepare(), each)
            if turn >= warm_up:
                took[name].append(timed)
    first = took[next(iter(ways))]
    return [_timed(name, times, first) for name, times in took.items()]


def _time(do: Callable[[], object], each: int) -> tuple[float, float]:
    gc.disable()
    wall, cpu = time.perf_counter(), time.process_time()
    for _ in range(each):
        do()
    wall, cpu = time.perf_counter() - wall, time.process_time() - cpu
    gc.enable()
    return wall / each, cpu / each


def _timed(name: str, times: list[tuple[float, float]], first: list[tuple[float, float]]) -> Timed:
    walls, cpus = zip(*times, strict=True)
    ratios = [(mine[0] / other[0], mine[1] / other[1]) for mine, other in zip(times, first, strict=True)]
    wall_ratios, cpu_ratios = zip(*ratios, strict=True)
    return Timed(name, median(walls), median(cpus), median(wall_ratios), median(cpu_ratios))
