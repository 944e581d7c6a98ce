"""A year of the service in minutes, by a clock that the test sets.

Schedulers and mailers are killed and started again, the mail server misbehaves, nights have 23 and 25 hours, and nobody runs the
service when a month ends. Every period has its run, every e-mail is accounted for, and every figure is what plain SQL counts.
YEAR=whole in the environment plays all of it on both databases; else the weeks around the end of March, on SQLite.
"""

from __future__ import annotations

import os
import random
import time
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from signal import SIGTERM
from typing import Any

import pytest
from aiosmtpd.smtp import SMTP
from sqlalchemy import Date, Engine, TextClause, bindparam, func, select, text
from sqlalchemy.orm import Session

from scrt_workflow.database import make_engine, reading
from scrt_workflow.models import JobRun, Notice, Rollup, RollupCell
from scrt_workflow.models.columns import UtcDateTime
from scrt_workflow.operations.timetable import TIMETABLE, Daily
from scrt_workflow.reports.periods import read_period
from scrt_workflow.working_days import from_local
from tests.faults.a_year import PLAYED, set_clock
from tests.faults.processes import Processes
from tests.mail_server import TAKEN, MailServer, mail_server
from tests.operations.test_walks import Walk
from tests.operations.worlds import make_world

pytestmark = [pytest.mark.faults, pytest.mark.thorough]
WHOLE = os.environ.get("YEAR") == "whole"
FIRST, LAST = (date(2024, 4, 1), date(2025, 4, 6)) if WHOLE else (date(2025, 3, 24), date(2025, 4, 6))
NOBODY = {date(2024, 6, 30), date(2024, 7, 1), date(2024, 7, 2)} | ({date(2025, 3, 31), date(2025, 4, 1)} if not WHOLE else set())
"""Days on which nothing runs: a month, and a quarter or a year, end among them."""
DAY, LONGEST = timedelta(days=1), 120
ENDED = {0, -SIGTERM}
"""With what processes end that are asked to; one that was just started in the place of a killed one does not listen yet."""
COUNTED = """
    SELECT status, count(*) FROM span WHERE organisation IN ({codes}) AND status IN ('open', 'closed')
    AND from_on <= :as_at AND (to_on IS NULL OR to_on > :as_at)
    AND known_from < :known AND (known_to IS NULL OR known_to >= :known)
    GROUP BY status
"""
MEASURES = select(RollupCell.measure, func.sum(RollupCell.n))


class Moody(MailServer):
    """A mail server that some days refuses, for now, every few messages; and counts what it took."""

    def __init__(self) -> None:
        super().__init__()
        self.counts: Counter[str] = Counter()
        self.is_moody = False
        self.asked = 0

    async def handle_DATA(self, _server: SMTP, _session: Any, envelope: Any) -> str:  # noqa: N802 - aiosmtpd's name
        """Take a message, or say that it is not to be now."""
        self.asked += 1
        if self.is_moody and self.asked % 3 == 0:
            return "451 Try again later"
        header = next(line for line in envelope.content.splitlines() if line.startswith(b"Message-ID: "))
        self.counts[header.decode().removeprefix("Message-ID: ")] += 1
        return TAKEN


@dataclass
class Year:
    """What plays: the database, its clock, who walks through it, the processes, and how often one was killed."""

    engine: Engine
    path: Path
    walk: Walk
    schedulers: Processes
    mailers: Processes
    server: Moody
    chance: random.Random = field(default_factory=lambda: random.Random(2024))
    kills: Counter[str] = field(default_factory=Counter)

    def live(self, day: date) -> None:
        """Let people do what they do, and then let it be half past seven of the next morning."""
        midnight = datetime.combine(day, datetime.min.time(), UTC)
        while self.walk.world.at < midnight + timedelta(hours=20):
            self.walk.go_on()
        self.walk.world.session.commit()
        self.server.is_moody = self.chance.random() < 0.3
        set_clock(self.path, from_local(datetime.combine(day + DAY, datetime.min.time()) + timedelta(hours=7, minutes=30)))

    def disturb(self) -> None:
        """Kill one of them now and then."""
        for name, running in (("scheduler", self.schedulers), ("mailer", self.mailers)):
            if running.running and self.chance.random() < 0.08:
                running.kill(self.chance.randrange(len(running.running)))
                self.kills[name] += 1

    def wait_for(self, day: date) -> None:
        """Wait until every job of the morning of *day* is done."""
        wanted = {(job.key, job.when.period(moment)) for job in PLAYED for moment in _due_on(job.when, day)}
        until = time.monotonic() + LONGEST
        while wanted - self.done():
            assert time.monotonic() < until, f"{sorted(wanted - self.done())} did not run on {day}: {self.failed()}"
            time.sleep(0.1)

    def failed(self) -> list[Any]:
        """Give what became of the runs that are not done."""
        with reading(self.engine) as session:
            return [
                (run.job, run.period, run.status, run.outcome) for run in session.scalars(select(JobRun)) if run.status != "done"
            ]

    def done(self) -> set[tuple[str, str]]:
        """Give the runs that are done."""
        with reading(self.engine) as session:
            rows = session.execute(select(JobRun.job, JobRun.period).where(JobRun.status == "done"))
            return {(row.job, row.period) for row in rows}


def _due_on(when: Any, day: date) -> Iterator[datetime]:
    midnight = from_local(datetime.combine(day, datetime.min.time()))
    yield from when.due_moments(midnight, midnight + timedelta(hours=7, minutes=29))


def played(url: str, path: Path) -> Year:
    """Play from FIRST to LAST, and let what waits be sent."""
    engine = make_engine(url)
    session = Session(engine)
    world = make_world(session)
    world.at = datetime.combine(FIRST, datetime.min.time(), UTC) + timedelta(hours=9)
    session.commit()
    set_clock(path, from_local(datetime.combine(FIRST, datetime.min.time()) + timedelta(hours=7, minutes=30)))
    server = Moody()
    with (
        mail_server(server),
        Processes("-m", "tests.faults.a_year", "scheduler", url, str(path), str(server.port)) as schedulers,
        Processes("-m", "tests.faults.a_year", "mailer", url, str(path), str(server.port)) as mailers,
    ):
        year = Year(engine, path, Walk(world, random.Random(5)), schedulers, mailers, server)
        schedulers.start(4)
        mailers.start(2)
        day = FIRST
        while day < LAST:
            if day in NOBODY and schedulers.running:
                assert set(schedulers.end()) <= ENDED
                schedulers.running.clear()
            elif day not in NOBODY and not schedulers.running:
                schedulers.start(4)
            year.live(day)
            year.disturb()
            day += DAY
            if schedulers.running:
                year.wait_for(day)
        assert set(schedulers.end()) <= ENDED
        schedulers.running.clear()
        _send_the_rest(year, day)
        assert set(mailers.end()) <= ENDED
    session.close()
    return year


def _send_the_rest(year: Year, day: date) -> None:
    """Let the mail server be well, and days pass, until nothing waits."""
    year.server.is_moody = False
    until = time.monotonic() + LONGEST
    while _waiting(year.engine):
        assert time.monotonic() < until, "E-mails still wait."
        day += DAY
        set_clock(year.path, from_local(datetime.combine(day, datetime.min.time()) + timedelta(minutes=1)))
        time.sleep(0.5)


def _waiting(engine: Engine) -> int:
    with reading(engine) as session:
        return session.scalar(select(func.count()).where(Notice.status.in_(["queued", "sending"]))) or 0


@pytest.fixture(params=["sqlite", *(["postgresql"] if WHOLE else [])])
def year(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Year]:
    """Play it."""
    found = played(request.getfixturevalue(f"{request.param}_url"), tmp_path / "clock")
    yield found
    found.engine.dispose()


def test_a_year_leaves_nothing_out_loses_nothing_and_counts_right(year: Year) -> None:
    then_every_period_has_its_run_and_every_e_mail_its_end(year)
    then_every_frozen_figure_is_what_plain_sql_counts(year)


def then_every_period_has_its_run_and_every_e_mail_its_end(year: Year) -> None:
    days = [FIRST + number * DAY for number in range(1, (LAST - FIRST).days + 1)]
    with reading(year.engine) as session:
        assert set(session.scalars(select(JobRun.status))) == {"done"}
        for job in PLAYED:
            expected = {job.when.period(moment) for day in days for moment in _due_on(job.when, day)}
            ran = set(session.scalars(select(JobRun.period).where(JobRun.job == job.key)))
            if TIMETABLE[job.key].each_missed:
                assert expected <= ran, f"{job.key} left out {expected - ran}"
            elif isinstance(job.when, Daily):
                missed = {day.isoformat() for day in days if {day, day - DAY} & NOBODY}
                assert expected - missed <= ran, f"{job.key} left out {expected - ran}"
        statuses = Counter(session.scalars(select(Notice.status)))
        assert set(statuses) <= {"sent", "withheld"}
        sent = Counter(session.scalars(select(Notice.message_id).where(Notice.status == "sent")))
    assert set(sent) == set(year.server.counts)
    assert year.server.counts.total() - len(sent) <= year.kills["mailer"]
    assert year.kills["scheduler"] + year.kills["mailer"] > 0
    assert statuses["sent"] > len(days)


def then_every_frozen_figure_is_what_plain_sql_counts(year: Year) -> None:
    with reading(year.engine) as session:
        tables = session.scalars(select(Rollup)).all()
        assert {row.organisation for row in tables} >= {"ENG", "Y56", "QMF"}
        compared = 0
        for row in tables:
            period, codes = read_period(row.period), ", ".join(f"'{code}'" for code in row.basis["codes"])
            asked = {"as_at": period.last_day, "known": row.known_at}
            counted = {one[0]: one[1] for one in session.execute(_plain(codes), asked)}
            kept = session.execute(
                select(RollupCell.measure, func.sum(RollupCell.n))
                .where(RollupCell.rollup_id == row.id)
                .group_by(RollupCell.measure)
            )
            found = {measure: number for measure, number in kept if measure in {"open", "closed"} and number}
            assert found == counted, (row.organisation, row.period)
            compared += sum(counted.values())
        assert compared > 0


def _plain(codes: str) -> TextClause:
    """Give the statement, in which only the two parameters have a type: SQLite keeps both as text."""
    return text(COUNTED.format(codes=codes)).bindparams(bindparam("as_at", type_=Date()), bindparam("known", type_=UtcDateTime()))
