"""What the check lets an option be, the database can keep."""

from datetime import UTC, datetime
from uuid import uuid4

from sqlalchemy import select
from sqlalchemy.orm import Session

from scrt_workflow.folder import read_sources
from scrt_workflow.forms.schema import LONGEST_VALUE
from scrt_workflow.models import TermSpan
from scrt_workflow.operations import steps
from scrt_workflow.operations.people import actor_of
from scrt_workflow.permissions import Role
from tests.definitions.histories import ready
from tests.factories import make_membership, make_person

AT = datetime(2024, 11, 1, 9, tzinfo=UTC)
LONG = "l" * LONGEST_VALUE
NOTE = """\
workflow: note
title: Note
review_types: [note]
states: {written: {counts_as: open}, read: {counts_as: closed, final: yes}}
steps:
  write: {from: new, who: [designate], form: writing, to: written}
  read: {from: [written], who: [designate], to: read}
"""


def test_the_longest_option_of_a_ranked_question_can_be_chosen(session: Session) -> None:
    bank = f"about: {{type: ranked_choices, label: What about?, options: {{{LONG}: It is long, short: It is short}}}}\n"
    sources = {"workflows/note.yaml": NOTE, "forms/questions.yaml": bank, "forms/short.yaml": "writing: [about]\n"}
    ready(session, read_sources(sources))
    person = make_person(session)
    make_membership(session, person, Role.DESIGNATE, "QMJ")
    raw = {"about": [LONG]}

    actor = actor_of(session, person.id, on=AT.date())
    steps.start_review(session, "note", "write", raw, organisation="QMJ", actor=actor, at=AT, key=uuid4())

    assert session.scalars(select(TermSpan.code)).all() == [LONG]
