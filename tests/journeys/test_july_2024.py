"""July 2024, told as it could have been: two questions are added for DHRs in the browser, with thirty reviews in flight."""

import re
import shutil
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import select

from scrt_workflow.database import reading, unit_of_work
from scrt_workflow.models import Review
from scrt_workflow.operations import definitions
from scrt_workflow.permissions import Role
from scrt_workflow.settings import Settings
from tests.factories import NOW, make_running
from tests.journeys.album import Album
from tests.journeys.before_july import FLOW, before_july
from tests.journeys.beginnings import PLAYED
from tests.journeys.drafting import DraftOf, say
from tests.journeys.telling import given_somebody_is_signed_in, then_i_see, when_i_complete, when_i_open
from tests.journeys.windows import Journey, Window
from tests.web.guided import with_history

DHR = "Domestic homicide review (DHR)"
ASKED = {
    "ICB Chief Nurse assured": "Is the ICB Chief Nurse assured regarding DHR health recommendations?",
    "Regional Chief content": "Is the Regional Chief content to accept DHR health recommendations?",
}
NURSE, CHIEF = ASKED
YES_NO_NOT_YET = "Yes\nNo\nNot yet"
NOT_GIVEN = {
    short: {"No": (short, "Signed off", False), "Not yet": (short, "Stays where it is", False)} for short in (NURSE, CHIEF)
}
APPROVES: dict[str, Any] = {
    "Approves": ["Lessons and recommendations", "Sign-off date"],
    "If one of them changes, the review goes to": "With the ICB Chief Nurse",
}
LIVED: list[tuple[str, dict[str, Any]]] = [
    ("refer", {"partnership": "CSP-E22000191", "referred_on": "2024-01-05"}),
    ("commission", {"decided_on": "2024-01-08", "commissioned_on": "2024-01-08"}),
    ("start", {"started_on": "2024-01-09"}),
    ("record_learning", {"organisational_learning": ["L02"], "lessons": "Every service is to name one lead by May."}),
    ("sign_off", {"report_signed_off_date": "2024-01-10"}),
    ("decide_publication", {"publication_status": "public", "publication_date": "2024-01-10", "report_link": "https://a.example/r"}),
]  # fmt: skip
STAGES = {1: 6, 2: 6, 3: 4, 4: 4, 5: 6, 6: 4}
"""How many of the thirty have got how many steps far."""


@pytest.fixture(scope="module")
def ready_template(sqlite_template: Path, journeys_instance: Path) -> Path:
    """Begin with what the definitions were before the two questions."""
    path = Path(shutil.copyfile(sqlite_template, journeys_instance / "before-july.sqlite"))
    running = make_running(Settings(instance=journeys_instance, demo=True), f"sqlite:///{path}")
    with unit_of_work(running.engine) as session:
        definitions.load(session, before_july(), at=NOW)
    running.engine.dispose()
    return path


@pytest.fixture
def settings(settings: Settings) -> Settings:
    """Have a second administrator approve each release, as outside the demo."""
    return settings.model_copy(update={"two_person_release": True})


def given_thirty_dhrs(journey: Journey) -> str:
    """Have thirty reviews at different stages, and give the address of one that is signed off."""
    who = {"person": "before@example.nhs.uk", "role": "designate", "organisation": "QMJ", "workflow": FLOW}
    lines: list[dict[str, Any]] = []
    for number, steps in enumerate(steps for steps, many in STAGES.items() for _ in range(many)):
        about = {"review_type": "dhr_adult", **PLAYED, "identifier_ref_1": f"2024/{1000 + number}"}
        for step, answers in LIVED[:steps]:
            said = answers | (about if step == "refer" else {})
            at = f"2024-01-20T{10 + len(lines) // 60}:{len(lines) % 60:02}:00"
            lines.append({**who, "at": at, "review": f"QMJ {number}", "step": step, "answers": said})
    with_history(journey.live.running, *lines)
    with reading(journey.live.running.engine) as session:
        return f"/reviews/{session.scalars(select(Review.id).where(Review.state == 'signed_off').limit(1)).one()}"


def when_i_begin_a_draft(me: Window, workflow: str, name: str) -> DraftOf:
    me.follow("Definitions")
    me.follow(f"Change this {workflow} in a draft")
    say(me, {"Name of the draft": name})
    me.press("Continue")
    return DraftOf(me)


def when_i_add_the_questions(draft: DraftOf) -> None:
    for short, question in ASKED.items():
        draft.open("Questions")
        asked = {"Type of answer": "One answer from a short list", "Question": question, "Short label": short}
        draft.add("Add a question", {**asked, "Answers to choose from": YES_NO_NOT_YET, "Asked afresh each time": True})
        draft.open("Questions")
        why = f"Why is the {short.removesuffix(' assured').removesuffix(' content')} not so?"
        asked = {"Type of answer": "Text of several lines", "Question": why, "Short label": f"Why not: {short}"}
        draft.add("Add a question", asked)
        draft.only("Only asked when", short, ["No"])


def when_i_add_a_form(draft: DraftOf, name: str, *questions: str) -> None:
    draft.open("Forms and their pages")
    draft.add("Add a form", {"Name": name})
    draft.add("Add a page", {"Heading": "The health recommendations"})
    for question in questions:
        draft.add("Put a question on this page", {"Question": question})


def when_i_add_a_step(draft: DraftOf, said: dict[str, Any], ends: dict[str, tuple[str, str, bool]]) -> None:
    """Add a step; *ends* says by answer: the question, where it leads, and whether it gives the approval."""
    draft.open(DHR)
    draft.add("Add a step", said)
    step = draft.me.path
    for answer, (question, to, approves) in ends.items():
        draft.me.open(step)
        draft.add("Add a way to end", {"Leads to": to, "Gives the approval": approves})
        draft.only("When", question, [answer])


def when_i_add_the_stages_and_steps(draft: DraftOf) -> None:
    for stage in ("With the ICB Chief Nurse", "With the Regional Chief", "Assured"):
        draft.open(DHR)
        draft.add("Add a stage", {"Name": stage, "Counts as": "Open"})
    ask = {"Name": "Ask the ICB Chief Nurse", "From": ["Signed off"], "Who takes it": ["Designated professional"]}
    when_i_add_a_step(draft, {**ask, "Leads to": "With the ICB Chief Nurse"}, {})
    give = {"Name": "Give ICB assurance", "From": ["With the ICB Chief Nurse"], "Who takes it": ["ICB Chief Nurse"]}
    gives = {"Yes": (NURSE, "With the Regional Chief", True), **NOT_GIVEN[NURSE]}
    when_i_add_a_step(draft, {**give, "Form": "Give ICB assurance", **APPROVES}, gives)
    accept = {"Name": "Accept for the region", "From": ["With the Regional Chief"], "Who takes it": ["Regional Chief Nurse"]}
    accepts = {"Yes": (CHIEF, "Assured", True), **NOT_GIVEN[CHIEF]}
    when_i_add_a_step(draft, {**accept, "Form": "Accept for the region", **APPROVES}, accepts)


def when_i_ask_for_both_before_publication(draft: DraftOf) -> None:
    draft.open(DHR, "With the Regional Chief")
    draft.change({"Approvals that must stand": ["Give ICB assurance"]})
    for stage in ("Assured", "Published", "Embargoed"):
        draft.open(DHR, stage)
        draft.change({"Approvals that must stand": ["Give ICB assurance", "Accept for the region"]})
    draft.open(DHR, "Publish or embargo the report")
    draft.change({"From": ["Assured"], "not From": ["Signed off"]})
    draft.open(DHR, "Acknowledge the media interest")
    draft.change({"From": ["With the ICB Chief Nurse", "With the Regional Chief", "Assured"]})
    draft.open(DHR, "Reopen the review")
    draft.change({"Ends the approvals of": ["Give ICB assurance", "Accept for the region"]})


def when_i_take_in_rehearsal(me: Window, step: str, **answers: str) -> None:
    """Take a step of a made-up review, and have the service answer what is not said."""
    me.follow(step)
    for question, value in answers.items():
        me.answer(question, value)
    if not me.path.endswith("/check"):
        me.press("Continue" if answers else "Fill in with invented answers")
    me.press("Submit in the rehearsal")


def when_i_rehearse_it(draft: DraftOf, album: Album) -> None:
    """Play a made-up review to where the chief nurse is asked, and answer as the chief nurse."""
    me = draft.me
    draft.open("Rehearse it with a made-up review")
    say(me, {"Which ICB is it for?": "NHS North Central London Integrated Care Board"})
    me.press("Begin with the first form filled in")
    for step in ("Record the commissioning", "Start the review", "Record lessons and learning", "Record the sign-off"):
        when_i_take_in_rehearsal(me, step)
    when_i_take_in_rehearsal(me, "Ask the ICB Chief Nurse")
    me.goes(me.page.get_by_role("button", name=re.compile("Act as this.*ICB Chief Nurse")).click)
    when_i_take_in_rehearsal(me, "Give ICB assurance", icb_chief_nurse_assured="Yes")
    then_i_see(me, "With the Regional Chief", "Accept for the region")
    album.take(me, "rehearsal")


def then_somebody_else_releases_it(draft: DraftOf, colleague: Window, album: Album) -> None:
    me = draft.me
    draft.open("See the changes and release")
    then_i_see(me, "Added", NURSE, CHIEF)
    say(me, {"Why is this being released?": "The Home Office asks for both from 22 July 2024."})
    me.press("Ask for the release")
    then_i_see(me, "Another administrator releases it.")
    colleague.open(me.path)
    then_i_see(colleague, "The Home Office asks for both from 22 July 2024.", "Give ICB assurance")
    album.take(colleague, "release-by-a-colleague")
    colleague.press("Release")
    then_i_see(colleague, f"Released: {DHR} version 2.")


def when_i_move_the_open_ones(me: Window, album: Album) -> None:
    me.open("/definitions")
    me.follow(DHR)
    me.follow("Move open reviews to this version")
    then_i_see(me, "26 reviews are under way on version 1", f"“{NURSE}” is asked now")
    say(me, {"Now": True})
    me.press("See what would happen")
    then_i_see(me, "26 reviews move")
    album.take(me, "what-would-happen")
    me.press("Move 26 reviews")
    then_i_see(me, "What came of each review", "Moved 26")
    album.take(me, "what-came-of-each-review")


@pytest.mark.thorough
@pytest.mark.parametrize("javascript", [True])
def test_two_questions_are_added_with_thirty_reviews_in_flight(journey: Journey, album: Album) -> None:
    me = given_somebody_is_signed_in(journey, Role.ADMINISTRATOR, "ENG", name="Priya Nair")
    colleague = given_somebody_is_signed_in(journey, Role.ADMINISTRATOR, "ENG", name="Owen Hart")
    designate = given_somebody_is_signed_in(journey, Role.DESIGNATE, name="Amara Okafor")
    nurse = given_somebody_is_signed_in(journey, Role.ICB_CHIEF_NURSE, name="Helen Marchbank")
    signed_off = given_thirty_dhrs(journey)

    # Two questions, with their forms, stages and steps.
    draft = when_i_begin_a_draft(me, DHR, "Two assurance questions")
    when_i_add_the_questions(draft)
    when_i_add_a_form(draft, "Give ICB assurance", NURSE, f"Why not: {NURSE}")
    when_i_add_a_form(draft, "Accept for the region", CHIEF, f"Why not: {CHIEF}")
    when_i_add_the_stages_and_steps(draft)
    when_i_ask_for_both_before_publication(draft)
    draft.open()
    then_i_see(me, "No mistakes")
    draft.open(DHR)
    album.take(me, "draft-of-a-workflow")
    draft.open("Questions", ASKED[NURSE])
    album.take(me, "draft-of-a-question")

    when_i_rehearse_it(draft, album)
    then_somebody_else_releases_it(draft, colleague, album)

    # The open ones are moved, back, and again; a review that is signed off asks for assurance now.
    when_i_move_the_open_ones(me, album)
    me.unfold("Undo: move these reviews back to version 1")
    me.press("Move back 26 reviews")
    then_i_see(me, "The reviews were moved back")
    when_i_open(designate, signed_off)
    then_i_see(designate, "Publish or embargo the report")
    when_i_move_the_open_ones(me, album)
    when_i_open(designate, signed_off)
    when_i_complete(designate, "Ask the ICB Chief Nurse")
    when_i_open(nurse, signed_off)
    when_i_complete(nurse, "Give ICB assurance", icb_chief_nurse_assured="Yes")
    then_i_see(nurse, "With the Regional Chief")
    album.take(nurse, "review-that-was-moved")
