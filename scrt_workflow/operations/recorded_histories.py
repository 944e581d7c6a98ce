"""Recorded histories: what was done to real reviews is played through a definition, to see where each would now differ.

Only the shape of a history is played: its steps, roles, days and the answers to closed lists. Free text and identifiers are
replaced by invented ones, people by invented people, and what is told of a review are its reference and its stages.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any
from uuid import UUID, uuid4, uuid5

from sqlalchemy import insert, select
from sqlalchemy.orm import Session

from scrt_workflow import catalogue
from scrt_workflow.actors import Actor, Held
from scrt_workflow.forms.builder import raw_from
from scrt_workflow.forms.schema import FREE_TEXTS, Question
from scrt_workflow.models import Membership, Person, Review
from scrt_workflow.operations import steps
from scrt_workflow.operations.doing import Completed
from scrt_workflow.operations.history import BECAME
from scrt_workflow.operations.inventing import stand_in
from scrt_workflow.operations.recorded_events import Happened, histories
from scrt_workflow.operations.refusals import AnswersError, StepRefusedError
from scrt_workflow.operations.rehearsed import Rehearsed
from scrt_workflow.operations.rehearsing import REFUSED, why
from scrt_workflow.operations.scratch import INVENTED, LONG_AGO, scratch
from scrt_workflow.operations.tables import table_of
from scrt_workflow.permissions import ROLES, Role
from scrt_workflow.workflows.schema import Definition, Step
from scrt_workflow.working_days import local_date

AT_A_TIME = 20
HERE = "QMJ"  # where every history is played: no definition looks at the organisation
OPENED = "review:opened"
REPLACED = FREE_TEXTS | {"initials"}


@dataclass(frozen=True, slots=True)
class Compared:
    """A real review and how it fares: its *stages* as recorded, and at which step it would differ and why, if it would."""

    reference: str
    stages: tuple[str, ...]
    differs_at: str = ""
    why: str = ""


class _DiffersError(Exception):
    """The review would differ at a step; the message says why."""

    def __init__(self, step: str, why: str) -> None:
        super().__init__(why)
        self.step, self.why = step, why


def replay_recorded(
    session: Session,
    rehearsed: Rehearsed,
    review_ids: Sequence[UUID],
    *,
    at: datetime,
    enough: Callable[[], bool] = lambda: False,
) -> list[Compared]:
    """Play the histories of real reviews through what is *rehearsed*, in a scratch database; stop early once it is *enough*.

    Give how each fares, in the order of *review_ids*; fewer where it was stopped. Nothing of the live database changes.
    """
    found: list[Compared] = []
    with scratch(rehearsed.bundles, live=session, organisation=HERE, on=local_date(at)) as stage:
        player = _Player(session, stage)
        for start in range(0, len(review_ids), AT_A_TIME):
            some = review_ids[start : start + AT_A_TIME]
            reviews = {row.id: row for row in session.scalars(select(Review).where(Review.id.in_(some)))}
            happened = histories(session, list(reviews.values()))
            for review in (reviews[one] for one in some if one in reviews):
                if enough():
                    return found
                found.append(player.compare(review, happened[review.id]))
    return found


@dataclass
class _Player:
    """Plays histories in one scratch database, one after another; *live* knows the definitions that they were recorded under."""

    live: Session
    stage: Session
    _held: dict[tuple[UUID | None, str], Held] = field(default_factory=dict)

    def compare(self, review: Review, happened: Sequence[Happened]) -> Compared:
        """Play what *happened* to a review, and say how it fares."""
        stream = f"review:{review.id}"
        stages = tuple(self._stages([one for one in happened if one.stream == stream]))
        try:
            _Telling(self, happened).play()
        except _DiffersError as differs:
            self.stage.expire_all()
            return Compared(review.reference, stages, differs.step, differs.why)
        return Compared(review.reference, stages)

    def definition(self, event: Happened) -> Definition:
        """Give the definition that an event was recorded under."""
        return catalogue.definition(self.live, event.version)

    def _stages(self, happened: Sequence[Happened]) -> Iterator[str]:
        before = ""
        for one in happened:
            if one.version and one.to_state and one.to_state != before:
                before, title = one.to_state, self.title(one, one.to_state)
                yield title

    def title(self, event: Happened, state: str) -> str:
        """Give the title of a state, as it was when *event* was recorded or as it is now."""
        places = [self.definition(event).workflow] if event.version else []
        places += [found.workflow for _, found in catalogue.live_definitions(self.stage).values()]
        return next((one.states[state].title for one in places if state in one.states), state)

    def actor(self, event: Happened) -> Actor:
        """Give an invented person for the real one: the same for the same, so that nobody approves their own work."""
        person = uuid5(INVENTED, f"person:{event.person}")
        if (event.person, event.role) not in self._held:
            if not any(one == event.person for one, _ in self._held):
                row = {"id": person, "email_key": f"{person}@example.nhs.uk", "name": "Somebody", "session_epoch": 0}
                self.stage.execute(insert(table_of(Person)), row)
            held = Held(uuid5(person, event.role), Role(event.role), HERE, everywhere=False, covers=frozenset({HERE}))
            row = {
                "id": held.membership_id,
                "person_id": person,
                "role": event.role,
                "organisation": HERE,
                "valid_from": LONG_AGO,
            }
            self.stage.execute(insert(table_of(Membership)), row)
            self._held[event.person, event.role] = held
        return Actor(person, "Somebody", "", (self._held[event.person, event.role],))


@dataclass
class _Telling:
    """One history as it is played: the reviews that stand for the real ones, and the answers as they were."""

    player: _Player
    happened: Sequence[Happened]
    _reviews: dict[str, UUID] = field(default_factory=dict)
    _opened: UUID | None = None
    _answers: dict[str, dict[str, Any]] = field(default_factory=dict)
    _rows: dict[UUID, Review] = field(default_factory=dict)

    def play(self) -> None:
        """Play it to its end; raises _DiffersError where it would differ."""
        for event in self.happened:
            said = (event.body or {}).get("answers", {})
            answers = self._answers.setdefault(event.stream, {})
            answers |= {question: now for question, (_, now) in said.items()}
            if event.kind == OPENED:
                self._open(event)
            elif event.version and event.role in ROLES and event.kind in {"review:step", BECAME}:
                self._take(event, said)

    def _open(self, event: Happened) -> None:
        if self._opened is None:
            raise _DiffersError("Opened by another review", "The review that this one was converted from would not open it now.")
        self._reviews[event.stream] = self._opened

    def _take(self, event: Happened, said: Mapping[str, Any]) -> None:
        then = self.player.definition(event)
        before = then.workflow.steps.get(event.step)
        title = before.title if before else event.step
        try:
            done = self._complete(event, said, then, before)
        except REFUSED as refused:
            raise _DiffersError(title, self._why(event, refused, then, before)) from refused
        self._opened = done.opened or self._opened
        state = self._review(done.review_id).state
        if state != event.to_state:
            ends = " and ".join(f"“{self.player.title(event, one)}”" for one in (state, event.to_state))
            raise _DiffersError(title, f"It would now lead to {ends.replace(' and ', ', and led to ')}.")

    def _complete(self, event: Happened, said: Mapping[str, Any], then: Definition, before: Step | None) -> Completed:
        stage, actor = self.player.stage, self.player.actor(event)
        if before is not None and before.makes:
            _, now = catalogue.live(stage, then.workflow.key)
            kind = self._first_type(event.stream)
            if kind and "review_type" in then.form_of(before).questions:
                self._answers[event.stream].setdefault("review_type", kind)
            raw = self._raw(event, said, then, now)
            kind = kind if kind in {one.key for one in now.workflow.chosen_types} else None
            made = steps.start_review(
                stage, then.workflow.key, event.step, raw, organisation=HERE, actor=actor, at=event.at, key=uuid4(),
                review_id=uuid4(), review_type=kind,
            )  # fmt: skip
            self._reviews[event.stream] = made.review_id
            return made
        if event.stream not in self._reviews:
            raise StepRefusedError("How this review began was not recorded as a step.")
        review = self._review(self._reviews[event.stream])
        now = catalogue.definition(stage, review.definition_version_id)
        raw = self._raw(event, said, then, now)
        return steps.complete_step(
            stage, review.id, event.step, raw, actor=actor, at=event.at, key=uuid4(), read_at=review.version
        )

    def _review(self, review_id: UUID) -> Review:
        """Give a review on the stage; the session's own object, which every step brings up to date, is held meanwhile."""
        if review_id not in self._rows:
            self._rows[review_id] = self.player.stage.get_one(Review, review_id)
        return self._rows[review_id]

    def _first_type(self, stream: str) -> str | None:
        """Give the type that a review began with: no event says it, but one that changed it says what it was."""
        review = self.player.live.get_one(Review, UUID(stream.removeprefix("review:")))
        said = ((one.body or {}).get("answers", {}) for one in self.happened if one.stream == stream)
        return next((one["review_type"][0] for one in said if "review_type" in one), review.review_type)

    def _raw(self, event: Happened, said: Mapping[str, Any], then: Definition, now: Definition) -> dict[str, list[str]]:
        """Give the form as it would be filled in now: what was answered then, its texts and identifiers replaced."""
        step, before = now.workflow.steps.get(event.step), then.workflow.steps.get(event.step)
        if step is None:
            return {}
        was_asked = set(then.form_of(before).questions) if before else set()
        answers = {}
        for number, key in enumerate(now.form_of(step).questions):
            question = now.questions[key]
            kept = key in said if question.type == "entry" else key in was_asked or question.is_filled_in
            value = self._answers[event.stream].get(key) if kept else None
            if value is not None:
                answers[key] = _replaced(question, value, number)
        return raw_from(answers, now.questions)[0]

    def _why(self, event: Happened, refused: Exception, then: Definition, before: Step | None) -> str:
        """Say in a sentence why what was done then would be refused now."""
        review_id = self._reviews.get(event.stream)
        stage = self.player.stage
        if review_id is None:
            now = catalogue.live(stage, then.workflow.key)[1]
            here = ""
        else:
            review = self._review(review_id)
            now, here = catalogue.definition(stage, review.definition_version_id), review.state
        step = now.workflow.steps.get(event.step)
        if step is None:
            return "There is no such step now."
        if isinstance(refused, AnswersError):
            was_asked = set(then.form_of(before).questions) if before else set()
            new = [f"“{now.questions[key].title}”" for key in refused.errors if key not in was_asked]
            return f"It now asks {' and '.join(new)}, which was not asked then." if new else why(refused)
        if event.role not in step.who:
            return f"It is no longer for the {ROLES[Role(event.role)].title}."
        if here and here not in step.comes_from:
            return f"It can no longer be taken at “{self.player.title(event, here)}”."
        return why(refused)


def _replaced(question: Question, value: Any, number: int) -> Any:
    """Give an answer without what someone wrote."""
    if question.type not in REPLACED:
        return value
    return stand_in(question, length=len(value) if isinstance(value, str) else 0, number=number)
