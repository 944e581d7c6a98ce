"""The list of reviews, and the page of one: who sees what, and what it says."""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping
from datetime import UTC, date, datetime
from uuid import UUID, uuid4

import pytest
from sqlalchemy import text
from werkzeug.routing import Rule

from scrt_workflow.database import reading
from scrt_workflow.operations import finding
from scrt_workflow.permissions import Role
from scrt_workflow.reference import organisations
from scrt_workflow.settings import Settings
from scrt_workflow.web import review_kinds
from tests.factories import TODAY, Browser, Running, make_running
from tests.web.guided import complete, with_history
from tests.web.invented import CANARY, child_of, colleague, designate, lines_of, ready, reference_of, review
from tests.web.reading import every_page, links, page_of, references, unvarying, words
from tests.web.test_whole_steps import snapshot

ICBS = [
    one
    for one in organisations()
    if one.kind == "icb" and one.valid_from <= TODAY and not (one.valid_to and one.valid_to <= TODAY)
]
HERE = {one.code: 1 for one in ICBS} | {"QMJ": 27, "QMF": 2, "QOP": 3, "QE1": 2, "QWE": 0}
"""How many reviews each of the 42 ICBs has: one more than a page of the list, one none."""


def icbs_of(region: str) -> set[str]:
    """Give the ICBs of a region, as the shipped table has them and not as the service works it out."""
    return {one.code for one in ICBS if one.parents[-1].parent == region}


ACTORS: dict[str, tuple[tuple[tuple[Role, str], ...], set[str]]] = {
    "designate": (((Role.DESIGNATE, "QMJ"),), {"QMJ"}),
    "ICB lead": (((Role.ICB_LEAD, "QMF"),), {"QMF"}),
    "chief nurse": (((Role.ICB_CHIEF_NURSE, "QOP"),), {"QOP"}),
    "regional lead": (((Role.REGIONAL_LEAD, "Y56"),), icbs_of("Y56")),
    "regional viewer": (((Role.VIEWER, "Y62"),), icbs_of("Y62")),
    "two roles": (((Role.DESIGNATE, "QMF"), (Role.VIEWER, "QE1")), {"QMF", "QE1"}),
    "national lead": (((Role.NATIONAL_LEAD, "ENG"),), set(HERE)),
    **{f"region {code}": (((Role.REGIONAL_LEAD, code),), icbs_of(code)) for code in ("Y58", "Y59", "Y60", "Y61", "Y63")},
    "nothing yet": (((Role.DESIGNATE, "QWE"),), set()),
}


def made_everywhere(running: Running, here: Mapping[str, int] = HERE) -> dict[str, set[str]]:
    """Make reviews in every ICB, each found by a word of its own; give their references by ICB."""
    ready(running)
    lines = []
    for code, number in here.items():
        for n in range(number):
            said = f"Somebody was harmed. {CANARY} {code.lower()}{CANARY}{n}"
            lines += lines_of("rapid_review", up_to="notify", code=code, label=f"{code}{n}", brief_overview=said)
    with_history(running, *lines)
    with reading(running.engine) as session:
        rows = session.execute(text("SELECT responsible, reference FROM review")).all()
    return {code: {row.reference for row in rows if row.responsible == code} for code in here}


def listed(browser: Browser, address: str) -> list[str]:
    return [one for page in every_page(browser, address) for one in references(page)]


def test_everyone_sees_exactly_the_reviews_of_the_organisations_that_their_roles_cover(running: Running) -> None:
    made = made_everywhere(running)

    assert len(ICBS) == 42
    for name, (roles, codes) in ACTORS.items():
        browser = running.browser(running.person(*roles))
        mine = {one for code in codes for one in made[code]}
        shown = listed(browser, "/reviews")
        assert len(shown) == len(set(shown)), name
        assert set(shown) == mine, name
        assert set(listed(browser, f"/reviews?words={CANARY}")) == mine, name
        assert set(listed(browser, "/reviews?status=open&stage=Notified&sort=reference&oldest_first=yes")) == mine, name
        assert f"{len(mine)} review" in words(browser.get("/reviews"), ".scrt-count"), name
        assert f"Open reviews {len(mine)} " in words(browser.get("/")) + " ", name
        counted = words(browser.get("/definitions"), "tbody td:last-child")
        assert sum(int(word) for word in counted.split() if word.isdigit()) == len(mine), name


def test_no_search_or_filter_finds_what_is_not_theirs(running: Running) -> None:
    made = made_everywhere(running, {"QMJ": 2, "QMF": 2, "QOP": 2})
    browser = running.as_a(Role.DESIGNATE, "QMF")
    foreign = min(made["QOP"])

    for query in (f"words={foreign}", f"words=qop{CANARY}0", "identifier=2023/12345&organisation=QOP", "organisation=Y62"):
        assert set(listed(browser, f"/reviews?{query}")) <= made["QMF"], query
    assert listed(browser, f"/reviews?words={foreign}") == []


def test_an_administrator_sees_no_review(running: Running) -> None:
    ready(running)
    review_id = review(running, up_to="start")
    browser = running.as_a(Role.ADMINISTRATOR, "ENG")

    for address in ("/reviews", f"/reviews/{review_id}", "/figures", f"/reviews/{review_id}/steps/give-update"):
        assert browser.get(address).status_code == 403
    assert reference_of(running, review_id) not in browser.get("/").text


def addresses(running: Running, review_id: UUID) -> Iterable[tuple[str, str]]:
    """Give every address and method that takes a review, for *review_id*."""
    parts = {"review_id": review_id, "step_key": "give_update", "page_key": "update", "question_key": "report_link"}

    def is_of_a_review(rule: Rule) -> bool:
        return "review_id" in rule.arguments and rule.arguments <= set(parts)

    adapter = running.app.url_map.bind("")
    for rule in filter(is_of_a_review, running.app.url_map.iter_rules()):
        for method in sorted((rule.methods or set()) & {"GET", "POST"}):
            yield method, adapter.build(rule.endpoint, {k: parts[k] for k in rule.arguments}, method=method)


def test_someone_elses_review_is_the_same_404_as_none_on_every_address(running: Running) -> None:
    ready(running)
    theirs, none = review(running, up_to="start", code="QOP"), uuid4()
    browser = running.browser(running.person((Role.DESIGNATE, "QMJ"), (Role.ICB_LEAD, "QMJ")))
    form = {"latest_update": "Mine", "read_at": "1", "key": str(uuid4()), "csrf_token": browser.token()}
    before = snapshot(running.engine)

    asked = list(zip(addresses(running, theirs), addresses(running, none), strict=True))
    for (method, foreign), (_, missing) in asked:
        answers = [browser.open(one, method=method, data=form if method == "POST" else None) for one in (foreign, missing)]
        assert {one.status_code for one in answers} == {404}, (method, foreign)
        assert unvarying(answers[0]) == unvarying(answers[1]), (method, foreign)
    assert len(asked) >= 8
    assert snapshot(running.engine) == before


def test_the_list_goes_on_page_by_page_and_loses_nothing_in_any_order(running: Running, monkeypatch: pytest.MonkeyPatch) -> None:
    made_everywhere(running, {"QMJ": 27})
    browser = running.as_a(Role.VIEWER, "QMJ")

    for few, search in ((200, ""), (200, "&words=harmed"), (26, "&words=harmed")):
        monkeypatch.setattr(finding, "FEW", few)
        orders = [
            listed(browser, f"/reviews?sort={sort}{turn}{search}")
            for sort in ("reference", "since", "updated")
            for turn in ("", "&oldest_first=yes")
        ]

        assert {len(set(order)) for order in orders} == {27}
        assert orders[0] == sorted(orders[0], reverse=True) == orders[1][::-1]


def test_a_stage_is_looked_for_by_what_people_call_it(running_on_sqlite: Running) -> None:
    running = ready(running_on_sqlite)
    sar, rapid = review(running, up_to="start"), review(running, "rapid_review", up_to="start", label="B")
    review(running, "rapid_review", up_to="notify", label="C")
    browser = running.as_a(Role.VIEWER, "QMJ")

    found = listed(browser, "/reviews?stage=In+progress")

    assert set(found) == {reference_of(running, sar), reference_of(running, rapid)}
    assert "Remove the filter In progress" in links(browser.get("/reviews?stage=In+progress"))


def test_overdue_updates_can_be_listed(running_on_sqlite: Running) -> None:
    running = ready(running_on_sqlite)
    late = review(running, up_to="start")
    fresh = review(running, up_to="start", label="B")
    complete(designate(running), fresh, "give_update", {"latest_update": "The panel has met."})

    assert listed(running.as_a(Role.VIEWER, "QMJ"), "/reviews?late=yes") == [reference_of(running, late)]


@pytest.mark.parametrize(
    "query", ["sort=nothing", "stage=Nowhere", "status=%00", "organisation=' OR 1=1", "after=x~y", "after=R~1"]
)
def test_an_address_that_means_nothing_shows_the_list(running_on_sqlite: Running, query: str) -> None:
    running = ready(running_on_sqlite)
    review(running, up_to="start")

    assert len(listed(running.as_a(Role.VIEWER, "QMJ"), f"/reviews?{query}")) == 1


def test_the_page_of_a_review_says_what_comes_next_and_who_must_do_it(running: Running) -> None:
    ready(running)
    running.person((Role.ICB_CHIEF_NURSE, "QMJ"), name="Nasreen Chowdhury")
    review_id = review(running, "domestic_homicide_review", up_to="ask_for_assurance")

    page = designate(running).get(f"/reviews/{review_id}")

    assert "Give ICB assurance" in words(page, ".scrt-review__next")
    assert "For the ICB Chief Nurse: Nasreen Chowdhury." in words(page, ".scrt-review__next")
    assert "Give an update" in words(page, "#open-to-you ~ .nhsuk-task-list")
    assert "With the ICB Chief Nurse" in words(page, ".scrt-tags")


def test_a_step_that_nobody_can_take_says_so(running_on_sqlite: Running) -> None:
    running = ready(running_on_sqlite)
    review_id = review(running, "domestic_homicide_review", up_to="ask_for_assurance")

    page = designate(running).get(f"/reviews/{review_id}")

    assert "Nobody here can take this step at the moment" in words(page, ".scrt-review__next")


def test_what_must_come_first_is_said_with_a_link_to_it(running_on_sqlite: Running) -> None:
    running = ready(running_on_sqlite)
    review_id = review(running, up_to="start")

    page = designate(running).get(f"/reviews/{review_id}")

    assert "Record the lessons and learning first." in words(page, ".scrt-review__next")
    assert "record-learning" in str(page_of(page).select_one(".scrt-next a"))


def test_a_viewer_is_offered_no_step(running: Running) -> None:
    ready(running)
    review_id = review(running, up_to="start")

    page = running.as_a(Role.VIEWER, "QMJ").get(f"/reviews/{review_id}")

    assert page.status_code == 200
    assert not [href for href in links(page).values() if "/steps/" in href]


def test_deadlines_are_shown_while_a_review_is_open_and_afterwards_those_that_were_met(running: Running) -> None:
    ready(running)
    running.clock.set(datetime(2024, 8, 1, 9, tzinfo=UTC))
    open_one, closed = review(running, up_to="start"), review(running, up_to="decide_publication", label="B")
    browser = running.as_a(Role.VIEWER, "QMJ")

    shown = words(browser.get(f"/reviews/{open_one}"), ".scrt-deadlines")

    assert "Review completed 9 July 2024 Overdue by 23 days" in shown
    assert "Next update" in shown
    assert words(browser.get(f"/reviews/{closed}"), ".scrt-deadlines").startswith("Review completed Done on ")


def test_lists_are_narrowed_and_sorted_by_deadline_and_say_what_is_late(running: Running) -> None:
    ready(running)
    rapid = reference_of(running, review(running, "rapid_review", up_to="start"))  # due on 30 January 2024
    sar = reference_of(running, review(running, up_to="start", label="B"))  # due on 9 July 2024
    met = reference_of(running, review(running, up_to="sign_off", label="C"))
    browser = running.as_a(Role.VIEWER, "QMJ")

    running.clock.set(datetime(2024, 1, 20, 9, tzinfo=UTC))
    assert listed(browser, "/reviews?due=14") == [rapid]
    running.clock.set(datetime(2024, 6, 12, 9, tzinfo=UTC))
    assert listed(browser, "/reviews?due=late") == [rapid]
    assert (listed(browser, "/reviews?due=14"), listed(browser, "/reviews?due=30")) == ([], [sar])
    assert listed(browser, "/reviews?sort=deadline") == [rapid, sar, met]
    assert listed(browser, "/reviews?sort=deadline&oldest_first=yes") == [met, sar, rapid]
    assert "Overdue by 134 days" in words(browser.get("/reviews"), "tbody")


def test_a_paused_deadline_says_since_when_and_what_its_end_would_leave(running_on_sqlite: Running) -> None:
    running = ready(running_on_sqlite)
    to_start = lines_of("safeguarding_adult_review", up_to="start")
    pause = {**to_start[-1], "step": "pause_deadline", "at": "2024-02-09T10:00:00"}
    with_history(running, *to_start, pause | {"answers": {"paused_on": "2024-02-09", "pause_reason": "criminal_proceedings"}})
    running.clock.set(datetime(2024, 8, 1, 9, tzinfo=UTC))
    browser = designate(running)
    (reference,) = listed(browser, "/reviews")
    page = browser.get(links(browser.get("/reviews"))[reference])

    assert "Paused since 9 February 2024, with 151 days left" in words(page, ".scrt-deadlines")
    assert "End the pause" in links(page)
    assert "Pause the deadline" not in links(page)
    assert page_of(page).select(".scrt-bar__part--paused")


def test_what_was_done_is_said_also_where_nobody_knows_yet_when_it_was_due(running_on_sqlite: Running) -> None:
    running = ready(running_on_sqlite)
    running.clock.set(datetime(2028, 12, 20, 9, tzinfo=UTC))
    lines = json.loads(json.dumps(lines_of("rapid_review", up_to="complete", code="QOP")).replace("2024-01", "2028-12"))
    begun, done = with_history(running, *lines[:2], *({**line, "review": "B"} for line in lines))
    browser = designate(running, "QOP")

    said = [words(browser.get(f"/reviews/{one}"), ".scrt-deadlines") for one in (begun, done)]

    unknown = "The date cannot be worked out: the bank holidays of that year are not known here yet."
    due = f"15 working days after 9 December 2028. {unknown}"
    assert f"Rapid review sent to the Panel {due}" in said[0]
    assert f"Rapid review sent to the Panel Done on 11 December 2028 (it was due {due})" in said[1]


def test_nothing_more_is_due_of_a_closed_review(running_on_sqlite: Running) -> None:
    running = ready(running_on_sqlite)
    review_id = review(running, up_to="close")

    page = designate(running).get(f"/reviews/{review_id}")

    assert "Nothing more is due." in words(page, ".scrt-review__next")
    assert "Reopen the review" in words(page, ".nhsuk-details")


def test_a_conversion_links_both_ways_and_its_undoing_is_told(running: Running) -> None:
    ready(running)
    parent = review(running, "rapid_review", up_to="decide_next")
    child = child_of(running, parent)
    lead = running.as_a(Role.REGIONAL_LEAD, "Y56")

    assert links(lead.get(f"/reviews/{parent}"))[reference_of(running, child)] == f"/reviews/{child}"
    assert links(lead.get(f"/reviews/{child}"))[reference_of(running, parent)] == f"/reviews/{parent}"
    assert "Opened by the conversion of a rapid review" in words(lead.get(f"/reviews/{child}"), ".scrt-history")

    complete(lead, parent, "undo_conversion", {"undo_reason": "It was the wrong kind of review."})

    assert "This review was withdrawn" in words(lead.get(f"/reviews/{child}"))
    assert reference_of(running, child) not in words(lead.get(f"/reviews/{parent}"), ".scrt-review__aside")
    assert "It was the wrong kind of review." in words(lead.get(f"/reviews/{parent}"), ".scrt-review__next")


def test_an_answer_that_sent_a_review_back_stands_above_what_comes_next(running: Running) -> None:
    ready(running)
    review_id = review(running, "domestic_homicide_review", up_to="ask_for_assurance")
    nurse = colleague(running, Role.ICB_CHIEF_NURSE, name="Nasreen Chowdhury")
    answers = {"icb_chief_nurse_assured": "no", "icb_not_assured_reason": "Nobody owns the health actions."}
    complete(nurse, review_id, "give_icb_assurance", answers)

    page = designate(running).get(f"/reviews/{review_id}")

    assert "Nasreen Chowdhury" in words(page, ".scrt-review__next .nhsuk-inset-text")
    assert "Nobody owns the health actions." in words(page, ".scrt-review__next .nhsuk-inset-text")


def test_an_update_adds_and_is_never_shown_as_overwriting(running: Running) -> None:
    ready(running)
    review_id, browser = review(running, up_to="start"), designate(running)
    complete(browser, review_id, "give_update", {"latest_update": "The panel has met."})
    complete(browser, review_id, "give_update", {"latest_update": "The panel has met again."})

    page = browser.get(f"/reviews/{review_id}")

    assert words(page, ".scrt-updates").count("The panel has met") == 2
    assert "changed from" not in words(page, ".scrt-history")


def test_a_link_on_record_leads_out_by_a_page_that_says_so(running_on_sqlite: Running) -> None:
    running = ready(running_on_sqlite)
    review_id, browser = review(running, up_to="decide_publication"), designate(running_on_sqlite)

    page = browser.get(f"/reviews/{review_id}")
    leaving = browser.get(links(page)["https://board.example/report"])

    assert "https://board.example" not in {href[:21] for href in links(page).values()}
    (out,) = page_of(leaving).select("a[href^='https://board.example']")
    assert "noopener" in out["rel"]
    assert browser.get(f"/reviews/{review_id}/links/brief-overview").status_code == 404


HOSTILE = ("<script>alert(1)</script>", "<img src=x onerror=alert(1)>", '"><svg onload=alert(1)>', "{{ 7*7 }} {% raw %}", "'; --")


@pytest.mark.parametrize("written", HOSTILE)
def test_what_people_write_stays_text(running_on_sqlite: Running, written: str) -> None:
    running = ready(running_on_sqlite)
    review_id = review(running, up_to="start", brief_overview=f"It says {written} here.")
    browser = designate(running)
    complete(browser, review_id, "give_update", {"latest_update": f"It says {written} here."})

    page = browser.get(f"/reviews/{review_id}")

    assert not page_of(page).select("script, [onerror], [onload], img[src='x']")
    assert words(page).count(written) >= 3


def test_who_may_record_nothing_is_told_who_does(running_on_sqlite: Running) -> None:
    browser = ready(running_on_sqlite).as_a(Role.NATIONAL_LEAD, "ENG")

    assert "Create new record" not in words(browser.get("/reviews"))
    assert "None of your roles records reviews." in words(browser.get("/reviews/new"))


def test_a_new_record_asks_what_it_is_and_for_which_icb(running: Running) -> None:
    person = ready(running).person((Role.DESIGNATE, "QMJ"), (Role.DESIGNATE, "QMF"))
    browser = running.browser(person)

    empty = browser.post("/reviews/new")
    kind = "safeguarding_adult_review:refer"
    elsewhere = browser.post("/reviews/new", {"kind": kind, "organisation": "QOP"})
    begun = browser.post("/reviews/new", {"kind": kind, "organisation": "QMF"})

    assert set(links(empty)) >= {"Select what kind of review you are recording", "Select the ICB that is responsible"}
    assert (empty.status_code, elsewhere.status_code, begun.status_code) == (422, 422, 303)
    again = browser.post("/reviews/new", {"kind": kind, "organisation": "QMF"})
    assert begun.headers["Location"] == again.headers["Location"]  # nothing typed yet: no second draft


def test_kinds_of_record_that_begin_with_a_step_of_one_name_say_of_which_workflow_they_are(
    running_on_sqlite: Running, monkeypatch: pytest.MonkeyPatch
) -> None:
    kind = review_kinds.Kind
    monkeypatch.setattr(review_kinds, "Kind", lambda key, _title, *more: kind(key, "Begin", *more))
    browser = ready(running_on_sqlite).as_a(Role.DESIGNATE, "QMJ")

    offered = [label.text for label in page_of(browser.get("/reviews/new")).select(".nhsuk-radios__label")]

    assert {"Safeguarding adult review (SAR): Begin", "Rapid review: Begin"} <= set(offered)
    assert "Begin" not in offered


def test_a_dhr_is_called_by_its_new_name_from_the_day_that_is_set(settings: Settings, sqlite_url: str) -> None:
    running = ready(make_running(settings.model_copy(update={"dardr_from": date(2024, 3, 1)}), sqlite_url))
    review_id = review(running, "domestic_homicide_review", up_to="start")
    browser = running.as_a(Role.VIEWER, "QMJ")

    running.clock.set(datetime(2024, 2, 29, 9, tzinfo=UTC))
    assert words(browser.get(f"/reviews/{review_id}"), "h1").endswith(" DHR Adult")
    running.clock.set(datetime(2024, 3, 1, 9, tzinfo=UTC))
    assert words(browser.get(f"/reviews/{review_id}"), "h1").endswith(" DARDR Adult")
    assert "DARDR Adult" in words(browser.get("/reviews"), "tbody")
    assert "DARDR Adult" in (figures := browser.get("/figures").text)
    assert "DHR" not in figures.replace("DARDR", "")
