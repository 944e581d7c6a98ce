"""The page of what happens by itself: for administrators, and true."""

from datetime import UTC, datetime, timedelta

from sqlalchemy.orm import Session

from scrt_workflow.database import unit_of_work
from scrt_workflow.models import JobRun, Notice, Person
from scrt_workflow.operations.notices import queue
from scrt_workflow.operations.readiness import heartbeat
from scrt_workflow.permissions import Role
from tests.factories import REAL_NOW, Running, make_person

AT = datetime(2024, 11, 1, 9, tzinfo=UTC)


def shown(running: Running) -> str:
    page = running.as_a(Role.ADMINISTRATOR, "ENG").get("/jobs")
    assert page.status_code == 200
    return " ".join(page.text.split())


def make_notice(session: Session, person: Person, status: str, error: str = "") -> None:
    queue(session, "update_overdue", [person.id], once=status, refs={"review": "1"}, at=AT)
    notice = session.query(Notice).filter_by(once_key=f"{status}:{person.id}").one()
    notice.status, notice.last_error = status, error or None


def test_before_anything_ran_it_says_so_and_when_it_will(running: Running) -> None:
    page = shown(running)

    assert "No scheduler is running" in page
    assert page.count("It has not run yet") == page.count("<h3") > 0
    assert "2 November 2024 at 7am" in page


def test_a_run_is_shown_with_what_it_came_to_and_a_living_scheduler_without_a_warning(running: Running) -> None:
    with unit_of_work(running.engine) as session:
        heartbeat(session, "scheduler:one", at=REAL_NOW)
        session.add(
            JobRun(
                job="reminders", period="2024-11-01", status="done", owner="one", attempt=2, outcome={"due": 3, "queued": 5},
                started_at=REAL_NOW, finished_at=REAL_NOW + timedelta(seconds=1.5),
            )
        )  # fmt: skip

    page = shown(running)

    assert "No scheduler is running" not in page
    assert "For 1 November 2024" in page
    assert "It came to 3 due, 5 queued." in page
    assert "It took 1.5 seconds, after 1 earlier attempt." in page


def test_what_could_not_be_sent_is_shown_with_its_reason_as_text(running: Running) -> None:
    with unit_of_work(running.engine) as session:
        person = make_person(session, email="gone@example.nhs.uk")
        make_notice(session, person, "failed", "550 <b>gone</b>")
        make_notice(session, person, "queued")

    page = shown(running)

    assert "550 &lt;b&gt;gone&lt;/b&gt;" in page
    assert "Waiting to be sent" in page


def test_only_an_administrator_may_look(running: Running) -> None:
    assert running.as_a(Role.ICB_LEAD, "QMJ").get("/jobs").status_code == 403
    assert running.as_a(Role.NATIONAL_LEAD, "ENG").get("/jobs").status_code == 403
