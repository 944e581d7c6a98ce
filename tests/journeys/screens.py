"""Pictures of the main pages for docs/screens, on a desk and on a phone: `python -m tests.journeys.screens [NAME …]`.

They are taken of a copy of the demo's database in SCRT_INSTANCE, which is made first where there is none (a minute).
"""

import logging
import sqlite3
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from tempfile import TemporaryDirectory
from uuid import UUID

import structlog
from playwright.sync_api import sync_playwright
from sqlalchemy import select

from scrt_workflow.clock import Clock
from scrt_workflow.database import reading
from scrt_workflow.demo.mailbox import Mailbox
from scrt_workflow.demo.preparing import prepare
from scrt_workflow.folder import read_folder
from scrt_workflow.jobs.mailer import Mailer
from scrt_workflow.jobs.work import Work, body_of
from scrt_workflow.models import Review
from scrt_workflow.operations.definitions import known_types
from scrt_workflow.settings import Settings, read_settings, shipped
from tests.journeys.album import Album
from tests.journeys.live import Live, live
from tests.journeys.looking import Inspector
from tests.journeys.telling import (
    given_this_person_is_signed_in,
    when_i_answer,
    when_i_answer_all,
    when_i_begin,
    when_i_begin_a_new,
    when_i_complete,
    when_i_open,
    when_i_submit,
)
from tests.journeys.windows import Journey, Window
from tests.machine import find_chromium
from tests.web.guided import person_called

MINE = "The ward is to keep one list of contacts, and to check it every Monday."
THEIRS = "The trust is to name one person who rings the family every day."


def copy_of_the_demo(folder: Path) -> str:
    """Put a copy of the demo's database into *folder*, and give its URL."""
    demo = read_settings().model_copy(update={"demo": True})
    prepare(demo, progress=lambda _done, _all: None)
    source = sqlite3.connect(demo.instance / "scrt.sqlite")
    source.execute("VACUUM INTO ?", (str(folder / "scrt.sqlite"),))
    source.close()
    return f"sqlite:///{folder / 'scrt.sqlite'}"


def reminders_are_sent(running: Live, instance: Path) -> None:
    """Have the day's reminders arrive in the demo's mailbox."""
    engine, clock = running.running.engine, running.running.clock
    body_of("reminders")(Work(engine, clock.now(), Clock()))
    mailbox = Mailbox(instance / "mailbox", 0)
    mailbox.start()
    mail = {"mail_host": "127.0.0.1", "mail_port": mailbox.port, "mail_tls": "none", "mail_from": "reviews@example.nhs.uk"}
    Mailer(engine, Settings(instance=instance, demo=True).model_copy(update=mail), clock=clock).deliver_waiting()
    mailbox.stop()


def sar_in_progress(journey: Journey) -> UUID:
    """Find a safeguarding adult review of North Central London that is at work, the newest one."""
    wanted = Review.workflow == "safeguarding_adult_review", Review.state == "in_progress", Review.responsible == "QMJ"
    with reading(journey.live.running.engine) as session:
        return session.scalars(select(Review.id).where(*wanted).order_by(Review.created_at.desc()).limit(1)).one()


def icb_whose_nurse_is_asked(journey: Journey) -> str:
    """Find an ICB in which a review waits for its chief nurse."""
    with reading(journey.live.running.engine) as session:
        return session.scalars(select(Review.responsible).where(Review.state == "icb_assurance").limit(1)).one()


def take_all(journey: Journey, album: Album) -> None:
    """Go through the demo, and take a picture of each main page."""
    visitor = journey.window()
    visitor.open("/sign-in")
    album.take(visitor, "sign-in")
    _of_a_designate(journey, album)
    _of_two_editors(journey, album)
    _of_the_region(journey, album)
    _of_an_administrator(journey, album)


def _signed_in(journey: Journey, email: str) -> Window:
    return given_this_person_is_signed_in(journey, person_called(journey.live.running, email))


def _of_a_designate(journey: Journey, album: Album) -> None:
    me = _signed_in(journey, "designate.qmj@example.nhs.uk")
    album.take(me, "home")
    when_i_begin_a_new(me, "Safeguarding adult review (SAR)")
    when_i_answer(me, incident_date="31 2 2024")
    album.take(me, "step-with-mistakes")
    when_i_answer(me, incident_date="14 6 2024", brief_overview="An adult was found unwell at home after several missed visits.")
    album.take(me, "step")
    when_i_open(me, f"/reviews/{sar_in_progress(journey)}")
    album.take(me, "review")
    when_i_begin(me, "Flag media interest")
    when_i_answer_all(me, media_interest="Medium - local coverage likely", specialised_commissioning="No")
    album.take(me, "check")
    when_i_submit(me)
    album.take(me, "done")
    me.open("/reviews/00000000-0000-4000-8000-000000000000")
    album.take(me, "not-found")


def _of_two_editors(journey: Journey, album: Album) -> None:
    me, other = (_signed_in(journey, f"{name}.qmj@example.nhs.uk") for name in ("designate", "designate2"))
    review = f"/reviews/{sar_in_progress(journey)}"
    when_i_open(me, review)
    when_i_begin(me, "Record lessons and learning")
    when_i_answer_all(me, organisational_learning=["Communication"], lessons=MINE)
    when_i_open(other, review)
    when_i_complete(other, "Record lessons and learning", organisational_learning=["Communication"], lessons=THEIRS)
    when_i_submit(me)
    album.take(me, "two-versions")


def _of_the_region(journey: Journey, album: Album) -> None:
    me = _signed_in(journey, "regional.lead@example.nhs.uk")
    me.follow("Reviews")
    me.unfold("Filter")
    me.page.get_by_label("Status", exact=True).select_option("Open")
    me.page.get_by_label("Type of review", exact=True).select_option("DHR Adult")
    me.press("Apply filters")
    album.take(me, "reviews")
    me.follow("Figures")
    album.take(me, "figures")
    me.goes(me.page.locator("tbody a").first.click)
    album.take(me, "reviews-behind-a-figure")
    nurse = _signed_in(journey, f"chief.nurse.{icb_whose_nurse_is_asked(journey).lower()}@example.nhs.uk")
    album.take(nurse, "home-of-a-chief-nurse")


def _of_an_administrator(journey: Journey, album: Album) -> None:
    me = _signed_in(journey, "administrator@example.nhs.uk")
    for place in ("People", "Definitions", "Mailbox"):
        me.follow(place)
        album.take(me, place.lower())
    me.goes(me.page.locator("tbody a").first.click)
    album.take(me, "e-mail")
    me.follow("Definitions")
    me.follow("Domestic homicide review (DHR)")
    album.take(me, "definition")


@contextmanager
def demo_journey() -> Iterator[Journey]:
    """Serve a copy of the demo, with e-mails in its mailbox, for as long as the block runs."""
    bank = read_folder(shipped("workflows").parent, known_types=known_types()).questions
    with TemporaryDirectory() as name, sync_playwright() as playwright:
        instance = Path(name)
        browser = playwright.chromium.launch(executable_path=find_chromium(whole=True))
        settings = Settings(instance=instance)
        with live(settings, copy_of_the_demo(instance)) as running:
            reminders_are_sent(running, instance)
            yield Journey(running, browser, Inspector(browser), javascript=True, bank=bank)
        browser.close()


if __name__ == "__main__":
    structlog.configure(wrapper_class=structlog.make_filtering_bound_logger(logging.ERROR))
    with demo_journey() as told:
        take_all(told, Album(sys.argv[1:]))
