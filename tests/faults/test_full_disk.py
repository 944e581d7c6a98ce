"""F7: the disk is full. What cannot be saved is said not to be, nothing is half saved, and it all goes on with space (DA3)."""

import sqlite3
import subprocess
from collections import Counter
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path
from uuid import UUID, uuid4

import pytest
from sqlalchemy import Engine, event, func, select

from scrt_workflow.database import reading
from scrt_workflow.models import Event, Person
from scrt_workflow.permissions import Role
from scrt_workflow.settings import Settings
from tests.factories import PASSWORD, Running, make_running
from tests.faults.serving import Served, served
from tests.faults.test_web_kills import MOVED_TO, effects, prepare

pytestmark = pytest.mark.faults
LEFT = 200_000  # bytes
MOST = 400


class Page:
    """How many pages the file may have: what a full disk comes to, where no disk can be made."""

    def __init__(self, engine: Engine) -> None:
        self.engine, self.most = engine, 2**30
        event.listen(engine, "connect", self.limit)

    def limit(self, connection: sqlite3.Connection, _record: object) -> None:
        """Limit a new connection."""
        connection.execute(f"PRAGMA max_page_count = {self.most}")

    def leave(self, pages: int) -> None:
        """Let the file grow by so many pages and no more."""
        with self.engine.connect() as connection:
            self.most = int(connection.exec_driver_sql("PRAGMA page_count").scalar() or 0) + pages
        self.engine.dispose()


def people_and_events(engine: Engine) -> tuple[int, int]:
    with reading(engine) as session:
        people = session.scalar(select(func.count()).select_from(Person).where(Person.email_key.like("new%"))) or 0
        return people, session.scalar(select(func.count()).where(Event.kind == "person:added")) or 0


@pytest.fixture
def running(settings: Settings, sqlite_url: str) -> Iterator[Running]:
    """Run the service on SQLite."""
    started = make_running(settings, sqlite_url)
    yield started
    started.engine.dispose()


def test_what_finds_no_room_is_refused_whole_and_works_again_with_room(running: Running) -> None:
    engine = running.engine
    browser, disk = running.as_a(Role.ADMINISTRATOR, "ENG"), Page(engine)
    form = {"role": "designate", "organisation": "QMJ", "valid_from": ["1", "11", "2024"]}

    def add(number: int) -> int:
        return browser.post("/people/new", {**form, "name": "x" * 200, "email": f"new{number}@example.nhs.uk"}).status_code

    disk.leave(4)
    came: list[int] = []
    while len(came) < MOST and (not came or came[-1] != 503):
        came.append(add(len(came)))

    assert Counter(came)[503] == 1
    assert set(came) == {200, 503}
    assert people_and_events(engine) == (came.count(200),) * 2
    assert browser.get("/people").status_code == 200
    with closing(sqlite3.connect(str(engine.url.database))) as file:
        assert file.execute("PRAGMA integrity_check").fetchall() == [("ok",)]
    disk.leave(1000)
    assert add(MOST) == 200


@pytest.fixture
def small_disk(tmp_path: Path) -> Iterator[Path]:
    """Give a disk of its own, where this machine lets one be made: with so little room that a test can fill it."""
    folder = tmp_path / "disk"
    folder.mkdir()
    mount = ["mount", "-t", "tmpfs", "-o", "size=16m", "tmpfs", str(folder)]
    if subprocess.run(mount, check=False, capture_output=True).returncode:
        pytest.skip("No disk can be mounted here; what a full file comes to is tried by the test above.")
    yield folder
    subprocess.run(["umount", "-l", str(folder)], check=True)


def test_a_service_on_a_full_disk_answers_reads_and_goes_on_with_room(small_disk: Path, sqlite_url: str, tmp_path: Path) -> None:
    file = small_disk / "scrt.sqlite"
    file.write_bytes(Path(sqlite_url.removeprefix("sqlite:///")).read_bytes())
    url = f"sqlite:///{file}"
    ids = prepare(url, MOST)
    with served(url, tmp_path) as service:
        service.sign_in(PASSWORD)
        keys = {one: uuid4() for one in ids}
        saved = submit_until_full(service, keys, small_disk)
        (refused,) = (one for one in ids[: len(saved) + 1] if one not in saved)
        assert service.send("GET", f"/reviews/{refused}")[0] == 200
        assert service.send("GET", "/health/ready")[2].count("d") > 0
        with closing(sqlite3.connect(str(file))) as connection:
            assert connection.execute("PRAGMA integrity_check").fetchall() == [("ok",)]
        (small_disk / "filler").unlink()
        assert service.submit(refused, keys[refused])[0] == 303

    found = effects(url, ids)
    assert {found[one] for one in [*saved, refused]} == {(1, 1, MOVED_TO, 1)}
    assert {found[one] for one in ids if one not in {*saved, refused}} == {(0, 0, "signed_off", 0)}


def submit_until_full(service: Served, keys: dict[UUID, UUID], disk: Path) -> list[UUID]:
    """Fill *disk* but for LEFT bytes, and submit one review after the other until one is refused; give those saved."""
    fill(disk)
    saved: list[UUID] = []
    for one, key in keys.items():
        status, _, _ = service.submit(one, key)
        if status == 503:
            return saved
        assert status == 303
        saved.append(one)
    raise AssertionError("The disk was never full.")


def fill(disk: Path) -> None:
    with (disk / "filler").open("wb", buffering=0) as filler:
        try:
            while True:
                filler.write(b"x" * 4096)
        except OSError:
            filler.truncate(max(0, filler.tell() - LEFT))


def test_a_log_that_cannot_be_written_costs_nobody_an_answer(sqlite_url: str, tmp_path: Path) -> None:
    (one,) = prepare(sqlite_url, 1)
    with served(sqlite_url, tmp_path, log_to=Path("/dev/full")) as service:
        service.sign_in(PASSWORD)
        assert service.send("GET", f"/reviews/{one}")[0] == 200
        assert service.submit(one, uuid4())[0] == 303
    assert effects(sqlite_url, [one])[one] == (1, 1, MOVED_TO, 1)
