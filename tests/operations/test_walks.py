"""Only written transitions, by written roles, with their guards (WF1, AZ6): every cell tried, and long random walks."""

from __future__ import annotations

from contextlib import suppress
from datetime import timedelta
from itertools import product
from pathlib import Path
from random import Random
from uuid import UUID

import pytest
import yaml
from sqlalchemy import select, update
from sqlalchemy.orm import Session

from scrt_workflow import catalogue
from scrt_workflow.folder import read_folder
from scrt_workflow.models import Answer, Approval, Event, Membership, Review, Span
from scrt_workflow.operations import history, steps
from scrt_workflow.operations.conversions import blank_review, opened_by
from scrt_workflow.operations.definitions import known_types
from scrt_workflow.operations.once import KeyReusedError
from scrt_workflow.operations.records import Record, steps_open_to
from scrt_workflow.operations.refusals import AnswersError, StaleReviewError, StepRefusedError
from scrt_workflow.permissions import Role
from scrt_workflow.settings import shipped
from scrt_workflow.workflows.ahead import coming_next
from scrt_workflow.workflows.machine import machine_of
from scrt_workflow.workflows.refusal import Refusal
from scrt_workflow.workflows.schema import SAME, Definition, Step
from tests.operations.worlds import HERE, World, filled_in, make_world

FULL = {"safeguarding_adult_review", "child_safeguarding_practice_review", "domestic_homicide_review"}
WALKED_STEPS = {"sqlite": 1500, "postgresql": 300}
"""Steps that each walk takes; with those that are refused, all walks have more than 10,000."""
WALKS = 4
REVIEWS_AT_ONCE = 25
KEPT_TOGETHER = 20
"""Steps of a walk in one transaction: what is open for long gets slow."""
NEVER_FOR_AN_OPEN_STEP = {Refusal.WRONG_STATE, Refusal.WRONG_ROLE, Refusal.WRONG_PLACE, Refusal.WITHDRAWN}


def uuid_of(rng: Random) -> UUID:
    return UUID(int=rng.getrandbits(128), version=4)


def written(path: Path) -> dict[str, dict[str, tuple[set[str], set[str]]]]:
    """Read from the files alone, by another reader than ours, which states and roles each step names."""
    found: dict[str, dict[str, tuple[set[str], set[str]]]] = {}
    for file in path.glob("*.yaml"):
        workflow = yaml.load(file.read_text(), Loader=yaml.BaseLoader)
        cells = {}
        for key, step in workflow["steps"].items():
            source = step["from"]
            if isinstance(source, dict):
                wanted = source["counts_as"] if isinstance(source["counts_as"], list) else [source["counts_as"]]
                states = {name for name, state in workflow["states"].items() if state["counts_as"] in wanted}
            else:
                states = set(source if isinstance(source, list) else [source])
            cells[key] = (states, set(step["who"]))
        found[workflow["workflow"]] = cells
    return found


@pytest.fixture
def world(session: Session) -> World:
    return make_world(session)


def begin(world: World, workflow: str, step_key: str, rng: Random) -> UUID:
    """Make a review, with random answers, tried until they are well."""
    version_id, definition = catalogue.live(world.session, workflow)
    blank = blank_review(uuid_of(rng), definition, version_id, organisation=HERE, at=world.at)
    who = world.people["designate"]
    while True:
        raw = filled_in(world, Record(blank, definition, {}, {}), definition.workflow.steps[step_key], rng)
        with suppress(AnswersError), world.session.begin_nested():
            key = uuid_of(rng)
            return steps.start_review(
                world.session, workflow, step_key, raw, organisation=HERE, actor=who, at=world.at, key=key
            ).review_id


def test_every_state_step_and_role_is_open_only_where_it_is_written(world: World) -> None:
    rng = Random(1)
    cells = tried = 0
    for workflow, table in written(shipped("workflows")).items():
        making = next(key for key, (states, _) in table.items() if states == {"new"})
        review_id = begin(world, workflow, making, rng)
        definition = world.record(review_id).definition
        for state in definition.workflow.states:
            world.session.execute(update(Review).where(Review.id == review_id).values(state=state))
            record = world.record(review_id)
            for role in Role:
                actor = world.people[f"{role.value}:2"]
                opened = {access.step.key for access in steps_open_to(record, actor) if access.refusal is None}
                for step, (states, roles) in table.items():
                    expected = state in states and role.value in roles
                    cells += 1
                    assert (step in opened) == expected, f"{workflow}: {step} in {state} for {role}"
                    if not expected:
                        with pytest.raises(StepRefusedError), world.session.begin_nested():
                            steps.complete_step(
                                world.session,
                                review_id,
                                step,
                                {},
                                actor=actor,
                                at=world.at,
                                key=uuid_of(rng),
                                read_at=record.review.version,
                            )
                        tried += 1
        assert world.review(review_id).version == 1, "a refused step left something behind"
    assert cells > 5000
    assert tried > 4000


def test_an_open_step_ends_where_it_is_written_or_says_why_not(world: World) -> None:
    """Every making step, every type of review, every state and every step of it, each by one of its roles in turn."""
    rng = Random(3)
    done = refused = 0
    for workflow, table in written(shipped("workflows")).items():
        for making in [key for key, (states, _) in table.items() if states == {"new"}]:
            review_id = begin(world, workflow, making, rng)
            definition = world.record(review_id).definition
            kinds: list[str | None] = [*definition.workflow.review_types] or [None]
            for kind, state in product(kinds, definition.workflow.states):
                review = update(Review).where(Review.id == review_id)
                world.session.execute(review.values(state=state, review_type=kind))
                for step in definition.workflow.steps_from[state]:
                    with world.session.begin_nested() as undo:
                        said = refusal_of(world, review_id, step, rng)
                        arrived_in = world.review(review_id).state
                        undo.rollback()
                    if said is None:
                        assert arrived_in in may_lead_to(definition, step, state), f"{step.key} from {state}"
                        done += 1
                    else:
                        assert said not in NEVER_FOR_AN_OPEN_STEP, f"{step.key} from {state}"
                        assert "already done" not in said
                        refused += 1
    assert done > 150, f"{done} done, {refused} refused"
    assert refused > 20


def refusal_of(world: World, review_id: UUID, step: Step, rng: Random) -> str | None:
    """Let somebody in one of its roles complete *step* with any answers; give the sentence if it is refused."""
    actor = world.people[f"{rng.choice(sorted(step.who))}:2"]
    raw = filled_in(world, world.record(review_id), step, rng)
    try:
        steps.complete_step(world.session, review_id, step.key, raw, actor=actor, at=world.at, key=uuid_of(rng), read_at=1)
    except (StepRefusedError, AnswersError) as error:
        return str(error)
    return None


def may_lead_to(definition: Definition, step: Step, state: str) -> set[str]:
    """Give the states that *step* may lead to from *state*, as its definition writes them."""
    written_ones = {outcome.becomes.state if outcome.becomes else outcome.to for outcome in step.outcomes}
    fallen = {
        other.if_they_change for other in definition.workflow.steps.values() if set(other.approves) & asked_by(definition, step)
    }
    return {state if one == SAME else one for one in written_ones} | fallen


def asked_by(definition: Definition, step: Step) -> set[str]:
    return set(definition.form_of(step).questions)


def test_no_role_of_another_organisation_opens_any_step(world: World) -> None:
    rng = Random(2)
    for workflow, table in written(shipped("workflows")).items():
        making = next(key for key, (states, _) in table.items() if states == {"new"})
        record = world.record(begin(world, workflow, making, rng))
        for name, actor in world.people.items():
            if name.endswith(":elsewhere") and not name.startswith(("national", "administrator")):
                assert [access.step.key for access in steps_open_to(record, actor) if access.refusal is None] == []


@pytest.mark.slow
@pytest.mark.parametrize("seed", [0, *(pytest.param(seed, marks=pytest.mark.thorough) for seed in range(1, WALKS))])
def test_random_walks_keep_every_invariant(session: Session, seed: int) -> None:
    walked = Walk(make_world(session), Random(seed))
    wanted = WALKED_STEPS[session.get_bind().dialect.name]
    while walked.done < wanted:
        walked.go_on()
        if walked.done % KEPT_TOGETHER == 0:
            session.commit()
    assert walked.refused > wanted // 10, "the walk was too well behaved to show anything"
    reached = {"published", "embargoed", "closed", "converted", "entered_in_error", *(["no_review"] if wanted > 1000 else [])}
    assert walked.moved_to >= reached
    assert list(history.broken_links(session)) == []
    for review_id in walked.every:
        walked.check_spans(review_id)


class Walk:
    """Many people doing anything that the pages let them try, to many reviews at once."""

    def __init__(self, world: World, rng: Random) -> None:
        self.world, self.rng = world, rng
        self.live: list[UUID] = []
        self.every: list[UUID] = []
        self.done = self.refused = 0
        self.moved_to: set[str] = set()
        self.starts = [
            (workflow, key)
            for workflow, table in written(shipped("workflows")).items()
            for key, (states, _) in table.items()
            if states == {"new"}
        ]

    def go_on(self) -> None:
        """Let some time pass, and somebody try something."""
        self.world.at += timedelta(hours=self.rng.randint(1, 40))
        if len(self.live) < REVIEWS_AT_ONCE:
            self._adopt(begin(self.world, *self.rng.choice(self.starts), self.rng))
            self.done += 1
        review_id = self.rng.choice(self.live)
        record = self.world.record(review_id)
        step = self._something(record)
        actor = self.world.people[self._somebody(step.who)]
        raw = filled_in(self.world, record, step, self.rng)
        try:
            with self.world.session.begin_nested():
                done = steps.complete_step(
                    self.world.session, review_id, step.key, raw, actor=actor, at=self.world.at, key=uuid_of(self.rng),
                    read_at=record.review.version,
                )  # fmt: skip
        except (StepRefusedError, AnswersError, StaleReviewError, KeyReusedError):
            self.refused += 1
            return
        self.done += 1
        if done.opened:
            self._adopt(done.opened)
        self.check(review_id)
        review = self.world.review(review_id)
        self.moved_to.add(review.state)
        definition = self.world.record(review_id).definition
        if review.withdrawn_at or (definition.workflow.states[review.state].final and self.rng.random() < 0.5):
            self.live.remove(review_id)

    def _something(self, record: Record) -> Step:
        """Choose mostly a step that takes the review on, often one that can be taken where it is, sometimes any at all."""
        workflow, chance = record.definition.workflow, self.rng.random()
        onward = [one.step for one in coming_next(workflow, record.review.state) if one.step.key != "decide_no_review"]
        if chance < 0.45 and onward:
            return self.rng.choice(onward)
        here = [step for step in workflow.steps_from[record.review.state] if not step.withdraws or self.rng.random() < 0.1]
        return self.rng.choice(here if chance < 0.9 and here else list(workflow.steps.values()))

    def _adopt(self, review_id: UUID) -> None:
        self.live.append(review_id)
        self.every.append(review_id)

    def _somebody(self, roles: tuple[str, ...]) -> str:
        """Choose mostly somebody in a fitting role, sometimes anybody."""
        name = self.rng.choice(roles) + self.rng.choice(["", ":2"])
        return name if self.rng.random() < 0.85 else self.rng.choice(list(self.world.people))

    def check(self, review_id: UUID) -> None:
        """Hold the invariants of WF1 to what is stored, not to what the engine thinks."""
        session, review = self.world.session, self.world.review(review_id)
        answers = {row.question: row.value for row in session.scalars(select(Answer).where(Answer.review_id == review_id))}
        if review.status == "closed" and review.workflow in FULL:
            assert answers.get("report_signed_off_date"), f"{review.state}: closed without a sign-off"
            published = answers.get("publication_status") == "public" and answers.get("publication_date")
            embargoed = answers.get("publication_status") == "embargoed" and answers.get("embargo_reason")
            assert published or embargoed, f"{review.state}: closed without publication or embargo"
        if review.status == "closed" and review.workflow == "rapid_review":
            child = opened_by(session, review)
            reason = answers.get("no_further_review_reason")
            assert (child is not None) == (review.state == "converted")
            assert review.state == "converted" or reason, "a rapid review closed without a child or a reason"
        self._check_approvals(review)

    def _check_approvals(self, review: Review) -> None:
        session = self.world.session
        standing = session.scalars(select(Approval).where(Approval.review_id == review.id, Approval.voided_seq.is_(None))).all()
        by_step = {row.step: row for row in standing}
        if review.workflow == "domestic_homicide_review" and review.state in {"assured", "published", "embargoed"}:
            assert set(by_step) == {"give_icb_assurance", "give_regional_acceptance"}
        people = [row.person_id for row in standing]
        assert len(set(people)) == len(people), "one person gave two approvals"
        for row in standing:
            event = session.scalars(select(Event).where(Event.stream == f"review:{review.id}", Event.seq == row.seq)).one()
            held = session.get_one(Membership, event.membership_id)
            assert (held.role, held.person_id) == (row.role, row.person_id)
            assert held.organisation == (HERE if row.step == "give_icb_assurance" else "Y56")

    def check_spans(self, review_id: UUID) -> None:
        """Hold the spans known now to each other, without a gap, and the last to what the review's row says."""
        review = self.world.review(review_id)
        query = select(Span).where(Span.review_id == review_id, Span.known_to.is_(None)).order_by(Span.event_id)
        rows = self.world.session.scalars(query).all()
        assert [row.to_on for row in rows[:-1]] == [row.from_on for row in rows[1:]]
        assert rows[-1].to_on is None
        assert (rows[-1].state, rows[-1].status, rows[-1].review_type) == (review.state, review.status, review.review_type)
        assert rows[-1].from_on == review.state_since
        if review.withdrawn_at is not None:
            assert {row.status for row in rows} == {"nothing"}


def test_no_way_leads_past_the_steps() -> None:
    """`transitions` adds `to_<state>()` to models unless told not to; ours has no such way, nor any but the written ones."""
    folder = read_folder(shipped("workflows").parent, known_types=known_types())
    for workflow in folder.workflows.values():
        for trigger, event in machine_of(workflow).events.items():
            step, *way = trigger.split(":")
            written_ways = {outcome.to for outcome in workflow.steps[step].outcomes}
            leads_to = {move.dest for moves in event.transitions.values() for move in moves}
            if way[1:] == ["falls"]:
                assert workflow.steps[step].form, f"{trigger}: what asks nothing changes nothing that was approved"
                assert leads_to == {workflow.steps[way[0]].if_they_change}
            else:
                assert leads_to <= written_ways, trigger
            assert set(event.transitions) <= set(workflow.steps[step].comes_from), trigger
