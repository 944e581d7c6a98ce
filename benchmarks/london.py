"""London's history: every step of 396 reviews played, in one transaction, and played again."""

from __future__ import annotations

import json
from collections.abc import Callable

from benchmarks.databases import Databases
from benchmarks.timing import Timed, side_by_side, unprepared
from benchmarks.tracker import Tracker
from scrt_workflow.database import unit_of_work
from scrt_workflow.demo.london import london_history
from scrt_workflow.operations.play import play


def london(on: Databases, _turns: int) -> list[Timed]:
    """Play it once and once again: the goal is 12 s on a quiet machine."""
    tracker = Tracker(on.folder(), on.empty())
    lines = [json.dumps(line) for line in london_history()]

    def once() -> None:
        with unit_of_work(tracker.engine) as session:
            play(session, lines, add_people=True)

    ways: dict[str, Callable[[], None]] = {f"London's {len(lines):,} steps played": once, "played again": once}
    timed = side_by_side({name: unprepared(do) for name, do in ways.items()}, turns=1, warm_up=0)
    tracker.close()
    return timed
