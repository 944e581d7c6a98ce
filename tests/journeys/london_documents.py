"""Makes docs/london-2024-10: what London's lead is sent for October 2024, from the mailbox of a demo that has been started once.

After `make run` has said where to go: `.venv/bin/python -m tests.journeys.london_documents instance`.
"""

import sys
from base64 import b64encode
from email import message_from_bytes, policy
from email.message import EmailMessage
from pathlib import Path
from typing import cast

import pypdfium2
from playwright.sync_api import ViewportSize, sync_playwright

from tests.machine import find_chromium

FOLDER = Path("docs/london-2024-10")
SUBJECT = "October 2024: safeguarding case reviews, London"
WIDTHS = (800, 390)  # CSS pixels
PRINTED = 1.6  # pixels a point


def main(instance: Path) -> None:
    """Write the e-mail, its files, and pictures of how they look."""
    (found,) = (raw for raw in map(Path.read_bytes, (instance / "mailbox").glob("*.eml")) if SUBJECT in subject_of(raw))
    FOLDER.mkdir(exist_ok=True)
    (FOLDER / "e-mail.eml").write_bytes(found)
    message = message_from_bytes(found, policy=policy.default)
    for one in message.iter_attachments():
        if name := one.get_filename():
            (FOLDER / name).write_bytes(one.get_content())
    (page,) = pypdfium2.PdfDocument(next(FOLDER.glob("*.pdf")))
    page.render(scale=PRINTED).to_pil().save(FOLDER / "infographic.png", optimize=True)
    take_pictures(html_of(message))


def subject_of(raw: bytes) -> str:
    """Give the subject of a message on one line."""
    return " ".join(str(message_from_bytes(raw, policy=policy.default)["Subject"]).split())


def html_of(message: EmailMessage) -> str:
    """Give the HTML of *message* with its pictures in it."""
    html = cast("EmailMessage", message.get_body(("html",))).get_content()
    for part in message.walk():
        if part.get_content_type() == "image/png":
            picture = b64encode(part.get_content()).decode()
            html = html.replace(f"cid:{part['Content-ID'].strip('<>')}", f"data:image/png;base64,{picture}")
    return cast("str", html)


def take_pictures(html: str) -> None:
    """Take pictures of the e-mail as wide as a desk's and a phone's window."""
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=find_chromium(whole=True))
        for width in WIDTHS:
            page = browser.new_page(viewport=ViewportSize(width=width, height=900))
            page.set_content(html)
            page.screenshot(path=FOLDER / f"e-mail-{width}.png", full_page=True)
        browser.close()


if __name__ == "__main__":
    main(Path(sys.argv[1]))
