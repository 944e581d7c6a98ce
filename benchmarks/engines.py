"""A step of this service beside the same kind of step in viewflow and in SpiffWorkflow.

Each is one POST through WSGI that completes one user task with a form's text, by the engine's usual way, in one
transaction. Theirs is the first task of a new process each time, their cheapest.
"""

from __future__ import annotations

from sqlalchemy import func, select

from benchmarks.completing import REVIEWS, US, by_us
from benchmarks.databases import Databases
from benchmarks.timing import Timed, Way, side_by_side
from benchmarks.tracker import STEP, Tracker
from benchmarks.with_spiffworkflow import by_spiffworkflow
from benchmarks.with_viewflow import by_viewflow
from scrt_workflow.models import Event


def engines(on: Databases, turns: int) -> list[Timed]:
    """Measure them, each on a database of its own, and see that each has done the step every time."""
    ways = {US: _by_us(on), "viewflow": by_viewflow(on.empty()), "SpiffWorkflow": by_spiffworkflow(on.empty())}
    timed = side_by_side({name: way.prepare for name, way in ways.items()}, turns=turns)
    done = {name: way.done() for name, way in ways.items()}
    if done[US] < turns or len(set(done.values())) > 1:
        raise RuntimeError(f"They did not do the same: {done}.")
    for way in ways.values():
        way.close()
    return timed


def _by_us(on: Databases) -> Way:
    tracker = Tracker(on.folder(), on.empty())
    prepare = by_us(tracker, [tracker.add_review() for _ in range(REVIEWS)])

    def done() -> int:
        with tracker.engine.connect() as connection:
            return connection.execute(select(func.count()).where(Event.step == STEP)).scalar_one()

    return Way(prepare, done, tracker.close)
