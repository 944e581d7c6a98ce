"""Open reviews are moved to another version as the plan says, each by an event of its own, and taken back as they were."""

from __future__ import annotations

from datetime import date, timedelta
from typing import Any
from uuid import UUID, uuid4

import pytest
from sqlalchemy import select
from sqlalchemy.orm import Session

from scrt_workflow import catalogue
from scrt_workflow.models import NO_DEADLINE, Answer, Draft, Event, Rebase, Span
from scrt_workflow.operations import drafts, history, rebasing
from scrt_workflow.operations.deadlines import deadlines_on
from scrt_workflow.operations.rebase_checks import dry_run
from scrt_workflow.operations.rebasing import RebaseRefusedError
from scrt_workflow.operations.records import record_of
from scrt_workflow.operations.reminders import reminders_due, send_reminders
from scrt_workflow.operations.unasked import only_asked_earlier
from scrt_workflow.web.version_words import not_asked
from scrt_workflow.workflows.rebasing import AFRESH, BY_RULE, Plan
from tests.operations.rebases import FIRST, FORMS, MORE_FORMS, WITH_FITNESS, Visits

SPLIT = FIRST.replace("planned", "arranged").replace("Planned", "Arranged")
"""A version in which a stage is called otherwise, by another key."""
AGREE = (
    "  agree: {title: Agree, from: [looked_at], who: [icb_chief_nurse], approves: [why], if_they_change: looked_at, to: seen}\n"
)
STRICT = (
    FIRST.replace("title: Seen, counts_as: open", "title: Seen, counts_as: open, approved_by: [agree]")
    .replace("form: seeing, to: seen", "form: seeing, to: looked_at")
    .replace("  done: {title", "  looked_at: {title: Looked at, counts_as: open}\n  done: {title")
    .replace("  finish:", AGREE + "  finish:")
)
"""A version in which a visit is agreed to before it counts as seen."""


@pytest.fixture
def visits(session: Session) -> Visits:
    return Visits(session)


def events_of(session: Session, review_id: UUID) -> list[Event]:
    return list(session.scalars(select(Event).where(Event.stream == f"review:{review_id}").order_by(Event.seq)))


def row_of(visits: Visits, review_id: UUID) -> dict[str, Any]:
    review = visits.review(review_id)
    return {c.key: getattr(review, c.key) for c in type(review).__table__.columns if c.key != "version"}


def known_spans(session: Session, review_id: UUID) -> list[tuple[str, str, date, date | None]]:
    rows = session.scalars(select(Span).where(Span.review_id == review_id, Span.known_to.is_(None)).order_by(Span.event_id))
    return [(one.state, one.status, one.from_on, one.to_on) for one in rows]


def test_a_batch_moves_what_is_under_way_and_nothing_else(visits: Visits) -> None:
    planned, seen = visits.begin("arrange"), visits.begin("arrange", "look")
    done, dropped = visits.begin("arrange", "look", "finish"), visits.begin("drop")
    before = row_of(visits, seen)
    new = visits.release(WITH_FITNESS, forms=MORE_FORMS)

    rebase = visits.move(new)

    assert {key: outcome for key, (outcome, _) in visits.came(rebase).items()} == {planned: "moved", seen: "moved"}
    assert [visits.review(key).definition_version_id for key in (planned, seen, done, dropped)] == [
        new,
        new,
        visits.first,
        visits.first,
    ]
    assert row_of(visits, seen) == {**before, "definition_version_id": new}
    event = events_of(visits.session, seen)[-1]
    assert (event.kind, event.from_state, event.to_state, event.dated_on) == ("review:rebased", "seen", "seen", None)
    assert event.person_id == visits.admin.person_id
    assert visits.session.get_one(Rebase, rebase).status == "done"
    assert list(history.broken_links(visits.session)) == []


def test_a_stage_that_is_gone_is_mapped_and_counts_since_when_it_did(visits: Visits) -> None:
    review_id = visits.begin("arrange")
    visits.later(5)
    new = visits.release(SPLIT)

    visits.move(new, Plan(states={"planned": "arranged"}))

    review = visits.review(review_id)
    assert (review.state, review.status, review.state_since) == ("arranged", "open", date(2024, 6, 3))
    assert known_spans(visits.session, review_id)[-1] == ("arranged", "open", date(2024, 6, 3), None)
    visits.take(review_id, "look")
    assert visits.review(review_id).state == "seen"


def test_a_stage_that_counts_otherwise_is_a_move_on_the_day(visits: Visits) -> None:
    review_id = visits.begin()
    visits.later(5)
    new = visits.release(FIRST.replace("Asked for, counts_as: nothing", "Asked for, counts_as: open"))

    rebase = visits.move(new)

    day = date(2024, 6, 8)
    assert (visits.review(review_id).status, visits.review(review_id).state_since) == ("open", day)
    both = [("asked_for", "nothing", date(2024, 6, 3), day), ("asked_for", "open", day, None)]
    assert known_spans(visits.session, review_id) == both
    assert events_of(visits.session, review_id)[-1].dated_on == day
    assert visits.review(review_id).next_due_on == date(2024, 6, 28)
    visits.later(2)
    visits.undo(rebase)
    assert known_spans(visits.session, review_id) == [("asked_for", "nothing", date(2024, 6, 3), None)]
    assert visits.review(review_id).state_since == date(2024, 6, 3)


def test_a_plan_must_say_where_reviews_of_a_vanished_stage_go(visits: Visits) -> None:
    new = visits.release(SPLIT)

    with pytest.raises(RebaseRefusedError) as refused:
        visits.move(new)
    assert refused.value.mistakes == {"state-planned": "Choose where the reviews at “Planned” go"}
    with pytest.raises(RebaseRefusedError, match="Choose a stage at which something is still due"):
        visits.move(new, Plan(states={"planned": "done"}))


@pytest.mark.parametrize(
    ("changed", "taken", "sentence"),
    [
        (FIRST.replace("[visit, round]", "[visit]"), ("arrange",), "Its type, “Round”, is none of version 2."),
        (STRICT, ("arrange", "look"), "“Seen” asks in version 2 for “Agree”, which nobody has given."),
    ],
    ids=["a type that is gone", "an approval that nobody gave"],
)
def test_what_would_be_lost_on_the_way_blocks_a_review_and_says_why(
    visits: Visits, changed: str, taken: tuple[str, ...], sentence: str
) -> None:
    blocked, fine = visits.begin(*taken, review_type="round"), visits.begin()
    new = visits.release(changed)
    said = {one.review.id: one.blocked for one in dry_run(visits.session, Plan(), visits.first, new, today=visits.at.date())}

    rebase = visits.move(new)

    assert said == {blocked: sentence, fine: ""}
    assert visits.came(rebase) == {blocked: ("blocked", sentence), fine: ("moved", "Stays at “Asked for”.")}
    assert visits.review(blocked).definition_version_id == visits.first


def test_a_review_that_could_never_end_is_not_moved(visits: Visits) -> None:
    late, early = visits.begin("arrange", "look"), visits.begin("arrange")
    leading = WITH_FITNESS.replace(
        "who: [designate], to: done}",
        "who: [designate], outcomes: [{when: {fit: yes}, to: done}, {when: {fit: no}, to: planned}]}",
    )
    new = visits.release(leading, forms=MORE_FORMS)

    rebase = visits.move(new)

    because = "It could come to an end of the road from “Seen”, because “Fitness” was never asked of it."
    assert visits.came(rebase)[late] == ("blocked", because)
    assert visits.came(rebase)[early][0] == "moved"


def test_a_review_that_would_be_refused_further_on_for_lack_of_an_approval_is_not_moved(visits: Visits) -> None:
    """Looking gives the approval that its end asks for, and this one was looked at before that was so."""
    late, early = visits.begin("arrange", "look"), visits.begin("arrange")
    approving = FIRST.replace("form: seeing, to: seen", "form: seeing, approves: [why], if_they_change: planned, to: seen")
    approving = approving.replace("counts_as: closed, final: yes}", "counts_as: closed, final: yes, approved_by: [look]}")
    new = visits.release(approving)

    rebase = visits.move(new)

    assert visits.came(rebase)[late] == ("blocked", "It could come to an end of the road from “Seen”.")
    assert visits.came(rebase)[early][0] == "moved"


def test_a_due_date_is_kept_counted_anew_or_begun_afresh(visits: Visits) -> None:
    review_id = visits.begin("arrange")
    visits.later(10)
    new = visits.release(FIRST.replace("due: 30 days", "due: 15 days"))
    came = {}

    def due() -> date | None:
        review = visits.review(review_id)
        record = record_of(visits.session, review, catalogue.definition(visits.session, review.definition_version_id))
        return deadlines_on(visits.session, record, today=visits.at.date())[0].due_on

    before = due()
    for choice in ("keep:looked_at", BY_RULE, AFRESH):
        rebase = visits.move(new, Plan(clocks={"looked_at": choice}))
        came[choice] = (due(), visits.came(rebase)[review_id][1])
        visits.undo(rebase)
        assert due() == before

    assert before == date(2024, 7, 3)
    assert came == {
        "keep:looked_at": (before, "Stays at “Planned”."),
        BY_RULE: (date(2024, 6, 18), "Stays at “Planned”. “First look” is due on 18 June 2024 instead of on 3 July 2024."),
        AFRESH: (date(2024, 6, 28), "Stays at “Planned”. “First look” is due on 28 June 2024 instead of on 3 July 2024."),
    }


RENAMED = FIRST.replace("  arrange: {", "  fix_a_day: {").replace("since: [arrange,", "since: [fix_a_day,")


@pytest.mark.parametrize(("clock", "said"), [("looked_at", ""), ("first_look", " “First look” is due on 3 July 2024.")])
def test_a_due_date_is_kept_also_where_what_started_it_has_another_name_now(visits: Visits, clock: str, said: str) -> None:
    kept, met = visits.begin("arrange"), visits.begin("arrange", "look")
    named = f"{clock}: {{title: First look, starts: fix_a_day"
    new = visits.release(RENAMED.replace("looked_at: {title: First look, starts: arrange", named))

    rebase = visits.move(new, Plan(clocks={clock: "keep:looked_at"}))

    assert {one: visits.came(rebase)[one][1] for one in (kept, met)} == {
        kept: f"Stays at “Planned”.{said}",
        met: "Stays at “Seen”.",
    }
    assert (visits.review(kept).deadline_on, visits.review(met).deadline_on) == (date(2024, 7, 3), NO_DEADLINE)
    visits.later(2)
    visits.take(kept, "look")
    assert visits.review(kept).deadline_on == NO_DEADLINE


def test_the_next_update_is_due_by_the_new_version_and_no_cycle_begins_anew(visits: Visits) -> None:
    review_id = visits.begin("arrange")
    visits.later(12)
    new = visits.release(SPLIT.replace("after: 20 days", "after: 10 days"))

    visits.move(new, Plan(states={"planned": "arranged"}))

    assert visits.review(review_id).next_due_on == date(2024, 6, 13)
    due = list(reminders_due(visits.session, on=visits.at.date()))
    assert [(one.review_id, one.due_on) for one in due] == [(review_id, date(2024, 6, 13))]


def test_who_was_reminded_is_not_reminded_anew_since_a_stage_is_called_otherwise(visits: Visits) -> None:
    by_stage = visits.release(FIRST.replace("since: [arrange, update]", "since: [update]"))
    review_id = visits.begin("arrange")
    visits.move(by_stage)
    visits.later(20)
    send_reminders(visits.session, list(reminders_due(visits.session, on=visits.at.date())), at=visits.at)
    visits.later(1)

    visits.move(
        visits.release(SPLIT.replace("since: [arrange, update]", "since: [update]")),
        Plan(states={"planned": "arranged"}),
        from_id=by_stage,
    )

    assert visits.review(review_id).state == "arranged"
    assert [list(reminders_due(visits.session, on=visits.at.date() + timedelta(days=day))) for day in range(6)] == [[]] * 6
    assert [one.number for one in reminders_due(visits.session, on=visits.at.date() + timedelta(days=6))] == [2]


def test_a_batch_is_taken_back_but_for_what_was_acted_on_since(visits: Visits) -> None:
    left, back = visits.begin("arrange"), visits.begin("arrange")
    before = row_of(visits, back)
    new = visits.release(SPLIT.replace("after: 20 days", "after: 10 days"))
    rebase = visits.move(new, Plan(states={"planned": "arranged"}))
    visits.later(3)
    visits.take(left, "update")

    visits.undo(rebase)

    said = "designate has acted on it since, on 6 June 2024."
    assert visits.came(rebase) == {left: ("left", said), back: ("undone", "")}
    assert row_of(visits, back) == before
    assert known_spans(visits.session, back)[-1] == ("planned", "open", date(2024, 6, 3), None)
    assert visits.review(left).definition_version_id == new
    assert visits.session.get_one(Rebase, rebase).status == "undone"
    again = visits.move(new, Plan(states={"planned": "arranged"}))
    assert visits.came(again).keys() == {back}
    assert list(history.broken_links(visits.session)) == []


def test_a_standing_plan_moves_each_review_at_its_next_step(visits: Visits) -> None:
    stepping, waiting, ending = visits.begin("arrange"), visits.begin("arrange"), visits.begin("arrange", "look")
    new = visits.release(SPLIT)
    plan = Plan(states={"planned": "arranged"})

    rebase = visits.move(new, plan, mode="at_next_step")
    visits.take(stepping, "update")
    visits.take(ending, "finish")

    assert (visits.review(stepping).state, visits.review(stepping).definition_version_id) == ("arranged", new)
    assert [visits.review(key).definition_version_id for key in (waiting, ending)] == [visits.first] * 2
    assert visits.came(rebase).keys() == {stepping}
    visits.take(stepping, "look")
    with pytest.raises(RebaseRefusedError, match="Another plan for the reviews on this version is under way"):
        visits.move(new, plan)
    rebasing.end(visits.session, rebase, actor=visits.admin, at=visits.at)
    visits.take(waiting, "update")
    assert visits.review(waiting).definition_version_id == visits.first


def test_answers_that_the_new_version_does_not_ask_for_are_kept(visits: Visits) -> None:
    review_id = visits.begin("arrange", why="A fall")
    new = visits.release(FIRST, forms=FORMS.replace("[review_type, why]", "[review_type]"))

    rebase = visits.move(new)
    visits.take(review_id, "look", seen_on="03 06 2024")

    kept = visits.session.scalars(select(Answer.value).where(Answer.review_id == review_id, Answer.question == "why"))
    assert kept.one() == "A fall"
    assert visits.came(rebase)[review_id][0] == "moved"


def test_what_somebody_has_typed_stays(visits: Visits) -> None:
    review_id = visits.begin("arrange")
    review = visits.review(review_id)
    record = record_of(visits.session, review, catalogue.definition(visits.session, review.definition_version_id))
    step, held = record.definition.workflow.steps["look"], visits.designate.held[0]
    draft = drafts.begin(visits.session, record, step, actor=visits.designate, held=held, at=visits.at)
    drafts.keep(
        visits.session,
        draft,
        record.definition.form_of(step),
        {"seen_on": ["31 2 2024"]},
        page="seeing",
        done=False,
        at=visits.at,
    )
    new = visits.release(WITH_FITNESS, forms=MORE_FORMS)

    rebase = visits.move(new)

    assert "Somebody is filling in “Look”: what they typed stays." in visits.came(rebase)[review_id][1]
    assert visits.session.scalars(select(Draft.body)).one() == {"seen_on": ["31 2 2024"]}


def test_a_plan_names_two_versions_of_one_workflow_and_a_time(visits: Visits) -> None:
    who: dict[str, Any] = {"actor": visits.admin, "at": visits.at}

    with pytest.raises(RebaseRefusedError, match="Choose two versions of one workflow"):
        rebasing.make_plan(visits.session, Plan(), from_id=visits.first, to_id=visits.first, mode="now", **who)
    new = visits.release(WITH_FITNESS, forms=MORE_FORMS)
    with pytest.raises(RebaseRefusedError, match="Choose when the reviews move"):
        rebasing.make_plan(visits.session, Plan(), from_id=visits.first, to_id=new, mode=str(uuid4()), **who)


def test_a_question_that_a_version_added_was_not_asked_under_the_one_before(visits: Visits) -> None:
    late, early = visits.begin("arrange", "look"), visits.begin("arrange")
    new = visits.release(WITH_FITNESS, forms=MORE_FORMS)
    rebase = visits.move(new)
    said = {}
    for key in (late, early):
        review = visits.review(key)
        record = record_of(visits.session, review, catalogue.definition(visits.session, review.definition_version_id))
        said[key] = not_asked(visits.session, record)
        assert "fit" not in record.answers

    assert said[late] == [{"label": "Fitness", "value": "Not asked under version 1"}]
    assert said[early] == [{"label": "Fitness", "value": "Not asked under version 1. “Look” asks it."}]
    visits.take(early, "look", fit="yes")
    visits.undo(rebase)
    for key in (late, early):
        review = visits.review(key)
        record = record_of(visits.session, review, catalogue.definition(visits.session, review.definition_version_id))
        assert not_asked(visits.session, record) == []


def test_an_answer_to_what_is_no_longer_asked_is_shown_apart(visits: Visits) -> None:
    review_id = visits.begin("arrange", why="A fall")
    new = visits.release(FIRST, forms=FORMS.replace("[review_type, why]", "[review_type]"))
    visits.move(new)
    review = visits.review(review_id)

    record = record_of(visits.session, review, catalogue.definition(visits.session, review.definition_version_id))

    found = [(question.title, value) for question, value, _ in only_asked_earlier(visits.session, record)]
    assert found == [("Reason", "A fall")]
