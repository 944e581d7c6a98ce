"""Deciding which of 50,000 open reviews somebody is reminded of on a day, entering and posting that, and writing a digest."""

from __future__ import annotations

import time
from collections.abc import Callable
from datetime import timedelta
from random import Random
from typing import Any
from uuid import UUID

from sqlalchemy import bindparam, func, insert, select, text, update
from sqlalchemy.orm import Session

from benchmarks.databases import Databases
from benchmarks.many_reviews import add_many
from benchmarks.timing import Timed
from benchmarks.tracker import AT, Tracker
from scrt_workflow import reference
from scrt_workflow.clock import FixedClock
from scrt_workflow.database import reading, unit_of_work
from scrt_workflow.jobs import reminders
from scrt_workflow.jobs.work import Work
from scrt_workflow.models import Answer, Notice, ReminderSent, Review, Span
from scrt_workflow.operations import history, people
from scrt_workflow.operations.letters import letter_for
from scrt_workflow.operations.reminders import reminders_due
from scrt_workflow.operations.tables import table_of
from scrt_workflow.permissions import Role
from scrt_workflow.workflows.schema import OPEN

NUMBER, AT_ONCE = 50_000, 1_000
STEPS = ("refer", "commission", "start", "give_update")
STARTED_BY = ("referred_on", "notified_on", "decided_on", "commissioned_on")
DAY = timedelta(days=1)


def reminding_50000(on: Databases, _turns: int) -> list[Timed]:
    """Decide the reminders of 50,000 open reviews, run the job, decide again, and write the longest digest."""
    tracker = Tracker(on.folder(), on.empty())
    _fill(tracker)
    work = Work(tracker.engine, AT, FixedClock(AT))
    due = 0

    def decide() -> None:
        nonlocal due
        with reading(tracker.engine) as session:
            due = sum(1 for _ in reminders_due(session, on=AT.date()))

    took = [_timed("decided", NUMBER, decide)]
    assert NUMBER / 10 < due < NUMBER, due
    took.append(_timed("decided, entered and posted", NUMBER, lambda: reminders.run(work)))
    took.append(_timed("decided again, a day later", NUMBER, lambda: _decide_later(tracker)))
    with reading(tracker.engine) as session:
        longest = _longest(session)
        listed = session.scalar(select(func.count()).where(ReminderSent.notice_id == longest.id)) or 0
        write = _timed(
            "a digest written", listed, lambda: letter_for(session, longest, on=AT.date(), address="https://example.org")
        )
    tracker.close()
    return [*took, write]


def _decide_later(tracker: Tracker) -> None:
    with reading(tracker.engine) as session:
        again = sum(1 for _ in reminders_due(session, on=AT.date() + DAY))
    assert again < NUMBER / 10, again


def _longest(session: Session) -> Notice:
    told = select(ReminderSent.notice_id).where(ReminderSent.notice_id.is_not(None)).group_by(ReminderSent.notice_id)
    return session.get_one(Notice, session.scalars(told.order_by(func.count().desc()).limit(1)).one())


def _timed(name: str, of: int, do: Callable[[], object]) -> Timed:
    wall, cpu = time.perf_counter(), time.process_time()
    do()
    wall, cpu = time.perf_counter() - wall, time.process_time() - cpu
    return Timed(f"{name} (of {of:,})", wall, cpu, 1.0, 1.0)


def _fill(tracker: Tracker) -> None:
    """Add open reviews of every workflow that reminds, each with steps, a span and the dates that its deadlines run from."""
    with unit_of_work(tracker.engine) as session:
        _add_people(session)
    add_many(tracker, NUMBER)
    chance, reviews = Random(7), table_of(Review)
    reminding = [(version, one.workflow) for version, one in tracker.live.values() if one.workflow.reminders]
    with unit_of_work(tracker.engine) as session:
        ids = list(session.scalars(select(Review.id)))
        where = [_place(key, *chance.choice(reminding), chance) for key in ids]
        session.connection().execute(update(reviews).where(reviews.c.id == bindparam("review")), where)
    for start in range(0, NUMBER, AT_ONCE):
        with unit_of_work(tracker.engine) as session:
            _add_past(session, where[start : start + AT_ONCE], chance)
    if tracker.engine.dialect.name == "postgresql":
        with tracker.engine.begin() as connection:
            connection.execute(text("ANALYZE"))


def _add_people(session: Session) -> None:
    """Give each ICB a designate and a lead, and each region a lead."""
    roles = {"icb": (Role.DESIGNATE, Role.ICB_LEAD), "region": (Role.REGIONAL_LEAD,)}
    for place in reference.organisations():
        if place.valid_from <= AT.date() and not (place.valid_to and place.valid_to <= AT.date()):
            for role in roles.get(place.kind, ()):
                email = f"{role}.{place.code}@example.nhs.uk".lower()
                people.ensure_role(session, email, role, place.code, valid_from=AT.date() - 800 * DAY, at=AT)


def _place(key: UUID, version: int, workflow: Any, chance: Random) -> dict[str, Any]:
    state = chance.choice([one for one in workflow.states.values() if one.counts_as == OPEN])
    here = {"definition_version_id": version, "workflow": workflow.key, "state": state.key, "status": OPEN, "version": len(STEPS)}
    return {"review": key, "state_since": AT.date() - chance.randint(1, 200) * DAY, **here}


def _add_past(session: Session, where: list[dict[str, Any]], chance: Random) -> None:
    connection = session.connection()
    began = AT - chance.randint(40, 250) * DAY
    for number, step in enumerate(STEPS):
        at = began + number * 10 * DAY if step != "give_update" else AT - chance.randint(1, 40) * DAY
        events = [_event(one, step, at) for one in where]
        made = history.append_all(session, events, kind="review:step", at=at, person_id=None)
    answers = [_answer(one, question, began) for one in where for question in STARTED_BY]
    connection.execute(insert(table_of(Answer)), answers)
    connection.execute(insert(table_of(Span)), [_span(one, event.id) for one, event in zip(where, made, strict=True)])


def _event(one: dict[str, Any], step: str, at: Any) -> dict[str, Any]:
    stays = {"from_state": one["state"], "to_state": one["state"], "definition_version_id": one["definition_version_id"]}
    return {"stream": f"review:{one['review']}", "step": step, "dated_on": at.date(), "body": {}, **stays}


def _answer(one: dict[str, Any], question: str, began: Any) -> dict[str, Any]:
    asked = {"question": question, "value": began.date().isoformat(), "set_seq": 1}
    return {"review_id": one["review"], "asked_under_id": one["definition_version_id"], **asked}


def _span(one: dict[str, Any], event_id: int) -> dict[str, Any]:
    same = {"review_id": one["review"], "from_on": one["state_since"], "organisation": "QMJ", "workflow": one["workflow"]}
    return {**same, "status": OPEN, "state": one["state"], "known_from": AT, "event_id": event_id}
