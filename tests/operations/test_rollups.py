"""In which month a review counts as what, as known now and as known then, and what `scrt rollup` makes of odd questions (WF7).

On SQLite; `test_independent_counts` compares such histories on both databases.
"""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, date, datetime
from typing import Any

import pytest
from click.testing import CliRunner
from sqlalchemy.orm import Session

from scrt_workflow.cli import scrt
from scrt_workflow.clock import FixedClock
from scrt_workflow.database import make_engine
from scrt_workflow.operations import rollups
from scrt_workflow.reports.figures import as_json
from scrt_workflow.reports.tables import as_text
from tests.definitions.histories import ABOUT, ADULTS, CHILDREN, LEARNING, History, ready
from tests.definitions.shipped import RAPID, SAR, SHIPPED


@pytest.fixture
def service(sqlite_url: str) -> Iterator[Session]:
    engine = make_engine(sqlite_url)
    with Session(engine) as session:
        ready(session, SHIPPED)
        yield session
    engine.dispose()


def figures(session: Session, month: str, organisation: str = "QMJ", *, known_on: date | None = None) -> dict[str, Any]:
    return as_json(rollups.roll_up(session, rollups.month_asked(session, organisation, month, known_on=known_on)))


def counts(session: Session, month: str, organisation: str = "QMJ", *, known_on: date | None = None) -> tuple[int, int, int]:
    """Count the open, the closed and the new reviews of a month-end."""
    made = figures(session, month, organisation, known_on=known_on)
    return made["open"], made["closed"], made["new"]


def sar(session: Session, at: datetime, *, commissioned_on: str) -> History:
    """Tell of a SAR that is commissioned; the day on which it is recorded is that after *at*."""
    history = History(session, SAR, at=at)
    history.then("refer", referred_on="2024-01-10", partnership=ADULTS, **ABOUT)
    return history.then("commission", decided_on="2024-01-10", commissioned_on=commissioned_on)


def rapid(session: Session) -> History:
    """Tell of a rapid review, notified on 10 January and sent to the Panel on 31 January 2024, recorded in May."""
    history = History(session, RAPID, at=datetime(2024, 5, 1, 9, tzinfo=UTC))
    history.then("notify", notified_on="2024-01-10", partnership=CHILDREN, **ABOUT)
    history.then("start", started_on="2024-01-12")
    return history.then("complete", sent_to_panel_on="2024-01-31", **LEARNING)


@pytest.mark.parametrize(
    ("commissioned_on", "month", "month_before"),
    [
        ("2024-01-31", "2024-01", "2023-12"),
        ("2024-02-01", "2024-02", "2024-01"),
        ("2024-02-29", "2024-02", "2024-01"),
        ("2024-03-01", "2024-03", "2024-02"),
        ("2024-03-31", "2024-03", "2024-02"),
        ("2024-04-01", "2024-04", "2024-03"),
        ("2024-04-30", "2024-04", "2024-03"),
    ],
)
def test_a_review_is_new_in_the_month_of_its_first_open_day_whenever_it_was_recorded(
    service: Session, commissioned_on: str, month: str, month_before: str
) -> None:
    sar(service, datetime(2024, 7, 1, 9, tzinfo=UTC), commissioned_on=commissioned_on).played()

    assert (counts(service, month_before), counts(service, month)) == ((0, 0, 0), (1, 0, 1))
    assert counts(service, "2024-08") == (1, 0, 0)


@pytest.mark.parametrize(
    ("reopened_at", "open_in_its_month", "month"),
    [
        (datetime(2024, 7, 31, 22, 59, 59, tzinfo=UTC), True, "2024-07"),
        (datetime(2024, 7, 31, 23, 0, 0, tzinfo=UTC), False, "2024-07"),
        (datetime(2024, 11, 30, 23, 59, 59, tzinfo=UTC), True, "2024-11"),
        (datetime(2024, 12, 1, 0, 0, 0, tzinfo=UTC), False, "2024-11"),
        (datetime(2024, 10, 31, 23, 59, 59, tzinfo=UTC), True, "2024-10"),
        (datetime(2024, 3, 31, 22, 59, 59, tzinfo=UTC), True, "2024-03"),
        (datetime(2024, 3, 31, 23, 0, 0, tzinfo=UTC), False, "2024-03"),
    ],
)
def test_a_step_without_a_date_counts_from_the_day_in_london_on_which_it_is_done(
    service: Session, reopened_at: datetime, open_in_its_month: bool, month: str
) -> None:
    history = rapid(service)
    history.at = datetime(2024, 2, 25, 9, tzinfo=UTC)
    for line, day in zip(history.lines, ("02-22", "02-23", "02-24"), strict=True):
        line["at"] = f"2024-{day}T09:00:00+00:00"
    reason: dict[str, Any] = {"no_further_review_reason": "The learning is complete."}
    history.then("decide_next", next_review="none", next_review_decided_on="2024-02-20", **reason)
    history.at = reopened_at
    history.then("reopen", reopening_reason="The Panel asks for more.").played()

    assert counts(service, month) == ((1, 0, 0) if open_in_its_month else (0, 1, 0))


@pytest.mark.parametrize(
    ("recorded_at", "known_on", "known"),
    [
        (datetime(2024, 7, 31, 22, 59, 59, tzinfo=UTC), date(2024, 7, 31), True),
        (datetime(2024, 7, 31, 23, 0, 0, tzinfo=UTC), date(2024, 7, 31), False),
        (datetime(2024, 7, 31, 23, 0, 0, tzinfo=UTC), date(2024, 8, 1), True),
        (datetime(2024, 1, 31, 23, 59, 59, tzinfo=UTC), date(2024, 1, 31), True),
        (datetime(2024, 2, 1, 0, 0, 0, tzinfo=UTC), date(2024, 1, 31), False),
    ],
)
def test_what_was_known_on_a_day_is_what_was_recorded_before_midnight_in_london(
    service: Session, recorded_at: datetime, known_on: date, known: bool
) -> None:
    history = History(service, RAPID, at=recorded_at)
    history.then("notify", notified_on="2024-01-10", partnership=CHILDREN, **ABOUT).played()

    assert counts(service, "2024-01", known_on=known_on) == ((1, 0, 1) if known else (0, 0, 0))


def test_each_correction_of_a_date_is_known_from_when_it_was_made_and_what_was_sent_stays(service: Session) -> None:
    history = sar(service, datetime(2024, 5, 1, 9, tzinfo=UTC), commissioned_on="2024-02-15")
    why: dict[str, Any] = {"what_to_correct": ["progress"], "correction_reason": "A slip of the hand."}
    history.then("correct", commissioned_on="2024-01-31", **why)  # on 3 May
    history.then("correct", commissioned_on="2024-03-02", **why).played()  # on 4 May

    assert counts(service, "2024-02", known_on=date(2024, 5, 1)) == (0, 0, 0)
    assert counts(service, "2024-02", known_on=date(2024, 5, 2)) == (1, 0, 1)
    assert counts(service, "2024-01", known_on=date(2024, 5, 3)) == (1, 0, 1)
    assert counts(service, "2024-02", known_on=date(2024, 5, 3)) == (1, 0, 0)
    assert [counts(service, month) for month in ("2024-01", "2024-02", "2024-03")] == [(0, 0, 0), (0, 0, 0), (1, 0, 1)]


def test_what_was_closed_without_a_further_review_and_converted_later_was_not_converted_before(service: Session) -> None:
    history = rapid(service)
    reason: dict[str, Any] = {"no_further_review_reason": "The learning is complete."}
    history.then("decide_next", next_review="none", next_review_decided_on="2024-02-20", **reason)
    history.then("reopen", reopening_reason="The Panel asks for more.")
    history.then("decide_next", next_review="cspr_child", next_review_decided_on="2024-05-05").played()

    without = {"converted": 0, "closed_without": 1, "rate": 0.0, "median_days": None}
    assert figures(service, "2024-02")["conversions"] == without
    assert figures(service, "2024-05")["conversions"] == {"converted": 1, "closed_without": 0, "rate": 1.0, "median_days": 116.0}


def test_an_icb_that_took_over_counts_the_reviews_of_those_that_merged_into_it_from_that_day(service: Session) -> None:
    sar(service, datetime(2024, 5, 1, 9, tzinfo=UTC), commissioned_on="2024-02-15").played()

    assert counts(service, "2026-03", "Z9B2Z") == (0, 0, 0)
    assert counts(service, "2026-04", "Z9B2Z") == (1, 0, 0)
    assert [counts(service, "2026-04", place) for place in ("QMJ", "Y56", "ENG", "QMF")] == [(1, 0, 0)] * 3 + [(0, 0, 0)]


@pytest.mark.parametrize("month", ["1900-01", "2024-01", "2099-12", "9999-12"])
@pytest.mark.parametrize("organisation", ["ENG", "Y56", "QMJ", "S1Y5D", "07T"])
def test_any_month_of_any_organisation_there_ever_was_has_figures(service: Session, organisation: str, month: str) -> None:
    made = figures(service, month, organisation)

    assert (made["total"], made["new"], sum(row["total"] for row in made["by_type"])) == (0, 0, 0)
    assert json.loads(json.dumps(made))["conversions"]["rate"] is None


@pytest.mark.parametrize(
    ("options", "said"),
    [
        (["--organisation", "y56", "--month", "2024-2"], '"month": "2024-02"'),
        (["--organisation", "QMJ", "--month", "2024-02", "--known-at", "2020-01-01"], '"total": 0'),
        (["--organisation", "QMJ", "--month", "2024-02", "--known-at", "9999-12-31"], "write a date such as 2024-11-03"),
        (["--organisation", "QMJ", "--month", "2024-02", "--known-at", "2024-02-30"], "write a date such as 2024-11-03"),
        (["--organisation", "QMJ", "--month", "2024-13"], "write a month such as 2024-10"),
        (["--organisation", "QMJ", "--month", "2024-02-01"], "write a month such as 2024-10"),
        (["--organisation", "London", "--month", "2024-02"], "No organisation has the code 'LONDON'"),
    ],
)
def test_an_odd_question_on_the_command_line_has_figures_or_a_sentence(
    service: Session, sqlite_url: str, monkeypatch: pytest.MonkeyPatch, options: list[str], said: str
) -> None:
    service.commit()
    monkeypatch.setenv("SCRT_DATABASE_URL", sqlite_url)

    made = CliRunner().invoke(scrt, ["rollup", "--format", "json", *options])

    assert said in made.output
    assert made.exit_code == (0 if said.startswith('"') else made.exit_code or 99)
    assert made.exception is None or isinstance(made.exception, SystemExit)


@pytest.mark.parametrize(("month", "says"), [("2024-12", True), ("2024-11", True), ("2024-10", False)])
def test_figures_of_a_month_that_is_not_over_say_so_beside_them(
    service: Session, sqlite_url: str, monkeypatch: pytest.MonkeyPatch, month: str, *, says: bool
) -> None:
    service.commit()
    monkeypatch.setenv("SCRT_DATABASE_URL", sqlite_url)
    monkeypatch.setattr("scrt_workflow.commands.rollup.clock_of", lambda *_: FixedClock(datetime(2024, 11, 30, 9, tzinfo=UTC)))

    made = CliRunner().invoke(scrt, ["rollup", "--format", "json", "--organisation", "QMJ", "--month", month])

    assert json.loads(made.stdout)["open"] == 0
    assert ("is not over: these are its figures as far as it is known on 30 November 2024.\n" in made.stderr) is says


def test_the_columns_of_figures_stand_below_each_other_however_long_a_name_is(service: Session) -> None:
    counted = rollups.roll_up(service, rollups.month_asked(service, "QMJ", "2024-10"))
    long = "A type of review with a name of more than the twenty-eight characters"
    first = replace(counted.by_type[0], type=long)

    lines = as_text(replace(counted, by_type=(first, *counted.by_type[1:]))).splitlines()
    heading = next(line for line in lines if line.startswith("Type of review"))
    row = next(line for line in lines if line.startswith(long))

    assert len(row) == len(heading)
    assert row.removeprefix(long).split() == ["0", "0", "0"]
