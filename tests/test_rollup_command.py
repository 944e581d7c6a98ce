"""`scrt rollup`: figures of other periods and ways of counting, and freezing by hand."""

from __future__ import annotations

import json
from collections.abc import Iterator
from datetime import UTC, date, datetime

import pytest
from click.testing import CliRunner, Result
from sqlalchemy import select
from sqlalchemy.orm import Session

from scrt_workflow.cli import scrt
from scrt_workflow.clock import FixedClock
from scrt_workflow.database import make_engine
from scrt_workflow.models import JobRun, Rollup
from scrt_workflow.operations.play import play
from scrt_workflow.operations.summaries import summary_of
from scrt_workflow.reports.periods import read_period
from tests.definitions.histories import ready
from tests.definitions.shipped import SHIPPED
from tests.web.invented import lines_of


@pytest.fixture
def service(sqlite_url: str, monkeypatch: pytest.MonkeyPatch) -> Iterator[Session]:
    """Give a service in which one review is open since 9 January 2024 and another since February, on 1 July 2024."""
    engine = make_engine(sqlite_url)
    lines = [line for label in "12" for line in lines_of("safeguarding_adult_review", up_to="start", label=label)]
    for number, line in enumerate(lines[3:]):
        line["at"] = f"2024-02-2{number}T10:00:00"
    with Session(engine) as session:
        ready(session, SHIPPED)
        play(session, map(json.dumps, lines), add_people=True)
        session.commit()
        monkeypatch.setenv("SCRT_DATABASE_URL", sqlite_url)
        monkeypatch.setattr("scrt_workflow.commands.rollup.clock_of", lambda *_: FixedClock(datetime(2024, 7, 1, 9, tzinfo=UTC)))
        yield session
    engine.dispose()


def said(*options: str) -> Result:
    return CliRunner().invoke(scrt, ["rollup", *options])


def total(*options: str) -> tuple[int, int]:
    made = json.loads(said("--format", "json", "--organisation", "QMJ", *options).stdout)
    return made["total"], made["new"]


def test_figures_of_quarters_years_and_days_count_what_is_new_in_them(service: Session) -> None:
    assert total("--quarter", "2023-24-Q4") == (2, 2)
    assert total("--year", "2023-24") == (2, 2)
    assert total("--quarter", "2024-25-Q1") == (2, 0)
    assert total("--on", "2024-01-08") == (0, 0)
    assert total("--on", "2024-01-09") == (2, 2)
    assert service.scalars(select(Rollup.id)).all() == []


def test_as_recorded_gives_what_was_known_at_the_end_frozen_or_not(service: Session) -> None:
    before = total("--month", "2024-01", "--as-recorded")
    done = said("freeze", "--month", "2024-01")
    made = json.loads(said("--format", "json", "--organisation", "QMJ", "--month", "2024-01", "--as-recorded").stdout)

    assert "January 2024: the figures of 50 organisations were frozen." in done.output
    assert before == (made["total"], made["new"]) == (1, 1)
    assert made["frozen_at"]
    assert total("--month", "2024-01") == (2, 2)
    assert len(service.scalars(select(Rollup.id)).all()) == 50


def test_frozen_figures_stand_beside_those_frozen_before_them_however_they_are_asked_for(service: Session) -> None:
    january, february = read_period("2024-01"), read_period("2024-02")
    for period in (january, february):
        said("freeze", "--month", period.key)

    on_the_page = summary_of(service, "QMJ", february, today=date(2024, 7, 1))
    as_recorded = summary_of(service, "QMJ", february, today=date(2024, 7, 1), known_on=february.last_day)

    assert [row.total for row in on_the_page.trend[-2:]] == [1, 2]
    assert as_recorded.trend == on_the_page.trend


def test_what_was_missed_is_frozen_at_once_and_what_is_frozen_stays(service: Session) -> None:
    said("freeze", "--month", "2024-03")

    done = said("freeze").output

    for title in ("April 2024", "May 2024", "June 2024", "April to June 2024", "April 2023 to March 2024"):
        assert f"{title}: the figures of 50 organisations were frozen." in done
    assert "Nothing was missed." in said("freeze").output
    runs = service.execute(select(JobRun.job, JobRun.period).order_by(JobRun.job, JobRun.period)).all()
    assert [tuple(run) for run in runs if run.job != "month_ends"] == [("quarter_ends", "2024-25-Q1"), ("year_ends", "2023-24")]


@pytest.mark.parametrize(
    ("options", "sentence"),
    [
        (["freeze", "--month", "2024-07"], "July 2024 can be frozen from 01:00 on 1 August 2024, when it is over."),
        (["freeze", "--month", "2024-06", "--year", "2023-24"], "Say for when, by one of --month, --quarter, --year."),
        (["--organisation", "QMJ"], "Say for when, by one of --month, --quarter, --year, --on."),
        (["--month", "2024-06"], "Say whose figures: --organisation Y56"),
        (["--organisation", "QMJ", "--quarter", "2024-Q3"], "write a quarter such as 2024-25-Q3 (October to December 2024)."),
        (["--organisation", "QMJ", "--year", "2024"], "write a financial year such as 2024-25."),
        (["--organisation", "QMJ", "--month", "2024-06", "--as-recorded", "--known-at", "2024-07-01"], "--as-recorded gives the"),
        (["--organisation", "QMJ", "--month", "0001-01"], "there are no organisations to count for before 1 April 2013."),
        (["--organisation", "QMJ", "--quarter", "0001-02-Q1"], "there are no organisations to count for before 1 April 2013."),
        (["--organisation", "QMJ", "--on", "2013-03-31"], "there are no organisations to count for before 1 April 2013."),
        (["freeze", "--month", "1900-01"], "there are no organisations to count for before 1 April 2013."),
        (
            ["--organisation", "QMJ", "--month", "2024-06", "--output", "no/such/folder.txt"],
            "no/such/folder.txt cannot be written",
        ),
    ],
)
def test_what_cannot_be_asked_is_refused_with_a_sentence(service: Session, options: list[str], sentence: str) -> None:
    made = said(*options)

    assert sentence in " ".join(made.output.split())
    assert made.exit_code != 0
    assert service.scalars(select(JobRun.job)).all() == []
