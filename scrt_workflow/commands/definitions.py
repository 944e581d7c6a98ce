"""Check definitions (workflows and forms) in YAML, read them in words, draw them, and put them to use."""

from collections.abc import Iterable, Iterator, Mapping
from pathlib import Path

import click

from scrt_workflow.database import reading, unit_of_work
from scrt_workflow.folder import FORMS, WORKFLOWS, Folder, read_folder
from scrt_workflow.operations import released_files
from scrt_workflow.operations.definitions import FIRST_REASON, known_types, problems_in
from scrt_workflow.operations.definitions import load as load_folder
from scrt_workflow.operations.organisations import load_reference
from scrt_workflow.operations.service_time import clock_of
from scrt_workflow.reports.diagrams import as_svg
from scrt_workflow.settings import read_settings, shipped
from scrt_workflow.startup import opened
from scrt_workflow.web.definition_words import clocks, reminders
from scrt_workflow.workflows.diagram import as_dot, is_too_large
from scrt_workflow.workflows.schema import Definition
from scrt_workflow.workflows.wording import steps_in_words
from scrt_workflow.yaml_reader import DefinitionError, Problem

PATH = click.argument("path", type=click.Path(path_type=Path), required=False)
WORKFLOW = click.option("--workflow", metavar="KEY", help="Only this workflow of the folder.")


@click.group
def definitions() -> None:
    """Check definitions (workflows and forms) in YAML, read them in words, draw them, and put them to use.

    PATH is a folder with the folders `workflows/` and `forms/` in it; left out, it is the service's own.
    """


@definitions.command
@PATH
def check(path: Path | None) -> None:
    """Say everything that is wrong with the definitions in PATH.

    Each mistake is one line: the file and line, and what is wrong there. All are said at once. Then every workflow
    without mistakes is walked, to prove that each state can be reached and that no review can be stranded.
    """
    folder = _folder(path)
    problems = problems_in(folder)
    _refuse(problems, path)
    click.echo(f"{summary(folder)}: no mistakes.")


@definitions.command
@PATH
@click.option("--reason", default=FIRST_REASON, show_default=True, help="Why, for the history of the definitions.")
def load(path: Path | None, reason: str) -> None:
    """Put the definitions in PATH to use: each workflow that differs from its newest version gets a new one.

    New reviews begin under the new version; those that there are keep theirs. Everything is checked first, and while
    there is a mistake nothing is loaded. Loading the same definitions again changes nothing.
    """
    settings = read_settings()
    try:
        with opened(settings) as engine:
            at = clock_of(settings, engine).now()
            with unit_of_work(engine) as session:
                load_reference(session)
                loaded = [one for folder in _folders(path) for one in load_folder(session, folder, at=at, reason=reason)]
    except DefinitionError as error:
        _refuse(error.problems, path, "nothing was loaded")
        raise
    for one in loaded:
        click.echo(f"{one.title}: version {one.number}{' is new' if one.is_new else ', as before'}.")


@definitions.command
@click.argument("path", type=click.Path(path_type=Path, file_okay=False))
@click.option("--workflow", metavar="KEY", multiple=True, help="Only this workflow, with what it uses; can be given again.")
def export(path: Path, workflow: tuple[str, ...]) -> None:
    """Write the definitions in use into the folder PATH: the files as they were loaded, or as they were changed since.

    Workflows that were loaded from several folders are written to several, within PATH. `scrt definitions load PATH` reads
    them back and changes nothing. Other files of definitions that stand there are taken away; what else there is stays.
    """
    settings = read_settings()
    try:
        with opened(settings) as engine, reading(engine) as session:
            folders = released_files.exported(session, workflow)
    except KeyError as error:
        raise click.BadParameter(f"no workflow is called '{error.args[0]}'.", param_hint="--workflow") from None
    if not folders:
        raise click.ClickException("No definition has been loaded yet. `scrt definitions load PATH` does it.")
    for name, sources in folders.items():
        write_folder(path / name, sources)
        click.echo(f"{counted(len(sources), 'file')} written to {path / name}.")


def write_folder(path: Path, sources: Mapping[str, str]) -> None:
    """Make the folder of definitions in *path* what *sources* say, to the byte."""
    for folder in (WORKFLOWS, FORMS):
        (path / folder).mkdir(parents=True, exist_ok=True)
        for file in [*(path / folder).glob("*.yaml"), *(path / folder).glob("*.yml")]:
            if f"{folder}/{file.name}" not in sources:
                file.unlink()
    for name, text in sources.items():
        (path / name).write_bytes(text.encode())


@definitions.command
@PATH
@WORKFLOW
def show(path: Path | None, workflow: str | None) -> None:
    """Say in words what the workflows in PATH are: their stages, and the steps between them."""
    for definition in _definitions(path, workflow):
        for line in in_words(definition):
            click.echo(line)


@definitions.command
@PATH
@WORKFLOW
@click.option("--into", type=click.Path(path_type=Path, file_okay=False), help="Draw each as an SVG into this folder.")
def diagram(path: Path | None, workflow: str | None, into: Path | None) -> None:
    """Draw the workflows in PATH: as DOT, the language of Graphviz, or as an SVG each."""
    for definition in _definitions(path, workflow):
        dot, flow = as_dot(definition), definition.workflow
        if into is None:
            click.echo(dot)
        elif is_too_large(flow):
            click.echo(f"{flow.title}: there are too many stages to draw.")
        else:
            into.mkdir(parents=True, exist_ok=True)
            (into / f"{flow.key}.svg").write_text(as_svg(dot, flow.title), encoding="utf-8")
            click.echo(f"{flow.title}: {into / f'{flow.key}.svg'}")


def in_words(definition: Definition) -> Iterator[str]:
    """Give a workflow as lines to read: its stages, each step with who takes it and how it can end, deadlines and reminders."""
    workflow = definition.workflow
    counts = {"open": "counts as open", "closed": "counts as closed", "nothing": "is not counted"}
    yield click.style(workflow.title, bold=True)
    for state in workflow.states.values():
        yield f"  {state.title}: {counts[state.counts_as]}{', nothing more is due' if state.final else ''}"
    yield ""
    for row in steps_in_words(definition):
        yield f"  {click.style(row.step.title, bold=True)}, by {row.who}"
        yield f"    from: {', '.join(row.comes_from)}"
        yield from (f"    to: {where}{f', when {when}' if when else ''}" for where, when in row.ends)
        yield from (f"    {rule}" for rule in row.rules)
        asked = definition.questions_of(row.step)
        yield f"    asks: {'; '.join(question.title for question in asked) or 'nothing'}"
    for one in clocks(definition):
        yield f"  {click.style(one['title'], bold=True)}: {one['due']}, until {one['stops']}"
    for one in reminders(definition):
        yield f"  {click.style(one['title'], bold=True)}. {one['sentence']}"
    yield ""


def _folder(path: Path | None) -> Folder:
    return read_folder(path or shipped("workflows").parent, known_types=known_types())


def _folders(path: Path | None) -> list[Folder]:
    """Give the folder of definitions at *path*, or those that an export put beside each other within it."""
    within = sorted(one for one in path.iterdir() if (one / WORKFLOWS).is_dir()) if path and path.is_dir() else []
    return [_folder(path)] if path is None or (path / WORKFLOWS).is_dir() or not within else [_folder(one) for one in within]


def _definitions(path: Path | None, workflow: str | None) -> list[Definition]:
    """Give the workflows of a folder that has no mistakes, or the one that is asked for."""
    folder = _folder(path)
    _refuse(problems_in(folder), path)
    if workflow is not None and workflow not in folder.workflows:
        raise click.BadParameter(f"choose one of {', '.join(sorted(folder.workflows))}.", param_hint="--workflow")
    return [folder.definition(key) for key in sorted(folder.workflows) if workflow in {None, key}]


def _refuse(problems: Iterable[Problem], path: Path | None, outcome: str = "") -> None:
    """Print every mistake, and end the command if there are any."""
    found = list(problems)
    for line in shown(found, beside=path):
        click.echo(line)
    if found:
        raise click.ClickException(f"{counted(len(found), 'mistake')}{f'; {outcome}' if outcome else ''}.")


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
