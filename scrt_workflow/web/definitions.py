"""Definitions as people read them: each workflow's versions, and one version as a picture beside the table of its steps."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from flask import Blueprint, Response, abort, render_template
from flask.typing import ResponseReturnValue
from sqlalchemy import func, select

from scrt_workflow import catalogue
from scrt_workflow.models import DefinitionRetirement, DefinitionVersion, Release, Review
from scrt_workflow.operations import drafting, finding, version_history
from scrt_workflow.permissions import Permission
from scrt_workflow.reports.diagrams import as_svg
from scrt_workflow.web import definition_words
from scrt_workflow.web.guards import requires
from scrt_workflow.web.requests import actor, database
from scrt_workflow.workflows.diagram import as_dot, is_too_large
from scrt_workflow.workflows.schema import OPEN, Definition
from scrt_workflow.workflows.wording import steps_in_words

pages = Blueprint("definitions", __name__, url_prefix="/definitions")
VERSION = "<int(max=2147483647):version_id>"


@dataclass(frozen=True, slots=True)
class Version:
    """A released version of a workflow, with how many reviews that the reader may count are open on it."""

    id: int
    number: int
    released_at: Any
    is_live: bool
    is_retired: bool
    open_reviews: int


@pages.route("")
@requires(Permission.DEFINITION_SEE)
def index() -> ResponseReturnValue:
    """List the workflows with their versions, and how many reviews are open on each."""
    found: dict[str, list[Version]] = {}
    live, counts = catalogue.live_versions(database()), _open_reviews()
    retired = set(database().scalars(select(DefinitionRetirement.version_id)))
    columns = (DefinitionVersion.id, DefinitionVersion.workflow, DefinitionVersion.number, Release.at)
    query = select(*columns).join(Release).order_by(DefinitionVersion.number.desc())
    for row in database().execute(query):
        is_live = live.get(row.workflow) == row.id
        made = Version(row.id, row.number, row.at, is_live, row.id in retired, counts.get(row.id, 0))
        found.setdefault(row.workflow, []).append(made)
    rows = [(catalogue.definition(database(), versions[0].id).workflow, versions) for versions in found.values()]
    rows.sort(key=lambda row: row[0].title)
    edits = actor().may(Permission.DEFINITION_EDIT)
    drafts = drafting.open_drafts(database()) if edits else []
    return render_template("definitions/index.html", rows=rows, sees_all=_counts_all(), edits=edits, drafts=drafts)


def _counts_all() -> bool:
    """Say whether the reader is told of every review: who looks after definitions must know how many a release leaves behind."""
    return actor().may(Permission.DEFINITION_EDIT) or actor().sees_everything


def _open_reviews() -> dict[int, int]:
    """Count the open reviews on each version: all of them, or those that the reader may see."""
    open_ones = select(Review) if _counts_all() else finding.visible_reviews(actor())
    counted = open_ones.where(Review.status == OPEN, Review.withdrawn_at.is_(None))
    query = counted.with_only_columns(Review.definition_version_id, func.count()).group_by(Review.definition_version_id)
    return dict(database().execute(query).all())


@pages.route(f"/{VERSION}")
@requires(Permission.DEFINITION_SEE)
def show(version_id: int) -> ResponseReturnValue:
    """Show one version of a workflow: its picture, its stages, its steps as a table, its forms, deadlines and reminders."""
    definition = find_or_404(version_id)
    worded = definition_words.with_answers(definition)
    query = select(DefinitionVersion.number, Release.at, Release.reason).join(Release)
    version = database().execute(query.where(DefinitionVersion.id == version_id)).one()
    return render_template(
        "definitions/show.html",
        version_id=version_id,
        may_rehearse=actor().may(Permission.DEFINITION_EDIT),
        version=version,
        is_live=catalogue.live_versions(database()).get(definition.workflow.key) == version_id,
        is_retired=catalogue.is_retired(database(), version_id),
        may_edit=actor().may(Permission.DEFINITION_EDIT),
        workflow=definition.workflow,
        is_drawn=not is_too_large(definition.workflow),
        steps=steps_in_words(worded),
        forms=definition_words.forms(worded),
        clocks=definition_words.clocks(worded),
        reminders=definition_words.reminders(worded),
        escalations=definition_words.escalations(worded),
        versions=version_history.versions_of(database(), definition.workflow.key),
    )


@pages.route(f"/{VERSION}/changes")
@requires(Permission.DEFINITION_SEE)
def changes(version_id: int) -> ResponseReturnValue:
    """Show in words what a version changed in the one before it."""
    workflow = find_or_404(version_id).workflow
    versions = {one.id: one for one in version_history.versions_of(database(), workflow.key)}
    return render_template(
        "definitions/changes.html",
        version_id=version_id,
        version=versions[version_id],
        workflow=workflow,
        found=version_history.changes_of(database(), version_id),
        may_edit=actor().may(Permission.DEFINITION_EDIT),
    )


@pages.route(f"/{VERSION}/diagram", defaults={"state_key": ""})
@pages.route(f"/{VERSION}/diagram/<key:state_key>")
@requires(Permission.DEFINITION_SEE)
def diagram(version_id: int, state_key: str) -> ResponseReturnValue:
    """Draw a workflow as SVG, with one of its states marked as the one that a review is in."""
    definition = find_or_404(version_id)
    states = definition.workflow.states
    if (state_key and state_key not in states) or is_too_large(definition.workflow):
        abort(404)
    title = f"{definition.workflow.title}: its stages and the steps between them"
    title += f"; the review is at “{states[state_key].title}”" if state_key else ""
    return Response(as_svg(as_dot(definition, here=state_key), title), mimetype="image/svg+xml")


def find_or_404(version_id: int) -> Definition:
    """Give a released definition; one that was never released is a 404."""
    try:
        return catalogue.definition(database(), version_id)
    except catalogue.NoSuchDefinitionError:
        abort(404)
