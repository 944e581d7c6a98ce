"""Show every setting, its value now, and what is unsafe about it."""

from pathlib import Path

import click

from scrt_workflow.safety import unsafe
from scrt_workflow.settings import Settings, read_settings, settings_table, variable

BEGIN, END = "<!-- settings, written by `scrt settings --into` -->", "<!-- end of settings -->"


@click.command
@click.option("--into", type=click.Path(path_type=Path, exists=True, dir_okay=False), help="Write them into a README.")
def settings(into: Path | None) -> None:
    """Show every setting, its value now, and what is unsafe about it.

    Secrets are shown as stars. With --into, write the table of all settings into a Markdown file, between its markers.
    """
    if into:
        into.write_text(with_settings(into.read_text(encoding="utf-8")), encoding="utf-8")
        return
    now = read_settings()
    for name, field in Settings.model_fields.items():
        value = str(getattr(now, name)) if field.repr else "**********" * bool(getattr(now, name))
        click.echo(f"{click.style(variable(name), bold=True)}={value}\n    {field.description}")
    for sentence in unsafe(now):
        click.echo(f"Unsafe: {sentence}")


def with_settings(text: str) -> str:
    """Give *text* with the table of settings between its two markers; raises ValueError when it has none."""
    before, _, rest = text.partition(BEGIN)
    _, end, after = rest.partition(END)
    if not end:
        raise ValueError(f"There is no place for the settings: write {BEGIN!r} and {END!r} where they belong.")
    return f"{before}{BEGIN}\n\n{settings_table()}\n\n{END}{after}"
