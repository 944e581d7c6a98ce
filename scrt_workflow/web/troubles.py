"""What administrators must know at once: no scheduler runs, a job failed for good, e-mails wait or could not be sent (SC3)."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from flask import url_for

from scrt_workflow.operations import dead_letters, job_runs, readiness
from scrt_workflow.operations.tie_out import how_many_found
from scrt_workflow.operations.timetable import TIMETABLE
from scrt_workflow.permissions import Permission
from scrt_workflow.web.job_words import length_words, period_words
from scrt_workflow.web.requests import actor, database, now, real_now


@dataclass(frozen=True, slots=True)
class Trouble:
    """What is wrong, what to do, and the page that says more, if there is one."""

    heading: str
    advice: str
    href: str = ""
    link: str = ""


def troubles() -> list[Trouble]:
    """Give what is wrong now, to who looks after the jobs; to anybody else nothing."""
    return list(_found()) if actor().may(Permission.JOB_RUN) else []


def _found() -> Iterator[Trouble]:
    if not readiness.is_scheduler_alive(database(), at=real_now()):
        advice = "Nothing happens by itself until somebody starts ‘scrt scheduler’. What was missed is then made up for."
        yield Trouble("No scheduler is running", advice)
    waited = readiness.longest_wait(database(), at=now(), real_at=real_now())
    if waited >= readiness.WAITING_TOO_LONG:
        advice = "Ask whoever runs the service whether ‘scrt scheduler’ runs with a mail server (SCRT_MAIL_HOST), and reaches it."
        yield Trouble(f"E-mails are waiting: the oldest for {length_words(waited)}", advice)
    for run in job_runs.given_up(database(), at=real_now()):
        heading = f"“{TIMETABLE[run.job].title}” failed for {period_words(run.period)}"
        advice = "It is not tried again by itself. Read why, have it mended, and run it."
        yield Trouble(heading, advice, url_for("jobs.show", job_key=run.job), "See the job")
    if number := how_many_found(database()):
        heading = f"The last tie-out found {number:,} {'thing' if number == 1 else 'things'} that cannot be"
        advice = "Records or figures contradict each other. Have them looked at before anybody relies on them."
        yield Trouble(heading, advice, url_for("jobs.show_tie_out"), "See what and where")
    if number := dead_letters.how_many(database()):
        heading = "1 e-mail could not be sent" if number == 1 else f"{number:,} e-mails could not be sent"
        advice = "Read why, mend what is wrong, and have them tried again."
        yield Trouble(heading, advice, url_for("dead_letters.index"), "See what could not be sent")
