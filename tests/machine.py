"""What this machine offers the tests: a browser, a database server, no network."""

import os
import shutil
import subprocess
import sys
from functools import cache
from ipaddress import ip_address
from typing import Any, NoReturn
from urllib.parse import urlsplit

import pytest

CHROMIUM = ("chromium", "chromium-browser", "google-chrome")


def unavailable(reason: str) -> NoReturn:
    """Skip the test on a person's machine, and fail it under CI=true, where everything must be there."""
    if os.environ.get("CI") == "true":
        pytest.fail(reason, pytrace=False)
    pytest.skip(reason)


@cache
def find_chromium() -> str:
    """Find the path of a Chromium; where it is missing and apt may install it, do so."""
    found = next(filter(None, map(shutil.which, CHROMIUM)), None)
    if not found and shutil.which("apt-get") and hasattr(os, "geteuid") and os.geteuid() == 0:
        _apt_get("update")
        _apt_get("install", "-y", "chromium", "fonts-liberation")
        found = shutil.which("chromium")
    return found or unavailable("No Chromium on this machine: install the package `chromium` to run the browser tests.")


def _apt_get(*arguments: str) -> None:
    quiet = os.environ | {"DEBIAN_FRONTEND": "noninteractive"}
    subprocess.run(["apt-get", "-qq", *arguments], check=False, stdout=subprocess.DEVNULL, env=quiet)


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
