"""Check that no event of the history was altered, removed or added."""

import click

from scrt_workflow.database import reading
from scrt_workflow.operations.history import broken_links
from scrt_workflow.settings import read_settings
from scrt_workflow.startup import opened


@click.group
def audit() -> None:
    """Check that no event of the history was altered, removed or added."""


@audit.command
def verify() -> None:
    """Check every chain of events; exit with 1 and say where each does not hold."""
    broken = 0
    with opened(read_settings()) as engine, reading(engine) as session:
        for sentence in broken_links(session):
            broken += 1
            click.echo(sentence)
    if broken:
        raise click.ClickException(
            f"the history does not hold at {broken} {'place' if broken == 1 else 'places'}, the first named first."
        )
    click.echo("Every chain of events holds.")
