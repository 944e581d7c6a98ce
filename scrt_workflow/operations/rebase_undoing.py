"""Taking back what a rebase moved: each review as it was, but for those that somebody has acted on since, which are named."""

from __future__ import annotations

from datetime import date, datetime
from typing import Any

from sqlalchemy import bindparam, delete, select, update
from sqlalchemy.orm import Session

from scrt_workflow import catalogue
from scrt_workflow.models import Rebase, Review
from scrt_workflow.operations import deadlines, history, spans
from scrt_workflow.operations.deadlines import RUNS
from scrt_workflow.operations.history import BODIES, EVENTS, NEWEST, Appended
from scrt_workflow.operations.rebase_moves import ITEMS, THESE
from scrt_workflow.operations.refusals import PEOPLE, SERVICE
from scrt_workflow.operations.spans import Renamed
from scrt_workflow.operations.writing import write_all
from scrt_workflow.working_days import local_date, local_time

MOVED = (
    select(ITEMS.c.review_id, ITEMS.c.done_seq)
    .where(ITEMS.c.rebase_id == bindparam("rebase"), ITEMS.c.outcome == "moved")
    .order_by(ITEMS.c.review_id)
    .limit(bindparam("most"))
)
LAST = (
    select(*EVENTS.c["id", "stream", "seq", "from_state", "dated_on", "recorded_at"], BODIES.c.body, PEOPLE.c.name)
    .join(NEWEST, (EVENTS.c.stream == NEWEST.c.stream) & (EVENTS.c.seq == NEWEST.c.seq))
    .join(BODIES, BODIES.c.event_id == EVENTS.c.id)
    .outerjoin(PEOPLE, PEOPLE.c.id == EVENTS.c.person_id)
)
TAKEN_BACK = (
    update(ITEMS)
    .where(ITEMS.c.rebase_id == bindparam("rebase"), ITEMS.c.review_id == bindparam("review"))
    .values(outcome=bindparam("came_to"), said=bindparam("why"), undone_seq=bindparam("undone"))
)
FORGET_RUNS = delete(RUNS).where(RUNS.c.review_id == bindparam("review"), RUNS.c.run == bindparam("moved_at"))


def take_some_back(session: Session, rebase: Rebase, *, at: datetime, most: int) -> bool:
    """Take back the next reviews that *rebase* moved, and say whether there may be more."""
    connection = session.connection()
    moved = {row.review_id: row.done_seq for row in connection.execute(MOVED, {"rebase": rebase.id, "most": most})}
    if not moved:
        rebase.status, rebase.ended_at = "undone", at
        session.flush()
        return False
    reviews = connection.execute(THESE, {"reviews": list(moved)}).all()
    found = connection.execute(LAST, {"streams": [f"review:{key}" for key in moved]})
    last = {row.stream: row for row in found}
    back = [(one, last[f"review:{one.id}"]) for one in reviews if one.version == moved[one.id]]
    left = [one for one in reviews if one.version != moved[one.id]]
    events = _take_back(session, rebase, back, at=at)
    same = {"rebase": rebase.id}
    items = [
        {**same, "review": one.id, "came_to": "undone", "why": "", "undone": event.seq}
        for (one, _), event in zip(back, events, strict=True)
    ]
    items += [
        {**same, "review": one.id, "came_to": "left", "why": _since(last[f"review:{one.id}"]), "undone": None} for one in left
    ]
    connection.execute(TAKEN_BACK, items)
    return True


def _since(event: Any) -> str:
    when = local_time(event.recorded_at)
    return f"{event.name or SERVICE} has acted on it since, on {when.day} {when:%B %Y}."


def _take_back(session: Session, rebase: Rebase, back: list[tuple[Any, Any]], *, at: datetime) -> list[Appended]:
    """Let reviews be what they were before the event that moved each, which is their newest."""
    old, today = catalogue.definition(session, rebase.from_version_id), local_date(at)
    wanted = [
        {
            "stream": moved.stream, "from_state": review.state, "to_state": moved.from_state,
            "definition_version_id": rebase.from_version_id, "dated_on": today if moved.dated_on else None,
            "body": {"rebase": rebase.id, "because_of": f"{moved.stream}:{moved.seq}"},
        }
        for review, moved in back
    ]  # fmt: skip
    events = history.append_all(session, wanted, kind=history.REBASE_UNDONE, at=at, person_id=rebase.undone_by_id)
    written, renamed = [], []
    for (review, moved), event in zip(back, events, strict=True):
        before, state = moved.body["before"], old.workflow.states[moved.from_state]
        due = before["next_due_on"]
        as_read = {"review": review.id, "read_at": review.version, "read_in": review.state}
        was = {"state": state.key, "status": state.counts_as, "state_since": date.fromisoformat(before["state_since"])}
        values = {"version": event.seq, "definition_version_id": rebase.from_version_id, **was}
        written.append({**as_read, **values, "next_due_on": date.fromisoformat(due) if due else None})
        if review.state != state.key and not moved.dated_on:
            renamed.append(Renamed(review.id, event.id, event.recorded_at, state.key, state.counts_as))
    if written:
        write_all(session, written)
        gone = [{"review": review.id, "moved_at": moved.seq} for review, moved in back]
        session.connection().execute(FORGET_RUNS, gone)
        deadlines.follow_in_rows(session, [review.id for review, _ in back], today=today)
    spans.rename_all(session, renamed)
    for (review, moved), event in zip(back, events, strict=True):
        if moved.dated_on:
            again = session.get_one(Review, review.id, populate_existing=True)
            spans.take_back(session, again, moved.id, on=today, known=event.recorded_at, event_id=event.id)
    return events
