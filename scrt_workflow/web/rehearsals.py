"""Rehearsing a definition: a made-up review is played through it as each role, and recorded histories are played again."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from datetime import date, timedelta
from time import monotonic
from typing import Any, cast
from uuid import UUID, uuid4

from flask import Blueprint, Response, abort, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

from scrt_workflow.operations import recorded_events, recorded_histories, rehearsals
from scrt_workflow.operations.rehearsals import Played
from scrt_workflow.operations.rehearsed import Rehearsed
from scrt_workflow.operations.rehearsing import FullError, Script, Waited, begun, first_steps
from scrt_workflow.permissions import ACTORS, Permission, Role
from scrt_workflow.reports.diagrams import as_svg
from scrt_workflow.web import on_stage, rehearsal_words
from scrt_workflow.web.guards import requires
from scrt_workflow.web.on_stage import OnStage, find_rehearsed
from scrt_workflow.web.rehearsal_forms import BeginForm, ClockForm
from scrt_workflow.web.requests import actor, database, now, today
from scrt_workflow.workflows.diagram import as_dot, is_too_large
from scrt_workflow.workflows.schema import Workflow
from scrt_workflow.working_days import add_months

pages = Blueprint("rehearsals", __name__)
on_stage.install(pages)
UNPROCESSABLE = 422
SECONDS = 6.0
"""How long one page may play recorded histories; the next page goes on from there."""
CHOSEN = ("begins_by", "review_type")
MOVED_ON = "Nothing was done, because this rehearsal has moved on in another window."


@pages.route("/definitions/<source:source>/rehearse", methods=["GET", "POST"])
@requires(Permission.DEFINITION_EDIT)
def start(source: str) -> ResponseReturnValue:
    """Ask how a made-up review begins; a POST begins it."""
    found = find_rehearsed(source)
    form = BeginForm(request.form, data={"day": today()})
    form.offer(found, today())
    if request.method == "POST" and form.validate():
        begins_by, review_type = (str(form.data.get(one) or "") for one in CHOSEN)
        script = Script(form.organisation.data, cast("date", form.day.data), begins_by, review_type)
        role = _first_role(found, script)
        if request.form.get("action") == "filled_in":
            script = begun(database(), found, script, name=uuid4())
        made = rehearsals.begin(database(), actor(), source, script, role=role, at=now())
        return redirect(url_for("rehearsals.show", rehearsal_id=made.id), 303)
    mine = rehearsals.of_source(database(), actor(), source)
    made_form = render_template("rehearsals/start.html", rehearsed=found, form=form, mine=mine, kept_days=rehearsals.KEPT.days)
    return made_form, UNPROCESSABLE if form.errors else 200


def _first_role(found: Rehearsed, script: Script) -> str:
    """Give the role that may take the first step."""
    return next((role for role in first_steps(found, script)[0].who if role in ACTORS), Role.DESIGNATE.value)


@pages.route("/rehearsals/<uuid:rehearsal_id>", methods=["GET", "POST"])
@requires(Permission.DEFINITION_EDIT)
def show(rehearsal_id: UUID) -> ResponseReturnValue:
    """Show a made-up review as one of the roles; a POST acts as another, moves the clock, or takes moves back."""
    form = ClockForm(request.form)
    with on_stage.on_stage(rehearsal_id) as found:
        if request.method == "POST" and (done := _do(found, form)):
            return done
        form = form if form.errors else ClockForm(data={"day": found.stage.day})
        made = render_template("rehearsals/show.html", form=form, **rehearsal_words.shown(found))
    return made, UNPROCESSABLE if form.errors else 200


def _do(found: OnStage, form: ClockForm) -> ResponseReturnValue | None:
    """Do what the button says; None where the day must be mended first."""
    action = request.form.get("action", "")
    if request.form.get("moves") != str(len(found.kept.script.moves)):
        flash(MOVED_ON)
    elif action == "move_to":
        if not form.validate():
            return None
        _wait(found, cast("date", form.day.data))
    elif action in WAITS:
        _wait(found, WAITS[action](found.stage.day))
    elif action in ACTIONS:
        found.keep(ACTIONS[action](found))
    else:
        abort(400)
    return redirect(url_for("rehearsals.show", rehearsal_id=found.row.id), 303)


def _wait(found: OnStage, day: date) -> None:
    kept = found.up_to_now()
    try:
        found.stage.take(Waited(day))
        found.keep(replace(kept, script=replace(kept.script, moves=(*kept.script.moves, Waited(day)))))
    except FullError as error:
        flash(str(error))


def _act_as(found: OnStage) -> Played:
    role = request.form.get("role", "")
    return replace(found.kept, role=role) if role in ACTORS else abort(400)


def _look_at(found: OnStage) -> Played:
    number = request.form.get("review", "")
    return (
        replace(found.kept, review=int(number)) if number in {str(one) for one in range(len(found.stage.reviews))} else abort(400)
    )


def _undo(found: OnStage) -> Played:
    kept = found.up_to_now() if found.stage.stopped_by else found.kept
    moves = kept.script.moves if found.stage.stopped_by else kept.script.moves[:-1]
    return replace(kept, script=replace(kept.script, moves=moves), filling=None)


def _start_over(found: OnStage) -> Played:
    script = replace(found.kept.script, moves=())
    return Played(script, _first_role(found.rehearsed, script))


WAITS: dict[str, Callable[[date], date]] = {
    "day": lambda day: day + timedelta(days=1),
    "week": lambda day: day + timedelta(days=7),
    "month": lambda day: add_months(day, 1),
}
ACTIONS: dict[str, Callable[[OnStage], Played]] = {
    "act_as": _act_as,
    "look_at": _look_at,
    "undo": _undo,
    "start_over": _start_over,
}


@pages.route("/rehearsals/<uuid:rehearsal_id>/diagram")
@requires(Permission.DEFINITION_EDIT)
def diagram(rehearsal_id: UUID) -> ResponseReturnValue:
    """Draw the workflow as SVG, with the state marked that the made-up review is in."""
    with on_stage.on_stage(rehearsal_id) as found:
        record = found.record()
        here = record.review.state if found.stage.reviews else ""
    workflow: Workflow = record.definition.workflow
    if is_too_large(workflow):
        abort(404)
    title = f"{workflow.title}: its stages and the steps between them"
    return Response(as_svg(as_dot(record.definition, here=here), title), mimetype="image/svg+xml")


@pages.route("/definitions/<source:source>/recorded-histories")
@requires(Permission.DEFINITION_EDIT)
def recorded(source: str) -> ResponseReturnValue:
    """Play what was done to real reviews through a definition, and say of which it would differ: stages only, no text."""
    found = find_rehearsed(source)
    ids = recorded_events.newest_reviews(database(), found.workflow)
    first = min(request.args.get("from", 0, type=int), len(ids))
    first, ends = max(first, 0), monotonic() + SECONDS
    some = ids[first:]
    played = recorded_histories.replay_recorded(database(), found, some, at=now(), enough=lambda: monotonic() > ends)
    done = first + len(played)
    numbers: dict[str, Any] = {
        "first": first,
        "done": done,
        "of": len(ids),
        "all": recorded_events.how_many(database(), found.workflow),
    }
    differ = [one for one in played if one.differs_at]
    alike = [one for one in played if not one.differs_at]
    return render_template("rehearsals/recorded.html", rehearsed=found, differ=differ, alike=alike, **numbers)
