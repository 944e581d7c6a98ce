"""E-mails that could not be sent: which, why, and trying them again. Nothing of a review is shown of them, and no address."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import Select, func, select, update
from sqlalchemy.orm import Session

from scrt_workflow.actors import Actor
from scrt_workflow.models import Contact, Notice, Person
from scrt_workflow.operations import history
from scrt_workflow.permissions import Permission

A_PAGE = 50
MOST_REASONS = 20
TRIED_AGAIN = "notice:tried-again"
AT_A_TIME = 500
_reason = func.coalesce(Notice.last_error, "")


class NoSuchLetterError(Exception):
    """There is no such e-mail among those that could not be sent."""


@dataclass(frozen=True, slots=True)
class DeadLetter:
    """An e-mail that could not be sent. Its *reader* is an account's name, or a post."""

    id: int
    template: str
    reader: str
    queued_at: datetime
    tries: int
    reason: str


@dataclass(frozen=True, slots=True)
class Alike:
    """How many could not be sent for one reason, and the newest of them."""

    reason: str
    number: int
    newest: int


def dead_letters(session: Session, *, before: int | None = None, limit: int = A_PAGE) -> list[DeadLetter]:
    """Give those that could not be sent, the newest first; with *before*, those that are older than that one."""
    older = [Notice.id < before] if before is not None else []
    return list(_read(session, _query().where(*older).order_by(Notice.id.desc()).limit(limit)))


def find(session: Session, notice_id: int) -> DeadLetter:
    """Find one of them. Raises NoSuchLetterError."""
    found = next(_read(session, _query().where(Notice.id == notice_id)), None)
    if found is None:
        raise NoSuchLetterError(f"Notice {notice_id} is not among those that could not be sent.")
    return found


def by_reason(session: Session) -> list[Alike]:
    """Count them by their reasons, the most frequent first."""
    number = func.count()
    query = select(_reason, number, func.max(Notice.id)).where(Notice.status == "failed").group_by(_reason)
    rows = session.execute(query.order_by(number.desc(), _reason).limit(MOST_REASONS))
    return [Alike(*row) for row in rows]


def how_many(session: Session) -> int:
    """Count them."""
    return session.scalar(select(func.count()).where(Notice.status == "failed")) or 0


def how_many_alike(session: Session, letter: DeadLetter) -> int:
    """Count those that could not be sent for the same reason as *letter*, itself among them."""
    return session.scalar(select(func.count()).where(*_alike(letter))) or 0


def try_again(session: Session, letter: DeadLetter, *, all_alike: bool, actor: Actor, at: datetime) -> int:
    """Let *letter* wait to be sent as if it were new, or all that failed for the same reason; give how many.

    Each keeps its Message-ID, so that a reader who has it after all can see that it is the same, and its reason until then.
    """
    which = _alike(letter) if all_alike else [Notice.id == letter.id, Notice.status == "failed"]
    again = update(Notice).where(*which).values(status="queued", attempt=0, next_try_at=at).returning(Notice.id)
    ids = sorted(session.scalars(again.execution_options(synchronize_session=False)))
    held = next((one for one in actor.held if one.may(Permission.JOB_RUN)), None)
    by: dict[str, Any] = {"membership_id": held.membership_id, "role": str(held.role)} if held else {}
    body = {"reason": letter.reason}
    for start in range(0, len(ids), AT_A_TIME):
        wanted = [{"stream": f"notice:{number}", "body": body, **by} for number in ids[start : start + AT_A_TIME]]
        history.append_all(session, wanted, kind=TRIED_AGAIN, at=at, person_id=actor.person_id)
    return len(ids)


def _alike(letter: DeadLetter) -> list[Any]:
    return [Notice.status == "failed", _reason == letter.reason]


def _query() -> Select[Notice, str, str]:
    query = select(Notice, Person.name, Contact.post).outerjoin(Person, Person.id == Notice.person_id)
    return query.outerjoin(Contact, Contact.id == Notice.contact_id).where(Notice.status == "failed")


def _read(session: Session, query: Select[Notice, str, str]) -> Iterator[DeadLetter]:
    for notice, name, post in session.execute(query):
        reader = name or (post or "").replace("_", " ")
        why = notice.last_error or ""
        yield DeadLetter(notice.id, notice.template, reader, notice.queued_at, notice.attempt, why)
