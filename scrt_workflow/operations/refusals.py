"""Why a step could not be completed: each error carries what the page needs to show, and loses nothing."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import bindparam, select
from sqlalchemy.orm import Session

from scrt_workflow.forms.builder import Reading
from scrt_workflow.models import Person, Review
from scrt_workflow.operations.history import EVENTS, IS_MOVE
from scrt_workflow.operations.records import Record
from scrt_workflow.operations.tables import table_of
from scrt_workflow.workflows.refusal import Refusal
from scrt_workflow.workflows.schema import Definition, Step
from scrt_workflow.working_days import local_time

SERVICE = "The service"
PEOPLE = table_of(Person)
DONE_BY = (
    select(*EVENTS.c["seq", "step", "from_state", "to_state", "recorded_at"], IS_MOVE.label("is_move"), PEOPLE.c.name)
    .outerjoin(PEOPLE, PEOPLE.c.id == EVENTS.c.person_id)
    .where(EVENTS.c.stream == bindparam("stream"))
)
NEWER = DONE_BY.where(EVENTS.c.seq > bindparam("read_at")).order_by(EVENTS.c.seq)
BEEN = select(EVENTS.c.from_state, EVENTS.c.to_state).where(EVENTS.c.stream == bindparam("stream")).distinct()
LAST_MOVE = DONE_BY.where(IS_MOVE).order_by(EVENTS.c.seq.desc()).limit(1)


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
    rows = session.connection().execute(NEWER, {"stream": f"review:{record.review.id}", "read_at": read_at})
    events = {row.seq: row for row in rows}
    found = [
        Change(None, event.to_state, event.from_state, event.name or SERVICE, event.recorded_at)
        for event in events.values()
        if event.is_move
    ]
    asked = record.definition.form_of(step).questions
    for question in asked:
        seq = record.set_at.get(question, 0)
        if seq in events and record.definition.questions[question].type != "entry":
            theirs, yours = record.answers[question], answers.get(question)
            if theirs != yours:
                found.append(Change(question, theirs, yours, events[seq].name or SERVICE, events[seq].recorded_at))
    return found


def out_of_turn(session: Session, review: Review, step: Step, definition: Definition) -> StepRefusedError:
    """Refuse a step whose turn is over, and say who moved the review and when; or has not come, and say what must be first."""
    connection, states = session.connection(), definition.workflow.states
    been = {state for row in connection.execute(BEEN, {"stream": f"review:{review.id}"}) for state in row}
    awaited = [f"“{states[key].title}”" for key in step.comes_from if key in states]
    if awaited and not been & set(step.comes_from):
        return StepRefusedError(f"It is not time for this step yet. First the review must become {' or '.join(awaited)}.")
    return already_done(session, review, step)


def already_done(session: Session, review: Review, step: Step) -> StepRefusedError:
    """Refuse a step whose review has moved on, and say who moved it and when."""
    event = session.connection().execute(LAST_MOVE, {"stream": f"review:{review.id}"}).one_or_none()
    if event is None:
        return StepRefusedError(Refusal.WRONG_STATE)
    when = local_time(event.recorded_at)
    what = "This was already done" if event.step == step.key else "This review was moved on"
    return StepRefusedError(
        f"{what} by {event.name or 'the service'} at {when:%H:%M} on {when.day} {when:%B %Y}. Nothing was changed by you.",
        by=event.name or "",
        at=event.recorded_at,
    )
