"""Reviews: the list, one review, and a new one."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any
from uuid import UUID

from flask import Blueprint, abort, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from sqlalchemy import select

from scrt_workflow import catalogue
from scrt_workflow.models import NO_DEADLINE, Identifier, Organisation, Review
from scrt_workflow.operations import drafts, finding, nudging
from scrt_workflow.operations.conversions import opened_by
from scrt_workflow.operations.deadlines import deadlines_on
from scrt_workflow.operations.records import record_of, steps_open_to
from scrt_workflow.permissions import Permission
from scrt_workflow.reports.timeline import timeline_of
from scrt_workflow.web import escalation_words, review_kinds, review_list, review_steps, review_words, version_words
from scrt_workflow.web.guards import requires
from scrt_workflow.web.requests import actor, database, today
from scrt_workflow.web.review_list import Filters, short_name

pages = Blueprint("reviews", __name__, url_prefix="/reviews")
UPDATES_SHOWN = 3
UNPROCESSABLE = 422


@pages.route("")
@requires(Permission.REVIEW_SEE)
def index() -> ResponseReturnValue:
    """List the reviews that the reader may see, filtered, searched and sorted."""
    choices = review_list.choices()
    filters = Filters.read(request.args, choices)
    found = finding.list_reviews(database(), actor(), filters.wanted())
    return render_template(
        "reviews/index.html",
        rows=_rows(found.reviews),
        found=found,
        filters=filters,
        choices=choices,
        counted_to=finding.COUNTED_TO,
        applied=list(filters.applied(choices)),
        may_create=bool(review_kinds.kinds()),
    )


def _rows(reviews: Sequence[Review]) -> list[dict[str, Any]]:
    """Give reviews as the list shows them."""
    definitions = {one: catalogue.definition(database(), one) for one in {r.definition_version_id for r in reviews}}
    identifiers: dict[UUID, list[str]] = {}
    ids = [review.id for review in reviews]
    for row in database().scalars(select(Identifier).where(Identifier.review_id.in_(ids)).order_by(Identifier.slot)):
        identifiers.setdefault(row.review_id, []).append(row.reference)
    return [
        {
            "review": review,
            "type": review_words.type_title(definitions[review.definition_version_id], review),
            "state": definitions[review.definition_version_id].workflow.states[review.state].title,
            "identifiers": identifiers.get(review.id, []),
            "due_in": (review.deadline_on - today()).days if review.deadline_on != NO_DEADLINE else None,
            "late": review.next_due_on is not None and review.next_due_on < today(),
        }
        for review in reviews
    ]


@pages.route("/<uuid:review_id>")
@requires(Permission.REVIEW_SEE)
def show(review_id: UUID) -> ResponseReturnValue:
    """Show one review: where it is, what comes next and for whom, its tasks, what is on record and what happened."""
    review = find_or_404(review_id)
    definition = catalogue.definition(database(), review.definition_version_id)
    record = record_of(database(), review, definition)
    mine = drafts.mine(database(), actor())
    history = review_words.happened(database(), record)
    known = deadlines_on(database(), record, today=today())
    deadlines = review_words.shown_of(known, record)
    accesses = steps_open_to(record, actor())
    return render_template(
        "reviews/show.html",
        review=review,
        workflow=definition.workflow,
        state=definition.workflow.states[review.state],
        type_title=review_words.type_title(definition, review),
        organisation=short_name(database().get_one(Organisation, review.responsible).name),
        steps=review_steps.grouped(database(), record, accesses, mine, known, me=actor().person_id, today=today()),
        escalations=escalation_words.escalations_of(database(), record, accesses),
        deadlines=deadlines,
        picture=timeline_of(deadlines, today=today()),
        may_remind=(may_remind := review_words.may_remind(record, deadlines, actor(), today=today())),
        reminded=nudging.SENT_TODAY if may_remind and nudging.was_sent_on(database(), review, today()) else "",
        due_in=(review.next_due_on - today()).days if review.next_due_on else None,
        answers=review_words.answers_on_record(database(), record),
        not_asked=version_words.not_asked(database(), record),
        earlier_answers=version_words.earlier_answers(database(), record),
        updates=review_words.updates_of(database(), review),
        updates_shown=UPDATES_SHOWN,
        history=history,
        sent_back=review_words.sent_back(history),
        parent=visible_or_none(review.converted_from_id),
        child=visible_or_none(child.id) if (child := opened_by(database(), review)) else None,
    )


@pages.route("/<uuid:review_id>/links/<key:question_key>")
@requires(Permission.REVIEW_SEE)
def link(review_id: UUID, question_key: str) -> ResponseReturnValue:
    """Say that a link on record leads out of the service, and where to, before anyone follows it (IN2)."""
    review = find_or_404(review_id)
    record = record_of(database(), review, catalogue.definition(database(), review.definition_version_id))
    question, address = record.definition.questions.get(question_key), record.answers.get(question_key)
    if question is None or question.type != "url" or not str(address or "").startswith("https://"):
        abort(404)
    return render_template("reviews/link.html", review=review, question=question, address=address)


def find_or_404(review_id: UUID) -> Review:
    """Give a review that the reader may see; another's is a 404, like one that does not exist (AZ2)."""
    try:
        return finding.find_review(database(), actor(), review_id)
    except finding.NoSuchReviewError:
        abort(404)


def visible_or_none(review_id: UUID | None) -> Review | None:
    """Give a linked review if the reader may see it."""
    if review_id is None:
        return None
    try:
        return finding.find_review(database(), actor(), review_id)
    except finding.NoSuchReviewError:
        return None


@pages.route("/new", methods=["GET", "POST"])
@requires(Permission.REVIEW_CREATE)
def create() -> ResponseReturnValue:
    """Ask what kind of review is to be recorded, and for which organisation; a POST begins its draft."""
    kinds = {kind.key: kind for kind in review_kinds.kinds()}
    places = review_kinds.places(list(kinds.values()))
    chosen, place = request.form.get("kind", ""), request.form.get("organisation", "")
    place = next(iter(places)) if len(places) == 1 else place
    errors = _mistakes(kinds, places, chosen, place) if request.method == "POST" else {}
    if request.method == "POST" and not errors:
        return redirect(url_for("steps.new_begin", draft_id=review_kinds.begin_draft(kinds[chosen], place)), 303)
    values = {"kind": chosen, "organisation": place}
    links = [{"text": text, "href": f"#{name}"} for name, text in errors.items()]
    made = render_template("reviews/create.html", kinds=kinds, places=places, values=values, errors=errors, links=links)
    return made, UNPROCESSABLE if errors else 200


def _mistakes(kinds: dict[str, review_kinds.Kind], places: dict[str, str], chosen: str, place: str) -> dict[str, str]:
    errors = {}
    if chosen not in kinds:
        errors["kind"] = "Select what kind of review you are recording"
    if place not in places:
        errors["organisation"] = "Select the ICB that is responsible"
    elif chosen in kinds and not review_kinds.may_make(kinds[chosen], place):
        errors["organisation"] = "Your role does not allow this for that ICB. Select another one"
    return errors
