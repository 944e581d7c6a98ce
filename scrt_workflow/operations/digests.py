"""What a digest tells of: the reminders entered for one person and posted together, as far as each is still true.

It is looked up when the letter is written. A review that has moved on, was updated meanwhile or may not be seen any more is left
out, and so is what its reader does not want to hear; what was raised with them is not theirs to stop.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from itertools import groupby
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.orm import Session

from scrt_workflow import catalogue
from scrt_workflow.actors import Actor, Held
from scrt_workflow.models import Notice, Organisation, ReminderSent, Review
from scrt_workflow.operations.cycles import cycles_in, wanted_by
from scrt_workflow.operations.mail_choices import Mail, wants
from scrt_workflow.operations.overdue import Since
from scrt_workflow.operations.people import actor_of
from scrt_workflow.operations.reminders import AT_A_TIME, goes_up
from scrt_workflow.permissions import Permission
from scrt_workflow.workflows.schema import Definition
from scrt_workflow.workflows.time_rules import ReminderRule
from scrt_workflow.working_days import local_date

WITHDRAWN = "The review was withdrawn."
MOVED_ON = "The review has moved on since."
NOT_THEIRS = "The reader may no longer see the review."
STOPPED = "The reader has stopped these e-mails."


@dataclass(frozen=True, slots=True)
class Item:
    """A reminder that a digest tells of: of what, the *number*-th since when, and as what its reader gets it.

    *wanted_by* is the day by which the update was or is due, or the deadline.
    """

    review: Review
    place: str
    definition: Definition
    rule: ReminderRule
    since: Since
    number: int
    wanted_by: date
    held: Held
    is_raised: bool


def items_of(session: Session, notice: Notice, *, on: date) -> tuple[list[Item], str]:
    """Give what the digest *notice* tells of, the most overdue first; and why something was left out, if anything was."""
    if notice.person_id is None:
        return [], NOT_THEIRS
    actor = actor_of(session, notice.person_id, on=on)
    rows = session.execute(
        select(ReminderSent, Review).join(Review, Review.id == ReminderSent.review_id).where(ReminderSent.notice_id == notice.id)
    ).all()
    found: list[Item] = []
    reasons: list[str] = []
    going_on = [(sent, review) for sent, review in rows if review.withdrawn_at is None]
    reasons += [WITHDRAWN] if len(going_on) < len(rows) else []
    codes = {review.responsible for _, review in going_on}
    named = session.execute(select(Organisation.code, Organisation.name).where(Organisation.code.in_(sorted(codes))))
    places = dict(named.all())
    begun = _begun(session, [review for _, review in going_on], on=local_date(notice.queued_at))
    asked_for = wants(session, notice.person_id, Mail.REMINDERS)
    for sent, review in going_on:
        rule, since = begun.get((review.id, sent.reminder), (None, None))
        if rule is None or since is None or since.seq != sent.since_seq:
            reasons.append(MOVED_ON)
            continue
        held, is_raised = _reads_as(actor, review, rule, sent.number)
        if held is None:
            reasons.append(NOT_THEIRS)
        elif not (is_raised or asked_for):
            reasons.append(STOPPED)
        else:
            definition = catalogue.definition(session, review.definition_version_id)
            day = wanted_by(rule, since)
            found.append(Item(review, places[review.responsible], definition, rule, since, sent.number, day, held, is_raised))
    found.sort(key=lambda one: (one.wanted_by, one.review.reference, one.rule.key))
    return found, reasons[0] if reasons else MOVED_ON


def _begun(session: Session, reviews: Sequence[Review], *, on: date) -> dict[tuple[UUID, str], tuple[ReminderRule, Since]]:
    """Give, for each review and rule that holds where it is, what is counted from."""
    found: dict[tuple[UUID, str], tuple[ReminderRule, Since]] = {}
    once = {review.id: review for review in reviews}.values()
    in_order = sorted(once, key=lambda one: one.definition_version_id)
    for version, some in groupby(in_order, key=lambda one: one.definition_version_id):
        workflow, these = catalogue.definition(session, version).workflow, list(some)
        for start in range(0, len(these), AT_A_TIME):
            for rule, cycles in cycles_in(session, workflow, these[start : start + AT_A_TIME], on=on):
                found |= {(review, rule.key): (rule, since) for review, since in cycles.items()}
    return found


def _reads_as(actor: Actor, review: Review, rule: ReminderRule, number: int) -> tuple[Held | None, bool]:
    """Give the role by which *actor* gets the *number*-th reminder, and whether it was raised with them."""
    above, below = (_role(actor, review, roles) for roles in (rule.escalate_to, rule.to))
    is_raised = above is not None and (below is None or goes_up(rule, number))
    return (above, True) if is_raised else (below, False)


def _role(actor: Actor, review: Review, roles: tuple[str, ...]) -> Held | None:
    held = actor.covering(review.responsible, roles)
    return held if held is not None and held.may(Permission.REVIEW_SEE) else None
