"""Rehearsals that are kept: an administrator's own scripts, with whom they act as and what they are filling in."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import date, datetime, timedelta
from typing import Any
from uuid import UUID, uuid4

from sqlalchemy import delete, select
from sqlalchemy.orm import Session

from scrt_workflow.actors import Actor
from scrt_workflow.forms.builder import REASON
from scrt_workflow.forms.schema import Form
from scrt_workflow.models import Rehearsal
from scrt_workflow.operations.drafts import storable
from scrt_workflow.operations.rehearsing import FullError, Move, Script, Taken, Waited
from scrt_workflow.permissions import Role

KEPT = timedelta(days=30)
"""How long a rehearsal is kept that nobody goes on with."""
MOST_OF_ONE_PERSON = 20
LARGEST = 400_000
"""Characters of one rehearsal, all its moves together."""


class NoSuchRehearsalError(LookupError):
    """This person has no such rehearsal; nobody sees another's."""


@dataclass(frozen=True, slots=True)
class Filling:
    """A form being filled in: of which step, by whom, of which review, and what was typed so far."""

    step: str
    role: str
    review: int
    body: dict[str, list[str]] = field(default_factory=dict)

    def kept(self, form: Form, typed: Mapping[str, Sequence[str]], *, page: str) -> Filling:
        """Keep what was *typed* into a page of *form*; names that the page does not ask are left alone."""
        asked = next((one.questions for one in form.pages if one.key == page), ())
        body = dict(self.body)
        for name in [*asked, *(question + REASON for question in asked)]:
            values = [storable(value) for value in typed.get(name, [])][:100]
            body.pop(name, None)
            body |= {name: values} if any(values) else {}
        return replace(self, body=body)


@dataclass(frozen=True, slots=True)
class Played:
    """All that is kept of a rehearsal: its script, the role acted as, the review looked at, and the form being filled in."""

    script: Script
    role: str
    review: int = 0
    filling: Filling | None = None


def begin(session: Session, actor: Actor, source: str, script: Script, *, role: str, at: datetime) -> Rehearsal:
    """Begin a rehearsal of *actor*'s; the oldest of too many goes."""
    mine = select(Rehearsal).where(Rehearsal.person_id == actor.person_id).order_by(Rehearsal.changed_at.desc())
    for old in session.scalars(mine.offset(MOST_OF_ONE_PERSON - 1)).all():
        session.delete(old)
    made = Rehearsal(id=uuid4(), person_id=actor.person_id, source=source, script=written(Played(script, role)), changed_at=at)
    session.add(made)
    session.flush()
    return made


def find(session: Session, actor: Actor, rehearsal_id: UUID, *, hold: bool = False) -> Rehearsal:
    """Find a rehearsal of *actor*'s own, and with *hold* let nobody else change it meanwhile; raises NoSuchRehearsalError."""
    own = select(Rehearsal).where(Rehearsal.id == rehearsal_id, Rehearsal.person_id == actor.person_id)
    found = session.scalars(own.with_for_update() if hold else own).one_or_none()
    if found is None:
        raise NoSuchRehearsalError(rehearsal_id)
    return found


def of_source(session: Session, actor: Actor, source: str) -> list[Rehearsal]:
    """Give *actor*'s rehearsals of *source*, the newest first."""
    own = select(Rehearsal).where(Rehearsal.source == source, Rehearsal.person_id == actor.person_id)
    return list(session.scalars(own.order_by(Rehearsal.changed_at.desc())))


def keep(session: Session, rehearsal: Rehearsal, played: Played, *, at: datetime) -> None:
    """Keep what was *played*; raises FullError."""
    script = written(played)
    if _size(script) > LARGEST:
        raise FullError("There is more text in this rehearsal than one can hold. Undo some moves, or start over.")
    rehearsal.script, rehearsal.changed_at = script, at
    session.flush()


def forget_old(session: Session, *, at: datetime) -> None:
    """Forget the rehearsals that nobody went on with."""
    session.execute(delete(Rehearsal).where(Rehearsal.changed_at < at - KEPT))


def written(played: Played) -> dict[str, Any]:
    """Write a rehearsal as plain data."""
    script, filling = played.script, played.filling
    return {
        "organisation": script.organisation,
        "day": script.day.isoformat(),
        "begins_by": script.begins_by,
        "review_type": script.review_type,
        "moves": [_move(one) for one in script.moves],
        "role": played.role,
        "review": played.review,
        "filling": _filling(filling) if filling else None,
    }


def _move(move: Move) -> dict[str, Any]:
    if isinstance(move, Waited):
        return {"until": move.day.isoformat()}
    return {
        "step": move.step,
        "role": move.role,
        "review": move.review,
        "raw": {name: list(raw) for name, raw in move.raw.items()},
    }


def _filling(filling: Filling) -> dict[str, Any]:
    return {"step": filling.step, "role": filling.role, "review": filling.review, "body": filling.body}


def read(data: Mapping[str, Any]) -> Played:
    """Read a rehearsal from plain data that `written` wrote."""
    moves = tuple(
        Waited(date.fromisoformat(one["until"])) if "until" in one else Taken(one["step"], one["role"], one["raw"], one["review"])
        for one in data["moves"]
    )
    day = date.fromisoformat(data["day"])
    script = Script(data["organisation"], day, data["begins_by"], data["review_type"], moves)
    filling = data["filling"]
    return Played(script, Role(data["role"]), data["review"], Filling(**filling) if filling else None)


def _size(value: Any) -> int:
    if isinstance(value, dict):
        return sum(len(str(key)) + _size(inner) for key, inner in value.items())
    return sum(map(_size, value)) if isinstance(value, list) else len(str(value))
