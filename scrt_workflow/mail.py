"""E-mail over SMTP: one recipient a message, the server's certificate verified, and no wait without an end (SC5, SC8).

Flask-Mail writes the messages and speaks the protocol. It gives no time-out, checks no certificate and lets any header
in (finding 8), so its connection is replaced here, and the only header that we add never changes.
"""

import re
import smtplib
import ssl
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from email.charset import QP, Charset
from email.mime.base import MIMEBase
from email.mime.multipart import MIMEMultipart
from email.mime.text import MIMEText
from email.utils import parseaddr
from time import monotonic
from typing import Any, cast

import flask_mail
from flask import Flask

from scrt_workflow.enclosures import Enclosure
from scrt_workflow.settings import Settings
from scrt_workflow.text_rules import ENCODED, is_address

CONTROL = re.compile(r"[\x00-\x1f\x7f-\x9f\u2028\u2029]+")
OURS = {"Auto-Submitted": "auto-generated"}  # so that nobody's holiday note answers
FILE_NAME = re.compile(r"[A-Za-z0-9-]{1,80}\.(pdf|png|xlsx)")
LONGEST_LINE = 900  # bytes; servers take 998
CLOSING = 421  # the server ends the connection; the message itself may be well
TOO_LARGE = 552
NOT_ASCII = "Its account (SCRT_MAIL_USERNAME, SCRT_MAIL_PASSWORD) has other letters than a mail server can be told: change it."


class MailError(Exception):
    """A message was not sent. The text says why, in the server's words where it gave any; `code` is its reply code."""

    def __init__(self, reason: str, code: int = 0) -> None:
        super().__init__(" ".join(CONTROL.sub(" ", reason).split()))
        self.code = code


class RefusedError(MailError):
    """The server will never take this message: it said so with a code from 500."""


class NotNowError(MailError):
    """The server does not take this message now."""


class UnreachableError(MailError):
    """There is no talking to the server, whatever the message."""


class Post:
    """A mail server to send by. One connection is opened when it is first needed, and kept until `close`."""

    def __init__(self, settings: Settings) -> None:
        self._sender = settings.mail_from or "no-reply@localhost"
        self._app = Flask("scrt_workflow.mail")
        self._app.config.update(
            MAIL_SERVER=settings.mail_host,
            MAIL_PORT=settings.mail_port,
            MAIL_USE_TLS=settings.mail_tls == "starttls",
            MAIL_USE_SSL=settings.mail_tls == "tls",
            MAIL_USERNAME=settings.mail_username or None,
            MAIL_PASSWORD=settings.mail_password.get_secret_value() or None,
        )
        self._mail = flask_mail.Mail(self._app)
        self._timeout = settings.mail_timeout
        self._connection: _Connection | None = None

    def send(self, *, to: str, subject: str, text: str, html: str, message_id: str, enclosures: Iterable[Enclosure] = ()) -> None:
        """Send one message to one reader. Raises RefusedError, NotNowError or UnreachableError; then it was not taken."""
        if not is_address(to):
            raise RefusedError("This is no e-mail address that a server would know.")
        with self._app.app_context(), _in_our_words(to):
            message = _Message(_plain(subject), [to], body=text, html=html, sender=self._sender, extra_headers=OURS)
            message.msgId = message_id
            for one in enclosures:
                _enclose(message, one)
            try:
                self._connected().send(message)
            except (OSError, smtplib.SMTPException):
                self._drop_what_is_broken()
                raise

    def close(self) -> None:
        """End the connection, if there is one."""
        if self._connection is not None:
            self._connection.say_goodbye()
            self._connection = None

    def _connected(self) -> "_Connection":
        if self._connection is None:
            connection = _Connection(self._app.extensions["mail"], self._timeout, parseaddr(self._sender)[1].rpartition("@")[2])
            connection.host = connection.configure_host()
            self._connection = connection
        return self._connection

    def _drop_what_is_broken(self) -> None:
        """Forget a connection after an error, since what is said on it next might not be understood."""
        if self._connection is not None:
            self._connection.hang_up()
            self._connection = None


def _plain(subject: str) -> str:
    """Give *subject* on one line. What looks like an encoded word is none: folding a long one would decode the lines in it."""
    return CONTROL.sub(" ", subject).replace(ENCODED, "= ?")


class _Message(flask_mail.Message):
    """A message whose pictures belong to its HTML (`multipart/related`), so that readers show them in their place."""

    def _mimetext(self, text: str | None, subtype: str = "plain") -> MIMEText:
        """Write a body; where a line is longer than a server takes, so that it is folded on its way."""
        if max((len(line.encode()) for line in (text or "").splitlines()), default=0) <= LONGEST_LINE:
            made: MIMEText = super()._mimetext(text, subtype)
            return made
        folded = Charset("utf-8")
        folded.body_encoding = QP
        return MIMEText(text or "", subtype, folded)  # type: ignore[arg-type]  # it takes a Charset, whatever its stub says

    def _message(self) -> MIMEBase:
        message: MIMEBase = super()._message()
        parts = cast("list[MIMEBase]", message.get_payload())
        pictures = [part for part in parts[1:] if part["Content-ID"]]
        if pictures:
            alternatives = cast("list[MIMEBase]", parts[0].get_payload())
            related = MIMEMultipart("related", _subparts=[alternatives.pop(), *pictures])
            alternatives.append(related)
            message.set_payload([part for part in parts if part not in pictures])
        return message


def _enclose(message: "_Message", one: Enclosure) -> None:
    """Put a file into *message*; its name is one of ours, which can be no header."""
    if FILE_NAME.fullmatch(one.name) is None:
        raise RefusedError("A file of the message has a name that is not one of ours.")
    headers = {"Content-ID": f"<{one.name}>"} if one.is_shown else {}
    message.attach(one.name, one.media, one.content, "inline" if one.is_shown else "attachment", headers)


class _Connection(flask_mail.Connection):
    """A connection that verifies the server's certificate and waits for each answer no longer than *timeout* seconds."""

    def __init__(self, mail: Any, timeout: float, own_name: str) -> None:
        super().__init__(mail)
        self.timeout, self.own_name = timeout, own_name

    def configure_host(self) -> smtplib.SMTP:
        """Connect, encrypted as the settings say, and sign in where there is an account."""
        context = ssl.create_default_context()
        where: dict[str, Any] = {"local_hostname": self.own_name, "timeout": self.timeout}
        if self.mail.use_ssl:
            host: smtplib.SMTP = _PatientOverTls(self.mail.server, self.mail.port, context=context, **where)
        else:
            host = _Patient(self.mail.server, self.mail.port, **where)
        try:
            if self.mail.use_tls:
                host.starttls(context=context)
            if self.mail.username and self.mail.password:
                host.login(self.mail.username, self.mail.password)
        except UnicodeError:
            host.close()
            raise UnreachableError(NOT_ASCII) from None  # the error would quote them
        except BaseException:
            host.close()
            raise
        return host

    def say_goodbye(self) -> None:
        """End the connection, whether or not that is heard."""
        try:
            if self.host is not None:
                self.host.quit()
        except (OSError, smtplib.SMTPException):
            self.hang_up()

    def hang_up(self) -> None:
        """End the connection without a word."""
        if self.host is not None:
            self.host.close()


class _Lines:
    """The server's answers, line by line; nothing is waited for past *until*, however slowly its letters come."""

    def __init__(self, sock: Any) -> None:
        self.sock, self.until, self.ahead = sock, 0.0, b""

    def readline(self, limit: int) -> bytes:
        """Give the next line, or what there is of it when the server has hung up."""
        while b"\n" not in self.ahead and len(self.ahead) < limit:
            if (left := self.until - monotonic()) <= 0:
                raise TimeoutError("The server answers too slowly.")
            self.sock.settimeout(left)
            if not (more := self.sock.recv(4096)):
                break
            self.ahead += more
        line, newline, self.ahead = self.ahead.partition(b"\n")
        return line + newline

    def close(self) -> None:
        """Forget what was read ahead."""
        self.ahead = b""


class _Patient(smtplib.SMTP):
    """SMTP that waits for a whole answer no longer than it would for its first letter."""

    def getreply(self) -> tuple[int, bytes]:
        """Read an answer of the server."""
        lines = cast("_Lines", self.file) if self.file else _Lines(self.sock)
        lines.until = monotonic() + self.timeout
        self.file = cast("Any", lines)
        try:
            return super().getreply()
        finally:
            if self.sock is not None:
                self.sock.settimeout(self.timeout)


class _PatientOverTls(_Patient, smtplib.SMTP_SSL):
    """The same, encrypted from the first byte."""


@contextmanager
def _in_our_words(to: str) -> Iterator[None]:
    """Say what went wrong as one of our errors, about this message or about the server, without the reader's address."""
    try:
        yield
    except smtplib.SMTPRecipientsRefused as error:
        ((code, said),) = error.recipients.values()
        raise _about_the_message(code, _without(to, said)) from error
    except smtplib.SMTPDataError as error:
        raise _about_the_message(error.smtp_code, _without(to, error.smtp_error)) from error
    except smtplib.SMTPResponseException as error:
        kind = RefusedError if error.smtp_code == TOO_LARGE else UnreachableError  # its size is told with the sender
        raise kind(f"{error.smtp_code} {_without(to, error.smtp_error)}", error.smtp_code) from error
    except (OSError, smtplib.SMTPException) as error:
        raise UnreachableError(f"{type(error).__name__}: {error}") from error
    except (flask_mail.BadHeaderError, UnicodeError) as error:
        raise RefusedError(f"The message cannot be written as an e-mail ({type(error).__name__}).") from error


def _about_the_message(code: int, said: str) -> MailError:
    kind = UnreachableError if code == CLOSING else RefusedError if code >= 500 else NotNowError
    return kind(f"{code} {said}", code)


def _without(to: str, said: bytes | str) -> str:
    """Give what the server said without the address that it was told: reasons are kept, shown, and alike for several readers."""
    text = said.decode(errors="replace") if isinstance(said, bytes) else said
    return re.sub(re.escape(to), "…", text, flags=re.IGNORECASE)
