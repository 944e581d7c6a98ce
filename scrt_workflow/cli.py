"""The `scrt` command. Each module of `scrt_workflow.commands` is a verb; one is imported only when it is used.

To add the verb `tidy-up`, write `scrt_workflow/commands/tidy_up.py`: its docstring's first line is what `scrt --help`
says, and its function or group `tidy_up` is the click command.
"""

import ast
from importlib import import_module
from pathlib import Path
from typing import Any

import click

from scrt_workflow.settings import SettingsError

COMMANDS = Path(__file__).parent / "commands"


class Verbs(click.Group):
    """A group whose verbs are the modules of a package."""

    def list_commands(self, ctx: click.Context) -> list[str]:  # noqa: ARG002 - click's signature
        """Name the verbs, without importing one."""
        return sorted(path.stem.replace("_", "-") for path in COMMANDS.glob("[a-z]*.py"))

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        """Import the verb and give its command; None when there is no such verb."""
        if cmd_name not in self.list_commands(ctx):
            return None
        name = cmd_name.replace("-", "_")
        command: click.Command = getattr(import_module(f"scrt_workflow.commands.{name}"), name)
        return command

    def format_commands(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        """Write each verb and what it does, still without importing one."""
        with formatter.section("Commands"):
            formatter.write_dl([(verb, _summary(verb)) for verb in self.list_commands(ctx)])

    def invoke(self, ctx: click.Context) -> Any:
        """Run the verb; settings that it cannot run with are said as sentences, without a traceback."""
        try:
            return super().invoke(ctx)
        except SettingsError as error:
            raise click.ClickException(f"the settings need mending first.\n{error}") from error


def _summary(verb: str) -> str:
    tree = ast.parse((COMMANDS / f"{verb.replace('-', '_')}.py").read_text(encoding="utf-8"))
    return (ast.get_docstring(tree) or "").partition("\n")[0]


@click.group(cls=Verbs, context_settings={"help_option_names": ["-h", "--help"]})
@click.version_option(package_name="scrt-workflow")
def scrt() -> None:
    """Track safeguarding case reviews: guide them by definitions, count them each month, remind people.

    Settings are read from SCRT_* variables; `scrt settings` shows them all. Begin with `scrt demo`.
    """
