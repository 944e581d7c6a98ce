"""The demo's parts as processes of their own: the pages, and the scheduler with the mail delivery. They end together."""

import os
import socket
import subprocess
import sys
from collections.abc import Mapping
from time import monotonic, sleep
from typing import Self

from scrt_workflow.jobs.stopping import StopSignals
from scrt_workflow.settings import Settings

PARTS = ("serve", "scheduler")
LOOK_SECONDS, READY_SECONDS, END_SECONDS = 0.2, 60, 20
RUN = "from scrt_workflow.cli import scrt; scrt(prog_name='scrt')"


class PartDiedError(Exception):
    """A part of the demo has ended by itself; the message says which."""


class Parts:
    """The running parts. Use it in a `with`, so that none is left behind."""

    def __init__(self, settings: Settings, *, mailbox_port: int) -> None:
        self._settings = settings
        self._environment = {**os.environ, **environment(mailbox_port)}
        self._running: dict[str, subprocess.Popen[bytes]] = {}

    def __enter__(self) -> Self:
        for part in PARTS:
            self._running[part] = subprocess.Popen([sys.executable, "-c", RUN, part], env=self._environment)
        return self

    def __exit__(self, *_error: object) -> None:
        for process in self._running.values():
            process.terminate()
        until = monotonic() + END_SECONDS
        for process in self._running.values():
            try:
                process.wait(max(until - monotonic(), 0.1))
            except subprocess.TimeoutExpired:
                process.kill()
                process.wait()

    def wait_until_ready(self, signals: StopSignals) -> None:
        """Wait until the pages are served. Raises PartDiedError."""
        until = monotonic() + READY_SECONDS
        while monotonic() < until and not signals.asked:
            self._check()
            with socket.socket() as caller:
                if caller.connect_ex((self._settings.bind, self._settings.port)) == 0:
                    return
            sleep(LOOK_SECONDS)

    def wait_until_stopped(self, signals: StopSignals) -> None:
        """Wait until this process is asked to end. Raises PartDiedError."""
        while not signals.asked:
            self._check()
            sleep(LOOK_SECONDS)

    def _check(self) -> None:
        for part, process in self._running.items():
            if process.poll() is not None:
                raise PartDiedError(f"`scrt {part}` has ended by itself, with {process.returncode}.")


def environment(mailbox_port: int) -> Mapping[str, str]:
    """Give the variables that a part needs beside those that are set. Wherever e-mails were to go, they go to the mailbox."""
    return {
        "SCRT_DEMO": "yes",
        "SCRT_LOG_LEVEL": os.environ.get("SCRT_LOG_LEVEL") or "WARNING",
        "SCRT_MAIL_HOST": "127.0.0.1",
        "SCRT_MAIL_PORT": str(mailbox_port),
        "SCRT_MAIL_TLS": "none",
        "SCRT_MAIL_USERNAME": "",
        "SCRT_MAIL_PASSWORD": "",
        "SCRT_MAIL_FROM": "reviews@example.nhs.uk",
    }
