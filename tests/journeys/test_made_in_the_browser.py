"""A workflow that has nothing to do with safeguarding: made from nothing in the browser, released, and used to its end."""

from dataclasses import replace
from typing import Any

import pytest

from scrt_workflow.database import reading
from scrt_workflow.operations.definitions import folder_of
from scrt_workflow.operations.released_files import sources_of
from scrt_workflow.permissions import Role
from tests.journeys.drafting import DraftOf, say
from tests.journeys.telling import (
    given_somebody_is_signed_in,
    then_i_see,
    then_the_step_is_done,
    when_i_answer_all,
    when_i_begin_a_new,
    when_i_complete,
    when_i_open,
    when_i_submit,
)
from tests.journeys.windows import Journey, Window

LOAN = "Bicycle loan"
QUESTIONS: list[dict[str, Any]] = [
    {"Type of answer": "Text of several lines", "Question": "Where do you want to go?", "Short label": "Way"},
    {"Type of answer": "A date", "Question": "From which day?", "Short label": "First day"},
    {"Type of answer": "Yes or no", "Question": "May it be lent?", "Short label": "Lent"},
    {"Type of answer": "One line of text", "Question": "Why not?", "Short label": "Why not"},
    {"Type of answer": "One answer from a short list", "Question": "How does it look?", "Short label": "Looks",
     "Answers to choose from": "Well\nIn need of repair"},
]  # fmt: skip
FORMS = {"Ask for it": ["Way", "First day"], "Say yes or no": ["Lent", "Why not"], "Bring it back": ["Looks"]}
RENAMED: dict[str, dict[str, Any]] = {"Begun": {"Name": "Wanted", "Counts as": "Not counted"}, "Ended": {"Name": "Back"}}
STAGES = {"On the road": "Open", "Not lent": "Not counted"}
LEAD = ["ICB lead"]


def when_i_make_it(me: Window) -> DraftOf:
    me.follow("Definitions")
    me.follow("Make a new workflow")
    say(me, {"Name of the new workflow": LOAN})
    me.press("Continue")
    draft = DraftOf(me)
    for question in QUESTIONS:
        draft.open("Questions")
        draft.add("Add a question", question)
    draft.open("Questions", "Why not?")
    draft.only("Only asked when", "Lent", ["No"])
    for name, questions in FORMS.items():
        draft.open("Forms and their pages")
        draft.add("Add a form", {"Name": name})
        draft.add("Add a page", {"Heading": name})
        for short in questions:
            draft.add("Put a question on this page", {"Question": short})
    for name, said in RENAMED.items():
        draft.open(LOAN, name)
        draft.change(said)
    for stage, counts in STAGES.items():
        draft.open(LOAN)
        draft.add("Add a stage", {"Name": stage, "Counts as": counts, "Reviews end here": counts == "Not counted"})
    return draft


def when_i_add_its_steps(draft: DraftOf) -> None:
    draft.open(LOAN)
    draft.add("Add an e-mail", {"Subject": "Somebody asks for a bicycle: {reference}", "Text": "Say yes or no: {link}"})
    draft.open(LOAN, "Begin")
    draft.change({"Name": "Ask for a bicycle", "Form": "Ask for it"})
    draft.add("Add an e-mail that is sent", {"E-mail": "Somebody asks for a bicycle: {reference}", "To": LEAD})
    draft.open(LOAN)
    draft.add("Add a step", {"Name": "Lend it", "From": ["Wanted"], "Who takes it": LEAD, "Form": "Say yes or no"})
    step = draft.me.path
    for answer, to in (("Yes", "On the road"), ("No", "Not lent")):
        draft.me.open(step)
        draft.add("Add a way to end", {"Leads to": to})
        draft.only("When", "Lent", [answer])
    draft.open(LOAN, "End it")
    draft.change({"Name": "Bring it back", "From": ["On the road"], "not From": ["Wanted"], "Form": "Bring it back"})
    draft.open(LOAN)
    draft.add(
        "Add a deadline",
        {"Name": "Brought back", "Runs from": "First day", "Due after": "5 working days", "Met by": ["Bring it back"]},
    )


@pytest.mark.thorough
@pytest.mark.parametrize("javascript", [False])
def test_a_workflow_is_made_from_nothing_in_the_browser_and_used_to_its_end(journey: Journey) -> None:
    administrator = given_somebody_is_signed_in(journey, Role.ADMINISTRATOR, "ENG")
    draft = when_i_make_it(administrator)
    when_i_add_its_steps(draft)
    draft.open()
    then_i_see(administrator, "No mistakes")
    draft.open("See the changes and release")
    say(administrator, {"Why is this being released?": "There are bicycles now."})
    administrator.press("Release")
    then_i_see(administrator, f"Released: {LOAN} version 1.")

    with reading(journey.live.running.engine) as session:
        asked = folder_of(sources_of(session, "bicycle_loan")).questions
    loans = replace(journey, bank=asked)
    me = given_somebody_is_signed_in(loans, Role.DESIGNATE)
    lead = given_somebody_is_signed_in(loans, Role.ICB_LEAD)
    when_i_begin_a_new(me, LOAN)
    when_i_answer_all(me, way="To the other site and back.", first_day="28 10 2024")
    when_i_submit(me)
    then_the_step_is_done(me, "Ask for a bicycle")
    me.follow("Go to the review")
    then_i_see(me, "Wanted", "Lend it")
    lead.follow("Home")
    then_i_see(lead, "Steps that wait for you", "Lend it")
    when_i_open(lead, me.path)
    when_i_complete(lead, "Lend it", lent="Yes")
    when_i_open(me, me.path)
    then_i_see(me, "On the road", "Brought back", "4 November 2024")
    when_i_complete(me, "Bring it back", looks="Well")
    then_i_see(me, "Back", "Closed", "Nothing more is due.")
