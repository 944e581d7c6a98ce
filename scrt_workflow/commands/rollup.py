"""Count the month-end figures of an organisation, and print them."""

import json
from datetime import date, datetime
from pathlib import Path

import click

from scrt_workflow.database import reading
from scrt_workflow.operations.organisations import NoSuchOrganisationError
from scrt_workflow.operations.service_time import clock_of
from scrt_workflow.operations.summaries import summary_of
from scrt_workflow.reports import files
from scrt_workflow.reports.figures import Summary, as_json
from scrt_workflow.reports.infographic import NoPangoError
from scrt_workflow.reports.suppression import protected
from scrt_workflow.reports.tables import as_csv, as_text
from scrt_workflow.settings import read_settings
from scrt_workflow.startup import opened
from scrt_workflow.working_days import local_date

FILES = ("xlsx", "pdf", "png")
KINDS = ("table", "json", "csv", *FILES)


@click.command
@click.option("--organisation", required=True, metavar="CODE", help="An ODS code: an ICB, a region (Y56), or ENG.")
@click.option("--month", required=True, metavar="YYYY-MM", help="The month whose last day is counted, such as 2024-10.")
@click.option("--format", "kind", type=click.Choice(KINDS), default="table", show_default=True, help="How to write them.")
@click.option(
    "--output", type=click.Path(dir_okay=False, path_type=Path), help="The file to write; a workbook or picture needs one."
)
@click.option("--known-at", metavar="YYYY-MM-DD", help="Count what was known at the end of this day, not what is known now.")
@click.option(
    "--as-now-grouped", is_flag=True, help="Count merged terms as what took their place, and each group of terms as one."
)
@click.option("--small", default=0, metavar="NUMBER", help="Hide counts from 1 to one less, and what would give them away.")
def rollup(
    organisation: str, month: str, kind: str, output: Path | None, known_at: str | None, *, as_now_grouped: bool, small: int
) -> None:
    """Count the month-end figures of an organisation, and print them or write them into a file."""
    if kind in FILES and output is None:
        raise click.UsageError(f"Name the file to write: --format {kind} --output figures.{kind}")
    known_on = _day(known_at, "--known-at") if known_at else None
    asked_month = _day(f"{month}-01", "--month").isoformat()[:7]
    settings = read_settings()
    with opened(settings) as engine, reading(engine) as session:
        today = local_date(clock_of(settings, engine).now())
        try:
            grouped_on = today if as_now_grouped else None
            code = organisation.upper()
            summary = summary_of(session, code, asked_month, today=today, known_on=known_on, grouped_on=grouped_on)
        except NoSuchOrganisationError as error:
            raise click.ClickException(str(error)) from error
    if summary.asked.as_at >= today:
        is_known = f"as far as it is known on {known_on or today:%d %B %Y}"
        click.echo(f"{summary.asked.as_at:%B %Y} is not over: these are its figures {is_known}.", err=True)
    try:
        _write(protected(summary, small), kind, output)
    except (NoPangoError, ValueError) as error:
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
    else:
        output.write_bytes(made)


def _day(text: str, option: str) -> date:
    try:
        found = datetime.strptime(text, "%Y-%m-%d").date()  # noqa: DTZ007 - a calendar date has no time zone
    except ValueError:
        found = date.max
    if found == date.max:  # the last day that there is has no end
        wanted = "a month such as 2024-10" if option == "--month" else "a date such as 2024-11-03"
        raise click.BadParameter(f"write {wanted}.", param_hint=option)
    return found
