"""What happens by itself, and when: one line a job. `scrt_workflow.jobs` does it, in the module that is called like the job.

A period is what a run is for, such as "2024-11-15". It is due at a moment of London's clocks, and each period has one
run however many schedulers there are (`operations.job_runs`).
"""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from typing import Protocol

from scrt_workflow.working_days import add_months, from_local, local_date

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

    def __str__(self) -> str:
        return f"on the first of each month at {self.at:%H:%M}"

    def due_moments(self, after: datetime, until: datetime) -> Iterator[datetime]:
        """Give that hour of the first day of each month."""
        first, last = local_date(after).replace(day=1), local_date(until)
        while first <= last:
            if after < (moment := from_local(datetime.combine(first, self.at))) <= until:
                yield moment
            first = add_months(first, 1)

    def period(self, moment: datetime) -> str:
        """Name the month before."""
        ended: date = local_date(moment).replace(day=1) - DAY
        return f"{ended:%Y-%m}"


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
        return next(self.when.due_moments(now, now + 40 * DAY), None)


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
        Job("tidying", "Forget old drafts, sessions, form keys and signs of life", Daily(time(3, 30))),
    )
}
