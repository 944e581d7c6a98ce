"""Being guided through a step in a browser without JavaScript: page after page, to the check and the submit."""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from datetime import date
from functools import cache
from typing import Any
from uuid import UUID

from sqlalchemy import select
from werkzeug.test import TestResponse

from scrt_workflow.database import unit_of_work
from scrt_workflow.folder import Folder, read_folder
from scrt_workflow.models import Person
from scrt_workflow.operations import definitions
from scrt_workflow.operations.play import play
from scrt_workflow.settings import shipped
from tests.factories import NOW, Browser, Running

HIDDEN = re.compile(r'<input type="hidden" name="([a-z_]+)" value="([^"]*)"')
FORM = re.compile(r'<form method="post"(?: action="([^"]*)")? novalidate>(.*?)</form>', re.DOTALL)
MOST_PAGES = 30


def with_definitions(running: Running) -> Running:
    """Release the shipped definitions into the service."""
    with unit_of_work(running.engine) as session:
        definitions.load(session, shipped_folder(), at=NOW)
    return running


@cache
def shipped_folder() -> Folder:
    """Read the shipped definitions, once for all tests."""
    return read_folder(shipped("workflows").parent, known_types=definitions.known_types())


def with_history(running: Running, *lines: Mapping[str, Any]) -> list[UUID]:
    """Play *lines* (without their `at`, which follow one another from January 2024), and give the reviews in order."""
    texts = [json.dumps({"at": f"2024-01-{10 + n:02}T10:00:00", **line}) for n, line in enumerate(lines)]
    with unit_of_work(running.engine) as session:
        played = play(session, texts, add_people=True)
        return list(played.reviews)


def typed(value: Any) -> Any:
    """Write an answer as the controls of its question take it: a date is three of them."""
    if isinstance(value, str) and re.fullmatch(r"\d{4}-\d{2}-\d{2}", value):
        day = date.fromisoformat(value)
        return [str(day.day), str(day.month), str(day.year)]
    return value


def fill_in(browser: Browser, start: str, answers: Mapping[str, Any]) -> TestResponse:
    """Go from *start* through every page, typing *answers* where their questions are asked, to the page that checks them."""
    response = browser.get(start)
    for _ in range(MOST_PAGES):
        while response.status_code in {302, 303}:
            response = browser.get(response.headers["Location"])
        if response.request.path.endswith("/check"):
            return response
        assert response.status_code == 200, response.text
        form = hidden(response)
        asked = {name for name in answers if f'name="{name}"' in response.text}
        response = browser.post(response.request.path, {**form, **{name: typed(answers[name]) for name in asked}})
        assert response.status_code != 422, re.findall(
            r"nhsuk-error-message[^>]*>(?:<[^>]*>[^<]*</[^>]*>)?([^<]*)", response.text
        )
    raise AssertionError("the form has no end")


def hidden(response: TestResponse) -> dict[str, str]:
    """Give the hidden fields of the page's own form."""
    (_, body), *_ = FORM.findall(response.text)
    return dict(HIDDEN.findall(body))


def submit(browser: Browser, check: TestResponse) -> TestResponse:
    """Press the button of the page that checks the answers."""
    return browser.post(check.request.path, hidden(check))


def complete(browser: Browser, review_id: UUID, step: str, answers: Mapping[str, Any] | None = None) -> TestResponse:
    """Complete a step as a person would, and give the answer to its submit."""
    check = fill_in(browser, f"/reviews/{review_id}/steps/{step.replace('_', '-')}", answers or {})
    return submit(browser, check)


def person_called(running: Running, email: str) -> Person:
    """Give someone whom a history added."""
    with unit_of_work(running.engine) as session:
        person = session.scalars(select(Person).where(Person.email_key == email)).one()
        session.expunge(person)
    return person
