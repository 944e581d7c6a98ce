"""A service with its reference data, its definitions and one person in every role, for tests of the engine."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import UTC, date, datetime, timedelta
from random import Random
from typing import Any
from uuid import UUID

from sqlalchemy.orm import Session

from scrt_workflow import catalogue
from scrt_workflow.actors import Actor
from scrt_workflow.conditions import Facts, holds
from scrt_workflow.folder import read_folder
from scrt_workflow.forms.builder import PageForm, Setting
from scrt_workflow.forms.question_types import typed_from
from scrt_workflow.forms.schema import Question
from scrt_workflow.models import Review
from scrt_workflow.operations import definitions, steps
from scrt_workflow.operations.organisations import load_reference
from scrt_workflow.operations.people import actor_of
from scrt_workflow.operations.records import Record, record_of
from scrt_workflow.permissions import Role
from scrt_workflow.settings import shipped
from scrt_workflow.workflows.schema import Step
from tests.factories import make_membership, make_person

BEGINNING = datetime(2024, 1, 8, 10, tzinfo=UTC)
HERE, ELSEWHERE, REGION, OTHER_REGION = "QMF", "QMJ", "Y56", "Y62"
PLACES = {Role.REGIONAL_LEAD: REGION, Role.REGIONAL_CHIEF: REGION, Role.NATIONAL_LEAD: "ENG", Role.ADMINISTRATOR: "ENG"}


@dataclass
class World:
    """The service in one session: its people by name, and the time, which only goes on."""

    session: Session
    people: dict[str, Actor] = field(default_factory=dict)
    at: datetime = BEGINNING

    @property
    def today(self) -> date:
        """Give the day."""
        return self.at.date()

    def review(self, review_id: UUID) -> Review:
        """Give a review as it is now."""
        return self.session.get_one(Review, review_id, populate_existing=True)

    def record(self, review_id: UUID) -> Record:
        """Give a review with all that its rules look at."""
        review = self.review(review_id)
        return record_of(self.session, review, catalogue.definition(self.session, review.definition_version_id))


def make_world(session: Session) -> World:
    """Make the service with its shipped definitions; people: each role here, second ones, and each role elsewhere."""
    load_reference(session)
    folder = read_folder(shipped("workflows").parent, known_types=definitions.known_types())
    definitions.load(session, folder, at=BEGINNING)
    world = World(session)
    for role in Role:
        place = PLACES.get(role, HERE)
        elsewhere = {REGION: OTHER_REGION, HERE: ELSEWHERE}.get(place, place)
        for name, where in ((role.value, place), (f"{role.value}:2", place), (f"{role.value}:elsewhere", elsewhere)):
            person = make_person(session, name=name)
            make_membership(session, person, role, where)
            world.people[name] = actor_of(session, person.id, on=BEGINNING.date())
    person = make_person(session, name="everything")
    for role in (Role.DESIGNATE, Role.ICB_CHIEF_NURSE, Role.REGIONAL_CHIEF, Role.REGIONAL_LEAD):
        make_membership(session, person, role, PLACES.get(role, HERE))
    world.people["everything"] = actor_of(session, person.id, on=BEGINNING.date())
    return world


def filled_in(world: World, record: Record, step: Step, rng: Random) -> dict[str, list[str]]:
    """Fill in the form of *step* at random, as someone would who means to get on: each answer one that is offered."""
    form, questions = record.definition.form_of(step), record.definition.questions
    setting = steps.setting_for(world.session, record, step, today=world.today)
    answers: dict[str, Any] = {}
    raw: dict[str, list[str]] = {}
    for page in form.pages:
        facts = Facts({**record.facts.answers, **answers}, record.ever)
        if not holds(page.show_when, facts):
            continue
        for key in page.questions:
            if not holds(questions[key].show_when, Facts({**facts.answers, **answers}, record.ever)):
                continue
            answers[key] = any_answer(questions[key], setting, record, world.today, rng)
            if answers[key] is not None:
                raw[key] = typed_from(questions[key], answers[key])
        PageForm(page, [questions[key] for key in page.questions], Setting(setting.today, setting.options, facts), raw)
    return raw


def any_answer(question: Question, setting: Setting, record: Record, today: date, rng: Random) -> Any:
    """Draw an answer that fits the question's type, and mostly its checks."""
    options = list(setting.options(question))
    if question.type in {"ranked_choices", "choices"}:
        return rng.sample(options, rng.randint(1, min(len(options), question.at_most or 2)))
    if options:
        return rng.choice(options[:6])
    if question.type == "date":
        if any(check.name == "in_the_future" for check in question.checks):
            return (today + timedelta(days=rng.randint(1, 60))).isoformat()
        since = record.review.state_since if record.review.version else today
        return (today - timedelta(days=rng.choice([0, 0, 0, 0, 1, (today - since).days, rng.randint(1, 40)]))).isoformat()
    note = f"Services met and agreed what to do next, for the {rng.choice(['first', 'second', 'third'])} time."
    fixed = {
        "number": 3,
        "url": "https://example.org/report.pdf",
        "identifier": f"2024/{rng.randint(1000, 99999)}",
        "initials": "AB",
    }
    return fixed.get(question.type, note)
