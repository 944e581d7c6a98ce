"""An administrator changes definitions in the browser: entries, conditions and files of a draft, and its release by two."""

from __future__ import annotations

import re
from io import BytesIO
from pathlib import Path
from random import Random
from uuid import UUID

import pytest
from sqlalchemy.orm import Session

from scrt_workflow import catalogue
from scrt_workflow.database import reading, unit_of_work
from scrt_workflow.editing.references import entries
from scrt_workflow.editing.tree import Tree, digest
from scrt_workflow.folder import read_folder
from scrt_workflow.operations import definitions, drafting
from scrt_workflow.operations.people import actor_of
from scrt_workflow.permissions import Role
from scrt_workflow.settings import Settings
from scrt_workflow.web.keys import PlaceConverter
from scrt_workflow.yaml_reader import Problems, read_yaml
from scrt_workflow.yaml_writer import write_yaml
from tests.editing.test_tree import mutated
from tests.factories import NOW, Browser, Running, make_running

LOAN = Path(__file__).parents[1] / "definitions" / "equipment_loan"
KEY = "equipment_loan"
FLOW = "workflows/equipment-loan"


@pytest.fixture
def running(settings: Settings, sqlite_url: str) -> Running:
    """Run the service with the equipment loan in use."""
    made = make_running(settings, sqlite_url)
    with unit_of_work(made.engine) as session:
        definitions.load(session, read_folder(LOAN, known_types=definitions.known_types()), at=NOW)
    return made


@pytest.fixture
def administrator(running: Running) -> Browser:
    """Open a browser signed in as an administrator."""
    return running.as_a(Role.ADMINISTRATOR, "ENG")


@pytest.fixture
def draft(administrator: Browser) -> str:
    """Begin a draft, and give its address."""
    answer = administrator.post(f"/definitions/drafts/new?workflow={KEY}", {"title": "A draft"})
    assert answer.status_code == 303
    return str(answer.headers["Location"])


def drafted(running: Running, draft: str) -> drafting.Drafted:
    with reading(running.engine) as session:
        found = drafting.find(session, UUID(draft.rpartition("/")[2]))
        session.expunge_all()
        return found


def seen(page: str) -> str:
    found = re.search(r'name="seen" value="(\w+)"', page)
    assert found
    return found[1]


def test_a_question_is_added_put_on_a_page_and_released_by_a_colleague(
    running: Running, administrator: Browser, draft: str
) -> None:
    asked = {"type": "yes_no", "label": "Was it insured?", "short_label": "Insured", "required": "y", "required_error": "Say so"}
    assert administrator.post(f"{draft}/add/questions", asked).status_code == 303
    assert administrator.post(f"{draft}/add/forms/asking/pages/0/questions", {"value": "insured"}).status_code == 303

    changes = administrator.get(f"{draft}/changes").text
    assert "Question ‘Insured’" in changes
    assert administrator.post(f"{draft}/changes", {"reason": "The insurers ask"}).status_code == 303
    assert "Another administrator releases it" in administrator.get(f"{draft}/changes").text
    assert administrator.post(f"{draft}/release").status_code == 409

    colleague = running.as_a(Role.ADMINISTRATOR, "ENG")
    assert "The insurers ask" in colleague.get(f"{draft}/changes").text
    released = colleague.post(f"{draft}/release")
    assert released.status_code == 303
    version = colleague.get(released.headers["Location"]).text
    assert "The insurers ask" in version
    (changed,) = re.findall(r'href="(/definitions/\d+/changes)"', version)
    assert "Was it insured?" in colleague.get(changed).text
    with reading(running.engine) as session:
        assert "insured" in catalogue.live(session, KEY)[1].forms["asking"].questions


def test_the_second_of_two_who_change_one_entry_sees_both_and_loses_nothing(
    running: Running, administrator: Browser, draft: str
) -> None:
    colleague = running.as_a(Role.ADMINISTRATOR, "ENG")
    state = next(iter(drafted(running, draft).tree.at(("workflows", KEY, "states"))))
    address = f"{draft}/entries/{FLOW}/states/{state.replace('_', '-')}"
    read = seen(administrator.get(address).text)
    assert colleague.post(address, {"seen": read, "title": "Theirs", "counts_as": "open"}).status_code == 303

    answer = administrator.post(address, {"seen": read, "title": "Mine", "counts_as": "open"})

    assert answer.status_code == 409
    assert "Theirs" in answer.text
    assert 'value="Mine"' in answer.text
    assert administrator.post(address, {"seen": seen(answer.text), "title": "Mine", "counts_as": "open"}).status_code == 303
    assert drafted(running, draft).tree.at(("workflows", KEY, "states", state, "title")) == "Mine"


def test_what_something_depends_on_stays_with_the_list_of_what_that_is(
    running: Running, administrator: Browser, draft: str
) -> None:
    state = next(iter(drafted(running, draft).tree.at(("workflows", KEY, "states"))))
    address = f"{draft}/remove/{FLOW}/states/{state.replace('_', '-')}"
    page = administrator.get(address)
    assert "cannot be removed yet" in page.text
    assert administrator.post(address, {"seen": ""}).status_code == 409
    assert state in drafted(running, draft).tree.at(("workflows", KEY, "states"))


def test_the_answers_of_a_question_are_given_when_it_is_added(running: Running, administrator: Browser, draft: str) -> None:
    asked = {"type": "choice", "label": "Which colour?", "lines-options": "Red\r\n\r\nPale blue\r\nPale-blue\r\nRed"}
    assert administrator.post(f"{draft}/add/questions", asked).status_code == 303
    answers = {"red": "Red", "pale_blue": "Pale blue", "pale_blue_2": "Pale-blue"}
    assert drafted(running, draft).tree.at(("questions", "which_colour", "options")) == answers


def test_a_condition_is_set_with_selects(running: Running, administrator: Browser, draft: str) -> None:
    question = drafted(running, draft).tree.at(("forms", "asking", "pages", "1", "questions"))[0]
    where = f"{draft}/conditions/forms/asking/pages/1/show-when"
    test = f"{draft}/tests/forms/asking/pages/1/show-when?new=yes"
    assert "Always" in administrator.get(where).text
    form = administrator.get(f"{test}&question=delivery")
    sent = {"question": "delivery", "new": "yes", "seen": seen(form.text), "operator": "answered"}
    assert administrator.post(f"{draft}/tests/forms/asking/pages/1/show-when", sent).status_code == 303
    assert drafted(running, draft).tree.at(("forms", "asking", "pages", "1", "show_when")) == {"delivery": "answered"}
    assert question in drafted(running, draft).tree.at(("forms", "asking", "pages", "1", "questions"))


def test_a_file_with_mistakes_is_kept_and_says_where_they_are(running: Running, administrator: Browser, draft: str) -> None:
    address = f"{draft}/files/forms/questions.yaml"
    page = administrator.get(address)
    broken = "asked_on: {type: date\nwhat_for: 1\n"
    assert administrator.post(address, {"seen": seen(page.text), "text": broken}).status_code == 303
    assert drafted(running, draft).files["forms/questions.yaml"] == broken
    assert "Line 2: This is not YAML" in administrator.get(address).text
    assert "This is not YAML" in administrator.get(draft).text


def test_an_upload_takes_the_place_of_the_file_of_its_name(running: Running, administrator: Browser, draft: str) -> None:
    sent = {"file": (BytesIO(b"noting: [what_for]\n"), "noting.yaml"), "folder": "forms"}
    assert administrator.post(f"{draft}/files", sent, content_type="multipart/form-data").status_code == 303
    assert drafted(running, draft).files["forms/noting.yaml"] == "noting: [what_for]\n"
    hostile = {"file": (BytesIO(b"x"), "../../etc/passwd.yaml"), "folder": "forms"}
    assert administrator.post(f"{draft}/files", hostile, content_type="multipart/form-data").status_code in {303, 422}
    assert all(re.fullmatch(r"(forms|workflows)/[\w.-]+", path) for path in drafted(running, draft).files)


@pytest.mark.parametrize("seed", [1, 2])
def test_no_definition_breaks_a_page_of_its_draft(running: Running, administrator: Browser, draft: str, seed: int) -> None:
    rng, converter = Random(seed), PlaceConverter(running.app.url_map)
    running.app.testing = False
    base = dict(drafted(running, draft).files)
    person = running.person((Role.ADMINISTRATOR, "ENG"))
    for _ in range(6):
        path = rng.choice(sorted(base))
        node = read_yaml(base[path], file=path, problems=Problems())
        for _ in range(rng.choice([1, 2, 5])):
            node = mutated(node, rng)
        text = write_yaml(node)
        with unit_of_work(running.engine) as session:
            put(session, UUID(draft.rpartition("/")[2]), {**base, path: text}, person.id)
        found = list(entries(Tree({**base, path: text})))
        places = [converter.to_url(place) for place, _, _ in rng.sample(found, min(4, len(found)))]
        addresses = [
            "",
            "/changes",
            f"/files/{path}",
            *(f"/{page}/{place}" for place in places for page in ("entries", "remove")),
        ]
        assert [(one, code) for one in addresses if (code := administrator.get(f"{draft}{one}").status_code) != 200] == []


def put(session: Session, draft_id: UUID, files: dict[str, str], person_id: UUID) -> None:
    actor = actor_of(session, person_id, on=NOW.date())
    now = drafting.find(session, draft_id).files
    for path, text in files.items():
        if now.get(path) != text:
            drafting.change_file(session, draft_id, path, text, seen=digest(now.get(path)), actor=actor, at=NOW)
