"""Reading: which steps are open to a person, and the pages on the way through a step."""

from __future__ import annotations

from functools import partial

from sqlalchemy import bindparam, select
from sqlalchemy.orm import Session

from benchmarks.databases import Databases
from benchmarks.timing import Timed, side_by_side, unprepared
from benchmarks.tracker import IN_ADDRESS, Tracker, keep_draft
from scrt_workflow.actors import Actor
from scrt_workflow.database import reading
from scrt_workflow.models import Review
from scrt_workflow.operations.finding import find_review
from scrt_workflow.operations.records import Access, record_of, steps_open_to
from scrt_workflow.workflows.schema import Definition

ROW = select(Review.__table__).where(Review.__table__.c.id == bindparam("review_id"))


def open_steps(on: Databases, turns: int) -> list[Timed]:
    """Ask which steps of a review are open to a designate, beside one SELECT by primary key: the goal is 0.2 ms."""
    tracker = Tracker(on.folder(), on.empty())
    review_id, actor = tracker.add_review(), tracker.designate.actor
    with reading(tracker.engine) as session:
        review = find_review(session, actor, review_id)
        record = record_of(session, review, tracker.definition)
        ways = {
            "one SELECT by primary key": lambda: session.connection().execute(ROW, {"review_id": review_id}).one(),
            "the steps open to a person": partial(steps_open_to, record, actor),
            "those, and all that they look at read anew": partial(_read_first, session, review, tracker.definition, actor),
        }
        timed = side_by_side({name: unprepared(do) for name, do in ways.items()}, turns=turns, each=20)
    tracker.close()
    return timed


def _read_first(session: Session, review: Review, definition: Definition, actor: Actor) -> list[Access]:
    return steps_open_to(record_of(session, review, definition), actor)


def pages(on: Databases, turns: int) -> list[Timed]:
    """Get pages through WSGI, beside the liveness page, which asks the database nothing."""
    tracker = Tracker(on.folder(), on.empty())
    review_id = tracker.add_review()
    keep_draft(tracker.engine, tracker, review_id)
    step = f"/reviews/{review_id}/steps/{IN_ADDRESS}"
    addresses = {
        "the liveness page": "/health/live",
        "a step's page": f"{step}/pages/update",
        "the same step's check page": f"{step}/check",
        "the review": f"/reviews/{review_id}",
        "home": "/",
    }
    timed = side_by_side({name: partial(tracker.designate.get, path) for name, path in addresses.items()}, turns=turns)
    tracker.close()
    return timed
