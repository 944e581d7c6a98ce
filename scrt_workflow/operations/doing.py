"""A step as it is being completed, and what came of it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any
from uuid import UUID

from scrt_workflow.actors import Actor, Held
from scrt_workflow.conditions import Facts
from scrt_workflow.forms.builder import Reading
from scrt_workflow.operations.records import Record
from scrt_workflow.workflows.schema import Step
from scrt_workflow.working_days import local_date


@dataclass(frozen=True, slots=True)
class Completed:
    """What completing a step came to: the review, the number of its event, and the review that it opened, if any.

    *repeated* is true when the same submit had its effect before, so that nothing was done this time.
    """

    review_id: UUID
    seq: int
    opened: UUID | None = None
    repeated: bool = False


@dataclass(frozen=True, slots=True)
class Seen:
    """What a session has read before it completes a step: the review, and the form as it was typed, on the same day."""

    record: Record
    reading: Reading


@dataclass(frozen=True, slots=True)
class Doing:
    """A step as it is being completed: by whom, when, with which answers, and what it changes.

    *read_at* is the number of the newest event when its form was read.
    """

    record: Record
    step: Step
    actor: Actor
    held: Held
    at: datetime
    reading: Reading
    changed: Mapping[str, tuple[Any, Any]]
    facts: Facts
    read_at: int = 0

    @property
    def today(self) -> date:
        """Give the day in London on which it is done."""
        return local_date(self.at)
