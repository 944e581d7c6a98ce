"""A form being filled in: of a step of a review, or of the first step of a new one."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any
from uuid import UUID

from flask import abort, url_for
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from scrt_workflow import catalogue
from scrt_workflow.actors import Actor, Held
from scrt_workflow.forms.builder import Raw, Reading, raw_from, read_form
from scrt_workflow.forms.schema import Form
from scrt_workflow.models import Draft
from scrt_workflow.operations import conversions, drafts, finding, steps
from scrt_workflow.operations.awaited import unmet_beforehand
from scrt_workflow.operations.conversions import blank_review
from scrt_workflow.operations.records import Access, Record, access_to, record_of
from scrt_workflow.operations.refusals import StepRefusedError, already_done, out_of_turn
from scrt_workflow.permissions import Role
from scrt_workflow.web.requests import actor, database, today
from scrt_workflow.workflows.refusal import Refusal
from scrt_workflow.workflows.schema import Step

NO_LONGER_A_STEP = "This is no longer a step of this review: its definition was changed. Nothing was changed by you."
Typed = Mapping[str, Sequence[str]]
"""For each control's name, what was typed into it."""


@dataclass(frozen=True)
class Filling:
    """A form being filled in; `draft` is None until its first page is submitted, `refusal` why it cannot go on, if so."""

    record: Record
    step: Step
    held: Held | None
    draft: Draft | None
    refusal: StepRefusedError | None = None

    @property
    def is_new(self) -> bool:
        """Say whether the review is still to be made."""
        return self.step.makes

    @property
    def form(self) -> Form:
        """Give the form of the step."""
        return self.record.definition.form_of(self.step)

    @property
    def read_at(self) -> int:
        """Give the number of the review's newest event when its answers were put into the form."""
        return self.draft.base_seq if self.draft else self.record.review.version

    @property
    def route(self) -> str:
        """Give what a submit of this form is for, as its key is claimed."""
        return f"{self.record.review.workflow if self.is_new else self.record.review.id}:{self.step.key}"

    @property
    def raw(self) -> Raw:
        """Give what stands in the form: what was typed so far, or the answers on record as they would be typed."""
        if self.draft is not None:
            return {name: values for name, values in self.draft.body.items() if isinstance(values, list)}
        return self.on_record

    @property
    def on_record(self) -> Raw:
        """Give the answers on record as they would be typed."""
        asked = {q: self.record.answers.get(q) for q in self.form.questions}
        questions = self.record.definition.questions
        kept = {q: value for q, value in asked.items() if value is not None and questions[q].is_filled_in}
        return raw_from(kept, questions)[0]

    def reading(self) -> Reading:
        """Read every page that comes into play from what stands in the form."""
        setting = steps.setting_for(database(), self.record, self.step, today=today())
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

    def kept(self, session: Session, typed: Typed, *, who: Actor, at: datetime, page: str, done: bool, read_at: int) -> Filling:
        """Keep what *who* typed into *page*, in the draft there is or a new one, also where the step is not open now (SE4)."""
        if self.draft is None and self.refusal is not None and not self._is_anything(typed, page):
            return self
        draft = self.draft or self._begun(session, who, at=at, read_at=read_at)
        if draft is not None:
            drafts.keep(session, draft, self.form, typed, page=page, done=done, at=at)
        return replace(self, draft=draft)

    def _is_anything(self, typed: Typed, page: str) -> bool:
        asked = [question for one in self.form.pages if one.key == page for question in one.questions]
        return any(any(typed.get(question, [])) for question in asked)

    def _begun(self, session: Session, who: Actor, *, at: datetime, read_at: int) -> Draft | None:
        """Begin a draft, or find the one that another press of the same button began meanwhile (WF3).

        Where the step is not theirs to take, the draft goes by the role that lets them see the review.
        """
        held = self.held or who.covering(self.record.review.responsible, Role)
        if held is None:
            return None
        try:
            with session.begin_nested():
                draft = drafts.begin(session, self.record, self.step, actor=who, held=held, at=at)
        except IntegrityError:
            return drafts.of_step(session, who, self.record.review, self.step)
        draft.base_seq = min(read_at, draft.base_seq)
        return draft


def of_step(review_id: UUID, step_key: str) -> Filling:
    """Find the form of a step of a review for who is acting: 404 when there is none; raises StepRefusedError."""
    return opened(find_filling(database(), actor(), review_id, step_key))


def of_draft(draft_id: UUID) -> Filling:
    """Find the form of a new review that who is acting began: 404 when there is none; raises StepRefusedError."""
    return opened(find_new_filling(database(), actor(), draft_id))


def opened(filling: Filling) -> Filling:
    """Give *filling* if it can go on; raises the StepRefusedError that says why it cannot."""
    if filling.refusal is not None:
        raise filling.refusal
    return filling


def find_filling(session: Session, who: Actor, review_id: UUID, step_key: str) -> Filling:
    """Find the form of a step of a review for *who*, with the reason why it cannot go on, if there is one."""
    try:
        review, draft = drafts.find_with_review(session, who, review_id, step_key)
    except finding.NoSuchReviewError:
        abort(404)
    definition = catalogue.definition(session, review.definition_version_id)
    step = definition.workflow.steps.get(step_key)
    is_past = step is None
    if step is None and draft is not None:  # the review has become one of another kind meanwhile
        definition = catalogue.definition(session, draft.definition_version_id)
        step = definition.workflow.steps.get(step_key)
    if step is None or step.makes:
        abort(404)
    record = record_of(session, review, definition, step)
    access = access_to(record, step, who)
    refusal = _refusal_of_past(session, record, step) if is_past else _refusal(session, record, access)
    return Filling(record, step, access.held, draft, refusal)


def _refusal_of_past(session: Session, record: Record, step: Step) -> StepRefusedError:
    """Say why a step cannot be taken that the review's own definition does not have."""
    if record.review.workflow == record.definition.workflow.key:
        return StepRefusedError(NO_LONGER_A_STEP)
    return already_done(session, record.review, step)


def _refusal(session: Session, record: Record, access: Access) -> StepRefusedError | None:
    """Say why a step cannot be taken now; None where it can."""
    if access.refusal is Refusal.WRONG_STATE:
        return out_of_turn(session, record.review, access.step, record.definition)
    if access.refusal is not None or access.held is None:
        return StepRefusedError(access.refusal or Refusal.WRONG_ROLE)
    obstacle = unmet_beforehand(record, access.step)
    return StepRefusedError(obstacle.sentence) if obstacle else None


def find_new_filling(session: Session, who: Actor, draft_id: UUID) -> Filling:
    """Find the form of a new review that *who* began, with the reason why it cannot go on, if there is one."""
    draft = drafts.find(session, who, draft_id)
    if draft is None or draft.review_id is not None:
        abort(404)
    definition = catalogue.definition(session, draft.definition_version_id)
    step = definition.workflow.steps.get(draft.step)
    if step is None:
        abort(404)
    held = who.covering(draft.organisation, step.who)
    at, place = draft.changed_at, draft.organisation
    review = blank_review(draft.id, definition, draft.definition_version_id, organisation=place, at=at)
    refusal = StepRefusedError(conversions.RETIRED) if catalogue.is_retired(session, draft.definition_version_id) else None
    refusal = refusal if held else StepRefusedError(Refusal.WRONG_ROLE)
    return Filling(Record(review, definition, {}, {}), step, held, draft, refusal)
