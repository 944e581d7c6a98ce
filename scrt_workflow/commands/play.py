"""Play a documented history of dated steps into the database, all of it or nothing."""

from pathlib import Path

import click
from rich.progress import Progress

from scrt_workflow.commands.definitions import counted
from scrt_workflow.database import unit_of_work
from scrt_workflow.operations.delivery import newest_notice, withhold_all
from scrt_workflow.operations.history_lines import HistoryError
from scrt_workflow.operations.play import lines_of
from scrt_workflow.operations.play import play as play_history
from scrt_workflow.settings import read_settings
from scrt_workflow.startup import opened


@click.command
@click.argument("history", type=click.Path(path_type=Path, exists=True, dir_okay=False))
@click.option("--add-people", is_flag=True, help="Add the people that the history names, with the roles they act in.")
def play(history: Path, *, add_people: bool) -> None:
    """Play a documented history of dated steps into the database, all of it or nothing.

    HISTORY is a JSONL file, one step a line: at, person, role, organisation, review, workflow, step, answers. Every step goes
    through the same checks as the pages. All mistakes are reported at once, with their line numbers, and then nothing is kept.
    Playing the same history again changes nothing.
    """
    with history.open(encoding="utf-8", errors="surrogateescape") as lines:
        text = list(lines_of(lines))
    try:
        with opened(read_settings()) as engine, Progress(transient=True) as shown, unit_of_work(engine) as session:
            task = shown.add_task("Playing", total=len(text))
            before = newest_notice(session)
            played = play_history(session, text, add_people=add_people, progress=lambda _: shown.advance(task))
            withhold_all(session, "It tells of a history that was played.", after=before)
    except HistoryError as error:
        for mistake in error.mistakes:
            click.echo(f"{history.name}: {mistake}")
        raise click.ClickException(f"{counted(len(error.mistakes), 'mistake')}; nothing was played.") from error
    steps, reviews = counted(played.done, "step"), counted(len(played.reviews), "review")
    click.echo(f"Played {steps} of {reviews}; {played.before} had been played before.")
