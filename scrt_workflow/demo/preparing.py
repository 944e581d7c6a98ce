"""What the demo needs before it runs: a database with its people and reviews, made once."""

import json
from collections.abc import Callable
from datetime import UTC, date, datetime

from sqlalchemy import Engine
from sqlalchemy.orm import Session

from scrt_workflow.clock import Clock
from scrt_workflow.database import make_engine, reading, unit_of_work
from scrt_workflow.demo.contacts import demo_contacts
from scrt_workflow.demo.corrections import corrections
from scrt_workflow.demo.london import london_history
from scrt_workflow.demo.people import people
from scrt_workflow.jobs.freezing import freeze
from scrt_workflow.jobs.work import Work
from scrt_workflow.operations import job_runs
from scrt_workflow.operations.contacts import add_contact
from scrt_workflow.operations.delivery import withhold_all
from scrt_workflow.operations.freezing import IN_FLIGHT
from scrt_workflow.operations.passwords import hash_password
from scrt_workflow.operations.people import add_person, grant_role, keep_password
from scrt_workflow.operations.play import play
from scrt_workflow.operations.service_time import clock_of, find_setting, keep_setting
from scrt_workflow.operations.signing_in import DEMO_PASSWORD
from scrt_workflow.permissions import Role
from scrt_workflow.reports.periods import ReportingPeriod, read_period
from scrt_workflow.safety import unsafe
from scrt_workflow.settings import Settings, SettingsError
from scrt_workflow.startup import start

BEGAN = date(2022, 7, 1)  # the first day of the demo's ICBs, before the oldest review
AT = datetime(2022, 7, 1, 9, tzinfo=UTC)
FILLED, FROZEN = "demo_filled", "demo_frozen"
ENDED = ("2023-24", "2024-05", "2024-06", "2024-25-Q1", "2024-07", "2024-08", "2024-09", "2024-25-Q2", "2024-10")
"""The periods whose figures the demo has frozen: the last year, the six published months, and the quarters between them."""

PAST = "It tells of what happened before the demo began."

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
        is_filled, is_frozen = find_setting(session, FILLED), find_setting(session, FROZEN)
    if not is_filled:
        with unit_of_work(engine) as session:
            _fill(session, progress)
    if not is_frozen:
        _freeze(engine)
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
    withhold_all(session, PAST)
    keep_setting(session, FILLED, value=True)


def _freeze_one(engine: Engine, period: ReportingPeriod) -> None:
    """Freeze a period in the job's own way, without a word in the log."""
    work, job = Work(engine, period.known_at + 2 * IN_FLIGHT, Clock()), f"{period.kind}_ends"
    with unit_of_work(engine) as session:
        claim = job_runs.claim(session, job, period.key, owner="demo", at=work.real_clock.now())
    if claim is not None:
        outcome = freeze(work.claimed(claim), period)
        with unit_of_work(engine) as session:
            job_runs.finish(session, claim, outcome, at=work.real_clock.now())


def _freeze(engine: Engine) -> None:
    """Freeze the figures of the periods that ended, by their jobs' own code; then let pairs of reviews be corrected.

    Their themes had been entered the wrong way round. So earlier month-ends are restated, and that of October is not: by then
    both reviews of each pair counted.
    """
    for period in map(read_period, ENDED):
        _freeze_one(engine, period)
        if period.key != ENDED[-1]:
            with unit_of_work(engine) as session:
                withhold_all(session, PAST)
    history = list(london_history())
    begun = {line["review"] for line in history}
    with unit_of_work(engine) as session:
        play(session, map(json.dumps, [*history, *(line for line in corrections() if line["review"] in begun)]))
        keep_setting(session, FROZEN, value=True)
