"""Ask every page as everyone, on an invented service, and print who gets into what."""

import click

from scrt_workflow.access import matrix
from scrt_workflow.logs import configure


@click.command
def access() -> None:
    """Ask every page as everyone, on an invented service, and print who gets into what.

    Real requests are made, of each route and method, as people of each role in this place and in another; nothing of this
    installation is touched. What is printed is kept in tests/access.txt, where a change of rights shows.
    """
    configure("ERROR")
    for line in matrix():
        click.echo(line)
