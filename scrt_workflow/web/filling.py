"""A form being filled in: of a step of a review, or of the first step of a new one."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any
from uuid import UUID

from flask import abort, url_for
from sqlalchemy.orm import Session

from scrt_workflow import catalogue
from scrt_workflow.actors import Actor, Held
from scrt_workflow.forms.builder import PageForm, Raw, Reading, raw_from, read_form
from scrt_workflow.forms.question_types import show
from scrt_workflow.forms.schema import Form
from scrt_workflow.models import Draft
from scrt_workflow.operations import drafts, finding, steps
from scrt_workflow.operations.conversions import blank_review
from scrt_workflow.operations.records import Record, access_to, record_of
from scrt_workflow.operations.refusals import StepRefusedError, already_done
from scrt_workflow.web.requests import actor, database, now, today
from scrt_workflow.workflows.refusal import Refusal
from scrt_workflow.workflows.schema import Step


@dataclass(frozen=True)
class Filling:
    """A form being filled in; `draft` is None until its first page is submitted."""

    record: Record
    step: Step
    held: Held
    draft: Draft | None

    @property
    def is_new(self) -> bool:
        """Say whether the review is still to be made."""
        return self.step.makes

    @property
    def form(self) -> Form:
        """Give the form of the step."""
        return self.record.definition.form_of(self.step)

    @property
    def raw(self) -> Raw:
        """Give what was typed so far, or the answers on record as they would be typed."""
        if self.draft is not None:
            return {name: values for name, values in self.draft.body.items() if isinstance(values, list)}
        asked = {q: self.record.answers.get(q) for q in self.form.questions}
        questions = self.record.definition.questions
        kept = {q: value for q, value in asked.items() if value is not None and questions[q].is_filled_in}
        return raw_from(kept, questions)[0]

    def reading(self) -> Reading:
        """Read every page that comes into play from what was typed so far."""
        setting = steps.setting_for(database(), self.record, today=today())
        return read_form(self.form, self.record.definition.questions, setting, self.raw)

    def url(self, page: str, **more: Any) -> str:
        """Give the address of *page* of this filling: `page` (with page_key), `check`, `settle` or `discard`."""
        if self.is_new and self.draft is not None:
            return url_for(f"steps.new_{page}", draft_id=self.draft.id, **more)
        return url_for(f"steps.{page}", review_id=self.record.review.id, step_key=self.step.key, **more)

    @property
    def leave_url(self) -> str:
        """Give the address to go back to when the form is left."""
        return url_for("reviews.index") if self.is_new else url_for("reviews.show", review_id=self.record.review.id)

    def kept(self, typed: Mapping[str, Sequence[str]], *, page: str, done: bool, read_at: int) -> Filling:
        """Keep what was *typed* into *page*, in the draft there is or a new one."""
        draft = self.draft
        if draft is None:
            draft = drafts.begin(database(), self.record, self.step, actor=actor(), held=self.held, at=now())
            draft.base_seq = min(read_at, draft.base_seq)
        drafts.keep(database(), draft, self.form, typed, page=page, done=done, at=now())
        return replace(self, draft=draft)


def of_step(review_id: UUID, step_key: str) -> Filling:
    """Find the form of a step of a review for who is acting: 404 when there is none; raises StepRefusedError."""
    return find_filling(database(), actor(), review_id, step_key)


def find_filling(session: Session, who: Actor, review_id: UUID, step_key: str) -> Filling:
    """Find the form of a step of a review for *who*."""
    try:
        review = finding.find_review(session, who, review_id)
    except finding.NoSuchReviewError:
        abort(404)
    record = record_of(session, review, catalogue.definition(session, review.definition_version_id))
    step = record.definition.workflow.steps.get(step_key)
    if step is None or step.makes:
        abort(404)
    access = access_to(record, step, who)
    if access.refusal is Refusal.WRONG_STATE:
        raise already_done(session, review, step)
    if access.refusal is not None or access.held is None:
        raise StepRefusedError(access.refusal or Refusal.WRONG_ROLE)
    return Filling(record, step, access.held, drafts.of_step(session, who, review, step))


def of_draft(draft_id: UUID) -> Filling:
    """Find the form of a new review that who is acting began: 404 when there is none; raises StepRefusedError."""
    return find_new_filling(database(), actor(), draft_id)


def find_new_filling(session: Session, who: Actor, draft_id: UUID) -> Filling:
    """Find the form of a new review that *who* began."""
    draft = drafts.find(session, who, draft_id)
    if draft is None or draft.review_id is not None:
        abort(404)
    definition = catalogue.definition(session, draft.definition_version_id)
    step = definition.workflow.steps.get(draft.step)
    held = who.covering(draft.organisation, step.who) if step else None
    if step is None or held is None:
        raise StepRefusedError(Refusal.WRONG_ROLE)
    review = blank_review(draft.id, definition, draft.definition_version_id, organisation=draft.organisation, at=draft.changed_at)
    return Filling(Record(review, definition, {}, {}), step, held, draft)


def answer_rows(filling: Filling, reading: Reading) -> list[dict[str, Any]]:
    """Give every page of *reading* with its answers in words and where to change them, for the check page."""
    return [
        {
            "page": page.page,
            "rows": [_row(filling, page, key, value) for key, value in page.answers.items() if key in page],
        }
        for page in reading.pages
    ]


def _row(filling: Filling, page: PageForm, key: str, value: Any) -> dict[str, Any]:
    asked = page[key].question  # type: ignore[attr-defined]  # every field of a PageForm is a QuestionField
    words = show(asked, value, page[key].options)  # type: ignore[attr-defined]  # as above
    reason = page.pid_reasons.get(key)
    return {
        "label": asked.title,
        "value": [*([words] if isinstance(words, str) else words), f"Kept because: {reason}"] if reason else words,
        "change_href": filling.url("page", page_key=page.page.key, back="check") + f"#{key}",
    }
