"""Checkpoints: which event was each stream's newest at a moment, so that a tail that is cut off shows (DA5, D8).

A chain of hashes shows whatever is changed inside it, but not that its end is missing. Once a day the heads of the streams that
have grown are noted; the checkpoints are themselves a chain, whose newest hash is logged, so that it is known off this machine.
"""

import json
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from hashlib import sha256
from itertools import groupby
from typing import Any

from sqlalchemy import and_, func, insert, or_, select
from sqlalchemy.orm import Session

from scrt_workflow.models import Checkpoint, CheckpointHead, Event
from scrt_workflow.operations.history import BEGINNING

Head = tuple[str, int, str]
"""A stream, the number of its newest event, and that event's hash."""


@dataclass(frozen=True, slots=True)
class Taken:
    """A checkpoint: how many heads it noted, and the hash that stands for it and all before it."""

    heads: int
    hash: str


def take_checkpoint(session: Session, *, at: datetime) -> Taken:
    """Note the newest event of every stream that has grown since the last checkpoint; where none has, take none."""
    before = newest_checkpoint(session)
    if not (heads := _grown(session)):
        return Taken(0, before)
    added = (
        insert(Checkpoint).values(at=at, heads=len(heads), hash=_hash_of(before, heads)).returning(Checkpoint.id, Checkpoint.hash)
    )
    made = session.execute(added).one()
    rows = [{"checkpoint_id": made.id, "stream": stream, "seq": seq, "hash": hash_} for stream, seq, hash_ in heads]
    session.execute(insert(CheckpointHead), rows)
    return Taken(len(heads), made.hash)


def newest_checkpoint(session: Session) -> str:
    """Give the hash of the newest checkpoint; BEGINNING when there is none."""
    return session.scalar(select(Checkpoint.hash).order_by(Checkpoint.id.desc()).limit(1)) or BEGINNING


def is_checkpoint(session: Session, hash_: str) -> bool:
    """Say whether a checkpoint with this hash, kept elsewhere, is in the chain."""
    return session.scalar(select(Checkpoint.id).where(Checkpoint.hash == hash_)) is not None


def broken_checkpoints(session: Session) -> Iterator[str]:
    """Give a sentence for each event that a checkpoint noted and that is gone or is another, and for each altered checkpoint."""
    before = BEGINNING
    rows = session.execute(
        select(Checkpoint.id, Checkpoint.at, Checkpoint.heads, Checkpoint.hash, CheckpointHead, Event.hash.label("found"))
        .outerjoin(CheckpointHead, CheckpointHead.checkpoint_id == Checkpoint.id)
        .outerjoin(Event, and_(Event.stream == CheckpointHead.stream, Event.seq == CheckpointHead.seq))
        .order_by(Checkpoint.id, CheckpointHead.stream),
        execution_options={"yield_per": 2000},
    )
    for _, group in groupby(rows, key=lambda row: row.id):
        yield from _broken(before, noted := list(group))
        before = noted[0].hash


def _broken(before: str, noted: Sequence[Any]) -> Iterator[str]:
    """Hold one checkpoint to the one before it and to the events."""
    checkpoint, name = noted[0], f"the checkpoint of {noted[0].at:%Y-%m-%d %H:%M}"
    heads = [row.CheckpointHead for row in noted if row.CheckpointHead]
    if len(heads) != checkpoint.heads or _hash_of(before, [(h.stream, h.seq, h.hash) for h in heads]) != checkpoint.hash:
        yield f"{name}: it was altered, or one before it is gone."
    for row in noted:
        if row.CheckpointHead and row.found != row.CheckpointHead.hash:
            what = "is gone" if row.found is None else "is another now"
            yield f"{row.CheckpointHead.stream}, event {row.CheckpointHead.seq}: it was the newest at {name}, and {what}."


def _grown(session: Session) -> list[Head]:
    """Give the heads that no checkpoint has noted, by stream."""
    noted = select(CheckpointHead.stream, func.max(CheckpointHead.seq).label("seq")).group_by(CheckpointHead.stream).subquery()
    newest = select(Event.stream, func.max(Event.seq).label("seq")).group_by(Event.stream).subquery()
    query = (
        select(Event.stream, Event.seq, Event.hash)
        .join(newest, and_(newest.c.stream == Event.stream, newest.c.seq == Event.seq))
        .outerjoin(noted, noted.c.stream == Event.stream)
        .where(or_(noted.c.seq.is_(None), noted.c.seq < Event.seq))
    )
    return sorted((row.stream, row.seq, row.hash) for row in session.execute(query))


def _hash_of(before: str, heads: Sequence[Head]) -> str:
    return sha256(json.dumps([before, *sorted(heads)], separators=(",", ":")).encode()).hexdigest()
