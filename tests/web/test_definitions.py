"""Definitions on pages: versions and how many reviews are on each, a picture, and the table that says the same."""

from __future__ import annotations

from datetime import timedelta
from xml.etree.ElementTree import fromstring

import pytest
from sqlalchemy import select
from werkzeug.test import TestResponse

from scrt_workflow.database import reading, unit_of_work
from scrt_workflow.folder import read_sources
from scrt_workflow.models import DefinitionVersion
from scrt_workflow.operations import definitions
from scrt_workflow.permissions import Role
from tests.definitions.shipped import SHIPPED
from tests.factories import NOW, Running
from tests.web.invented import ready, review
from tests.web.reading import links, page_of, words

SAR = "safeguarding_adult_review"


def version_of(running: Running, workflow: str = SAR, *, number: int = 1) -> int:
    with reading(running.engine) as session:
        query = select(DefinitionVersion.id).where(DefinitionVersion.workflow == workflow, DefinitionVersion.number == number)
        return session.scalars(query).one()


def release_again(running: Running) -> None:
    """Release another version of the SAR, in which one title is different."""
    file = f"workflows/{SAR}.yaml"
    sources = {**SHIPPED.sources, file: SHIPPED.sources[file].replace("Record the sign-off", "Note the sign-off")}
    with unit_of_work(running.engine) as session:
        definitions.load(session, read_sources(sources, known_types=definitions.known_types()), at=NOW + timedelta(days=1))


def test_each_version_says_how_many_open_reviews_it_has(running: Running) -> None:
    ready(running)
    review(running, up_to="start")
    review(running, up_to="close", label="B")
    release_again(running)
    review(running, up_to="commission", label="C", code="QOP")

    here = running.as_a(Role.DESIGNATE, "QMJ").get("/definitions")
    everywhere = running.as_a(Role.ADMINISTRATOR, "ENG").get("/definitions")

    assert "Version 2 of Safeguarding adult review (SAR) In use" in words(here)
    assert [row.split()[-1] for row in _rows_of(here)] == ["0", "1"]
    assert [row.split()[-1] for row in _rows_of(everywhere)] == ["1", "1"]
    assert "Counted are the reviews that you may see." in words(here)
    assert "Counted are" not in words(everywhere)


def _rows_of(page: TestResponse) -> list[str]:
    (table,) = [one for one in page_of(page).select("table") if "Safeguarding adult" in one.get_text()]
    return [" ".join(row.get_text(" ").split()) for row in table.select("tbody tr")]


def test_every_role_may_read_a_definition_and_none_may_change_it_there(running: Running) -> None:
    ready(running)
    address = f"/definitions/{version_of(running)}"

    for role, place in ((Role.VIEWER, "QMJ"), (Role.DESIGNATE, "QOP"), (Role.ADMINISTRATOR, "ENG")):
        browser = running.as_a(role, place)
        assert browser.get(address).status_code == browser.get(f"{address}/diagram").status_code == 200
        assert page_of(browser.get(address)).select("form") == []


def test_the_table_says_of_each_step_from_where_to_where_who_and_when(running_on_sqlite: Running) -> None:
    running = ready(running_on_sqlite)
    page = running.as_a(Role.VIEWER, "QMJ").get(f"/definitions/{version_of(running, 'domestic_homicide_review')}")

    row = words(page, "#step-give_icb_assurance")

    assert "From With the ICB Chief Nurse" in row
    assert "With the Regional Chief when “ICB Chief Nurse assured” is “Yes”" in row
    assert "Signed off when “ICB Chief Nurse assured” is “No”" in row
    assert "The ICB Chief Nurse" in row
    assert links(page)["Give ICB assurance"] == "#form-icb_assurance"
    assert "Is the ICB Chief Nurse assured regarding DHR health recommendations?" in words(page, "#form-icb_assurance")
    assert "Nobody who wrote one of these, or gave another approval, may take it." in row


def test_deadlines_and_reminders_are_said_in_words(running_on_sqlite: Running) -> None:
    running = ready(running_on_sqlite)
    page = words(running.as_a(Role.VIEWER, "QMJ").get(f"/definitions/{version_of(running, 'rapid_review')}"))

    assert "15 working days after “Notification date”, until “Record that it went to the Panel”" in page
    assert "To the designated professional: 30 days after the last of “Record a notification”" in page
    assert "then every 14 days; from the 4th on also to the ICB lead or the regional lead." in page


def test_the_picture_is_safe_to_open_and_says_where_the_review_is(running: Running) -> None:
    ready(running)
    browser, version = running.as_a(Role.VIEWER, "QMJ"), version_of(running)

    answer = browser.get(f"/definitions/{version}/diagram/in-progress")

    picture = fromstring(answer.data)
    assert answer.mimetype == "image/svg+xml"
    assert "default-src 'none'" in answer.headers["Content-Security-Policy"]
    assert answer.headers["X-Content-Type-Options"] == "nosniff"
    assert (
        next(iter(picture)).text
        == "Safeguarding adult review (SAR): its stages and the steps between them; the review is at “In progress”"
    )
    assert "(this review is here)" in answer.text


def test_the_page_of_a_review_shows_the_picture_of_its_own_version(running: Running) -> None:
    ready(running)
    review_id, first = review(running, up_to="start"), version_of(running)
    release_again(running)

    page = page_of(running.as_a(Role.VIEWER, "QMJ").get(f"/reviews/{review_id}"))

    (picture,) = page.select(".scrt-diagram img")
    assert picture["src"] == f"/definitions/{first}/diagram/in-progress"
    assert "“In progress”" in str(picture["alt"])


@pytest.mark.parametrize("address", ["999", "999/diagram", "2147483648", "{}/diagram/no-such-state", "x"])
def test_a_version_or_state_that_there_is_not_is_not_there(running_on_sqlite: Running, address: str) -> None:
    running = ready(running_on_sqlite)

    answer = running.as_a(Role.VIEWER, "QMJ").get(f"/definitions/{address.format(version_of(running))}")

    assert answer.status_code == 404
