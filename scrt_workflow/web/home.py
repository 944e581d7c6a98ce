"""Home: what needs the person who is signed in."""

from __future__ import annotations

from typing import Any

from flask import Blueprint, render_template, url_for
from flask.typing import ResponseReturnValue

from scrt_workflow import catalogue
from scrt_workflow.models import Draft, Organisation, Review
from scrt_workflow.operations import drafts, work
from scrt_workflow.operations.escalation_states import Wanted, acknowledgements_wanted
from scrt_workflow.permissions import Permission
from scrt_workflow.web import review_kinds, review_list
from scrt_workflow.web.guards import signed_in
from scrt_workflow.web.requests import actor, database, today
from scrt_workflow.web.review_list import short_name
from scrt_workflow.web.review_words import type_title
from scrt_workflow.web.reviews import visible_or_none
from scrt_workflow.web.troubles import troubles

pages = Blueprint("home", __name__)
LOOKS_AFTER = (
    (Permission.DEFINITION_EDIT, "definitions.index", "Definitions", "Change workflows, their forms and their questions."),
    (Permission.VOCABULARY_MANAGE, "vocabularies.index", "Vocabularies", "Change lists of answers, such as themes."),
    (Permission.PERSON_MANAGE, "people.index", "People", "Add people, and say what each may do and where."),
    (Permission.ORGANISATION_MANAGE, "contacts.index", "Contacts", "Say who holds which post, and is told of media interest."),
    (Permission.JOB_RUN, "jobs.index", "Jobs", "See what the service does by itself, such as reminders, and when it last did."),
)
"""What somebody who records no reviews finds on the first page."""


@pages.route("/")
@signed_in
def show() -> ResponseReturnValue:
    """Show my work: what waits for my answer, my drafts, what needs me (overdue first), and how my reviews stand."""
    overdue = work.updates_overdue(database(), actor(), today=today())
    waiting = work.steps_waiting(database(), actor(), today=today())
    return render_template(
        "home/show.html",
        acknowledgements=[_acknowledgement(one) for one in acknowledgements_wanted(database(), actor())],
        troubles=troubles(),
        approvals=[_row(need) for need in work.approvals_wanted(database(), actor())],
        drafts=[row for draft in drafts.mine(database(), actor()) if (row := _draft_row(draft))],
        overdue=[_row(need) for need in overdue.needs],
        overdue_total=overdue.total,
        waiting=[_row(need) for need in waiting.needs],
        waiting_total=waiting.total,
        looks_after=[(endpoint, title, hint) for permission, endpoint, title, hint in LOOKS_AFTER if actor().may(permission)],
        overview=work.overview(database(), actor(), today=today()) if actor().may(Permission.REVIEW_SEE) else None,
        counted_to=work.COUNTED_TO,
        may_create=bool(review_kinds.kinds()),
        several_places=actor().sees_everything or len(review_list.organisation_names()) > 1,
    )


def _row(need: work.Need) -> dict[str, Any]:
    review = need.review
    return {
        "review": review,
        "type": type_title(need.definition, review),
        "state": need.definition.workflow.states[review.state].title,
        "steps": need.steps,
        "overdue_by": need.overdue_by,
        "organisation": short_name(database().get_one(Organisation, review.responsible).name),
    }


def _acknowledgement(one: Wanted) -> dict[str, Any]:
    row = _row(work.Need(one.review, one.definition, (one.step,)))
    return {**row, "raised": one.escalation.began_at}


def _draft_row(draft: Draft) -> dict[str, Any] | None:
    """Give a draft as a row; None for an empty one, and for one of a review that its writer may no longer see."""
    if not draft.pages_done and not set(draft.body) - {"review_type"}:
        return None
    definition = catalogue.definition(database(), draft.definition_version_id)
    step = definition.workflow.steps.get(draft.step)
    title = step.title if step else draft.step
    if draft.review_id is None:
        place = short_name(database().get_one(Organisation, draft.organisation).name)
        href = url_for("steps.new_begin", draft_id=draft.id)
        return {"title": title, "what": f"New: {definition.workflow.title}, {place}", "href": href, "at": draft.changed_at}
    review: Review | None = visible_or_none(draft.review_id)
    if review is None:
        return None
    href = url_for("steps.begin", review_id=review.id, step_key=draft.step)
    return {"title": title, "what": review.reference, "href": href, "at": draft.changed_at}
