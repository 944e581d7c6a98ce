"""The job that reminds people: it works out what is due, enters that a little at a time, and queues one e-mail a person."""

from collections.abc import Iterator, Sequence
from itertools import islice
from typing import TypeVar
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.orm import Session

from scrt_workflow.jobs.work import Outcome, Work
from scrt_workflow.models import Person
from scrt_workflow.operations.overdue import is_quiet
from scrt_workflow.operations.reminders import Due, enter, post, reminders_due, waiting_for_post

Each = TypeVar("Each")
AT_A_TIME = 200
QUIET = "Nothing is sent on weekends and bank holidays: what is due goes out on the next working day."


def run(work: Work) -> Outcome:
    """Enter the reminders that are due on the day of the run, and queue a digest for each person; nothing on a quiet day."""
    with work.reading() as session:
        due = list(reminders_due(session, on=work.day))
        lines = list(_lines(session, due))
    reminded = [one for one in due if one.people]
    outcome = {"due": len(reminded), "queued": 0, "without_a_reader": len(due) - len(reminded)}
    for line in lines:
        work.say(line)
    if is_quiet(work.day):
        work.say(QUIET)
        return {**outcome, "quiet_days": 1}
    if not work.is_rehearsal:
        for some in _a_few(reminded):
            with work.unit() as session:
                enter(session, some, at=work.at)
        with work.reading() as session:
            waiting = waiting_for_post(session)
        for people in _a_few(waiting):
            with work.unit() as session:
                outcome["queued"] += post(session, people, at=work.at)
    return outcome


def _a_few(every: Sequence[Each]) -> Iterator[list[Each]]:
    rest = iter(every)
    while some := list(islice(rest, AT_A_TIME)):
        yield some


def _lines(session: Session, due: Sequence[Due]) -> Iterator[str]:
    """Say each reminder in a line, for the person who asked for the run."""
    emails = _emails(session, {person for one in due for person in one.people})
    for one in due:
        to = ", ".join(emails[person] for person in one.people) or "nobody, since nobody holds these roles"
        what = f"{one.reminder}, reminder {one.number}, due {one.due_on.isoformat()}"
        yield f"{one.reference}  {what}  to {to}"


def _emails(session: Session, people: set[UUID]) -> dict[UUID, str]:
    rows = session.execute(select(Person.id, Person.email_key).where(Person.id.in_(people)))
    return {row.id: row.email_key for row in rows}
