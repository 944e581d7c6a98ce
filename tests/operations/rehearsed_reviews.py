"""Made-up reviews for tests of rehearsals, played by the same script in a rehearsal and live."""

from __future__ import annotations

from datetime import datetime, time, timedelta
from uuid import UUID, uuid4

from scrt_workflow import catalogue
from scrt_workflow.operations import rehearsed, steps
from scrt_workflow.operations.awaited import unmet_beforehand
from scrt_workflow.operations.overdue import is_quiet
from scrt_workflow.operations.rehearsed import Rehearsed, from_sources
from scrt_workflow.operations.rehearsing import Move, Script, Stage, Taken, Waited, played
from scrt_workflow.operations.reminders import reminders_due, send_reminders
from scrt_workflow.workflows.ahead import coming_next
from scrt_workflow.working_days import from_local
from tests.definitions.shipped import SHIPPED
from tests.operations.worlds import BEGINNING, HERE, World

NAME = UUID(int=9)
DAY = BEGINNING.date()
DAYS = timedelta(days=1)


def source_of(world: World, workflow: str) -> Rehearsed:
    """Find the live version of a workflow, to rehearse it."""
    return rehearsed.find(world.session, f"version:{catalogue.live_versions(world.session)[workflow]}")


def changed(world: World, workflow: str, old: str, new: str, *, file: str = "") -> Rehearsed:
    """Rehearse the shipped texts, in which *old* is *new*."""
    file = file or f"workflows/{workflow}.yaml"
    assert old in SHIPPED.sources[file]
    sources = {**SHIPPED.sources, file: SHIPPED.sources[file].replace(old, new)}
    return from_sources(world.session, sources, workflow=workflow, source="draft:1", heading="A draft")


def go_on(stage: Stage, *, moves: int) -> list[Move]:
    """Take a review on with invented answers, by the first role that may, and let 45 days pass after each step."""
    done: list[Move] = []
    for _ in range(moves):
        move = _next_step(stage)
        if move is None:
            break
        stage.take(move)
        stage.take(waited := Waited(stage.day + 45 * DAYS))
        done += [move, waited]
    return done


def _next_step(stage: Stage) -> Taken | None:
    if not stage.reviews:
        first = stage.rehearsed.definition.workflow.making_steps[0]
        return Taken(first.key, first.who[0], stage.invented(first))
    record = stage.record(0)
    onward = [one.step for one in coming_next(record.definition.workflow, record.review.state)]
    for step in onward:
        obstacle = unmet_beforehand(record, step)
        for wanted in obstacle.by if obstacle else (step,):
            return Taken(wanted.key, wanted.who[0], stage.invented(wanted))
    return None


def rehearse(world: World, workflow: str, *, moves: int) -> Script:
    """Give the script of a review that was taken on *moves* steps, or to its end."""
    with played(world.session, source_of(world, workflow), Script(HERE, DAY, ""), name=NAME) as stage:
        return Script(HERE, DAY, "", moves=tuple(go_on(stage, moves=moves)))


def live(world: World, workflow: str, script: Script) -> UUID:
    """Do what a script says to a real review, with the reminders of every day in between."""
    session, day, review_id = world.session, script.day, uuid4()
    for number, move in enumerate(script.moves):
        if isinstance(move, Waited):
            while day < move.day:
                day += DAYS
                due = [one for one in reminders_due(session, on=day) if one.people and not is_quiet(day)]
                send_reminders(session, due, at=from_local(datetime.combine(day, time(7))))
            continue
        at = from_local(datetime.combine(day, time(9))) + timedelta(minutes=number)
        actor, raw = world.people[move.role], move.raw
        if number == 0:
            steps.start_review(
                session, workflow, move.step, raw, organisation=HERE, actor=actor, at=at, key=uuid4(), review_id=review_id
            )
        else:
            version = world.review(review_id).version
            steps.complete_step(session, review_id, move.step, raw, actor=actor, at=at, key=uuid4(), read_at=version)
    return review_id
