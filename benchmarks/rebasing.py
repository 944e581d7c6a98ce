"""Moving 5,000 open reviews to another version: the dry run, the batch, and taking it back, by what each review takes."""

from __future__ import annotations

import re
import time
from collections.abc import Callable
from datetime import date
from random import Random
from typing import Any
from uuid import UUID

from sqlalchemy import insert, select

from benchmarks.databases import Databases
from benchmarks.many_reviews import add_many
from benchmarks.timing import Timed
from benchmarks.tracker import AT, Tracker
from scrt_workflow.database import reading, unit_of_work
from scrt_workflow.folder import read_folder, read_sources
from scrt_workflow.models import Answer, DefinitionVersion, Review, Span
from scrt_workflow.operations import definitions, history, rebasing
from scrt_workflow.operations.rebase_checks import dry_run
from scrt_workflow.operations.tables import table_of
from scrt_workflow.settings import shipped
from scrt_workflow.workflows.rebasing import Plan

NUMBER, WORKFLOW = 5_000, "safeguarding_adult_review"
ANSWERS = {"media_interest": "none", "referred_on": "2024-05-20", "decided_on": "2024-06-01", "lessons": "Name one lead."}


def rebasing_5000(on: Databases, _turns: int) -> list[Timed]:
    """Move the open reviews of one workflow, each with what is on record of it, to a version that calls a stage otherwise."""
    tracker = Tracker(on.folder(), on.empty())
    _fill(tracker)
    new_id = _release(tracker)
    plan = Plan({"signed_off": "agreed"}, {})
    with unit_of_work(tracker.engine) as session:
        asked: dict[str, Any] = {"from_id": tracker.version, "to_id": new_id, "mode": "now", "actor": None, "at": AT}
        rebase_id = rebasing.make_plan(session, plan, **asked).id

    def rehearse() -> None:
        with reading(tracker.engine) as session:
            moving = [one for one in dry_run(session, plan, tracker.version, new_id, today=AT.date()) if not one.blocked]
            assert len(moving) > NUMBER * 0.9, len(moving)

    took = [_timed(f"dry run of {NUMBER:,} open reviews", rehearse)]
    for name, begin, outcome in (("moved", rebasing.begin, "moved"), ("moved back", rebasing.undo, "undone")):
        took.append(_timed(f"{NUMBER:,} {name}", lambda begin=begin: _carry_out(tracker, rebase_id, begin)))
        with reading(tracker.engine) as session:
            assert getattr(rebasing.progress(session, rebase_id), outcome) > NUMBER * 0.9
    tracker.close()
    return took


def _timed(name: str, do: Callable[[], object]) -> Timed:
    wall, cpu = time.perf_counter(), time.process_time()
    do()
    wall, cpu = time.perf_counter() - wall, time.process_time() - cpu
    return Timed(f"{name} ({NUMBER / wall:,.0f} a second)", wall, cpu, 1.0, 1.0)


def _carry_out(tracker: Tracker, rebase_id: int, begin: Callable[..., object]) -> None:
    with unit_of_work(tracker.engine) as session:
        begin(session, rebase_id, actor=None, at=AT)
    goes_on = True
    while goes_on:
        with unit_of_work(tracker.engine) as session:
            goes_on = rebasing.carry_on(session, rebase_id, at=AT)


def _fill(tracker: Tracker) -> None:
    """Add reviews in flight, each with a few answers, events and a span."""
    add_many(tracker, NUMBER)
    chance = Random(5)
    going_on = [state for state in tracker.definition.workflow.states.values() if not state.final]
    reviews = table_of(Review)
    with unit_of_work(tracker.engine) as session:
        connection = session.connection()
        rows = connection.execute(select(reviews)).all()
        asked = [key for key in ANSWERS if key in tracker.definition.questions]
        for row in rows:
            state = chance.choice(going_on)
            here = {"definition_version_id": tracker.version, "workflow": WORKFLOW, "state": state.key, "status": state.counts_as}
            connection.execute(reviews.update().where(reviews.c.id == row.id).values(**here, review_type=None))
        ids = [row.id for row in rows]
        connection.execute(
            insert(table_of(Answer)), [_answer(key, question, tracker.version) for key in ids for question in asked]
        )
        for step, state in (("refer", "referred"), ("commission", "commissioned"), ("start", "in_progress")):
            events = [_event(key, step, state, tracker.version) for key in ids]
            made = history.append_all(session, events, kind="review:step", at=AT, person_id=None)
        connection.execute(reviews.update().values(version=3))
        spans = [_span(row, one.id) for row, one in zip(rows, made, strict=True)]
        connection.execute(insert(table_of(Span)), spans)


def _answer(review: UUID, question: str, version: int) -> dict[str, Any]:
    return {"review_id": review, "question": question, "value": ANSWERS[question], "set_seq": 1, "asked_under_id": version}


def _event(review: UUID, step: str, state: str, version: int) -> dict[str, Any]:
    same = {"stream": f"review:{review}", "step": step, "to_state": state, "definition_version_id": version}
    return {**same, "dated_on": date(2024, 6, 10), "body": {}}


def _span(row: Any, event_id: int) -> dict[str, Any]:
    same = {"review_id": row.id, "from_on": row.state_since, "organisation": row.responsible, "workflow": WORKFLOW}
    return {**same, "status": "open", "state": "in_progress", "known_from": AT, "event_id": event_id}


def _release(tracker: Tracker) -> int:
    folder = read_folder(shipped("workflows").parent, known_types=definitions.known_types())
    file = f"workflows/{WORKFLOW}.yaml"
    text = re.sub(r"\bsigned_off\b", "agreed", folder.sources[file])
    with unit_of_work(tracker.engine) as session:
        sources = {**folder.sources, file: text}
        definitions.load(session, read_sources(sources, known_types=definitions.known_types()), at=AT)
        newest = select(DefinitionVersion.id).where(DefinitionVersion.workflow == WORKFLOW)
        return int(session.execute(newest.order_by(DefinitionVersion.number.desc()).limit(1)).scalar_one())
