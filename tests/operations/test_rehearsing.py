"""Rehearsals: a made-up review fares as a real one would, a script is played again as it was, and nothing live is touched."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date
from typing import Any
from uuid import UUID

import pytest
from sqlalchemy import func, select
from sqlalchemy.orm import Session

from scrt_workflow.database import make_engine
from scrt_workflow.folder import read_folder
from scrt_workflow.models import Answer, Event, Model, Notice, Rehearsal, ReminderSent, Review
from scrt_workflow.operations import rehearsals, rehearsing
from scrt_workflow.operations.records import steps_open_to
from scrt_workflow.operations.refusals import AnswersError, StepRefusedError
from scrt_workflow.operations.rehearsed import from_sources
from scrt_workflow.operations.rehearsing import FullError, Script, Taken, Waited, played
from scrt_workflow.permissions import ACTORS, Role
from tests.definitions.shipped import DHR, LOAN, RAPID, SAR, SHIPPED
from tests.operations.rehearsed_reviews import DAY, DAYS, NAME, changed, go_on, live, rehearse, source_of
from tests.operations.worlds import BEGINNING, HERE, World, make_world


@pytest.fixture
def world(sqlite_url: str) -> Iterator[World]:
    """Give a world on SQLite: the live database matters little where scratch ones are made."""
    engine = make_engine(sqlite_url)
    with Session(engine) as session:
        yield make_world(session)
    engine.dispose()


@pytest.fixture
def world_on_both(session: Session) -> World:
    return make_world(session)


def outcome(session: Session, review_id: UUID) -> dict[str, Any]:
    """Give all that came of a review: where it is, each event, its answers, and who was sent what and when."""
    review = session.get_one(Review, review_id, populate_existing=True)
    columns = (Event.seq, Event.step, Event.from_state, Event.to_state, Event.dated_on, Event.recorded_at, Event.role)
    events = session.execute(select(*columns).where(Event.stream == f"review:{review_id}").order_by(Event.seq)).all()
    answers = session.execute(select(Answer.question, Answer.value, Answer.set_seq).where(Answer.review_id == review_id)).all()
    told = [one for one in session.scalars(select(Notice)) if one.refs.get("review") == str(review_id)]
    entered = select(ReminderSent).where(ReminderSent.review_id == review_id)
    reminded = [(one.reminder, one.since_seq, one.number, one.on_date, one.notice_id is None) for one in session.scalars(entered)]
    return {
        "row": (review.state, review.status, review.state_since, review.next_due_on, review.review_type, review.last_update_on),
        "events": list(map(tuple, events)),
        "answers": sorted((one.question, str(one.value), one.set_seq) for one in answers),
        "told": {(one.template, one.queued_at, one.refs["seq"], tuple(one.refs["roles"])) for one in told},
        "reminded": set(reminded),
    }


@pytest.mark.parametrize("workflow", [DHR, RAPID])
def test_a_rehearsal_comes_out_as_the_same_steps_do_live(world_on_both: World, workflow: str) -> None:
    world = world_on_both
    script = rehearse(world, workflow, moves=6)

    real = outcome(world.session, live(world, workflow, script))
    with played(world.session, source_of(world, workflow), script, name=NAME) as stage:
        rehearsed_one = outcome(stage.session, stage.reviews[0])

    assert len(script.moves) >= 6
    assert real["told"] or real["reminded"]
    assert rehearsed_one == real


def test_nothing_live_is_touched_by_a_rehearsal(world: World) -> None:
    def counts() -> dict[str, int]:
        tables = Model.metadata.sorted_tables
        return {one.name: world.session.execute(select(func.count()).select_from(one)).scalar_one() for one in tables}

    before = counts()
    rehearse(world, SAR, moves=4)

    assert counts() == before


def test_what_is_open_to_each_role_is_what_would_be_open_live(world: World) -> None:
    script = rehearse(world, DHR, moves=5)
    record = world.record(live(world, DHR, script))

    with played(world.session, source_of(world, DHR), script, name=NAME) as stage:
        for role in sorted(ACTORS):
            here = [(one.step.key, one.refusal) for one in steps_open_to(stage.record(0), stage.actor(role))]
            assert here == [(one.step.key, one.refusal) for one in steps_open_to(record, world.people[role])], role


def test_a_rehearsed_review_that_opens_another_has_both(world: World) -> None:
    script = rehearse(world, RAPID, moves=8)

    with played(world.session, source_of(world, RAPID), script, name=NAME) as stage:
        workflows = [stage.record(number).review.workflow for number in range(len(stage.reviews))]

    assert workflows[0] == RAPID
    assert len(workflows) == 2


def test_what_may_identify_a_patient_is_stopped_as_it_is_live(world: World) -> None:
    with played(world.session, source_of(world, SAR), Script(HERE, DAY, ""), name=NAME) as stage:
        first = stage.rehearsed.definition.workflow.making_steps[0]
        raw = {**stage.invented(first), "brief_overview": ["The patient's NHS number is 943 476 5919."]}

        with pytest.raises(AnswersError, match="NHS number"):
            stage.take(Taken(first.key, Role.DESIGNATE, raw))
        assert stage.reviews == []


def test_a_role_that_may_not_take_a_step_is_refused_with_the_same_words(world: World) -> None:
    with played(world.session, source_of(world, SAR), Script(HERE, DAY, ""), name=NAME) as stage:
        first = stage.rehearsed.definition.workflow.making_steps[0]

        with pytest.raises(StepRefusedError, match="Your role does not allow this step"):
            stage.take(Taken(first.key, Role.NATIONAL_LEAD, stage.invented(first)))


def test_a_script_is_the_same_after_it_was_kept(world: World) -> None:
    script = rehearse(world, SAR, moves=2)
    kept = rehearsals.Played(
        script, Role.DESIGNATE, 0, rehearsals.Filling("start", "designate", 0, {"started_on": ["1", "2", "2024"]})
    )

    assert rehearsals.read(rehearsals.written(kept)) == kept


def test_a_move_that_a_changed_definition_refuses_is_named_and_the_moves_before_it_stand(world: World) -> None:
    script = rehearse(world, SAR, moves=3)
    draft = changed(world, SAR, "who: [designate]", "who: [icb_lead]")

    with played(world.session, draft, script, name=NAME) as stage:
        assert stage.stopped_by == "Your role does not allow this step."
        assert (stage.played, stage.reviews) == (0, [])


def test_a_definition_that_the_check_refuses_cannot_be_rehearsed_and_says_why(world: World) -> None:
    draft = changed(world, SAR, "who: [designate]", "who: [nobody_at_all]")

    assert draft.bundles == {}
    assert any("no role is called 'nobody_at_all'" in problem for problem in draft.problems)


def test_a_workflow_that_is_not_live_yet_is_rehearsed_with_those_that_are_beside_it(world: World) -> None:
    draft = from_sources(world.session, read_folder(LOAN).sources, workflow="equipment_loan", source="draft:1", heading="A draft")

    with played(world.session, draft, Script(HERE, DAY, ""), name=NAME) as stage:
        go_on(stage, moves=3)

    assert set(draft.bundles) == {"equipment_loan", *SHIPPED.workflows}
    assert stage.played == 6


def test_a_rehearsal_is_bounded(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(rehearsing, "MOST_MOVES", 2)
    with played(world.session, source_of(world, SAR), Script(HERE, DAY, ""), name=NAME) as stage:
        with pytest.raises(FullError, match="ten years"):
            stage.take(Waited(date(2099, 1, 1)))
        stage.take(Waited(DAY + DAYS))
        with pytest.raises(FullError, match="forward only"):
            stage.take(Waited(DAY))
        stage.take(Waited(DAY + DAYS))
        with pytest.raises(FullError, match="takes 2 moves"):
            stage.take(Waited(DAY + DAYS))


def test_a_rehearsal_is_its_owners_alone_and_the_oldest_of_too_many_goes(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(rehearsals, "MOST_OF_ONE_PERSON", 2)
    mine, other = world.people["administrator"], world.people["administrator:2"]
    made = [
        rehearsals.begin(
            world.session, mine, "version:1", Script(HERE, DAY, ""), role="designate", at=BEGINNING + number * DAYS
        ).id
        for number in range(3)
    ]

    assert [one.id for one in rehearsals.of_source(world.session, mine, "version:1")] == made[:0:-1]
    with pytest.raises(rehearsals.NoSuchRehearsalError):
        rehearsals.find(world.session, other, made[2])


def test_a_rehearsal_that_nobody_goes_on_with_is_forgotten(world: World) -> None:
    script = Script(HERE, DAY, "")
    for days in (29, 31):
        rehearsals.begin(
            world.session, world.people["administrator"], str(days), script, role="designate", at=BEGINNING - days * DAYS
        )

    rehearsals.forget_old(world.session, at=BEGINNING)

    assert world.session.scalars(select(Rehearsal.source)).all() == ["29"]


def test_a_rehearsal_shows_what_posts_would_be_sent_of_media_interest(world: World) -> None:
    with played(world.session, source_of(world, SAR), Script(HERE, DAY, ""), name=NAME) as stage:
        first = stage.rehearsed.definition.workflow.making_steps[0]
        flagged = {"media_interest": ["high"], "specialised_commissioning": ["yes"]}
        stage.take(Taken(first.key, first.who[0], stage.invented(first, typed=flagged)))

    sent = {one.to: one.text for one in stage.outbox}
    assert {"Medical director", "Specialised commissioning communications team"} < set(sent)
    assert "Ask about it: Rowan Invented (regional_lead@example.nhs.uk)" in sent["Medical director"]
    assert "Told by e-mail too" in sent["Rowan Invented, Regional lead"]
