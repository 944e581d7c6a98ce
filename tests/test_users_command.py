"""`scrt users`: what it did is said as it is."""

import pytest
from click.testing import CliRunner
from sqlalchemy import Engine

from scrt_workflow.cli import scrt
from scrt_workflow.database import unit_of_work
from scrt_workflow.operations.organisations import load_reference

EMAIL = "someone@example.nhs.uk"


@pytest.fixture
def peopled(database: Engine, database_url: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """Give a database with the shipped organisations and one designate, which commands find by SCRT_DATABASE_URL."""
    monkeypatch.setenv("SCRT_DATABASE_URL", database_url)
    with unit_of_work(database) as session:
        load_reference(session)
    run("add", EMAIL, "--name", "Someone", "--role", "designate", "--organisation", "QMJ", "--from", "2024-01-01")


def run(*arguments: str, fails: bool = False) -> str:
    result = CliRunner().invoke(scrt, ["users", *arguments])
    assert (result.exit_code != 0) is fails, result.output
    return result.output


@pytest.mark.usefixtures("peopled")
def test_a_role_that_goes_on_for_now_is_not_said_to_be_over() -> None:
    ended = ("role", EMAIL, "designate", "QMJ", "--end")

    assert f"{EMAIL} holds until 2099-12-31 the role designate in QMJ" in run(*ended, "--until", "2099-12-31")
    assert f"{EMAIL} no longer holds the role designate in QMJ" in run(*ended)


@pytest.mark.usefixtures("peopled")
def test_the_last_day_that_there_is_is_no_last_day() -> None:
    ended = ("role", EMAIL, "designate", "QMJ", "--end", "--until", "9999-12-31")

    assert "There is no day after this one." in run(*ended, fails=True)
