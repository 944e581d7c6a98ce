"""A tail that is cut off shows against the daily checkpoint (DA5), and so does a checkpoint that is taken away."""

from collections.abc import Sequence
from datetime import timedelta

import pytest
from click.testing import CliRunner, Result
from sqlalchemy import Engine, delete, select, text, update
from sqlalchemy.orm import Session

from scrt_workflow.cli import scrt
from scrt_workflow.database import unit_of_work
from scrt_workflow.models import Checkpoint, CheckpointHead, Event, EventBody
from scrt_workflow.operations import history
from scrt_workflow.operations.checkpoints import broken_checkpoints, take_checkpoint
from tests.factories import NOW

STREAMS, EVENTS = 5, 4
DAY = timedelta(days=1)


def record(session: Session, streams: Sequence[int], events: int = EVENTS) -> None:
    for stream in streams:
        for n in range(events):
            history.append(session, stream=f"test:{stream}", kind="test:happened", body={"n": n}, at=NOW)


def without_triggers(session: Session) -> Session:
    """Let an intruder in who owns the tables."""
    if session.get_bind().dialect.name == "postgresql":
        for table in ("event", "event_body", "checkpoint", "checkpoint_head"):
            session.execute(text(f"ALTER TABLE {table} DISABLE TRIGGER ALL"))
    else:
        for name in session.scalars(text("SELECT name FROM sqlite_master WHERE type = 'trigger'")).all():
            session.execute(text(f'DROP TRIGGER "{name}"'))
        session.execute(text("PRAGMA defer_foreign_keys = ON"))
    return session


def cut_off(session: Session, stream: str, *, from_seq: int) -> None:
    gone = select(Event.id).where(Event.stream == stream, Event.seq >= from_seq).scalar_subquery()
    session.execute(delete(EventBody).where(EventBody.event_id.in_(gone)))
    session.execute(delete(Event).where(Event.stream == stream, Event.seq >= from_seq))


@pytest.fixture
def checked(session: Session) -> Session:
    """Record some streams over two days, with a checkpoint after each, and let an intruder in."""
    record(session, range(STREAMS))
    assert take_checkpoint(session, at=NOW).heads == STREAMS
    record(session, [0, 1])
    assert take_checkpoint(session, at=NOW + DAY).heads == 2
    return without_triggers(session)


def test_a_history_that_only_grew_holds(checked: Session) -> None:
    record(checked, range(STREAMS + 2))
    assert list(broken_checkpoints(checked)) == []


def test_where_nothing_has_grown_no_checkpoint_is_taken(checked: Session) -> None:
    newest = checked.scalar(select(Checkpoint.hash).order_by(Checkpoint.id.desc()).limit(1))
    taken = take_checkpoint(checked, at=NOW + 2 * DAY)
    assert (taken.heads, taken.hash) == (0, newest)


@pytest.mark.parametrize("stream", [0, STREAMS - 1])
def test_every_cut_tail_is_found_and_named(checked: Session, stream: int) -> None:
    for left in range(EVENTS):
        with checked.begin_nested() as undo:
            cut_off(checked, f"test:{stream}", from_seq=left + 1)
            assert list(history.broken_links(checked)) == [], "the chain alone cannot know"
            said = list(broken_checkpoints(checked))
            undo.rollback()
        assert any(f"test:{stream}, event" in sentence and "is gone" in sentence for sentence in said)


def test_a_tail_that_was_written_anew_is_found(checked: Session) -> None:
    cut_off(checked, "test:3", from_seq=EVENTS)
    history.append(checked, stream="test:3", kind="test:other", body={}, at=NOW)
    assert list(history.broken_links(checked)) == []
    assert list(broken_checkpoints(checked)) == [
        f"test:3, event {EVENTS}: it was the newest at the checkpoint of {NOW:%Y-%m-%d %H:%M}, and is another now."
    ]


def test_an_altered_checkpoint_is_found(checked: Session) -> None:
    checked.execute(update(CheckpointHead).where(CheckpointHead.stream == "test:2").values(seq=EVENTS - 1))
    assert ["it was altered" in sentence for sentence in broken_checkpoints(checked)].count(True) == 1


def test_a_checkpoint_taken_out_of_the_chain_is_found(checked: Session) -> None:
    first = checked.scalars(select(Checkpoint.id).order_by(Checkpoint.id)).first()
    checked.execute(delete(CheckpointHead).where(CheckpointHead.checkpoint_id == first))
    checked.execute(delete(Checkpoint).where(Checkpoint.id == first))
    assert "one before it is gone" in "".join(broken_checkpoints(checked))


def scrt_audit(database_url: str, monkeypatch: pytest.MonkeyPatch, *arguments: str) -> Result:
    monkeypatch.setenv("SCRT_DATABASE_URL", database_url)
    return CliRunner().invoke(scrt, ["audit", "verify", *arguments])


def test_the_newest_checkpoint_kept_elsewhere_shows_that_it_was_removed_with_its_tail(
    database: Engine, database_url: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    with unit_of_work(database) as session:
        record(session, [0, 1])
        kept = take_checkpoint(session, at=NOW).hash
    sound = scrt_audit(database_url, monkeypatch, "--checkpoint", kept)
    with unit_of_work(database) as session:
        without_triggers(session)
        cut_off(session, "test:1", from_seq=2)
        session.execute(delete(CheckpointHead))
        session.execute(delete(Checkpoint))
    robbed = scrt_audit(database_url, monkeypatch, "--checkpoint", kept)

    assert (sound.exit_code, kept in sound.output) == (0, True), sound.output
    assert scrt_audit(database_url, monkeypatch).exit_code == 0, "nothing on this machine can know"
    assert robbed.exit_code == 1
    assert f"The checkpoint {kept} is not there." in robbed.output
