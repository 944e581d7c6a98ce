"""Completing a step: the one path by which a review moves. Only `move` here assigns a review's state."""

from __future__ import annotations

from datetime import date, datetime
from functools import partial
from typing import Any
from uuid import UUID, uuid4

from sqlalchemy import bindparam, select
from sqlalchemy.orm import Session
from sqlalchemy.orm.attributes import set_committed_value

from scrt_workflow import catalogue
from scrt_workflow.actors import Actor, Held
from scrt_workflow.conditions import Facts
from scrt_workflow.forms.builder import Raw, Reading, Setting, read_form
from scrt_workflow.models import Review
from scrt_workflow.operations import (
    answering,
    conversions,
    deadlines,
    escalations,
    history,
    notices,
    once,
    opened_reviews,
    vocabularies,
)
from scrt_workflow.operations.dating import dated_on, follow_in_spans, surely_dates
from scrt_workflow.operations.doing import Completed, Doing, Seen
from scrt_workflow.operations.history import Appended
from scrt_workflow.operations.overdue import Came, next_due
from scrt_workflow.operations.rebasing import follow_standing_plan
from scrt_workflow.operations.records import (
    ANSWERED,
    Access,
    Record,
    access_to,
    first_look,
    record_of,
    would_author_what_they_approved,
)
from scrt_workflow.operations.refusals import (
    AnswersError,
    StaleReviewError,
    StepRefusedError,
    changes_since,
    out_of_turn,
)
from scrt_workflow.operations.tables import table_of
from scrt_workflow.operations.writing import write
from scrt_workflow.workflows.clocks import may_change
from scrt_workflow.workflows.machine import IllegalMoveError, Move, decide, states_lacking_approval, unmet_need
from scrt_workflow.workflows.refusal import Refusal
from scrt_workflow.workflows.schema import Definition, State, Step
from scrt_workflow.working_days import local_date

REVIEWS = table_of(Review)
HOLD = select(REVIEWS.c.version).where(REVIEWS.c.id == bindparam("review")).with_for_update()
REVIEW = select(Review).where(Review.id == bindparam("review")).with_for_update().execution_options(populate_existing=True)
"""The row as it is once whoever holds it has let go, not as this session read it before."""


def complete_step(  # noqa: PLR0913 - an operation says who acts, when, and by which submit
    session: Session, review_id: UUID, step_key: str, raw: Raw, *, actor: Actor, at: datetime, key: UUID, read_at: int,
    request_id: str | None = None, seen: Seen | None = None,
) -> Completed:  # fmt: skip
    """Complete a step of a review with the raw values of its form, and record who did it, when and what changed.

    *key* makes a repeat harmless; *read_at* is the number of the newest event when the form was read; *seen* is what this
    session has read of it already, which need not be read again where nobody wrote meanwhile. Raises StepRefusedError with the
    sentence to show, AnswersError when an answer must be mended, StaleReviewError when someone else has meanwhile changed what
    this form asks, KeyReusedError when *key* came with other answers.
    """
    seen = _if_still_so(session, seen)
    review = seen.record.review if seen else session.scalars(REVIEW, {"review": review_id}).one()
    claim = once.claim(session, key, actor=actor, route=f"{review_id}:{step_key}", body=raw, at=at, leads_to=review.version + 1)
    if claim is not None:
        return Completed(review_id, claim, repeated=True)
    definition = catalogue.definition(session, review.definition_version_id)
    step = definition.workflow.steps.get(step_key)
    if step is None or step.makes:
        raise StepRefusedError(Refusal.WRONG_STATE)
    _refuse_if_shut(session, review, first_look(review, step, actor))
    record = seen.record if seen else record_of(session, review, definition, step)
    reading = seen.reading if seen else read(session, record, step, raw, today=local_date(at))
    doing = _prepare(session, record, step, reading, actor=actor, at=at, read_at=read_at)
    event, opened = move(session, doing, decide_move(doing), request_id=request_id)
    follow_standing_plan(session, review, at=at)
    return Completed(review_id, event.seq, opened)


def _if_still_so(session: Session, seen: Seen | None) -> Seen | None:
    """Let nobody else write the review until this transaction ends, and give *seen* if nobody has since it was read."""
    if seen is None:
        return None
    version = session.connection().execute(HOLD, {"review": seen.record.review.id}).scalar_one()
    return seen if version == seen.record.version else None


def _refuse_if_shut(session: Session, review: Review, access: Access) -> Held:
    """Give the role by which the step is open; raises StepRefusedError with the reason why it is not."""
    if access.refusal is Refusal.WRONG_STATE:
        raise out_of_turn(session, review, access.step, catalogue.definition(session, review.definition_version_id))
    if access.refusal is not None or access.held is None:
        raise StepRefusedError(access.refusal or Refusal.WRONG_ROLE)
    return access.held


def read(session: Session, record: Record, step: Step, raw: Raw, *, today: date) -> Reading:
    """Read the form of *step* from what was typed into it."""
    setting = setting_for(session, record, step, today=today)
    return read_form(record.definition.form_of(step), record.definition.questions, setting, raw)


def _prepare(
    session: Session, record: Record, step: Step, reading: Reading, *, actor: Actor, at: datetime, read_at: int
) -> Doing:
    """Check that the step is open to *actor* and its answers are well; raises the refusals of `complete_step`."""
    held = _refuse_if_shut(session, record.review, access_to(record, step, actor))
    if read_at < record.review.version and (changes := changes_since(session, record, step, reading.answers, read_at)):
        raise StaleReviewError(changes, record.review.version)
    if reading.errors:
        raise AnswersError(reading)
    changed = answering.changes(record, reading.answers)
    if would_author_what_they_approved(record, step, set(changed), actor):
        raise StepRefusedError(Refusal.OWN_WORK)
    facts = Facts({**record.facts.answers, **reading.answers}, answering.ever_with(record.ever, reading.answers))
    if sentence := unmet_need(step, facts) or _idle(session, record, step, at):
        raise StepRefusedError(sentence)
    return Doing(record, step, actor, held, at, reading, changed, facts, read_at)


def _idle(session: Session, record: Record, step: Step, at: datetime) -> str:
    """Say why *step* would do nothing, where it is there to pause a deadline or to end a pause; empty if it would."""
    if step.key not in record.definition.workflow.pausing_steps:
        return ""
    return deadlines.idle_on(session, record, today=local_date(at)).get(step.key, "")


def setting_for(session: Session, record: Record, step: Step, *, today: date) -> Setting:
    """Give where a form of this review is asked: the day, what each question offers, and what is on record."""
    asked = record.definition.form_of(step).questions
    offered = options_of(session, record, today=today)
    notes = partial(vocabularies.what_took_their_place, session, record.answers, today)
    return Setting(today, offered, record.facts, partial(surely_dates, step, asked), notes)


def options_of(session: Session, record: Record, *, today: date, ever: bool = False) -> Any:
    """Give the function that says which answers a question offers to a review on *today*; with *ever*, ever offered."""
    review = record.review
    kind = record.definition.workflow.review_types.get(review.review_type or "")
    return catalogue.options_for(
        session,
        record.definition,
        on=today,
        on_record=record.answers,
        ever=ever,
        review_type=review.review_type,
        converted=kind.converted if kind else False,
        organisation=review.responsible,
    )


def filled_in(session: Session, review: Review, step: Step, definition: Definition) -> dict[str, Any]:
    """Give the answers on record that the form of *step* shows filled in."""
    asked = {q for q in definition.form_of(step).questions if definition.questions[q].is_filled_in}
    rows = session.connection().execute(ANSWERED, {"review_id": review.id}) if asked else ()
    return {row.question: row.value for row in rows if row.question in asked and row.value is not None}


def decide_move(doing: Doing) -> Move:
    """Decide where the step leads; raises StepRefusedError where that state asks for approvals that are not in force."""
    workflow, review = doing.record.definition.workflow, doing.record.review
    in_force = doing.record.in_force
    made = decide(workflow, doing.step, review.state, doing.facts, changed=set(doing.changed), in_force=in_force)
    if made.outcome.becomes is None and made.state != review.state:
        standing = (set(in_force) - set(made.ends)) | ({made.gives} if made.gives else set())
        if lacking := states_lacking_approval(workflow, made.state, standing):
            wanted = " and ".join(f"“{workflow.steps[key].title}”" for key in lacking)
            raise StepRefusedError(f"This needs {wanted} first.")
    return made


def move(session: Session, doing: Doing, made: Move, *, request_id: str | None = None) -> tuple[Appended, UUID | None]:
    """Record the step and all that follows from it, in the caller's transaction; the only place that assigns `state`."""
    review, step = doing.record.review, doing.step
    before = (None if step.makes else review.state, review.review_type, review.workflow)
    event = history.append(
        session,
        stream=f"review:{review.id}",
        kind=history.BECAME if made.outcome.becomes else "review:step",
        body=answering.event_body(doing.changed, doing.reading, ended=made.ends),
        at=doing.at,
        actor=doing.actor,
        held=doing.held,
        step=step.key,
        from_state=before[0],
        to_state=made.outcome.becomes.state if made.outcome.becomes else made.state,
        definition_version_id=review.definition_version_id,
        dated_on=dated_on(doing, made),
        request_id=request_id,
        is_first=step.makes,
    )
    _assign(session, doing, made, event)
    answering.record_answers(session, doing.record, doing.changed, event, doing.actor, restates=step.restates)
    answering.record_approvals(session, doing.record, made, event, doing.held)
    since: date | None
    if step.withdraws_opened:
        since = opened_reviews.undo_conversion(session, doing, event)
    else:
        since = follow_in_spans(session, doing, event, before=before)
        if step.restates:
            opened_reviews.redate_opened(session, doing, event)
    if since is not None:
        write(session, review, {"state_since": since})
    has_moved = before != (review.state, review.review_type, review.workflow)
    if has_moved or step.restates or may_change(doing.record.definition.workflow, step.key, doing.changed):
        for day in deadlines.follow_in_rows(session, [review.id], today=doing.today).values():
            set_committed_value(review, "deadline_on", day)
    opened = None
    if made.outcome.opens:
        opened = conversions.open_review(
            session, doing.record, step, made.outcome.opens, doing.facts, event, doing.actor, doing.held
        )
    notices.tell(session, doing.record, step, doing.facts, event)
    escalations.follow(session, doing, event)
    return event, opened


def _assign(session: Session, doing: Doing, made: Move, event: Appended) -> None:
    """Write the review's row: a new one, or on the condition that nobody else has written it since it was read (WF2)."""
    review, definition = doing.record.review, doing.record.definition
    values: dict[str, Any] = {"version": event.seq, "last_update_on": doing.today}
    state: State | None = definition.workflow.states.get(made.state)
    if becomes := made.outcome.becomes:
        values["definition_version_id"], definition, state = conversions.arrival(session, becomes)
        values |= {"workflow": becomes.workflow, "review_type": becomes.review_type or None}
    if state is None:
        raise IllegalMoveError(f"'{doing.step.title}' leads to no state of this workflow.")
    if doing.step.makes or state.key != review.state or made.outcome.becomes:
        values |= {"state": state.key, "status": state.counts_as, "state_since": event.dated_on}
    if "review_type" in doing.changed and not made.outcome.becomes:
        values["review_type"] = doing.changed["review_type"][1]
    if doing.step.withdraws:
        values["withdrawn_at"] = doing.at
    came = Came(
        review.id,
        step=doing.step.key,
        was=None if doing.step.makes else review.state,
        state=state.key,
        on=local_date(event.recorded_at),
        state_since=values.get("state_since", review.state_since),
        due_before=None if doing.step.makes or made.outcome.becomes else review.next_due_on,
    )
    due_on = None if doing.step.withdraws else next_due(session, definition.workflow, came, doing.facts.answers)
    values["next_due_on"] = due_on
    if doing.step.makes or made.outcome.becomes or answering.is_searched(doing.changed, definition):
        values["search_text"] = answering.search_text(review, doing.facts, definition)
    if doing.step.makes:
        conversions.keep_new(session, review, values)
    else:
        write(session, review, values)


def start_review(  # noqa: PLR0913 - an operation says who acts, when, and by which submit
    session: Session, workflow: str, step_key: str, raw: Raw, *, organisation: str, actor: Actor, at: datetime, key: UUID,
    review_id: UUID | None = None, review_type: str | None = None, version_id: int | None = None, request_id: str | None = None,
) -> Completed:  # fmt: skip
    """Make a review by the first step of *workflow*, for *organisation*, with the raw values of its form.

    It starts under the newest version, or under *version_id* (of a draft begun before a release). *review_type* is for forms
    that do not ask it. Raises what `complete_step` raises.
    """
    new_id = review_id or uuid4()
    route = ":".join((workflow, step_key, organisation, review_type or "", str(version_id or "")))
    claim = once.claim(session, key, actor=actor, route=route, body=raw, at=at, leads_to=1, review_id=new_id)
    if claim is not None:
        return Completed(once.review_of(session, key), claim, repeated=True)
    live_id, definition = conversions.begins_under(session, workflow, version_id)
    step = definition.workflow.steps.get(step_key)
    held = actor.covering(organisation, step.who) if step and step.makes else None
    if step is None or held is None:
        raise StepRefusedError(Refusal.WRONG_ROLE)
    review = conversions.blank_review(new_id, definition, live_id, organisation=organisation, at=at)
    record = Record(review, definition, {}, {})
    reading = read(session, record, step, raw, today=local_date(at))
    if reading.errors:
        raise AnswersError(reading)
    review.review_type = conversions.chosen_type(definition, reading.answers, review_type)
    facts = Facts({**reading.answers, "review_type": review.review_type}, answering.ever_with({}, reading.answers))
    if sentence := unmet_need(step, facts):
        raise StepRefusedError(sentence)
    doing = Doing(record, step, actor, held, at, reading, answering.changes(record, reading.answers), facts)
    event, opened = move(session, doing, decide_move(doing), request_id=request_id)
    return Completed(new_id, event.seq, opened)
