"""Checking a form before it is submitted, submitting it, and choosing between what two people wrote."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any
from uuid import UUID, uuid4

from flask import abort, render_template, request
from sqlalchemy import select

from scrt_workflow.conditions import Facts
from scrt_workflow.forms.builder import REASON, PageForm, Reading
from scrt_workflow.forms.question_types import show
from scrt_workflow.models import Event
from scrt_workflow.operations import drafts, once, steps
from scrt_workflow.operations.answering import ever_with
from scrt_workflow.operations.awaited import unmet_beforehand
from scrt_workflow.operations.doing import Completed, Seen
from scrt_workflow.operations.records import access_to
from scrt_workflow.operations.refusals import Change
from scrt_workflow.web import typed_words, version_words
from scrt_workflow.web.filling import Filling
from scrt_workflow.web.requests import actor, database, now, request_id, today
from scrt_workflow.workflows.machine import unmet_need
from scrt_workflow.workflows.schema import Step

LONGEST_NUMBER = 9
NO_LONGER_ASKED = "What you had typed for questions that are no longer asked was not submitted. It is shown here once, to copy."


def number_from(text: str | None) -> int:
    """Read a number that travelled with a form; what is none is 0, which is older than anything."""
    return int(text) if text and text.isascii() and text.isdigit() and len(text) <= LONGEST_NUMBER else 0


def key_from(text: str | None) -> UUID:
    """Read the key that a form was given: a form without one is not ours."""
    try:
        return UUID(text or "")
    except ValueError:
        abort(400)


def show_check(filling: Filling, reading: Reading, errors: Mapping[str, Sequence[str]] | None = None) -> str:
    """Show every answer once more, with what stands in the way of submitting them."""
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
        no_longer_asked=version_words.typed_for_nothing(database(), filling),
        need=_need(filling, reading),
        key=filling.draft.key if filling.draft else uuid4(),
        shown=once.digest_of(filling.raw),
        back=filling.url("page", page_key=reading.pages[-1].page.key) if reading.pages else filling.leave_url,
    )


def _need(filling: Filling, reading: Reading) -> str | None:
    """Give what must be done before these answers can be submitted, as the operation would say it."""
    record = filling.record
    kind = reading.answers.get("review_type", record.review.review_type)
    answers = {**record.facts.answers, **reading.answers, "review_type": kind}
    return unmet_need(filling.step, Facts(answers, ever_with(record.ever, reading.answers)))


def answer_rows(filling: Filling, reading: Reading) -> list[dict[str, Any]]:
    """Give every page of *reading* with its answers in words and where to change them."""
    rows = []
    for page in reading.pages:
        asked = [_row(filling, page, key, value) for key, value in page.answers.items() if key in page]
        rows.append({"page": page.page, "rows": asked})
    return rows


def _row(filling: Filling, page: PageForm, key: str, value: Any) -> dict[str, Any]:
    asked = next(one for one in page if one.question.key == key)
    words = show(asked.question, value, asked.options)
    reason = page.pid_reasons.get(key)
    return {
        "label": asked.question.title,
        "value": f"{words}\n\nKept because: {reason}" if reason else words,
        "change_href": filling.url("page", page_key=page.page.key, back="check") + f"#{key}",
    }


def typed_rows(filling: Filling) -> list[dict[str, Any]]:
    """Give what was typed so far and is not on record, question by question, also what cannot be read as an answer."""
    reading, questions = filling.reading(), filling.record.definition.questions
    options = {asked.question.key: asked.options for page in reading.pages for asked in page}
    rows = []
    rows += version_words.typed_for_nothing(database(), filling)
    for key in filling.form.questions:
        typed = filling.raw.get(key, [])
        if any(typed) and typed != filling.on_record.get(key):
            answer = reading.answers.get(key)
            words = "\n".join(filter(None, typed)) if answer is None else show(questions[key], answer, options[key])
            reason = " ".join(filling.raw.get(key + REASON, []))
            rows.append({"label": questions[key].title, "value": f"{words}\n\nKept because: {reason}" if reason else words})
    return rows


def submit(filling: Filling, reading: Reading) -> Completed:
    """Submit what stands in the form, with its draft's key; a form of no pages brings its key and when it was read."""
    draft, review = filling.draft, filling.record.review
    if filling.is_new and draft is not None:
        kind = None if "review_type" in filling.form.questions else filling.raw.get("review_type", [None])[0]
        done = steps.start_review(
            database(), draft.workflow, draft.step, filling.raw, organisation=draft.organisation, actor=actor(), at=now(),
            key=draft.key, review_type=kind, version_id=draft.definition_version_id, request_id=request_id(),
        )  # fmt: skip
    else:
        key = draft.key if draft else key_from(request.form.get("key"))
        read_at = draft.base_seq if draft else min(number_from(request.form.get("read_at")), review.version)
        done = steps.complete_step(
            database(), review.id, filling.step.key, filling.raw, actor=actor(), at=now(), key=key, read_at=read_at,
            request_id=request_id(), seen=Seen(filling.record, reading),
        )  # fmt: skip
    if draft is not None:
        typed_words.show_rows(version_words.typed_for_nothing(database(), filling), NO_LONGER_ASKED)
        drafts.discard(database(), draft)
    return done


def steps_first(filling: Filling) -> list[Step]:
    """Give the steps, open to who is acting, by which what must come before this form's step is done."""
    obstacle = unmet_beforehand(filling.record, filling.step)
    return [step for step in obstacle.by if access_to(filling.record, step, actor()).refusal is None] if obstacle else []


def made_by(review_id: UUID) -> str:
    """Give the key of the step that made a review."""
    first = select(Event.step).where(Event.stream == f"review:{review_id}", Event.seq == 1)
    return str(database().execute(first).scalar_one())


def show_versions(filling: Filling, changes: Sequence[Change], version: int, *, missing: Sequence[str] = ()) -> str:
    """Show what someone else saved beside what this person wrote, so that neither is lost (WF4); *missing* are not chosen yet."""
    questions = filling.record.definition.questions
    options = steps.options_of(database(), filling.record, today=today(), ever=True)
    rows = []
    for change in changes:
        if change.question:
            asked = questions[change.question]
            mine, theirs = (show(asked, value, options(asked)) for value in (change.yours, change.theirs))
            keep = request.form.get(f"keep-{asked.key}", "")
            error = f"Select which version to keep: {asked.title}" if asked.key in missing else ""
            said = {"mine": mine, "theirs": theirs, "by": change.by, "at": change.at}
            rows.append({"name": asked.key, "label": asked.title, **said, "keep": keep, "error": error})
    links = [{"text": row["error"], "href": f"#keep-{row['name']}"} for row in rows if row["error"]]
    return render_template(
        "steps/versions.html",
        filling=filling,
        rows=rows,
        moved=[change for change in changes if change.question is None],
        states=filling.record.definition.workflow.states,
        version=version,
        links=links,
    )
