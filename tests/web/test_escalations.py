"""What the pages of a review and home say of media interest that waits to be acknowledged."""

from __future__ import annotations

from datetime import timedelta
from uuid import UUID

from scrt_workflow.database import unit_of_work
from scrt_workflow.operations.contacts import add_contact
from scrt_workflow.permissions import Role
from tests.factories import NOW, SINCE, Browser, Running
from tests.web.guided import complete
from tests.web.invented import colleague, designate, ready, reference_of, review
from tests.web.reading import links, words

FLAG = {"media_interest": "high", "specialised_commissioning": "no"}
TOLD = {"media_interest_told": ["medical_director"], "media_interest_told_on": "2024-11-01"}
BOX = ".scrt-escalation"


def lead(running: Running, role: Role = Role.REGIONAL_LEAD, place: str = "Y56", name: str = "Lena Ward") -> Browser:
    return colleague(running, role, place, name=name)


def flagged(running: Running) -> tuple[UUID, Browser]:
    """Make a review whose media interest is flagged at NOW, and a regional lead who was told."""
    ready(running)
    with unit_of_work(running.engine) as session:
        add_contact(session, "Y56", "medical_director", "director@example.nhs.uk", valid_from=SINCE, at=NOW)
    one, told = review(running, up_to="start"), lead(running)
    complete(designate(running), one, "flag_media_interest", FLAG)
    return one, told


def test_the_page_of_a_review_says_that_it_waits_whom_it_told_and_when_it_is_raised_next(running: Running) -> None:
    one, told = flagged(running)

    said = words(told.get(f"/reviews/{one}"), BOX)

    assert said.startswith("Media interest Not acknowledged yet Raised once, first on 1 November 2024 at 9am.")
    assert "Everyone is told again on 2 November 2024 at 9am, unless it is acknowledged before." in said
    assert "Told by e-mail: Medical director, Lena Ward." in said
    assert "Nobody is recorded for: Director of commissioning operations, Director of nursing, Locality director" in said


def test_only_who_may_acknowledge_it_is_offered_to(running: Running) -> None:
    one, told = flagged(running)
    link = f"/reviews/{one}/steps/acknowledge-media-interest"

    assert links(told.get(f"/reviews/{one}"))["Acknowledge the media interest"] == link
    mine = designate(running).get(f"/reviews/{one}")
    assert "Not acknowledged yet" in words(mine, BOX)
    assert link not in links(mine).values()


def test_home_lists_what_waits_for_the_regional_leads_acknowledgement_until_it_is_given(running: Running) -> None:
    one, told = flagged(running)
    reference = reference_of(running, one)

    assert f"Acknowledge the media interest of {reference}" in links(told.get("/"))
    for other in (
        lead(running, place="Y62", name="Omar Elsewhere"),
        lead(running, Role.NATIONAL_LEAD, "ENG"),
        designate(running),
    ):
        assert "Waiting to be acknowledged" not in words(other.get("/"))

    complete(told, one, "acknowledge_media_interest", TOLD)

    assert "Waiting to be acknowledged" not in words(told.get("/"))
    said = words(told.get(f"/reviews/{one}"), BOX)
    assert said.startswith("Media interest Acknowledged Raised once")
    assert "Acknowledged by Lena Ward, Regional lead, on 1 November 2024 at 9am." in said


def test_one_whose_interest_fell_says_so(running: Running) -> None:
    one, told = flagged(running)
    running.clock.advance(timedelta(hours=1))
    complete(told, one, "flag_media_interest", {**FLAG, "media_interest": "none"})

    said = words(told.get(f"/reviews/{one}"), BOX)
    assert said.startswith("Media interest Stopped Raised once")
    assert "Stopped, since what began it was changed by Lena Ward, Regional lead, on 1 November 2024 at 10am." in said


def test_where_nothing_was_flagged_nothing_is_said_and_nothing_is_to_be_acknowledged(running: Running) -> None:
    ready(running)
    one = review(running, up_to="start")
    page = lead(running).get(f"/reviews/{one}")

    assert page.text.count("scrt-escalation") == 0
    assert "Acknowledge the media interest" not in words(page)


def test_the_workflow_in_words_says_whom_it_tells_and_how_it_stops(running: Running) -> None:
    ready(running)
    listed = links(lead(running).get("/definitions"))
    page = lead(running).get(next(href for text, href in listed.items() if "Safeguarding adult review" in text))

    said = words(page, "#escalations + ul")
    assert "Begins when “Likelihood of media interest” is “Medium" in said
    assert "Goes to the regional lead and to the posts “Director of commissioning operations”" in said
    assert "Goes out again every 1 day, until “Acknowledge the media interest” is completed." in said
    assert "After 3 times, to the national lead too." in said


def test_where_nobody_leads_the_region_home_asks_the_national_lead_who_was_told_instead(running: Running) -> None:
    ready(running)
    one, national = review(running, up_to="start"), lead(running, Role.NATIONAL_LEAD, "ENG")
    complete(designate(running), one, "flag_media_interest", FLAG)

    assert f"Acknowledge the media interest of {reference_of(running, one)}" in links(national.get("/"))
