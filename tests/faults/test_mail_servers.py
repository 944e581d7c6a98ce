"""F5: mail servers that misbehave in nine ways; each e-mail ends in a true status, and nobody waits long for a server (SC5).

The servers are real, on this machine. The mailer's clock is moved by hand, from try to try, so that a day passes in seconds.
"""

import asyncio
import re
import ssl
import time
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from random import Random
from typing import Any, cast

import pytest
import trustme
from aiosmtpd.smtp import SMTP
from sqlalchemy import Engine, select, update

from scrt_workflow.clock import FixedClock
from scrt_workflow.database import reading, unit_of_work
from scrt_workflow.jobs.mailer import FAULTS, LONGEST_REST, Mailer
from scrt_workflow.models import Notice
from scrt_workflow.operations.delivery import PAUSES, TRIES
from scrt_workflow.permissions import Role
from scrt_workflow.settings import Settings
from tests.faults.outbox import AT, fill_outbox, statuses
from tests.mail_server import TAKEN, MailServer, dripping, free_port, mail_server, odd_server, silent
from tests.operations import reminding

pytestmark = pytest.mark.faults
MAILS = FAULTS + 1
REAL = datetime(2026, 11, 22, 13, tzinfo=UTC)
STEP = timedelta(minutes=10)
TIMEOUT = 0.2  # seconds


class Office(MailServer):
    """A server that counts messages by their ids, takes so many in one connection, and may hang up before it says that it did."""

    def __init__(self, *, at_most: int = 1000, drops: int = 0) -> None:
        super().__init__()
        self.ids, self.at_most, self.drops = Counter[str](), at_most, drops

    async def handle_RCPT(  # noqa: N802 - aiosmtpd's name
        self, server: SMTP, session: Any, envelope: Any, address: str, options: Any
    ) -> str:
        """Answer whoever names a recipient."""
        session.named = getattr(session, "named", 0) + 1
        return (
            "421 Closing"
            if session.named > self.at_most
            else await super().handle_RCPT(server, session, envelope, address, options)
        )

    async def handle_DATA(self, server: SMTP, session: Any, envelope: Any) -> str:  # noqa: N802 - as above
        """Answer whoever has sent a message."""
        answer = await super().handle_DATA(server, session, envelope)
        if answer == TAKEN:
            self.ids[str(self.messages[-1]["Message-ID"])] += 1
            if self.drops:
                self.drops -= 1
                cast("asyncio.Transport", server.transport).abort()
        return answer


class Delivery:
    """A mailer whose clock is moved by hand, and what it has to deliver."""

    def __init__(self, engine: Engine, settings: Settings) -> None:
        self.engine, self.settings, self.clock = engine, settings, FixedClock(REAL)
        self.longest = 0.0

    @contextmanager
    def mailer(self, port: int, **changes: str) -> Iterator[Mailer]:
        """Give a mailer that sends to the server at *port*."""
        server = {"mail_host": "localhost", "mail_port": port, "mail_tls": "none", "mail_timeout": TIMEOUT, **changes}
        mailer = Mailer(
            self.engine, self.settings.model_copy(update=server), clock=FixedClock(AT), real_clock=self.clock, chance=Random(1)
        )
        yield mailer
        mailer.post.close()

    def for_a_while(self, mailer: Mailer, length: timedelta) -> Counter[str]:
        """Let *mailer* work for so long, and count what it did."""
        until, came = self.clock.now() + length, Counter[str]()
        while self.clock.now() < until and set(statuses(self.engine)) & {"queued", "sending"}:
            began = time.monotonic()
            became = mailer.deliver_next()
            self.longest = max(self.longest, time.monotonic() - began)
            if became is None:
                self.clock.advance(STEP)
            else:
                came[became] += 1
        return came

    def notices(self) -> list[Notice]:
        """Give what became of each e-mail."""
        with reading(self.engine) as session:
            return list(session.scalars(select(Notice).order_by(Notice.id)))

    def all_end(self, status: str, *, tries: int, reason: str = "") -> None:
        """Check what became of them all."""
        assert statuses(self.engine) == {status: MAILS}
        assert {one.attempt for one in self.notices()} == {tries}
        assert all(re.search(reason, one.last_error or "") for one in self.notices())


A_DAY_AND_MORE = sum(PAUSES, timedelta()) * 1.2 + 2 * TRIES * STEP
AN_HOUR = timedelta(hours=1)


@pytest.fixture
def delivery(database: Engine, settings: Settings) -> Delivery:
    """Give a mailer MAILS e-mails to deliver."""
    with unit_of_work(database) as session:
        fill_outbox(session, MAILS)
    return Delivery(database, settings)


def test_a_server_that_refuses_connections_is_left_alone_between_tries_and_after_a_day_it_is_over(delivery: Delivery) -> None:
    with delivery.mailer(free_port()) as mailer:
        assert mailer.deliver_waiting() == {"queued": FAULTS}, "After five faults it is not asked again for a while."
        came = delivery.for_a_while(mailer, 3 * A_DAY_AND_MORE)

    assert came["failed"] == MAILS
    delivery.all_end("failed", tries=TRIES, reason="ConnectionRefusedError")


@pytest.mark.parametrize("talk", [silent, dripping])
def test_a_server_that_says_nothing_or_a_letter_a_second_holds_no_e_mail_back_for_long(delivery: Delivery, talk: Any) -> None:
    with odd_server(talk) as port, delivery.mailer(port) as mailer:
        began = time.monotonic()
        assert mailer.deliver_waiting() == {"queued": FAULTS}
        assert time.monotonic() - began < FAULTS * (TIMEOUT + 1)
        assert {one.last_error for one in delivery.notices()[:FAULTS]} <= {
            "TimeoutError: timed out",
            "TimeoutError: The server answers too slowly.",
            "SMTPServerDisconnected: Connection unexpectedly closed: timed out",
            "SMTPServerDisconnected: Connection unexpectedly closed: The server answers too slowly.",
        }
    office = Office()
    with mail_server(office), delivery.mailer(office.port) as mailer:
        delivery.for_a_while(mailer, AN_HOUR)

    assert statuses(delivery.engine) == {"sent": MAILS}
    assert set(office.ids.values()) == {1}


def test_a_server_that_closes_after_three_gets_the_others_over_new_connections(delivery: Delivery) -> None:
    office = Office(at_most=3)
    with mail_server(office), delivery.mailer(office.port) as mailer:
        delivery.for_a_while(mailer, AN_HOUR)

    assert statuses(delivery.engine) == {"sent": MAILS}
    assert office.ids == {one.message_id: 1 for one in delivery.notices()}


def test_what_is_not_taken_for_now_is_tried_for_a_day_ever_more_rarely_and_then_given_up(delivery: Delivery) -> None:
    office = Office()
    office.replies["DATA"] = "450 Mailbox busy"
    with mail_server(office), delivery.mailer(office.port) as mailer:
        mailer.deliver_waiting()
        waits = {one.next_try_at - REAL for one in delivery.notices()}
        assert len(waits) == MAILS, "They must not all come again at the same moment."
        assert all(0.8 * PAUSES[0] <= wait <= 1.2 * PAUSES[0] for wait in waits)
        delivery.for_a_while(mailer, timedelta(hours=19))
        assert statuses(delivery.engine) == {"queued": MAILS}
        delivery.for_a_while(mailer, A_DAY_AND_MORE)

    delivery.all_end("failed", tries=TRIES, reason="^450 Mailbox busy$")


def test_one_reader_who_is_unknown_costs_only_that_reader_the_e_mail(delivery: Delivery) -> None:
    with unit_of_work(delivery.engine) as session:
        other = reminding.add(session, Role.DESIGNATE, "2")
        session.execute(update(Notice).where(Notice.once_key == "3").values(person_id=other.id))
    office = Office()
    office.replies["designate2@example.nhs.uk"] = "550 No such user here"
    with mail_server(office), delivery.mailer(office.port) as mailer:
        delivery.for_a_while(mailer, A_DAY_AND_MORE)

    assert statuses(delivery.engine) == {"failed": 1, "sent": MAILS - 1}
    (failed,) = (one for one in delivery.notices() if one.status == "failed")
    assert (failed.once_key, failed.attempt, failed.last_error) == ("3", 1, "550 No such user here")
    assert all(len(to) == 1 for _, to in office.envelopes)


def test_what_is_refused_for_good_is_tried_once(delivery: Delivery) -> None:
    office = Office()
    office.replies["DATA"] = "552 Message too large"
    with mail_server(office), delivery.mailer(office.port) as mailer:
        delivery.for_a_while(mailer, A_DAY_AND_MORE)

    delivery.all_end("failed", tries=1, reason="^552 Message too large$")


def test_a_server_with_another_one_s_certificate_is_told_nothing(delivery: Delivery) -> None:
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    trustme.CA().issue_cert("localhost").configure_cert(context)
    office = Office()
    with mail_server(office, tls_context=context), delivery.mailer(office.port, mail_tls="starttls") as mailer:
        delivery.for_a_while(mailer, AN_HOUR)

    assert statuses(delivery.engine) == {"queued": MAILS}
    assert {re.findall("[A-Z_]{10,}", one.last_error or "")[0] for one in delivery.notices()} == {"CERTIFICATE_VERIFY_FAILED"}
    assert office.envelopes == []


def test_a_server_that_hangs_up_before_it_says_yes_gets_one_more_copy_under_the_same_id(delivery: Delivery) -> None:
    office = Office(drops=3)
    with mail_server(office), delivery.mailer(office.port) as mailer:
        delivery.for_a_while(mailer, AN_HOUR)

    assert statuses(delivery.engine) == {"sent": MAILS}
    assert set(office.ids) == {one.message_id for one in delivery.notices()}
    assert Counter(office.ids.values()) == {1: MAILS - 3, 2: 3}


def test_a_server_that_is_back_is_asked_again_within_its_longest_rest(delivery: Delivery) -> None:
    port = free_port()
    with delivery.mailer(port) as mailer:
        delivery.for_a_while(mailer, timedelta(hours=5))
        office = Office()
        office.port = port
        with mail_server(office):
            began = delivery.clock.now()
            while mailer.deliver_next() != "sent":
                delivery.clock.advance(timedelta(minutes=1))

    assert delivery.clock.now() - began <= max(LONGEST_REST, PAUSES[-1] * 1.2)
