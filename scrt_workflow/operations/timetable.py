"""What happens by itself, and when: one line a job. `scrt_workflow.jobs` does it, in the module that is called like the job.

A period is what a run is for, such as "2024-11-15". It is due at a moment of London's clocks, and each period has one
run however many schedulers there are (`operations.job_runs`).
"""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, time, timedelta
from typing import ClassVar, Protocol

from scrt_workflow.reports.periods import MONTH, QUARTER, YEAR, ended_before, period_of
from scrt_workflow.working_days import from_local, local_date

DAY = timedelta(days=1)


class Schedule(Protocol):
    """When a job is due. Periods sort as they come."""

    def __str__(self) -> str:
        """Say when, for people."""

    def due_moments(self, after: datetime, until: datetime) -> Iterator[datetime]:
        """Give every moment at which the job is due later than *after* and not later than *until*, in order."""

    def period(self, moment: datetime) -> str:
        """Name the period that a run at *moment* is for."""


@dataclass(frozen=True, slots=True)
class Daily:
    """Each day, at an hour that London's clocks show once (not between 1am and 2am); the period is the day."""

    at: time

    def __str__(self) -> str:
        return f"each day at {self.at:%H:%M}"

    def due_moments(self, after: datetime, until: datetime) -> Iterator[datetime]:
        """Give that hour of each day."""
        day, last = local_date(after), local_date(until)
        while day <= last:
            if after < (moment := from_local(datetime.combine(day, self.at))) <= until:
                yield moment
            day += DAY

    def period(self, moment: datetime) -> str:
        """Name the day in London."""
        return local_date(moment).isoformat()


@dataclass(frozen=True, slots=True)
class Monthly:
    """On the first day of each month at an hour of London's clocks; the period is the month that has ended."""

    at: time
    kind: ClassVar[str] = MONTH
    name: ClassVar[str] = "month"

    def __str__(self) -> str:
        return f"on the first day of each {self.name} at {self.at:%H:%M}"

    def due_moments(self, after: datetime, until: datetime) -> Iterator[datetime]:
        """Give that hour of the first day of each."""
        period, last = period_of(self.kind, local_date(after)), local_date(until)
        while period.first_day <= last:
            if after < (moment := from_local(datetime.combine(period.first_day, self.at))) <= until:
                yield moment
            period = period.back(-1)

    def period(self, moment: datetime) -> str:
        """Name the one before."""
        return ended_before(self.kind, local_date(moment)).key


@dataclass(frozen=True, slots=True)
class Quarterly(Monthly):
    """The same with the quarters of the financial year, of which April begins the first."""

    kind: ClassVar[str] = QUARTER
    name: ClassVar[str] = "quarter"


@dataclass(frozen=True, slots=True)
class Yearly(Monthly):
    """The same with financial years, which begin in April."""

    kind: ClassVar[str] = YEAR
    name: ClassVar[str] = "financial year"


@dataclass(frozen=True, slots=True)
class Every:
    """Every so many seconds, counted from the hour; the period is the moment, in UTC."""

    seconds: int

    def __str__(self) -> str:
        minutes, seconds = divmod(self.seconds, 60)
        return f"every {self.seconds} seconds" if seconds or minutes < 2 else f"every {minutes} minutes"

    def due_moments(self, after: datetime, until: datetime) -> Iterator[datetime]:
        """Give every moment whose seconds are a multiple of `seconds`."""
        number = int(after.timestamp()) // self.seconds + 1
        while (moment := datetime.fromtimestamp(number * self.seconds, UTC)) <= until:
            yield moment
            number += 1

    def period(self, moment: datetime) -> str:
        """Name the newest such moment."""
        seconds = int(moment.timestamp()) // self.seconds * self.seconds
        return datetime.fromtimestamp(seconds, UTC).strftime("%Y-%m-%dT%H:%M:%SZ")


@dataclass(frozen=True, slots=True)
class Job:
    """One job. Of the periods that were missed in *reach*, `each_missed` makes up all; otherwise only the newest is."""

    key: str
    title: str
    when: Schedule
    reach: timedelta = 7 * DAY
    each_missed: bool = False

    def next_due(self, now: datetime) -> datetime | None:
        """Give when the job is due next."""
        return next(self.when.due_moments(now, now + 400 * DAY), None)


TIMETABLE = {
    job.key: job
    for job in (
        Job("reminders", "Remind people of reviews that want an update or another look", Daily(time(7))),
        Job("escalations", "Tell again what nobody has acknowledged, such as media interest", Every(900)),
        Job("checkpoint", "Note how far the history has come, so that nothing can go missing at its end", Daily(time(0, 30))),
        Job(
            "rebases", "Go on with moving the open reviews that somebody has begun to move", Every(60), reach=timedelta(minutes=5)
        ),
        Job("deadlines", "Work out again by when each open review is due, such as after new bank holidays", Daily(time(5))),
        Job("month_ends", "Freeze the figures of the month", Monthly(time(2, 10)), reach=400 * DAY, each_missed=True),
        Job("quarter_ends", "Freeze the figures of the quarter", Quarterly(time(2, 20)), reach=800 * DAY, each_missed=True),
        Job("year_ends", "Freeze the figures of the financial year", Yearly(time(2, 30)), reach=1600 * DAY, each_missed=True),
        Job("tie_out", "Look for what cannot be in reviews and figures, and tell administrators", Daily(time(4))),
        Job("tidying", "Forget old drafts, sessions, form keys and signs of life", Daily(time(3, 30))),
    )
}
