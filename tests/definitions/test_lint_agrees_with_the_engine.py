"""What the linter walks is what the engine does: no review ever comes to a situation that the linter did not meet."""

from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from datetime import UTC, date, datetime
from random import Random
from typing import Any
from uuid import UUID

import pytest

from scrt_workflow.actors import Actor, Held
from scrt_workflow.conditions import NOT_ASKED, Facts, holds
from scrt_workflow.folder import Folder, read_folder
from scrt_workflow.forms.builder import Setting, read_form
from scrt_workflow.forms.schema import Question
from scrt_workflow.lint.scope import Scope
from scrt_workflow.lint.walking import Walk, walk
from scrt_workflow.models import Review
from scrt_workflow.operations.answering import changes, ever_with
from scrt_workflow.operations.definitions import vocabularies
from scrt_workflow.operations.doing import Doing
from scrt_workflow.operations.records import Record
from scrt_workflow.operations.steps import decide_move
from scrt_workflow.permissions import Role
from scrt_workflow.workflows.machine import unmet_need
from scrt_workflow.workflows.schema import Definition, Step
from scrt_workflow.yaml_reader import Problems
from tests.definitions.shipped import INCIDENTS, LOAN, SHIPPED

TODAY, NOW = date(2024, 11, 1), datetime(2024, 11, 1, 9, tzinfo=UTC)
NOBODY = Actor(UUID(int=1), "Nobody", "nobody@example.nhs.uk", ())
HELD = Held(UUID(int=2), Role.DESIGNATE, "QMJ", everywhere=False, covers=frozenset())
WALKS, STEPS, TRIES = 60, 40, 30
LOANS = read_folder(LOAN)
INCIDENTS_READ = read_folder(INCIDENTS)


@dataclass
class Invented:
    """A review without a database: where it is, what was answered, which approvals are in force."""

    definition: Definition
    state: str
    answers: dict[str, Any]
    ever: dict[str, frozenset[str]] = field(default_factory=dict)
    in_force: set[str] = field(default_factory=set)

    @property
    def facts(self) -> Facts:
        """Give what conditions look at."""
        return Facts(self.answers, self.ever)

    @property
    def record(self) -> Record:
        """Give what the engine decides by."""
        review = Review(state=self.state, review_type=self.answers.get("review_type"))
        approvals = dict.fromkeys(sorted(self.in_force), NOBODY.person_id)
        return Record(review, self.definition, self.answers, {}, ever=self.ever, in_force=approvals)


def options_of(question: Question, definition: Definition) -> dict[str, str]:
    """Give the answers that a question offers."""
    if question.type == "review_type":
        return {kind.key: kind.title for kind in definition.workflow.review_types.values()}
    codes = vocabularies()[question.vocabulary] if question.vocabulary else ["P01", "P02"]
    return dict(question.options) or {code: code for code in codes}


def typed(question: Question, definition: Definition, chance: Random) -> list[str]:
    """Type any answer that the question takes."""
    if not question.required and chance.random() < 0.5:
        return []
    if question.type == "date":
        coming = any(check.name == "in_the_future" for check in question.checks)
        return [f"{2031 if coming else 2024}-0{chance.randint(4, 6)}-01"]
    if question.type in {"choice", "yes_no", "partnership", "review_type"}:
        return [chance.choice(list(options_of(question, definition)))]
    if question.type in {"choices", "ranked_choices"}:
        options = list(options_of(question, definition))
        return chance.sample(options, chance.randint(1, min(question.at_most or len(options), len(options))))
    written = {"number": "3", "url": "https://www.example.org/report", "initials": "AB", "identifier": question.key[-9:]}
    return [written.get(question.type, f"It goes on, {chance.randint(1, 9)} times over.")]


def complete(folder: Folder, review: Invented, step: Step, chance: Random) -> Iterator[Invented]:
    """Complete *step* with any answers as `operations.steps` decides; give the review afterwards, and any it opens."""
    definition = review.definition
    setting = Setting(TODAY, lambda question: options_of(question, definition), review.facts)
    raw = {question.key: typed(question, definition, chance) for question in definition.questions_of(step)}
    reading = read_form(definition.form_of(step), definition.questions, setting, raw)
    if reading.errors:  # answers that do not go together
        return
    answers, ever = {**review.answers, **reading.answers}, ever_with(review.ever, reading.answers)
    facts = Facts(answers, ever)
    if unmet_need(step, facts):
        return
    record = review.record
    made = decide_move(Doing(record, step, NOBODY, HELD, NOW, reading, changes(record, reading.answers), facts))
    in_force = (review.in_force - set(made.ends)) | ({made.gives} if made.gives else set())
    if becomes := made.outcome.becomes:
        gone_on = folder.definition(becomes.workflow)
        assert not gone_on.workflow.states[becomes.state].approved_by
        yield Invented(gone_on, becomes.state, {**answers, "review_type": becomes.review_type or None}, ever)
        return
    yield replace(review, state=made.state, answers=answers, ever=ever, in_force=in_force)
    if opens := made.outcome.opens:
        opened = folder.definition(opens.workflow)
        carried = {key: answers[key] for key in step.carries if key in answers and key in opened.questions}
        kept = {key: ever[key] for key in carried if key in ever}
        state = opens.state or opened.workflow.starts_in
        assert not opened.workflow.states[state].approved_by
        yield Invented(opened, state, {**carried, "review_type": opens.review_type or None}, kept)


def histories(folder: Folder, key: str, chance: Random) -> Iterator[Invented]:
    """Begin reviews under workflow *key* and complete any steps; give them and all they lead to, at every point."""
    definition = folder.definition(key)
    types = definition.workflow.chosen_types
    for _ in range(WALKS):
        step = chance.choice(definition.workflow.making_steps)
        only = types[0].key if len(types) == 1 and not definition.workflow.untyped else None
        blank = Invented(definition, definition.workflow.starts_in, {"review_type": only})
        begun = (list(complete(folder, blank, step, chance)) for _ in range(TRIES))
        under_way = next(filter(None, begun), [])
        for _ in range(STEPS):
            if not under_way:
                break
            yield from under_way
            review = under_way.pop(chance.randrange(len(under_way)))
            open_steps = review.definition.workflow.steps_from[review.state]
            after = list(complete(folder, review, chance.choice(open_steps), chance)) if open_steps else []
            under_way += after or ([review] if open_steps else [])


def situation(found: Walk, review: Invented) -> tuple[str, int]:
    """Give the bits that stand for a review, as far as they make a difference where it is."""
    bits = sum(bit for step, bit in found.layout.approvals.items() if step in review.in_force)
    for key, variable in found.layout.variables.items():
        bits |= variable.groups[variable.number_of(review.answers.get(key, NOT_ASKED))].bits & variable.mask
    for test, bit in found.layout.ever.items():
        bits |= bit if holds(test, review.facts) else 0
    return review.state, bits & found.live[review.state]


@pytest.mark.parametrize(
    ("folder", "key"),
    [
        *((SHIPPED, key) for key in sorted(SHIPPED.workflows)),
        (LOANS, "equipment_loan"),
        (INCIDENTS_READ, "incident_investigation"),
    ],
    ids=[*sorted(SHIPPED.workflows), "equipment_loan", "incident_investigation"],
)
def test_no_review_comes_to_where_the_linter_was_not(folder: Folder, key: str) -> None:
    scope = Scope(folder, vocabularies(), {}, tuple(Role), (), (), Problems())
    walks: dict[str, tuple[Walk, set[tuple[str, int]]]] = {}
    compared = 0

    for review in histories(folder, key, Random(key)):
        workflow = review.definition.workflow.key
        if workflow not in walks:
            found = walk(scope, folder.definition(workflow))
            walks[workflow] = found, set(found.met)
        found, met = walks[workflow]
        assert situation(found, review) in met, f"{workflow}: {review.state} with {review.answers}"
        compared += 1

    assert compared > 300
