"""A month-end for every organisation over a hundred thousand reviews: the first ever, and one after a month like any other.

Every table that is frozen is held against a count of the spans, as known then, or the run ends with an error.
"""

from __future__ import annotations

import time
from collections.abc import Iterator
from datetime import UTC, date, datetime, timedelta
from itertools import islice
from random import Random
from typing import Any

from sqlalchemy import Connection, insert, select, text
from sqlalchemy.orm import Session

from benchmarks.databases import Databases
from benchmarks.many_reviews import AT_ONCE, YEARS, add_many
from benchmarks.timing import Timed
from benchmarks.tracker import AT, HERE, Tracker
from scrt_workflow import catalogue
from scrt_workflow.clock import Clock
from scrt_workflow.database import reading
from scrt_workflow.jobs.freezing import freeze
from scrt_workflow.jobs.work import Work
from scrt_workflow.models import Event, Review, Span, TermSpan
from scrt_workflow.operations import frozen, rollups
from scrt_workflow.operations.freezing import IN_FLIGHT
from scrt_workflow.operations.tables import table_of
from scrt_workflow.reference import ENGLAND
from scrt_workflow.reports.figures import MEASURES, as_json
from scrt_workflow.reports.periods import MONTH, ReportingPeriod, period_of

REVIEWS = 100_000
AS_LONG = 540  # days that a review stays open, at most


def month_ends(on: Databases, _turns: int) -> list[Timed]:
    """Freeze the month before last, from nothing, and then the last month."""
    tracker = Tracker(on.folder(), on.empty())
    add_many(tracker, REVIEWS)
    _add_spans(tracker)
    last = period_of(MONTH, AT.date()).back(1)
    first, of_all = _freeze(tracker, last.back(1))
    then, of_some = _freeze(tracker, last)
    for period in (last.back(1), last):
        _compare(tracker, period)
    tracker.close()
    return [
        Timed(f"the first month-end, {of_all:,} reviews counted", first[0], first[1], 1.0, 1.0),
        Timed(f"the next, {of_some:,} reviews counted again", then[0], then[1], then[0] / first[0], then[1] / first[1]),
    ]


def _freeze(tracker: Tracker, period: ReportingPeriod) -> tuple[tuple[float, float], int]:
    """Freeze *period* by the job's own code, and give the time that it took and how many reviews it counted."""
    work = Work(tracker.engine, period.known_at + 2 * IN_FLIGHT, Clock())
    wall, cpu = time.perf_counter(), time.process_time()
    outcome = freeze(work, period)
    return (time.perf_counter() - wall, time.process_time() - cpu), outcome["reviews_counted_again"]


def _compare(tracker: Tracker, period: ReportingPeriod) -> None:
    """Raise AssertionError where frozen figures are not those counted from spans as known then."""
    with reading(tracker.engine) as session:
        for organisation in (ENGLAND, "Y56", HERE):
            row = frozen.find_frozen(session, organisation, period)
            assert row is not None
            kept = as_json(frozen.as_frozen(session, row, period))
            asked = rollups.period_asked(session, organisation, period, known_on=period.last_day)
            counted = as_json(rollups.roll_up(session, asked))
            assert kept.pop("frozen_at")
            assert kept == counted, (organisation, period)
            assert kept["total"] > 0, (organisation, period)


def _add_spans(tracker: Tracker) -> None:
    """Give each review the rows of its moves and its terms, as if each had been recorded within some days."""
    with Session(tracker.engine) as session:
        event = session.scalars(select(Event.id).limit(1)).one()
        terms = [list(catalogue.terms(session, vocabulary, on=AT.date())) for _, vocabulary in MEASURES.values()]
        columns = [table_of(Review).c[name] for name in ("id", "responsible", "workflow", "review_type", "status", "state")]
        reviews = session.execute(select(*columns).order_by(Review.id)).all()
    chance = Random(1)
    with tracker.engine.begin() as connection:
        rest = iter(reviews)
        while some := list(islice(rest, AT_ONCE)):
            made = [row for review in some for row in _moves(review, chance, event)]
            connection.execute(insert(table_of(Span)), made)
            connection.execute(
                insert(table_of(TermSpan)), [row for review in some for row in _terms(review, terms, chance, event)]
            )
        _look_closely(connection)


def _look_closely(connection: Connection) -> None:
    if connection.dialect.name == "postgresql":
        connection.execute(text("ANALYZE"))  # as its autovacuum does within a minute


def _moves(review: Any, chance: Random, event: int) -> Iterator[dict[str, Any]]:
    """Give the rows of a referral, of its opening, and of its closing where there was one by now."""
    referred = AT.date() - timedelta(days=chance.randrange(30, 365 * YEARS))
    opened = referred + timedelta(days=chance.randrange(1, 30))
    closed = opened + timedelta(days=chance.randrange(30, AS_LONG))
    days = [day for day in (referred, opened, closed) if day <= AT.date()]
    same = {"review_id": review.id, "organisation": review.responsible, "workflow": review.workflow, "event_id": event}
    same |= {"review_type": review.review_type, "state": review.state}
    learned = [_recorded(day, chance) for day in days]
    for number, (day, status) in enumerate(zip(days, ("nothing", "open", "closed"), strict=False)):
        goes_on = {**same, "from_on": day, "status": status, "known_from": learned[number]}
        if number + 1 == len(days):
            yield {**goes_on, "to_on": None, "known_to": None}
        else:
            yield {**goes_on, "to_on": None, "known_to": learned[number + 1]}
            yield {**goes_on, "to_on": days[number + 1], "known_from": learned[number + 1], "known_to": None}


def _recorded(day: date, chance: Random) -> datetime:
    """Give the moment at which a fact of *day* was recorded: in order, and some of them in the next month."""
    return datetime(day.year, day.month, day.day, 12, tzinfo=UTC) + timedelta(hours=chance.randrange(20))


def _terms(review: Any, terms: list[list[str]], chance: Random, event: int) -> Iterator[dict[str, Any]]:
    """Give the themes and the learning of a review, on all its days."""
    began = datetime(2016, 1, 1, tzinfo=UTC)
    for (_, vocabulary), codes in zip(MEASURES.values(), terms, strict=True):
        for rank, code in enumerate(chance.sample(codes, chance.randrange(4)), 1):
            yield {
                "review_id": review.id, "question": vocabulary, "vocabulary": vocabulary, "code": code, "rank": rank,
                "from_on": began.date(), "to_on": None, "known_from": began, "known_to": None, "event_id": event,
                "ended_by_id": None,
            }  # fmt: skip
