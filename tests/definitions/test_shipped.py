"""The definitions that the service is shipped with are whole, of one voice, and ask what the collection asks."""

import re
from collections.abc import Iterator
from pathlib import Path

import pytest

from scrt_workflow import reference
from scrt_workflow.conditions import Condition, questions_in
from scrt_workflow.folder import Folder, read_folder
from scrt_workflow.forms.schema import FREE_TEXTS
from tests.definitions.shipped import (
    CSPR,
    DHR,
    LOAN,
    OLDER,
    RAPID,
    ROOT,
    SAR,
    SHIPPED,
    WORKFLOWS,
    asked,
    steps,
    workflow,
)

PLACEHOLDERS = {"reference", "state", "step", "link", "due_on", "person", "organisation", "days", "deadline", "whom_to_ask"}


def conditions(folder: Folder) -> Iterator[Condition | None]:
    for one in folder.workflows.values():
        for taken in one.steps.values():
            yield from (outcome.when for outcome in taken.outcomes)
            yield from (guard.when for guard in taken.needs)
            yield from (tell.when for tell in taken.tells)
    yield from (page.show_when for form in folder.forms.values() for page in form.pages)
    yield from (question.show_when for question in folder.questions.values())


# Whole


@pytest.mark.parametrize("folder", [ROOT, LOAN], ids=["shipped", "equipment loan"])
def test_every_file_reads_without_a_mistake(folder: Path) -> None:
    assert [str(problem) for problem in read_folder(folder).problems] == []


@pytest.mark.parametrize("folder", [SHIPPED, read_folder(LOAN)], ids=["shipped", "equipment loan"])
def test_every_form_and_question_exists_and_is_used(folder: Folder) -> None:
    forms = {step.form for one in folder.workflows.values() for step in one.steps.values() if step.form}
    questions = {key for form in folder.forms.values() for key in form.questions}
    looked_at = {key for condition in conditions(folder) for key in questions_in(condition)}

    assert forms == set(folder.forms)
    assert questions == set(folder.questions)
    assert looked_at - {"review_type"} <= questions


def test_there_are_five_workflows() -> None:
    assert sorted([SAR, CSPR, DHR, RAPID, OLDER]) == WORKFLOWS


def test_every_review_type_of_the_collection_has_its_workflow_with_its_exact_label() -> None:
    written = {kind.key: kind for one in SHIPPED.workflows.values() for kind in one.review_types.values()}

    assert {key: (kind.title, kind.family, kind.converted) for key, kind in written.items()} == {
        row.code: (row.label, row.family, row.converted) for row in reference.review_types()
    }


# The record


@pytest.mark.parametrize("row", reference.record_fields(), ids=lambda row: row.key)
def test_every_field_of_the_record_is_asked_or_named_as_derived(row: reference.RecordFieldRow) -> None:
    if row.question is None:
        assert row.derived_from
        return
    question = SHIPPED.questions[row.question]

    assert any(row.question in form.questions for form in SHIPPED.forms.values())
    assert question.pid == row.pid_risk
    if row.required not in {"no", "suggested"}:
        assert question.required


@pytest.mark.parametrize("key", ["identifier_type_2", "identifier_ref_2", "comments"])
def test_what_the_collection_does_not_require_may_be_left_empty(key: str) -> None:
    assert not SHIPPED.questions[key].required


def test_lists_are_those_of_the_collection() -> None:
    published = SHIPPED.questions["publication_status"].options

    assert SHIPPED.questions["media_interest"].vocabulary == "media_interest"
    assert published == {
        term.code: term.label for term in reference.vocabulary("publication_status") if term.code != "not_decided"
    }
    for question in SHIPPED.questions.values():
        if question.vocabulary:
            assert reference.vocabulary(question.vocabulary)
    for key in ("themes", "organisational_learning"):
        assert SHIPPED.questions[key].at_most == 3


@pytest.mark.parametrize("key", WORKFLOWS)
def test_a_new_record_asks_all_that_is_required_of_it(key: str) -> None:
    about = {
        "brief_overview",
        "designated_professional",
        "identifier_ref_1",
        "identifier_type_1",
        "incident_date",
        "media_interest",
        "partnership",
        "specialised_commissioning",
        "themes",
    }

    for making in workflow(key).making_steps:
        assert about <= set(asked(key, making.key))


def test_only_a_dhr_asks_its_type_and_asks_it_first() -> None:
    asking = [form.key for form in SHIPPED.forms.values() if "review_type" in form.questions]

    assert asking == ["dhr_referral"]
    assert SHIPPED.forms["dhr_referral"].pages[0].questions == ("review_type",)


# The voice


@pytest.mark.parametrize("key", sorted(SHIPPED.questions))
def test_every_question_is_worded_for_a_person(key: str) -> None:
    question = SHIPPED.questions[key]

    assert question.label.endswith("?")
    assert question.short_label
    assert not question.short_label.endswith("?")
    assert not question.required or re.match(r"(Enter|Select) ", question.required_error)
    assert not question.required_error.endswith(".")


@pytest.mark.parametrize("key", sorted(key for key, q in SHIPPED.questions.items() if q.type in FREE_TEXTS))
def test_every_free_text_warns_of_what_must_not_be_written(key: str) -> None:
    question = SHIPPED.questions[key]

    assert question.pid in {"medium", "high"}
    assert "name" in question.hint.casefold() or "identify" in question.hint


def test_every_step_and_page_says_what_it_is() -> None:
    for one, taken in steps():
        assert taken.title
        assert taken.hint.endswith("."), f"{one.key}: {taken.key}"
    for form in SHIPPED.forms.values():
        for page in form.pages:
            assert page.title.strip(".") == page.title != "", f"{form.key}: {page.key}"
            assert len(page.questions) <= 4, f"{form.key}: {page.key}"


def test_messages_carry_nothing_of_a_case() -> None:
    for one in SHIPPED.workflows.values():
        for notice in one.notices.values():
            used = set(re.findall(r"{(\w+)}", notice.subject + notice.body))
            assert used <= PLACEHOLDERS
            assert {"reference", "whom_to_ask" if notice.key.endswith("for_posts") else "link"} <= used


def test_every_notice_is_worded_and_sent() -> None:
    for one in SHIPPED.workflows.values():
        told = {tell.notice for taken in one.steps.values() for tell in taken.tells}
        reminded = {reminder.notice for reminder in one.reminders.values()}
        escalated = {name for rule in one.escalations.values() for name in (rule.notice, rule.posts_notice)}
        assert told | reminded | escalated == set(one.notices), one.key
