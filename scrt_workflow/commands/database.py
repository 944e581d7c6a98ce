"""Bring the database to the newest schema, or check that it is there."""

import click

from scrt_workflow.database import make_engine
from scrt_workflow.database import migrate as migrate_database
from scrt_workflow.models.drift import pending_changes
from scrt_workflow.settings import read_settings


@click.group
def database() -> None:
    """Bring the database to the newest schema, or check that it is there."""


@database.command
def migrate() -> None:
    """Bring the database to the newest schema; harmless when it is there already.

    On PostgreSQL this is the one command that needs the role which owns the tables: give it in SCRT_MIGRATION_URL.
    """
    settings = read_settings()
    settings.instance.mkdir(mode=0o700, parents=True, exist_ok=True)
    engine = make_engine(settings.migration_url or settings.database)
    migrate_database(engine)
    click.echo(f"The schema of {engine.url.render_as_string()} is the newest.")


@database.command
def check() -> None:
    """Compare the database with what this version of the service needs; exit with 1 and say each difference."""
    changes = pending_changes(make_engine(read_settings().database))
    for change in changes:
        click.echo(change)
    if changes:
        raise click.ClickException("the database differs; run `scrt database migrate`.")
    click.echo("The database is as this version needs it.")
