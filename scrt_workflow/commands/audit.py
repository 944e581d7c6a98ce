"""Check that no event of the history was altered, removed or added."""

from itertools import chain

import click

from scrt_workflow.database import reading
from scrt_workflow.operations.checkpoints import broken_checkpoints, is_checkpoint, newest_checkpoint
from scrt_workflow.operations.history import broken_links
from scrt_workflow.settings import read_settings
from scrt_workflow.startup import opened


@click.group
def audit() -> None:
    """Check that no event of the history was altered, removed or added."""


@audit.command
@click.option("--checkpoint", metavar="HASH", help="A checkpoint from the log, kept elsewhere: it must still be there.")
def verify(checkpoint: str | None) -> None:
    """Check every chain of events, and that each reaches as far as its checkpoints say; exit with 1 if one does not.

    A checkpoint is taken each day. Its hash is in the scheduler's log; keep it on another machine, and give it here to
    see that nobody has removed the newest events together with the checkpoint.
    """
    broken = 0
    with opened(read_settings()) as engine, reading(engine) as session:
        for sentence in chain(broken_links(session), broken_checkpoints(session)):
            broken += 1
            click.echo(sentence)
        if checkpoint and not is_checkpoint(session, checkpoint):
            broken += 1
            click.echo(f"The checkpoint {checkpoint} is not there.")
        newest = newest_checkpoint(session)
    if broken:
        raise click.ClickException(
            f"the history does not hold at {broken} {'place' if broken == 1 else 'places'}, the first named first."
        )
    click.echo(f"Every chain of events holds. The newest checkpoint is {newest}.")
