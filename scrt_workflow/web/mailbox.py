"""The e-mails that the demo has sent, as text: whoever tries the service can read what would have gone out."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from email.message import EmailMessage
from email.parser import BytesParser
from email.policy import default
from pathlib import Path

from flask import Blueprint, abort, render_template
from flask.typing import ResponseReturnValue

from scrt_workflow.permissions import Permission
from scrt_workflow.web.guards import requires
from scrt_workflow.web.requests import settings

pages = Blueprint("mailbox", __name__, url_prefix="/mailbox")
SHOWN = 200


@dataclass(frozen=True, slots=True)
class Kept:
    """An e-mail of the mailbox: its number, when it came (real time), whom it is to, and what about."""

    number: int
    arrived_at: datetime
    to: str
    subject: str


@pages.route("")
@requires(Permission.MAILBOX_SEE)
def index() -> ResponseReturnValue:
    """List the e-mails, the newest first."""
    paths = sorted(_folder().glob("[0-9]*.eml"), reverse=True)
    return render_template("mailbox/index.html", mails=list(_listed(paths[:SHOWN])), total=len(paths))


@pages.route("/<int(max=99999999):number>")
@requires(Permission.MAILBOX_SEE)
def show(number: int) -> ResponseReturnValue:
    """Show an e-mail as its reader gets it in plain text."""
    path = _folder() / f"{number:08}.eml"
    if not path.is_file():
        abort(404)
    message = _read(path)
    part = message.get_body(("plain",))
    return render_template("mailbox/show.html", mail=_kept(path, message), text=part.get_content() if part else "")


def _folder() -> Path:
    return settings().instance / "mailbox"


def _listed(paths: list[Path]) -> Iterator[Kept]:
    for path in paths:
        yield _kept(path, _read(path, only_headers=True))


def _kept(path: Path, message: EmailMessage) -> Kept:
    arrived_at = datetime.fromtimestamp(path.stat().st_mtime, UTC)
    return Kept(int(path.stem), arrived_at, str(message.get("To", "")), str(message.get("Subject", "")))


def _read(path: Path, *, only_headers: bool = False) -> EmailMessage:
    with path.open("rb") as file:
        return BytesParser(policy=default).parse(file, headersonly=only_headers)
