"""Count the figures of an organisation and print them, or freeze those of periods that are over."""

import json
from datetime import date, datetime, timedelta
from pathlib import Path

import click
from sqlalchemy import Engine

from scrt_workflow.clock import Clock
from scrt_workflow.database import reading
from scrt_workflow.jobs.freezing import freeze as freeze_period
from scrt_workflow.jobs.running import run_once
from scrt_workflow.jobs.work import Work, process_name
from scrt_workflow.logs import configure
from scrt_workflow.operations import frozen
from scrt_workflow.operations.freezing import IN_FLIGHT, DoesNotTieOutError, TooEarlyError, refuse_too_early
from scrt_workflow.operations.organisations import NoSuchOrganisationError
from scrt_workflow.operations.service_time import clock_of
from scrt_workflow.operations.summaries import summary_of
from scrt_workflow.reference.organisations import BEGAN
from scrt_workflow.reports import files
from scrt_workflow.reports.figures import Summary, as_json
from scrt_workflow.reports.periods import (
    DAY,
    FROZEN_KINDS,
    MONTH,
    QUARTER,
    YEAR,
    NoSuchPeriodError,
    ReportingPeriod,
    ended_before,
    read_period,
)
from scrt_workflow.reports.printing import NotPrintedError
from scrt_workflow.reports.suppression import protected
from scrt_workflow.reports.tables import as_csv, as_text
from scrt_workflow.settings import read_settings
from scrt_workflow.startup import opened
from scrt_workflow.working_days import local_date

FILES = ("xlsx", "pdf", "png")
KINDS = ("table", "json", "csv", *FILES)
EXAMPLES = {
    MONTH: "a month such as 2024-10",
    QUARTER: "a quarter such as 2024-25-Q3 (October to December 2024)",
    YEAR: "a financial year such as 2024-25",
    DAY: "a date such as 2024-11-03",
}


@click.group(invoke_without_command=True)
@click.option("--organisation", metavar="CODE", help="An ODS code: an ICB, a region (Y56), or ENG.")
@click.option("--month", metavar="YYYY-MM", help="The month whose last day is counted, such as 2024-10.")
@click.option(
    "--quarter", metavar="YYYY-YY-QN", help="A quarter of a financial year, such as 2024-25-Q3 (October to December 2024)."
)
@click.option("--year", metavar="YYYY-YY", help="A financial year, such as 2024-25 (April 2024 to March 2025).")
@click.option("--on", "day", metavar="YYYY-MM-DD", help="Any day; new ones are those of its month up to then.")
@click.option("--format", "kind", type=click.Choice(KINDS), default="table", show_default=True, help="How to write them.")
@click.option(
    "--output", type=click.Path(dir_okay=False, path_type=Path), help="The file to write; a workbook or picture needs one."
)
@click.option("--known-at", metavar="YYYY-MM-DD", help="Count what was known at the end of this day, not what is known now.")
@click.option(
    "--as-recorded", is_flag=True, help="Give the frozen figures; where there are none, what was known when the period ended."
)
@click.option(
    "--organisations-as-now", is_flag=True, help="Count what the organisation covers today, and not what it covered then."
)
@click.option(
    "--as-now-grouped", is_flag=True, help="Count merged terms as what took their place, and each group of terms as one."
)
@click.option("--small", default=0, metavar="NUMBER", help="Hide counts from 1 to one less, and what would give them away.")
@click.pass_context
def rollup(  # noqa: PLR0913, PLR0917 - each option of a command is an argument
    context: click.Context, organisation: str | None, month: str | None, quarter: str | None, year: str | None, day: str | None,
    kind: str, output: Path | None, known_at: str | None, *, as_recorded: bool, organisations_as_now: bool,
    as_now_grouped: bool, small: int,
) -> None:  # fmt: skip
    """Count the figures of an organisation at the end of a month, quarter, year or day, and print them or write a file."""
    if context.invoked_subcommand:
        return
    period = _one_period({MONTH: month, QUARTER: quarter, YEAR: year, DAY: day})
    if organisation is None:
        raise click.UsageError("Say whose figures: --organisation Y56")
    if as_recorded and (known_at or organisations_as_now or as_now_grouped):
        raise click.UsageError("--as-recorded gives the figures as they were, and goes with no other way to count them.")
    if kind in FILES and output is None:
        raise click.UsageError(f"Name the file to write: --format {kind} --output figures.{kind}")
    known_on = _period(DAY, known_at, "--known-at").last_day if known_at else period.last_day if as_recorded else None
    settings = read_settings()
    with opened(settings) as engine, reading(engine) as session:
        today = local_date(clock_of(settings, engine).now())
        code = organisation.upper()
        try:
            summary = summary_of(
                session, code, period, today=today, known_on=known_on, as_recorded=as_recorded,
                grouped_on=today if as_now_grouped else None, organised_on=today if organisations_as_now else None,
            )  # fmt: skip
        except NoSuchOrganisationError as error:
            raise click.ClickException(str(error)) from error
    if summary.asked.as_at >= today:
        is_known = f"as far as it is known on {known_on or today:%d %B %Y}"
        click.echo(f"{period.title} is not over: these are its figures {is_known}.", err=True)
    try:
        _write(protected(summary, small), kind, output)
    except (NotPrintedError, ValueError) as error:
        raise click.ClickException(str(error)) from error


def _write(summary: Summary, kind: str, output: Path | None) -> None:
    if kind in FILES:
        made = files.made(summary, kind)
    elif kind == "json":
        made = f"{json.dumps(as_json(summary), indent=2, ensure_ascii=False)}\n".encode()
    else:
        made = as_csv(summary).encode() if kind == "csv" else f"{as_text(summary)}\n".encode()
    if output is None:
        click.echo(made, nl=False)
        return
    try:
        output.write_bytes(made)
    except OSError as error:
        raise click.ClickException(f"{output} cannot be written: {error.strerror}.") from error


@rollup.command("freeze")
@click.option("--month", metavar="YYYY-MM", help="Freeze this month.")
@click.option("--quarter", metavar="YYYY-YY-QN", help="Freeze this quarter of a financial year.")
@click.option("--year", metavar="YYYY-YY", help="Freeze this financial year.")
def freeze(month: str | None, quarter: str | None, year: str | None) -> None:
    """Freeze the figures of all organisations for a period that is over; without one, for all that were missed.

    Missed are those that ended after the first one that was frozen; where none was, the newest of each kind. What is frozen
    already stays as it is.
    """
    given = {MONTH: month, QUARTER: quarter, YEAR: year}
    settings = read_settings()
    configure(settings.log_level)
    with opened(settings) as engine:
        now = clock_of(settings, engine).now()
        periods = [_one_period(given)] if any(given.values()) else _missed(engine, now)
        for period in sorted(periods):
            _freeze(engine, period, now)
        if not periods:
            click.echo("Nothing was missed.")


def _freeze(engine: Engine, period: ReportingPeriod, now: datetime) -> None:
    """Freeze one period in the job's own way, so that the job finds it done."""
    work = Work(engine, now, Clock(), say=click.echo)
    try:
        refuse_too_early(period, at=now)
        done = run_once(
            f"{period.kind}_ends", period.key, lambda claimed: freeze_period(claimed, period), work,
            owner=process_name("command"), again=True,
        )  # fmt: skip
    except (TooEarlyError, DoesNotTieOutError) as error:
        raise click.ClickException(str(error)) from error
    if done is None:
        raise click.ClickException(f"{period.title} is being frozen elsewhere at this moment.")


def _missed(engine: Engine, now: datetime) -> list[ReportingPeriod]:
    """Give the periods that are over and not frozen, since the first of their kind that was."""
    missed = []
    with reading(engine) as session:
        for kind in FROZEN_KINDS:
            period, first = ended_before(kind, local_date(now - IN_FLIGHT)), frozen.first_frozen(session, kind)
            while period.key >= (first or period.key):
                missed += [] if frozen.is_frozen(session, period) else [period]
                if first is None:
                    break
                period = period.back(1)
    return missed


def _one_period(given: dict[str, str | None]) -> ReportingPeriod:
    named = [(kind, text) for kind, text in given.items() if text is not None]
    if len(named) != 1:
        options = [f"--{'on' if kind == DAY else kind}" for kind in given]
        raise click.UsageError(f"Say for when, by one of {', '.join(options)}.")
    ((kind, text),) = named
    return _period(kind, text, f"--{'on' if kind == DAY else kind}")


def _period(kind: str, text: str, option: str) -> ReportingPeriod:
    try:
        found = read_period(text)
    except NoSuchPeriodError:
        found = None
    if found is None or found.kind != kind or found.last_day >= date.max - timedelta(days=1):
        raise click.BadParameter(f"write {EXAMPLES[kind]}.", param_hint=option)
    if found.first_day < BEGAN.replace(day=1):
        raise click.BadParameter(f"there are no organisations to count for before {BEGAN.day} {BEGAN:%B %Y}.", param_hint=option)
    return found
