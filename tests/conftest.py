"""Fixtures for every test. A test gets what it asks for by name, and nothing else is started.

Nothing asked for   a pure test: no database, no files, no Flask.
`session`           an SQLAlchemy session on a fresh, migrated database; runs twice, on SQLite and on PostgreSQL.
`database`          the same database as an Engine, for tests that open several sessions or threads.
`database_url`      the same database as a URL, for tests that start other processes.
`sqlite_url`        a fresh, migrated SQLite database as a URL, where a promise is about SQLite only.
`postgresql_url`    the same on PostgreSQL.
`settings`          settings safe to start with, whose instance is a folder of the test's own;
                    `settings.model_copy(update={"demo": True})` changes them.
`page`, `context`   a tab, or its window, in a real Chromium (pytest-playwright); such a test is marked `browser`.

`make test` leaves out what is marked `apart`: experiments with clocks, restarts and reloads, which `make faults` has besides
its own; and what is marked `thorough`: the longest experiments and stories, which `make thorough` has.
On one database only: `pytest -k "not postgresql"`. Without a browser: `pytest -m "not browser"`. On two cores:
`pytest -n 2`. No test may reach another machine, and the SCRT_* variables of whoever runs the tests do not reach them.
Time is passed in: a test gives the date and time that it means, and nothing sleeps.
"""

import os
from pathlib import Path
from typing import Any

import pytest
from pydantic import SecretStr

from scrt_workflow.settings import PREFIX, Settings
from tests.machine import PICTURES, find_chromium, keep_files_in_memory, refuse_outbound_connections

pytest_plugins = ["tests.databases"]


def pytest_configure() -> None:
    """Shut out the outside world and the person's own settings before anything is imported or run."""
    for name in [name for name in os.environ if name.startswith(PREFIX)]:
        del os.environ[name]
    refuse_outbound_connections()
    keep_files_in_memory()


@pytest.hookimpl(tryfirst=True)  # before pytest-xdist reads the groups
def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Mark the tests that use the browser; keep the tests that kill processes from running beside each other."""
    for item in items:
        if {"browser", "context", "page"} & set(getattr(item, "fixturenames", ())):
            item.add_marker(pytest.mark.browser)
        if item.get_closest_marker("faults"):
            item.add_marker(pytest.mark.xdist_group("faults"))
        elif _shares_with_its_module(item):  # on one worker, or each would make what they share
            item.add_marker(pytest.mark.xdist_group(item.location[0]))


def _shares_with_its_module(item: pytest.Item) -> bool:
    info = getattr(item, "_fixtureinfo", None)
    found = info.name2fixturedefs.values() if info else ()
    return any(fixture.scope == "module" for fixtures in found for fixture in fixtures)


@pytest.fixture
def settings(tmp_path: Path) -> Settings:
    """Give settings with which the service would agree to start."""
    return Settings(
        instance=tmp_path / "instance",
        secret_key=SecretStr("k7Jq2vXw9RtB4nLm8ZcY6pHs3DfG5aUe"),
        base_url="https://reviews.example.nhs.uk",
        trusted_hosts=("reviews.example.nhs.uk",),
        proxy_count=1,
    )


@pytest.fixture(scope="session")
def browser_type_launch_args() -> dict[str, Any]:
    """Start this machine's own Chromium, and let it look up no host but this machine."""
    return {
        "executable_path": find_chromium(whole=bool(os.environ.get(PICTURES))),
        "args": ["--host-resolver-rules=MAP * ~NOTFOUND, EXCLUDE 127.0.0.1"],
    }
