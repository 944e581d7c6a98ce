"""Completing a step: one page at a time, check your answers, submit, and what happens next."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any
from uuid import UUID, uuid4

from flask import Blueprint, abort, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from sqlalchemy.orm import Session
from werkzeug.datastructures import MultiDict

from scrt_workflow import catalogue
from scrt_workflow.actors import Actor
from scrt_workflow.forms.builder import Reading
from scrt_workflow.forms.question_types import show
from scrt_workflow.models import Review
from scrt_workflow.operations import drafts, finding, once, steps
from scrt_workflow.operations.conversions import opened_by
from scrt_workflow.operations.doing import Completed
from scrt_workflow.operations.refusals import AnswersError, StaleReviewError, StepRefusedError
from scrt_workflow.permissions import Permission
from scrt_workflow.web.filling import Filling, answer_rows, find_filling, find_new_filling, of_draft, of_step
from scrt_workflow.web.guards import requires
from scrt_workflow.web.kept_posts import keeps_typed_work
from scrt_workflow.web.requests import actor, database, now, request_id, today
from scrt_workflow.workflows.ahead import coming_next
from scrt_workflow.workflows.refusal import Refusal

pages = Blueprint("steps", __name__)
UNPROCESSABLE, CONFLICT, FORBIDDEN = 422, 409, 403


@pages.errorhandler(StepRefusedError)
def refused(error: StepRefusedError) -> ResponseReturnValue:
    """Say in a sentence why the step is not open; what was typed stays in the draft."""
    mine = {Refusal.WRONG_ROLE, Refusal.WRONG_PLACE, Refusal.OWN_WORK}
    status = FORBIDDEN if error.sentence in {str(one) for one in mine} else CONFLICT
    review_id = (request.view_args or {}).get("review_id")
    return render_template("steps/refused.html", sentence=error.sentence, review_id=review_id), status


@pages.errorhandler(once.KeyReusedError)
def submitted_otherwise(error: once.KeyReusedError) -> ResponseReturnValue:
    """Say that this form was submitted before, with other answers."""
    review_id = (request.view_args or {}).get("review_id")
    return render_template("steps/refused.html", sentence=str(error), review_id=review_id), CONFLICT


@pages.route("/reviews/<uuid:review_id>/steps/<key:step_key>")
@requires(Permission.REVIEW_COMPLETE_STEP)
def begin(review_id: UUID, step_key: str) -> ResponseReturnValue:
    """Go to the first page of a step, or to the page that its draft has got to."""
    return redirect(_resume(of_step(review_id, step_key)))


@pages.route("/drafts/<uuid:draft_id>")
@requires(Permission.REVIEW_COMPLETE_STEP)
def new_begin(draft_id: UUID) -> ResponseReturnValue:
    """Go to the page that the draft of a new review has got to."""
    return redirect(_resume(of_draft(draft_id)))


def _resume(filling: Filling) -> str:
    done = filling.draft.pages_done if filling.draft else []
    todo = next((one.page.key for one in filling.reading().pages if one.page.key not in done), None)
    return filling.url("page", page_key=todo) if todo else filling.url("check")


def _restore(session: Session, who: Actor, arguments: Mapping[str, Any], form: MultiDict[str, str]) -> str:
    """Keep a page that came back after its session had ended, as a draft of the person who typed it (SE4)."""
    if "draft_id" in arguments:
        filling = find_new_filling(session, who, arguments["draft_id"])
    else:
        filling = find_filling(session, who, arguments["review_id"], arguments["step_key"])
    page, draft = arguments["page_key"], filling.draft
    if draft is None:
        draft = drafts.begin(session, filling.record, filling.step, actor=who, held=filling.held, at=now())
        draft.base_seq = min(_number(form.get("read_at")), draft.base_seq)
    drafts.keep(session, draft, filling.form, form.to_dict(flat=False), page=page, done=False, at=now())
    return filling.url("page", page_key=page)


@pages.route("/reviews/<uuid:review_id>/steps/<key:step_key>/pages/<key:page_key>", methods=["GET", "POST"])
@requires(Permission.REVIEW_COMPLETE_STEP)
@keeps_typed_work(_restore)
def page(review_id: UUID, step_key: str, page_key: str) -> ResponseReturnValue:
    """Ask one page of a step; a POST keeps what was typed and goes on."""
    return _page(of_step(review_id, step_key), page_key)


@pages.route("/drafts/<uuid:draft_id>/pages/<key:page_key>", methods=["GET", "POST"])
@requires(Permission.REVIEW_COMPLETE_STEP)
@keeps_typed_work(_restore)
def new_page(draft_id: UUID, page_key: str) -> ResponseReturnValue:
    """Ask one page of a new review; a POST keeps what was typed and goes on."""
    return _page(of_draft(draft_id), page_key)


def _page(filling: Filling, page_key: str) -> ResponseReturnValue:
    if not any(one.key == page_key for one in filling.form.pages):
        abort(404)
    saving = request.form.get("action") == "save"
    if request.method == "POST":
        typed = request.form.to_dict(flat=False)
        filling = filling.kept(typed, page=page_key, done=not saving, read_at=_number(request.form.get("read_at")))
    if saving:
        flash("Your draft is saved. You can come back to it from any device.", "success")
        return redirect(url_for("home.show"), 303)
    reading = filling.reading()
    shown = [one.page.key for one in reading.pages]
    if page_key not in shown:
        return redirect(_resume(filling), 303)
    asked = reading.pages[shown.index(page_key)]
    if request.method == "POST" and not asked.errors:
        return redirect(_after(filling, reading, page_key), 303)
    if request.method == "GET" and "mend" not in request.args:
        for one in asked:
            one.errors = []
        asked.in_doubt.clear()
    position = shown.index(page_key)
    made = render_template(
        "steps/page.html",
        filling=filling,
        form=asked,
        page=asked.page,
        position=position + 1,
        of=len(shown),
        back=_back(filling, shown, position),
        read_at=filling.draft.base_seq if filling.draft else filling.record.review.version,
    )
    return made, UNPROCESSABLE if asked.errors else 200


def _back(filling: Filling, shown: list[str], position: int) -> str:
    if request.args.get("back") == "check":
        return filling.url("check")
    return filling.url("page", page_key=shown[position - 1]) if position else filling.leave_url


def _after(filling: Filling, reading: Reading, page_key: str) -> str:
    """Give where to go from a page that is well: on, or back to the check where the person came from there."""
    shown = [one.page.key for one in reading.pages]
    done = filling.draft.pages_done if filling.draft else []
    later = shown[shown.index(page_key) + 1 :]
    if request.args.get("back") == "check":
        later = [key for key in shown if key not in done]
    return filling.url("page", page_key=later[0]) if later else filling.url("check")


def _number(text: str | None) -> int:
    return int(text) if text and text.isascii() and text.isdigit() and len(text) < 10 else 0


def _key(text: str | None) -> UUID:
    try:
        return UUID(text or "")
    except ValueError:
        abort(400)


@pages.route("/reviews/<uuid:review_id>/steps/<key:step_key>/check", methods=["GET", "POST"])
@requires(Permission.REVIEW_COMPLETE_STEP)
def check(review_id: UUID, step_key: str) -> ResponseReturnValue:
    """Show every answer of the step once more; a POST submits them."""
    if request.method == "POST" and (done := _submitted_before()):
        return redirect(url_for("steps.done", review_id=done, step_key=step_key), 303)
    return _check(of_step(review_id, step_key))


@pages.route("/drafts/<uuid:draft_id>/check", methods=["GET", "POST"])
@requires(Permission.REVIEW_COMPLETE_STEP)
def new_check(draft_id: UUID) -> ResponseReturnValue:
    """Show every answer of a new review once more; a POST submits them."""
    if request.method == "POST" and (done := _submitted_before()):
        return redirect(url_for("reviews.show", review_id=done), 303)
    return _check(of_draft(draft_id))


def _submitted_before() -> UUID | None:
    """Give the review that this very submit led to before: a double click, a refresh, a retry (WF3)."""
    return once.led_to(database(), _key(request.form.get("key")), actor=actor())


def _check(filling: Filling) -> ResponseReturnValue:
    reading = filling.reading()
    if reading.first_wrong_page and filling.form.pages:
        asked = filling.draft is not None and reading.first_wrong_page in filling.draft.pages_done
        return redirect(filling.url("page", page_key=reading.first_wrong_page, **({"mend": 1} if asked else {})), 303)
    if request.method == "GET":
        return _show_check(filling, reading)
    try:
        with database().begin_nested():
            done = _submit(filling)
    except AnswersError as error:
        return _show_check(filling, reading, error.errors), UNPROCESSABLE
    except StaleReviewError as error:
        return _show_versions(filling, error), CONFLICT
    return redirect(url_for("steps.done", review_id=done.review_id, step_key=filling.step.key), 303)


def _show_check(filling: Filling, reading: Reading, errors: Mapping[str, list[str]] | None = None) -> str:
    where = {q: one.page.key for one in reading.pages for q in one.page.questions}
    links = [
        {"text": sentence, "href": filling.url("page", page_key=where[q], back="check") + f"#{q}" if q in where else ""}
        for q, sentences in (errors or {}).items()
        for sentence in sentences
    ]
    return render_template(
        "steps/check.html",
        filling=filling,
        pages=answer_rows(filling, reading),
        links=links,
        has_errors=bool(links),
        key=filling.draft.key if filling.draft else uuid4(),
        read_at=filling.draft.base_seq if filling.draft else filling.record.review.version,
        back=filling.url("page", page_key=reading.pages[-1].page.key) if reading.pages else filling.leave_url,
    )


def _submit(filling: Filling) -> Completed:
    """Submit the draft with its key; a form of no pages has none, and its key and what it was read at come with it."""
    draft, review = filling.draft, filling.record.review
    key = draft.key if draft else _key(request.form.get("key"))
    if filling.is_new and draft is not None:
        kind = filling.raw.get("review_type", [None])[0]
        done = steps.start_review(
            database(), draft.workflow, draft.step, filling.raw, organisation=draft.organisation, actor=actor(), at=now(),
            key=key, review_type=None if "review_type" in filling.form.questions else kind,
            version_id=draft.definition_version_id, request_id=request_id(),
        )  # fmt: skip
    else:
        read_at = draft.base_seq if draft else min(_number(request.form.get("read_at")), review.version)
        raw = filling.raw if draft else {}
        done = steps.complete_step(
            database(), review.id, filling.step.key, raw, actor=actor(), at=now(), key=key, read_at=read_at,
            request_id=request_id(),
        )  # fmt: skip
    if draft is not None:
        drafts.discard(database(), draft)
    return done


def _show_versions(filling: Filling, error: StaleReviewError) -> str:
    """Show what someone else saved beside what this person wrote; neither is lost (WF4)."""
    questions = filling.record.definition.questions
    options = steps.options_of(database(), filling.record.review, filling.record.definition, today=today())
    rows = [
        {
            "name": change.question,
            "label": questions[change.question].title,
            "mine": show(questions[change.question], change.yours, options(questions[change.question])),
            "theirs": show(questions[change.question], change.theirs, options(questions[change.question])),
            "keep": request.form.get(f"keep-{change.question}", ""),
        }
        for change in error.changes
        if change.question
    ]
    moved = [change for change in error.changes if change.question is None]
    states = filling.record.definition.workflow.states
    return render_template(
        "steps/versions.html", filling=filling, rows=rows, moved=moved, states=states, version=error.version,
        by=error.changes[0].by if error.changes else "someone else", at=error.changes[0].at if error.changes else now(),
        has_errors=False,
    )  # fmt: skip


@pages.route("/reviews/<uuid:review_id>/steps/<key:step_key>/settle", methods=["POST"])
@requires(Permission.REVIEW_COMPLETE_STEP)
def settle(review_id: UUID, step_key: str) -> ResponseReturnValue:
    """Take the choice between two versions into the draft, and go on to check it."""
    filling = of_step(review_id, step_key)
    if filling.draft is None:
        return redirect(filling.url("begin"), 303)
    theirs = [q for q in filling.form.questions if request.form.get(f"keep-{q}") == "theirs"]
    chosen = Filling(filling.record, filling.step, filling.held, None).raw
    version = min(_number(request.form.get("version")), filling.record.review.version)
    drafts.catch_up(database(), filling.draft, {q: chosen.get(q, []) for q in theirs}, version=version, at=now())
    return redirect(filling.url("check"), 303)


@pages.route("/reviews/<uuid:review_id>/steps/<key:step_key>/discard", methods=["POST"])
@requires(Permission.REVIEW_COMPLETE_STEP)
def discard(review_id: UUID, step_key: str) -> ResponseReturnValue:
    """Throw away one's own draft of a step, even one that can no longer be submitted."""
    review = _review(review_id)
    definition = catalogue.definition(database(), review.definition_version_id)
    step = definition.workflow.steps.get(step_key)
    if step is not None and (draft := drafts.of_step(database(), actor(), review, step)):
        drafts.discard(database(), draft)
        flash("Your draft is deleted.", "success")
    return redirect(url_for("reviews.show", review_id=review_id), 303)


@pages.route("/drafts/<uuid:draft_id>/discard", methods=["POST"])
@requires(Permission.REVIEW_COMPLETE_STEP)
def new_discard(draft_id: UUID) -> ResponseReturnValue:
    """Throw away one's own draft of a new review."""
    if draft := drafts.find(database(), actor(), draft_id):
        drafts.discard(database(), draft)
        flash("Your draft is deleted.", "success")
    return redirect(url_for("home.show"), 303)


@pages.route("/reviews/<uuid:review_id>/steps/<key:step_key>/done")
@requires(Permission.REVIEW_COMPLETE_STEP)
def done(review_id: UUID, step_key: str) -> ResponseReturnValue:
    """Say that the step is done, and what happens next."""
    review = _review(review_id)
    definition = catalogue.definition(database(), review.definition_version_id)
    workflow = definition.workflow
    step = workflow.steps.get(step_key)
    return render_template(
        "steps/done.html",
        review=review,
        title=step.title if step else "Step done",
        state=workflow.states[review.state],
        next_steps=coming_next(workflow, review.state),
        opened=opened_by(database(), review),
    )


def _review(review_id: UUID) -> Review:
    try:
        return finding.find_review(database(), actor(), review_id)
    except finding.NoSuchReviewError:
        abort(404)
