"""Net changes and frozen figures: what was frozen is the same for ever, from whichever side it is worked out."""

from __future__ import annotations

import json
from datetime import date, timedelta
from random import Random

import pytest
from sqlalchemy import Engine, delete, insert, select, text, update
from sqlalchemy.exc import DatabaseError
from sqlalchemy.orm import Session

from scrt_workflow.clock import Clock
from scrt_workflow.database import reading, unit_of_work
from scrt_workflow.jobs.freezing import freeze
from scrt_workflow.jobs.work import Work
from scrt_workflow.models import MonthChange, Rollup, RollupCell, Span
from scrt_workflow.operations import counting, frozen, month_changes, rollups, tie_out
from scrt_workflow.operations.freezing import DoesNotTieOutError, TooEarlyError
from scrt_workflow.operations.play import play
from scrt_workflow.operations.tables import table_of
from scrt_workflow.reports.figures import as_json
from scrt_workflow.reports.periods import MONTH, ReportingPeriod, period_of, read_period
from tests.definitions.histories import ready
from tests.definitions.shipped import SHIPPED
from tests.operations.invented_reviews import ICBS, invented

OCTOBER = read_period("2024-10")


def played(database: Engine, seed: int, reviews: int = 12) -> None:
    """Play a history invented at random."""
    with unit_of_work(database) as session:
        ready(session, SHIPPED)
        play(session, map(json.dumps, invented(seed, reviews)), add_people=True)


def work_for(database: Engine, period: ReportingPeriod, *, late: timedelta = timedelta(hours=2)) -> Work:
    return Work(database, period.known_at + late, Clock())


def figures_now(session: Session, organisation: str, period: ReportingPeriod, known_on: date | None = None) -> dict[str, object]:
    return as_json(rollups.roll_up(session, rollups.period_asked(session, organisation, period, known_on=known_on)))


def figures_frozen(session: Session, organisation: str, period: ReportingPeriod) -> dict[str, object]:
    row = frozen.find_frozen(session, organisation, period)
    assert row is not None
    made = as_json(frozen.as_frozen(session, row, period))
    made.pop("frozen_at")
    return made


@pytest.mark.parametrize("seed", [11, 12])
def test_changes_brought_from_moment_to_moment_are_those_made_from_nothing(database: Engine, seed: int) -> None:
    played(database, seed)
    moments = [period_of(MONTH, date(2023, 9, 1)).back(-number).known_at for number in range(0, 24, 3)]
    Random(seed).shuffle(moments)

    for moment in moments:
        with unit_of_work(database) as session:
            month_changes.apply(session, month_changes.difference(session, moment))
        with reading(database) as session:
            made = month_changes.difference(session, moment, afresh=True).changes
            assert month_changes.kept(session) == made, moment
    assert made


@pytest.mark.parametrize("seed", [13, 14])
def test_what_is_frozen_is_what_the_spans_say_as_known_then_for_every_organisation_and_kind_of_period(
    database: Engine, seed: int
) -> None:
    played(database, seed)
    periods = [read_period(key) for key in ("2024-03", "2024-10", "2023-24-Q4", "2023-24")]

    for period in periods:
        freeze(work_for(database, period, late=timedelta(days=seed)), period)

    with reading(database) as session:
        for period in periods:
            for organisation in ("ENG", "Y56", *ICBS):
                counted = figures_now(session, organisation, period, known_on=period.last_day)
                assert figures_frozen(session, organisation, period) == counted, (period, organisation)
        assert len(session.scalars(select(Rollup.id)).all()) == 50 * len(periods)
        assert tie_out.look(session) == []


def test_a_repeated_run_changes_nothing_and_says_so(database: Engine) -> None:
    played(database, 15, reviews=3)
    freeze(work_for(database, OCTOBER), OCTOBER)
    with reading(database) as session:
        before = session.execute(select(Rollup.id, Rollup.digest, Rollup.frozen_at).order_by(Rollup.id)).all()
    said: list[object] = []

    again = freeze(Work(database, OCTOBER.known_at + timedelta(days=40), Clock(), say=said.append), OCTOBER)

    with reading(database) as session:
        assert session.execute(select(Rollup.id, Rollup.digest, Rollup.frozen_at).order_by(Rollup.id)).all() == before
    assert (again, said) == ({"organisations": 0}, ["October 2024 was frozen before, and stays as it is."])


@pytest.mark.parametrize("minutes", [-1, 0, 59])
def test_a_period_is_not_frozen_while_steps_of_it_may_be_under_way(database: Engine, minutes: int) -> None:
    with pytest.raises(TooEarlyError, match="October 2024 can be frozen from 01:00 on 1 November 2024"):
        freeze(work_for(database, OCTOBER, late=timedelta(minutes=minutes)), OCTOBER)


def test_changes_that_do_not_tie_out_are_made_again_from_nothing(database: Engine) -> None:
    played(database, 16, reviews=4)
    freeze(work_for(database, read_period("2024-09")), read_period("2024-09"))
    with unit_of_work(database) as session:
        session.execute(update(MonthChange).values(net=MonthChange.net + 1))

    outcome = freeze(work_for(database, OCTOBER), OCTOBER)

    assert outcome["made_from_nothing"] == 1
    with reading(database) as session:
        assert tie_out.look(session) == []


def test_figures_that_contradict_each_other_are_not_frozen_and_the_sentence_says_which(database: Engine) -> None:
    played(database, 17, reviews=6)
    with unit_of_work(database) as session:  # two spans of one review count on one day
        row = session.execute(counting.counted(rollups.month_asked(session, "ENG", "2024-10")).limit(1)).scalars().one()
        session.execute(text("DROP INDEX one_span_a_day_as_known"))
        copied = {column.key: getattr(row, column.key) for column in table_of(Span).columns if column.key != "id"}
        session.execute(insert(Span).values(**copied))
        place = row.organisation

    with pytest.raises(DoesNotTieOutError, match=rf"October 2024 was not frozen\. The changes of {place} sum to \d+ "):
        freeze(work_for(database, OCTOBER), OCTOBER)

    with reading(database) as session:
        assert session.scalars(select(Rollup.id)).all() == []


@pytest.mark.parametrize("table", [Rollup, RollupCell])
def test_what_was_frozen_can_be_neither_changed_nor_deleted(database: Engine, table: type[Rollup | RollupCell]) -> None:
    played(database, 18, reviews=3)
    freeze(work_for(database, OCTOBER), OCTOBER)
    column = {"period": "2024-11"} if table is Rollup else {"n": 7}

    for change in (update(table).values(**column), delete(table)):
        with pytest.raises(DatabaseError, match="never changed or deleted"), unit_of_work(database) as session:
            session.execute(change)
