"""The London demo: a history of 396 invented reviews whose month-ends are those published for 2024 (seed 001).

`python -m scrt_workflow.demo.london > london.jsonl` writes it for `scrt play`, one step a line.
"""

import json
import sys
from collections.abc import Iterator
from datetime import datetime, time

from scrt_workflow.demo.cases import cases
from scrt_workflow.demo.timelines import Told, timeline


def _line(told: Told, at: datetime) -> dict[str, object]:
    """Write a step as `play` reads it; *at* is London time, and *opens* names the new review of a conversion."""
    line: dict[str, object] = {
        "at": at.isoformat(),
        "person": told.person.email,
        "role": told.person.role,
        "organisation": told.person.organisation,
        "review": told.case.review.label,
        "workflow": told.case.review.workflow,
        "step": told.step,
        "answers": told.answers,
    }
    if told.step == "decide_next" and told.case.review.child:
        line["opens"] = told.case.review.child
    return line


def _timed(steps: list[Told]) -> Iterator[tuple[datetime, Told]]:
    """Give each step a time in working hours, later than an earlier step of the same review on the same day."""
    same_day = 0
    for n, told in enumerate(steps):
        same_day = same_day + 1 if n and steps[n - 1].day == told.day else 0
        at = time(hour=9 + 2 * same_day + told.case.rng.randint(0, 1), minute=told.case.rng.randint(0, 59))
        yield datetime.combine(told.day, at), told


def london_history() -> Iterator[dict[str, object]]:
    """Give every line of the history in the order of its time. The same every time."""
    timed = [pair for case in cases() for pair in _timed(timeline(case))]
    timed.sort(key=lambda pair: (pair[0], pair[1].case.review.label))
    for at, told in timed:
        yield _line(told, at)


if __name__ == "__main__":
    for line in london_history():
        sys.stdout.write(json.dumps(line, ensure_ascii=False) + "\n")
