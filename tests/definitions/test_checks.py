"""A check that an answer fails says so in the words of the questions, never in those of their keys."""

from datetime import date
from functools import partial

import pytest

from scrt_workflow.conditions import Test as Condition
from scrt_workflow.folder import read_sources
from scrt_workflow.forms.builder import PageForm, Setting
from scrt_workflow.forms.schema import Page, a_question
from scrt_workflow.operations.dating import surely_dates
from scrt_workflow.workflows.schema import Outcome, Step

QUESTIONS = """\
first_day: {type: date, label: When is the course's first day?, short_label: First day of the course}
last_day: {type: date, label: Last day, checks: [{not_before: first_day}]}
booked_on: {type: date, label: Booked, checks: [{not_after: first_day}]}
course: {type: text, label: Which course?}
instead: {type: text, label: Course instead, checks: [{differs_from: course}]}
"""


@pytest.mark.parametrize(
    ("asked", "typed", "sentence"),
    [
        (
            ("first_day", "last_day"),
            (["4", "3", "2024"], ["1", "3", "2024"]),
            "Last day must be on or after 4 March 2024, the answer to “First day of the course”",
        ),
        (
            ("first_day", "booked_on"),
            (["4", "3", "2024"], ["5", "3", "2024"]),
            "Booked must be on or before 4 March 2024, the answer to “First day of the course”",
        ),
        (("course", "instead"), (["Café"], ["Café"]), "Course instead must be different from “Which course?”"),
    ],
)
def test_a_check_names_the_other_question_as_it_is_asked(
    asked: tuple[str, str], typed: tuple[list[str], list[str]], sentence: str
) -> None:
    bank = read_sources({"forms/questions.yaml": QUESTIONS}).questions
    setting = Setting(date(2024, 11, 1), lambda question: question.options)
    form = PageForm(Page("page", "Page", asked), [bank[key] for key in asked], setting, dict(zip(asked, typed, strict=True)))

    assert not form.validate()
    assert form.errors == {asked[1]: [sentence]}


@pytest.mark.parametrize(("ended", "wrong"), [("yes", True), ("no", False), (None, False)])
def test_a_day_to_come_is_refused_where_it_is_asked_if_the_step_is_sure_to_count_from_it(ended: str | None, wrong: bool) -> None:
    folder = read_sources(
        {
            "forms/questions.yaml": "ended: {type: yes_no, label: Ended?}\nended_on: {type: date, label: Last day}\n",
            "forms/end.yaml": "pages: [{key: end, title: End, questions: [ended, ended_on]}]\n",
        }
    )
    step = Step(
        "end",
        "End",
        ("open",),
        ("designate",),
        "end",
        (Outcome("done", Condition("ended", "in", ("yes",)), "ended_on"), Outcome("open")),
    )
    dates = partial(surely_dates, step, ("ended", "ended_on"))
    setting = Setting(date(2024, 11, 1), lambda question: question.options, dates=dates)
    page = Page("end", "End", ("ended", "ended_on"))

    form = PageForm(page, list(folder.questions.values()), setting, {"ended": [ended or ""], "ended_on": ["2", "11", "2024"]})

    form.validate()
    assert (form.errors.get("ended_on") == ["Last day must be today or in the past"]) is wrong


def test_a_mistake_in_a_question_is_said_with_the_right_article() -> None:
    assert [a_question("entry"), a_question("date")] == ["an entry question", "a date question"]
