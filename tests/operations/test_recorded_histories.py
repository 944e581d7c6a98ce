"""Recorded histories: what was done to real reviews, played through a changed definition, differs where it must, only there."""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import replace

import pytest
from sqlalchemy import select
from sqlalchemy.orm import Session

from scrt_workflow.database import make_engine
from scrt_workflow.models import Answer
from scrt_workflow.operations import steps
from scrt_workflow.operations.play import play
from scrt_workflow.operations.recorded_events import newest_reviews
from scrt_workflow.operations.recorded_histories import Compared, replay_recorded
from scrt_workflow.operations.rehearsed import Rehearsed
from scrt_workflow.operations.rehearsing import Taken
from tests.definitions.shipped import SAR, SHIPPED
from tests.operations.invented_reviews import invented
from tests.operations.rehearsed_reviews import changed, live, rehearse, source_of
from tests.operations.worlds import BEGINNING, World, make_world


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


def compared(world: World, draft: Rehearsed, *, of: str) -> list[Compared]:
    """Play the histories of all reviews of a workflow."""
    return replay_recorded(world.session, draft, newest_reviews(world.session, of), at=BEGINNING)


def test_under_the_same_definition_every_history_comes_out_the_same(world_on_both: World) -> None:
    world = world_on_both
    play(world.session, map(json.dumps, invented(5, reviews=8)), add_people=True)

    found = [one for key in SHIPPED.workflows for one in compared(world, source_of(world, key), of=key)]

    assert len(found) > 5
    assert {(one.reference, one.differs_at, one.why) for one in found if one.differs_at} == set()
    assert max(len(one.stages) for one in found) > 3


def test_a_question_that_is_asked_anew_is_named(world: World) -> None:
    live(world, SAR, rehearse(world, SAR, moves=3))
    draft = changed(world, SAR, "questions: [started_on]", "questions: [started_on, lessons]", file="forms/start.yaml")

    (one,) = compared(world, draft, of=SAR)

    assert (one.differs_at, one.why) == (
        "Start the review",
        "It now asks “Lessons and recommendations”, which was not asked then.",
    )


def test_a_role_that_is_taken_away_is_named(world: World) -> None:
    live(world, SAR, rehearse(world, SAR, moves=3))

    (one,) = compared(world, changed(world, SAR, "who: [designate]", "who: [icb_lead]"), of=SAR)

    assert one.why == "It is no longer for the Designated professional."
    assert one.stages[:2] == ("Referred", "Commissioned")


def test_only_wording_that_changes_makes_no_difference(world: World) -> None:
    live(world, SAR, rehearse(world, SAR, moves=4))
    draft = changed(world, SAR, "Record the sign-off", "Note the sign-off")

    assert [one.differs_at for one in compared(world, draft, of=SAR)] == [""]


def test_nothing_that_was_written_is_played_or_told(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    script = rehearse(world, SAR, moves=2)
    assert isinstance(script.moves[0], Taken)
    first = replace(script.moves[0], raw={**script.moves[0].raw, "brief_overview": ["A quokka was seen near the house."]})
    review = live(world, SAR, replace(script, moves=(first, *script.moves[1:])))
    typed: list[str] = []
    start = steps.start_review

    def noting(session: Session, workflow: str, step_key: str, raw: dict[str, list[str]], **more: object) -> object:
        typed.extend(text for texts in raw.values() for text in texts)
        return start(session, workflow, step_key, raw, **more)  # type: ignore[arg-type]

    monkeypatch.setattr(steps, "start_review", noting)
    found = compared(world, source_of(world, SAR), of=SAR)

    said = world.session.execute(select(Answer.value).where(Answer.review_id == review, Answer.question == "brief_overview"))
    assert "quokka" in said.scalar_one()
    assert typed
    assert [text for text in typed if "quokka" in text] == []
    assert "quokka" not in repr(found)


def test_it_stops_once_it_is_enough(world: World) -> None:
    script = rehearse(world, SAR, moves=1)
    for _ in range(3):
        live(world, SAR, script)
    answers = iter([False, False, True])

    found = replay_recorded(
        world.session, source_of(world, SAR), newest_reviews(world.session, SAR), at=BEGINNING, enough=lambda: next(answers)
    )

    assert len(found) == 2
