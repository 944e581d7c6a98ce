"""A release leaves nobody stranded (WF6): a review goes by the version it began with, and where that leads is still there."""

from __future__ import annotations

from datetime import UTC, datetime
from uuid import UUID, uuid4

import pytest
from sqlalchemy import insert, select
from sqlalchemy.orm import Session

from scrt_workflow import catalogue
from scrt_workflow.actors import Actor
from scrt_workflow.folder import read_sources
from scrt_workflow.models import DefinitionRetirement, Event, Review
from scrt_workflow.operations import definitions, steps
from scrt_workflow.operations.organisations import load_reference
from scrt_workflow.operations.people import actor_of
from scrt_workflow.operations.refusals import StepRefusedError
from scrt_workflow.permissions import Role
from scrt_workflow.yaml_reader import DefinitionError
from tests.factories import make_membership, make_person

AT = datetime(2024, 11, 1, 9, tzinfo=UTC)
OLD = """\
workflow: old_case
title: Old case
review_types: [old_case]
states: {known: {counts_as: open}, over: {counts_as: closed, final: yes}}
steps:
  go_on: {from: [known], who: [designate], outcomes: [{becomes: {workflow: visit, review_type: visit, state: planned}}]}
  convert: {from: [known], who: [designate], outcomes: [{to: over, opens: {workflow: visit, review_type: visit}}]}
"""
VISIT = """\
workflow: visit
title: Visit
review_types: [visit]
states:
  planned: {title: Planned, counts_as: open}
  done: {counts_as: closed, final: yes}
steps:
  finish: {from: [planned], who: [designate], to: done}
"""
APPROVED = """\
workflow: visit
title: Visit
review_types: [visit]
starts_in: asked_for
states:
  asked_for: {counts_as: open}
  planned: {title: Planned, counts_as: open, approved_by: [agree]}
  done: {counts_as: closed, final: yes}
steps:
  ask: {from: new, who: [designate], form: asking, to: asked_for}
  agree: {from: [asked_for], who: [icb_lead], approves: [why], if_they_change: asked_for, to: planned}
  finish: {from: [planned], who: [designate], to: done}
"""


def release(session: Session, *workflows: str) -> None:
    asked = "why: {type: text, label: Why?}\n" if APPROVED in workflows else ""
    sources = {"forms/questions.yaml": asked, "forms/short.yaml": "asking: [why]\n" if asked else ""}
    sources |= {f"workflows/{number}.yaml": text for number, text in enumerate(workflows)}
    definitions.load(session, read_sources(sources), at=AT)


@pytest.fixture
def service(session: Session) -> Session:
    load_reference(session)
    release(session, OLD, VISIT)
    return session


@pytest.fixture
def someone(service: Session) -> Actor:
    person = make_person(service)
    make_membership(service, person, Role.DESIGNATE, "QMJ")
    return actor_of(service, person.id, on=AT.date())


def begin(session: Session, actor: Actor, *, version_id: int | None = None) -> UUID:
    """Begin an old case, as from a draft that was begun under *version_id*."""
    done = steps.start_review(
        session, "old_case", "create", {}, organisation="QMJ", actor=actor, at=AT, key=uuid4(), version_id=version_id
    )
    return done.review_id


def take(session: Session, review_id: UUID, step: str, actor: Actor) -> UUID:
    """Take a step of a review and give the review that it led to."""
    version = session.get_one(Review, review_id, populate_existing=True).version
    done = steps.complete_step(session, review_id, step, {}, actor=actor, at=AT, key=uuid4(), read_at=version)
    return done.opened or review_id


RENAMED = VISIT.replace("planned", "arranged")
FOLLOWED = OLD.replace("state: planned", "state: arranged")


def test_a_release_that_takes_away_where_a_review_under_way_leads_is_refused(service: Session, someone: Actor) -> None:
    begin(service, someone)

    with pytest.raises(DefinitionError) as refused:
        release(service, FOLLOWED, RENAMED)

    assert str(refused.value) == (
        "workflows/1.yaml:4: states: go_on of version 1 of old_case, which is in use, leads to 'planned'. "
        "Keep a state of that key until no review needs it."
    )


def test_once_no_review_needs_it_the_state_may_go(service: Session, someone: Actor) -> None:
    take(service, take(service, begin(service, someone), "go_on", someone), "finish", someone)

    release(service, FOLLOWED, RENAMED)

    again = begin(service, someone)
    assert service.get_one(Review, take(service, again, "go_on", someone)).state == "arranged"


def test_a_folder_of_one_workflow_is_checked_for_what_others_lead_to_in_it(service: Session) -> None:
    with pytest.raises(DefinitionError, match="go_on of version 1 of old_case, which is in use, leads to 'planned'"):
        release(service, RENAMED)

    assert catalogue.live(service, "visit")[1].workflow.states.keys() == {"planned", "done"}


def test_a_release_that_asks_for_approvals_where_a_review_under_way_leads_is_refused(service: Session, someone: Actor) -> None:
    begin(service, someone)
    leading_elsewhere = OLD.replace("state: planned", "state: asked_for")

    with pytest.raises(DefinitionError) as refused:
        release(service, leading_elsewhere, APPROVED)

    assert str(refused.value) == (
        "workflows/1.yaml:7: planned: approved_by: go_on of version 1 of old_case, which is in use, leads here, "
        "and no review that comes from elsewhere has an approval."
    )


@pytest.mark.parametrize(
    ("newest", "sentence"),
    [
        ((FOLLOWED, RENAMED), "This leads to “planned”, which “Visit” no longer has."),
        (
            (OLD.replace("state: planned", "state: asked_for"), APPROVED),
            "No review can come to “Planned” in this way, without the approvals that it needs.",
        ),
    ],
    ids=["a state that is gone", "a state that wants approvals"],
)
def test_a_draft_begun_before_a_release_gets_a_sentence_where_it_can_go_on_no_more(
    service: Session, someone: Actor, newest: tuple[str, str], sentence: str
) -> None:
    began_with, _ = catalogue.live(service, "old_case")
    release(service, *newest)
    review_id = begin(service, someone, version_id=began_with)

    with pytest.raises(StepRefusedError) as refused, service.begin_nested():
        take(service, review_id, "go_on", someone)

    assert refused.value.sentence == f"{sentence} Nothing was changed. Tell an administrator."
    assert service.scalars(select(Event.step).where(Event.stream == f"review:{review_id}")).all() == ["create"]


@pytest.mark.parametrize("step", ["go_on", "convert"])
def test_a_step_that_leads_to_a_workflow_out_of_use_says_so(service: Session, someone: Actor, step: str) -> None:
    review_id = begin(service, someone)
    version_id, _ = catalogue.live(service, "visit")
    service.execute(insert(DefinitionRetirement).values(version_id=version_id, at=AT))

    with pytest.raises(StepRefusedError, match="This leads to “visit”, which is no longer in use") as refused:
        take(service, review_id, step, someone)

    assert "Tell an administrator." in refused.value.sentence
