"""What moving a review to another version writes: its event, its row, its spans, the dates that it keeps, and what came of it."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, datetime
from typing import Any
from uuid import UUID

from sqlalchemy import bindparam, insert, select
from sqlalchemy.orm import Session

from scrt_workflow.models import RebaseItem
from scrt_workflow.operations import deadlines, history, spans
from scrt_workflow.operations.deadlines import RUNS
from scrt_workflow.operations.history import Appended
from scrt_workflow.operations.rebase_checks import LOOKED_AT, REVIEWS, Verdict
from scrt_workflow.operations.spans import Renamed
from scrt_workflow.operations.tables import dialect_of, in_both_dialects, table_of
from scrt_workflow.operations.writing import write_all
from scrt_workflow.working_days import local_date

ITEMS = table_of(RebaseItem)
THESE = select(*LOOKED_AT).where(REVIEWS.c.id.in_(bindparam("reviews", expanding=True))).order_by(REVIEWS.c.id).with_for_update()
SET_ITEM = in_both_dialects(
    lambda insert: (add := insert(ITEMS)).on_conflict_do_update(
        index_elements=["rebase_id", "review_id"],
        set_={name: add.excluded[name] for name in ("outcome", "said", "before_seq", "done_seq")},
    )
)


def carry_out(
    session: Session, rebase_id: int, verdicts: Sequence[Verdict], to_id: int, *, by: UUID | None, at: datetime
) -> list[dict[str, Any]]:
    """Move the reviews that nothing is in the way of, and write down what came of each; give what was written to their rows."""
    going = [one for one in verdicts if one.target is not None]
    wanted = [_event(rebase_id, one, to_id, local_date(at)) for one in going]
    events = history.append_all(session, wanted, kind=history.REBASED, at=at, person_id=by)
    moves = list(zip(going, events, strict=True))
    written = [_row(one, event, to_id) for one, event in moves]
    write_all(session, written)
    spans.rename_all(session, [_span(one, event) for one, event in moves if _is_renamed(one)])
    kept = [row for one, event in moves for row in _clocks(one, event)]
    if kept:
        session.connection().execute(insert(RUNS), kept)
    deadlines.follow_in_rows(session, [one.review.id for one in going], today=local_date(at))
    moved = [item(rebase_id, one.review, "moved", " ".join(one.said), event.seq) for one, event in moves]
    set_items(session, [*moved, *(item(rebase_id, one.review, "blocked", one.blocked) for one in verdicts if one.blocked)])
    return written


def _event(rebase_id: int, one: Verdict, to_id: int, today: date) -> dict[str, Any]:
    review, target = one.review, one.target
    due = review.next_due_on.isoformat() if review.next_due_on else None
    before = {"version": review.definition_version_id, "state_since": review.state_since.isoformat(), "next_due_on": due}
    return {
        "stream": f"review:{review.id}",
        "from_state": review.state,
        "to_state": target.key if target else None,
        "definition_version_id": to_id,
        "dated_on": today if one.recounts else None,
        "body": {"rebase": rebase_id, "before": before},
    }


def _row(one: Verdict, event: Appended, to_id: int) -> dict[str, Any]:
    """Give what a moved review's row says; only here a rebase gives a review its state."""
    review, target = one.review, one.target
    as_read = {"review": review.id, "read_at": review.version, "read_in": review.state}
    if target is None:
        raise ValueError(f"{review.reference} is not moved.")
    values = {"version": event.seq, "definition_version_id": to_id, "next_due_on": one.next_due_on}
    since = event.dated_on if one.recounts else review.state_since
    return {**as_read, **values, "state": target.key, "status": target.counts_as, "state_since": since}


def _is_renamed(one: Verdict) -> bool:
    return one.recounts or (one.target is not None and one.target.key != one.review.state)


def _span(one: Verdict, event: Appended) -> Renamed:
    state, status = (one.target.key, one.target.counts_as) if one.target else ("", "")
    return Renamed(one.review.id, event.id, event.recorded_at, state, status, event.dated_on)


def _clocks(one: Verdict, event: Appended) -> list[dict[str, Any]]:
    """Give the runs that say which dates the review keeps, or no longer keeps, from event number *event* on."""
    day = local_date(event.recorded_at)
    return [
        {
            "review_id": one.review.id, "clock": clock, "run": event.seq, "started_on": dates[0] if dates else day,
            "due_on": dates[1] if dates else None, "stopped_on": None if dates else day,
        }
        for clock, dates in one.clocks.items()
    ]  # fmt: skip


def item(rebase_id: int, review: Any, outcome: str, said: str, done: int | None = None) -> dict[str, Any]:
    """Give the row that says what came of a review, by event number *done* if it was moved."""
    row = {"rebase_id": rebase_id, "review_id": review.id, "outcome": outcome, "said": said}
    return {**row, "before_seq": review.version, "done_seq": done}


def set_items(session: Session, rows: list[dict[str, Any]]) -> None:
    """Write down what came of reviews."""
    if rows:
        session.connection().execute(SET_ITEM[dialect_of(session)], rows)
