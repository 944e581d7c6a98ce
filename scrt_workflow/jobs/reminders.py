"""The job that reminds people: it works out what is due, and queues that a little at a time."""

from collections.abc import Iterator, Sequence
from itertools import islice
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.orm import Session

from scrt_workflow.jobs.work import Outcome, Work
from scrt_workflow.models import Person
from scrt_workflow.operations.reminders import Due, reminders_due, send_reminders

AT_A_TIME = 200


def run(work: Work) -> Outcome:
    """Queue the reminders that are due on the day of the run."""
    with work.reading() as session:
        due = list(reminders_due(session, on=work.day))
        lines = list(_lines(session, due))
    queued = 0
    if not work.is_rehearsal:
        rest = iter(due)
        while some := list(islice(rest, AT_A_TIME)):
            with work.unit() as session:
                queued += send_reminders(session, some, at=work.at)
    for line in lines:
        work.say(line)
    reminded = [one for one in due if one.people]
    return {"due": len(reminded), "queued": queued, "without_a_reader": len(due) - len(reminded)}


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
