"""WF6: after 50 random valid edits, 200 live reviews each: no dead end, no state changed but by the plan, no answer lost."""

from __future__ import annotations

import json
from collections import Counter
from contextlib import suppress
from datetime import timedelta
from random import Random
from typing import Any
from uuid import UUID, uuid4

import pytest
from sqlalchemy import func, insert, select, true
from sqlalchemy.orm import Session

from scrt_workflow import catalogue
from scrt_workflow.folder import read_sources
from scrt_workflow.models import Answer, AnswerChange, Approval, DefinitionVersion, Event, EventBody, Rebase, Review, Span
from scrt_workflow.operations import definitions, rebasing, steps
from scrt_workflow.operations.conversions import reference_of
from scrt_workflow.operations.rebase_checks import Verdict, dry_run
from scrt_workflow.operations.refusals import AnswersError, StepRefusedError
from scrt_workflow.operations.tables import table_of
from scrt_workflow.workflows.rebasing import Plan, choices_for, differences
from scrt_workflow.workflows.schema import SAME, Definition, Step
from scrt_workflow.yaml_reader import DefinitionError
from tests.operations import random_edits
from tests.operations.random_edits import alone, edited, let_the_next_step_wait, sources_of
from tests.operations.test_walks import begin
from tests.operations.ways_on import Place, WaysOn
from tests.operations.worlds import World, filled_in, make_world

EDITS, LIVE, PLAYED = {"sqlite": 50, "postgresql": 4}, 200, 14
CARRIED_OUT = 20
"""One edit in so many is carried out and looked at on record; of each, what `dry_run` says is, for a batch does as it says."""
WORKFLOW, FIRST_STEP = "domestic_homicide_review", "refer"
ATTEMPTS = 40
COPIED = (Answer, AnswerChange, Approval, Span)
STEPS = 4
IN_THE_WAY = 4
"""One edit in so many lets a step wait for what reviews that are past it were never asked."""


@pytest.fixture
def world(session: Session) -> World:
    return make_world(session)


def play(world: World, rng: Random) -> UUID:
    """Begin a review, and take it some way by random answers."""
    review_id = begin(world, WORKFLOW, FIRST_STEP, rng)
    wanted, state = rng.randint(0, 7), ""
    for _ in range(ATTEMPTS):
        review = world.review(review_id)
        wanted, state = wanted - (review.state != state), review.state
        if wanted < 0:
            break
        world.at += timedelta(hours=5)
        record = world.record(review_id)
        here = record.definition.workflow.steps_from[state]
        moving = [step for step in here if leads_on(step) and any(one.to not in {SAME, state} for one in step.outcomes)]
        step = rng.choice([*moving, *moving, *(one for one in here if leads_on(one))])
        raw = filled_in(world, record, step, rng)
        who: dict[str, Any] = {"actor": world.people[step.who[0]], "at": world.at, "key": uuid4(), "read_at": review.version}
        with suppress(AnswersError, StepRefusedError), world.session.begin_nested():
            steps.complete_step(world.session, review_id, step.key, raw, **who)
    return review_id


def under_way(world: World, rng: Random) -> list[UUID]:
    """Give reviews that are neither closed nor withdrawn: only those are ever moved."""
    found: list[UUID] = []
    while len(found) < PLAYED:
        review_id = play(world, rng)
        review = world.review(review_id)
        if world.record(review_id).definition.workflow.states[review.state].is_under_way:
            found.append(review_id)
    return found


def leads_on(step: Step) -> bool:
    return not (step.withdraws or step.restates or step.voids or step.key in {"close", "decide_no_review"})


def copy(session: Session, review_id: UUID, chance: Random) -> UUID:
    """Add a review that is like another, with its newest event and all else that is looked at of it."""
    made = UUID(int=chance.getrandbits(128), version=4)
    review = session.execute(select(table_of(Review)).where(Review.id == review_id)).mappings().one()
    session.execute(insert(table_of(Review)).values({**review, "id": made, "reference": reference_of(made)}))
    newest = select(table_of(Event)).where(Event.stream == f"review:{review_id}").order_by(Event.seq.desc()).limit(1)
    event = session.execute(newest).mappings().one()
    row = {**{name: event[name] for name in event if name != "id"}, "stream": f"review:{made}"}
    event_id = session.execute(insert(table_of(Event)).values(row).returning(table_of(Event).c.id)).scalar_one()
    session.execute(insert(table_of(EventBody)).values(event_id=event_id, salt="", body={}))
    for model in COPIED:
        table = table_of(model)
        now = table.c.known_to.is_(None) & table.c.to_on.is_(None) if model is Span else true()
        found = session.execute(select(table).where(table.c.review_id == review_id, now)).mappings().all()
        rows = [{**{n: row[n] for n in row if n != "id" or "seq" in table.primary_key}, "review_id": made} for row in found]
        rows = [{**row, "event_id": event_id} if "event_id" in row else row for row in rows]
        if rows:
            session.execute(insert(table), rows)
    return made


def release(world: World, first: Definition, bundle: dict[str, Any], rng: Random, *, waits: bool) -> int:
    """Release a random valid edit, and give its version."""
    while True:
        made = edited(bundle, rng, [let_the_next_step_wait] if waits else rng.choices(random_edits.EDITS, k=rng.randint(1, 3)))
        folder = read_sources(sources_of(made), known_types=dict(first.workflow.review_types))
        with suppress(DefinitionError), world.session.begin_nested():
            definitions.load(world.session, folder, at=world.at)
            newest = select(func.max(DefinitionVersion.id)).where(DefinitionVersion.workflow == WORKFLOW)
            version_id = world.session.execute(newest).scalar_one()
            if version_id != catalogue_first(world.session):
                return int(version_id)


def catalogue_first(session: Session) -> int:
    query = select(func.min(DefinitionVersion.id)).where(DefinitionVersion.workflow == WORKFLOW)
    return int(session.execute(query).scalar_one())


def any_plan(old: Definition, new: Definition, rng: Random) -> Plan:
    """Choose at random where the reviews of vanished stages go, and what becomes of deadlines."""
    found = differences(old, new)
    going_on = [key for key, state in new.workflow.states.items() if not state.final]
    states = {
        state.key: f"{state.key}_new" if f"{state.key}_new" in going_on else rng.choice(going_on) for state in found.vanished
    }
    return Plan(states, {rule.key: rng.choice(list(choices_for(rule, found, old.workflow))) for rule in found.clocks})


def on_record(session: Session) -> tuple[dict[UUID, tuple[str, int]], list[Any], list[Any]]:
    """Give what reviews are, and every answer and approval."""
    reviews = {row.id: (row.state, row.definition_version_id) for row in session.execute(select(table_of(Review)))}
    answers = session.execute(select(table_of(Answer)).order_by(Answer.review_id, Answer.question)).all()
    approvals = session.execute(select(table_of(Approval)).order_by(Approval.review_id, Approval.seq)).all()
    return reviews, [tuple(map(str, row)) for row in answers], [tuple(map(str, row)) for row in approvals]


def values_ever(session: Session, review_id: UUID) -> dict[str, set[str]]:
    found: dict[str, set[str]] = {}
    for change in session.scalars(select(AnswerChange).where(AnswerChange.review_id == review_id)):
        values = change.choice if isinstance(change.choice, list) else [change.choice] if change.choice else []
        found.setdefault(change.question, set()).update(values)
    return found


def assert_nobody_is_stranded(ways: WaysOn, place: Place, rng: Random) -> None:
    """Check that a review can come to its end from where it is, and from wherever some steps at random take it first."""
    for _ in range(STEPS):
        assert ways.can_end(place), f"stranded in {place}"
        here = ways.steps_at(place)
        onward = ways.after(place, rng.choice(here)) if here else ()
        place = rng.choice(onward) if onward else place


def assert_carried_out(world: World, plan: Plan, first_id: int, new_id: int, verdicts: dict[UUID, Verdict]) -> None:
    """Carry a plan out; reviews are where the dry run said, and no answer and no approval is lost."""
    session, admin, before = world.session, world.people["administrator"], on_record(world.session)
    made = rebasing.make_plan(session, plan, from_id=first_id, to_id=new_id, mode="now", actor=admin, at=world.at)
    rebasing.begin(session, made.id, actor=admin, at=world.at)
    while rebasing.carry_on(session, made.id, at=world.at):
        pass
    assert session.get_one(Rebase, made.id).status == "done"
    after = on_record(session)
    assert after[1:] == before[1:], "an answer or an approval is lost"
    said = {key: (one.target.key, new_id) if one.target else before[0][key] for key, one in verdicts.items()}
    assert after[0] == before[0] | said


@pytest.mark.slow
def test_random_edits_strand_no_review_and_lose_no_answer(world: World) -> None:
    session, rng = world.session, Random(50)
    played = under_way(world, rng)
    like = {copy(session, played[number % PLAYED], rng): played[number % PLAYED] for number in range(LIVE - PLAYED)}
    first_id = catalogue_first(session)
    first = catalogue.definition(session, first_id)
    bundle = alone(json.loads(session.get_one(DefinitionVersion, first_id).bundle))
    records = {key: (world.record(key), values_ever(session, key)) for key in played}
    outcomes: Counter[str] = Counter()
    edits = EDITS[session.get_bind().dialect.name]
    for number in range(edits):
        undo = session.begin_nested()
        new_id = release(world, first, bundle, rng, waits=number % IN_THE_WAY == 0)
        new = catalogue.definition(session, new_id)
        plan = any_plan(first, new, rng)
        verdicts = {one.review.id: one for one in dry_run(session, plan, first_id, new_id, today=world.today)}
        assert len(verdicts) == LIVE
        outcomes.update(moved=sum(not one.blocked for one in verdicts.values()))
        outcomes.update(stranding_edits=any("end of the road" in one.blocked for one in verdicts.values()))
        assert all(
            (one.blocked, one.target) == (verdicts[like[key]].blocked, verdicts[like[key]].target)
            for key, one in verdicts.items()
            if key in like
        )
        ways = WaysOn(new, definitions.vocabularies(session))
        places = set()
        for key, (record, ever) in records.items():
            state, target = record.review.state, verdicts[key].target
            if target is not None:
                assert target.key == (state if state in new.workflow.states else plan.states[state])
                places.add(ways.place(target.key, record.in_force, record.facts.answers, ever))
        for place in sorted(places, key=str):
            assert_nobody_is_stranded(ways, place, rng)
        if number % CARRIED_OUT == 0:
            assert_carried_out(world, plan, first_id, new_id, verdicts)
        undo.rollback()
        catalogue.forget(session)
    assert outcomes["moved"] > edits * LIVE / 3
    assert outcomes["stranding_edits"] or edits < EDITS["sqlite"], "nothing was in the way of anybody, so this shows nothing"
