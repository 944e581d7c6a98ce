"""What this machine offers the tests: a browser, Pango, a clock to jump with, no network. Run it to install the first three."""

import os
import shutil
import subprocess
import sys
import tempfile
from ctypes.util import find_library
from functools import cache, partial
from ipaddress import ip_address
from pathlib import Path
from typing import Any, NoReturn
from urllib.parse import urlsplit

import pytest

INSTALL = ("apt-get", "-qq", "install", "-y", "--no-install-recommends")
CHROMIUM = ("chromium-headless-shell", "chromium", "chromium-browser", "google-chrome")
"""Debian's first: Chromium without windows, which costs the tests half the time."""
PANGO = ("libpango-1.0-0", "libpangoft2-1.0-0", "libharfbuzz-subset0")


def unavailable(reason: str) -> NoReturn:
    """Skip the test on a person's machine, and fail it under CI=true, where everything must be there."""
    if os.environ.get("CI") == "true":
        pytest.fail(reason, pytrace=False)
    pytest.skip(reason)


MEMORY, ROOM = Path("/dev/shm"), 2 << 30


def keep_files_in_memory() -> None:
    """Let temporary files, with them the databases of tests, lie in memory where there is room, and TMPDIR is not set.

    To make a PostgreSQL database is to copy a thousand files: a tenth of the time in memory.
    """
    if "TMPDIR" not in os.environ and os.access(MEMORY, os.W_OK) and shutil.disk_usage(MEMORY).free >= ROOM:
        os.environ["TMPDIR"] = str(MEMORY)
        tempfile.tempdir = None  # it is worked out anew


PICTURES = "PICTURES"
"""Set in the environment, it has journeys take pictures for docs/screens."""


@cache
def find_chromium(*, whole: bool = False) -> str:
    """Find the path of a Chromium; `make test` installs one where it may. A *whole* one takes pictures of long pages too."""
    return _chromium(CHROMIUM[1:] if whole else CHROMIUM) or unavailable("No browser: install the package `chromium`.")


def _chromium(names: tuple[str, ...] = CHROMIUM) -> str | None:
    return next(filter(None, map(shutil.which, names)), None)


def find_pango() -> None:
    """See that this machine has Pango, which sets pages; `make test` installs it where it may."""
    if not _has_pango():
        unavailable(f"No Pango: install the packages {', '.join(PANGO)}.")


def _has_pango() -> bool:
    return find_library("pango-1.0") is not None and find_library("harfbuzz-subset") is not None


def find_faketime() -> str:
    """Find the library that gives a process a clock of its own (Debian's `faketime`); `make test` installs it where it may."""
    return _faketime() or unavailable("No clock to jump with: install the package `faketime`.")


def _faketime() -> str | None:
    return next(map(str, Path("/usr/lib").glob("*/faketime/libfaketimeMT.so.1")), None)


def install() -> None:
    """Install what is not there by apt where the person may: as root, on Debian and its like."""
    if (_chromium() and _faketime() and _has_pango()) or not shutil.which("apt-get") or os.geteuid() != 0:
        return
    quiet = os.environ | {"DEBIAN_FRONTEND": "noninteractive"}
    apt = partial(subprocess.run, check=False, stdout=subprocess.DEVNULL, env=quiet)
    apt(["apt-get", "-qq", "update"])
    if not _faketime():
        apt([*INSTALL, "faketime"])
    if not _has_pango():
        apt([*INSTALL, *PANGO])
    for browser in ("chromium-headless-shell", "chromium"):
        if not _chromium():
            apt([*INSTALL, browser, "fonts-liberation"])


def refuse_outbound_connections() -> None:
    """Let nothing in this process reach another machine, except the test database; it cannot be undone.

    The promise that the server never fetches an address which a user gave rests on this (IN3).
    """
    allowed = {urlsplit(os.environ.get("TEST_DATABASE_URL", "")).hostname, "localhost", "", None}

    def refuse(event: str, arguments: tuple[Any, ...]) -> None:
        match event, arguments:
            case ("socket.connect" | "socket.sendto", (_, (host, *_))) | ("socket.getaddrinfo", (host, *_)):
                name = host.decode() if isinstance(host, bytes) else host
                if name not in allowed and not _is_loopback(name):
                    raise PermissionError(f"A test may not reach another machine: {event} {name}")

    sys.addaudithook(refuse)


def _is_loopback(host: str) -> bool:
    try:
        return ip_address(host).is_loopback
    except ValueError:
        return False


if __name__ == "__main__":
    install()
