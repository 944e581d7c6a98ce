"""A burst of guesses finds no gap between the processes that serve: ten are looked at, wherever they arrive (AN2)."""

from collections import Counter
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from threading import Barrier

import pytest

from scrt_workflow.database import make_engine, unit_of_work
from scrt_workflow.startup import fill
from tests.factories import NOW, PASSWORD, TOKEN, make_person
from tests.faults.serving import EMAIL, Served, served

pytestmark = pytest.mark.faults
GUESSES, LOOKED_AT = 50, 10


@pytest.mark.parametrize("database_kind", ["sqlite_url", "postgresql_url"])
def test_fifty_guesses_at_once_at_two_processes_are_ten(
    database_kind: str, request: pytest.FixtureRequest, tmp_path: Path
) -> None:
    url, noted, together = request.getfixturevalue(database_kind), tmp_path / "noted", Barrier(GUESSES)
    engine = make_engine(url)
    fill(engine, at=NOW, demo=True)
    with unit_of_work(engine) as session:
        make_person(session, email=EMAIL)
    engine.dispose()

    def guess(number: int) -> int:
        browser = Served(service.port, service.process)
        found = TOKEN.search(browser.send("GET", "/sign-in")[2])
        assert found is not None
        email = EMAIL.upper() if number % 2 else f" {EMAIL}"
        form = {"csrf_token": found[1], "email": email, "password": f"guess-{number}"}
        together.wait(60)
        return browser.send("POST", "/sign-in", form)[0]

    with served(url, tmp_path, program=("-m", "tests.faults.counting_guesses", str(noted))) as service:
        with ThreadPoolExecutor(GUESSES) as people:
            came = Counter(people.map(guess, range(GUESSES)))
        with pytest.raises(AssertionError):  # the right one is not looked at either: it would be another guess
            service.sign_in(PASSWORD)

    looked_at = noted.read_text().split("\n")[:-1]
    assert len(looked_at) == LOOKED_AT, looked_at
    assert came == {422: LOOKED_AT, 429: GUESSES - LOOKED_AT}
    assert len({line.split()[0] for line in looked_at}) == 2, "one process alone was asked: that shows nothing"
