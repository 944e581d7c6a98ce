"""`scrt jobs`: what is due is shown beforehand, sent when asked, and sent once."""

import re

import pytest
from click.testing import CliRunner, Result
from sqlalchemy import Engine, func, select

from scrt_workflow.cli import scrt
from scrt_workflow.database import reading, unit_of_work
from scrt_workflow.models import JobRun, Notice, ReminderSent, Rollup
from scrt_workflow.models.columns import Model
from tests.mail_server import mail_server
from tests.operations import reminding

AT = "2024-11-15T07:00"


@pytest.fixture
def reviewed(database: Engine, database_url: str, monkeypatch: pytest.MonkeyPatch) -> Engine:
    """Give a database with one review that wants an update, which commands find by SCRT_DATABASE_URL."""
    monkeypatch.setenv("SCRT_DATABASE_URL", database_url)
    with unit_of_work(database) as session:
        reminding.prepared(session)
        reminding.open_review(session)
    return database


def run(*arguments: str) -> Result:
    result = CliRunner().invoke(scrt, ["jobs", *arguments])
    assert result.exit_code == 0, result.output
    return result


def count(engine: Engine, model: type[Model]) -> int:
    with reading(engine) as session:
        return session.scalar(select(func.count()).select_from(model)) or 0


def test_a_dry_run_shows_what_would_be_sent_and_changes_nothing(reviewed: Engine) -> None:
    shown = run("run", "reminders", "--at", AT, "--dry-run").output

    assert re.search(r"R-\w{5}-\w{5}  update_overdue, reminder 1, due 2024-10-02  to designate@example.nhs.uk", shown)
    assert "1 due, 0 queued" in shown
    assert [count(reviewed, model) for model in (Notice, ReminderSent, JobRun)] == [0, 0, 0]


def test_a_run_sends_and_another_sends_nothing_twice(reviewed: Engine, monkeypatch: pytest.MonkeyPatch) -> None:
    with mail_server() as server:
        for name, value in {"HOST": "127.0.0.1", "PORT": str(server.port), "TLS": "none"}.items():
            monkeypatch.setenv(f"SCRT_MAIL_{name}", value)
        first, second = run("run", "reminders", "--at", AT).output, run("run", "reminders", "--at", AT).output

    assert "1 queued" in first
    assert "E-mails: 1 sent." in first
    assert "0 due, 0 queued" in second
    (message,) = server.messages
    assert (message["To"], str(message["Subject"])[:15]) == ("designate@example.nhs.uk", "Update overdue:")
    with reading(reviewed) as session:
        (ran,) = session.scalars(select(JobRun))
    assert (ran.job, ran.period, ran.status, ran.attempt) == ("reminders", "2024-11-15", "done", 2)


def test_without_a_mail_server_what_is_queued_waits(reviewed: Engine) -> None:
    assert "waits for `scrt scheduler`" in run("run", "reminders", "--at", AT).output

    with reading(reviewed) as session:
        assert [notice.status for notice in session.scalars(select(Notice))] == ["queued"]


@pytest.mark.parametrize("moment", ["tomorrow", "0001-01-01T00:00", "0001-01-01T00:00+14:00", "9999-12-31T12:00"])
def test_a_time_that_is_none_is_said_to_be_none(reviewed: Engine, moment: str) -> None:
    result = CliRunner().invoke(scrt, ["jobs", "run", "month_ends", "--at", moment])

    assert result.exit_code == 2
    assert "write a time such as 2024-11-15T07:00" in result.output


def test_nothing_is_run_for_a_time_that_has_not_come_but_looked_at(reviewed: Engine) -> None:
    ahead = CliRunner().invoke(scrt, ["jobs", "run", "month_ends", "--at", "2099-01-01T03:00"])

    assert ahead.exit_code == 1
    assert "has not come yet" in ahead.output
    assert [count(reviewed, model) for model in (JobRun, Rollup)] == [0, 0]
    assert "December 2098 would be frozen" in run("run", "month_ends", "--at", "2099-01-01T03:00", "--dry-run").output


def test_a_job_that_is_none_is_answered_with_those_there_are(reviewed: Engine) -> None:
    result = CliRunner().invoke(scrt, ["jobs", "run", "reminder"])

    assert result.exit_code == 2
    assert "reminders" in result.output


def test_the_list_says_when_each_job_ran_and_runs_next(reviewed: Engine) -> None:
    before = run("list").output
    run("run", "reminders", "--at", AT)
    after = run("list").output

    assert "reminders: Remind people" in before
    assert "next: " in before
    assert "last:" not in before
    assert "last: for 2024-11-15, done, due 1, queued 1, without_a_reader 0" in after


def test_every_job_can_be_run_by_hand(reviewed: Engine) -> None:
    assert "This came to nothing to count." in run("run", "tidying").output
