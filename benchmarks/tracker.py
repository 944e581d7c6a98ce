"""The service with its definitions, and reviews in progress, on a database that is thrown away."""

from __future__ import annotations

from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any
from uuid import UUID, uuid4

from sqlalchemy import Engine, insert, select

from benchmarks.browser import Browser
from scrt_workflow import catalogue, reference
from scrt_workflow.app import create_app
from scrt_workflow.clock import FixedClock
from scrt_workflow.database import make_engine, migrate, unit_of_work
from scrt_workflow.folder import read_folder
from scrt_workflow.forms.builder import raw_from
from scrt_workflow.models import Draft, Person, Review
from scrt_workflow.operations import definitions, people, steps
from scrt_workflow.operations.organisations import load_reference
from scrt_workflow.permissions import Role
from scrt_workflow.settings import Settings, shipped
from scrt_workflow.web.sessions import cookie_for

AT = datetime(2024, 11, 1, 9, tzinfo=UTC)
HERE, WORKFLOW, STEP = "QMF", "safeguarding_adult_review", "give_update"
IN_ADDRESS = STEP.replace("_", "-")
UPDATE = "The partners met and agreed the next steps. The chronology is complete; two agencies still owe their reports."
TYPED = {"latest_update": [UPDATE]}
SO_FAR: list[tuple[str, dict[str, Any]]] = [
    (
        "refer",
        {
            "incident_date": "2024-05-01",
            "brief_overview": "Harm came to an adult with care and support needs.",
            "themes": ["T01", "T02"],
            "referred_on": "2024-05-20",
            "identifier_type_1": "steis",
            "identifier_ref_1": "2024/12345",
            "designated_professional": "AB",
            "designated_professional_role": "Designated Professional Safeguarding Adults",
            "media_interest": "none",
            "specialised_commissioning": "no",
        },
    ),
    ("commission", {"decided_on": "2024-06-01", "commissioned_on": "2024-06-03"}),
    ("start", {"started_on": "2024-06-10"}),
]


class Tracker:
    """The service on a database of its own; `designate` is a browser in which one of HERE is signed in."""

    def __init__(self, folder: Path, url: str = "") -> None:
        """Make it in *folder*, on the empty database at *url* (an SQLite file in *folder* when there is none)."""
        self.settings = Settings(instance=folder, demo=True, database_url=url)
        self.engine = make_engine(self.settings.database)
        migrate(self.engine)
        with unit_of_work(self.engine) as session:
            load_reference(session)
            folder_read = read_folder(shipped("workflows").parent, known_types=definitions.known_types())
            definitions.load(session, folder_read, at=AT)
            self.live = catalogue.live_definitions(session)
        self.version, self.definition = self.live[WORKFLOW]
        self.app = create_app(self.settings, FixedClock(AT))
        self.designate = self.sign_in(Role.DESIGNATE, HERE)

    def sign_in(self, role: Role, organisation: str) -> Browser:
        """Add someone who holds *role* for *organisation*, and sign them in."""
        with unit_of_work(self.engine) as session, self.app.test_request_context():
            person = people.add_person(session, email=f"{role}.{organisation}@example.nhs.uk".lower(), name="A Person", at=AT)
            people.grant_role(session, person, role, organisation, valid_from=date(2022, 7, 1), at=AT)
            name, value = cookie_for(self.app, session, session.get_one(Person, person.id))
            return Browser(self.app, people.actor_of(session, person.id, on=AT.date()), f"{name}={value}")

    def add_review(self) -> UUID:
        """Take a review as far as its work, by the operations of the pages."""
        review_id = uuid4()
        board = next(row.id for row in reference.partnerships() if row.icb_2022 == HERE and row.type == "SAB")
        for number, (step, answers) in enumerate(SO_FAR):
            asked = {**answers, "partnership": board} if step == "refer" else answers
            raw, _ = raw_from(asked, self.definition.questions)
            who: dict[str, Any] = {"actor": self.designate.actor, "at": AT, "key": uuid4()}
            with unit_of_work(self.engine) as session:
                if number == 0:
                    steps.start_review(session, WORKFLOW, step, raw, organisation=HERE, review_id=review_id, **who)
                else:
                    steps.complete_step(session, review_id, step, raw, read_at=number, **who)
        return review_id

    def close(self) -> None:
        """Leave no connection open."""
        self.engine.dispose()
        self.app.extensions["surroundings"].engine.dispose()


def keep_draft(engine: Engine, tracker: Tracker, review_id: UUID) -> UUID:
    """Keep an update as a draft of the designate's, as the form's page does, and give the key that its submit will carry."""
    key, actor = uuid4(), tracker.designate.actor
    with unit_of_work(engine) as session:
        seq = session.execute(select(Review.version).where(Review.id == review_id)).scalar_one()
        row = {
            "id": uuid4(), "person_id": actor.person_id, "membership_id": actor.held[0].membership_id, "organisation": HERE,
            "review_id": review_id, "workflow": WORKFLOW, "step": STEP, "definition_version_id": tracker.version,
            "base_seq": seq, "body": TYPED, "pages_done": ["update"], "key": key, "changed_at": AT,
        }  # fmt: skip
        session.execute(insert(Draft.__table__), row)
    return key
