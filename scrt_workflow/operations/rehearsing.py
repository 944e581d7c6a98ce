"""Rehearsing: a script of moves is played through a definition by the real operations, in a scratch database.

So a made-up review fares just as a live one would, and nothing that is played can touch a live one. A script holds what was
done, never what came of it: played under a changed definition, it shows what comes of it now, or which move no longer works.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from datetime import date, datetime, time, timedelta
from types import MappingProxyType
from uuid import UUID, uuid5

from sqlalchemy import select
from sqlalchemy.orm import Session

from scrt_workflow import catalogue
from scrt_workflow.actors import Actor
from scrt_workflow.database import savepoint
from scrt_workflow.forms.builder import Raw
from scrt_workflow.models import Contact, Notice, Person, Review
from scrt_workflow.operations import steps
from scrt_workflow.operations.contacts import posts_on
from scrt_workflow.operations.conversions import blank_review
from scrt_workflow.operations.inventing import fill_in
from scrt_workflow.operations.letter_layout import WithheldError
from scrt_workflow.operations.letters import letter_for
from scrt_workflow.operations.once import KeyReusedError
from scrt_workflow.operations.overdue import next_to_send
from scrt_workflow.operations.people import actor_of
from scrt_workflow.operations.records import Record, record_of
from scrt_workflow.operations.refusals import AnswersError, StaleReviewError, StepRefusedError
from scrt_workflow.operations.rehearsed import Rehearsed
from scrt_workflow.operations.reminders import DAY, Due, reminders_due, send_reminders
from scrt_workflow.operations.scratch import person_for, scratch
from scrt_workflow.permissions import ACTORS, ROLES, Role
from scrt_workflow.workflows.machine import IllegalMoveError, NoOutcomeError
from scrt_workflow.workflows.schema import Step
from scrt_workflow.working_days import from_local

MOST_MOVES = 200
MOST_SENT = 300
LONGEST_WAIT = timedelta(days=3660)
BEGINS, REMINDED = time(9), time(7)  # by London's clocks: when a day's moves begin, and its reminders are sent
ADDRESS = "https://rehearsal.invalid"
NOTHING: Raw = MappingProxyType({})
ROLE_OF: dict[UUID | None, str] = {person_for(role): ROLES[role].title for role in ACTORS}
REFUSED = (StepRefusedError, AnswersError, IllegalMoveError, NoOutcomeError, StaleReviewError, KeyReusedError)


class FullError(Exception):
    """The script can take no more; the message says why, and what to do."""


@dataclass(frozen=True, slots=True)
class Taken:
    """A move: a *step* of the *review*-th review, taken as *role* with *raw* answers."""

    step: str
    role: str
    raw: Raw = field(default_factory=dict)
    review: int = 0


@dataclass(frozen=True, slots=True)
class Waited:
    """A move of the clock, to *day*."""

    day: date


Move = Taken | Waited


@dataclass(frozen=True, slots=True)
class Script:
    """What is played: a new review for *organisation* (of *review_type* where no form asks it) from *day* on, and the *moves*."""

    organisation: str
    day: date
    begins_by: str
    review_type: str = ""
    moves: tuple[Move, ...] = ()


@dataclass(frozen=True, slots=True)
class Sent:
    """An e-mail of a rehearsal: when, to whom, and its words; or why it would have been withheld."""

    at: datetime
    to: str
    subject: str
    text: str
    is_reminder: bool
    withheld: str = ""


@dataclass
class Stage:
    """Where a rehearsal has got to: the scratch database, the *day* on its clock, its reviews, and what was sent.

    Where the move after those *played* no longer works, *stopped_by* says why; it and what came after it were not played.
    """

    session: Session
    rehearsed: Rehearsed
    script: Script
    name: UUID
    day: date
    played: int = 0
    reviews: list[UUID] = field(default_factory=list)
    outbox: list[Sent] = field(default_factory=list)
    stopped_by: str = ""
    _posted: int = 0

    @property
    def now(self) -> datetime:
        """Give the moment of the next move: each takes a minute, so that they stay in their order."""
        return from_local(datetime.combine(self.day, BEGINS)) + timedelta(minutes=self.played)

    def actor(self, role: str) -> Actor:
        """Give the invented person who holds *role*."""
        return actor_of(self.session, person_for(Role(role)), on=self.day)

    def review(self, number: int) -> Review:
        """Give the *number*-th review as it is now."""
        return self.session.get_one(Review, self.reviews[number])

    def record(self, number: int, step: Step | None = None) -> Record:
        """Give the *number*-th review with all that its rules look at; a blank one where there is none yet."""
        if number < len(self.reviews):
            review = self.review(number)
            return record_of(self.session, review, catalogue.definition(self.session, review.definition_version_id), step)
        version, definition = catalogue.live(self.session, self.rehearsed.workflow)
        new = blank_review(self._new_id, definition, version, organisation=self.script.organisation, at=self.now)
        new.review_type = self.script.review_type or None
        return Record(new, definition, {}, {})

    def invented(self, step: Step, number: int = 0, typed: Raw = NOTHING) -> dict[str, list[str]]:
        """Fill in the form of *step* with invented answers, but for what was *typed*."""
        record = self.record(number, step)
        setting = steps.setting_for(self.session, record, step, today=self.day)
        return fill_in(record.definition.form_of(step), record.definition.questions, setting, typed)

    def take(self, move: Move) -> None:
        """Make one more move; raises one of REFUSED where the service would refuse it, FullError where a rehearsal would."""
        if self.played >= MOST_MOVES:
            raise FullError(f"A rehearsal takes {MOST_MOVES} moves. Undo some, or start over.")
        with savepoint(self.session):
            if isinstance(move, Waited):
                self._wait(move.day)
            else:
                self._step(move)
        self.played += 1

    @property
    def _new_id(self) -> UUID:
        return uuid5(self.name, "review")

    def _step(self, move: Taken) -> None:
        actor, key = self.actor(move.role), uuid5(self.name, f"move:{self.played}")
        if not self.reviews:
            kind = self.script.review_type or None
            done = steps.start_review(
                self.session, self.rehearsed.workflow, move.step, move.raw, organisation=self.script.organisation, actor=actor,
                at=self.now, key=key, review_id=self._new_id, review_type=kind,
            )  # fmt: skip
            self.reviews.append(done.review_id)
        elif move.review >= len(self.reviews):
            raise StepRefusedError("The review that this step is of is not opened any more.")
        else:
            review = self.review(move.review)
            done = steps.complete_step(
                self.session, review.id, move.step, move.raw, actor=actor, at=self.now, key=key, read_at=review.version
            )
        if done.opened:
            self.reviews.append(done.opened)
        self._post(is_reminder=False)

    def _wait(self, until: date) -> None:
        """Let days pass, with the reminders of each: the days on which nothing is due are passed over."""
        if until - self.script.day > LONGEST_WAIT:
            raise FullError("A rehearsal goes on for ten years at most. Choose an earlier day.")
        if until < self.day:
            raise FullError("The clock of a rehearsal goes forward only. Undo the last moves to go back.")
        while coming := [one for one in self._coming(until) if one.people]:
            on = next_to_send(max(min(one.due_on for one in coming), self.day + DAY))
            if on > until:
                break
            self.day = on
            due = [one for one in coming if one.due_on <= on and (one.lapses_on is None or on < one.lapses_on)]
            send_reminders(self.session, due, at=from_local(datetime.combine(on, REMINDED)))
            self._post(is_reminder=True)
        self.day = until

    def _coming(self, until: date) -> Iterator[Due]:
        return reminders_due(self.session, on=until, looking_from=min(self.day + DAY, until))

    def _post(self, *, is_reminder: bool) -> None:
        """Write the letters of the notices that were queued since it was last asked, as they are true now."""
        new = select(Notice, Person.name, Contact.post).outerjoin(Person, Person.id == Notice.person_id)
        new = new.outerjoin(Contact, Contact.id == Notice.contact_id).where(Notice.id > self._posted)
        for notice, name, post in self.session.execute(new.order_by(Notice.id)).all():
            self._posted = notice.id
            if len(self.outbox) >= MOST_SENT:
                raise FullError(f"A rehearsal sends {MOST_SENT} e-mails at most. Move the clock less far.")
            to = posts_on(self.session, self.day, ever=True).get(post) or f"{name}, {ROLE_OF[notice.person_id]}"
            try:
                letter = letter_for(self.session, notice, on=self.day, address=ADDRESS)
            except WithheldError as withheld:
                self.outbox.append(Sent(notice.queued_at, to, "", "", is_reminder, str(withheld)))
            else:
                self.outbox.append(Sent(notice.queued_at, to, letter.subject, letter.text, is_reminder))


@contextmanager
def played(live: Session, rehearsed: Rehearsed, script: Script, *, name: UUID) -> Iterator[Stage]:
    """Play *script* in a scratch database, and give where it got to; *name* is what its ids are made from, so that they stay."""
    with scratch(rehearsed.bundles, live=live, organisation=script.organisation, on=script.day) as session:
        stage = Stage(session, rehearsed, script, name, script.day)
        for move in script.moves:
            try:
                stage.take(move)
            except (*REFUSED, FullError) as refused:
                session.expire_all()
                stage.stopped_by = why(refused)
                break
        yield stage


def begun(live: Session, rehearsed: Rehearsed, script: Script, *, name: UUID) -> Script:
    """Take the first step of *script* with invented answers; where none are found that it takes, leave it as it is."""
    with played(live, rehearsed, script, name=name) as stage:
        step = first_steps(rehearsed, script)[0]
        move = Taken(step.key, step.who[0], stage.invented(step))
        try:
            stage.take(move)
        except REFUSED:
            return script
    return replace(script, moves=(move,))


def first_steps(rehearsed: Rehearsed, script: Script) -> list[Step]:
    """Give the steps by which the review of *script* may be made: the chosen one, or any where that is not there any more."""
    workflow = rehearsed.definition.workflow
    chosen = workflow.steps.get(script.begins_by)
    return [chosen] if chosen and chosen.makes else list(workflow.making_steps)


def why(refused: Exception) -> str:
    """Say in a sentence or two why a move was refused."""
    if isinstance(refused, AnswersError):
        return " ".join(sentence.rstrip(".") + "." for sentences in refused.errors.values() for sentence in sentences)
    return str(refused)
