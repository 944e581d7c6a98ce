"""The job that reminds: quiet on days on which nobody works, and one e-mail a person however many are due."""

from __future__ import annotations

from collections import Counter
from datetime import UTC, date, datetime, timedelta

import pytest
from sqlalchemy import Engine, select

from scrt_workflow.clock import FixedClock
from scrt_workflow.database import reading, unit_of_work
from scrt_workflow.jobs import reminders
from scrt_workflow.jobs.work import Outcome, Work
from scrt_workflow.models import Notice, ReminderSent
from scrt_workflow.operations.overdue import is_quiet, next_to_send
from tests.operations import reminding

DAY = timedelta(days=1)


@pytest.fixture
def service(database: Engine) -> Engine:
    """Give a service with three reviews that want an update from 2 October 2024 on."""
    with unit_of_work(database) as session:
        reminding.prepared(session)
        first = reminding.open_review(session)
        for number in (1, 2):
            reminding.another(session, first, number)
    return database


def run(engine: Engine, day: date, *, hour: int = 6, is_rehearsal: bool = False) -> tuple[Outcome, list[str]]:
    said: list[str] = []
    at = datetime(day.year, day.month, day.day, hour, tzinfo=UTC)
    outcome = reminders.run(Work(engine, at, FixedClock(at), say=said.append, is_rehearsal=is_rehearsal))
    return outcome, said


def test_three_reviews_are_one_e_mail_and_a_second_run_sends_none(service: Engine) -> None:
    day = reminding.FIRST_DUE

    assert run(service, day)[0] == {"due": 3, "queued": 1, "without_a_reader": 0}
    assert run(service, day, hour=15)[0] == {"due": 0, "queued": 0, "without_a_reader": 0}
    with reading(service) as session:
        assert Counter(session.scalars(select(ReminderSent.notice_id))) == {session.scalars(select(Notice.id)).one(): 3}


@pytest.mark.parametrize(
    ("day", "next_day"),
    [
        (date(2024, 10, 5), date(2024, 10, 7)),  # a Saturday
        (date(2024, 10, 6), date(2024, 10, 7)),
        (date(2024, 12, 25), date(2024, 12, 27)),
        (date(2025, 4, 18), date(2025, 4, 22)),  # Good Friday
        (date(2027, 12, 27), date(2027, 12, 29)),  # in place of Christmas, a Saturday
        (date(2031, 6, 7), date(2031, 6, 9)),  # no bank holidays are known, but it is a Saturday
    ],
)
def test_nothing_is_sent_on_a_quiet_day_and_the_next_working_day_makes_up_for_it(
    service: Engine, day: date, next_day: date
) -> None:
    outcome, said = run(service, day)

    assert (outcome["queued"], outcome["quiet_days"]) == (0, 1)
    assert outcome["due"] >= 3
    assert said[-1] == reminders.QUIET
    assert next_to_send(day) == next_day
    assert run(service, next_day)[0]["queued"] == 1


def test_past_the_bank_holidays_that_are_known_a_weekday_is_a_day_like_another() -> None:
    assert [is_quiet(date(2031, 6, day)) for day in range(2, 9)] == [False] * 5 + [True] * 2


def test_a_dry_run_says_what_would_be_sent_and_enters_nothing(service: Engine) -> None:
    outcome, said = run(service, reminding.FIRST_DUE, is_rehearsal=True)

    assert (outcome["due"], outcome["queued"], len(said)) == (3, 0, 3)
    with reading(service) as session:
        assert session.scalars(select(ReminderSent)).all() == []


def test_a_job_that_was_killed_between_entering_and_posting_loses_nothing(
    service: Engine, monkeypatch: pytest.MonkeyPatch
) -> None:
    def killed(*_: object, **__: object) -> int:
        raise KeyboardInterrupt

    with monkeypatch.context() as patched:
        patched.setattr(reminders, "post", killed)
        with pytest.raises(KeyboardInterrupt):
            run(service, reminding.FIRST_DUE)

    assert run(service, reminding.FIRST_DUE)[0] == {"due": 0, "queued": 1, "without_a_reader": 0}
