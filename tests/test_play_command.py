"""`scrt play` says what it played in words that fit how much it was."""

from pathlib import Path

import pytest
from click.testing import CliRunner
from sqlalchemy.orm import Session

from scrt_workflow.cli import scrt
from scrt_workflow.database import make_engine
from tests.definitions.histories import ready
from tests.definitions.shipped import ROOT, SHIPPED


def test_one_step_of_one_review_is_said_in_the_singular(sqlite_url: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    engine = make_engine(sqlite_url)
    with Session(engine) as session:
        ready(session, SHIPPED)
        session.commit()
    engine.dispose()
    monkeypatch.setenv("SCRT_DATABASE_URL", sqlite_url)
    first = (ROOT / "docs" / "example.jsonl").read_text(encoding="utf-8").splitlines()[0]
    history = tmp_path / "one.jsonl"
    history.write_text(first, encoding="utf-8")

    played = CliRunner().invoke(scrt, ["play", "--add-people", str(history)])

    assert played.exit_code == 0, played.output
    assert "Played 1 step of 1 review; 0 had been played before." in played.output
