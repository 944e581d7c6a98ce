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
from sqlalchemy import func, insert, select
from sqlalchemy.orm import Session

from scrt_workflow import catalogue
from scrt_workflow.actors import Actor
from scrt_workflow.conditions import Facts, holds
from scrt_workflow.folder import read_sources
from scrt_workflow.forms.schema import Question
from scrt_workflow.models import Answer, AnswerChange, Approval, DefinitionVersion, Event, EventBody, Rebase, Review, Span
from scrt_workflow.operations import definitions, rebasing, steps
from scrt_workflow.operations.answering import ever_with
from scrt_workflow.operations.conversions import reference_of
from scrt_workflow.operations.records import Record, record_of
from scrt_workflow.operations.refusals import AnswersError, StepRefusedError
from scrt_workflow.operations.tables import table_of
from scrt_workflow.workflows.machine import NoOutcomeError, decide, unmet_need
from scrt_workflow.workflows.rebasing import Plan, choices_for, differences
from scrt_workflow.workflows.schema import SAME, Definition, Step
from scrt_workflow.yaml_reader import DefinitionError
from tests.operations.random_edits import alone, edited, sources_of
from tests.operations.test_walks import begin
from tests.operations.worlds import World, filled_in, make_world

EDITS, LIVE, PLAYED = {"sqlite": 50, "postgresql": 10}, 200, 25
WORKFLOW, FIRST_STEP = "domestic_homicide_review", "refer"
ATTEMPTS = 40
COPIED = (Answer, AnswerChange, Approval, Span)
TRIES, STEPS = 8, 300


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


def leads_on(step: Step) -> bool:
    return not (step.withdraws or step.restates or step.voids or step.key in {"close", "decide_no_review"})


def copy(session: Session, review_id: UUID, chance: Random) -> None:
    """Add a review that is like another, with all that is on record of it."""
    made = UUID(int=chance.getrandbits(128), version=4)
    review = session.execute(select(table_of(Review)).where(Review.id == review_id)).mappings().one()
    session.execute(insert(table_of(Review)).values({**review, "id": made, "reference": reference_of(made)}))
    events = (
        session.execute(select(table_of(Event)).where(Event.stream == f"review:{review_id}").order_by(Event.seq)).mappings().all()
    )
    rows = [{**{name: row[name] for name in row if name != "id"}, "stream": f"review:{made}"} for row in events]
    ids = (
        session.execute(insert(table_of(Event)).returning(table_of(Event).c.id, sort_by_parameter_order=True), rows)
        .scalars()
        .all()
    )
    session.execute(insert(table_of(EventBody)), [{"event_id": key, "salt": "", "body": {}} for key in ids])
    renumbered = dict(zip([row["id"] for row in events], ids, strict=True))
    for model in COPIED:
        table = table_of(model)
        found = session.execute(select(table).where(table.c.review_id == review_id)).mappings().all()
        rows = [{**{n: row[n] for n in row if n != "id" or "seq" in table.primary_key}, "review_id": made} for row in found]
        rows = [{**row, "event_id": renumbered[row["event_id"]]} if "event_id" in row else row for row in rows]
        if rows:
            session.execute(insert(table), rows)


def release(world: World, first: Definition, bundle: dict[str, Any], rng: Random) -> int:
    """Release a random valid edit, and give its version."""
    while True:
        made = edited(bundle, rng, edits=rng.randint(1, 3))
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


# Going on, by the rules of the engine alone: another judge than the linter's walk


def can_end(record: Record, rng: Random) -> bool:
    """Take steps with random answers until the review is at its end; every step that its guards let pass has an outcome."""
    workflow = record.definition.workflow
    for _ in range(TRIES):
        state, in_force = record.review.state, set(record.in_force)
        facts = Facts({**record.facts.answers}, {**record.ever})
        for _ in range(STEPS):
            if workflow.states[state].final:
                return True
            step = rng.choice([one for one in workflow.steps_from[state] if not one.withdraws])
            given = any_answers(record.definition, step, facts, rng)
            after = Facts(
                {**facts.answers, **given}, ever_with({key: frozenset(values) for key, values in facts.ever.items()}, given)
            )
            if unmet_need(step, after):
                continue
            changed = {key for key, value in given.items() if facts.answer(key) != value}
            made = decide(workflow, step, state, after, changed=changed, in_force=in_force)
            if made.outcome.becomes:
                return True
            in_force = (in_force - set(made.ends)) | ({made.gives} if made.gives else set())
            state, facts = made.state, after
    return False


def any_answers(definition: Definition, step: Step, facts: Facts, rng: Random) -> dict[str, Any]:
    given: dict[str, Any] = {}
    for page in definition.form_of(step).pages:
        so_far = Facts({**facts.answers, **given}, facts.ever)
        if holds(page.show_when, so_far):
            for key in page.questions:
                now = Facts({**facts.answers, **given}, facts.ever)
                if holds(definition.questions[key].show_when, now):
                    given[key] = answer(definition, definition.questions[key], rng)
    return given


def answer(definition: Definition, question: Question, rng: Random) -> Any:
    if not question.required and rng.random() < 0.3:
        return None
    options = list(definition.workflow.review_types) if question.type == "review_type" else list(question.options)
    options = options or ["T01", "T02"] if question.vocabulary or question.type == "review_type" else options
    if question.vocabulary == "media_level":
        options = ["none", "low", "medium", "high"]
    if question.type in {"choices", "ranked_choices"}:
        return rng.sample(options, 1)
    if options:
        return rng.choice(options)
    return "2024-06-03" if question.type == "date" else "Said"


@pytest.mark.slow
def test_fifty_random_edits_strand_no_review_and_lose_no_answer(world: World) -> None:
    session, rng = world.session, Random(50)
    played = [play(world, rng) for _ in range(PLAYED)]
    for number in range(LIVE - PLAYED):
        copy(session, played[number % PLAYED], rng)
    first_id = catalogue_first(session)
    first = catalogue.definition(session, first_id)
    bundle = alone(json.loads(session.get_one(DefinitionVersion, first_id).bundle))
    admin: Actor = world.people["administrator"]
    before = on_record(session)
    outcomes: Counter[str] = Counter()
    edits = EDITS[session.get_bind().dialect.name]
    for _ in range(edits):
        undo = session.begin_nested()
        new_id = release(world, first, bundle, rng)
        new = catalogue.definition(session, new_id)
        plan = any_plan(first, new, rng)
        made = rebasing.make_plan(session, plan, from_id=first_id, to_id=new_id, mode="now", actor=admin, at=world.at)
        rebasing.begin(session, made.id, actor=admin, at=world.at)
        while rebasing.carry_on(session, made.id, at=world.at):
            pass
        assert session.get_one(Rebase, made.id).status == "done"
        session.expire_all()
        after = on_record(session)
        moved = {key for key, (_, version) in after[0].items() if version == new_id}
        outcomes.update(moved=len(moved), stayed=LIVE - len(moved))

        assert after[1:] == before[1:], "an answer or an approval is lost"
        for key, (state, _) in before[0].items():
            planned = state if state in new.workflow.states else plan.states.get(state)
            assert after[0][key][0] == (planned if key in moved else state)
        walked: dict[str, bool] = {}
        for key in moved:
            record = record_of(session, session.get_one(Review, key), new)
            alike = json.dumps(
                [record.review.state, record.review.review_type, dict(record.answers), sorted(record.in_force)], default=str
            )
            if alike not in walked:
                try:
                    walked[alike] = can_end(record, rng)
                except NoOutcomeError as error:
                    raise AssertionError(f"{record.review.state}: {error}") from error
            assert walked[alike], f"stranded in {record.review.state} of {new.workflow.key}"
        undo.rollback()
        catalogue.forget(session)
    assert outcomes["moved"] > edits * LIVE / 3
    assert outcomes["moved"] + outcomes["stayed"] == edits * LIVE
