"""Check definitions (workflows and forms) in YAML, and put them to use."""

from collections.abc import Iterable, Iterator
from pathlib import Path

import click

from scrt_workflow.folder import Folder, read_folder
from scrt_workflow.operations.definitions import known_types, problems_in
from scrt_workflow.settings import shipped
from scrt_workflow.yaml_reader import Problem


@click.group
def definitions() -> None:
    """Check definitions (workflows and forms) in YAML, and put them to use.

    PATH is a folder with the folders `workflows/` and `forms/` in it; left out, it is the service's own.
    """


@definitions.command
@click.argument("path", type=click.Path(path_type=Path), required=False)
def check(path: Path | None) -> None:
    """Say everything that is wrong with the definitions in PATH.

    Each mistake is one line: the file and line, and what is wrong there. All are said at once. Then every workflow
    without mistakes is walked, to prove that each state can be reached and that no review can be stranded.
    """
    folder = read_folder(path or shipped("workflows").parent, known_types=known_types())
    problems = problems_in(folder)
    for line in shown(problems, beside=path):
        click.echo(line)
    if problems:
        raise click.ClickException(f"{counted(len(problems), 'mistake')}.")
    click.echo(f"{summary(folder)}: no mistakes.")


def shown(problems: Iterable[Problem], *, beside: Path | None) -> Iterator[str]:
    """Give mistakes as lines whose addresses can be opened from here, when the folder is *beside* this one."""
    for problem in problems:
        in_folder = problem.file.startswith(("forms", "workflows"))
        yield f"{beside / problem.file if beside and in_folder else problem.file}{str(problem)[len(problem.file) :]}"


def summary(folder: Folder) -> str:
    """Count what a folder holds."""
    held = (("workflow", folder.workflows), ("form", folder.forms), ("question", folder.questions))
    workflows, forms, questions = (counted(len(several), one) for one, several in held)
    return f"{workflows}, {forms} and {questions}"


def counted(number: int, one: str) -> str:
    """Give `1 form`, or `2 forms`."""
    return f"{number} {one}{'' if number == 1 else 's'}"
