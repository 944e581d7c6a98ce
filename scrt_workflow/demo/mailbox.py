"""The demo's mail server: it takes every e-mail and keeps each in a file of a folder, where the page /mailbox finds it."""

import os
import socket
from pathlib import Path
from typing import Any

from aiosmtpd.controller import Controller
from aiosmtpd.smtp import SMTP

HOST = "127.0.0.1"
PRIVATE = 0o700


class Mailbox:
    """Listens on this machine only, on *port* or, where that is taken or 0, on any free one. Nothing is ever passed on."""

    def __init__(self, folder: Path, port: int) -> None:
        folder.mkdir(mode=PRIVATE, parents=True, exist_ok=True)
        self._folder = folder
        self._number = max((int(path.stem) for path in folder.glob("[0-9]*.eml")), default=0)
        self.port = port if port and is_free(port) else free_port()
        self._controller = Controller(self, HOST, self.port)

    def start(self) -> None:
        """Take e-mails from now on."""
        self._controller.start()

    def stop(self) -> None:
        """Take no more."""
        self._controller.stop()

    async def handle_DATA(self, _server: SMTP, _session: Any, envelope: Any) -> str:  # noqa: N802 - aiosmtpd's name
        """Keep an e-mail, whole or not at all, under the next number."""
        self._number += 1
        path = self._folder / f"{self._number:08}.eml"
        part = path.with_suffix(".part")
        part.write_bytes(envelope.content)
        part.rename(path)
        return "250 Kept"


def is_free(port: int, host: str = HOST) -> bool:
    """Tell whether nobody listens on *port*."""
    with socket.socket() as listener:
        if os.name == "posix":
            listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            listener.bind((host, port))
        except OSError:
            return False
    return True


def free_port() -> int:
    """Find a port that nobody listens on: the mail server's library wants one by number."""
    with socket.create_server((HOST, 0)) as listener:
        port: int = listener.getsockname()[1]
    return port
