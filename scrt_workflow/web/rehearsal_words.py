"""A rehearsal in words: where its made-up review is, what is open to whom, and what was sent to whom."""

from __future__ import annotations

from typing import Any

from flask import url_for

from scrt_workflow import reference
from scrt_workflow.operations.awaited import unmet_beforehand
from scrt_workflow.operations.deadlines import deadlines_on
from scrt_workflow.operations.records import Record, steps_open_to
from scrt_workflow.operations.rehearsing import first_steps
from scrt_workflow.permissions import ACTORS, ROLES, Role
from scrt_workflow.reports.timeline import timeline_of
from scrt_workflow.web import review_steps, review_words
from scrt_workflow.web.on_stage import OnStage
from scrt_workflow.web.review_steps import Row, StepGroups
from scrt_workflow.workflows.ahead import coming_next, roles_in_words
from scrt_workflow.workflows.clocks import ClockState
from scrt_workflow.workflows.diagram import is_too_large


def shown(found: OnStage) -> dict[str, Any]:
    """Give what the page of a rehearsal shows."""
    stage, record = found.stage, found.record()
    workflow, review = record.definition.workflow, record.review
    parts: dict[str, Any] = {
        "rehearsal": found.row,
        "rehearsed": found.rehearsed,
        "moves": len(found.kept.script.moves),
        "stage": stage,
        "role": ROLES[Role(found.kept.role)].title,
        "roles": _roles(found, record),
        "is_begun": bool(stage.reviews),
        "workflow": workflow,
        "is_drawn": not is_too_large(workflow),
        "reviews": _reviews(found),
        "sent": list(reversed(stage.outbox)),
    }
    if not stage.reviews:
        return {**parts, "steps": _to_begin(found)}
    history = review_words.happened(stage.session, record)
    known = deadlines_on(stage.session, record, today=stage.day)
    deadlines = review_words.shown_of(known, record)
    return {
        **parts,
        "review": review,
        "state": workflow.states[review.state],
        "type_title": review_words.type_title(record.definition, review),
        "organisation": place_name(review.responsible),
        "steps": _steps(found, record, known),
        "deadlines": deadlines,
        "picture": timeline_of(deadlines, today=stage.day),
        "due_in": (review.next_due_on - stage.day).days if review.next_due_on else None,
        "answers": review_words.answers_on_record(stage.session, record),
        "updates": review_words.updates_of(stage.session, review),
        "history": history,
        "sent_back": review_words.sent_back(history),
    }


def place_name(code: str) -> str:
    """Give the name of a shipped organisation."""
    return next((one.name for one in reference.organisations() if one.code == code), code)


def _roles(found: OnStage, record: Record) -> list[dict[str, Any]]:
    """Give each role with the steps that are open to it now, those first that take the review on."""
    rows = []
    for role in (one for one in ROLES if one in ACTORS):
        if found.stage.reviews:
            actor = found.stage.actor(role)
            accesses = [one for one in steps_open_to(record, actor) if one.refusal is None]
            steps = [one.step for one in accesses if unmet_beforehand(record, one.step) is None]
            onward = {one.step.key for one in coming_next(record.definition.workflow, record.review.state)}
            steps.sort(key=lambda step: step.key not in onward)
        else:
            steps = [step for step in first_steps(found.rehearsed, found.kept.script) if role in step.who]
        acting, titles = role == found.kept.role, [step.title for step in steps]
        rows.append({"key": role.value, "title": ROLES[role].title, "open": titles, "acting": acting})
    return rows


def _to_begin(found: OnStage) -> StepGroups:
    rows = []
    for step in first_steps(found.rehearsed, found.kept.script):
        href = _href(found, step.key) if found.kept.role in step.who else ""
        rows.append(
            {"title": step.title, "hint": step.hint, "who": f"For {roles_in_words(step.who)}.", "href": href, "first": []}
        )
    return StepGroups(next=rows)


def _steps(found: OnStage, record: Record, deadlines: list[ClockState]) -> StepGroups:
    """Give the steps as the review's own page would show them to who is acted as, each leading to its rehearsal."""
    actor, stage = found.stage.actor(found.kept.role), found.stage
    accesses = steps_open_to(record, actor)
    groups = review_steps.grouped(stage.session, record, accesses, [], deadlines, me=actor.person_id, today=stage.day)
    for rows in (groups.next, groups.open, groups.rare, groups.others, groups.later, groups.done):
        for row in rows:
            _lead_to(found, row)
            for first in row.get("first", ()):
                _lead_to(found, first)
    return groups


def _lead_to(found: OnStage, row: Row) -> None:
    if row.get("href"):
        row["href"] = _href(found, row["key"])


def _href(found: OnStage, step_key: str) -> str:
    return url_for("rehearsed_steps.begin", rehearsal_id=found.row.id, step_key=step_key)


def _reviews(found: OnStage) -> list[dict[str, Any]]:
    """Give the reviews of a rehearsal where one has opened another."""
    rows = []
    for number in range(len(found.stage.reviews)):
        record = found.stage.record(number)
        title = f"{record.review.reference}, {record.definition.workflow.title}"
        rows.append({"number": number, "title": title, "is_shown": number == found.number})
    return rows if len(rows) > 1 else []
