"""The service with its definitions, a designate who is signed in, and reviews in progress, on a database that is thrown away."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from datetime import UTC, date, datetime
from io import BytesIO
from pathlib import Path
from typing import Any
from urllib.parse import urlencode
from uuid import UUID, uuid4

from flask import Flask
from sqlalchemy import Engine, insert
from werkzeug.test import EnvironBuilder, run_wsgi_app

from scrt_workflow import catalogue, reference
from scrt_workflow.app import create_app
from scrt_workflow.clock import FixedClock
from scrt_workflow.database import make_engine, migrate, unit_of_work
from scrt_workflow.folder import read_folder
from scrt_workflow.forms.builder import raw_from
from scrt_workflow.models import Draft, Person
from scrt_workflow.operations import definitions, people, steps
from scrt_workflow.operations.organisations import load_reference
from scrt_workflow.permissions import Role
from scrt_workflow.settings import Settings, shipped
from scrt_workflow.web.sessions import cookie_for

AT = datetime(2024, 11, 1, 9, tzinfo=UTC)
HERE, WORKFLOW, STEP = "QMF", "safeguarding_adult_review", "give_update"
IN_ADDRESS = STEP.replace("_", "-")
UPDATE = "The partners met and agreed the next steps. The chronology is complete; two agencies still owe their reports."
TOKEN = re.compile(r'name="csrf_token"[^>]*value="([^"]+)"')
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


class Service:
    """The service, asked through WSGI as a browser would that is signed in as `person`, a designate."""

    def __init__(self, folder: Path, url: str = "") -> None:
        """Make it in *folder*, on the empty database at *url* (an SQLite file in *folder* when there is none)."""
        self.settings = Settings(instance=folder, demo=True, database_url=url)
        self.engine = make_engine(self.settings.database)
        migrate(self.engine)
        with unit_of_work(self.engine) as session:
            load_reference(session)
            folder_read = read_folder(shipped("workflows").parent, known_types=definitions.known_types())
            definitions.load(session, folder_read, at=AT)
            self.person = people.add_person(session, email="designate@example.nhs.uk", name="A Designate", at=AT)
            people.grant_role(session, self.person, Role.DESIGNATE, HERE, valid_from=date(2022, 7, 1), at=AT)
            self.version, self.definition = catalogue.live(session, WORKFLOW)
            self.actor = people.actor_of(session, self.person.id, on=AT.date())
        self.app = create_app(self.settings, FixedClock(AT))
        with unit_of_work(self.engine) as session, self.app.test_request_context():
            name, value = cookie_for(self.app, session, session.get_one(Person, self.person.id))
        self.cookie = f"{name}={value}"

    def add_review(self) -> UUID:
        """Take a review as far as its work, by the operations of the pages."""
        review_id = uuid4()
        board = next(row.id for row in reference.partnerships() if row.icb_2022 == HERE and row.type == "SAB")
        for number, (step, answers) in enumerate(SO_FAR):
            asked = {**answers, "partnership": board} if step == "refer" else answers
            raw, _ = raw_from(asked, self.definition.questions)
            who: dict[str, Any] = {"actor": self.actor, "at": AT, "key": uuid4()}
            with unit_of_work(self.engine) as session:
                if number == 0:
                    steps.start_review(session, WORKFLOW, step, raw, organisation=HERE, review_id=review_id, **who)
                else:
                    steps.complete_step(session, review_id, step, raw, read_at=number, **who)
        return review_id

    def get(self, path: str) -> Callable[[], bytes]:
        """Give a request for a page, ready to be sent."""
        return request_to(self.app, "GET", path, cookie=self.cookie)

    def post(self, path: str, form: Mapping[str, str]) -> Callable[[], bytes]:
        """Give the sending of a form, ready to be sent."""
        return request_to(self.app, "POST", path, cookie=self.cookie, form=form)

    def token(self, path: str) -> str:
        """Give the token of the form on a page."""
        return token_in(self.get(path)())


def token_in(page: bytes) -> str:
    """Give the token of the form on *page*."""
    found = TOKEN.search(page.decode())
    if found is None:
        raise LookupError("The page has no form.")
    return found[1]


def request_to(
    app: Flask | Callable[..., Any], method: str, path: str, *, cookie: str = "", form: Mapping[str, str] | None = None
) -> Callable[[], bytes]:
    """Give a WSGI request of *app*, ready to be sent; it raises when the answer is neither a page nor a redirect."""
    body = urlencode(form or {}).encode()
    headers = {"Cookie": cookie, "Referer": "http://127.0.0.1/"}
    kind = "application/x-www-form-urlencoded" if form is not None else None
    builder = EnvironBuilder(path, base_url="http://127.0.0.1", method=method, headers=headers, content_type=kind)
    builder.input_stream = BytesIO(body)
    builder.content_length = len(body)
    environ = builder.get_environ()

    def send() -> bytes:
        answer, status, _ = run_wsgi_app(app, environ)
        page = b"".join(answer)
        if not status.startswith(("200", "302", "303")):
            raise RuntimeError(f"{method} {path} was answered {status}: {page[:2000]!r}")
        return page

    return send


def keep_draft(engine: Engine, service: Service, review_id: UUID) -> UUID:
    """Keep an update as a draft of the designate's, as the form's page does, and give the key that its submit will carry."""
    key = uuid4()
    with unit_of_work(engine) as session:
        held = service.actor.held[0]
        seq = session.connection().exec_driver_sql(f"SELECT version FROM review WHERE {_is(engine, review_id)}").scalar_one()
        row = {
            "id": uuid4(), "person_id": service.person.id, "membership_id": held.membership_id, "organisation": HERE,
            "review_id": review_id, "workflow": WORKFLOW, "step": STEP, "definition_version_id": service.version,
            "base_seq": seq, "body": {"latest_update": [UPDATE]}, "pages_done": ["update"], "key": key, "changed_at": AT,
        }  # fmt: skip
        session.connection().execute(insert(Draft.__table__), row)
    return key


def _is(engine: Engine, review_id: UUID) -> str:
    return f"id = '{review_id.hex if engine.dialect.name == 'sqlite' else review_id}'"
