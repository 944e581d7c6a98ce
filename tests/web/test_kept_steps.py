"""What someone typed into a step is there after their session ended (SE4), on the pages of a real step."""

from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path
from uuid import UUID

import pytest
from bs4 import BeautifulSoup
from flask import url_for
from sqlalchemy import select

from scrt_workflow.access import DESIGNATE, World
from scrt_workflow.clock import FixedClock
from scrt_workflow.database import reading, unit_of_work
from scrt_workflow.models import Draft, Person
from scrt_workflow.operations import people
from tests.factories import PASSWORD, PASSWORD_HASH, TOKEN


@pytest.fixture
def world(tmp_path: Path) -> Iterator[World]:
    made = World(tmp_path)
    made.app.config["WTF_CSRF_ENABLED"] = True
    with unit_of_work(made.engine) as session:
        for person in made.people.values():
            people.keep_password(session, session.get_one(Person, person.id), PASSWORD_HASH)
    yield made
    made.close()


def drafts_of(world: World, person: Person) -> dict[UUID, dict[str, object]]:
    with reading(world.engine) as session:
        found = session.scalars(select(Draft).where(Draft.person_id == person.id))
        return {draft.id: dict(draft.body) for draft in found}


@pytest.mark.parametrize("route", ["steps.page", "steps.new_page"])
def test_a_page_of_a_step_sent_too_late_becomes_a_draft_byte_for_byte(world: World, route: str) -> None:
    with world.app.test_request_context():
        rule = next(world.app.url_map.iter_rules(route))
        path = url_for(route, **world.parts_of(rule))
    client = world.app.test_client()
    person = world.people[DESIGNATE]
    sign_in = client.get("/sign-in").text
    client.post("/sign-in", data={"email": person.email_key, "password": PASSWORD, "csrf_token": token_in(sign_in)})
    page = client.get(path)
    names = [name for name in field_names(page.text) if name not in {"csrf_token", "read_at", "key"}]
    typed = {name: f" Zeile 1 – “{name}” & <b>\nZeile 2 " for name in names}
    wait(world, minutes=16)

    posted = client.post(path, data=typed | {"csrf_token": token_in(page.text), "read_at": "0"})
    again = client.get(posted.headers["Location"])
    answer = client.post(
        posted.headers["Location"],
        data={"email": person.email_key, "password": PASSWORD, "csrf_token": token_in(again.text)},
    )

    assert page.status_code == 200
    assert names
    assert posted.status_code == 303
    assert answer.headers["Location"].partition("?")[0] == path
    kept = [body for body in drafts_of(world, person).values() if set(typed) <= set(body)]
    assert [{name: body[name] for name in typed} for body in kept] == [{name: [text] for name, text in typed.items()}]


def token_in(page: str) -> str:
    found = TOKEN.search(page)
    assert found
    return found[1]


def field_names(page: str) -> list[str]:
    form = BeautifulSoup(page, "html5lib").select_one("main form")
    assert form
    return list(dict.fromkeys(str(field["name"]) for field in form.select("[name]") if field.name != "button"))


def wait(world: World, *, minutes: int) -> None:
    clock = world.app.extensions["surroundings"].real_clock
    assert isinstance(clock, FixedClock)
    clock.advance(timedelta(minutes=minutes))
