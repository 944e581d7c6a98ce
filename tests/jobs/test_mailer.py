"""The mailer: whatever the mail server does, each notice ends in a true status, and none stops the others (SC5)."""

from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from random import Random
from threading import Event
from typing import Any

import pytest
from sqlalchemy import Engine, select, update
from sqlalchemy.orm import Session

from scrt_workflow.clock import FixedClock
from scrt_workflow.database import reading, unit_of_work
from scrt_workflow.jobs.mailer import FAULTS, LONGEST_REST, Mailer
from scrt_workflow.mail import NotNowError, RefusedError, UnreachableError
from scrt_workflow.models import Heartbeat, Notice, Person, Review
from scrt_workflow.operations.delivery import PAUSES, TRIES
from scrt_workflow.operations.letters import letter_for
from scrt_workflow.operations.notices import queue
from scrt_workflow.operations.people import find_person
from scrt_workflow.settings import Settings
from tests.mail_server import mail_server
from tests.operations import reminding

SERVICE = datetime(2024, 10, 2, 7, tzinfo=UTC)
REAL = datetime(2026, 11, 22, 13, tzinfo=UTC)
SECOND = timedelta(seconds=1)


class Sender:
    """Takes letters, or raises what it is given to raise for the next ones."""

    def __init__(self) -> None:
        self.sent: list[dict[str, Any]] = []
        self.raises: list[Exception] = []
        self.meanwhile: Callable[[], object] = lambda: None

    def send(self, **letter: Any) -> None:
        """Send one message."""
        self.meanwhile()
        if self.raises:
            raise self.raises.pop(0)
        self.sent.append(letter)

    def close(self) -> None:
        """End the connection."""


@pytest.fixture
def sender() -> Sender:
    return Sender()


@pytest.fixture
def real_clock() -> FixedClock:
    return FixedClock(REAL)


@pytest.fixture
def outbox(database: Engine) -> Engine:
    """Give a database in which a review waits to be told of."""
    with unit_of_work(database) as session:
        reminding.prepared(session)
        reminding.open_review(session)
    return database


@pytest.fixture
def mailer(outbox: Engine, settings: Settings, sender: Sender, real_clock: FixedClock) -> Mailer:
    return new_mailer(outbox, settings, sender, real_clock)


def new_mailer(engine: Engine, settings: Settings, sender: Sender, real_clock: FixedClock) -> Mailer:
    return Mailer(engine, settings, clock=FixedClock(SERVICE), real_clock=real_clock, post=sender, chance=Random(1))


def put(engine: Engine, *names: str, email: str = "designate@example.nhs.uk") -> None:
    with unit_of_work(engine) as session:
        review = str(session.scalars(select(Review.id)).one())
        person = find_person(session, email).id
        for name in names:
            queue(session, "update_overdue", [person], once=name, refs={"review": review, "roles": ["designate"]}, at=SERVICE)


def notices(engine: Engine) -> list[Notice]:
    with reading(engine) as session:
        return list(session.scalars(select(Notice).order_by(Notice.id)))


def test_what_waits_is_sent_and_so_recorded(mailer: Mailer, outbox: Engine, sender: Sender) -> None:
    put(outbox, "1", "2")

    assert mailer.deliver_waiting() == {"sent": 2}

    assert [(one.status, one.sent_at, one.lease_owner) for one in notices(outbox)] == [("sent", SERVICE, None)] * 2
    assert [letter["message_id"] for letter in sender.sent] == [one.message_id for one in notices(outbox)]
    assert mailer.deliver_waiting() == {}


def test_what_the_server_refuses_is_not_tried_again_and_its_reason_is_kept(
    mailer: Mailer, outbox: Engine, sender: Sender, real_clock: FixedClock
) -> None:
    put(outbox, "1", "2")
    sender.raises = [RefusedError("550 No such user here", 550)]

    assert mailer.deliver_waiting() == {"failed": 1, "sent": 1}
    real_clock.advance(timedelta(days=30))
    assert mailer.deliver_waiting() == {}
    assert [(one.status, one.last_error) for one in notices(outbox)] == [("failed", "550 No such user here"), ("sent", None)]


def test_what_the_server_takes_later_is_tried_later(
    mailer: Mailer, outbox: Engine, sender: Sender, real_clock: FixedClock
) -> None:
    put(outbox, "1")
    sender.raises = [NotNowError("450 Mailbox busy", 450)]

    assert mailer.deliver_next() == "queued"
    assert mailer.deliver_next() is None
    real_clock.advance(PAUSES[0] * 1.2)
    assert mailer.deliver_next() == "sent"


def test_after_a_day_of_tries_it_is_given_up(mailer: Mailer, outbox: Engine, sender: Sender, real_clock: FixedClock) -> None:
    put(outbox, "1")
    sender.raises = [NotNowError("450 Mailbox busy", 450)] * 100
    became = []
    while (now := mailer.deliver_next()) is not None:
        became.append(now)
        real_clock.advance(PAUSES[-1] * 1.2)

    assert became == ["queued"] * (TRIES - 1) + ["failed"]
    assert notices(outbox)[0].last_error == "450 Mailbox busy"


def test_a_notice_whose_mailer_is_lost_each_time_is_given_up_without_another_try(
    mailer: Mailer, outbox: Engine, sender: Sender
) -> None:
    put(outbox, "1")
    with unit_of_work(outbox) as session:
        session.execute(update(Notice).values(attempt=TRIES, status="sending", lease_owner="x", lease_until=REAL - SECOND))

    assert mailer.deliver_next() == "failed"
    assert sender.sent == []


def test_after_five_faults_of_the_server_it_is_left_alone_for_a_while(
    mailer: Mailer, outbox: Engine, sender: Sender, real_clock: FixedClock
) -> None:
    put(outbox, *map(str, range(10)))
    sender.raises = [UnreachableError("ConnectionRefusedError")] * 100

    assert mailer.deliver_waiting() == {"queued": FAULTS}
    assert [one.attempt for one in notices(outbox)] == [1] * FAULTS + [0] * (10 - FAULTS)
    real_clock.advance(timedelta(seconds=16))
    assert mailer.deliver_waiting() == {"queued": 1}
    sender.raises = []
    real_clock.advance(timedelta(seconds=31))
    assert mailer.deliver_waiting() == {"sent": 4}


def test_the_rest_grows_but_never_beyond_its_limit(
    mailer: Mailer, outbox: Engine, sender: Sender, real_clock: FixedClock
) -> None:
    put(outbox, *map(str, range(200)))
    sender.raises = [UnreachableError("ConnectionRefusedError")] * 1000
    mailer.deliver_waiting()
    for _ in range(60):
        real_clock.advance(LONGEST_REST + SECOND)
        assert mailer.deliver_waiting() == {"queued": 1}


def test_who_may_not_see_the_review_any_more_is_sent_nothing(mailer: Mailer, outbox: Engine, sender: Sender) -> None:
    put(outbox, "1")
    with unit_of_work(outbox) as session:
        find_person(session, "designate@example.nhs.uk").disabled_at = SERVICE

    assert mailer.deliver_waiting() == {"withheld": 1}
    assert sender.sent == []


def test_a_notice_that_cannot_be_written_does_not_stop_the_others(
    mailer: Mailer, outbox: Engine, sender: Sender, monkeypatch: pytest.MonkeyPatch
) -> None:
    put(outbox, "1", "2")

    def write_all_but_one(session: Session, notice: Notice, **how: Any) -> object:
        if notice.once_key.startswith("1"):
            raise ZeroDivisionError
        return letter_for(session, notice, **how)

    monkeypatch.setattr("scrt_workflow.jobs.mailer.letter_for", write_all_but_one)

    assert mailer.deliver_waiting() == {"queued": 1, "sent": 1}
    assert notices(outbox)[0].last_error == "It could not be written (ZeroDivisionError)."


def test_a_mailer_that_was_frozen_while_sending_is_refused_when_it_thaws(
    mailer: Mailer, outbox: Engine, settings: Settings, sender: Sender, real_clock: FixedClock
) -> None:
    put(outbox, "1")
    other = new_mailer(outbox, settings, Sender(), real_clock)

    def freeze() -> None:
        real_clock.advance(mailer.lease + SECOND)
        assert other.deliver_next() == "sent"

    sender.meanwhile = freeze

    assert mailer.deliver_next() == "lost"
    (notice,) = notices(outbox)
    assert (notice.status, notice.attempt) == ("sent", 2)


def test_a_letter_that_takes_long_to_write_is_sent_once_by_two_mailers(
    mailer: Mailer, outbox: Engine, settings: Settings, sender: Sender, real_clock: FixedClock, monkeypatch: pytest.MonkeyPatch
) -> None:
    put(outbox, "1")
    other = new_mailer(outbox, settings, Sender(), real_clock)
    became: list[str | None] = []

    def slowly(*args: Any, **kwargs: Any) -> Any:
        real_clock.advance(mailer.lease - SECOND)
        return letter_for(*args, **kwargs)

    def look_elsewhere() -> None:
        real_clock.advance(2 * SECOND)
        became.append(other.deliver_next())

    monkeypatch.setattr("scrt_workflow.jobs.mailer.letter_for", slowly)
    sender.meanwhile = look_elsewhere

    assert (mailer.deliver_next(), became) == ("sent", [None])
    assert notices(outbox)[0].attempt == 1


def test_what_another_mailer_took_over_while_its_letter_was_written_is_not_sent_again(
    mailer: Mailer, outbox: Engine, settings: Settings, sender: Sender, real_clock: FixedClock, monkeypatch: pytest.MonkeyPatch
) -> None:
    put(outbox, "1")
    other = new_mailer(outbox, settings, Sender(), real_clock)

    def frozen(*args: Any, **kwargs: Any) -> Any:
        monkeypatch.setattr("scrt_workflow.jobs.mailer.letter_for", letter_for)
        real_clock.advance(mailer.lease + SECOND)
        assert other.deliver_next() == "sent"
        return letter_for(*args, **kwargs)

    monkeypatch.setattr("scrt_workflow.jobs.mailer.letter_for", frozen)

    assert mailer.deliver_next() == "lost"
    assert sender.sent == []


def test_the_lease_is_longer_than_a_message_can_take(settings: Settings, outbox: Engine) -> None:
    mailer = Mailer(outbox, settings, clock=FixedClock(SERVICE))

    assert mailer.lease >= timedelta(seconds=10 * settings.mail_timeout)


def test_nothing_is_locked_while_the_server_is_spoken_to(mailer: Mailer, outbox: Engine, sender: Sender) -> None:
    put(outbox, "1")

    def write() -> None:
        with unit_of_work(outbox) as session:
            session.execute(update(Person).values(session_epoch=Person.session_epoch + 1))

    sender.meanwhile = write
    assert mailer.deliver_next() == "sent"


class Log:
    """Keeps what is logged, whatever level another test has set."""

    def __init__(self) -> None:
        self.lines: list[str] = []

    def __getattr__(self, level: str) -> Callable[..., None]:
        return lambda event, **facts: self.lines.append(f"{level} {event} {facts}")


def test_the_log_names_no_reader_and_no_word_of_a_letter(
    mailer: Mailer, outbox: Engine, sender: Sender, monkeypatch: pytest.MonkeyPatch
) -> None:
    log = Log()
    monkeypatch.setattr("scrt_workflow.jobs.mailer.log", log)
    put(outbox, "1", "2", "3", "4")
    sender.raises = [RefusedError("550 designate@example.nhs.uk is unknown"), UnreachableError("no"), NotNowError("busy")]

    mailer.deliver_waiting()

    assert len(log.lines) == 4
    assert "designate" not in str(log.lines)
    assert "overdue" not in str(log.lines)


def test_it_says_that_it_lives_and_stops_when_it_is_told_to(mailer: Mailer, outbox: Engine, sender: Sender) -> None:
    put(outbox, "1")
    stop = Event()
    sender.meanwhile = stop.set

    mailer.run(stop)

    assert len(sender.sent) == 1
    with reading(outbox) as session:
        assert [beat.process for beat in session.scalars(select(Heartbeat))] == [mailer.name]


def test_two_mailers_and_a_real_server_send_each_notice_once(outbox: Engine, settings: Settings) -> None:
    put(outbox, *map(str, range(20)))
    with mail_server() as server:
        ours = settings.model_copy(update={"mail_host": "localhost", "mail_port": server.port, "mail_tls": "none"})
        mailers = [Mailer(outbox, ours, clock=FixedClock(SERVICE)) for _ in range(2)]
        while [mailer.deliver_next() for mailer in mailers] != [None, None]:
            pass
        for mailer in mailers:
            mailer.post.close()

    ids = [message["Message-ID"] for message in server.messages]
    assert len(ids) == len(set(ids)) == 20
    assert {tuple(to) for _, to in server.envelopes} == {("designate@example.nhs.uk",)}
