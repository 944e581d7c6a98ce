"""E-mail over SMTP, against real servers: encrypted and verified, one reader, no header of anybody's making, no endless wait."""

import smtplib
import socket
import ssl
import time
from collections.abc import Iterator
from email.message import EmailMessage
from pathlib import Path
from threading import Event
from typing import Any

import pytest
import trustme
from pydantic import SecretStr

from scrt_workflow.enclosures import Enclosure
from scrt_workflow.mail import MailError, NotNowError, Post, RefusedError, UnreachableError
from scrt_workflow.settings import Settings
from scrt_workflow.text_rules import is_address
from tests.header_payloads import HEADERS, HOSTILE, headers_of
from tests.mail_server import (
    MailServer,
    dripping,
    dropping_after_data,
    free_port,
    mail_server,
    odd_server,
    silent,
    tls_mail_server,
)

MESSAGE: dict[str, Any] = {
    "to": "designate@example.nhs.uk",
    "subject": "Update overdue: review R-7K3MQ-0P4XZ",
    "text": "Give an update.",
    "html": "<p>Give an update.</p>",
    "message_id": "<3f0c@scrt-workflow>",
}


def settings_for(port: int, *, timeout: float = 5, **changes: Any) -> Settings:
    return Settings(mail_host="localhost", mail_port=port, mail_from="tracker@example.nhs.uk", mail_timeout=timeout).model_copy(
        update={"mail_tls": "none", **changes}
    )


def send(settings: Settings, **changes: Any) -> None:
    post = Post(settings)
    try:
        post.send(**MESSAGE | changes)
    finally:
        post.close()


def body_of(message: EmailMessage, kind: str) -> str:
    part = message.get_body((kind,))
    return part.get_content().replace("\r\n", "\n").strip() if part else ""


@pytest.fixture
def server() -> Iterator[MailServer]:
    with mail_server() as server:
        yield server


@pytest.fixture
def authority(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> trustme.CA:
    """Make a certificate authority that this process trusts, as it does those that the machine trusts."""
    authority = trustme.CA()
    authority.cert_pem.write_to_path(tmp_path / "authority.pem")
    monkeypatch.setenv("SSL_CERT_FILE", str(tmp_path / "authority.pem"))
    return authority


def context_of(authority: trustme.CA, name: str = "localhost") -> ssl.SSLContext:
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    authority.issue_cert(name).configure_cert(context)
    return context


def test_a_message_arrives_as_text_and_html_with_its_own_id(server: MailServer) -> None:
    send(settings_for(server.port))

    (message,) = server.messages
    assert isinstance(message, EmailMessage)
    assert headers_of(message) == HEADERS
    assert (message["To"], message["Message-ID"]) == (MESSAGE["to"], MESSAGE["message_id"])
    assert message["Auto-Submitted"] == "auto-generated"
    assert {kind: body_of(message, kind) for kind in ("plain", "html")} == {"plain": MESSAGE["text"], "html": MESSAGE["html"]}
    assert server.envelopes == [("tracker@example.nhs.uk", [MESSAGE["to"]])]


def test_several_messages_go_over_one_connection(server: MailServer, monkeypatch: pytest.MonkeyPatch) -> None:
    opened: list[object] = []
    connect = smtplib.SMTP.connect

    def counted(self: smtplib.SMTP, *where: Any) -> object:
        opened.append(self)
        return connect(self, *where)

    monkeypatch.setattr(smtplib.SMTP, "connect", counted)
    post = Post(settings_for(server.port))
    for number in range(3):
        post.send(**MESSAGE | {"message_id": f"<{number}@scrt-workflow>"})
    post.close()

    assert [message["Message-ID"] for message in server.messages] == [f"<{number}@scrt-workflow>" for number in range(3)]
    assert len(opened) == 1


@pytest.mark.parametrize("subject", HOSTILE)
@pytest.mark.parametrize("times", [1, 4])  # a long subject is folded, which is another way through the library
def test_a_subject_makes_no_header_and_no_reader(server: MailServer, subject: str, times: int) -> None:
    send(settings_for(server.port), subject=" ".join([subject] * times)[:600])

    (message,) = server.messages
    assert headers_of(message) == HEADERS
    assert server.envelopes[0][1] == [MESSAGE["to"]]
    assert body_of(message, "plain") == MESSAGE["text"]


@pytest.mark.parametrize("address", [f"designate@example.nhs.uk{payload[1:]}" for payload in HOSTILE] + [
    "a@b.uk, thief@example.com", "a@b.uk;thief@example.com", "a b@c.uk", '"a@b"@c.uk', "<a@b.uk>", "nobody", "", "a@", "@b.uk",
    "=?utf-8?q?a=0D=0ABcc=3A?=@b.uk",
])  # fmt: skip
def test_what_is_not_one_plain_address_is_never_sent_to(server: MailServer, address: str) -> None:
    with pytest.raises(RefusedError):
        send(settings_for(server.port), to=address)

    assert server.messages == []
    assert not is_address(address)


def test_the_connection_is_encrypted_before_anything_is_said(authority: trustme.CA) -> None:
    with mail_server(tls_context=context_of(authority), require_starttls=True) as server:
        password = SecretStr("open sesame, said he")
        send(settings_for(server.port, mail_tls="starttls", mail_username="tracker", mail_password=password))

    assert len(server.messages) == 1
    assert server.accounts == [(b"tracker", b"open sesame, said he")]


def test_it_can_be_encrypted_from_the_first_byte(authority: trustme.CA) -> None:
    with tls_mail_server(context_of(authority)) as server:
        send(settings_for(server.port, mail_tls="tls"))

    assert len(server.messages) == 1


@pytest.mark.parametrize("name", ["localhost", "another.example.nhs.uk"])
def test_a_certificate_of_someone_else_or_for_another_name_ends_it(authority: trustme.CA, name: str) -> None:
    issuer = trustme.CA() if name == "localhost" else authority
    serving = mail_server(tls_context=context_of(issuer, name), require_starttls=True)
    with serving as server, pytest.raises(UnreachableError, match="CERTIFICATE_VERIFY_FAILED"):
        send(settings_for(server.port, mail_tls="starttls"))

    assert server.messages == []


def test_a_server_that_cannot_encrypt_gets_nothing(server: MailServer) -> None:
    with pytest.raises(UnreachableError, match="STARTTLS"):
        send(settings_for(server.port, mail_tls="starttls"))

    assert server.messages == []


@pytest.mark.parametrize(
    ("where", "reply", "error"),
    [
        (MESSAGE["to"], "550 No such user here", RefusedError),
        (MESSAGE["to"], "450 Mailbox busy", NotNowError),
        (MESSAGE["to"], "421 Closing", UnreachableError),
        ("DATA", "552 Too large", RefusedError),
        ("DATA", "451 Try again", NotNowError),
        ("DATA", "421 Closing", UnreachableError),
    ],
)
def test_what_the_server_says_decides_whether_to_try_again(
    server: MailServer, where: str, reply: str, error: type[MailError]
) -> None:
    server.replies[where] = reply

    with pytest.raises(error, match=reply) as raised:
        send(settings_for(server.port))

    assert type(raised.value) is error
    assert raised.value.code == int(reply[:3])


def test_a_message_that_is_larger_than_the_server_takes_is_refused_and_the_server_is_not_at_fault() -> None:
    with mail_server(data_size_limit=500) as server, pytest.raises(RefusedError, match=r"^552 "):
        send(settings_for(server.port), text="x " * 400)


def test_a_sender_whom_the_server_refuses_is_no_message_s_fault(server: MailServer) -> None:
    server.replies["MAIL"] = "553 Not your address"

    with pytest.raises(UnreachableError, match="553 Not your address"):
        send(settings_for(server.port))


@pytest.mark.parametrize("changes", [{"mail_username": "jürgen"}, {"mail_password": SecretStr("£ for letters")}])
def test_an_account_that_cannot_be_said_to_the_server_costs_no_message(authority: trustme.CA, changes: dict[str, Any]) -> None:
    account: dict[str, Any] = {"mail_tls": "starttls", "mail_username": "tracker", "mail_password": SecretStr("secret")}
    with mail_server(tls_context=context_of(authority)) as server, pytest.raises(UnreachableError) as raised:
        send(settings_for(server.port, **account | changes))

    assert "£" not in str(raised.value)
    assert "rgen" not in str(raised.value)


def test_a_sender_with_a_name_before_the_address_has_only_its_host_said_as_ours(server: MailServer) -> None:
    send(settings_for(server.port, mail_from="Case reviews <tracker@example.nhs.uk>"))

    (message,) = server.messages
    assert server.hosts == ["example.nhs.uk"]
    assert message["From"] == "Case reviews <tracker@example.nhs.uk>"


@pytest.mark.parametrize(
    "said", ["<designate@example.nhs.uk>: no such user", "Designate@EXAMPLE.nhs.uk is not here, designate@example.nhs.uk!"]
)
def test_what_the_server_says_is_told_without_the_reader_s_address(server: MailServer, said: str) -> None:
    server.replies[MESSAGE["to"]] = f"550 5.1.1 {said}"

    with pytest.raises(RefusedError, match=r"^550 5\.1\.1 ") as raised:
        send(settings_for(server.port))

    assert "designate@example" not in str(raised.value).casefold()


def test_after_a_refusal_the_next_message_goes_out(server: MailServer) -> None:
    server.replies["gone@example.nhs.uk"] = "550 No such user here"
    post = Post(settings_for(server.port))

    with pytest.raises(RefusedError):
        post.send(**MESSAGE | {"to": "gone@example.nhs.uk"})
    post.send(**MESSAGE)
    post.close()

    assert len(server.messages) == 1


def test_where_nobody_listens_that_is_said_at_once() -> None:
    with pytest.raises(UnreachableError, match="ConnectionRefusedError"):
        send(settings_for(free_port()))


@pytest.mark.parametrize("talk", [silent, dripping])
def test_a_server_that_never_finishes_is_left_after_the_time_out(talk: object) -> None:
    began = time.monotonic()

    with odd_server(talk) as port, pytest.raises(UnreachableError):  # type: ignore[arg-type]  # both are such functions
        send(settings_for(port, timeout=0.3))

    assert time.monotonic() - began < 3


@pytest.mark.parametrize("name", ["localhost", "another.example.nhs.uk"])
def test_a_certificate_of_someone_else_or_for_another_name_ends_it_from_the_first_byte(authority: trustme.CA, name: str) -> None:
    issuer = trustme.CA() if name == "localhost" else authority
    with tls_mail_server(context_of(issuer, name)) as server, pytest.raises(UnreachableError, match="CERTIFICATE_VERIFY_FAILED"):
        send(settings_for(server.port, mail_tls="tls"))

    assert server.messages == []


@pytest.mark.parametrize("tls", ["tls", "starttls"])
def test_a_server_that_never_shakes_hands_is_left_after_the_time_out(tls: str) -> None:
    def talk(caller: socket.socket, stop: Event) -> None:
        if tls == "starttls":
            for said in (b"220 ready", b"250 STARTTLS", b"220 go on"):
                caller.sendall(said + b"\r\n")
                caller.recv(1000)
        stop.wait(30)

    began = time.monotonic()
    with odd_server(talk) as port, pytest.raises(UnreachableError):
        send(settings_for(port, timeout=0.3, mail_tls=tls))

    assert time.monotonic() - began < 3


def test_a_server_that_hangs_up_before_it_says_yes_has_not_taken_the_message() -> None:
    with odd_server(dropping_after_data) as port, pytest.raises(UnreachableError):
        send(settings_for(port))


def test_a_picture_belongs_to_the_html_and_files_to_the_message(server: MailServer) -> None:
    files = (Enclosure("chart.png", "image/png", b"\x89PNG", is_shown=True), Enclosure("figures.xlsx", "application/zip", b"PK"))

    send(settings_for(server.port), enclosures=files, html='<img src="cid:chart.png">')

    (message,) = server.messages
    kinds = [part.get_content_type() for part in message.walk()]
    assert kinds == [
        "multipart/mixed", "multipart/alternative", "text/plain", "multipart/related", "text/html", "image/png",
        "application/zip",
    ]  # fmt: skip
    picture, attached = list(message.walk())[-2:]
    assert (picture["Content-ID"], picture.get_content_disposition()) == ("<chart.png>", "inline")
    assert (attached.get_filename(), attached.get_content_disposition()) == ("figures.xlsx", "attachment")
    assert (picture.get_payload(decode=True), attached.get_payload(decode=True)) == (b"\x89PNG", b"PK")


@pytest.mark.parametrize(
    "name", ["a\r\nBcc: thief@example.com.pdf", "../a.pdf", "a b.pdf", 'a".pdf', "a.exe", "é.pdf", "a>.png", ""]
)
def test_a_file_with_a_name_that_is_not_ours_is_not_sent(server: MailServer, name: str) -> None:
    with pytest.raises(RefusedError):
        send(settings_for(server.port), enclosures=(Enclosure(name, "image/png", b"x", is_shown=True),))

    assert server.messages == []


@pytest.mark.parametrize("text", ["é" * 3000, "x" * 3000, f"{'word ' * 500}\n.\nlast"], ids=["é", "x", "words"])
def test_a_line_that_is_longer_than_servers_take_arrives_whole(server: MailServer, text: str) -> None:
    send(settings_for(server.port), text=text, html=f"<p>{text}</p>")

    (message,) = server.messages
    assert body_of(message, "plain") == text
    assert body_of(message, "html") == f"<p>{text}</p>"
