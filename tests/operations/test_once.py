"""One form has one effect: the key with it stands for all that it says, also where a new review is and of what type."""

from datetime import UTC, datetime
from typing import Any
from uuid import uuid4

import pytest
from sqlalchemy.orm import Session

from scrt_workflow import catalogue
from scrt_workflow.folder import read_sources
from scrt_workflow.operations import steps
from scrt_workflow.operations.once import KeyReusedError
from scrt_workflow.operations.people import actor_of
from scrt_workflow.permissions import Role
from tests.definitions.histories import ready
from tests.factories import make_membership, make_person

NOTE = """\
workflow: note
title: Note
review_types: [note]
states: {written: {counts_as: open}, read: {counts_as: closed, final: yes}}
steps: {read: {from: [written], who: [designate], to: read}}
"""
AT = datetime(2024, 11, 1, 9, tzinfo=UTC)


@pytest.fixture
def asked(session: Session) -> dict[str, Any]:
    """Give what someone asks for who writes a note for QMJ, and may do so for QMF too."""
    ready(session, read_sources({"workflows/note.yaml": NOTE, "forms/questions.yaml": ""}))
    person = make_person(session)
    for organisation in ("QMJ", "QMF"):
        make_membership(session, person, Role.DESIGNATE, organisation)
    return {"organisation": "QMJ", "actor": actor_of(session, person.id, on=AT.date()), "at": AT, "key": uuid4()}


def test_a_repeat_of_a_new_review_leads_to_the_one_that_is_there(session: Session, asked: dict[str, Any]) -> None:
    first = steps.start_review(session, "note", "create", {}, **asked)
    again = steps.start_review(session, "note", "create", {}, **asked)

    assert (again.review_id, again.repeated) == (first.review_id, True)


@pytest.mark.parametrize("differs", ["organisation", "review_type", "version_id"])
def test_a_new_review_elsewhere_or_of_another_kind_is_no_repeat(session: Session, asked: dict[str, Any], differs: str) -> None:
    steps.start_review(session, "note", "create", {}, **asked)
    other = {"organisation": "QMF", "review_type": "note", "version_id": catalogue.live(session, "note")[0]}

    with pytest.raises(KeyReusedError):
        steps.start_review(session, "note", "create", {}, **asked | {differs: other[differs]})
