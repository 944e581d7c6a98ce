"""Who read which review is on record: every page that shows one leaves a row (DA4)."""

from datetime import UTC, datetime
from uuid import UUID, uuid4

from sqlalchemy import insert, select

from scrt_workflow.database import reading, unit_of_work
from scrt_workflow.models import AccessEvent, Answer
from scrt_workflow.permissions import Role
from tests.factories import Running
from tests.web.guided import complete, fill_in
from tests.web.invented import designate, person_behind, ready, review

ONLY_LEAD_ON = {"steps.begin"}
"""Pages of a review that show nothing of it, since they lead to another one at once."""


def reads(running: Running) -> list[AccessEvent]:
    with reading(running.engine) as session:
        return list(session.scalars(select(AccessEvent).order_by(AccessEvent.id)))


def test_every_page_that_shows_a_review_leaves_a_row_of_who_read_it(running: Running) -> None:
    ready(running)
    review_id, browser = review(running, up_to="start"), designate(running)
    complete(browser, review_id, "give_update", {"latest_update": "The panel has met."})
    fill_in(browser, f"/reviews/{review_id}/steps/give-update", {"latest_update": "It has met again."})
    add_link(running, review_id)
    parts = {"review_id": review_id, "step_key": "give_update", "page_key": "update", "question_key": "report_link"}
    rules = [one for one in running.app.url_map.iter_rules() if "review_id" in one.arguments and "GET" in (one.methods or ())]
    adapter = running.app.url_map.bind("")

    noted = set()
    for rule in rules:
        before = len(reads(running))
        answer = browser.get(adapter.build(rule.endpoint, {name: parts[name] for name in rule.arguments}))
        new = reads(running)[before:]
        if answer.status_code == 200:
            assert [(one.review_id, one.person_id) for one in new] == [(review_id, person_behind(running).id)], rule
            noted |= {one.endpoint for one in new}
        else:
            assert new == [], rule

    running.clock.set(datetime(2024, 8, 1, 9, tzinfo=UTC))  # when something of the review is due, of which leads may remind
    assert running.as_a(Role.ICB_LEAD, "QMJ").get(f"/reviews/{review_id}/reminder").status_code == 200
    noted.add(reads(running)[-1].endpoint)
    expected = {rule.endpoint for rule in rules} - ONLY_LEAD_ON
    assert noted == expected, "A page of a review is new: let this test open it, or say in ONLY_LEAD_ON that it shows nothing."
    assert len(noted) >= 5


def test_a_page_that_asks_to_mend_what_was_typed_is_a_read_as_well(running: Running) -> None:
    ready(running)
    review_id, browser = review(running, up_to="start"), designate(running)

    answer = browser.post(f"/reviews/{review_id}/steps/give-update/pages/update", {"latest_update": "", "read_at": "1"})

    assert answer.status_code == 422
    assert [one.endpoint for one in reads(running)] == ["steps.page"]


def test_who_was_shown_nothing_has_read_nothing(running: Running) -> None:
    ready(running)
    review_id = review(running, up_to="start")

    for browser in (running.browser(), running.as_a(Role.DESIGNATE, "QOP"), running.as_a(Role.ADMINISTRATOR, "ENG")):
        browser.get(f"/reviews/{review_id}")
        browser.get(f"/reviews/{uuid4()}")
        browser.get(f"/reviews/{review_id}/steps/give-update/check")

    assert reads(running) == []


def add_link(running: Running, review_id: UUID) -> None:
    """Let the review have a link on record, whatever its stage."""
    row = {"review_id": review_id, "question": "report_link", "value": "https://www.example.org/report", "set_seq": 0}
    with unit_of_work(running.engine) as session:
        version = session.scalars(select(Answer.asked_under_id).where(Answer.review_id == review_id)).first()
        session.execute(insert(Answer).values(**row, asked_under_id=version))
