"""Start the demo: London's invented reviews, the pages, the scheduler and a mailbox."""

from datetime import datetime
from pathlib import Path

import click
from rich.progress import Progress

from scrt_workflow.demo.mailbox import Mailbox, is_free
from scrt_workflow.demo.parts import PartDiedError, Parts
from scrt_workflow.demo.people import PersonRow, people
from scrt_workflow.demo.preparing import prepare
from scrt_workflow.jobs.stopping import StopSignals
from scrt_workflow.operations.signing_in import DEMO_PASSWORD
from scrt_workflow.permissions import ROLES, Role
from scrt_workflow.reference import organisations
from scrt_workflow.settings import Settings, read_settings
from scrt_workflow.working_days import local_time


@click.command
def demo() -> None:
    """Start the demo: London's invented reviews, the pages, the scheduler and a mailbox.

    The first start makes its database in SCRT_INSTANCE, which takes about a minute; later ones take seconds. In it the
    calendar starts at SCRT_DEMO_NOW and runs on. E-mails leave this machine never: they arrive at the page /mailbox.
    Ctrl-C stops all of it.
    """
    settings = read_settings().model_copy(update={"demo": True})
    if not is_free(settings.port, settings.bind):
        raise click.ClickException(f"port {settings.port} is taken on this machine. Choose another: PORT=8001 make run")
    now = _prepare(settings)
    signals = StopSignals()
    mailbox = Mailbox(settings.instance / "mailbox", settings.mailbox_port)
    mailbox.start()
    try:
        with Parts(settings, mailbox_port=mailbox.port) as parts:
            parts.wait_until_ready(signals)
            if not signals.asked:
                _welcome(settings, now, settings.instance / "mailbox")
            parts.wait_until_stopped(signals)
            click.echo("\nStopping …")
    except PartDiedError as error:
        raise click.ClickException(str(error)) from error
    finally:
        mailbox.stop()


def _prepare(settings: Settings) -> datetime:
    with Progress(transient=True) as shown:
        task = shown.add_task("Playing the history of London's reviews, once", total=None, visible=False)
        return prepare(settings, progress=lambda done, all_: shown.update(task, completed=done, total=all_, visible=True))


def _welcome(settings: Settings, now: datetime, folder: Path) -> None:
    """Say where the demo is, and who may sign in to it: one person for each role."""
    names = {row.code: row.short_name for row in organisations()}
    first: dict[str, PersonRow] = {}
    for row in people():
        first.setdefault(row.role, row)
    local = local_time(now)
    click.echo(f"\nThe demo is at {settings.address} and in it, it is {local.day} {local:%B %Y, %H:%M}.")
    click.echo(f"Sign in with the password {click.style(DEMO_PASSWORD, bold=True)} as")
    for row in first.values():
        click.echo(f"  {ROLES[Role(row.role)].title:<28}{row.email:<36}{names[row.organisation]}")
    click.echo(f"E-mails that it sends are at {settings.address}/mailbox, for the administrator, and in {folder}.")
    click.echo("Ctrl-C stops it.")
