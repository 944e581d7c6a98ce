"""The service's time, passed to whatever needs it: no rule and no operation reads a clock itself.

Reviews live in service time, which a demo sets back. Sign-in, leases and limits always use the real `Clock`.
"""

from datetime import UTC, date, datetime, timedelta

from scrt_workflow.working_days import local_date


class Clock:
    """The real time."""

    def now(self) -> datetime:
        """Return this instant, in UTC."""
        return datetime.now(UTC)

    def today(self) -> date:
        """Return the date that it is in London."""
        return local_date(self.now())


class DemoClock(Clock):
    """A time that stood at *start* when the real time was *began*, and runs on, so that the demo's reviews are live."""

    def __init__(self, *, start: datetime, began: datetime, real: Clock | None = None) -> None:
        """Both instants carry their time zones; *real* is the clock that time is taken from."""
        self._ahead = start - began
        self._real = real or Clock()

    def now(self) -> datetime:
        """Return the demo's instant, in UTC."""
        return (self._real.now() + self._ahead).astimezone(UTC)


class FixedClock(Clock):
    """A time that stands still until a test moves it."""

    def __init__(self, at: datetime) -> None:
        """*at* carries its time zone."""
        self._at = at.astimezone(UTC) if at.tzinfo else _refuse(at)

    def now(self) -> datetime:
        """Return the instant that it was set to, in UTC."""
        return self._at

    def advance(self, by: timedelta) -> datetime:
        """Move on by *by*, and return the new instant."""
        self._at += by
        return self._at

    def set(self, at: datetime) -> None:
        """Move to *at*, which carries its time zone."""
        self._at = at.astimezone(UTC) if at.tzinfo else _refuse(at)


def _refuse(at: datetime) -> datetime:
    raise ValueError(f"{at!r} has no time zone, so it is no instant.")
