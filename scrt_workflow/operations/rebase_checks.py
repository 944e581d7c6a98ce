"""What a plan does to each open review, and what is in its way: the dry run, and what a batch asks before it moves anything."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any
from uuid import UUID

from sqlalchemy import BindParameter, ColumnElement, Select, and_, bindparam, select
from sqlalchemy.orm import Session

from scrt_workflow import catalogue, reference
from scrt_workflow.forms.question_types import show_day
from scrt_workflow.lint.answers import TooManyError
from scrt_workflow.lint.scope import REVIEW_TYPE
from scrt_workflow.lint.stranding import Standing, Stranding
from scrt_workflow.models import DefinitionVersion, Draft, Review
from scrt_workflow.operations.deadlines import happened_to, kept_dates, states_of
from scrt_workflow.operations.definitions import vocabularies
from scrt_workflow.operations.overdue import next_due_of_all
from scrt_workflow.operations.records import ANSWERS, APPROVALS, CHANGES
from scrt_workflow.operations.tables import table_of
from scrt_workflow.workflows.clocks import ClockState
from scrt_workflow.workflows.rebasing import AFRESH, BY_RULE, KEEP, Plan, what_blocks
from scrt_workflow.workflows.schema import NOTHING, Definition, State
from scrt_workflow.working_days import BankHolidaysUnknownError, Period

AT_A_TIME = 500
REVIEWS, DRAFTS = table_of(Review), table_of(Draft)
LOOKED_AT = REVIEWS.c[
    "id", "reference", "workflow", "state", "status", "state_since", "review_type", "responsible", "version", "next_due_on",
    "definition_version_id", "withdrawn_at",
]  # fmt: skip
_THESE: BindParameter[Any] = bindparam("reviews", expanding=True)
_ASKED: BindParameter[Any] = bindparam("questions", expanding=True)
ANSWERED = select(ANSWERS.c.review_id, ANSWERS.c.question, ANSWERS.c.value).where(
    ANSWERS.c.review_id.in_(_THESE), ANSWERS.c.question.in_(_ASKED)
)
EVER = select(CHANGES.c.review_id, CHANGES.c.question, CHANGES.c.choice).where(
    CHANGES.c.review_id.in_(_THESE), CHANGES.c.question.in_(_ASKED)
)
IN_FORCE = select(APPROVALS.c.review_id, APPROVALS.c.step).where(
    APPROVALS.c.review_id.in_(_THESE), APPROVALS.c.voided_seq.is_(None)
)
BEGUN = select(DRAFTS.c.review_id, DRAFTS.c.step).where(DRAFTS.c.review_id.in_(_THESE)).order_by(DRAFTS.c.step)
Dates = tuple[date, date | None]


@dataclass(frozen=True, slots=True)
class Verdict:
    """What becomes of a review: where it goes and what else changes for it, in sentences; or what is in the way.

    *clocks* are the dates that it keeps from now on, None for a deadline that is counted by its rule again.
    """

    review: Any
    target: State | None
    blocked: str
    recounts: bool
    next_due_on: date | None
    clocks: Mapping[str, Dates | None]
    said: tuple[str, ...]


def under_way(version_id: int, old: Definition) -> ColumnElement[bool]:
    """Say in SQL which reviews of a version may be moved: none that is closed or withdrawn."""
    going_on = [key for key, state in old.workflow.states.items() if state.is_under_way]
    here = (REVIEWS.c.workflow == old.workflow.key, REVIEWS.c.state.in_(going_on), REVIEWS.c.withdrawn_at.is_(None))
    return and_(REVIEWS.c.definition_version_id == version_id, *here)


def reviews_under_way(version_id: int, old: Definition) -> Select[Any]:
    """Give what is looked at of the reviews of a version that may be moved, in a fixed order."""
    return select(*LOOKED_AT).where(under_way(version_id, old)).order_by(REVIEWS.c.id)


def dry_run(session: Session, plan: Plan, from_id: int, to_id: int, *, today: date) -> Iterator[Verdict]:
    """Say of every review under way on version *from_id* what *plan* would do to it today; nothing is changed."""
    judge = Judge(session, plan, from_id, to_id)
    reviews = session.connection().execute(reviews_under_way(from_id, judge.old)).all()
    for start in range(0, len(reviews), AT_A_TIME):
        yield from judge.judge(reviews[start : start + AT_A_TIME], today=today)


def number_of(session: Session, version_id: int) -> int:
    """Give the number that people know a version by."""
    return session.execute(select(DefinitionVersion.number).where(DefinitionVersion.id == version_id)).scalar_one()


class Judge:
    """A plan between two versions, ready to be asked of many reviews."""

    def __init__(self, session: Session, plan: Plan, from_id: int, to_id: int) -> None:
        """Make it ready."""
        self.session, self.plan = session, plan
        self.old, self.new = catalogue.definition(session, from_id), catalogue.definition(session, to_id)
        self.version = number_of(session, to_id)
        self.too_large = ""
        try:
            self.stranding = Stranding(self.new, vocabularies(session))
        except TooManyError as error:  # such a version is not released
            self.too_large = str(error)

    def judge(self, reviews: Sequence[Any], *, today: date) -> list[Verdict]:
        """Say what becomes of each of *reviews*, which are under way on the old version."""
        if not reviews:
            return []
        seen = _Seen(self, [one.id for one in reviews], today)
        blocked = [self._blocked(one, seen) for one in reviews]
        going = self._going(reviews, blocked, today)
        coming = {one.id: today for one in reviews if one.id in going and going[one.id][2]}
        places = {key: (state, since) for key, (state, since, _) in going.items()}
        due = next_due_of_all(self.session, self.new.workflow, places, coming)
        return [self._verdict(one, why, seen, due.get(one.id), today) for one, why in zip(reviews, blocked, strict=True)]

    def _blocked(self, review: Any, seen: _Seen) -> str:
        given = seen.in_force.get(review.id, frozenset())
        old, new = self.old.workflow, self.new.workflow
        why = what_blocks(self.plan, old, new, review.state, review.review_type, given, version=self.version)
        target = self.plan.target(new, review.state)
        if why or target is None or target.final:
            return why
        if self.too_large:
            return self.too_large
        answers = {**seen.answers.get(review.id, {}), REVIEW_TYPE: review.review_type}
        ever = {key: frozenset(values) for key, values in seen.ever.get(review.id, {}).items()}
        return self.stranding.why([Standing(target.key, answers, ever, given)])[0]

    def _going(self, reviews: Sequence[Any], blocked: Sequence[str], today: date) -> dict[UUID, tuple[str, date, bool]]:
        """Give where the reviews that can be moved are then, since when, and whether they count otherwise from today."""
        found = {}
        for review, why in zip(reviews, blocked, strict=True):
            target = self.plan.target(self.new.workflow, review.state)
            if target is not None and not why:
                recounts = target.counts_as != review.status
                found[review.id] = (target.key, today if recounts else review.state_since, recounts)
        return found

    def _verdict(self, review: Any, blocked: str, seen: _Seen, due: date | None, today: date) -> Verdict:
        target = self.plan.target(self.new.workflow, review.state)
        if blocked or target is None:
            return Verdict(review, None, blocked, recounts=False, next_due_on=None, clocks={}, said=())
        clocks, told = self._clocks(review.id, seen, today)
        recounts = target.counts_as != review.status
        said = [self._stage(review.state, target, recounts=recounts), *told]
        if due != review.next_due_on:
            said.append(f"Its next update is due {_on(due)} instead of {_on(review.next_due_on)}.")
        said += [self._draft(step) for step in seen.drafts.get(review.id, ())]
        return Verdict(review, target, "", recounts=recounts, next_due_on=due, clocks=clocks, said=tuple(said))

    def _stage(self, state: str, target: State, *, recounts: bool) -> str:
        title = self.old.workflow.states[state].title
        where = f"Stays at “{target.title}”" if target.key == state else f"Goes from “{title}” to “{target.title}”"
        counts = "is not counted" if target.counts_as == NOTHING else f"counts as {target.counts_as}"
        return f"{where}, and {counts} from that day on." if recounts else f"{where}."

    def _draft(self, step: str) -> str:
        before, now = (found.workflow.steps.get(step) for found in (self.old, self.new))
        if now is not None:
            return f"Somebody is filling in “{now.title}”: what they typed stays."
        title = before.title if before else step
        return f"Somebody is filling in “{title}”, which version {self.version} does not have: what they typed stays to be read."

    def _clocks(self, review: UUID, seen: _Seen, today: date) -> tuple[dict[str, Dates | None], list[str]]:
        """Give the dates that deadlines keep from now on, and what to say of those that change."""
        before = {one.key: one for one in seen.states(review, self.old, today)}
        by_rule = {one.key: one for one in seen.states(review, self.new, today, kept={})}
        found: dict[str, Dates | None] = {}
        said = []
        for key, choice in self.plan.clocks.items():
            rule, now = self.new.workflow.clocks[key], by_rule.get(key)
            kept = before.get(choice.removeprefix(KEEP)) if choice.startswith(KEEP) else None
            if kept and (now or kept.stopped_on is None):
                found[key] = (kept.started_on, kept.due_on)
            elif choice == AFRESH and now and now.stopped_on is None:
                found[key] = (today, _after(rule.due, today))
            elif choice == BY_RULE and (dates_kept := seen.kept.get(review, {}).get(key)) and dates_kept.dates:
                found[key] = None
            dates = found.get(key)
            if (now.stopped_on is None) if now else dates:
                said += self._due(rule.title, before.get(key), dates[1] if dates else now.due_on if now else None)
        return found, said

    def _due(self, title: str, before: ClockState | None, due: date | None) -> list[str]:
        was = before.due_on if before and before.stopped_on is None else None
        return [] if due == was else [f"“{title}” is due {_on(due)}{f' instead of {_on(was)}' if was else ''}."]


class _Seen:
    """What is on record of some reviews, as far as a judge looks at it."""

    def __init__(self, judge: Judge, reviews: list[UUID], today: date) -> None:
        connection, these = judge.session.connection(), {"reviews": reviews}
        wanted = set() if judge.too_large else judge.stranding.looked_at
        if judge.plan.clocks:
            wanted = wanted | judge.old.workflow.clock_dates | judge.new.workflow.clock_dates
        ever = set() if judge.too_large else {test.question for test in judge.stranding.walker.layout.ever}
        self.today = today
        self.answers: dict[UUID, dict[str, Any]] = {}
        for row in connection.execute(ANSWERED, {**these, "questions": sorted(wanted)}):
            self.answers.setdefault(row.review_id, {})[row.question] = row.value
        self.ever: dict[UUID, dict[str, set[str]]] = {}
        for row in connection.execute(EVER, {**these, "questions": sorted(ever)}) if ever else ():
            values = row.choice if isinstance(row.choice, list) else [row.choice] if row.choice is not None else []
            self.ever.setdefault(row.review_id, {}).setdefault(row.question, set()).update(values)
        given: dict[UUID, set[str]] = {}
        for review, step in connection.execute(IN_FORCE, these):
            given.setdefault(review, set()).add(step)
        self.in_force = {key: frozenset(steps) for key, steps in given.items()}
        self.drafts: dict[UUID, dict[str, None]] = {}
        for review, step in connection.execute(BEGUN, these):
            self.drafts.setdefault(review, {})[step] = None
        self.kept = kept_dates(judge.session, reviews) if judge.plan.clocks else {}
        self.done = happened_to(judge.session, reviews, judge.old.workflow, judge.new.workflow) if judge.plan.clocks else {}

    def states(self, review: UUID, definition: Definition, today: date, *, kept: Any = None) -> list[ClockState]:
        """Give how the deadlines of a review stand under *definition*, with the dates that it keeps so far."""
        if not self.done:
            return []
        kept = self.kept.get(review, {}) if kept is None else kept
        return states_of(definition.workflow, self.answers.get(review, {}), self.done[review], kept, today=today)


def _after(period: str, day: date) -> date | None:
    try:
        return Period.parse(period).after(day, holidays=reference.bank_holidays())
    except BankHolidaysUnknownError:
        return None


def _on(day: date | None) -> str:
    return f"on {show_day(day.isoformat())}" if day else "on no day"
