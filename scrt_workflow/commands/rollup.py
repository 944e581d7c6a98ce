"""Count the month-end figures of an organisation, and print them."""

import json
from datetime import date, datetime

import click

from scrt_workflow.database import reading
from scrt_workflow.operations.organisations import NoSuchOrganisationError
from scrt_workflow.operations.rollups import month_asked, roll_up
from scrt_workflow.operations.service_time import clock_of
from scrt_workflow.reports.figures import as_json
from scrt_workflow.reports.tables import as_csv, as_text
from scrt_workflow.settings import read_settings
from scrt_workflow.startup import opened
from scrt_workflow.working_days import local_date


@click.command
@click.option("--organisation", required=True, metavar="CODE", help="An ODS code: an ICB, a region (Y56), or ENG.")
@click.option("--month", required=True, metavar="YYYY-MM", help="The month whose last day is counted, such as 2024-10.")
@click.option(
    "--format", "kind", type=click.Choice(["table", "json", "csv"]), default="table", show_default=True, help="How to print them."
)
@click.option("--known-at", metavar="YYYY-MM-DD", help="Count what was known at the end of this day, not what is known now.")
@click.option(
    "--as-now-grouped", is_flag=True, help="Count merged terms as what took their place, and each group of terms as one."
)
def rollup(organisation: str, month: str, kind: str, known_at: str | None, as_now_grouped: bool) -> None:
    """Count the month-end figures of an organisation, and print them."""
    known_on = _day(known_at, "--known-at") if known_at else None
    asked_month = _day(f"{month}-01", "--month").isoformat()[:7]
    settings = read_settings()
    with opened(settings) as engine, reading(engine) as session:
        today = local_date(clock_of(settings, engine).now())
        try:
            grouped_on = today if as_now_grouped else None
            asked = month_asked(session, organisation.upper(), asked_month, known_on=known_on, grouped_on=grouped_on)
            counted = roll_up(session, asked)
        except NoSuchOrganisationError as error:
            raise click.ClickException(str(error)) from error
    if counted.asked.as_at >= today:
        is_known = f"as far as it is known on {known_on or today:%d %B %Y}"
        click.echo(f"{counted.asked.as_at:%B %Y} is not over: these are its figures {is_known}.", err=True)
    if kind == "json":
        click.echo(json.dumps(as_json(counted), indent=2, ensure_ascii=False))
    else:
        click.echo(as_csv(counted) if kind == "csv" else as_text(counted), nl=kind == "table")


def _day(text: str, option: str) -> date:
    try:
        found = datetime.strptime(text, "%Y-%m-%d").date()  # noqa: DTZ007 - a calendar date has no time zone
    except ValueError:
        found = date.max
    if found == date.max:  # the last day that there is has no end
        wanted = "a month such as 2024-10" if option == "--month" else "a date such as 2024-11-03"
        raise click.BadParameter(f"write {wanted}.", param_hint=option)
    return found
