"""Check that no event of the history was altered, removed or added."""

import click

from scrt_workflow.database import make_engine, reading
from scrt_workflow.operations.history import broken_links
from scrt_workflow.settings import read_settings


@click.group
def audit() -> None:
    """Check that no event of the history was altered, removed or added."""


@audit.command
def verify() -> None:
    """Check every chain of events; exit with 1 and say where each does not hold."""
    broken = 0
    with reading(make_engine(read_settings().database)) as session:
        for sentence in broken_links(session):
            broken += 1
            click.echo(sentence)
    if broken:
        raise click.ClickException(f"the history does not hold at {broken} events. The first is named first.")
    click.echo("Every chain of events holds.")
