"""Completing a step in a browser: page after page, saved, checked, submitted once, and what two people make of one review."""

from __future__ import annotations

from datetime import timedelta
from uuid import UUID, uuid4

import pytest
from bs4.element import Tag
from sqlalchemy import func, select, update
from werkzeug.test import TestResponse

from scrt_workflow.database import reading, unit_of_work
from scrt_workflow.models import AnswerChange, Draft, Event, Membership, Review
from scrt_workflow.permissions import Role
from tests.factories import Browser, Running
from tests.web.guided import complete, fill_in, hidden, submit, typed
from tests.web.invented import ABOUT, LEARNING, SAR, child_of, colleague, designate, person_behind, ready, review
from tests.web.reading import links, page_of, words
from tests.web.test_whole_steps import snapshot

NHS_NUMBER = "943 476 5919"  # invented: of the range that is kept for tests
REFERRAL = {**ABOUT, "partnership": "SAB-E09000007", "referred_on": "2024-10-01"}


def step(review_id: UUID, key: str) -> str:
    return f"/reviews/{review_id}/steps/{key}"


def post(browser: Browser, page: TestResponse, **answers: object) -> TestResponse:
    """Send the form of *page* with *answers*, as its button would."""
    query = page.request.query_string.decode()
    address = f"{page.request.path}?{query}" if query else page.request.path
    return browser.post(address, {**hidden(page), **{name: typed(value) for name, value in answers.items()}})


def steps_taken(running: Running, review_id: UUID, key: str) -> int:
    with reading(running.engine) as session:
        taken = select(func.count()).select_from(Event).where(Event.stream == f"review:{review_id}", Event.step == key)
        return session.execute(taken).scalar_one()


def draft_count(running: Running) -> int:
    with reading(running.engine) as session:
        return session.execute(select(func.count()).select_from(Draft)).scalar_one()


def new_draft(browser: Browser) -> str:
    """Begin a new SAR, and give the address of its draft."""
    return browser.post("/reviews/new", {"kind": "safeguarding_adult_review:refer"}).headers["Location"]


# A step, from its first page to what happens next


def test_a_new_review_is_guided_page_by_page_to_a_page_that_says_what_happens_next(running: Running) -> None:
    browser = designate(ready(running))

    check = fill_in(browser, new_draft(browser), REFERRAL)
    done = browser.get(submit(browser, check).headers["Location"])

    assert "Check your answers" in words(check, "h1")
    assert "Done: Refer a case for review" in words(done, "h1")
    assert "Record the commissioning . For the designated professional: you." in words(done)
    assert draft_count(running) == 0


def test_every_page_of_a_step_has_a_title_and_a_label_for_each_input(running_on_sqlite: Running) -> None:
    running = ready(running_on_sqlite)
    browser = designate(running)
    seen: list[TestResponse] = []
    response = browser.get(new_draft(browser))
    while "/check" not in (address := response.headers.get("Location", response.request.path)):
        page = browser.get(address)
        seen.append(page)
        asked = {name for name in REFERRAL if f'name="{name}"' in page.text}
        response = post(browser, page, **{name: REFERRAL[name] for name in asked})

    assert len(seen) == 7
    for page in seen:
        assert "Refer a case for review" in words(page, "h1")
        labelled = {str(label["for"]) for label in page_of(page).select("label[for]")}
        inputs = {str(one["id"]) for one in page_of(page).select("input:not([type=hidden]), select, textarea")}
        assert inputs <= labelled
        assert [one.name for one in page_of(page).select("h1")] == ["h1"]


def test_a_mistake_is_said_above_with_a_link_to_its_input(running_on_sqlite: Running) -> None:
    running = ready(running_on_sqlite)
    browser = designate(running)
    page = browser.get(browser.get(new_draft(browser)).headers["Location"])

    refused = post(browser, page, incident_date=["31", "2", "2024"])

    ids = {str(one["id"]) for one in page_of(refused).select("[id]")}
    summary = [str(link["href"]) for link in page_of(refused).select(".nhsuk-error-summary a")]
    assert refused.status_code == 422
    assert "Error: " in refused.text.partition("</title>")[0]
    assert len(summary) == 2
    assert {href.removeprefix("#") for href in summary} <= ids
    assert "Incident date must be a real date" in words(refused, ".nhsuk-error-summary")


def test_a_text_that_is_too_long_is_named_in_the_summary(running_on_sqlite: Running) -> None:
    running = ready(running_on_sqlite)
    browser = designate(running)
    page = browser.get(browser.get(new_draft(browser)).headers["Location"])

    refused = post(browser, page, incident_date="2024-09-01", brief_overview="a" * 4001)

    assert "Brief overview: use 4,000 characters or fewer. You have 4,001." in words(refused, ".nhsuk-error-summary")


def test_nothing_is_called_wrong_before_it_was_asked(running_on_sqlite: Running) -> None:
    running = ready(running_on_sqlite)
    browser = designate(running)

    page = browser.get(browser.get(new_draft(browser)).headers["Location"])

    assert page_of(page).select(".nhsuk-error-summary, .nhsuk-error-message") == []


def test_a_change_comes_back_to_the_check(running: Running) -> None:
    ready(running)
    browser, review_id = designate(running), review(running, up_to="record_learning")
    check = fill_in(browser, step(review_id, "sign-off"), {"report_signed_off_date": "2024-10-20"})
    change = browser.get(links(check)["Change Sign-off date"])

    changed = post(browser, change, report_signed_off_date="2024-10-21")

    assert changed.headers["Location"] == step(review_id, "sign-off/check")
    assert "21 October 2024" in words(browser.get(changed.headers["Location"]))


def test_a_change_that_brings_up_new_pages_asks_them_and_comes_back_to_the_check(running: Running) -> None:
    ready(running)
    browser, review_id = designate(running), review(running, up_to="sign_off")
    embargo = {"publication_status": "embargoed", "embargoed_on": "2024-10-20", "embargo_reason": "other"}
    more = {"embargo_reason_other": "A trial is going on.", "look_again_on": "2025-03-01"}
    check = fill_in(browser, step(review_id, "decide-publication"), embargo | more)
    change = browser.get(links(check)["Change Public or embargoed"])

    on = browser.get(post(browser, change, publication_status="public").headers["Location"])
    back = post(browser, on, publication_date="2024-10-21", report_link="https://board.example/report")

    assert "The published report" in words(on, "h1")
    assert back.headers["Location"] == step(review_id, "decide-publication/check")
    assert "Reason for the embargo" not in words(browser.get(back.headers["Location"]))


def test_a_step_without_a_form_is_confirmed(running: Running) -> None:
    ready(running)
    browser, review_id = designate(running), review(running, "domestic_homicide_review", up_to="sign_off")
    colleague(running, Role.ICB_CHIEF_NURSE, name="Nasreen Chowdhury")

    done = browser.get(complete(browser, review_id, "ask_for_assurance").headers["Location"])

    assert "For the ICB Chief Nurse: Nasreen Chowdhury." in words(done)


def test_who_is_asked_to_approve_sees_what(running: Running) -> None:
    ready(running)
    review_id = review(running, "domestic_homicide_review", up_to="ask_for_assurance")
    nurse = colleague(running, Role.ICB_CHIEF_NURSE)

    page = nurse.get(nurse.get(step(review_id, "give-icb-assurance")).headers["Location"])

    assert LEARNING["lessons"] in words(page, ".nhsuk-summary-list")


def test_a_conversion_says_which_review_it_opened(running: Running) -> None:
    ready(running)
    browser, review_id = designate(running), review(running, "rapid_review", up_to="complete")
    answers = {"next_review": "sar_adult", "next_review_decided_on": "2024-10-20"}

    done = browser.get(complete(browser, review_id, "decide_next", answers).headers["Location"])

    assert f"/reviews/{child_of(running, review_id)}" in links(done).values()


# Saved, and found again


def test_a_draft_is_found_at_home_and_on_the_review_from_any_device(running: Running) -> None:
    ready(running)
    browser, review_id = designate(running), review(running, up_to="start")
    page = browser.get(browser.get(step(review_id, "record-learning")).headers["Location"])
    first = post(browser, page, organisational_learning=["L01"])

    saved = post(browser, browser.get(first.headers["Location"]), action="save", lessons="Half a sentence")
    elsewhere = running.browser(person_behind(running))

    assert saved.headers["Location"] == "/"
    assert "Record lessons and learning" in links(elsewhere.get("/"))
    assert "Draft" in words(elsewhere.get(f"/reviews/{review_id}"))
    resumed = elsewhere.get(elsewhere.get(step(review_id, "record-learning")).headers["Location"])
    assert words(resumed, "textarea") == "Half a sentence"


def test_a_new_review_is_kept_from_its_first_page_on(running: Running) -> None:
    browser = designate(ready(running))
    draft = new_draft(browser)
    page = browser.get(browser.get(draft).headers["Location"])

    post(browser, page, incident_date="2024-09-03", brief_overview="Somebody was harmed.")

    assert links(designate(running).get("/"))["Refer a case for review"] == draft
    assert "Abuse and vulnerability" in words(browser.get(browser.get(draft).headers["Location"]), "h1")


def test_a_draft_is_nobody_elses(running: Running) -> None:
    ready(running)
    draft = new_draft(designate(running))
    other = colleague(running)

    assert other.get(draft).status_code == other.get(f"/drafts/{uuid4()}").status_code == 404
    assert other.get(f"{draft}/discard").status_code == 404
    assert other.post(f"{draft}/discard").status_code == 303
    assert draft_count(running) == 1


def test_a_draft_can_be_thrown_away_once_that_is_confirmed(running: Running) -> None:
    ready(running)
    browser, review_id = designate(running), review(running, up_to="start")
    check = fill_in(browser, step(review_id, "give-update"), {"latest_update": "Nothing new."})

    asked = browser.get(links(check)["Delete this draft"])
    kept = draft_count(running)
    browser.post(asked.request.path, hidden(asked))

    assert "Nothing new." in words(asked)
    assert links(asked)["Keep it"] == step(review_id, "give-update")
    assert kept == 1
    assert draft_count(running) == 0
    assert steps_taken(running, review_id, "give_update") == 0


# One effect (WF3)


def test_a_submit_sent_twice_has_one_effect_and_one_answer(running: Running) -> None:
    ready(running)
    browser, review_id = designate(running), review(running, up_to="start")
    check = fill_in(browser, step(review_id, "give-update"), {"latest_update": "The panel has met."})

    answers = [submit(browser, check) for _ in range(3)]

    assert {answer.status_code for answer in answers} == {303}
    assert {answer.headers["Location"] for answer in answers} == {step(review_id, "give-update/done")}
    assert steps_taken(running, review_id, "give_update") == 1


def test_the_key_of_one_form_says_of_no_other_that_it_is_done(running: Running) -> None:
    ready(running)
    browser, submitted = designate(running), review(running, up_to="start")
    other = review(running, "domestic_homicide_review", up_to="start")
    check = fill_in(browser, step(submitted, "give-update"), {"latest_update": "The panel has met."})
    key = {"key": hidden(check)["key"], "read_at": "0"}
    submit(browser, check)

    answers = [
        browser.post(step(review_id, f"{one}/check"), key)
        for review_id, one in [(other, "give-update"), (submitted, "flag-media-interest")]
    ]

    assert [answer.status_code for answer in answers] == [409, 409]
    assert all("was submitted before" in words(answer) for answer in answers)


def test_a_new_review_submitted_twice_is_one_review_and_one_answer(running: Running) -> None:
    browser = designate(ready(running))
    check = fill_in(browser, new_draft(browser), REFERRAL)

    answers = [submit(browser, check) for _ in range(3)]

    assert len({answer.headers["Location"] for answer in answers}) == 1
    assert answers[0].headers["Location"].endswith("/steps/refer/done")
    with reading(running.engine) as session:
        assert session.execute(select(func.count()).select_from(Review)).scalar_one() == 1


def test_a_key_that_comes_with_other_answers_is_refused(running: Running) -> None:
    ready(running)
    browser, review_id = designate(running), review(running, up_to="start")
    shown = fill_in(browser, step(review_id, "give-update"), {"latest_update": "One."})
    submit(browser, fill_in(browser, step(review_id, "give-update/pages/update"), {"latest_update": "Two."}))

    refused = submit(browser, shown)

    assert refused.status_code == 409
    assert "This form was submitted before, with other answers" in words(refused)
    assert steps_taken(running, review_id, "give_update") == 1


def test_answers_changed_in_another_window_are_not_submitted_unseen(running: Running) -> None:
    ready(running)
    browser, review_id = designate(running), review(running, up_to="start")
    shown = fill_in(browser, step(review_id, "give-update"), {"latest_update": "One."})
    fill_in(browser, step(review_id, "give-update/pages/update"), {"latest_update": "Two."})

    again = browser.get(submit(browser, shown).headers["Location"])

    assert steps_taken(running, review_id, "give_update") == 0
    assert "your answers were changed in another window" in words(again)
    assert submit(browser, again).headers["Location"] == step(review_id, "give-update/done")


@pytest.mark.parametrize("elsewhere", ["another step", "another review", "a new review"])
def test_a_key_is_good_for_one_step_of_one_review(running: Running, elsewhere: str) -> None:
    ready(running)
    browser, review_id = designate(running), review(running, up_to="start")
    check = fill_in(browser, step(review_id, "give-update"), {"latest_update": "The panel has met."})
    submit(browser, check)
    other = review(running, up_to="start", label="B") if elsewhere == "another review" else review_id
    begun = new_draft(browser) if elsewhere == "a new review" else step(other, "withdraw")

    refused = browser.post(f"{begun}/check", hidden(check))

    assert refused.status_code == 409
    assert "This form was submitted before, with other answers or for another step" in words(refused)


def test_a_new_review_submitted_again_with_other_answers_is_refused(running: Running) -> None:
    browser = designate(ready(running))
    check = fill_in(browser, new_draft(browser), REFERRAL)
    submit(browser, check)

    assert browser.post(check.request.path, {**hidden(check), "shown": "other"}).status_code == 409


# The browser's Back button


def test_back_after_a_new_review_was_recorded_leads_to_what_was_done(running: Running) -> None:
    browser = designate(ready(running))
    draft = new_draft(browser)
    first = browser.get(draft).headers["Location"]
    done = submit(browser, fill_in(browser, draft, REFERRAL)).headers["Location"]

    for address in (draft, first, f"{draft}/check", f"{draft}/discard"):
        assert browser.get(address).headers["Location"] == done, address
    assert colleague(running).get(draft).status_code == 404


def test_what_is_typed_into_a_form_that_was_submitted_before_is_shown_once(running: Running) -> None:
    browser = designate(ready(running))
    draft = new_draft(browser)
    page = browser.get(browser.get(draft).headers["Location"])
    done = submit(browser, fill_in(browser, draft, REFERRAL)).headers["Location"]

    sent = post(browser, page, brief_overview="What I typed after going back.")
    shown = [words(browser.get(done)) for _ in range(2)]

    assert sent.headers["Location"] == done
    assert ["What I typed after going back." in one for one in shown] == [True, False]


def test_back_after_a_step_leads_to_what_was_done(running: Running) -> None:
    ready(running)
    browser, review_id = designate(running), review(running, up_to="record_learning")
    page = browser.get(step(review_id, "sign-off")).headers["Location"]

    complete(browser, review_id, "give_update", {"latest_update": "The panel has met."})
    assert browser.get(step(review_id, "give-update/check")).headers["Location"] == step(review_id, "give-update/done")
    complete(browser, review_id, "sign_off", {"report_signed_off_date": "2024-10-20"})
    for address in (step(review_id, "sign-off/check"), page):
        assert browser.get(address).headers["Location"] == step(review_id, "sign-off/done")


def test_nothing_is_submitted_that_was_not_shown(running: Running) -> None:
    ready(running)
    browser, review_id = designate(running), review(running, up_to="decide_publication")
    closed = fill_in(browser, step(review_id, "close"), {"comments": "What was said at the first closure."})
    submit(browser, closed)
    complete(browser, review_id, "reopen", {"reopening_reason": "It was closed by mistake."})
    for key, answers in SAR[4:6]:
        complete(browser, review_id, key, answers)
    before = columns(running, review_id)

    opened = browser.get(step(review_id, "close/check"))
    sent = browser.post(step(review_id, "close/check"), {"key": str(uuid4()), "read_at": "99"})

    first = browser.get(step(review_id, "close")).headers["Location"]
    assert (opened.headers["Location"], sent.headers["Location"]) == (first, first)
    assert "Nothing was submitted, because this step has no draft any more." in words(browser.get(first))
    assert columns(running, review_id) == before
    assert steps_taken(running, review_id, "close") == 1


def test_back_to_the_check_of_a_deleted_draft_leads_to_its_first_page(running: Running) -> None:
    ready(running)
    browser, review_id = designate(running), review(running, up_to="record_learning")
    check = learning(browser, review_id, "What I wrote.")
    browser.post(step(review_id, "record-learning/discard"))

    back = browser.get(check.request.path)

    assert back.headers["Location"] == browser.get(step(review_id, "record-learning")).headers["Location"]


def test_there_is_one_way_to_leave_a_page_and_it_saves_what_is_typed(running_on_sqlite: Running) -> None:
    running = ready(running_on_sqlite)
    browser, review_id = designate(running), review(running, up_to="start")
    page = browser.get(browser.get(step(review_id, "give-update")).headers["Location"])
    saved = post(browser, page, action="save", latest_update="Half a sentence")

    for address in (page.request.path, browser.get(step(review_id, "give-update")).headers["Location"]):
        form = page_of(browser.get(address)).select_one("main form")
        assert form is not None
        assert [one.get_text() for one in form.select("button")] == ["Continue", "Save and come back later"]
        assert form.select("a") == []
    assert saved.headers["Location"] == "/"


def test_going_back_and_sending_a_page_again_changes_only_the_draft(running: Running) -> None:
    ready(running)
    browser, review_id = designate(running), review(running, up_to="start")
    page = browser.get(browser.get(step(review_id, "give-update")).headers["Location"])

    for said in ("One.", "Two.", "Two."):
        assert post(browser, page, latest_update=said).headers["Location"] == step(review_id, "give-update/check")

    assert draft_count(running) == 1
    assert "Two." in words(browser.get(step(review_id, "give-update/check")))
    assert steps_taken(running, review_id, "give_update") == 0


def test_the_page_after_a_step_can_be_opened_again_and_again(running: Running) -> None:
    ready(running)
    browser, review_id = designate(running), review(running, up_to="commission")
    done = complete(browser, review_id, "start", {"started_on": "2024-01-10"}).headers["Location"]
    before = snapshot(running.engine)

    shown = [words(browser.get(done)) for _ in range(2)]

    assert shown[0] == shown[1]
    assert snapshot(running.engine) == before
    assert browser.get(step(review_id, "sign-off/done")).status_code == 404  # it was never taken


# Two people (WF2, WF4)


def learning(browser: Browser, review_id: UUID, lessons: str) -> TestResponse:
    return fill_in(
        browser, step(review_id, "record-learning"), {**LEARNING, "organisational_learning": ["L01"], "lessons": lessons}
    )


def test_the_second_editor_sees_both_versions_and_loses_neither(running: Running) -> None:
    ready(running)
    review_id = review(running, up_to="record_learning")
    first, second = designate(running), colleague(running, name="Colin Ash")
    mine, theirs = learning(first, review_id, "What I wrote."), learning(second, review_id, "What my colleague wrote.")
    submit(second, theirs)

    versions = submit(first, mine)

    assert versions.status_code == 409
    assert "What I wrote." in words(versions)
    assert "What my colleague wrote." in words(versions)
    assert "Keep what Colin Ash saved" in words(versions)
    assert "What I wrote." in words(first.get(step(review_id, "record-learning/check")))  # still a draft
    with reading(running.engine) as session:
        taken = session.scalars(select(Event.person_id).where(Event.step == "record_learning")).all()
    assert len(taken) == 2  # the one that was there before, and Colin's


@pytest.mark.parametrize(("keep", "kept"), [("mine", "What I wrote."), ("theirs", "What my colleague wrote.")])
def test_the_second_editor_chooses_and_submits(running: Running, keep: str, kept: str) -> None:
    ready(running)
    review_id = review(running, up_to="record_learning")
    first, second = designate(running), colleague(running)
    mine, theirs = learning(first, review_id, "What I wrote."), learning(second, review_id, "What my colleague wrote.")
    submit(second, theirs)
    versions = submit(first, mine)

    choice = {**hidden(versions), "keep-lessons": keep}
    settled = first.post(step(review_id, "record-learning/settle"), choice)
    done = submit(first, first.get(settled.headers["Location"]))

    assert done.headers["Location"] == step(review_id, "record-learning/done")
    on_record = words(first.get(f"/reviews/{review_id}"), ".nhsuk-summary-list")
    assert kept in on_record


def test_no_version_is_kept_without_being_chosen(running: Running) -> None:
    ready(running)
    review_id = review(running, up_to="record_learning")
    first, second = designate(running), colleague(running)
    mine, theirs = learning(first, review_id, "What I wrote."), learning(second, review_id, "What my colleague wrote.")
    submit(second, theirs)
    versions = submit(first, mine)

    again = first.post(step(review_id, "record-learning/settle"), hidden(versions))

    ids = {str(one["id"]) for one in page_of(again).select("[id]")}
    (link,) = page_of(again).select(".nhsuk-error-summary a")
    assert again.status_code == 422
    assert str(link["href"]).removeprefix("#") in ids
    (group,) = page_of(again).select("fieldset[aria-describedby]")
    error = page_of(again).select_one(f"#{group['aria-describedby']}")
    assert error is not None
    assert "Select which version to keep: Lessons" in error.get_text()
    assert error in group.select(".nhsuk-error-message")
    assert submit(first, first.get(step(review_id, "record-learning/check"))).status_code == 409


def test_each_answer_says_who_saved_the_other_version_and_when(running: Running) -> None:
    ready(running)
    review_id = review(running, up_to="record_learning")
    first, second, third = designate(running), colleague(running, name="Colin Ash"), colleague(running, name="Dora Beck")
    form = step(review_id, "record-learning")
    mine = fill_in(first, form, {**LEARNING, "organisational_learning": ["L01"], "lessons": "What I wrote."})
    submit(second, learning(second, review_id, "What the second wrote."))
    running.clock.advance(timedelta(hours=1))
    theirs = {**LEARNING, "organisational_learning": ["L02"], "lessons": "What the second wrote."}
    submit(third, fill_in(third, form, theirs))

    told = words(submit(first, mine), "fieldset")

    assert "Keep what Colin Ash saved What the second wrote. Saved 1 November 2024 at 9am" in told
    assert "Keep what Dora Beck saved" in told
    assert "Saved 1 November 2024 at 10am" in told


def test_an_update_given_meanwhile_costs_nobody_their_draft(running: Running) -> None:
    ready(running)
    review_id = review(running, up_to="start")
    first, second = designate(running), colleague(running)
    mine = learning(first, review_id, "What I wrote.")
    complete(second, review_id, "give_update", {"latest_update": "The panel has met."})

    assert submit(first, mine).status_code == 303


def test_who_comes_second_is_told_who_was_first_and_sees_what_they_had_typed(running: Running) -> None:
    ready(running)
    review_id = review(running, up_to="record_learning")
    first, second = designate(running), colleague(running, name="Colin Ash")
    mine = fill_in(first, step(review_id, "sign-off"), {"report_signed_off_date": "2024-10-20"})
    complete(second, review_id, "sign_off", {"report_signed_off_date": "2024-10-21"})

    refused = submit(first, mine)

    assert refused.status_code == 409
    assert "This was already done by Colin Ash at 09:00 on 1 November 2024." in words(refused)
    assert "20 October 2024" in words(refused)
    assert steps_taken(running, review_id, "sign_off") == 1


def test_a_page_sent_after_the_step_was_taken_by_someone_else_is_kept(running: Running) -> None:
    ready(running)
    review_id = review(running, up_to="complete", kind="rapid_review")
    first, second = designate(running), colleague(running)
    decision = {"next_review": "none", "next_review_decided_on": "2024-10-20"}
    page = first.get(first.get(step(review_id, "decide-next")).headers["Location"])
    on = first.get(post(first, page, next_review="none").headers["Location"])
    reason = first.get(post(first, on, next_review_decided_on="2024-10-20").headers["Location"])
    complete(second, review_id, "decide_next", {**decision, "no_further_review_reason": "Nothing new to learn."})

    refused = post(first, reason, no_further_review_reason="A long text that I have just typed.")

    assert refused.status_code == 409
    assert "A long text that I have just typed." in words(refused)
    assert "A long text that I have just typed." in words(first.get(step(review_id, "decide-next")))


# Refusals are sentences


@pytest.mark.parametrize(
    ("role", "place", "status", "sentence"),
    [
        (Role.DESIGNATE, "QMJ", 403, "Your role does not allow this step."),
        (Role.REGIONAL_LEAD, "Y56", 403, "Your role does not allow this step."),
        (Role.VIEWER, "QMJ", 403, "Your role does not allow this"),
    ],
)
def test_a_step_that_is_not_ones_own_says_why(
    running_on_sqlite: Running, role: Role, place: str, status: int, sentence: str
) -> None:
    running = ready(running_on_sqlite)
    review_id = review(running, "domestic_homicide_review", up_to="ask_for_assurance")

    refused = running.as_a(role, place).get(step(review_id, "give-icb-assurance"))

    assert refused.status_code == status
    assert sentence in words(refused)


def test_nobody_approves_their_own_work(running: Running) -> None:
    ready(running)
    review_id = review(running, "domestic_homicide_review", up_to="ask_for_assurance")
    with unit_of_work(running.engine) as session:
        own = session.scalars(select(Membership).where(Membership.person_id == person_behind(running).id)).one()
        session.add(Membership(person_id=own.person_id, role="icb_chief_nurse", organisation="QMJ", valid_from=own.valid_from))

    browser = designate(running)
    refused = browser.get(step(review_id, "give-icb-assurance"))

    assert refused.status_code == 403
    assert "Someone other than the people who wrote or approved these answers must do this step." in words(refused)
    assert "Give ICB assurance" not in links(browser.get("/"))


def test_what_must_come_first_is_said_before_a_form_is_filled_in(running: Running) -> None:
    ready(running)
    review_id = review(running, up_to="start")

    refused = designate(running).get(step(review_id, "sign-off"))

    assert refused.status_code == 409
    assert "Record the lessons and learning first." in words(refused)
    assert links(refused)["Record lessons and learning"] == step(review_id, "record-learning")


def test_a_step_whose_turn_has_not_come_says_what_must_come_first(running: Running) -> None:
    ready(running)
    review_id = review(running, up_to="refer")

    early = designate(running).get(step(review_id, "sign-off"))
    complete(designate(running), review_id, "commission", {"decided_on": "2024-10-03", "commissioned_on": "2024-10-04"})
    late = designate(running).get(step(review_id, "commission"))

    assert (early.status_code, late.status_code) == (409, 409)
    assert "It is not time for this step yet. First the review must become “In progress”." in words(early)
    assert "This was already done" in words(late)


def test_what_must_come_first_is_said_on_the_check_where_the_answers_decide_it(running: Running) -> None:
    ready(running)
    browser, review_id = designate(running), review(running, up_to="sign_off", media_interest="high")
    public = {"publication_status": "public", "publication_date": "2024-10-20", "report_link": "https://board.example/r"}

    check = fill_in(browser, step(review_id, "decide-publication"), public)
    complete(browser, review_id, "brief_communications", {"pre_publication_briefed_on": "2024-10-20"})
    again = browser.get(step(review_id, "decide-publication/check"))

    assert "Give the pre-publication briefing first." in words(check)
    assert page_of(check).select("form button:-soup-contains('Submit')") == []
    assert submit(browser, again).headers["Location"] == step(review_id, "decide-publication/done")


def test_a_withdrawn_review_takes_no_step(running: Running) -> None:
    ready(running)
    browser, review_id = designate(running), review(running, up_to="start")
    complete(browser, review_id, "withdraw", {"withdrawal_reason": "It repeats another record."})

    refused = browser.get(step(review_id, "give-update"))

    assert refused.status_code == 409
    assert "This review was withdrawn as entered in error." in words(refused)


def test_a_role_that_has_ended_takes_no_step_but_loses_no_words(running: Running) -> None:
    ready(running)
    review_id, browser = review(running, up_to="start"), designate(running)
    check = fill_in(browser, step(review_id, "give-update"), {"latest_update": "Half a sentence"})
    mine = Membership.person_id == person_behind(running).id
    with unit_of_work(running.engine) as session:
        session.execute(update(Membership).where(mine).values(role="icb_lead"))

    refused = submit(browser, check)

    assert refused.status_code == 403
    assert "Half a sentence" in words(refused)
    assert steps_taken(running, review_id, "give_update") == 0


# A form changes only its own fields (AZ7)

EXTRA = {
    **dict.fromkeys(("icb_id", "organisation", "responsible", "entered_under"), "QOP"),
    **dict.fromkeys(("state", "status", "to_state", "from_state", "outcome"), "closed"),
    **dict.fromkeys(("role", "roles", "permission", "person_id", "created_by", "actor", "held"), "administrator"),
    **dict.fromkeys(("version", "seq", "base_seq", "read_at_", "number", "id", "review_id", "membership_id"), "1"),
    **dict.fromkeys(("closed_at", "created_at", "withdrawn_at", "state_since", "next_due_on", "closed_on"), "2020-01-01"),
    **dict.fromkeys(("__class__", "__init__.__globals__", "a[b][c]", "lessons", "brief_overview", "incident_date"), "x"),
    **dict.fromkeys(("media_interest", "publication_status", "review_type", "workflow", "definition_version_id"), "none"),
}


OWN = {"answer", "answer_change", "entry", "event", "event_body", "idempotency", "review"}
"""What giving an update writes: its answer and who gave it, the entry, what happened, that it was submitted, the review's row."""


def test_a_form_with_forty_names_more_changes_only_its_own_fields(running: Running) -> None:
    ready(running)
    browser, review_id = designate(running), review(running, up_to="start")
    before, row = snapshot(running.engine), columns(running, review_id)
    page = browser.get(browser.get(step(review_id, "give-update")).headers["Location"])

    on = browser.post(page.request.path, {**EXTRA, **hidden(page), "latest_update": "The panel has met."})
    check = browser.get(on.headers["Location"])
    assert browser.post(check.request.path, {**EXTRA, **hidden(check)}).status_code == 303

    after, now = snapshot(running.engine), columns(running, review_id)
    assert len(EXTRA) >= 40
    assert {name for name in before if before[name] != after[name]} == OWN
    assert {name for name in row if row[name] != now[name]} <= {"version", "last_update_on", "next_due_on"}
    with reading(running.engine) as session:
        newest = select(AnswerChange.question).where(AnswerChange.review_id == review_id, AnswerChange.seq == now["version"])
        assert set(session.scalars(newest)) == {"latest_update"}


def columns(running: Running, review_id: UUID) -> dict[str, object]:
    """Give the row of a review, by column."""
    with reading(running.engine) as session:
        return dict(session.execute(select(*Review.__table__.columns).where(Review.id == review_id)).mappings().one())


# Likely patient identifiers (IN9)


def test_a_likely_identifier_is_stopped_until_a_reason_is_given_and_the_reason_is_kept(running: Running) -> None:
    ready(running)
    browser, review_id = designate(running), review(running, up_to="start")
    page = browser.get(browser.get(step(review_id, "give-update")).headers["Location"])

    stopped = post(browser, page, latest_update=f"It says {NHS_NUMBER} on the form.")
    short = post(browser, stopped, latest_update=f"It says {NHS_NUMBER} on the form.", **{"latest_update-reason": "no"})
    told = {"latest_update-reason": "The number is invented, for training."}
    on = post(browser, short, latest_update=f"It says {NHS_NUMBER} on the form.", **told)
    check = browser.get(on.headers["Location"])

    assert (stopped.status_code, short.status_code, on.status_code) == (422, 422, 303)
    assert "This looks like an NHS number" in words(stopped, ".nhsuk-error-summary")
    assert "Say why in 10 to 300 characters" in words(short, ".nhsuk-error-message")
    assert "Kept because: The number is invented, for training." in words(check)
    submit(browser, check)
    assert "The number is invented, for training." in words(browser.get(f"/reviews/{review_id}"), ".scrt-history")


def test_a_reason_that_was_given_is_not_asked_again_on_the_way_back(running: Running) -> None:
    ready(running)
    browser, review_id = designate(running), review(running, up_to="start")
    page = browser.get(browser.get(step(review_id, "give-update")).headers["Location"])
    told = {"latest_update": f"It says {NHS_NUMBER}.", "latest_update-reason": "The number is invented, for training."}
    check = browser.get(post(browser, page, **told).headers["Location"])

    back = browser.get(links(check)["Change Latest update"])
    fields = {str(one["name"]): value_of(one) for one in page_of(back).select("textarea, input[type=text]")}

    assert fields["latest_update-reason"] == told["latest_update-reason"]
    assert post(browser, back, **fields).headers["Location"] == step(review_id, "give-update/check")


def value_of(control: Tag) -> str:
    return control.get_text().removeprefix("\n") if control.name == "textarea" else str(control.get("value", ""))
