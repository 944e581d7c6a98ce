"""The history of everything that changes: streams of events, each chained by hashes to the one before (DA5, D8).

What was said stands beside the event, under a salted digest, so that it can be redacted without breaking the chain.
"""

from __future__ import annotations

import json
import secrets
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime
from hashlib import sha256
from typing import Any, NamedTuple
from uuid import UUID

from sqlalchemy import and_, bindparam, func, insert, not_, or_, select
from sqlalchemy.orm import Session

from scrt_workflow.actors import Actor, Held
from scrt_workflow.models import Event, EventBody
from scrt_workflow.operations.tables import table_of

BEGINNING = "0" * 64
"""What the first event of a stream is chained to."""
HASHED = (
    "stream", "seq", "kind", "step", "from_state", "to_state", "definition_version_id", "person_id", "membership_id", "role",
    "organisation", "dated_on", "recorded_at", "request_id", "body_digest", "prev_hash",
)  # fmt: skip

EVENTS, BODIES = table_of(Event), table_of(EventBody)
BECAME = "review:became"
"""The kind of a step by which a review goes on under another workflow, perhaps in a state of the same name."""
REBASED, REBASE_UNDONE = "review:rebased", "review:rebase-undone"
"""The kinds of event by which a review goes on under another version. Undated ones only call the stage by another name."""
IS_RENAMING = and_(EVENTS.c.kind.in_((REBASED, REBASE_UNDONE)), EVENTS.c.dated_on.is_(None))
IS_MOVE = and_(or_(EVENTS.c.from_state != EVENTS.c.to_state, EVENTS.c.kind == BECAME), not_(IS_RENAMING))
SAID = ("salt", "body", "redacted_by_id")
ADD_EVENT = insert(EVENTS).returning(EVENTS.c.id)
ADD_EVENTS = insert(EVENTS).returning(EVENTS.c.id, sort_by_parameter_order=True)
ADD_BODY = insert(BODIES)
HEAD = (
    select(EVENTS.c.seq, EVENTS.c.hash, EVENTS.c.recorded_at)
    .where(EVENTS.c.stream == bindparam("stream"))
    .order_by(EVENTS.c.seq.desc())
    .limit(1)
)
NEWEST = (
    select(EVENTS.c.stream, func.max(EVENTS.c.seq).label("seq"))
    .where(EVENTS.c.stream.in_(bindparam("streams", expanding=True)))
    .group_by(EVENTS.c.stream)
    .subquery()
)
HEADS = select(*EVENTS.c["stream", "seq", "hash", "recorded_at"]).join(
    NEWEST, and_(EVENTS.c.stream == NEWEST.c.stream, EVENTS.c.seq == NEWEST.c.seq)
)


class Head(NamedTuple):
    """The newest event of a stream."""

    seq: int
    hash: str
    recorded_at: datetime


NOTHING_YET = Head(0, BEGINNING, datetime.min.replace(tzinfo=UTC))


@dataclass(frozen=True, slots=True)
class Appended:
    """An event that was just appended: what others write down of it beside it."""

    id: int
    stream: str
    seq: int
    recorded_at: datetime
    dated_on: date | None = None
    definition_version_id: int | None = None
    person_id: UUID | None = None
    request_id: str | None = None


def append(  # noqa: PLR0913 - an event has that many facts, each named
    session: Session,
    *,
    stream: str,
    kind: str,
    body: Mapping[str, Any],
    at: datetime,
    actor: Actor | None = None,
    held: Held | None = None,
    step: str | None = None,
    from_state: str | None = None,
    to_state: str | None = None,
    definition_version_id: int | None = None,
    dated_on: date | None = None,
    request_id: str | None = None,
    is_first: bool = False,
) -> Appended:
    """Append an event to *stream*, and give what others write down of it.

    *actor* acts as *held*; *is_first* says that the caller knows of a new stream. Two writers of one stream cannot both win:
    (stream, seq) is unique. A stream's time never goes back: who came second is recorded no earlier than who came first.
    """
    head = NOTHING_YET if is_first else head_of(session, stream)
    salt = secrets.token_hex(16)
    values: dict[str, Any] = {
        "stream": stream,
        "seq": head.seq + 1,
        "kind": kind,
        "step": step,
        "from_state": from_state,
        "to_state": to_state,
        "definition_version_id": definition_version_id,
        "person_id": actor.person_id if actor else None,
        "membership_id": held.membership_id if held else None,
        "role": str(held.role) if held else None,
        "organisation": held.organisation if held else None,
        "dated_on": dated_on,
        "recorded_at": max(at.astimezone(UTC), head.recorded_at),
        "request_id": request_id,
        "body_digest": digest_of(salt, body),
        "prev_hash": head.hash,
    }
    values["hash"] = hash_of(values)
    connection = session.connection()
    event_id = connection.execute(ADD_EVENT, values).scalar_one()
    connection.execute(ADD_BODY, {"event_id": event_id, "salt": salt, "body": dict(body)})
    return Appended(event_id, **{name: values[name] for name in Appended.__slots__ if name != "id"})


def append_all(
    session: Session, wanted: Sequence[Mapping[str, Any]], *, kind: str, at: datetime, person_id: UUID | None
) -> list[Appended]:
    """Append an event to each of several streams, in a few statements; give them in the order *wanted*.

    Each says its `stream` and `body`, and other columns as it needs. Nobody else may be writing these streams.
    """
    if not wanted:
        return []
    connection = session.connection()
    found = connection.execute(HEADS, {"streams": [one["stream"] for one in wanted]})
    heads = {row.stream: Head(row.seq, row.hash, row.recorded_at) for row in found}
    rows, bodies = [], []
    for one in wanted:
        head, salt = heads.get(one["stream"], NOTHING_YET), secrets.token_hex(16)
        row = {**dict.fromkeys(HASHED), **{name: one[name] for name in one if name != "body"}}
        row |= {"kind": kind, "seq": head.seq + 1, "person_id": person_id, "prev_hash": head.hash}
        row |= {"recorded_at": max(at.astimezone(UTC), head.recorded_at), "body_digest": digest_of(salt, one["body"])}
        rows.append({**row, "hash": hash_of(row)})
        bodies.append({"salt": salt, "body": dict(one["body"])})
    ids = connection.execute(ADD_EVENTS, rows).scalars().all()
    connection.execute(ADD_BODY, [{"event_id": key, **said} for key, said in zip(ids, bodies, strict=True)])
    names = [name for name in Appended.__slots__ if name != "id"]
    return [Appended(key, **{name: row[name] for name in names}) for key, row in zip(ids, rows, strict=True)]


def head_of(session: Session, stream: str) -> Head:
    """Give the newest event of *stream*: its number and hash, and when it was recorded; NOTHING_YET when it has none."""
    row = session.connection().execute(HEAD, {"stream": stream}).one_or_none()
    return Head(row.seq, row.hash, row.recorded_at) if row else NOTHING_YET


def digest_of(salt: str, body: Mapping[str, Any]) -> str:
    """Give the digest of *body* under *salt*."""
    return sha256(f"{salt}{_canonical(body)}".encode()).hexdigest()


def hash_of(values: Mapping[str, Any]) -> str:
    """Give the hash of an event: of everything about it but its body, of which it holds the digest."""
    return sha256(_canonical({name: values[name] for name in HASHED}).encode()).hexdigest()


def _plain(value: Any) -> str:
    """Write what JSON has no way to say: a time in UTC, a date, an id."""
    if isinstance(value, datetime):
        return value.astimezone(UTC).isoformat(timespec="microseconds")
    return value.isoformat() if isinstance(value, date) else str(value)


_canonical = json.JSONEncoder(sort_keys=True, ensure_ascii=False, separators=(",", ":"), default=_plain).encode


def broken_links(session: Session) -> Iterator[str]:
    """Check every chain, and give a sentence for each event at which one does not hold (none: all is well)."""
    expected: dict[str, tuple[int, str]] = {}
    rows: Any = session.execute(
        select(EVENTS, BODIES.c.event_id, *(BODIES.c[name] for name in SAID))
        .outerjoin(BODIES, BODIES.c.event_id == EVENTS.c.id)
        .order_by(EVENTS.c.stream, EVENTS.c.seq),
        execution_options={"yield_per": 2000},
    )
    for event in rows:
        seq, prev_hash = expected.get(event.stream, (0, BEGINNING))
        name = f"{event.stream}, event {event.seq}"
        if event.seq != seq + 1:
            yield f"{name}: event {seq + 1} is missing before it."
        if event.prev_hash != prev_hash:
            yield f"{name}: it does not follow from the event before it."
        if hash_of(event._mapping) != event.hash:  # noqa: SLF001 - SQLAlchemy's public name
            yield f"{name}: it was altered."
        if not _says_the_same(session, event):
            yield f"{name}: what was said in it was altered or taken away."
        expected[event.stream] = (event.seq, event.hash)


def _says_the_same(session: Session, event: Any) -> bool:
    """Say whether what is kept was said in *event*, or is empty because a later event says, in words that hold, that it redacts.

    The event that redacts others names them in its own body: `{"redacts": [event ids]}`.
    """
    if event.event_id is None:
        return False
    if event.redacted_by_id is None:
        return digest_of(event.salt or "", event.body or {}) == str(event.body_digest)
    redaction, said = session.get(Event, event.redacted_by_id), session.get(EventBody, event.redacted_by_id)
    if redaction is None or said is None or said.redacted_by_id is not None or redaction.id <= event.id:
        return False
    holds = digest_of(said.salt or "", said.body or {}) == redaction.body_digest
    is_empty = event.salt is None and event.body is None
    return is_empty and holds and event.id in (said.body or {}).get("redacts", ())
