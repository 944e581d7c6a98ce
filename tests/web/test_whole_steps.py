"""A step happens whole or not at all (WF5): cut at every statement that it executes, at its commit and at its answer."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

import pytest
from sqlalchemy import Engine, event, select, text
from sqlalchemy.orm import Session

from scrt_workflow.database import reading
from scrt_workflow.models import Model
from tests.factories import Browser, Running
from tests.web.guided import complete, fill_in, person_called, submit, with_definitions, with_history

BESIDE = {"web_session", "access_event", "attempt", "heartbeat"}
"""What a request leaves beside its effect: that someone was here."""
ABOUT = {
    "incident_date": "2023-11-20",
    "brief_overview": "A child was harmed while several services were in touch.",
    "themes": ["Neglect"],
    "partnership": "LSCP-E09000007",
    "identifier_type_1": "steis",
    "identifier_ref_1": "2023/12345",
    "designated_professional": "AB",
    "designated_professional_role": "Designated Nurse Safeguarding Children",
    "media_interest": "none",
    "specialised_commissioning": "no",
    "notified_on": "2024-01-09",
}
DESIGNATE = {
    "person": "designate@example.nhs.uk",
    "role": "designate",
    "organisation": "QMJ",
    "review": "RR",
    "workflow": "rapid_review",
}
LEARNING = {"organisational_learning": ["Professional Curiosity"], "lessons": "Every service is to name one lead."}
DECISION = {"next_review": "cspr_child", "next_review_decided_on": "2024-01-20"}


class CutError(Exception):
    """The power went."""


def snapshot(engine: Engine) -> dict[str, list[str]]:
    """Give every row of every table that a step may write, but what a request leaves beside it."""
    with reading(engine) as session:
        return {
            table.name: sorted(repr(row) for row in session.execute(select(table)))
            for table in Model.metadata.sorted_tables
            if table.name not in BESIDE
        }


@contextmanager
def cut(engine: Engine, *, at: int, before: bool) -> Iterator[list[int]]:
    """Raise CutError *before* or after the statement number *at*; give how many were executed."""
    seen = [0]

    def count(*_: Any) -> None:
        seen[0] += 1
        if seen[0] == at:
            raise CutError

    name = "before_cursor_execute" if before else "after_cursor_execute"
    event.listen(engine, name, count)
    try:
        yield seen
    finally:
        event.remove(engine, name, count)


@pytest.fixture
def ready(running: Running) -> tuple[Running, Browser, Any]:
    """Bring a rapid review to its decision, filled in and waiting for the submit that opens a CSPR."""
    with_definitions(running)
    (review_id,) = with_history(
        running,
        {**DESIGNATE, "step": "notify", "answers": ABOUT},
        {**DESIGNATE, "step": "start", "answers": {"started_on": "2024-01-11"}},
        {**DESIGNATE, "step": "complete", "answers": {"sent_to_panel_on": "2024-01-12", **LEARNING}},
    )
    browser = running.browser(person_called(running, "designate@example.nhs.uk"))
    check = fill_in(browser, f"/reviews/{review_id}/steps/decide-next", DECISION)
    running.app.testing = False  # as it runs: an error is a page, not a traceback
    return running, browser, check


@pytest.mark.parametrize("is_before", [True, False])
def test_a_step_cut_anywhere_leaves_nothing_and_can_be_submitted_again(
    ready: tuple[Running, Browser, Any], *, is_before: bool
) -> None:
    running, browser, check = ready
    before = snapshot(running.engine)
    number = cuts = 0
    while True:
        number += 1
        with cut(running.engine, at=number, before=is_before) as seen:
            answer = submit_quietly(browser, check)
        if seen[0] < number:  # the step had fewer statements: nothing was cut, and it is done
            assert answer.status_code == 303
            break
        cuts += 1
        if answer.status_code < 400:  # what was cut came after the step's own commit: it is done, whole
            assert len(snapshot(running.engine)["event"]) == len(before["event"]) + 2
            continue
        assert answer.status_code in {500, 503}
        assert snapshot(running.engine) == before, f"cut at statement {number}: something was left behind"
    assert cuts > 20
    _is_done_once(running, browser, check, before)


def test_a_step_cut_at_its_commit_leaves_nothing(ready: tuple[Running, Browser, Any]) -> None:
    running, browser, check = ready
    before = snapshot(running.engine)

    def refuse(session: Session) -> None:
        if session.get_bind() is running.engine and session.new is not None:
            raise CutError

    event.listen(Session, "before_commit", refuse)
    try:
        answer = submit_quietly(browser, check)
    finally:
        event.remove(Session, "before_commit", refuse)
    assert answer.status_code in {500, 503}
    assert snapshot(running.engine) == before
    _is_done_once(running, browser, check, before)


def test_a_step_whose_answer_is_lost_is_done_once_and_told_again(ready: tuple[Running, Browser, Any]) -> None:
    running, browser, check = ready
    before = snapshot(running.engine)
    losing: list[Callable[[Any], Any]] = running.app.after_request_funcs.setdefault(None, [])

    def lose(_response: Any) -> Any:
        raise CutError

    losing.insert(0, lose)
    try:
        answer = submit_quietly(browser, check)
    finally:
        losing.remove(lose)
    assert answer.status_code >= 500
    assert snapshot(running.engine) != before
    _is_done_once(running, browser, check, before)


def submit_quietly(browser: Browser, check: Any) -> Any:
    """Press the button; what is raised outside every page is an answer of 500, as a server would give it."""
    try:
        return submit(browser, check)
    except CutError:
        return type("Lost", (), {"status_code": 500})


def _is_done_once(running: Running, browser: Browser, check: Any, before: dict[str, list[Any]]) -> None:
    first, again = submit(browser, check), submit(browser, check)
    assert first.status_code == again.status_code == 303
    assert first.headers["Location"] == again.headers["Location"]
    after = snapshot(running.engine)
    assert len(after["review"]) == len(before["review"]) + 1
    assert len(after["event"]) == len(before["event"]) + 2
    assert len(after["idempotency"]) == len(before["idempotency"]) + 1
    with reading(running.engine) as session:
        states = session.execute(text("SELECT state FROM review ORDER BY created_at")).scalars().all()
    assert states[0] == "converted"


def test_a_step_with_no_form_is_guided_too(running: Running) -> None:
    with_definitions(running)
    (review_id,) = with_history(
        running,
        {**DESIGNATE, "step": "notify", "answers": ABOUT},
        {**DESIGNATE, "step": "start", "answers": {"started_on": "2024-01-11"}},
    )
    browser = running.browser(person_called(running, "designate@example.nhs.uk"))
    answer = complete(browser, review_id, "give_update", {"latest_update": "The panel has met."})
    assert answer.status_code == 303
    assert "The panel has met." in browser.get(f"/reviews/{review_id}").text
