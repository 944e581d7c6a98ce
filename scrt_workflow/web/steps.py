"""Completing a step: one page at a time, check your answers, submit, and what happens next."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any
from uuid import UUID

from flask import Blueprint, abort, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from sqlalchemy.orm import Session
from werkzeug.datastructures import MultiDict

from scrt_workflow.actors import Actor
from scrt_workflow.database import savepoint
from scrt_workflow.forms.builder import REASON, PageForm, Reading
from scrt_workflow.operations import drafts, once
from scrt_workflow.operations.refusals import AnswersError, StaleReviewError, StepRefusedError, changes_since
from scrt_workflow.permissions import Permission
from scrt_workflow.web import checking, finishing, submits, typed_words, version_words
from scrt_workflow.web.checking import number_from
from scrt_workflow.web.filling import Filling, find_filling, find_new_filling, of_draft, of_step, opened
from scrt_workflow.web.guards import requires, signed_in
from scrt_workflow.web.kept_posts import keeps_typed_work
from scrt_workflow.web.requests import actor, database, now
from scrt_workflow.web.review_words import approved_answers
from scrt_workflow.web.reviews import find_or_404
from scrt_workflow.workflows.refusal import Refusal

pages = Blueprint("steps", __name__)
UNPROCESSABLE, CONFLICT, FORBIDDEN = 422, 409, 403
NOT_THEIRS = frozenset({Refusal.WRONG_ROLE, Refusal.WRONG_PLACE, Refusal.OWN_WORK})
NO_DRAFT = "Nothing was submitted, because this step has no draft any more. Fill in its pages first."
CHANGED = "Nothing was submitted, because your answers were changed in another window. Check them again."
SUBMITTED = "You submitted this form before, so what you typed since is not saved. It is shown here once, to copy."


@pages.errorhandler(StepRefusedError)
def refused(error: StepRefusedError) -> ResponseReturnValue:
    """Say in a sentence why the step is not open, and show what was typed, which stays in the draft."""
    arguments = request.view_args or {}
    draft_id, review_id, step_key = (arguments.get(name) for name in ("draft_id", "review_id", "step_key"))
    filling = find_new_filling(database(), actor(), draft_id) if draft_id else None
    if review_id and step_key:
        filling = find_filling(database(), actor(), review_id, step_key)
    return _refused(error, filling)


def _refused(error: StepRefusedError, filling: Filling | None) -> ResponseReturnValue:
    typed = checking.typed_rows(filling) if filling and filling.draft else []
    first = checking.steps_first(filling) if filling else []
    made = render_template("steps/refused.html", error=error, filling=filling, typed=typed, first=first)
    return made, FORBIDDEN if error.sentence in {str(one) for one in NOT_THEIRS} else CONFLICT


@pages.errorhandler(once.KeyReusedError)
def submitted_otherwise(error: once.KeyReusedError) -> ResponseReturnValue:
    """Say that this form was submitted before, with other answers."""
    return _refused(StepRefusedError(str(error)), None)


@pages.route("/reviews/<uuid:review_id>/steps/<key:step_key>")
@requires(Permission.REVIEW_SEE)
def begin(review_id: UUID, step_key: str) -> ResponseReturnValue:
    """Go to the first page of a step, or to the page that its draft has got to."""
    return redirect(_resume(of_step(review_id, step_key)))


@pages.route("/drafts/<uuid:draft_id>")
@signed_in
def new_begin(draft_id: UUID) -> ResponseReturnValue:
    """Go to the page that the draft of a new review has got to; once it is submitted, to what it became."""
    return submits.became(draft_id) or redirect(_resume(of_draft(draft_id)))


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
    page = arguments["page_key"]
    filling.kept(
        session, form.to_dict(flat=False), who=who, at=now(), page=page, done=False, read_at=number_from(form.get("read_at"))
    )
    return filling.url("page", page_key=page)


@pages.route("/reviews/<uuid:review_id>/steps/<key:step_key>/pages/<key:page_key>", methods=["GET", "POST"])
@requires(Permission.REVIEW_SEE)
@keeps_typed_work(_restore)
def page(review_id: UUID, step_key: str, page_key: str) -> ResponseReturnValue:
    """Ask one page of a step; a POST keeps what was typed and goes on."""
    filling = find_filling(database(), actor(), review_id, step_key)
    if request.method == "GET" and filling.refusal and finishing.was_just_done(filling.record.review, step_key, actor()):
        return redirect(filling.url("done"))
    return _page(filling, page_key)


@pages.route("/drafts/<uuid:draft_id>/pages/<key:page_key>", methods=["GET", "POST"])
@signed_in
@keeps_typed_work(_restore)
def new_page(draft_id: UUID, page_key: str) -> ResponseReturnValue:
    """Ask one page of a new review; a POST keeps what was typed and goes on."""
    if became := submits.became(draft_id):
        if request.method == "POST":
            typed_words.show_on_the_next_page(request.form, SUBMITTED)
        return became
    return _page(find_new_filling(database(), actor(), draft_id), page_key)


def _page(filling: Filling, page_key: str) -> ResponseReturnValue:
    if not any(one.key == page_key for one in filling.form.pages):
        abort(404)
    saving = request.form.get("action") == "save"
    if request.method == "POST":
        typed, read_at = request.form.to_dict(flat=False), number_from(request.form.get("read_at"))
        filling = filling.kept(database(), typed, who=actor(), at=now(), page=page_key, done=not saving, read_at=read_at)
    if filling.refusal is not None:
        return _refused(filling.refusal, filling)
    if saving:
        flash("Your draft is saved. You can come back to it from any device.", "success")
        return redirect(url_for("home.show"), 303)
    reading = filling.reading()
    asked = next((one for one in reading.pages if one.page.key == page_key), None)
    if asked is None:
        return redirect(_resume(filling), 303)
    if request.method == "POST" and not asked.errors:
        return redirect(_after(filling, reading, page_key), 303)
    if request.method == "GET" and "mend" not in request.args:
        say_nothing_yet(asked)
    return _show_page(filling, reading, asked)


def say_nothing_yet(asked: PageForm) -> None:
    """Take back what is wrong with a page that is only being opened; a reason that was given stays to be seen."""
    for one in asked:
        one.errors = []
    asked.in_doubt = {key for key in asked.in_doubt if asked.raw.get(key + REASON)}


def _show_page(filling: Filling, reading: Reading, asked: PageForm) -> ResponseReturnValue:
    shown = [one.page.key for one in reading.pages]
    position = shown.index(asked.page.key)
    if filling.step.restates:
        version_words.say_what_was_not_asked(database(), filling.record, asked)
    back = filling.url("page", page_key=shown[position - 1]) if position else filling.leave_url
    made = render_template(
        "steps/page.html",
        filling=filling,
        form=asked,
        page=asked.page,
        position=position + 1,
        of=len(shown),
        back=filling.url("check") if request.args.get("back") == "check" else back,
        approved=approved_answers(database(), filling.record, filling.step),
    )
    return made, UNPROCESSABLE if asked.errors else 200


def _after(filling: Filling, reading: Reading, page_key: str) -> str:
    """Give where to go from a page that is well: on, or back to the check where the person came from there."""
    shown = [one.page.key for one in reading.pages]
    if request.args.get("back") == "check":
        done = filling.draft.pages_done if filling.draft else []
        new = next((key for key in shown if key not in done), None)
        return filling.url("page", page_key=new, back="check") if new else filling.url("check")
    later = shown[shown.index(page_key) + 1 :]
    return filling.url("page", page_key=later[0]) if later else filling.url("check")


@pages.route("/reviews/<uuid:review_id>/steps/<key:step_key>/check", methods=["GET", "POST"])
@requires(Permission.REVIEW_SEE)
def check(review_id: UUID, step_key: str) -> ResponseReturnValue:
    """Show every answer of the step once more; a POST submits them."""
    filling = find_filling(database(), actor(), review_id, step_key)
    if done := submits.submitted_before(filling):
        return redirect(done, 303)
    is_over = request.method == "GET" and filling.draft is None and (filling.refusal or filling.form.pages)
    if is_over and finishing.was_just_done(filling.record.review, step_key, actor()):
        return redirect(filling.url("done"))
    return _check(opened(filling))


@pages.route("/drafts/<uuid:draft_id>/check", methods=["GET", "POST"])
@signed_in
def new_check(draft_id: UUID) -> ResponseReturnValue:
    """Show every answer of a new review once more; a POST submits them."""
    if became := submits.became(draft_id):
        return became
    filling = find_new_filling(database(), actor(), draft_id)
    if done := submits.submitted_before(filling):
        return redirect(done, 303)
    return _check(opened(filling))


def _check(filling: Filling) -> ResponseReturnValue:
    reading = filling.reading()
    if first := _to_see_first(filling, reading):
        return redirect(first, 303)
    if request.method == "GET":
        return checking.show_check(filling, reading)
    try:
        with savepoint(database()):
            done = checking.submit(filling, reading)
    except AnswersError as error:
        return checking.show_check(filling, reading, error.errors), UNPROCESSABLE
    except StaleReviewError as error:
        return checking.show_versions(filling, error.changes, error.version), CONFLICT
    return redirect(url_for("steps.done", review_id=done.review_id, step_key=filling.step.key), 303)


def _to_see_first(filling: Filling, reading: Reading) -> str | None:
    """Give the page to see before these answers are submitted: nothing is that was not shown as it stands."""
    if filling.draft is None and reading.pages:
        if request.method == "POST":
            flash(NO_DRAFT)
        return _resume(filling)
    if wrong := reading.first_wrong_page:
        asked = filling.draft is not None and wrong in filling.draft.pages_done
        return filling.url("page", page_key=wrong, **({"mend": 1, "back": "check"} if asked else {}))
    if request.method == "POST" and submits.shown() != once.digest_of(filling.raw):
        flash(CHANGED)
        return filling.url("check")
    return None


@pages.route("/reviews/<uuid:review_id>/steps/<key:step_key>/settle", methods=["POST"])
@requires(Permission.REVIEW_COMPLETE_STEP)
def settle(review_id: UUID, step_key: str) -> ResponseReturnValue:
    """Take the choice between two versions into the draft, and go on to check it."""
    filling = of_step(review_id, step_key)
    if filling.draft is None:
        return redirect(filling.url("begin"), 303)
    version = min(number_from(request.form.get("version")), filling.record.review.version)
    answers = filling.reading().answers
    changes = changes_since(database(), filling.record, filling.step, answers, filling.draft.base_seq)
    asked = [change.question for change in changes if change.question]
    missing = [q for q in asked if request.form.get(f"keep-{q}") not in {"mine", "theirs"}]
    if missing:
        return checking.show_versions(filling, changes, version, missing=missing), UNPROCESSABLE
    chosen = {q: filling.on_record.get(q, []) for q in asked if request.form.get(f"keep-{q}") == "theirs"}
    drafts.catch_up(database(), filling.draft, chosen, version=version, at=now())
    return redirect(filling.url("check"), 303)


@pages.route("/reviews/<uuid:review_id>/steps/<key:step_key>/discard", methods=["GET", "POST"])
@requires(Permission.REVIEW_SEE)
def discard(review_id: UUID, step_key: str) -> ResponseReturnValue:
    """Ask whether to throw away one's own draft of a step, even one that can no longer be submitted; a POST does so."""
    return _discard(find_filling(database(), actor(), review_id, step_key))


@pages.route("/drafts/<uuid:draft_id>/discard", methods=["GET", "POST"])
@signed_in
def new_discard(draft_id: UUID) -> ResponseReturnValue:
    """Ask whether to throw away one's own draft of a new review; a POST does so."""
    if request.method == "POST" and drafts.find(database(), actor(), draft_id) is None:
        return redirect(url_for("home.show"), 303)  # it is gone already
    return submits.became(draft_id) or _discard(find_new_filling(database(), actor(), draft_id))


def _discard(filling: Filling) -> ResponseReturnValue:
    if filling.draft is None:
        return redirect(filling.leave_url, 303)
    if request.method == "GET":
        return render_template("steps/discard.html", filling=filling, typed=checking.typed_rows(filling))
    drafts.discard(database(), filling.draft)
    flash("Your draft is deleted.", "success")
    return redirect(url_for("home.show") if filling.is_new else filling.leave_url, 303)


@pages.route("/reviews/<uuid:review_id>/steps/<key:step_key>/done")
@requires(Permission.REVIEW_COMPLETE_STEP)
def done(review_id: UUID, step_key: str) -> ResponseReturnValue:
    """Say that the step is done, and what happens next: 404 for one that was never taken."""
    review = find_or_404(review_id)
    return render_template("steps/done.html", **finishing.what_was_done(review, step_key) or abort(404))
