"""What happens by itself, for administrators: each job's runs; run now, pause, go on; and how the e-mails are doing."""

from __future__ import annotations

import re
from typing import Any

from flask import Blueprint, abort, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from sqlalchemy import select
from wtforms import Form, TextAreaField
from wtforms.validators import InputRequired, Length

from scrt_workflow.models import JobRun, Person, TieOutFinding
from scrt_workflow.operations import delivery, job_runs, steering
from scrt_workflow.operations.steering import LONGEST_REASON, SteeringRefusedError
from scrt_workflow.operations.tie_out_kinds import FIGURES, KINDS
from scrt_workflow.operations.timetable import TIMETABLE, Job
from scrt_workflow.permissions import Permission
from scrt_workflow.web.event_rows import event_rows
from scrt_workflow.web.guards import requires
from scrt_workflow.web.job_words import JobRow, came_to, period_words, took
from scrt_workflow.web.requests import actor, database, now, real_now
from scrt_workflow.web.troubles import troubles

MOST_NAMED = 100
pages = Blueprint("jobs", __name__, url_prefix="/jobs")
RUNS_SHOWN = 30
PERIOD = re.compile("[0-9QTZ:-]{4,30}")
STATUSES = {
    "queued": "Waiting to be sent",
    "sending": "Being sent",
    "sent": "Sent",
    "failed": "Could not be sent",
    "withheld": "Not sent, since the reader may no longer see the review or it has moved on",
}
SAID = {steering.ASKED: "A run was asked for", steering.PAUSED: "Paused", steering.WENT_ON: "Let go on"}


class PauseForm(Form):
    """Why a job is paused."""

    reason = TextAreaField(
        "Why is it paused?",
        [InputRequired("Say why, so that others know what to wait for."), Length(max=LONGEST_REASON)],
        description="For example, until the mail server is mended. Every administrator can read this.",
        render_kw={"rows": "3"},
    )


@pages.route("")
@requires(Permission.JOB_RUN)
def index() -> ResponseReturnValue:
    """Show each job, and the e-mails by what became of them."""
    counts = delivery.count_by_status(database())
    return render_template(
        "jobs/index.html",
        rows=_rows(*TIMETABLE.values()),
        troubles=troubles(),
        mails=[(words, counts.get(status, 0)) for status, words in STATUSES.items()],
        failed=counts.get("failed", 0),
        run_words=_run_words,
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


@pages.route("/<key:job_key>")
@requires(Permission.JOB_RUN)
def show(job_key: str) -> ResponseReturnValue:
    """Show a job with its last runs, and what administrators said to it."""
    job, before = _find(job_key), request.args.get("before", "")
    runs = list(job_runs.runs_of(database(), job.key, before=before if PERIOD.fullmatch(before) else "", limit=RUNS_SHOWN + 1))
    return render_template(
        "jobs/show.html",
        row=_rows(job)[0],
        runs=[_run_words(run) for run in runs[:RUNS_SHOWN]],
        older=runs[RUNS_SHOWN - 1].period if len(runs) > RUNS_SHOWN else "",
        is_first=not before,
        events=event_rows(steering.stream_of(job.key), SAID, lambda body: body.get("reason", "")),
    )


@pages.route("/<key:job_key>/run", methods=["GET", "POST"])
@requires(Permission.JOB_RUN)
def run(job_key: str) -> ResponseReturnValue:
    """Ask whether a job is to run now; a POST asks the schedulers for it."""
    job = _find(job_key)
    form = Form(request.form)
    if request.method == "POST":
        try:
            steering.ask_for_run(database(), job, actor=actor(), at=now())
            return _done(job, "The run is asked for. A scheduler begins it within half a minute.")
        except SteeringRefusedError as error:
            form.form_errors.append(str(error))
    period = period_words(job.when.period(now()))
    return _shown("jobs/run.html", form, job=job, period=period)


@pages.route("/<key:job_key>/pause", methods=["GET", "POST"])
@requires(Permission.JOB_RUN)
def pause(job_key: str) -> ResponseReturnValue:
    """Ask why a job is to be paused; a POST pauses it for every scheduler."""
    job = _find(job_key)
    form = PauseForm(request.form)
    if request.method == "POST" and form.validate():
        try:
            steering.pause(database(), job, str(form.reason.data), actor=actor(), at=now())
            return _done(job, "The job is paused.")
        except SteeringRefusedError as error:
            form.form_errors.append(str(error))
    return _shown("jobs/pause.html", form, job=job)


@pages.route("/<key:job_key>/go-on", methods=["GET", "POST"])
@requires(Permission.JOB_RUN)
def go_on(job_key: str) -> ResponseReturnValue:
    """Ask whether a paused job is to go on; a POST lets it."""
    job = _find(job_key)
    if request.method == "POST":
        steering.let_go_on(database(), job, actor=actor(), at=now())
        return _done(job, "The job goes on.")
    return _shown("jobs/go_on.html", Form(), job=job)


def _find(job_key: str) -> Job:
    return TIMETABLE.get(job_key) or abort(404)


def _rows(*jobs: Job) -> list[JobRow]:
    last, pauses, wishes = job_runs.last_runs(database()), steering.pauses(database()), steering.wishes(database())
    rows = []
    for job in jobs:
        paused, wish = pauses.get(job.key), wishes.get(job.key)
        by = paused.paused_by_id if paused else wish.asked_by_id if wish else None
        name = database().get_one(Person, by).name if by else ""
        rows.append(JobRow(job, last.get(job.key), job.next_due(now()), paused, wish, name))
    return rows


def _run_words(run: JobRun) -> dict[str, Any]:
    return {
        "run": run,
        "period": period_words(run.period),
        "took": took(run),
        "came_to": came_to(run, real_now=real_now()),
    }


def _done(job: Job, message: str) -> ResponseReturnValue:
    flash(message, "success")
    return redirect(url_for("jobs.show", job_key=job.key), 303)


def _shown(template: str, form: Form, **more: object) -> ResponseReturnValue:
    return render_template(template, form=form, **more), 422 if form.errors else 200
