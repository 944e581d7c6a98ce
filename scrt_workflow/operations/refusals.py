"""Why a step could not be completed: each error carries what the page needs to show, and loses nothing."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from scrt_workflow.forms.builder import Reading
from scrt_workflow.models import Event, Person
from scrt_workflow.operations.records import Record
from scrt_workflow.workflows.refusal import Refusal
from scrt_workflow.workflows.schema import Step
from scrt_workflow.working_days import local_time


class StepRefusedError(Exception):
    """The step is not open to this person now; the message is the sentence to show."""

    def __init__(self, sentence: str, *, by: str = "", at: datetime | None = None) -> None:
        """Say *sentence*; *by* and *at* name who has done the step already, and when."""
        super().__init__(str(sentence))
        self.sentence, self.by, self.at = str(sentence), by, at


class AnswersError(Exception):
    """Answers must be mended first; `errors` gives the sentences by question."""

    def __init__(self, reading: Reading, more: Mapping[str, list[str]] | None = None) -> None:
        """Keep the *reading*, and *more* sentences that only the operation could find."""
        self.reading = reading
        self.errors = {**reading.errors, **(more or {})}
        super().__init__("; ".join(sentence for sentences in self.errors.values() for sentence in sentences))

    @classmethod
    def of(cls, reading: Reading, question: str, sentence: str) -> AnswersError:
        """Refuse the answer to one *question*."""
        return cls(reading, {question: [sentence]})


@dataclass(frozen=True, slots=True)
class Change:
    """What someone else did since a form was read: to a *question* (None: to the review's state)."""

    question: str | None
    theirs: Any
    yours: Any
    by: str
    at: datetime


class StaleReviewError(Exception):
    """Someone else has changed the state, or an answer that this form asks, since the form was read."""

    def __init__(self, changes: Sequence[Change], version: int) -> None:
        """Keep the *changes*, and the *version* to read the form at once they have been looked at."""
        super().__init__("Someone else has changed this review since you opened this form.")
        self.changes, self.version = list(changes), version


def changes_since(session: Session, record: Record, step: Step, answers: Mapping[str, Any], read_at: int) -> list[Change]:
    """Give what others changed after event *read_at* that matters to someone completing *step* with *answers*."""
    stream = f"review:{record.review.id}"
    newer = select(Event, Person.name).outerjoin(Person, Person.id == Event.person_id)
    rows = session.execute(newer.where(Event.stream == stream, Event.seq > read_at).order_by(Event.seq)).all()
    events = {event.seq: (event, name or "The service") for event, name in rows}
    found = [
        Change(None, event.to_state, event.from_state, name, event.recorded_at)
        for event, name in events.values()
        if event.from_state != event.to_state
    ]
    asked = record.definition.form_of(step).questions
    for question in asked:
        seq = record.set_at.get(question, 0)
        if seq in events and record.definition.questions[question].type != "entry":
            theirs, yours = record.answers[question], answers.get(question)
            event, name = events[seq]
            if theirs != yours:
                found.append(Change(question, theirs, yours, name, event.recorded_at))
    return found


def already_done(session: Session, record: Record, step: Step) -> StepRefusedError:
    """Refuse a step whose review has moved on, and say who moved it and when."""
    stream = f"review:{record.review.id}"
    moved = select(Event, Person.name).outerjoin(Person, Person.id == Event.person_id)
    moved = moved.where(Event.stream == stream, Event.from_state != Event.to_state).order_by(Event.seq.desc()).limit(1)
    row = session.execute(moved).first()
    if row is None:
        return StepRefusedError(Refusal.WRONG_STATE)
    event, name = row
    when = local_time(event.recorded_at)
    what = "This was already done" if event.step == step.key else "This review has moved on"
    return StepRefusedError(
        f"{what} by {name or 'the service'} at {when:%H:%M} on {when.day} {when:%B %Y}. Nothing was changed by you.",
        by=name or "",
        at=event.recorded_at,
    )
