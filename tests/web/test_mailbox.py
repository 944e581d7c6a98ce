"""The demo's mailbox: what was sent can be read as text, by the administrator, and only in the demo."""

from collections.abc import Iterator
from email.message import EmailMessage
from pathlib import Path

import pytest

from scrt_workflow.permissions import Role
from scrt_workflow.settings import Settings
from tests.factories import Running, make_running


@pytest.fixture
def demo(settings: Settings, sqlite_url: str) -> Iterator[Running]:
    started = make_running(settings.model_copy(update={"demo": True}), sqlite_url)
    yield started
    started.engine.dispose()


def keep(settings: Settings, number: int, subject: str, text: str) -> None:
    message = EmailMessage()
    message["To"], message["Subject"] = "designate@example.nhs.uk", subject
    message.set_content(text)
    message.add_alternative("<script>alert(1)</script>", subtype="html")
    folder: Path = settings.instance / "mailbox"
    folder.mkdir(parents=True, exist_ok=True)
    (folder / f"{number:08}.eml").write_bytes(message.as_bytes())


def test_the_newest_e_mail_comes_first_and_opens_as_text(demo: Running, settings: Settings) -> None:
    keep(settings, 1, "The first", "Give an update.")
    keep(settings, 2, "The second <b>one</b>", "Look again: https://reviews.example.nhs.uk/reviews/1 <script>alert(2)</script>")
    browser = demo.as_a(Role.ADMINISTRATOR, "ENG")

    listed = browser.get("/mailbox").text
    opened = browser.get("/mailbox/2").text

    assert listed.index("The second") < listed.index("The first")
    assert "The second &lt;b&gt;one&lt;/b&gt;" in listed
    assert 'href="https://reviews.example.nhs.uk/reviews/1"' in opened
    assert "&lt;script&gt;alert(2)" in opened
    assert "alert(1)" not in opened


def test_an_empty_mailbox_says_so(demo: Running) -> None:
    assert "There are none yet." in demo.as_a(Role.ADMINISTRATOR, "ENG").get("/mailbox").text


@pytest.mark.parametrize(
    "path", ["/mailbox/3", "/mailbox/../secret-key", "/mailbox/..%2Fsecret-key", "/mailbox/1.eml", f"/mailbox/{'1' * 300}"]
)
def test_what_is_no_e_mail_of_the_mailbox_is_not_there(demo: Running, settings: Settings, path: str) -> None:
    keep(settings, 1, "The first", "Give an update.")
    (settings.instance / "secret-key").write_text("secret")

    assert demo.as_a(Role.ADMINISTRATOR, "ENG").get(path).status_code == 404


def test_nobody_else_may_look(demo: Running) -> None:
    assert demo.as_a(Role.DESIGNATE, "QMJ").get("/mailbox").status_code == 403


def test_outside_the_demo_there_is_no_mailbox_and_no_way_to_it(running_on_sqlite: Running) -> None:
    browser = running_on_sqlite.as_a(Role.ADMINISTRATOR, "ENG")

    assert browser.get("/mailbox").status_code == 404
    assert "/mailbox" not in browser.get("/jobs").text
