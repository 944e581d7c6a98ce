"""Fixtures for the journeys: `journey` is a service of the test's own and a browser, once with JavaScript and once without."""

import os
import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Browser

from scrt_workflow.folder import Folder, read_folder
from scrt_workflow.operations.definitions import known_types
from scrt_workflow.settings import Settings, shipped
from tests.factories import make_running
from tests.journeys.album import Album
from tests.journeys.live import live
from tests.journeys.looking import Inspector
from tests.journeys.windows import Journey
from tests.machine import PICTURES
from tests.web.guided import with_definitions

pytest.register_assert_rewrite("tests.journeys.telling")


@pytest.fixture(scope="session")
def journeys_instance(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Give a folder in which the pages' templates are compiled once for all journeys."""
    return tmp_path_factory.mktemp("journeys")


@pytest.fixture(scope="session")
def ready_template(sqlite_template: Path, journeys_instance: Path) -> Path:
    """Make the SQLite file with organisations, vocabularies and the shipped definitions that every journey gets a copy of."""
    path = shutil.copyfile(sqlite_template, journeys_instance / "ready.sqlite")
    running = make_running(Settings(instance=journeys_instance, demo=True), f"sqlite:///{path}")
    with_definitions(running)
    running.engine.dispose()
    return path


@pytest.fixture(scope="session")
def shipped_folder() -> Folder:
    """Read the shipped definitions, for the words of their questions."""
    return read_folder(shipped("workflows").parent, known_types=known_types())


@pytest.fixture(scope="session")
def inspector(browser: Browser) -> Inspector:
    """Give what looks at every page, and remembers what it has seen."""
    return Inspector(browser)


@pytest.fixture
def album() -> Album:
    """Give what takes pictures for docs/screens where PICTURES is set in the environment, and none elsewhere."""
    return Album(is_closed=not os.environ.get(PICTURES))


@pytest.fixture(params=[True, False], ids=["with_javascript", "without_javascript"])
def javascript(request: pytest.FixtureRequest) -> bool:
    """Tell the journey once with scripts, on a desk, and once without, on a phone."""
    return bool(request.param)


@pytest.fixture
def journey(
    settings: Settings,
    ready_template: Path,
    journeys_instance: Path,
    tmp_path: Path,
    shipped_folder: Folder,
    browser: Browser,
    inspector: Inspector,
    javascript: bool,
) -> Iterator[Journey]:
    """Run the service for one story, and close every window at its end."""
    path = shutil.copyfile(ready_template, tmp_path / "scrt.sqlite")
    here = settings.model_copy(update={"instance": journeys_instance})
    with live(here, f"sqlite:///{path}") as running:
        told = Journey(running, browser, inspector, javascript, shipped_folder.questions)
        yield told
        told.close()
