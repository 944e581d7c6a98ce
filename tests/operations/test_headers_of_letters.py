"""Whatever a name holds, in a definition, of a person or of an organisation: it makes no header and no reader (SC8)."""

from contextlib import suppress
from dataclasses import replace
from types import MappingProxyType

import pytest
from sqlalchemy import Engine, select
from sqlalchemy.exc import StatementError
from sqlalchemy.orm import Session

from scrt_workflow import catalogue
from scrt_workflow.database import unit_of_work
from scrt_workflow.mail import Post
from scrt_workflow.models import Notice, Organisation, UnstorableError
from scrt_workflow.operations.letters import letter_for
from scrt_workflow.operations.people import find_person
from scrt_workflow.settings import Settings
from scrt_workflow.workflows.schema import Definition
from tests.factories import TODAY
from tests.faults.outbox import READER, fill_outbox
from tests.header_payloads import HEADERS, HOSTILE, headers_of
from tests.mail_server import mail_server

LONGEST_NAME = 150  # of a definition


def named_with(definition: Definition, text: str) -> Definition:
    """Give *definition* with *text* in every name of it that a subject may hold, and in the subjects themselves."""
    workflow = definition.workflow
    subject = f"{text} {{title}} {{state}} {{step}} {{person}} {{reference}} {{organisation}} {{days}}"
    return replace(
        definition,
        workflow=replace(
            workflow,
            title=text,
            states=MappingProxyType({key: replace(one, title=text) for key, one in workflow.states.items()}),
            steps=MappingProxyType({key: replace(one, title=text) for key, one in workflow.steps.items()}),
            review_types=MappingProxyType({key: replace(one, title=text) for key, one in workflow.review_types.items()}),
            notices=MappingProxyType({key: replace(one, subject=subject) for key, one in workflow.notices.items()}),
        ),
    )


def name(session: Session, text: str) -> None:
    """Call the reader and the organisation so, unless no column would hold that."""
    with suppress(UnstorableError, StatementError), session.begin_nested():
        find_person(session, READER).name = session.get_one(Organisation, "QMJ").name = text[:300]
        session.flush()


def test_forty_payloads_in_every_name_make_no_header_and_no_reader(
    database: Engine, settings: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    with unit_of_work(database) as session:
        fill_outbox(session, 1)
    found, sending = catalogue.definition, {"mail_host": "localhost", "mail_tls": "none", "mail_from": "tracker@example.nhs.uk"}
    with mail_server() as server:
        post = Post(settings.model_copy(update={**sending, "mail_port": server.port}))
        for payload in HOSTILE:
            monkeypatch.setattr(catalogue, "definition", lambda *of, text=payload: named_with(found(*of), text[-LONGEST_NAME:]))
            with Session(database) as session:
                name(session, payload)
                notice = session.scalars(select(Notice)).one()
                letter = letter_for(session, notice, on=TODAY, address="https://reviews.example.nhs.uk")
            post.send(to=letter.to, subject=letter.subject, text=letter.text, html=letter.html, message_id=letter.message_id)
        post.close()

    assert len(HOSTILE) == len(server.messages) == 40
    assert {tuple(headers_of(message)) for message in server.messages} == {tuple(HEADERS)}
    assert {(sender, *to) for sender, to in server.envelopes} == {("tracker@example.nhs.uk", READER)}
    assert {str(message["To"]) for message in server.messages} == {READER}
