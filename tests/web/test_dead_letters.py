"""The page of e-mails that could not be sent: why, to whom by name, and trying them again."""

import pytest
from sqlalchemy import select

from scrt_workflow.database import reading, unit_of_work
from scrt_workflow.models import Notice
from scrt_workflow.permissions import Role
from scrt_workflow.web import dead_letters
from tests.factories import Browser, Running, make_person
from tests.web.test_jobs import make_notice, words

UNKNOWN = "550 <b>gone</b>"


@pytest.fixture
def failed(running: Running) -> list[int]:
    """Give three e-mails that could not be sent, two of them for the same reason, and one that waits."""
    with unit_of_work(running.engine) as session:
        person = make_person(session, email="gone@example.nhs.uk", name="Dana Okafor")
        make_notice(session, person, "queued")
        reasons = [UNKNOWN, "552 Full", UNKNOWN]
        return [make_notice(session, person, "failed", reason, str(n)) for n, reason in enumerate(reasons)]


@pytest.fixture
def administrator(running: Running) -> Browser:
    return running.as_a(Role.ADMINISTRATOR, "ENG")


def statuses(running: Running) -> list[str]:
    with reading(running.engine) as session:
        return list(session.scalars(select(Notice.status).order_by(Notice.id)))


def test_each_is_shown_with_its_reason_as_text_and_its_reader_by_name(administrator: Browser, failed: list[int]) -> None:
    page = words(administrator, "/jobs/e-mails")

    assert "3 in all" in page
    assert "550 &lt;b&gt;gone&lt;/b&gt;" in page
    assert "Dana Okafor" in page
    assert "gone@example.nhs.uk" not in page
    assert "Update overdue" in page


def test_one_is_tried_again(running: Running, administrator: Browser, failed: list[int]) -> None:
    path = f"/jobs/e-mails/{failed[0]}/try-again"
    assert "All 2 that could not be sent for the same reason" in words(administrator, path)

    assert administrator.post(path, {"which": "one"}).status_code == 303

    assert statuses(running) == ["queued", "queued", "failed", "failed"]
    assert administrator.get(path).status_code == 404


def test_all_with_the_same_reason_are_tried_again(running: Running, administrator: Browser, failed: list[int]) -> None:
    assert administrator.post(f"/jobs/e-mails/{failed[0]}/try-again", {"which": "all"}).status_code == 303

    assert statuses(running) == ["queued", "queued", "failed", "queued"]
    assert "2 e-mails are tried again." in words(administrator, "/jobs/e-mails")


def test_one_that_is_alone_with_its_reason_needs_no_choice(running: Running, administrator: Browser, failed: list[int]) -> None:
    assert administrator.post(f"/jobs/e-mails/{failed[1]}/try-again").status_code == 303

    assert statuses(running) == ["queued", "failed", "queued", "failed"]


def test_where_there_is_a_choice_it_has_to_be_made(running: Running, administrator: Browser, failed: list[int]) -> None:
    answer = administrator.post(f"/jobs/e-mails/{failed[0]}/try-again", {"which": "none of these"})

    assert answer.status_code == 422
    assert statuses(running).count("failed") == 3


def test_a_long_list_comes_page_by_page(administrator: Browser, failed: list[int], monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(dead_letters, "A_PAGE", 2)

    first = words(administrator, "/jobs/e-mails")
    assert f"/jobs/e-mails?before={failed[1]}" in first
    second = words(administrator, f"/jobs/e-mails?before={failed[1]}")
    assert second.count("e-mail " + str(failed[0])) == 1
    assert "Back to the newest" in second


@pytest.mark.parametrize("before", ["9" * 30, "-1", "x", "%00", "0"])
def test_no_page_number_breaks_the_list(administrator: Browser, failed: list[int], before: str) -> None:
    assert administrator.get(f"/jobs/e-mails?before={before}").status_code == 200


@pytest.mark.parametrize("number", ["0", "9" * 18, "9" * 30])
def test_an_e_mail_that_is_not_there_is_not_there(administrator: Browser, number: str) -> None:
    assert administrator.get(f"/jobs/e-mails/{number}/try-again").status_code == 404
