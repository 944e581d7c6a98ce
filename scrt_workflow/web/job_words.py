"""What jobs came to, in words."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta

from scrt_workflow.models import JobPause, JobRun, JobWish
from scrt_workflow.operations.job_runs import MOST_ATTEMPTS
from scrt_workflow.operations.timetable import Job
from scrt_workflow.reports.periods import read_period
from scrt_workflow.web.jinja import datetime_words

CAME_TO = {
    "batches": ("batch of reviews was under way", "batches of reviews were under way"),
    "due": ("reminder was due", "reminders were due"),
    "found": ("contradiction was found", "contradictions were found"),
    "looked_at": ("review was looked at", "reviews were looked at"),
    "made_from_nothing": ("table of net changes was made from nothing", "tables of net changes were made from nothing"),
    "organisations": ("organisation's figures were frozen", "organisations' figures were frozen"),
    "put_right": ("was put right", "were put right"),
    "queued": ("e-mail was queued", "e-mails were queued"),
    "streams_noted": ("history had something new to note", "histories had something new to note"),
    "quiet_days": (
        "quiet day: nothing is sent before the next working day",
        "quiet days: nothing is sent before the next working day",
    ),
    "reviews_counted_again": ("review was counted again", "reviews were counted again"),
    "without_a_reader": ("reminder has nobody to go to", "reminders have nobody to go to"),
}
"""What a number in a run's outcome means, of one and of several; what is not here is said by its own name."""


@dataclass(frozen=True, slots=True)
class JobRow:
    """A job as its pages show it. A run's times are real ones; the others are in service time."""

    job: Job
    run: JobRun | None
    next_at: datetime | None
    pause: JobPause | None
    wish: JobWish | None
    said_by: str = ""


def period_words(period: str) -> str:
    """Write what a run is for: a day, a month, a quarter, a year, or a moment."""
    return datetime_words(datetime.fromisoformat(period)) if "T" in period else read_period(period).title


def came_to(run: JobRun, *, real_now: datetime) -> list[str]:
    """Say in sentences what a run came to; *real_now* is the real time."""
    return [sentence for sentence in _sentences(run, real_now) if sentence]


def _sentences(run: JobRun, real_now: datetime) -> Iterator[str]:
    outcome = run.outcome or {}
    if run.status == "failed":
        yield str(outcome.get("told", ""))
        yield f"It failed with an error of the kind {outcome.get('error', 'unknown')}; the log of that time says where."
        yield _goes_on(run, "It is tried again in a few minutes.")
    elif run.status == "running":
        is_lost = run.lease_until is not None and run.lease_until < real_now
        yield f"Its process was lost. {_goes_on(run, 'Another takes it over.')}" if is_lost else "It is running."
    else:
        yield _numbers({name: value for name, value in outcome.items() if isinstance(value, int)})
        if run.attempt > 1:
            yield f"This was attempt {run.attempt}."


def _goes_on(run: JobRun, how: str) -> str:
    """Say *how* a run that came to no end goes on, unless it was tried as often as it is by itself."""
    tried = f"It was tried {run.attempt} times, and is not tried again by itself."
    return tried if run.attempt >= MOST_ATTEMPTS else how


def _numbers(outcome: dict[str, int]) -> str:
    """Say each number that is not nothing."""
    if not outcome:
        return "It did its work."
    said = [f"{value:,} {_words(name, value)}" for name, value in outcome.items() if value]
    return f"{', '.join(said)}." if said else "There was nothing to do."


def _words(name: str, value: int) -> str:
    one, several = CAME_TO.get(name, (name.replace("_", " "),) * 2)
    return one if value == 1 else several


def took(run: JobRun) -> str:
    """Say how long a run took, if it is over."""
    if run.finished_at is None:
        return ""
    return length_words(run.finished_at - run.started_at)


def length_words(length: timedelta) -> str:
    """Write a length of time roughly, as people do."""
    seconds = length.total_seconds()
    if seconds < 1:
        return "less than a second"
    for unit, size in (("day", 86_400), ("hour", 3_600), ("minute", 60), ("second", 1)):
        if seconds >= size:
            number = int(seconds // size)
            return f"{number} {unit}{'' if number == 1 else 's'}"
    raise AssertionError(length)  # pragma: no cover - it is at least a second
