"""What a job is given to work with, and where its work is found."""

import secrets
import socket
from collections.abc import Callable, Iterator, Mapping
from contextlib import AbstractContextManager, contextmanager
from dataclasses import dataclass, replace
from datetime import date, datetime
from importlib import import_module
from os import getpid
from typing import cast

from sqlalchemy import Engine
from sqlalchemy.orm import Session

from scrt_workflow.clock import Clock
from scrt_workflow.database import reading, unit_of_work
from scrt_workflow.operations import job_runs
from scrt_workflow.operations.job_runs import Claim
from scrt_workflow.working_days import local_date

Outcome = Mapping[str, int]
"""What a run came to, in numbers by their names."""


@dataclass(frozen=True)
class Work:
    """One run of a job. *at* is the moment it is for, in service time; in a *rehearsal* nothing may be changed.

    *say* takes a line for whoever asked for the run; nobody hears it when the scheduler did.
    """

    engine: Engine
    at: datetime
    real_clock: Clock
    say: Callable[[str], object] = lambda _: None
    is_rehearsal: bool = False
    claim: Claim | None = None

    @property
    def day(self) -> date:
        """The date in London that the run is for."""
        return local_date(self.at)

    def reading(self) -> AbstractContextManager[Session]:
        """Give a session that reads."""
        return reading(self.engine)

    @contextmanager
    def unit(self) -> Iterator[Session]:
        """Give a unit of work, and hold the run's lease longer in it; raises LeaseLostError and changes nothing."""
        with unit_of_work(self.engine) as session:
            if self.claim is not None:
                job_runs.renew(session, self.claim, at=self.real_clock.now())
            yield session

    def claimed(self, claim: Claim) -> "Work":
        """Give the same work, as done under *claim*."""
        return replace(self, claim=claim)


Body = Callable[[Work], Outcome]


def body_of(job: str) -> Body:
    """Find what the job of this key does."""
    return cast("Body", import_module(f"scrt_workflow.jobs.{job}").run)


def process_name(kind: str) -> str:
    """Give this process a name that no other has: what it is, the machine, its number there, and a few letters."""
    return f"{kind}:{socket.gethostname()[:100]}:{getpid()}:{secrets.token_hex(3)}"
