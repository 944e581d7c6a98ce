"""Show the jobs that run by themselves, or run one now."""

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from datetime import datetime

import click
from sqlalchemy import Engine

from scrt_workflow.clock import Clock, DemoClock, FixedClock
from scrt_workflow.database import reading
from scrt_workflow.jobs.mailer import Mailer
from scrt_workflow.jobs.running import run_once
from scrt_workflow.jobs.work import Work, body_of, process_name
from scrt_workflow.logs import configure
from scrt_workflow.operations import job_runs
from scrt_workflow.operations.service_time import clock_of
from scrt_workflow.operations.timetable import TIMETABLE
from scrt_workflow.settings import Settings, read_settings
from scrt_workflow.startup import opened
from scrt_workflow.working_days import from_local, local_time

YEARS = range(2000, 2100)  # beyond them no job knows the calendar


@click.group
def jobs() -> None:
    """Show the jobs that run by themselves, or run one now."""


@jobs.command("list")
def show() -> None:
    """Show each job: when it runs, what its last run came to, and when the next one is due."""
    with _service() as (settings, engine):
        now = clock_of(settings, engine).now()
        with reading(engine) as session:
            last = job_runs.last_runs(session)
    for job in TIMETABLE.values():
        click.echo(f"{click.style(job.key, bold=True)}: {job.title}, {job.when}")
        if run := last.get(job.key):
            came = ", ".join(f"{name} {value}" for name, value in (run.outcome or {}).items())
            click.echo(f"    last: for {run.period}, {run.status}{', ' + came if came else ''}")
        if due := job.next_due(now):
            click.echo(f"    next: {local_time(due):%Y-%m-%d %H:%M}")


@jobs.command("run")
@click.argument("job", type=click.Choice(list(TIMETABLE)))
@click.option("--at", "moment", metavar="YYYY-MM-DDTHH:MM", help="Run it as at this time in London, not as now.")
@click.option("--dry-run", is_flag=True, help="Show what it would do, and change nothing.")
def run(job: str, moment: str | None, *, dry_run: bool) -> None:
    """Run JOB now, and deliver the e-mails that it queues.

    A job that has run for the same day already does only what is left to do: nobody is sent the same thing twice. E-mails
    need SCRT_MAIL_HOST; without it they wait until `scrt scheduler` or another run delivers them.
    """
    at = _moment(moment) if moment else None
    with _service() as (settings, engine):
        now = clock_of(settings, engine)
        if at and at > now.now() and not (dry_run or isinstance(now, DemoClock)):
            raise click.ClickException(
                f"{moment} has not come yet. What a job freezes or sends stays so: add --dry-run to look ahead."
            )
        clock = FixedClock(at) if at else now
        work = Work(engine, clock.now(), Clock(), say=click.echo, is_rehearsal=dry_run)
        if dry_run:
            _say(body_of(job)(work), "This would be")
            return
        period = TIMETABLE[job].when.period(work.at)
        outcome = run_once(job, period, body_of(job), work, owner=process_name("command"), again=True)
        if outcome is None:
            raise click.ClickException(f"{job} for {period} is running elsewhere at this moment.")
        _say(outcome, "This came to")
        if settings.mail_host:
            _say(Mailer(engine, settings, clock=clock).deliver_waiting(click.echo), "E-mails:")
        else:
            click.echo("SCRT_MAIL_HOST names no mail server here: what was queued waits for `scrt scheduler`.")


@contextmanager
def _service() -> Iterator[tuple[Settings, Engine]]:
    """Give the settings, and the database that they name, for as long as the command works on it."""
    settings = read_settings()
    configure(settings.log_level)
    with opened(settings) as engine:
        yield settings, engine


def _moment(text: str) -> datetime:
    try:
        at = datetime.fromisoformat(text)
    except ValueError:
        at = datetime.max  # noqa: DTZ901 - no time of anybody's
    if at.year not in YEARS:
        raise click.BadParameter("write a time such as 2024-11-15T07:00.", param_hint="--at")
    return at if at.tzinfo else from_local(at)


def _say(numbers: Mapping[str, int], first: str) -> None:
    said = ", ".join(f"{value} {name.replace('_', ' ')}" for name, value in numbers.items())
    click.echo(f"{first} {said}." if said else f"{first} nothing to count.")
