"""Tampering shows (DA5): whatever is altered, deleted, inserted or swapped in the history is found, and where."""

from __future__ import annotations

from datetime import timedelta
from random import Random
from typing import Any

import pytest
from sqlalchemy import delete, insert, select, text, update
from sqlalchemy.orm import Session

from scrt_workflow.models import Event, EventBody
from scrt_workflow.operations import history
from tests.factories import NOW

STREAMS, EVENTS = 3, 12
TAMPERINGS = {"sqlite": 125, "postgresql": 10}
"""Of each of four kinds: 500 on the one database, and enough on the other to see that it is no different."""


@pytest.fixture
def recorded(session: Session) -> Session:
    """Record some streams, and take away the triggers that would refuse to tamper with them."""
    for stream in range(STREAMS):
        for n in range(EVENTS):
            history.append(session, stream=f"test:{stream}", kind="test:happened", body={"n": n}, at=NOW + timedelta(hours=n))
    session.flush()
    if session.get_bind().dialect.name == "postgresql":
        session.execute(text("ALTER TABLE event DISABLE TRIGGER ALL"))
        session.execute(text("ALTER TABLE event_body DISABLE TRIGGER ALL"))
    else:
        names = session.scalars(text("SELECT name FROM sqlite_master WHERE type = 'trigger'")).all()
        for name in names:
            session.execute(text(f'DROP TRIGGER "{name}"'))
        session.execute(text("PRAGMA defer_foreign_keys = ON"))
    return session


def test_an_untouched_history_holds(recorded: Session) -> None:
    assert list(history.broken_links(recorded)) == []


def redact(session: Session, event_id: int, **kept: Any) -> int:
    """Empty what was said in an event as a redaction does, but for what is *kept*, and give the event that says so."""
    by = history.append(session, stream="test:redactions", kind="test:redacted", body={"redacts": [event_id]}, at=NOW)
    values = {"body": None, "salt": None, "redacted_by_id": by.id} | kept
    session.execute(update(EventBody).where(EventBody.event_id == event_id).values(values))
    return by.id


def test_what_an_event_says_that_it_redacts_may_be_empty(recorded: Session) -> None:
    redact(recorded, recorded.scalars(select(Event.id).limit(1)).one())

    assert list(history.broken_links(recorded)) == []


@pytest.mark.parametrize("kept", [{"body": {"n": -1}}, {"salt": "s"}, {"redacted_by_id": 2}], ids=lambda kept: next(iter(kept)))
def test_a_redaction_that_leaves_words_or_names_another_event_is_found(recorded: Session, kept: dict[str, Any]) -> None:
    redact(recorded, recorded.scalars(select(Event.id).where(Event.stream == "test:0", Event.seq == 1)).one(), **kept)

    assert list(history.broken_links(recorded)) == ["test:0, event 1: what was said in it was altered or taken away."]


def test_the_words_of_a_redaction_are_held_to_its_event(recorded: Session) -> None:
    """Whoever redacts one event cannot later let the same redaction name another."""
    one, other = recorded.scalars(select(Event.id).where(Event.stream == "test:0").order_by(Event.seq).limit(2))
    by = redact(recorded, one)
    redact(recorded, other, redacted_by_id=by)
    recorded.execute(update(EventBody).where(EventBody.event_id == by).values(body={"redacts": [one, other]}))

    assert "test:0, event 2: what was said in it was altered or taken away." in list(history.broken_links(recorded))


def test_the_time_of_a_stream_never_goes_back(session: Session) -> None:
    at = [NOW, NOW + timedelta(hours=2), NOW + timedelta(hours=1), NOW + timedelta(hours=3)]

    made = [history.append(session, stream="test:1", kind="test:happened", body={}, at=moment) for moment in at]

    assert [event.recorded_at for event in made] == [at[0], at[1], at[1], at[3]]


@pytest.mark.slow
@pytest.mark.parametrize("kind", ["alter", "delete", "insert", "swap"])
def test_every_tampering_is_found_and_the_first_bad_event_is_named(recorded: Session, kind: str) -> None:
    rng = Random(kind)
    events = list(recorded.scalars(select(Event).order_by(Event.stream, Event.seq)))
    inner = [event for event in events if event.seq < EVENTS]  # a cut tail shows against the checkpoint alone
    found = 0
    wanted = TAMPERINGS[recorded.get_bind().dialect.name]
    for _ in range(wanted):
        victim = rng.choice(inner)
        with recorded.begin_nested() as undo:
            TAMPER[kind](recorded, victim, events, rng)
            said = list(history.broken_links(recorded))
            found += bool(said) and any(sentence.startswith(f"{victim.stream}, event") for sentence in said)
            undo.rollback()
        recorded.expire_all()
    assert found == wanted


def alter(session: Session, victim: Event, events: list[Event], rng: Random) -> None:
    """Change one thing about an event, or what was said in it, or pretend that this was redacted."""
    changes: list[dict[str, Any]] = [{"kind": "test:other"}, {"recorded_at": NOW}, {"hash": "0" * 64}, {"role": "designate"}]
    changes += [{"dated_on": NOW.date()}, {"step": "close"}, {"body_digest": "1" * 64}]
    chance = rng.random()
    if chance < 0.3:
        others = [event.id for event in events if event.id != victim.id]
        pretended: dict[str, Any] = {"redacted_by_id": rng.choice([victim.id, rng.choice(others)])}
        pretended |= rng.choice([{}, {"body": {"n": -1}}, {"body": None, "salt": None}])
        session.execute(update(EventBody).where(EventBody.event_id == victim.id).values(pretended))
    elif chance < 0.5:
        session.execute(update(EventBody).where(EventBody.event_id == victim.id).values(body={"n": -1}))
    else:
        same = {"recorded_at": NOW + timedelta(days=9)} if victim.seq == 1 else None
        session.execute(update(Event).where(Event.id == victim.id).values(same or rng.choice(changes)))


def remove(session: Session, victim: Event, _events: Any, _rng: Random) -> None:
    """Take an event away, with what was said in it."""
    session.execute(delete(EventBody).where(EventBody.event_id == victim.id))
    session.execute(delete(Event).where(Event.id == victim.id))


def slip_in(session: Session, victim: Event, _events: Any, _rng: Random) -> None:
    """Slip an event in after another, moving the later ones up by one."""
    for later in session.scalars(
        select(Event).where(Event.stream == victim.stream, Event.seq > victim.seq).order_by(Event.seq.desc())
    ):
        session.execute(update(Event).where(Event.id == later.id).values(seq=later.seq + 1))
    values = {name: getattr(victim, name) for name in history.HASHED}
    values |= {"seq": victim.seq + 1, "prev_hash": victim.hash, "body_digest": history.digest_of("s", {})}
    made = session.execute(insert(Event).values(**values, hash=history.hash_of(values)).returning(Event.id)).scalar_one()
    session.execute(insert(EventBody).values(event_id=made, salt="s", body={}))


def swap(session: Session, victim: Event, events: list[Event], rng: Random) -> None:
    """Let two events of a stream change places."""
    other = rng.choice([event for event in events if event.stream == victim.stream and event.id != victim.id])
    places = {victim.id: other.seq, other.id: victim.seq}
    session.execute(update(Event).where(Event.id == victim.id).values(seq=1000))
    session.execute(update(Event).where(Event.id == other.id).values(seq=places[other.id]))
    session.execute(update(Event).where(Event.id == victim.id).values(seq=places[victim.id]))


TAMPER = {"alter": alter, "delete": remove, "insert": slip_in, "swap": swap}
