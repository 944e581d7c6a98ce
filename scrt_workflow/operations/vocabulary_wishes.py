"""How a change to a vocabulary begins and ends: who wishes what, on what they read, and what is kept of it in the history."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import date, datetime
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from scrt_workflow import catalogue
from scrt_workflow.actors import Actor
from scrt_workflow.forms.question_types import show_day
from scrt_workflow.models import Event, EventBody, Person, Vocabulary
from scrt_workflow.operations import history
from scrt_workflow.operations.vocabularies import FIXED, NoSuchVocabularyError, TermFacts, quoted, terms_of, title_of
from scrt_workflow.permissions import Permission
from scrt_workflow.reference.organisations import BEGAN
from scrt_workflow.text_rules import TextRefusedError, clean
from scrt_workflow.working_days import local_date

LONGEST_REASON = 500


class VocabularyRefusedError(ValueError):
    """A vocabulary may not be changed so; the message is the sentence to show."""


class StaleVocabularyError(VocabularyRefusedError):
    """Someone has changed the vocabulary since the form was read; the message says who, and what."""


@dataclass(frozen=True, slots=True)
class Wish:
    """Which vocabulary is to change, from which day and why, who says so, and at which event of its history they read it."""

    vocabulary: str
    on: date
    reason: str
    actor: Actor | None
    at: datetime
    read_at: int

    @property
    def day(self) -> str:
        """Give the day in words."""
        return show_day(self.on.isoformat())

    @property
    def is_past(self) -> bool:
        """Say whether the day is over."""
        return self.on < local_date(self.at)


@dataclass(slots=True)
class Change:
    """A change under way: the terms as they were, what is said of it, and what to be warned of."""

    session: Session
    wish: Wish
    terms: dict[str, TermFacts]
    before: dict[str, TermFacts]
    says: list[str] = field(default_factory=list)
    warnings: list[str] = field(default_factory=list)

    def label(self, code: str) -> str:
        """Give the wording of a term on the day of the change, quoted."""
        return quoted([self.terms[code].label_on(self.wish.on)])


def stream_of(key: str) -> str:
    """Name the stream of events of a vocabulary."""
    return f"vocabulary:{key}"


def begin(session: Session, wish: Wish) -> Change:
    """Lock the vocabulary, and refuse what may not be asked at all."""
    if wish.actor is not None and not wish.actor.may(Permission.VOCABULARY_MANAGE):
        raise VocabularyRefusedError("Your role does not let you change vocabularies.")
    if session.scalar(select(Vocabulary.key).where(Vocabulary.key == wish.vocabulary).with_for_update()) is None:
        raise NoSuchVocabularyError(f"There is no vocabulary called '{wish.vocabulary}'.")
    if wish.vocabulary in FIXED:
        raise VocabularyRefusedError(f"This vocabulary cannot be changed here. {FIXED[wish.vocabulary]}")
    if history.head_of(session, stream_of(wish.vocabulary)).seq != wish.read_at:
        raise StaleVocabularyError(_meanwhile(session, wish))
    if not wish.reason.strip():
        raise VocabularyRefusedError("Say why, so that others can read it in the history.")
    one_line(_joined(wish.reason), LONGEST_REASON)
    if wish.on < BEGAN:
        raise VocabularyRefusedError(f"Choose a day from {show_day(BEGAN.isoformat())} on: nothing was recorded before.")
    catalogue.forget(session)
    found = terms_of(session, wish.vocabulary)
    return Change(session, wish, found, dict(found))


def _meanwhile(session: Session, wish: Wish) -> str:
    events = select(EventBody.body, Person.name).join(Event, Event.id == EventBody.event_id)
    events = events.outerjoin(Person, Person.id == Event.person_id).order_by(Event.seq)
    rows = session.execute(events.where(Event.stream == stream_of(wish.vocabulary), Event.seq > wish.read_at))
    told = " ".join(f"{name or 'The service'}: {' '.join((body or {}).get('says', ()))}" for body, name in rows)
    title = title_of(session, wish.vocabulary)
    changed = f"‘{title}’ has changed since you opened this form, and nothing of yours was saved."
    return f"{changed} {told} Check your change and continue."


def done(change: Change, kind: str, codes: Iterable[str], **more: Any) -> Change:
    """Append what was done to the history of the vocabulary, and warn of a day that is past."""
    session, wish = change.session, change.wish
    session.flush()
    catalogue.forget(session)
    after = terms_of(session, wish.vocabulary)
    body = {
        "on": wish.on.isoformat(),
        "before": {code: _plain(change.before[code]) for code in codes if code in change.before},
        "after": {code: _plain(after[code]) for code in codes},
        "reason": one_line(_joined(wish.reason), LONGEST_REASON),
        "says": change.says,
        **more,
    }
    if wish.is_past and not change.warnings:
        sentence = f"{wish.day} is past. Answers given since then stay as they are"
        change.warnings.append(f"{sentence}, and month-ends as recorded count them as before.")
    held = next((one for one in wish.actor.held if one.may(Permission.VOCABULARY_MANAGE)), None) if wish.actor else None
    history.append(session, stream=stream_of(wish.vocabulary), kind=kind, body=body, at=wish.at, actor=wish.actor, held=held)
    return change


def _plain(term: TermFacts) -> dict[str, Any]:
    """Give a term as its history keeps it."""
    return {
        "labels": [[day.isoformat(), label] for day, label in term.labels],
        "from": term.valid_from.isoformat(),
        "until": term.valid_to.isoformat() if term.valid_to else None,
        "grouped_as": term.grouped_as,
        "successors": list(term.successors),
    }


def _joined(reason: str) -> str:
    """Give a reason on one line, however many it was typed on."""
    return " ".join(reason.split())


def one_line(text: str, longest: int) -> str:
    """Give a line of text as it is kept. Raises VocabularyRefusedError."""
    try:
        return " ".join(clean(text, max_length=longest, one_line=True).split())
    except TextRefusedError as error:
        raise VocabularyRefusedError(str(error)) from error
