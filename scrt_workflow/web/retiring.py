"""Taking a version of a definition, or all of it, out of use, and bringing a version back."""

from __future__ import annotations

from typing import Any

from flask import Blueprint, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from sqlalchemy import select
from wtforms import Form, RadioField
from wtforms.fields.choices import SelectChoice  # type: ignore[attr-defined]  # the stubs are a version behind
from wtforms.validators import InputRequired

from scrt_workflow import catalogue
from scrt_workflow.models import DefinitionVersion
from scrt_workflow.operations import retiring
from scrt_workflow.operations.rebase_checks import number_of
from scrt_workflow.operations.retiring import RetirementRefusedError
from scrt_workflow.permissions import Permission
from scrt_workflow.web.definitions import VERSION, find_or_404
from scrt_workflow.web.guards import requires
from scrt_workflow.web.requests import actor, database, now

pages = Blueprint("retiring", __name__)
VERSION_ALONE, WHOLE = "version", "workflow"
UNPROCESSABLE = 422


class RetireForm(Form):
    """What is taken out of use."""

    what = RadioField("What is taken out of use?", [InputRequired("Choose what is taken out of use")])


@pages.route(f"/definitions/{VERSION}/retire", methods=["GET", "POST"])
@requires(Permission.DEFINITION_EDIT)
def retire(version_id: int) -> ResponseReturnValue:
    """Ask what is to be taken out of use; a POST does so, unless other reviews still lead there."""
    workflow = find_or_404(version_id).workflow
    number = number_of(database(), version_id)
    form = RetireForm(request.form)
    form.what.choices = [
        SelectChoice(VERSION_ALONE, f"Version {number}", {"hint": _then(workflow.key, version_id)}),
        SelectChoice(WHOLE, f"{workflow.title}, every version", {"hint": "No new review of this kind starts."}),
    ]
    led_from: list[str] = []
    if request.method == "POST" and form.validate():
        try:
            with database().begin_nested():
                retiring.retire(database(), version_id, whole=form.what.data == WHOLE, actor=actor(), at=now())
            flash("It is retired: nothing new starts under it.", "success")
            return redirect(url_for("definitions.show", version_id=version_id), 303)
        except RetirementRefusedError as error:
            led_from = error.led_from
            form.form_errors.append("It cannot be retired while other reviews lead there")
    facts: dict[str, Any] = {"version_id": version_id, "number": number, "workflow": workflow, "led_from": led_from}
    return render_template("rebasing/retire.html", form=form, **facts), UNPROCESSABLE if form.errors else 200


def _then(workflow: str, version_id: int) -> str:
    """Say under which version new reviews would start without this one."""
    live = catalogue.live_versions(database()).get(workflow)
    if live != version_id:
        return "No new review starts under it as it is, unless somebody has begun to fill in its first form."
    others = select(DefinitionVersion.id, DefinitionVersion.number).where(DefinitionVersion.workflow == workflow)
    rows = database().execute(others.where(DefinitionVersion.id != version_id).order_by(DefinitionVersion.number.desc()))
    before = next((row.number for row in rows if not catalogue.is_retired(database(), row.id)), None)
    return f"New reviews start under version {before} again." if before else "No new review of this kind starts."


@pages.route(f"/definitions/{VERSION}/put-back", methods=["GET", "POST"])
@requires(Permission.DEFINITION_EDIT)
def put_back(version_id: int) -> ResponseReturnValue:
    """Ask whether a retired version is to be brought back into use; a POST does so."""
    workflow = find_or_404(version_id).workflow
    if request.method == "POST":
        retiring.put_back(database(), version_id, actor=actor(), at=now())
        flash("It is in use again.", "success")
        return redirect(url_for("definitions.show", version_id=version_id), 303)
    return render_template(
        "rebasing/put_back.html", version_id=version_id, workflow=workflow, number=number_of(database(), version_id)
    )
