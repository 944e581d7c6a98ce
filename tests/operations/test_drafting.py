"""Administrators change definitions in a draft that nobody else sees, together, and a second one of them releases it."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from pathlib import Path
from uuid import UUID

import pytest
from sqlalchemy import select, update
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from scrt_workflow import catalogue
from scrt_workflow.actors import Actor
from scrt_workflow.editing.tree import Place, Tree, digest
from scrt_workflow.folder import read_folder, read_sources
from scrt_workflow.models import DefinitionVersion, Event, EventBody
from scrt_workflow.operations import definitions, drafting, released_files
from scrt_workflow.operations.drafting import DraftChangedError, DraftRefusedError
from scrt_workflow.operations.organisations import load_reference
from scrt_workflow.operations.released_files import exported, sources_of
from scrt_workflow.yaml_reader import DefinitionError, Map, Text
from tests.factories import make_person

AT = datetime(2024, 11, 1, 9, 0, tzinfo=UTC)
LOAN = Path(__file__).parents[1] / "definitions" / "equipment_loan"
KEY = "equipment_loan"
WORKFLOW: Place = ("workflows", KEY)
TITLE: Place = (*WORKFLOW, "title")
HINT: Place = (*WORKFLOW, "steps", "ask", "hint")


@pytest.fixture
def service(session: Session) -> Session:
    """Give a service with the equipment loan in use."""
    load_reference(session)
    definitions.load(session, read_folder(LOAN, known_types=definitions.known_types()), at=AT)
    return session


@pytest.fixture
def people(service: Session) -> tuple[Actor, Actor]:
    """Make two administrators."""
    one, other = (make_person(service) for _ in range(2))
    return Actor(one.id, one.name, one.email_key, ()), Actor(other.id, other.name, other.email_key, ())


@pytest.fixture
def draft(service: Session, people: tuple[Actor, Actor]) -> UUID:
    """Begin a draft."""
    return drafting.begin(service, KEY, title="A draft", actor=people[0], at=AT)


def put(session: Session, draft_id: UUID, place: Place, words: str, actor: Actor, *, seen: str | None = None) -> None:
    drafting.change(session, draft_id, place, lambda tree: tree.put(place, Text(words)), seen=seen, actor=actor, at=AT)


def step_of(session: Session, draft_id: UUID) -> str:
    return str(next(iter(drafting.find(session, draft_id).tree.at((*WORKFLOW, "steps")))))


def test_a_draft_begins_with_the_files_in_use_to_the_byte(service: Session, draft: UUID) -> None:
    drafted = drafting.find(service, draft)
    assert drafted.files == {f"{file.parent.name}/{file.name}": file.read_text() for file in LOAN.rglob("*.yaml")}
    assert not drafted.changed_files


def test_what_is_changed_in_a_draft_reaches_nobody_until_it_is_released(
    service: Session, draft: UUID, people: tuple[Actor, Actor]
) -> None:
    put(service, draft, TITLE, "Lending", people[0])
    assert catalogue.live(service, KEY)[1].workflow.title == "Equipment loan"
    drafting.ask(service, draft, reason="It is called so", actor=people[0], at=AT)
    loaded = drafting.release(service, draft, actor=people[1], at=AT, two_people=True)
    assert [(one.workflow, one.number, one.is_new) for one in loaded] == [(KEY, 2, True)]
    assert catalogue.live(service, KEY)[1].workflow.title == "Lending"


def test_nobody_releases_what_they_asked_for(service: Session, draft: UUID, people: tuple[Actor, Actor]) -> None:
    put(service, draft, TITLE, "Lending", people[0])
    drafting.ask(service, draft, reason="Why", actor=people[0], at=AT)
    with pytest.raises(DraftRefusedError, match="Another administrator"):
        drafting.release(service, draft, actor=people[0], at=AT, two_people=True)
    drafting.release(service, draft, actor=people[0], at=AT, two_people=False)
    assert catalogue.live(service, KEY)[1].workflow.title == "Lending"


def test_what_waits_to_be_released_is_not_changed(service: Session, draft: UUID, people: tuple[Actor, Actor]) -> None:
    put(service, draft, TITLE, "Lending", people[0])
    drafting.ask(service, draft, reason="Why", actor=people[0], at=AT)
    with pytest.raises(DraftRefusedError, match="Take that back"):
        put(service, draft, TITLE, "Borrowing", people[1])
    drafting.take_back(service, draft, actor=people[1], at=AT, why="Wording")
    put(service, draft, TITLE, "Borrowing", people[1])


def test_a_draft_with_mistakes_is_not_asked_for(service: Session, draft: UUID, people: tuple[Actor, Actor]) -> None:
    key = step_of(service, draft)
    put(service, draft, (*WORKFLOW, "steps", key, "to"), "nowhere", people[0])
    with pytest.raises(DefinitionError, match="nowhere"):
        drafting.ask(service, draft, reason="Why", actor=people[0], at=AT)


def test_two_who_change_different_things_of_one_draft_both_have_them_kept(
    service: Session, draft: UUID, people: tuple[Actor, Actor]
) -> None:
    there = drafting.find(service, draft).tree
    hint: Place = (*WORKFLOW, "steps", step_of(service, draft), "hint")
    put(service, draft, TITLE, "Lending", people[0], seen=digest(there.find(TITLE)))
    put(service, draft, hint, "A hint", people[1], seen=digest(there.find(hint)))
    made = drafting.find(service, draft).tree
    assert (made.at(TITLE), made.at(hint)) == ("Lending", "A hint")


def test_the_second_to_change_one_thing_is_told_what_the_first_has_put(
    service: Session, draft: UUID, people: tuple[Actor, Actor]
) -> None:
    seen = digest(drafting.find(service, draft).tree.find(TITLE))
    put(service, draft, TITLE, "Lending", people[0], seen=seen)
    with pytest.raises(DraftChangedError) as refused:
        put(service, draft, TITLE, "Borrowing", people[1], seen=seen)
    assert refused.value.theirs == "Lending"
    assert drafting.find(service, draft).tree.at(TITLE) == "Lending"


def test_a_draft_that_has_fallen_behind_is_brought_up_to_date_before_it_is_released(
    service: Session, people: tuple[Actor, Actor]
) -> None:
    one, other = (drafting.begin(service, KEY, title=title, actor=people[0], at=AT) for title in ("One", "Other"))
    hint: Place = (*WORKFLOW, "steps", step_of(service, one), "hint")
    put(service, one, TITLE, "Lending", people[0])
    put(service, other, hint, "A hint", people[1])
    drafting.ask(service, one, reason="Why", actor=people[0], at=AT)
    drafting.release(service, one, actor=people[1], at=AT, two_people=True)
    with pytest.raises(DraftRefusedError, match="Bring that in first"):
        drafting.ask(service, other, reason="Why", actor=people[1], at=AT)
    assert drafting.bring_in(service, other, actor=people[1], at=AT) == ()
    drafting.ask(service, other, reason="Why", actor=people[1], at=AT)
    drafting.release(service, other, actor=people[0], at=AT, two_people=True)
    made = Tree(sources_of(service, KEY))
    assert (made.at(TITLE), made.at(hint)) == ("Lending", "A hint")


def test_what_both_changed_is_named_when_it_is_brought_in(service: Session, people: tuple[Actor, Actor]) -> None:
    one, other = (drafting.begin(service, KEY, title=title, actor=people[0], at=AT) for title in ("One", "Other"))
    put(service, one, TITLE, "Lending", people[0])
    put(service, other, TITLE, "Borrowing", people[1])
    drafting.ask(service, one, reason="Why", actor=people[0], at=AT)
    drafting.release(service, one, actor=people[1], at=AT, two_people=True)
    assert drafting.bring_in(service, other, actor=people[1], at=AT) == (TITLE,)
    assert drafting.find(service, other).tree.at(TITLE) == "Borrowing"


def test_every_save_is_an_event_that_says_what_was_there(service: Session, draft: UUID, people: tuple[Actor, Actor]) -> None:
    put(service, draft, TITLE, "Lending", people[1])
    query = select(Event, EventBody.body).join(EventBody, EventBody.event_id == Event.id)
    event, body = service.execute(query.where(Event.stream == f"draft:{draft}").order_by(Event.seq.desc())).first() or (
        None,
        None,
    )
    assert event is not None
    assert body is not None
    assert (event.kind, event.person_id) == ("draft:changed", people[1].person_id)
    assert body == {"place": "/".join(TITLE), "before": "Equipment loan", "after": "Lending"}


def test_what_was_released_is_never_changed(service: Session) -> None:
    with pytest.raises(IntegrityError):
        service.execute(update(DefinitionVersion).values(hash="0"))


def test_a_workflow_is_made_from_nothing(service: Session, people: tuple[Actor, Actor]) -> None:
    draft_id = drafting.begin_new(service, "visit", title="Visit", actor=people[0], at=AT)
    for place, node in (
        ((*("workflows", "visit"), "states", "planned"), Map({Text("title"): Text("Planned"), Text("counts_as"): Text("open")})),
        ((*("workflows", "visit"), "states", "made"), Map({Text("counts_as"): Text("closed"), Text("final"): Text("yes")})),
        ((*("workflows", "visit"), "steps", "plan"), step("new", "planned")),
        ((*("workflows", "visit"), "steps", "make"), step("planned", "made")),
    ):
        drafting.change(service, draft_id, place, lambda tree, p=place, n=node: tree.put(p, n), seen=None, actor=people[0], at=AT)  # type: ignore[misc]
    assert not list(drafting.problems_of(service, drafting.find(service, draft_id)))
    drafting.ask(service, draft_id, reason="We visit", actor=people[0], at=AT)
    drafting.release(service, draft_id, actor=people[1], at=AT, two_people=True)
    assert "visit" in catalogue.live_versions(service)
    assert sorted(exported(service)) == ["equipment_loan", "visit"]


def step(comes_from: str, to: str) -> Map:
    return Map({Text("from"): Text(comes_from), Text("who"): Text("designate"), Text("to"): Text(to)})


def test_what_is_loaded_is_exported_to_the_byte_and_loaded_again_changes_nothing(service: Session) -> None:
    texts = {path: f"# A comment at the head of {path}\n{text}" for path, text in sources_of(service, KEY).items()}
    folder = read_sources(texts, known_types=definitions.known_types())
    assert not any(one.is_new for one in definitions.load(service, folder, at=AT + timedelta(days=1)))
    assert exported(service) == {"": texts}
    definitions.load(service, folder, at=AT + timedelta(days=2))
    assert exported(service, [KEY]) == {"": texts}


def test_a_version_released_before_files_were_kept_is_written_out_and_reads_the_same(service: Session) -> None:
    made = definitions.load(service, read_folder(LOAN, known_types=definitions.known_types()), at=AT)
    assert made
    tree = released_files._written_out(service, released_files.newest_versions(service)[KEY])  # noqa: SLF001 - what an old release gives
    before = catalogue.live(service, KEY)[1]
    again = read_sources(tree.texts, known_types=definitions.known_types())
    assert not list(again.problems)
    assert again.definition(KEY) == before
