"""Reviews: the list, one review, and a new one."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, fields, replace
from datetime import timedelta
from typing import Any
from uuid import UUID

from flask import Blueprint, abort, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from sqlalchemy import select

from scrt_workflow import catalogue, reference
from scrt_workflow.actors import Held
from scrt_workflow.models import Identifier, Organisation, Review
from scrt_workflow.operations import drafts, finding, rollups
from scrt_workflow.operations.conversions import blank_review, opened_by
from scrt_workflow.operations.records import Record, record_of, steps_open_to
from scrt_workflow.permissions import Permission
from scrt_workflow.web import review_words
from scrt_workflow.web.guards import requires
from scrt_workflow.web.requests import actor, database, note_that_it_was_read, now, today
from scrt_workflow.workflows.ahead import coming_next
from scrt_workflow.workflows.schema import Definition, Step

pages = Blueprint("reviews", __name__, url_prefix="/reviews")


@pages.route("")
@requires(Permission.REVIEW_SEE)
def index() -> ResponseReturnValue:
    """List the reviews that the reader may see, filtered, searched and sorted."""
    wanted = _wanted()
    found = finding.list_reviews(database(), actor(), wanted)
    definitions = {v: catalogue.definition(database(), v) for v in {r.definition_version_id for r in found.reviews}}
    rows = [
        {
            "review": review,
            "type": review_words.type_title(definitions[review.definition_version_id], review),
            "state": definitions[review.definition_version_id].workflow.states[review.state].title,
            "late": review.next_due_on is not None and review.next_due_on < today(),
        }
        for review in found.reviews
    ]
    choices = _choices()
    return render_template(
        "reviews/index.html", rows=rows, found=found, wanted=wanted, choices=choices, counted_to=finding.COUNTED_TO,
        applied=list(_applied(wanted, choices)), may_create=bool(_kinds()), identifiers=_identifiers(found.reviews),
        link=lambda **changes: _list_url(replace(wanted, **{"after": "", **changes})),
    )  # fmt: skip


def _wanted() -> finding.Wanted:
    texts = {f.name: request.args.get(f.name, "")[:100] for f in fields(finding.Wanted) if f.name != "newest_first"}
    sort = texts.pop("sort") or "updated"
    oldest = request.args.get("oldest_first") == "yes"
    return finding.Wanted(**texts, sort=sort if sort in finding.SORTS else "updated", newest_first=not oldest)


def _list_url(wanted: finding.Wanted) -> str:
    values = {f.name: getattr(wanted, f.name) for f in fields(wanted) if f.name != "newest_first"}
    if not wanted.newest_first:
        values["oldest_first"] = "yes"
    if values["sort"] == "updated":
        values["sort"] = ""
    return url_for("reviews.index", **{name: value for name, value in values.items() if value})


def _choices() -> dict[str, dict[str, str]]:
    """Give what each filter offers, as value to label."""
    live = catalogue.live_definitions(database())
    states = {key: state.title for _, found in live.values() for key, state in found.workflow.states.items()}
    types = {key: kind.title for key, kind in rollups.review_types(database()).items() if key}
    return {
        "organisation": organisation_names(visible_icbs()),
        "status": {"open": "Open", "closed": "Closed", "nothing": "Not counted"},
        "review_type": {**types, finding.NOT_STATED: reference.NOT_STATED},
        "state": dict(sorted(states.items(), key=lambda item: item[1])),
        "identifier_type": {row.code: row.label for row in reference.vocabulary("identifier_types")},
    }


def visible_icbs() -> list[str]:
    """Give the codes of the organisations whose reviews the reader may see and that hold reviews."""
    if actor().sees_everything:
        return list(database().scalars(select(Organisation.code).where(Organisation.kind == "icb")))
    kinds = select(Organisation.code).where(
        Organisation.code.in_(sorted(actor().visible_codes)), Organisation.kind == "icb"
    )
    return list(database().scalars(kinds))


def organisation_names(codes: list[str]) -> dict[str, str]:
    """Give organisations as code to name, by name."""
    query = select(Organisation.code, Organisation.name).where(Organisation.code.in_(codes)).order_by(Organisation.name)
    return {row.code: short_name(row.name) for row in database().execute(query)}


def short_name(name: str) -> str:
    """Give an ICB's name without what all of them share."""
    return name.removeprefix("NHS ").replace(" Integrated Care Board", " ICB")


def _applied(wanted: finding.Wanted, choices: dict[str, dict[str, str]]) -> Iterator[dict[str, str]]:
    for name in ("organisation", "status", "review_type", "state", "identifier_type", "identifier", "words"):
        value = getattr(wanted, name)
        if value:
            text = choices.get(name, {}).get(value, value)
            without: dict[str, Any] = {name: "", "after": ""}
            yield {"text": text, "href": _list_url(replace(wanted, **without))}


def _identifiers(reviews: Any) -> dict[UUID, list[str]]:
    found: dict[UUID, list[str]] = {}
    ids = [review.id for review in reviews]
    for row in database().scalars(select(Identifier).where(Identifier.review_id.in_(ids)).order_by(Identifier.slot)):
        found.setdefault(row.review_id, []).append(row.reference)
    return found


@pages.route("/<uuid:review_id>")
@requires(Permission.REVIEW_SEE)
def show(review_id: UUID) -> ResponseReturnValue:
    """Show one review: where it is, what comes next and for whom, its tasks, what is on record and what happened."""
    review = find_or_404(review_id)
    definition = catalogue.definition(database(), review.definition_version_id)
    record = record_of(database(), review, definition)
    note_that_it_was_read(review.id)
    workflow = definition.workflow
    return render_template(
        "reviews/show.html",
        review=review,
        workflow=workflow,
        state=workflow.states[review.state],
        type_title=review_words.type_title(definition, review),
        organisation=short_name(database().get_one(Organisation, review.responsible).name),
        next_steps=coming_next(workflow, review.state) if review.withdrawn_at is None else [],
        tasks=review_words.tasks(database(), record, steps_open_to(record, actor()), drafts.mine(database(), actor())),
        answers=review_words.answers_on_record(database(), record),
        updates=review_words.updates_of(database(), review),
        history=review_words.happened(database(), record),
        parent=visible_or_none(review.converted_from_id),
        child=opened_by(database(), review),
        late_by=(today() - review.next_due_on).days if review.next_due_on and review.next_due_on < today() else None,
        tomorrow=today() + timedelta(days=1),
    )


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


@dataclass(frozen=True, slots=True)
class Kind:
    """A kind of review that someone may make: by which step, as what, and of which type where the form does not ask it."""

    key: str
    title: str
    hint: str
    version_id: int
    definition: Definition
    step: Step
    held: tuple[Held, ...]
    review_type: str = ""


def _kinds() -> list[Kind]:
    """Give the kinds of review that who is acting may make."""
    found = []
    for key, (version_id, definition) in catalogue.live_definitions(database()).items():
        for step in definition.workflow.making_steps:
            held = tuple(one for one in actor().held if one.role in step.who)
            if held:
                found += _kinds_of(key, version_id, definition, step, held)
    return found


def _kinds_of(key: str, version_id: int, definition: Definition, step: Step, held: tuple[Held, ...]) -> list[Kind]:
    workflow = definition.workflow
    title = (
        workflow.title
        if len(workflow.making_steps) == 1
        else f"{workflow.title}: {step.title[0].lower()}{step.title[1:]}"
    )
    types = workflow.chosen_types
    if "review_type" in definition.form_of(step).questions or len(types) < 2 or workflow.untyped:
        return [Kind(f"{key}:{step.key}", title, workflow.hint, version_id, definition, step, held)]
    return [
        Kind(f"{key}:{step.key}:{kind.key}", kind.title, workflow.hint, version_id, definition, step, held, kind.key)
        for kind in types
    ]


@pages.route("/new", methods=["GET", "POST"])
@requires(Permission.REVIEW_CREATE)
def create() -> ResponseReturnValue:
    """Ask what kind of review is to be recorded, and for which organisation; a POST begins its draft."""
    kinds = {kind.key: kind for kind in _kinds()}
    codes = sorted({code for kind in kinds.values() for held in kind.held for code in _icbs_under(held)})
    names = organisation_names(codes)
    chosen = request.form.get("kind", "")
    code = request.form.get("organisation", "") if len(names) != 1 else next(iter(names))
    errors = {}
    if request.method == "POST":
        if chosen not in kinds:
            errors["kind"] = "Select what kind of review you are recording"
        if code not in names:
            errors["organisation"] = "Select the organisation that is responsible"
        elif chosen in kinds and not any(code in _icbs_under(held) for held in kinds[chosen].held):
            errors["organisation"] = "Your role does not allow this for that organisation. Select another one"
    if request.method == "POST" and not errors:
        return redirect(url_for("steps.new_begin", draft_id=_begin(kinds[chosen], code)), 303)
    values = {"kind": chosen, "organisation": code}
    made = render_template(
        "reviews/create.html", kinds=kinds, names=names, values=values, errors=errors, has_errors=bool(errors)
    )
    return made, 422 if errors else 200


def _icbs_under(held: Held) -> list[str]:
    """Give the ICBs of today that a role reaches."""
    query = select(Organisation.code).where(
        Organisation.kind == "icb",
        Organisation.valid_from <= today(),
        Organisation.valid_to.is_(None) | (Organisation.valid_to > today()),
    )
    return [code for code in database().scalars(query) if held.reaches(code)]


def _begin(kind: Kind, organisation: str) -> UUID:
    """Begin the draft of a new review, or go on with one of the same kind in which nothing was typed yet."""
    for draft in drafts.mine(database(), actor()):
        same = (draft.review_id, draft.workflow, draft.step, draft.organisation)
        if (
            same == (None, kind.definition.workflow.key, kind.step.key, organisation)
            and not draft.pages_done
            and not draft.body
        ):
            return draft.id
    review = blank_review(UUID(int=0), kind.definition, kind.version_id, organisation=organisation, at=now())
    held = next(one for one in kind.held if one.reaches(organisation))
    draft = drafts.begin_new(
        database(), Record(review, kind.definition, {}, {}), kind.step, actor=actor(), held=held, at=now()
    )
    if kind.review_type:
        draft.body = {"review_type": [kind.review_type]}
    return draft.id
