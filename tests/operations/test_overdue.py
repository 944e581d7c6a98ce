"""The day that a review's row names for its next update is the day of its first reminder, whatever rules its workflow has."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from random import Random
from uuid import UUID, uuid4

import pytest
from sqlalchemy import event
from sqlalchemy.orm import Session

from scrt_workflow import catalogue
from scrt_workflow.actors import Actor
from scrt_workflow.folder import read_sources
from scrt_workflow.forms.builder import raw_from
from scrt_workflow.models import Review
from scrt_workflow.operations import definitions, steps
from scrt_workflow.operations.organisations import load_reference
from scrt_workflow.operations.overdue import preceding
from scrt_workflow.operations.people import actor_of
from scrt_workflow.operations.reminders import reminders_due
from scrt_workflow.permissions import Role
from tests.factories import make_membership, make_person
from tests.operations import reminding

TOOL = """\
workflow: tool
title: Tool
review_types: [tool]
states:
  in_store: {counts_as: open}
  lent: {counts_as: open}
  in_repair: {counts_as: open}
  shelved: {counts_as: closed}
  scrapped: {counts_as: closed, final: yes}
steps:
  buy: {from: new, who: [designate], to: in_store}
  lend: {from: [in_store], who: [designate], to: lent}
  check_in: {from: [lent], who: [designate], to: in_store}
  count: {from: {counts_as: open}, who: [designate], to: same}
  service: {from: [in_store, lent], who: [designate], to: same}
  repair: {from: [in_store, lent], who: [designate], form: repair, to: in_repair}
  put_off: {from: [in_repair], who: [designate], form: repair, to: same}
  mend: {from: [in_repair], who: [designate], to: in_store}
  shelve: {from: [in_store, in_repair], who: [designate], to: shelved}
  fetch: {from: [shelved], who: [designate], to: in_store}
  scrap: {from: [shelved], who: [designate], to: scrapped}
  hand_on: {from: [lent, in_store], who: [designate], outcomes: [{becomes: {workflow: gadget, review_type: gadget, state: lent}}]}
reminders:
  lent_long: {while: [in_store, lent], since: [lend, check_in], after: 30 days, again_every: 7 days, to: [designate], notice: ask}
  not_serviced: {while: {counts_as: open}, since: service, after: 3 months, again_every: 7 days, to: [designate], notice: ask}
  in_repair: {while: [in_repair], since: [back_on, count], after: 5 working days, again_every: 1 day, to: designate, notice: ask}
  on_shelf: {while: [shelved], since: back_on, after: 0 days, again_every: 7 days, to: [designate], notice: ask}
notices:
  ask: {subject: "Look at {reference}", body: "{link}"}
"""
GADGET = """\
workflow: gadget
title: Gadget
review_types: [gadget]
states: {in_store: {counts_as: open}, lent: {counts_as: open}, lost: {counts_as: closed, final: yes}}
steps:
  make: {from: new, who: [designate], to: in_store}
  lend: {from: [in_store], who: [designate], to: lent}
  count: {from: [in_store, lent], who: [designate], to: same}
  lose: {from: [lent], who: [designate], to: lost}
reminders:
  lent_long: {while: [in_store, lent], since: [lend], after: 10 days, again_every: 7 days, to: [designate], notice: ask}
notices:
  ask: {subject: "Look at {reference}", body: "{link}"}
"""
BANK = "back_on: {type: date, label: When will it be back?}\n"
LATER = date(2200, 1, 1)


@dataclass
class Store:
    """A service for tools, and one person who does everything."""

    session: Session
    actor: Actor

    def buy(self, day: date) -> UUID:
        """Begin a tool on a day."""
        done = steps.start_review(
            self.session, "tool", "buy", {}, organisation="QMJ", actor=self.actor, at=noon(day), key=uuid4()
        )
        return done.review_id

    def do(self, tool: UUID, step: str, day: date, **answers: str) -> Review:
        """Take a step on a day, and give the review as it is then."""
        review = self.session.get_one(Review, tool, populate_existing=True)
        raw = self._typed(review, answers)
        steps.complete_step(self.session, tool, step, raw, actor=self.actor, at=noon(day), key=uuid4(), read_at=review.version)
        return self.session.get_one(Review, tool, populate_existing=True)

    def _typed(self, review: Review, answers: Mapping[str, str]) -> dict[str, list[str]]:
        raw, problems = raw_from(answers, catalogue.definition(self.session, review.definition_version_id).questions)
        assert not problems
        return raw

    def first_reminder(self, review: Review) -> date | None:
        """Give the day of the first reminder that the review would come to."""
        due = (one.first_due_on for one in reminders_due(self.session, on=LATER) if one.review_id == review.id)
        return min(due, default=None)


def noon(day: date) -> datetime:
    return datetime.combine(day, time(12), UTC)


@pytest.fixture
def store(session: Session) -> Store:
    load_reference(session)
    sources = {"workflows/tool.yaml": TOOL, "workflows/gadget.yaml": GADGET, "forms/questions.yaml": BANK}
    definitions.load(session, read_sources({**sources, "forms/short.yaml": "repair: [back_on]\n"}), at=noon(date(2024, 1, 1)))
    person = make_person(session)
    make_membership(session, person, Role.DESIGNATE, "QMJ")
    return Store(session, actor_of(session, person.id, on=date(2024, 1, 1)))


def test_each_rule_counts_from_its_own_last_step(store: Store) -> None:
    tool = store.buy(date(2024, 8, 6))
    assert store.do(tool, "lend", date(2024, 9, 1)).next_due_on == date(2024, 10, 1)

    review = store.do(tool, "check_in", date(2024, 10, 25))

    assert review.next_due_on == date(2024, 11, 6)  # three months after it was bought, for it was never serviced
    review = store.do(tool, "service", date(2024, 10, 26))
    assert review.next_due_on == store.first_reminder(review) == date(2024, 11, 24)  # thirty days after it was checked in


def test_a_day_to_look_again_is_a_day_by_which_something_is_due(session: Session) -> None:
    reminding.prepared(session)
    history = reminding.signed_off(session)
    history.then(
        "decide_publication", publication_status="embargoed", embargoed_on=history.day, embargo_reason="inquest",
        look_again_on="2024-12-02",
    )  # fmt: skip

    assert history.review().next_due_on == date(2024, 12, 2)


def test_on_long_random_walks_the_row_names_the_day_of_the_first_reminder(store: Store) -> None:
    chance = Random(1515)
    named: set[int | None] = set()
    states: set[tuple[str, str]] = set()
    for _ in range(6):
        day, tool = date(2024, 1, 1), store.buy(date(2024, 1, 1))
        for _ in range(30):
            day += timedelta(days=chance.randint(0, 25))
            review = store.session.get_one(Review, tool, populate_existing=True)
            workflow = catalogue.definition(store.session, review.definition_version_id).workflow
            likely = [step for step in workflow.steps_from[review.state] if step.key != "hand_on" or chance.random() < 0.2]
            if not likely:
                break
            step = chance.choice(likely)
            back_on = (day + timedelta(days=chance.randint(0, 2500))).isoformat()
            review = store.do(tool, step.key, day, **({"back_on": back_on} if step.form else {}))
            assert review.next_due_on == store.first_reminder(review), f"{step.key} on {day}: {review.workflow}, {review.state}"
            named.add((review.next_due_on - day).days if review.next_due_on else None)
            states.add((review.workflow, review.state))

    assert len(named) > 20
    assert len(states) > 6


@pytest.mark.parametrize("step", ["flag_media_interest", "give_update"])
def test_with_one_rule_of_steps_a_submit_asks_nothing_more_of_the_database(session: Session, step: str) -> None:
    reminding.prepared(session)
    history = reminding.commissioned(session)
    history.played()
    said: list[str] = []
    event.listen(session.get_bind(), "before_cursor_execute", lambda *given: said.append(given[2]))
    answers = {"give_update": {"latest_update": "The panel has met."}}
    flagged = {"media_interest": "low", "specialised_commissioning": "no"}

    history.then(step, **answers.get(step, flagged)).played()

    assert said
    assert not [statement for statement in said if "row_number" in statement.lower()]


def test_past_the_known_bank_holidays_a_reminder_still_comes(store: Store) -> None:
    tool = store.buy(date(2028, 12, 20))
    store.do(tool, "repair", date(2028, 12, 27), back_on="2028-12-28")
    review = store.do(tool, "put_off", date(2028, 12, 28), back_on="2031-06-02")
    other = store.do(store.buy(date(2028, 12, 27)), "lend", date(2028, 12, 28))

    assert review.next_due_on == date(2029, 3, 20)  # of the rule that counts from the service
    assert store.first_reminder(review) == date(2029, 3, 20)
    assert {one.review_id for one in reminders_due(store.session, on=date(2031, 6, 8))} == {tool, other.id}
    looked_at = [one.first_due_on for one in reminders_due(store.session, on=date(2031, 6, 9)) if one.reminder == "in_repair"]
    assert looked_at == [date(2031, 6, 9)]  # five days from Monday to Friday later


@pytest.mark.parametrize(
    ("before", "due", "warned"),
    [
        ("1 day", date(2025, 3, 3), date(2025, 2, 28)),  # due on a Monday: on the Friday
        ("7 days", date(2025, 4, 28), date(2025, 4, 17)),  # Easter Monday, and so Maundy Thursday
        ("5 working days", date(2025, 3, 3), date(2025, 2, 24)),
    ],
)
def test_who_is_warned_of_a_deadline_is_warned_on_a_day_on_which_reminders_are_sent(before: str, due: date, warned: date) -> None:
    assert preceding(before, due) == warned
