"""Home: what needs the person who is signed in."""

from __future__ import annotations

from flask import Blueprint, render_template, url_for
from flask.typing import ResponseReturnValue

from scrt_workflow import catalogue
from scrt_workflow.models import Draft, Organisation, Review
from scrt_workflow.operations import drafts, work
from scrt_workflow.permissions import Permission
from scrt_workflow.web.guards import signed_in
from scrt_workflow.web.requests import actor, database, today
from scrt_workflow.web.review_words import type_title
from scrt_workflow.web.reviews import short_name

pages = Blueprint("home", __name__)


@pages.route("/")
@signed_in
def show() -> ResponseReturnValue:
    """Show my work: what waits for my answer, what needs me (overdue first), and my drafts."""
    waiting, total = work.waiting_for(database(), actor(), today=today())
    return render_template(
        "home/show.html",
        approvals=[_row(need) for need in work.approvals_wanted(database(), actor())],
        waiting=[_row(need) for need in waiting],
        total=total,
        overdue=sum(need.overdue_by is not None for need in waiting),
        drafts=[_draft_row(draft) for draft in drafts.mine(database(), actor())],
        reads_reviews=actor().may(Permission.REVIEW_SEE),
        may_create=actor().may(Permission.REVIEW_CREATE),
    )


def _row(need: work.Need) -> dict[str, object]:
    review = need.review
    return {
        "review": review,
        "type": type_title(need.definition, review),
        "state": need.definition.workflow.states[review.state].title,
        "steps": need.steps,
        "overdue_by": need.overdue_by,
        "organisation": short_name(database().get_one(Organisation, review.responsible).name),
    }


def _draft_row(draft: Draft) -> dict[str, object]:
    definition = catalogue.definition(database(), draft.definition_version_id)
    step = definition.workflow.steps.get(draft.step)
    review = database().get(Review, draft.review_id) if draft.review_id else None
    if draft.review_id:
        href = url_for("steps.begin", review_id=draft.review_id, step_key=draft.step)
    else:
        href = url_for("steps.new_begin", draft_id=draft.id)
    what = review.reference if review else definition.workflow.title
    return {"title": step.title if step else draft.step, "what": what, "href": href, "at": draft.changed_at}
