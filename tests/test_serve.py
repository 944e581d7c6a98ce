"""`scrt serve` as people run it: a process of its own, in an empty folder."""

import os
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from http.client import HTTPConnection
from pathlib import Path

import pytest

HOST = "reviews.example.nhs.uk"
SAFE = {
    "SCRT_BASE_URL": f"https://{HOST}",
    "SCRT_PROXY_COUNT": "1",
    "SCRT_SECRET_KEY": "k7Jq2vXw9RtB4nLm8ZcY6pHs3DfG5aUe",
    "SCRT_TRUSTED_HOSTS": HOST,
}
PATIENCE = 60  # seconds


def serve(folder: Path, variables: dict[str, str]) -> subprocess.Popen[str]:
    """Run `scrt serve` in *folder* with no settings but *variables*."""
    command = [sys.executable, "-c", "from scrt_workflow.cli import scrt; scrt()", "serve"]
    environment = os.environ | variables | {"PYTHONPATH": str(Path(__file__).parent.parent)}
    return subprocess.Popen(command, cwd=folder, env=environment, stderr=subprocess.PIPE, text=True)


def ask(port: int, path: str, *, host: str = HOST) -> tuple[int, str]:
    connection = HTTPConnection("127.0.0.1", port, timeout=10)
    try:
        connection.request("GET", path, headers={"Host": host})
        answer = connection.getresponse()
        return answer.status, answer.read().decode()
    finally:
        connection.close()


def answers(port: int) -> bool:
    try:
        return ask(port, "/health/live")[0] == 200
    except OSError:
        return False


@pytest.fixture
def port() -> int:
    with socket.create_server(("127.0.0.1", 0)) as free:
        number: int = free.getsockname()[1]
    return number


@pytest.fixture
def server(tmp_path: Path, port: int) -> Iterator[subprocess.Popen[str]]:
    """Serve from an empty folder, until the test ends."""
    process = serve(tmp_path, SAFE | {"SCRT_PORT": str(port)})
    until = time.monotonic() + PATIENCE
    while not answers(port) and process.poll() is None and time.monotonic() < until:
        time.sleep(0.1)
    yield process
    process.terminate()
    process.communicate(timeout=PATIENCE)


def test_it_serves_from_an_empty_folder(server: subprocess.Popen[str], port: int, tmp_path: Path) -> None:
    assert server.poll() is None
    status, page = ask(port, "/sign-in")

    assert (status, "<h1" in page) == (200, True)
    assert (tmp_path / "instance" / "scrt.sqlite").exists()
    assert ask(port, "/sign-in", host="evil.example")[0] == 400

    server.terminate()
    assert server.wait(timeout=PATIENCE) == 0, "it stops when it is told to"


def test_it_does_not_start_unsafe_and_says_why(tmp_path: Path) -> None:
    process = serve(tmp_path, SAFE | {"SCRT_SECRET_KEY": "short", "FLASK_DEBUG": "1"})
    _, said = process.communicate(timeout=PATIENCE)

    assert process.returncode == 1
    assert "SCRT_SECRET_KEY: it has 5 characters" in said
    assert "FLASK_DEBUG: it turns the debugger on" in said
    assert "Traceback" not in said
    assert list(tmp_path.iterdir()) == []
