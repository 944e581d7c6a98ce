"""What a review has had, as far as its deadlines look at it, and from which day each of it counts."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date
from typing import Any, NamedTuple

from scrt_workflow.workflows.schema import Workflow

Answers = Mapping[str, Any]
NOTHING_SAID: Answers = {}


class Happening(NamedTuple):
    """A step that a review has had: the day from which it counts, the state it led to, and the dates that it answered.

    `seq` is the number of its event.
    """

    step: str
    on: date
    state: str = ""
    seq: int = 0
    said: Answers = NOTHING_SAID


Happened = Sequence[Happening]
"""What a review has had, the oldest first."""


def as_corrected(workflow: Workflow, events: Happened) -> Happened:
    """Let what moved nothing count from the day to which it was corrected since; moves come with theirs."""
    found = list(events)
    for number, one in enumerate(events):
        question = "" if one.state else workflow.dated_staying.get(one.step, "")
        for other in (later for later in events[number + 1 :] if question and question in later.said):
            if not (by := workflow.steps.get(other.step)) or not by.restates:
                break  # asked anew, of something else
            found[number] = one._replace(on=day_of(other.said[question]) or found[number].on)
    return found


def day_of(value: Any) -> date | None:
    """Give the day that an answer is; None where it is none."""
    return date.fromisoformat(value) if isinstance(value, str) and len(value) == 10 and value[4] == value[7] == "-" else None
