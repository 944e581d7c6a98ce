"""What the demo needs before it runs: a database with its people and reviews, made once."""

import json
from collections.abc import Callable
from datetime import UTC, date, datetime

from sqlalchemy.orm import Session

from scrt_workflow.database import make_engine, reading, unit_of_work
from scrt_workflow.demo.contacts import demo_contacts
from scrt_workflow.demo.london import london_history
from scrt_workflow.demo.people import people
from scrt_workflow.operations.contacts import add_contact
from scrt_workflow.operations.delivery import withhold_all
from scrt_workflow.operations.passwords import hash_password
from scrt_workflow.operations.people import add_person, grant_role, keep_password
from scrt_workflow.operations.play import play
from scrt_workflow.operations.service_time import clock_of, find_setting, keep_setting
from scrt_workflow.operations.signing_in import DEMO_PASSWORD
from scrt_workflow.permissions import Role
from scrt_workflow.safety import unsafe
from scrt_workflow.settings import Settings, SettingsError
from scrt_workflow.startup import start

BEGAN = date(2022, 7, 1)  # the first day of the demo's ICBs, before the oldest review
AT = datetime(2022, 7, 1, 9, tzinfo=UTC)
FILLED = "demo_filled"

Progress = Callable[[int, int], None]
"""Is told how many steps of how many have been played."""


def prepare(settings: Settings, *, progress: Progress) -> datetime:
    """Make the demo's database ready, and give the time that it is in it. The first time takes about a minute.

    Raises SettingsError for what is unsafe, such as a database with real people in it.
    """
    if sentences := unsafe(settings):
        raise SettingsError(sentences)
    start(settings, at=AT)
    engine = make_engine(settings.database)
    with reading(engine) as session:
        is_filled = find_setting(session, FILLED)
    if not is_filled:
        with unit_of_work(engine) as session:
            _fill(session, progress)
    now = clock_of(settings, engine).now()
    engine.dispose()
    return now


def _fill(session: Session, progress: Progress) -> None:
    """Add the demo's people, and play the history of London's reviews."""
    password = hash_password(DEMO_PASSWORD)
    for row in people():
        person = add_person(session, email=row.email, name=row.name, at=AT)
        grant_role(session, person, Role(row.role), row.organisation, valid_from=BEGAN, at=AT)
        keep_password(session, person, password)
    for contact in demo_contacts(sorted({row.organisation for row in people() if row.role == "designate"})):
        add_contact(session, contact.organisation, contact.post, contact.email, valid_from=BEGAN, at=AT)
    lines = [json.dumps(line) for line in london_history()]
    play(session, lines, progress=lambda number: progress(number, len(lines)))
    withhold_all(session, "It tells of what happened before the demo began.")
    keep_setting(session, FILLED, value=True)
