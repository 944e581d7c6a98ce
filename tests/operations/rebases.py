"""A small workflow in several versions, with reviews under way on the first, for tests of moving them."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import UUID, uuid4

from sqlalchemy import select
from sqlalchemy.orm import Session

from scrt_workflow.actors import Actor
from scrt_workflow.folder import read_sources
from scrt_workflow.models import DefinitionVersion, RebaseItem, Review
from scrt_workflow.operations import definitions, rebasing, steps
from scrt_workflow.operations.organisations import load_reference
from scrt_workflow.operations.people import actor_of
from scrt_workflow.permissions import Role
from scrt_workflow.workflows.rebasing import Plan
from tests.factories import make_membership, make_person

BEGINNING = datetime(2024, 6, 3, 9, tzinfo=UTC)
QUESTIONS = """\
review_type: {type: review_type, label: Type?}
why: {type: text, label: Why?, short_label: Reason, required: no}
fit: {type: yes_no, label: Is it fit?, short_label: Fitness}
seen_on: {type: date, label: Seen on?, short_label: Seen on, required: no}
said: {type: entry, label: What is new?}
"""
FORMS = "asking: [review_type, why]\nseeing: [seen_on]\nupdating: [said]\n"
FIRST = """\
workflow: visit
title: Visit
review_types: [visit, round]
states:
  asked_for: {title: Asked for, counts_as: nothing}
  planned: {title: Planned, counts_as: open}
  seen: {title: Seen, counts_as: open}
  done: {title: Done, counts_as: closed, final: yes}
  dropped: {title: Dropped, counts_as: nothing, final: yes}
starts_in: asked_for
steps:
  ask: {title: Ask, from: new, who: [designate], form: asking, to: asked_for}
  arrange: {title: Arrange, from: [asked_for], who: [designate], to: planned}
  update: {title: Update, from: [planned, seen], who: [designate], form: updating, to: same}
  look: {title: Look, from: [planned], who: [designate], form: seeing, to: seen}
  finish: {title: Finish, from: [seen], who: [designate], to: done}
  drop: {title: Drop, from: [asked_for, planned], who: [designate], to: dropped, withdraws: yes}
clocks:
  looked_at: {title: First look, starts: arrange, due: 30 days, stops: [look]}
reminders:
  late: {while: {counts_as: open}, since: [arrange, update], after: 20 days, again_every: 7 days, to: [designate], notice: late}
notices:
  late: {subject: "Late: {reference}", body: "Say how it goes: {link}"}
"""
WITH_FITNESS = FIRST.replace("form: seeing, to: seen", "form: seeing_more, to: seen")
"""Looking asks one question more."""
MORE_FORMS = FORMS + "seeing_more: [seen_on, fit]\n"


@dataclass
class Visits:
    """The service with the first version released, a designate, an administrator, and a time that is set by hand."""

    session: Session
    at: datetime = BEGINNING
    designate: Actor = field(init=False)
    admin: Actor = field(init=False)

    def __post_init__(self) -> None:
        """Load what there is, and the people."""
        load_reference(self.session)
        self.release(FIRST)
        for name, role, place in (("designate", Role.DESIGNATE, "QMJ"), ("admin", Role.ADMINISTRATOR, "ENG")):
            person = make_person(self.session, name=name)
            make_membership(self.session, person, role, place)
            setattr(self, name, actor_of(self.session, person.id, on=self.at.date()))

    def release(self, *workflows: str, forms: str = FORMS, questions: str = QUESTIONS) -> int:
        """Release the workflow so, and give its version's id."""
        asked = [line for line in forms.splitlines() if any(f"form: {line.partition(':')[0]}," in w for w in workflows)]
        used = {word.strip(" []") for line in asked for word in line.partition(":")[2].split(",")}
        bank = "".join(f"{line}\n" for line in questions.splitlines() if line.partition(":")[0] in used)
        sources = {"forms/questions.yaml": bank, "forms/short.yaml": "\n".join(asked) + "\n"}
        sources |= {f"workflows/{number}.yaml": text for number, text in enumerate(workflows)}
        definitions.load(self.session, read_sources(sources), at=self.at)
        newest = select(DefinitionVersion.id).where(DefinitionVersion.workflow == "visit")
        return int(self.session.scalars(newest.order_by(DefinitionVersion.number.desc()).limit(1)).one())

    @property
    def first(self) -> int:
        """Give the id of the first version."""
        return int(
            self.session.scalars(
                select(DefinitionVersion.id).where(DefinitionVersion.workflow == "visit", DefinitionVersion.number == 1)
            ).one()
        )

    def later(self, days: int) -> None:
        """Let time pass."""
        self.at += timedelta(days=days)

    def begin(self, *taken: str, review_type: str = "visit", why: str = "It is due") -> UUID:
        """Begin a visit, and take these steps of it."""
        who: dict[str, Any] = {"organisation": "QMJ", "actor": self.designate, "at": self.at, "key": uuid4()}
        made = steps.start_review(
            self.session, "visit", "ask", {"why": [why], "review_type": [review_type]}, version_id=self.first, **who
        )
        for step in taken:
            self.take(made.review_id, step)
        return made.review_id

    def take(self, review_id: UUID, step: str, **typed: str) -> None:
        """Take a step."""
        raw = {"said": ["All is well."]} if step == "update" else {key: [value] for key, value in typed.items()}
        who: dict[str, Any] = {"actor": self.designate, "at": self.at, "key": uuid4()}
        steps.complete_step(self.session, review_id, step, raw, read_at=self.review(review_id).version, **who)

    def review(self, review_id: UUID) -> Review:
        """Give a review as it is."""
        return self.session.get_one(Review, review_id, populate_existing=True)

    def move(self, to_id: int, plan: Plan | None = None, *, mode: str = "now", from_id: int | None = None) -> int:
        """Plan, begin, and carry out to the end; give the rebase's id."""
        source = from_id or self.first
        made = rebasing.make_plan(
            self.session, plan or Plan(), from_id=source, to_id=to_id, mode=mode, actor=self.admin, at=self.at
        )
        rebasing.begin(self.session, made.id, actor=self.admin, at=self.at)
        self.carry_on(made.id)
        return made.id

    def undo(self, rebase_id: int) -> None:
        """Take a batch back, to the end."""
        rebasing.undo(self.session, rebase_id, actor=self.admin, at=self.at)
        self.carry_on(rebase_id)

    def carry_on(self, rebase_id: int) -> None:
        """Carry a rebase on to its end, two reviews at a time."""
        while rebasing.carry_on(self.session, rebase_id, at=self.at, most=2):
            pass

    def came(self, rebase_id: int) -> dict[UUID, tuple[str, str]]:
        """Give what came of each review, with the sentence."""
        items = self.session.scalars(select(RebaseItem).where(RebaseItem.rebase_id == rebase_id))
        return {one.review_id: (one.outcome, one.said) for one in items}
