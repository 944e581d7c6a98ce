"""The mailer: takes a notice from the outbox, writes its letter, sends it, and writes down what became of it.

No transaction is open while the mail server is spoken to. After five faults in a row that are the server's and not a
message's, nothing is tried for a while, so that no message uses up its tries on them (SC5).
"""

from collections import Counter
from collections.abc import Callable, Iterable
from datetime import datetime, timedelta
from random import Random, SystemRandom
from threading import Event
from typing import Protocol

from sqlalchemy import Engine

from scrt_workflow.clock import Clock
from scrt_workflow.database import reading, unit_of_work
from scrt_workflow.enclosures import Enclosure
from scrt_workflow.jobs.work import process_name
from scrt_workflow.logs import log, where
from scrt_workflow.mail import MailError, NotNowError, Post, RefusedError, UnreachableError
from scrt_workflow.models import Notice
from scrt_workflow.operations import delivery
from scrt_workflow.operations.delivery import Held
from scrt_workflow.operations.letter_layout import Letter, WithheldError
from scrt_workflow.operations.letters import letter_for
from scrt_workflow.operations.readiness import heartbeat
from scrt_workflow.settings import Settings

FAULTS = 5
LONGEST_REST = timedelta(minutes=10)
LOOK_EVERY = 1.0  # seconds
BEAT_EVERY = timedelta(seconds=30)
LONGEST_SEND = 12  # times the mail server's time-out: more answers than a message has
AT_ONCE = timedelta(seconds=1)  # a letter that takes longer to write, as one with an infographic does, is held anew
TAKEN_OVER = ("lost", "another mailer has taken it over.")


class Sender(Protocol):
    """What letters are sent by: `mail.Post`, or what a test has in its place."""

    def send(self, *, to: str, subject: str, text: str, html: str, message_id: str, enclosures: Iterable[Enclosure] = ()) -> None:
        """Send one message; raises a MailError."""

    def close(self) -> None:
        """End the connection, if there is one."""


class Mailer:
    """Delivers notices. *clock* says on which day a letter is read; leases and tries go by *real_clock*."""

    def __init__(
        self, engine: Engine, settings: Settings, *, clock: Clock, real_clock: Clock | None = None,
        post: Sender | None = None, chance: Random | None = None,
    ) -> None:  # fmt: skip
        self.engine, self.address, self.hides_below = engine, settings.address, settings.small_numbers
        self.clock, self.real_clock = clock, real_clock or Clock()
        self.post: Sender = post or Post(settings)
        self.chance = chance or SystemRandom()
        self.lease = timedelta(seconds=LONGEST_SEND * settings.mail_timeout)
        self.name = process_name("mailer")
        self._faults, self._rests_until = 0, datetime.min.replace(tzinfo=self.real_clock.now().tzinfo)

    def run(self, stop: Event) -> None:
        """Deliver until *stop* is set. An error of the database costs a second."""
        beaten = self._rests_until
        while not stop.is_set():
            try:
                if abs(self.real_clock.now() - beaten) > BEAT_EVERY:  # also after the clock was set back
                    beaten = self.real_clock.now()
                    self._beat()
                if self.deliver_next() is not None:
                    continue
            except Exception as error:  # noqa: BLE001 - whatever it is, the next look tries again
                log.error("mailer_failed", where=where(error))
            self.post.close()
            stop.wait(LOOK_EVERY)
        self.post.close()

    def deliver_waiting(self, say: Callable[[str], object] = lambda _: None) -> Counter[str]:
        """Deliver everything that waits, and count what became of it; *say* takes a line for each that was not sent."""
        came: Counter[str] = Counter()
        while (became := self.deliver_next(say)) is not None:
            came[became] += 1
        self.post.close()
        return came

    def deliver_next(self, say: Callable[[str], object] = lambda _: None) -> str | None:
        """Deliver one notice: give `sent`, `queued` (to be tried again), `failed` or `withheld`; None if nothing waits."""
        at = self.real_clock.now()
        if at < self._rests_until <= at + LONGEST_REST:  # a rest that ends later than that: the clock was set back
            return None
        held = self._claim(at)
        if held is None:
            return None
        became, why = self._deliver(held, at)
        log.info("mail", notice=held.id, attempt=held.attempt, became=became)
        if why:
            say(f"Notice {held.id} {became}: {why}")
        return became

    def _claim(self, at: datetime) -> Held | None:
        with reading(self.engine) as session:
            if not delivery.is_anything_waiting(session, at=at):
                return None
        with unit_of_work(self.engine) as session:
            return delivery.claim_next(session, owner=self.name, at=at, lease=self.lease)

    def _deliver(self, held: Held, at: datetime) -> tuple[str, str]:
        try:
            letter = self._letter(held)
            if not self._holds_still(held, at):
                return TAKEN_OVER
            self._send(held, letter)
        except WithheldError as error:
            return self._write(held, "withheld", str(error))
        except RefusedError as error:
            return self._write(held, "failed", str(error))
        except MailError as error:
            return self._write(held, "queued", str(error))
        except Exception as error:  # noqa: BLE001 - a notice that cannot be written must not stop the others
            log.error("letter_failed", notice=held.id, where=where(error))
            return self._write(held, "queued", f"It could not be written ({type(error).__name__}).")
        return self._write(held, "sent", "")

    def _letter(self, held: Held) -> Letter:
        with reading(self.engine) as session:
            notice = session.get_one(Notice, held.id)
            return letter_for(session, notice, on=self.clock.today(), address=self.address, hides_below=self.hides_below)

    def _holds_still(self, held: Held, at: datetime) -> bool:
        """Let the lease begin anew if the letter took long to write: else it might run out while that is sent, twice then."""
        now = self.real_clock.now()
        if abs(now - at) <= AT_ONCE:
            return True
        with unit_of_work(self.engine) as session:
            return delivery.hold_longer(session, held, until=now + self.lease)

    def _send(self, held: Held, letter: Letter) -> None:
        if held.attempt > delivery.TRIES:
            raise RefusedError("The mailer that tried it was lost each time.")
        try:
            self.post.send(
                to=letter.to, subject=letter.subject, text=letter.text, html=letter.html, message_id=letter.message_id,
                enclosures=letter.enclosures,
            )  # fmt: skip
        except UnreachableError:
            self._count_fault()
            raise
        except NotNowError:
            self._faults = 0
            raise
        self._faults = 0

    def _count_fault(self) -> None:
        self._faults += 1
        if self._faults >= FAULTS:
            rest = min(timedelta(seconds=15) * 2 ** min(self._faults - FAULTS, 10), LONGEST_REST)
            self._rests_until = self.real_clock.now() + rest
            log.warning("mail_server_unreachable", faults=self._faults, seconds=rest.total_seconds())

    def _write(self, held: Held, became: str, why: str) -> tuple[str, str]:
        """Write down what became of a notice, unless it is another mailer's by now."""
        if became == "queued" and held.attempt >= delivery.TRIES:
            became = "failed"
        with unit_of_work(self.engine) as session:
            match became:
                case "sent":
                    mine = delivery.record_sent(session, held, at=self.clock.now())
                case "queued":
                    mine = delivery.put_back(session, held, why, at=self.real_clock.now(), chance=self.chance)
                case "failed":
                    mine = delivery.give_up(session, held, why)
                case _:
                    mine = delivery.withhold(session, held, why)
        return (became, why) if mine else TAKEN_OVER

    def _beat(self) -> None:
        with unit_of_work(self.engine) as session:
            heartbeat(session, self.name, at=self.real_clock.now())
