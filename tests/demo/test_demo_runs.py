"""The demo as it is started: pages, scheduler and mailbox come up together, go on where they were, and end together."""

import os
import re
import signal
import subprocess
import sys
import time
import urllib.request
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from itertools import islice
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import func, select

from scrt_workflow.app import create_app
from scrt_workflow.clock import FixedClock
from scrt_workflow.database import make_engine, reading
from scrt_workflow.demo import preparing
from scrt_workflow.demo.london import london_history
from scrt_workflow.demo.mailbox import Mailbox, free_port, is_free
from scrt_workflow.demo.people import people
from scrt_workflow.demo.preparing import prepare
from scrt_workflow.mail import Post
from scrt_workflow.models import Event, Notice, Person
from scrt_workflow.operations.passwords import is_password
from scrt_workflow.operations.service_time import clock_of
from scrt_workflow.operations.signing_in import DEMO_PASSWORD
from scrt_workflow.settings import Settings, SettingsError
from tests.faults.processes import SCRT

pytestmark = [pytest.mark.slow, pytest.mark.xdist_group("demo")]
SOME = 60  # lines of the history: enough for a reminder
LONGEST = 120  # seconds


@pytest.fixture
def demo_settings(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Settings:
    """Give the settings of a demo whose history is short."""
    monkeypatch.setattr(preparing, "london_history", lambda: islice(london_history(), SOME))
    return Settings(instance=tmp_path / "instance", demo=True, port=free_port())


def prepared(settings: Settings) -> datetime:
    return prepare(settings, progress=lambda _done, _all: None)


def count(settings: Settings) -> dict[str, int]:
    engine = make_engine(settings.database)
    with reading(engine) as session:
        found = {model.__tablename__: session.scalar(select(func.count()).select_from(model)) or 0 for model in (Event, Person)}
        waiting = session.scalars(select(Notice.refs).where(Notice.status == "queued"))
        found["waiting"] = sum(refs.get("period") != "2024-10" for refs in waiting)
    engine.dispose()
    return found


def test_it_is_prepared_once_and_tells_nobody_of_its_past_but_the_figures_of_october(demo_settings: Settings) -> None:
    prepared(demo_settings)
    before = count(demo_settings)
    prepared(demo_settings)

    assert count(demo_settings) == before
    assert before["person"] == len(people())
    assert before["event"] > SOME
    assert before["waiting"] == 0


def test_everyone_of_the_demo_may_sign_in_with_its_password(demo_settings: Settings) -> None:
    prepared(demo_settings)
    engine = make_engine(demo_settings.database)
    with reading(engine) as session:
        hashes = set(session.scalars(select(Person.password_hash)))
    engine.dispose()

    assert all(is_password(kept, DEMO_PASSWORD) for kept in hashes)


def test_its_calendar_starts_where_it_is_told_to_and_runs_on_over_restarts(demo_settings: Settings) -> None:
    now = prepared(demo_settings)
    engine = make_engine(demo_settings.database)
    tomorrow = FixedClock(datetime.now(UTC) + timedelta(days=1))
    later = clock_of(demo_settings, engine, real=tomorrow).now()
    without_setting = clock_of(demo_settings.model_copy(update={"demo": False}), engine, real=tomorrow).now()
    moved = Settings(instance=demo_settings.instance, demo=True, demo_now=datetime(2024, 12, 24, 18))  # noqa: DTZ001 - London's
    christmas = clock_of(moved, engine).now()
    engine.dispose()

    assert timedelta() <= now - datetime(2024, 11, 1, 9, tzinfo=UTC) < timedelta(minutes=5)
    assert timedelta(hours=23) < later - now < timedelta(hours=25)
    assert without_setting == later
    assert timedelta() <= christmas - datetime(2024, 12, 24, 18, tzinfo=UTC) < timedelta(minutes=5)


def test_it_will_not_open_to_other_machines_or_take_over_a_real_database(demo_settings: Settings, sqlite_url: str) -> None:
    with pytest.raises(SettingsError, match="SCRT_BIND"):
        prepared(demo_settings.model_copy(update={"bind": "0.0.0.0"}))
    engine = make_engine(sqlite_url)
    with engine.begin() as connection:
        connection.exec_driver_sql("INSERT INTO person VALUES ('1', 'someone@nhs.uk', 'Someone', NULL, 0, NULL)")
    engine.dispose()

    with pytest.raises(SettingsError, match="real people"):
        prepared(demo_settings.model_copy(update={"database_url": sqlite_url}))


def test_the_key_of_its_cookies_is_made_once_and_is_its_own(tmp_path: Path) -> None:
    settings = Settings(instance=tmp_path, demo=True)

    keys = [create_app(settings, FixedClock(datetime(2024, 11, 1, tzinfo=UTC))).secret_key for _ in range(2)]

    assert keys[0] == keys[1]
    assert len(str(keys[0])) >= 48
    assert (tmp_path / "secret-key").stat().st_mode & 0o077 == 0


def test_the_mailbox_keeps_what_it_is_sent_and_counts_on_after_a_restart(tmp_path: Path) -> None:
    letter: dict[str, Any] = {"to": "a@example.nhs.uk", "subject": "One", "text": "x", "html": "<p>x</p>", "message_id": "<1@x>"}
    for _ in range(2):
        mailbox = Mailbox(tmp_path, 0)
        mailbox.start()
        post = Post(Settings(mail_host="127.0.0.1", mail_port=mailbox.port, mail_tls="none"))
        post.send(**letter)
        post.close()
        mailbox.stop()

    assert [path.name for path in sorted(tmp_path.iterdir())] == ["00000001.eml", "00000002.eml"]


@contextmanager
def running(settings: Settings, output: Path) -> Iterator["subprocess.Popen[bytes]"]:
    """Run `scrt demo` in a process group of its own, until it says that it is there."""
    environment = {
        **os.environ,
        "SCRT_INSTANCE": str(settings.instance),
        "SCRT_PORT": str(settings.port),
        "SCRT_MAILBOX_PORT": "0",
    }
    with output.open("wb") as file:
        demo = subprocess.Popen(
            [sys.executable, *SCRT, "demo"], stdout=file, stderr=file, env=environment, start_new_session=True
        )
        try:
            until_true(lambda: b"Ctrl-C" in output.read_bytes() or demo.poll() is not None)
            yield demo
        finally:
            if demo.poll() is None:
                os.killpg(demo.pid, signal.SIGKILL)
                demo.wait()


def until_true(holds: Callable[[], object]) -> None:
    until = time.monotonic() + LONGEST
    while not holds() and time.monotonic() < until:
        time.sleep(0.05)
    assert holds()


@pytest.mark.parametrize("signal_sent", [signal.SIGINT, pytest.param(signal.SIGTERM, marks=pytest.mark.thorough)])
def test_it_comes_up_whole_and_one_signal_ends_all_of_it(
    demo_settings: Settings, tmp_path: Path, signal_sent: signal.Signals
) -> None:
    prepared(demo_settings)
    began = time.monotonic()
    with running(demo_settings, tmp_path / "output") as demo:
        sys.stdout.write(f"A second start took {time.monotonic() - began:.1f} s\n")
        said = (tmp_path / "output").read_text()
        with urllib.request.urlopen(f"http://127.0.0.1:{demo_settings.port}/sign-in") as page:
            assert page.status == 200
        until_true(lambda: list((demo_settings.instance / "mailbox").glob("*.eml")))
        demo.send_signal(signal_sent)
        assert demo.wait(LONGEST) == 0
        with pytest.raises(ProcessLookupError):
            os.killpg(demo.pid, 0)

    assert f"http://127.0.0.1:{demo_settings.port}" in said
    assert DEMO_PASSWORD in said
    assert len(re.findall(r"^  .+@example\.nhs\.uk .+$", said, re.MULTILINE)) == len({row.role for row in people()})
    assert is_free(demo_settings.port)


def test_a_port_that_is_taken_is_said_to_be(demo_settings: Settings, tmp_path: Path) -> None:
    prepared(demo_settings)
    box = Mailbox(tmp_path / "elsewhere", 0)
    box.start()
    with running(demo_settings.model_copy(update={"port": box.port}), tmp_path / "output") as demo:
        assert demo.wait(LONGEST) == 1
    box.stop()

    assert f"port {box.port} is taken" in (tmp_path / "output").read_text()
