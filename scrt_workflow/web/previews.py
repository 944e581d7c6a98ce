"""Previews: the pages of each form as the person who fills it in will see them. A POST checks the answers and saves nothing."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any
from uuid import UUID

from flask import Blueprint, abort, render_template, request, url_for
from flask.typing import ResponseReturnValue

from scrt_workflow.forms.builder import REASON, PageForm, Reading, read_form
from scrt_workflow.operations import steps
from scrt_workflow.operations.conversions import blank_review
from scrt_workflow.operations.drafts import storable
from scrt_workflow.operations.records import Record
from scrt_workflow.operations.rehearsed import Rehearsed
from scrt_workflow.permissions import Permission
from scrt_workflow.web import on_stage
from scrt_workflow.web.definition_words import with_answers
from scrt_workflow.web.guards import requires
from scrt_workflow.web.on_stage import find_rehearsed
from scrt_workflow.web.requests import database, now, today
from scrt_workflow.web.steps import say_nothing_yet
from scrt_workflow.workflows.ahead import roles_in_words
from scrt_workflow.workflows.schema import Definition, Step
from scrt_workflow.workflows.wording import condition_in_words

pages = Blueprint("previews", __name__, url_prefix="/definitions/<source:source>/preview")
on_stage.install(pages)
UNPROCESSABLE = 422
HERE = "QMJ"  # the organisation whose partnerships are offered first


@pages.route("")
@requires(Permission.DEFINITION_EDIT)
def index(source: str) -> ResponseReturnValue:
    """List every form and its pages, each with a link to how it will look."""
    found = find_rehearsed(source)
    rows = [
        {"step": step, "who": roles_in_words(step.who), "pages": _pages(found, step)}
        for step in found.definition.workflow.steps.values()
    ]
    return render_template("previews/index.html", rehearsed=found, rows=rows)


def _pages(found: Rehearsed, step: Step) -> list[dict[str, Any]]:
    worded = with_answers(found.definition)
    return [
        {
            "title": page.title,
            "href": url_for("previews.page", source=found.source, step_key=step.key, page_key=page.key),
            "when": condition_in_words(page.show_when, worded) if page.show_when else "",
        }
        for page in found.definition.form_of(step).pages
    ]


@pages.route("/<key:step_key>/<key:page_key>", methods=["GET", "POST"])
@requires(Permission.DEFINITION_EDIT)
def page(source: str, step_key: str, page_key: str) -> ResponseReturnValue:
    """Show one page of a form; a POST checks what was typed and shows the page that follows, which carries it along."""
    found = find_rehearsed(source)
    definition = found.definition
    step = definition.workflow.steps.get(step_key) or abort(404)
    form = definition.form_of(step)
    wanted = next((one for one in form.pages if one.key == page_key), None) or abort(404)
    typed = _typed(definition, step)
    record = _blank(definition)
    setting = steps.setting_for(database(), record, step, today=today())
    reading = read_form(form, definition.questions, setting, typed)
    asked = next((one for one in reading.pages if one.page.key == page_key), None)
    if asked is None:  # it is asked because of other answers: shown all the same
        asked = PageForm(wanted, [definition.questions[key] for key in wanted.questions], setting, typed)
        asked.validate()
    if request.method == "POST" and not asked.errors:
        return _after(found, step, reading, page_key, typed)
    if request.method == "GET":
        say_nothing_yet(asked)
    return _show(found, step, asked, reading, typed), UNPROCESSABLE if asked.errors else 200


def _typed(definition: Definition, step: Step) -> dict[str, list[str]]:
    """Give what was typed into this page and those before it; a preview keeps it nowhere but in the page."""
    names = [name for key in definition.form_of(step).questions for name in (key, key + REASON)]
    typed = {name: [storable(value) for value in request.form.getlist(name)][:100] for name in names}
    return {name: values for name, values in typed.items() if any(values)}


def _blank(definition: Definition) -> Record:
    """Make a review of which nothing is known but the first type that a person may choose."""
    review = blank_review(UUID(int=0), definition, 0, organisation=HERE, at=now())
    review.review_type = next((kind.key for kind in definition.workflow.chosen_types), None)
    return Record(review, definition, {}, {})


def _after(found: Rehearsed, step: Step, reading: Reading, page_key: str, typed: Mapping[str, list[str]]) -> ResponseReturnValue:
    """Show the page that comes after a well filled one, or say that the form would now be checked and submitted."""
    shown = [one.page.key for one in reading.pages]
    later = shown[shown.index(page_key) + 1 :] if page_key in shown else []
    asked = next((one for one in reading.pages if later and one.page.key == later[0]), None)
    if asked is None:
        return render_template(
            "previews/end.html", rehearsed=found, step=step, back=url_for("previews.index", source=found.source)
        )
    if not any(name in typed for name in asked.page.questions):
        say_nothing_yet(asked)
    return _show(found, step, asked, reading, typed)


def _show(found: Rehearsed, step: Step, asked: PageForm, reading: Reading, typed: Mapping[str, list[str]]) -> str:
    shown = [one.page.key for one in reading.pages]
    own = {name for key in asked.page.questions for name in (key, key + REASON)}
    worded = with_answers(found.definition)
    unseen = [found.definition.questions[key] for key in asked.page.questions if key not in asked]
    return render_template(
        "previews/page.html",
        rehearsed=found,
        step=step,
        form=asked,
        page=asked.page,
        position=shown.index(asked.page.key) + 1 if asked.page.key in shown else 0,
        of=len(shown),
        when=condition_in_words(asked.page.show_when, worded) if asked.page.show_when else "",
        unseen=[{"title": one.title, "when": condition_in_words(one.show_when, worded)} for one in unseen if one.show_when],
        carried=[(name, value) for name, values in typed.items() if name not in own for value in values],
        action=url_for("previews.page", source=found.source, step_key=step.key, page_key=asked.page.key),
        back=url_for("previews.index", source=found.source),
    )
