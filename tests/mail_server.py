"""Mail servers for tests: a real one that takes messages, and ones that misbehave. All on this machine."""

import socket
import ssl
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from email import message_from_bytes, policy
from email.message import EmailMessage
from threading import Event, Thread
from typing import Any

from aiosmtpd.controller import Controller
from aiosmtpd.smtp import SMTP, AuthResult

TAKEN = "250 Message accepted for delivery"


def free_port() -> int:
    """Find a port that nobody listens on: aiosmtpd wants a real one, not 0."""
    with socket.create_server(("127.0.0.1", 0)) as server:
        port: int = server.getsockname()[1]
        return port


class MailServer:
    """Takes messages and keeps them. `replies` holds what it says instead: to the recipients named, or to MAIL or DATA of all."""

    def __init__(self) -> None:
        self.port = free_port()
        self.messages: list[EmailMessage] = []
        self.envelopes: list[tuple[str, list[str]]] = []
        self.accounts: list[Any] = []
        self.hosts: list[str] = []
        self.replies: dict[str, str] = {}

    async def handle_EHLO(  # noqa: N802 - aiosmtpd's name
        self, _server: SMTP, session: Any, _envelope: Any, host: str, says: list[str]
    ) -> list[str]:
        """Hear who calls."""
        session.host_name = host
        self.hosts.append(host)
        return says

    async def handle_MAIL(  # noqa: N802 - aiosmtpd's name
        self, _server: SMTP, _session: Any, envelope: Any, address: str, options: list[str]
    ) -> str:
        """Answer whoever names a sender."""
        if reply := self.replies.get("MAIL"):
            return reply
        envelope.mail_from = address
        envelope.mail_options.extend(options)
        return "250 OK"

    async def handle_RCPT(  # noqa: N802 - aiosmtpd's name
        self, _server: SMTP, _session: Any, envelope: Any, address: str, _options: Any
    ) -> str:
        """Answer whoever names a recipient."""
        if reply := self.replies.get(address):
            return reply
        envelope.rcpt_tos.append(address)
        return "250 OK"

    async def handle_DATA(self, _server: SMTP, _session: Any, envelope: Any) -> str:  # noqa: N802 - aiosmtpd's name
        """Answer whoever has sent a message."""
        if reply := self.replies.get("DATA"):
            return reply
        self.messages.append(message_from_bytes(envelope.content, policy=policy.default))
        self.envelopes.append((envelope.mail_from, list(envelope.rcpt_tos)))
        return TAKEN

    def authenticate(self, _server: SMTP, _session: Any, _envelope: Any, _mechanism: str, account: Any) -> AuthResult:
        """Let everybody in, and remember them."""
        self.accounts.append((account.login, account.password))
        return AuthResult(success=True)


@contextmanager
def mail_server(server: MailServer | None = None, **options: Any) -> Iterator[MailServer]:
    """Run a mail server, or the one given; *options* are those of aiosmtpd's SMTP, such as `tls_context`."""
    server = server or MailServer()
    controller = Controller(server, "127.0.0.1", server.port, authenticator=server.authenticate, **options)
    controller.start()
    try:
        yield server
    finally:
        controller.stop()


@contextmanager
def tls_mail_server(context: ssl.SSLContext) -> Iterator[MailServer]:
    """Run a mail server that speaks TLS from the first byte."""
    server = MailServer()
    controller = Controller(server, "127.0.0.1", server.port, ssl_context=context)
    controller.start()
    try:
        yield server
    finally:
        controller.stop()


@contextmanager
def odd_server(talk: Callable[[socket.socket, Event], None]) -> Iterator[int]:
    """Run a server that does *talk* to each who connects, and give its port; the Event says when to stop."""
    stop = Event()
    listener = socket.create_server(("127.0.0.1", 0))
    listener.settimeout(0.05)

    def serve() -> None:
        while not stop.is_set():
            try:
                caller, _ = listener.accept()
            except TimeoutError:
                continue
            with caller:
                talk(caller, stop)

    thread = Thread(target=serve, daemon=True)
    thread.start()
    try:
        yield listener.getsockname()[1]
    finally:
        stop.set()
        thread.join(5)
        listener.close()


def silent(_caller: socket.socket, stop: Event) -> None:
    """Accept, and say nothing."""
    stop.wait(30)


def dripping(caller: socket.socket, stop: Event) -> None:
    """Say a letter at a time, forever: a greeting that never ends."""
    while not stop.wait(0.05):
        try:
            caller.sendall(b"2")
        except OSError:
            return


def dropping_after_data(caller: socket.socket, _stop: Event) -> None:
    """Take everything, and hang up before saying so."""
    stream = caller.makefile("rwb")

    def say(text: str) -> None:
        stream.write(f"{text}\r\n".encode())
        stream.flush()

    say("220 ready")
    for line in stream:
        word = line.split()[0].upper() if line.split() else b""
        if word == b"DATA":
            say("354 go on")
            for part in stream:
                if part == b".\r\n":
                    return
        say("250 fine")
