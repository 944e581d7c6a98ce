"""What the log says of a request, and what it never says (OU3)."""

import logging

import pytest
from structlog.testing import capture_logs

from scrt_workflow.forms.builder import REASON
from scrt_workflow.logs import LibraryLine, configure, log
from scrt_workflow.permissions import Role
from scrt_workflow.web import guards
from tests.factories import PASSWORD, Running
from tests.web.guided import complete, fill_in
from tests.web.invented import designate, ready, review

CANARY = "kanarienvogel"


def test_a_request_is_logged_with_who_and_what_but_not_what_was_said(
    running_on_sqlite: Running, capsys: pytest.CaptureFixture[str]
) -> None:
    running = running_on_sqlite
    running.app.testing = False
    running.app.add_url_rule("/fail/<what>", "fail", guards.public(lambda what: [][len(what)]))
    person = running.person((Role.ADMINISTRATOR, "ENG"), email=f"{CANARY}@example.nhs.uk", name=CANARY)
    browser = running.browser()

    with capture_logs() as lines:
        browser.post("/sign-in", {"email": f"{CANARY}@example.nhs.uk", "password": f"{CANARY} wrong"})
        browser.post("/sign-in", {"email": f"{CANARY}@example.nhs.uk", "password": PASSWORD})
        browser.get("/people", query_string={"q": CANARY})
        browser.post("/people/new", {"email": CANARY, "name": CANARY})
        browser.get(f"/fail/{CANARY}?q={CANARY}")
        browser.get(f"/{CANARY}")
        browser.post("/people/new", {"csrf_token": CANARY})

    text = str(lines) + "".join(capsys.readouterr())
    assert CANARY not in text
    assert browser.cookie not in text
    assert {line["person_id"] for line in lines if "person_id" in line} == {str(person.id), None}
    assert [line["endpoint"] for line in lines if line["event"] == "failed"] == ["fail"]
    assert "IndexError" in str(lines)


def test_whoever_listens_in_hears_a_logger_that_was_used_before_it_was_configured_again() -> None:
    configure("INFO")
    log.info("before")
    configure("INFO")
    with capture_logs() as lines:
        log.info("after")
    assert [line["event"] for line in lines] == ["after"]


def test_what_people_write_in_reviews_and_look_for_never_reaches_the_log(
    running_on_sqlite: Running, capsys: pytest.CaptureFixture[str], caplog: pytest.LogCaptureFixture
) -> None:
    running = ready(running_on_sqlite)
    running.app.testing = False
    running.app.add_url_rule("/fail", "fail", guards.public(lambda: [][len(CANARY)]), methods=["POST"])
    review_id, browser = review(running, up_to="start", brief_overview=f"Somebody was harmed. {CANARY}"), designate(running)
    update, details = f"/reviews/{review_id}/steps/give-update", f"/reviews/{review_id}/steps/change-details"
    said = {"latest_update": f"The panel has met. {CANARY}"}

    with capture_logs() as lines:
        assert complete(browser, review_id, "give_update", said).status_code == 303
        assert CANARY in fill_in(browser, update, {"latest_update": f"It has met again. {CANARY}"}).text
        doubted = {"latest_update": f"{CANARY} is 9434765919", f"latest_update{REASON}": CANARY, "read_at": "1"}
        browser.post(f"{update}/pages/update", doubted)
        browser.post(f"{update}/pages/update", {"latest_update": f"{CANARY}\u202e" * 9000, "read_at": "1"})
        browser.post(f"{update}/settle", {"version": "1", "keep-latest_update": CANARY})
        browser.post(f"{details}/pages/identifiers", {"identifier_type_1": "other", "identifier_ref_1": CANARY, "read_at": "1"})
        for query in (f"words={CANARY}", f"identifier={CANARY}", f"sort={CANARY}&after={CANARY}"):
            browser.get(f"/reviews?{query}")
        browser.get(f"/figures/reviews?code={CANARY}")
        new = browser.post("/reviews/new", {"kind": "safeguarding_adult_review:refer", "organisation": "QMJ"})
        page = browser.get(browser.get(new.headers["Location"]).headers["Location"]).request.path
        browser.post(page, {"brief_overview": CANARY, "designated_professional": CANARY, "partnership": CANARY})
        browser.post("/fail", {"reason": CANARY})

    assert len([line for line in lines if line["event"] == "request"]) > 15
    assert {line["event"] for line in lines} >= {"request", "failed"}
    assert CANARY not in str(lines) + "".join(capsys.readouterr()) + caplog.text


def test_what_a_library_says_is_one_line_without_the_words_of_an_error() -> None:
    try:
        int(CANARY)
    except ValueError as error:
        caught = (ValueError, error, error.__traceback__)
    record = logging.LogRecord("library", logging.ERROR, __file__, 1, "it\nfailed", None, caught)
    plain = logging.LogRecord("library", logging.WARNING, __file__, 1, "two\r\nlines", None, None)

    said = [LibraryLine().format(one) for one in (record, plain)]

    assert all("\n" not in line and "\r" not in line for line in said)
    assert CANARY not in said[0]
    assert "ValueError" in said[0]
