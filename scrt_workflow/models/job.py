"""What happens by itself: the claim of each period's run, what administrators said to jobs, and signs of life of processes."""

from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import ForeignKey
from sqlalchemy.orm import Mapped, mapped_column

from scrt_workflow.models.columns import Json, Key, Label, Model, OneOf, Prose

JOB_STATUSES = ("running", "done", "failed")


class JobRun(Model):
    """A job's run for one period ("2024-11-15"): who inserts the row, runs it; an expired lease may be taken over."""

    __tablename__ = "job_run"

    job: Mapped[Key] = mapped_column(primary_key=True)
    period: Mapped[Key] = mapped_column(primary_key=True)
    status: Mapped[str] = mapped_column(OneOf(*JOB_STATUSES))
    owner: Mapped[Label]
    lease_until: Mapped[datetime | None]
    attempt: Mapped[int] = mapped_column(default=1)
    started_at: Mapped[datetime]
    finished_at: Mapped[datetime | None]
    outcome: Mapped[Any | None] = mapped_column(Json())


class JobPause(Model):
    """A job that no scheduler runs until an administrator lets it go on. Times are the service's, as in its history."""

    __tablename__ = "job_pause"

    job: Mapped[Key] = mapped_column(primary_key=True)
    paused_by_id: Mapped[UUID] = mapped_column(ForeignKey("person.id"))
    paused_at: Mapped[datetime]
    reason: Mapped[Prose]


class JobWish(Model):
    """A run of a job that an administrator asked for. Whoever claims that run strikes it out."""

    __tablename__ = "job_wish"

    job: Mapped[Key] = mapped_column(primary_key=True)
    asked_by_id: Mapped[UUID] = mapped_column(ForeignKey("person.id"))
    asked_at: Mapped[datetime]


class Heartbeat(Model):
    """When a process last said that it lives."""

    __tablename__ = "heartbeat"

    process: Mapped[Label] = mapped_column(primary_key=True)
    at: Mapped[datetime]
