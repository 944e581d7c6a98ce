"""The steps of a review as its page shows them: what comes next and who must do it, what else is open, later and done."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import date
from typing import Any
from uuid import UUID

from flask import url_for
from sqlalchemy import select
from sqlalchemy.orm import Session

from scrt_workflow.models import Draft, Event, Person
from scrt_workflow.operations.awaited import Obstacle, people_who_may, unmet_beforehand
from scrt_workflow.operations.records import Access, Record
from scrt_workflow.operations.spans import days_of_moves
from scrt_workflow.web.jinja import date_words
from scrt_workflow.workflows.ahead import coming_later, coming_next, roles_in_words
from scrt_workflow.workflows.clocks import ClockState, idle_steps
from scrt_workflow.workflows.schema import SAME, Step

MOST_NAMED = 3
Row = dict[str, Any]


@dataclass(frozen=True, slots=True)
class StepGroups:
    """Rows for the task lists of a page: next, open besides, such as put something right, of others, later, and done."""

    next: list[Row] = field(default_factory=list)
    open: list[Row] = field(default_factory=list)
    rare: list[Row] = field(default_factory=list)
    others: list[Row] = field(default_factory=list)
    later: list[Row] = field(default_factory=list)
    done: list[Row] = field(default_factory=list)


def grouped(
    session: Session, record: Record, accesses: list[Access], drafts: list[Draft], deadlines: list[ClockState], *, me: UUID,
    today: date,
) -> StepGroups:  # fmt: skip
    """Put the steps of a review with its *deadlines* into groups for *me*, whose *accesses* and *drafts* are given."""
    workflow, state = record.definition.workflow, record.review.state
    begun = {draft.step for draft in drafts if draft.review_id == record.review.id}
    if record.review.withdrawn_at is not None:
        return StepGroups(done=_done(session, record, set()))
    groups, idle = StepGroups(), idle_steps(workflow, deadlines)
    mine = {access.step.key for access in accesses if access.refusal is None}
    acknowledging = {rule.acknowledged_by for rule in workflow.escalations.values()}
    coming = {one.step.key: one.by for one in coming_next(workflow, state)}
    for access in (one for one in accesses if one.step.key not in idle):
        step, obstacle = access.step, unmet_beforehand(record, access.step)
        row = _row(record, access, obstacle, begun)
        row["first"] = [one for one in row["first"] if one["key"] in mine]
        if step.key in coming and not (obstacle and obstacle.stays):
            people = people_who_may(session, record, step, on=today)
            groups.next.append({**row, "who": _who(coming[step.key], people, me)})
        elif step.key in acknowledging and obstacle:
            continue  # there is nothing to acknowledge
        elif access.held is None:
            groups.others.append({**row, "hint": f"For {roles_in_words(step.who)}."})
        else:
            (groups.rare if _is_rare(step) else groups.open).append(row)
    later = coming_later(workflow, state)
    groups.later.extend({"title": step.title, "hint": f"For {roles_in_words(step.who)}.", "status": "not_yet"} for step in later)
    groups.done.extend(_done(session, record, {step.key for step in later} | set(coming)))
    return groups


def _who(by: str, people: list[Person], me: UUID) -> str:
    """Say for whom a step is: the role, and the people who hold it here and may take the step, whoever reads this first."""
    names = [one.name for one in people if one.id != me]
    if not people:
        return f"For {by}. Nobody here can take this step at the moment: ask your ICB lead or an administrator."
    named = (["you"] if len(names) < len(people) else []) + names
    more = len(named) - MOST_NAMED
    return f"For {by}: {', '.join(named[:MOST_NAMED])}{f' and {more} more' if more > 0 else ''}."


def _is_rare(step: Step) -> bool:
    """Say whether *step* puts right, takes back or reopens: not what people come for every day."""
    return step.restates or step.withdraws_opened or bool(step.voids) or any(outcome.to != SAME for outcome in step.outcomes)


def _row(record: Record, access: Access, obstacle: Obstacle | None, begun: set[str]) -> Row:
    """Give a step as a row: with a link when it can be taken now, else with the sentence that says why not."""
    step = access.step
    row: Row = {"key": step.key, "title": step.title, "hint": step.hint, "why": "", "href": "", "first": []}
    if access.held is None:
        return {**row, "status": "waiting"}
    why = str(access.refusal or "") or (obstacle.sentence if obstacle else "")
    if why:
        first = obstacle.by if obstacle and not access.refusal else ()
        return {**row, "status": "not_yet", "why": why, "hint": why, "first": [_link(record, one) for one in first]}
    return {**row, **_link(record, step), "status": "draft" if step.key in begun else "open"}


def _link(record: Record, step: Step) -> Row:
    return {"key": step.key, "title": step.title, "href": url_for("steps.begin", review_id=record.review.id, step_key=step.key)}


def _done(session: Session, record: Record, due: set[str]) -> list[Row]:
    """Give the steps that moved the review, each with when it was last done and by whom; not those that are *due* again."""
    query = (
        select(Event.id, Event.step, Event.dated_on, Person.name)
        .outerjoin(Person, Person.id == Event.person_id)
        .where(
            Event.stream == f"review:{record.review.id}",
            Event.step.is_not(None),
            Event.from_state.is_distinct_from(Event.to_state),
        )
        .order_by(Event.seq)
    )
    steps, counts_from = record.definition.workflow.steps, days_of_moves(session, record.review.id)
    rows = [row for row in session.execute(query) if row.step in steps and row.step not in due]
    found = {row.step: (counts_from.get(row.id, row.dated_on), row.name) for row in rows}
    return [
        {"title": steps[key].title, "hint": f"{date_words(day)}{f', {name}' if name else ''}", "status": "done"}
        for key, (day, name) in found.items()
    ]
