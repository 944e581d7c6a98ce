"""What happens by itself, for administrators: each job's last and next run, and how the e-mails are doing."""

from dataclasses import dataclass
from datetime import datetime

from flask import Blueprint, render_template
from flask.typing import ResponseReturnValue
from sqlalchemy import func, select

from scrt_workflow.models import JobRun, TieOutFinding
from scrt_workflow.operations import delivery, job_runs, readiness
from scrt_workflow.operations.tie_out_kinds import FIGURES, KINDS
from scrt_workflow.operations.timetable import TIMETABLE, Job
from scrt_workflow.permissions import Permission
from scrt_workflow.web.guards import requires
from scrt_workflow.web.requests import database, now, real_now

MOST_NAMED = 100
pages = Blueprint("jobs", __name__, url_prefix="/jobs")
STATUSES = {
    "queued": "Waiting to be sent",
    "sending": "Being sent",
    "sent": "Sent",
    "failed": "Could not be sent",
    "withheld": "Not sent, since the reader may no longer see the review or it has moved on",
}


@dataclass(frozen=True, slots=True)
class JobRow:
    """A job as the page shows it. A run's times are real ones; *next_at* is in service time."""

    job: Job
    run: JobRun | None
    next_at: datetime | None

    @property
    def came_to(self) -> str:
        """Say what the last run came to."""
        outcome = (self.run.outcome or {}) if self.run else {}
        if self.run and self.run.status == "failed":
            return str(outcome.get("told", ""))
        return ", ".join(f"{value} {name.replace('_', ' ')}" for name, value in outcome.items())

    @property
    def seconds(self) -> float | None:
        """Give how long the last run took."""
        if self.run is None or self.run.finished_at is None:
            return None
        return round((self.run.finished_at - self.run.started_at).total_seconds(), 1)


@pages.route("")
@requires(Permission.JOB_RUN)
def index() -> ResponseReturnValue:
    """Show each job, and the e-mails by what became of them."""
    last = job_runs.last_runs(database())
    counts = delivery.count_by_status(database())
    faults = database().scalar(select(func.count()).select_from(TieOutFinding))
    return render_template(
        "jobs/index.html",
        rows=[JobRow(job, last.get(job.key), job.next_due(now())) for job in TIMETABLE.values()],
        is_alive=readiness.is_scheduler_alive(database(), at=real_now()),
        mails=[(words, counts.get(status, 0)) for status, words in STATUSES.items()],
        failed=delivery.failed(database()),
        faults=faults,
    )


@pages.route("/tie-out")
@requires(Permission.JOB_RUN)
def show_tie_out() -> ResponseReturnValue:
    """Show what the last tie-out found that cannot be: how much of each kind, and where, in references alone."""
    found: dict[str, list[str]] = {}
    for row in database().scalars(select(TieOutFinding).order_by(TieOutFinding.kind, TieOutFinding.subject)):
        found.setdefault(row.kind, []).append(row.subject)
    return render_template(
        "jobs/tie_out.html",
        run=job_runs.last_runs(database()).get("tie_out"),
        rows=[(title, found[kind], kind in FIGURES) for kind, title in KINDS.items() if kind in found],
        most=MOST_NAMED,
    )
