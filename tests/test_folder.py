"""A folder of definitions is read whole; a bundle is what one workflow uses, and gives it back unchanged."""

import json
from pathlib import Path

import pytest

from scrt_workflow.folder import Folder, bundle, content_hash, definition_from, read_folder, read_sources
from scrt_workflow.workflows.schema import ReviewType
from scrt_workflow.yaml_reader import DefinitionError
from tests.definitions.shipped import LOAN, ROOT, SHIPPED

WORKFLOW = """\
workflow: visit
title: Visit
review_types: [visit]
states: {planned: {counts_as: open}, done: {counts_as: closed, final: yes}}
steps:
  finish:
    from: [planned]
    who: [designate]
    form: finishing
    needs: [{when: {kind: one}, else: No.}]
    to: done
clocks: {answer: {starts: begun_on, due: 5 days, stops: [finish]}}
"""
QUESTIONS = """\
kind: {type: choice, label: What kind?, options: {one: First, two: Second}}
begun_on: {type: date, label: When did it begin?}
ended_on: {type: date, label: When did it end?, checks: [{not_before: planned_on}]}
planned_on: {type: date, label: When was it planned?, show_when: {kind: two}}
unused: {type: text, label: What else?}
"""


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """Write a small folder of definitions."""
    for file, text in {"workflows/visit.yaml": WORKFLOW, "forms/questions.yaml": QUESTIONS}.items():
        (tmp_path / file).parent.mkdir()
        (tmp_path / file).write_text(text, encoding="utf-8")
    (tmp_path / "forms/short.yaml").write_text("finishing: [ended_on]\nclosing: [unused]\n", encoding="utf-8")
    return tmp_path


def wrong_with(path: Path) -> list[str]:
    """Give the mistakes in reading a folder."""
    return [str(problem) for problem in read_folder(path).problems]


def test_a_folder_holds_workflows_forms_questions_and_their_texts(folder: Path) -> None:
    found = read_folder(folder)

    assert list(found.workflows) == ["visit"]
    assert list(found.forms) == ["finishing", "closing"]
    assert list(found.questions) == ["kind", "begun_on", "ended_on", "planned_on", "unused"]
    assert found.sources["workflows/visit.yaml"] == WORKFLOW
    assert not found.problems


def test_a_definition_holds_only_what_its_workflow_uses(folder: Path) -> None:
    definition = read_folder(folder).definition("visit")

    assert set(definition.forms) == {"finishing"}
    assert set(definition.questions) == {"begun_on", "ended_on", "kind", "planned_on"}


@pytest.mark.parametrize("key", sorted(SHIPPED.workflows))
def test_a_bundle_gives_back_the_definition_it_was_made_from(key: str) -> None:
    made = bundle(SHIPPED, key)

    assert definition_from(json.loads(json.dumps(made))) == SHIPPED.definition(key)


def test_a_bundle_carries_the_labels_that_the_workflow_only_names(folder: Path) -> None:
    known = {"visit": ReviewType("visit", "Home visit", "Visits")}
    found = read_folder(folder, known_types=known)

    again = definition_from(bundle(found, "visit"))

    assert again.workflow.review_types == known


def test_a_bundle_is_known_by_its_content_alone(folder: Path) -> None:
    before = content_hash(bundle(read_folder(folder), "visit"))

    (folder / "forms/short.yaml").rename(folder / "forms/other.yaml")
    (folder / "forms/questions.yaml").write_text(f"# a comment\n\n{QUESTIONS}more: {{type: text, label: More?}}\n")
    same = content_hash(bundle(read_folder(folder), "visit"))
    (folder / "forms/questions.yaml").write_text(QUESTIONS.replace("one: First, two: Second", "two: Second, one: First"))
    changed = content_hash(bundle(read_folder(folder), "visit"))

    assert same == before != changed
    assert len(before) == 64


@pytest.mark.parametrize(
    "broken",
    [
        {},
        {"workflow": []},
        {"workflow": {"workflow": "visit", "states": 3}, "forms": [], "questions": None},
        {"workflow": {"workflow": {"workflow": "visit"}}, "review_types": {"visit": "Visit"}},
    ],
)
def test_a_bundle_that_is_not_one_is_refused_with_its_mistakes(broken: dict[str, object]) -> None:
    with pytest.raises(DefinitionError) as refused:
        definition_from(broken)

    assert refused.value.problems


# What can be wrong with the files


def test_a_folder_that_is_not_there_is_said_to_be_missing(tmp_path: Path) -> None:
    assert wrong_with(tmp_path / "none") == [f"{tmp_path / 'none'}: There is no such folder."]


def test_folders_that_are_missing_are_all_named(tmp_path: Path) -> None:
    assert wrong_with(tmp_path) == [
        f"forms: There is no folder of this name in {tmp_path.name}. Make one for the forms.",
        f"workflows: There is no folder of this name in {tmp_path.name}. Make one for the workflows.",
    ]


def test_a_link_out_of_the_folder_is_not_followed(folder: Path, tmp_path_factory: pytest.TempPathFactory) -> None:
    outside = tmp_path_factory.mktemp("outside") / "secret.yaml"
    outside.write_text("password: hunter2\n", encoding="utf-8")
    (folder / "forms/secret.yaml").symlink_to(outside)

    found = read_folder(folder)

    assert [str(problem) for problem in found.problems] == [
        "forms/secret.yaml: This is a link to a file outside the folder. Put the file itself here."
    ]
    assert "hunter2" not in "".join(found.sources.values())


def test_a_link_to_itself_is_not_a_file(folder: Path) -> None:
    (folder / "forms/round.yaml").symlink_to("round.yaml")

    assert wrong_with(folder) == ["forms/round.yaml: This is not a file."]


def test_files_that_cannot_be_read_are_said_with_the_line_where_that_is_known(folder: Path) -> None:
    (folder / "forms/large.yaml").write_bytes(b"a: b\n" * 60_000)
    (folder / "forms/latin.yaml").write_bytes("a: b\nc: Caf\xe9\n".encode("latin-1"))
    (folder / "forms/folder.yaml").mkdir()
    (folder / "forms/.hidden.yaml").write_text("not: [read")
    (folder / "forms/notes.txt").write_text("not read")

    assert wrong_with(folder) == [
        "forms/folder.yaml: This is not a file.",
        "forms/large.yaml:1: The file is larger than 256 KiB. Split it.",
        "forms/latin.yaml:2: This line is not written in UTF-8. Save the file as UTF-8.",
    ]


def test_a_folder_of_too_many_or_too_large_files_is_refused(folder: Path) -> None:
    for number in range(6):
        (folder / f"forms/large_{number}.yaml").write_text(f"# {'x' * 200_000}\n", encoding="utf-8")
    too_large = wrong_with(folder)
    for number in range(200):
        (folder / f"forms/small_{number}.yaml").write_text("", encoding="utf-8")

    assert too_large == [f"{folder.name}: The files are larger than 1024 KiB together. Shorten them."]
    assert wrong_with(folder) == [f"{folder.name}: There are more than 200 files here. Take out what is not needed."]


def test_a_key_in_two_files_is_a_mistake_that_names_both() -> None:
    found = read_sources(
        {
            "workflows/a.yaml": WORKFLOW,
            "workflows/b.yaml": WORKFLOW,
            "forms/questions.yaml": QUESTIONS,
            "forms/a.yaml": "# first\nfinishing: [ended_on]\n",
            "forms/b.yaml": "closing: [unused]\nfinishing: [kind]\n",
        }
    )

    assert [str(problem) for problem in found.problems] == [
        "forms/b.yaml:2: finishing: there is a form of this key in forms/a.yaml:2 already.",
        "workflows/b.yaml:1: visit: there is a workflow of this key in workflows/a.yaml:1 already.",
    ]


@pytest.mark.parametrize("path", [ROOT, LOAN])
def test_reading_texts_is_reading_their_folder(path: Path) -> None:
    whole = read_folder(path)

    again: Folder = read_sources(whole.sources)

    assert (again.workflows, again.forms, again.questions) == (whole.workflows, whole.forms, whole.questions)
