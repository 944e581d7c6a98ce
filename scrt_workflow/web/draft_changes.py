"""What a draft would change, in words; asking for its release, and a second administrator's answer."""

from __future__ import annotations

from uuid import UUID

from flask import Blueprint, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from wtforms import Form, StringField, TextAreaField
from wtforms.validators import InputRequired, Length

from scrt_workflow import catalogue
from scrt_workflow.editing.choices import key_for
from scrt_workflow.editing.differences import differences
from scrt_workflow.folder import bundle
from scrt_workflow.models import Person
from scrt_workflow.operations import drafting
from scrt_workflow.operations.definitions import folder_of
from scrt_workflow.operations.drafting import Drafted
from scrt_workflow.operations.released_files import newest_versions
from scrt_workflow.permissions import Permission
from scrt_workflow.text_rules import normalised
from scrt_workflow.web.draft_pages import CONFLICT, DRAFT, UNPROCESSABLE, explain, find_or_404, mistakes_in, name_of
from scrt_workflow.web.guards import requires
from scrt_workflow.web.kept_posts import keeps_typed_work, shown_once
from scrt_workflow.web.requests import actor, database, now, surroundings
from scrt_workflow.yaml_reader import DefinitionError

pages = explain(Blueprint("draft_changes", __name__, url_prefix="/definitions/drafts"))


class TitleForm(Form):
    """What a draft, or a new workflow, is called."""

    title = StringField(
        "Name of the draft", [InputRequired("Enter a name."), Length(max=120, message="Use 120 characters or fewer.")]
    )


class ReasonForm(Form):
    """Why a draft is to be released."""

    reason = TextAreaField(
        "Why is this being released?",
        [
            InputRequired("Enter the reason. It stands in the history of the definitions."),
            Length(max=2000, message="Use 2,000 characters or fewer."),
        ],
    )


@pages.route("/new", methods=["GET", "POST"])
@requires(Permission.DEFINITION_EDIT)
def new() -> ResponseReturnValue:
    """Begin a draft of a workflow in use, or (without one) of a new workflow."""
    workflow = request.args.get("workflow", "")
    is_known = workflow in newest_versions(database())
    form = TitleForm(request.form)
    if not is_known:
        form.title.label.text = "Name of the new workflow"
    if request.method == "POST" and form.validate():
        title = normalised(str(form.title.data))
        if is_known:
            definition_draft_id = drafting.begin(database(), workflow, title=title, actor=actor(), at=now())
        else:
            key = key_for(title, newest_versions(database()))
            definition_draft_id = drafting.begin_new(database(), key, title=title, actor=actor(), at=now())
        return redirect(url_for("drafts.show", definition_draft_id=definition_draft_id), 303)
    page = render_template(
        "drafts/new.html", form=form, workflow=workflow if is_known else "", drafts=drafting.open_drafts(database(), workflow)
    )
    return page, UNPROCESSABLE if request.method == "POST" else 200


@pages.route(f"/{DRAFT}/changes", methods=["GET", "POST"])
@requires(Permission.DEFINITION_EDIT)
@keeps_typed_work(shown_once)
def show(definition_draft_id: UUID) -> ResponseReturnValue:
    """Show what a draft would change; a POST asks for its release."""
    form = ReasonForm(request.form)
    status = 200
    if request.method == "POST":
        status = UNPROCESSABLE
        if form.validate():
            try:
                drafting.ask(database(), definition_draft_id, reason=normalised(str(form.reason.data)), actor=actor(), at=now())
            except DefinitionError:
                status = CONFLICT
            else:
                return _asked(definition_draft_id)
    drafted = find_or_404(definition_draft_id)
    mistakes = mistakes_in(drafted)
    asked_by = database().get(Person, drafted.row.asked_by_id) if drafted.row.asked_by_id else None
    page = render_template(
        "drafts/changes.html",
        drafted=drafted,
        form=form,
        found=differences(drafted.base_tree, drafted.tree),
        new_versions=[drafted.folder.workflows[key].title for key in _changed_workflows(drafted)] if not mistakes else [],
        mistakes=mistakes,
        behind=drafting.is_behind(database(), drafted),
        asked_by=asked_by.name if asked_by else "",
        is_mine=drafted.row.asked_by_id == actor().person_id,
        two_people=surroundings().settings.releases_need_two,
    )
    return page, status


def _changed_workflows(drafted: Drafted) -> list[str]:
    """Name the workflows of a draft that its release gives a new version: what they use differs from what they used."""
    before = folder_of(drafted.base)
    now = drafted.folder
    return [key for key in now.workflows if key not in before.workflows or bundle(now, key) != bundle(before, key)]


def _asked(definition_draft_id: UUID) -> ResponseReturnValue:
    if surroundings().settings.releases_need_two:
        flash("The release is asked for. Another administrator reads the changes and releases them.", "success")
        return redirect(url_for(".show", definition_draft_id=definition_draft_id), 303)
    return _released(definition_draft_id, two_people=False)


def _released(definition_draft_id: UUID, *, two_people: bool) -> ResponseReturnValue:
    try:
        loaded = drafting.release(database(), definition_draft_id, actor=actor(), at=now(), two_people=two_people)
    except DefinitionError:
        flash("It has mistakes by now, and was not released. They are listed here.", "error")
        return redirect(url_for(".show", definition_draft_id=definition_draft_id), 303)
    new_ones = [one for one in loaded if one.is_new]
    said = ", ".join(f"{one.title} version {one.number}" for one in new_ones) or "No workflow changed in what it does"
    flash(f"Released: {said}. Reviews under way keep the version that they have, until they are moved.", "success")
    if len(new_ones) == 1:
        catalogue.forget(database())
        return redirect(url_for("definitions.show", version_id=catalogue.live_versions(database())[new_ones[0].workflow]), 303)
    return redirect(url_for("definitions.index"), 303)


@pages.route(f"/{DRAFT}/release", methods=["POST"])
@requires(Permission.DEFINITION_EDIT)
def release(definition_draft_id: UUID) -> ResponseReturnValue:
    """Release a draft that somebody asked for."""
    return _released(definition_draft_id, two_people=surroundings().settings.releases_need_two)


@pages.route(f"/{DRAFT}/take-back", methods=["POST"])
@requires(Permission.DEFINITION_EDIT)
def take_back(definition_draft_id: UUID) -> ResponseReturnValue:
    """Let a draft that waits to be released be changed again."""
    why = normalised(request.form.get("why", ""))[:2000]
    drafting.take_back(database(), definition_draft_id, actor=actor(), at=now(), why=why)
    flash("The draft can be changed again.", "success")
    return redirect(url_for("drafts.show", definition_draft_id=definition_draft_id), 303)


@pages.route(f"/{DRAFT}/bring-in", methods=["POST"])
@requires(Permission.DEFINITION_EDIT)
def bring_in(definition_draft_id: UUID) -> ResponseReturnValue:
    """Take up what was released since the draft began."""
    conflicts = drafting.bring_in(database(), definition_draft_id, actor=actor(), at=now())
    if conflicts:
        drafted = find_or_404(definition_draft_id)
        named = ", ".join(dict.fromkeys(name_of(drafted.tree, place[:2]) for place in conflicts))
        flash(
            f"Brought in, but for what both changed: {named}. There the draft keeps its own. Look at the changes below.", "error"
        )
    else:
        flash("What was released meanwhile is in the draft now.", "success")
    return redirect(url_for(".show", definition_draft_id=definition_draft_id), 303)


@pages.route(f"/{DRAFT}/discard", methods=["GET", "POST"])
@requires(Permission.DEFINITION_EDIT)
def discard(definition_draft_id: UUID) -> ResponseReturnValue:
    """Ask once before a draft is put away."""
    drafted = find_or_404(definition_draft_id)
    if request.method == "GET":
        return render_template("drafts/discard.html", drafted=drafted)
    drafting.discard(database(), definition_draft_id, actor=actor(), at=now())
    flash(f"The draft “{drafted.row.title}” is discarded.", "success")
    return redirect(url_for("definitions.index"), 303)
