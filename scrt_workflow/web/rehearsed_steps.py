"""The forms of a rehearsal: the pages of a step as the person acted as would see them; nothing is saved to any review."""

from __future__ import annotations

from dataclasses import replace
from typing import Any
from uuid import UUID

from flask import Blueprint, abort, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

from scrt_workflow.forms.builder import PageForm, Reading
from scrt_workflow.forms.question_types import show
from scrt_workflow.operations.awaited import unmet_beforehand
from scrt_workflow.operations.records import access_to
from scrt_workflow.operations.rehearsals import Filling
from scrt_workflow.operations.rehearsing import REFUSED, FullError, Taken, why
from scrt_workflow.permissions import ROLES, Permission, Role
from scrt_workflow.web import on_stage
from scrt_workflow.web.guards import requires
from scrt_workflow.web.on_stage import OnStage
from scrt_workflow.web.review_words import approved_answers
from scrt_workflow.web.steps import say_nothing_yet
from scrt_workflow.workflows.refusal import Refusal
from scrt_workflow.workflows.schema import Step

pages = Blueprint("rehearsed_steps", __name__, url_prefix="/rehearsals/<uuid:rehearsal_id>/steps/<key:step_key>")
on_stage.install(pages)
UNPROCESSABLE, CONFLICT = 422, 409


@pages.route("")
@requires(Permission.DEFINITION_EDIT)
def begin(rehearsal_id: UUID, step_key: str) -> ResponseReturnValue:
    """Go to the first page of a step."""
    with on_stage.on_stage(rehearsal_id) as found:
        first = found.first_page(found.step(step_key))
    return redirect(_url(rehearsal_id, step_key, first))


@pages.route("/pages/<key:page_key>", methods=["GET", "POST"])
@requires(Permission.DEFINITION_EDIT)
def page(rehearsal_id: UUID, step_key: str, page_key: str) -> ResponseReturnValue:
    """Ask one page of a step; a POST keeps what was typed for this rehearsal and goes on, or fills in the whole form."""
    with on_stage.on_stage(rehearsal_id) as found:
        step = found.step(step_key)
        if sentence := _refusal(found, step):
            return _refused(found, step, sentence)
        if not any(one.key == page_key for one in found.record().definition.form_of(step).pages):
            abort(404)
        return _page(found, step, page_key)


def _page(found: OnStage, step: Step, page_key: str) -> ResponseReturnValue:
    filling = found.filling(step)
    if request.method == "POST":
        try:
            filling = _kept(found, step, filling, page_key)
        except FullError as error:
            return _refused(found, step, str(error))
    reading = found.reading(step, filling.body)
    if request.form.get("action") == "invent":
        return redirect(_url(found.row.id, step.key, reading.first_wrong_page, mend=1), 303)
    asked = next((one for one in reading.pages if one.page.key == page_key), None)
    if asked is None or (request.method == "POST" and not asked.errors):
        return redirect(_next(found, step, reading, page_key), 303)
    if request.method == "GET" and "mend" not in request.args:
        say_nothing_yet(asked)
    return _show_page(found, step, asked, [one.page.key for one in reading.pages])


def _kept(found: OnStage, step: Step, filling: Filling, page_key: str) -> Filling:
    """Keep what was typed into a page, and with it invented answers to all that is empty if they are asked for."""
    kept = filling.kept(found.record().definition.form_of(step), request.form.to_dict(flat=False), page=page_key)
    if request.form.get("action") == "invent":
        kept = replace(kept, body=found.stage.invented(step, found.number, kept.body))
    found.keep(replace(found.kept, filling=kept))
    return kept


def _next(found: OnStage, step: Step, reading: Reading, page_key: str) -> str:
    """Give the page after this one; the first where this one is not asked."""
    shown = [one.page.key for one in reading.pages]
    if page_key not in shown:
        return _url(found.row.id, step.key, shown[0] if shown else None)
    later = shown[shown.index(page_key) + 1 :]
    return _url(found.row.id, step.key, None if request.args.get("back") == "check" or not later else later[0])


def _show_page(found: OnStage, step: Step, asked: PageForm, shown: list[str]) -> ResponseReturnValue:
    position = shown.index(asked.page.key)
    before = _url(found.row.id, step.key, shown[position - 1]) if position else _leave(found)
    made = render_template(
        "rehearsed_steps/page.html",
        step=step,
        reference=found.record().review.reference if found.stage.reviews else "",
        form=asked,
        page=asked.page,
        position=position + 1,
        of=len(shown),
        back=before,
        approved=approved_answers(found.stage.session, found.record(), step),
        **_about(found),
    )
    return made, UNPROCESSABLE if asked.errors else 200


def _about(found: OnStage) -> dict[str, Any]:
    return {"rehearsed": found.rehearsed, "role": ROLES[Role(found.kept.role)].title, "day": found.stage.day}


@pages.route("/check", methods=["GET", "POST"])
@requires(Permission.DEFINITION_EDIT)
def check(rehearsal_id: UUID, step_key: str) -> ResponseReturnValue:
    """Show every answer once more; a POST takes the step in the rehearsal."""
    with on_stage.on_stage(rehearsal_id) as found:
        step = found.step(step_key)
        if sentence := _refusal(found, step):
            return _refused(found, step, sentence)
        filling = found.filling(step)
        reading = found.reading(step, filling.body)
        if wrong := reading.first_wrong_page:
            return redirect(_url(rehearsal_id, step_key, wrong, mend=1), 303)
        if request.method == "POST":
            return _take(found, step, filling)
        return render_template(
            "rehearsed_steps/check.html", step=step, pages=_rows(found, step, reading), back=_leave(found), **_about(found)
        )


def _take(found: OnStage, step: Step, filling: Filling) -> ResponseReturnValue:
    kept, move = found.up_to_now(), Taken(step.key, found.kept.role, filling.body, found.number)
    try:
        found.stage.take(move)
        found.keep(replace(kept, script=replace(kept.script, moves=(*kept.script.moves, move)), filling=None))
    except (*REFUSED, FullError) as refused:
        return _refused(found, step, why(refused))
    flash(f"{step.title}: done, in this rehearsal only.", "success")
    return redirect(_leave(found), 303)


def _rows(found: OnStage, step: Step, reading: Reading) -> list[dict[str, Any]]:
    """Give every page of *reading* with its answers in words and where to change them."""
    rows = []
    for one in reading.pages:
        fields = {asked.question.key: asked for asked in one}
        answered = [
            {
                "label": fields[key].question.title,
                "value": show(fields[key].question, value, fields[key].options),
                "change_href": _url(found.row.id, step.key, one.page.key, back="check") + f"#{key}",
            }
            for key, value in one.answers.items()
            if key in fields
        ]
        rows.append({"page": one.page, "rows": answered})
    return rows


def _refusal(found: OnStage, step: Step) -> str:
    """Say why the step is not open to who is acted as, as the service would; nothing where it is."""
    if not found.stage.reviews:
        return "" if step.makes and found.kept.role in step.who else str(Refusal.WRONG_ROLE)
    record = found.record(step)
    access = access_to(record, step, found.stage.actor(found.kept.role))
    if step.makes or access.refusal is not None:
        return str(access.refusal or Refusal.WRONG_STATE)
    obstacle = unmet_beforehand(record, step)
    return obstacle.sentence if obstacle else ""


def _refused(found: OnStage, step: Step, sentence: str) -> ResponseReturnValue:
    return render_template(
        "rehearsed_steps/refused.html", step=step, sentence=sentence, back=_leave(found), **_about(found)
    ), CONFLICT


def _leave(found: OnStage) -> str:
    return url_for("rehearsals.show", rehearsal_id=found.row.id)


def _url(rehearsal_id: UUID, step_key: str, page_key: str | None, **more: Any) -> str:
    """Give the address of a page of a form, or of its check."""
    where: dict[str, Any] = {"rehearsal_id": rehearsal_id, "step_key": step_key}
    if page_key is None:
        return url_for("rehearsed_steps.check", **where)
    return url_for("rehearsed_steps.page", **where, page_key=page_key, **more)
