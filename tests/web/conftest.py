"""Fixtures for tests of pages: `running` is the service on a database of its own, once on SQLite, once on PostgreSQL."""

from collections.abc import Iterator

import pytest

from scrt_workflow.settings import Settings
from tests.factories import Running, make_running


@pytest.fixture
def running(settings: Settings, database_url: str) -> Iterator[Running]:
    """Run the service; its clocks stand still until the test moves them."""
    started = make_running(settings, database_url)
    yield started
    started.engine.dispose()


@pytest.fixture
def running_on_sqlite(settings: Settings, sqlite_url: str) -> Iterator[Running]:
    """Run the service on SQLite only, where the database makes no difference."""
    started = make_running(settings, sqlite_url)
    yield started
    started.engine.dispose()
