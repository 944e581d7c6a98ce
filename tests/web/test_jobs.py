"""The page of what happens by itself: for administrators, and true."""

from datetime import UTC, datetime, timedelta

from sqlalchemy.orm import Session

from scrt_workflow.database import unit_of_work
from scrt_workflow.models import JobRun, Notice, Person, TieOutFinding
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


def test_figures_that_were_not_frozen_say_what_does_not_sum(running: Running) -> None:
    sentence = "October 2024 was not frozen. England has 3 open of type sar_adult, and its regions together 2."
    with unit_of_work(running.engine) as session:
        outcome = {"error": "DoesNotTieOutError", "told": sentence}
        run = JobRun(
            job="month_ends", period="2024-10", status="failed", owner="one", attempt=1, outcome=outcome, started_at=REAL_NOW
        )
        session.add(run)

    assert sentence in shown(running)


def test_what_the_tie_out_found_is_listed_by_kind_in_references_and_only_for_administrators(running: Running) -> None:
    with unit_of_work(running.engine) as session:
        for kind, subject in (("counts_otherwise", "R-7K3MQ-0P4XZ"), ("frozen_changed", "ENG, October 2024")):
            session.add(TieOutFinding(kind=kind, subject=subject, found_on=AT.date()))
        session.add(JobRun(job="tie_out", period="2024-11-01", status="done", owner="one", attempt=1, started_at=REAL_NOW))

    page = running.as_a(Role.ADMINISTRATOR, "ENG").get("/jobs/tie-out").text

    assert "The last tie-out found 2 things that cannot be." in shown(running)
    for words in (
        "That was last done for 1 November 2024.",
        "Counted otherwise than its stage says",
        "R-7K3MQ-0P4XZ",
        "ENG, October",
    ):
        assert words in " ".join(page.split())
    assert running.as_a(Role.NATIONAL_LEAD, "ENG").get("/jobs/tie-out").status_code == 403


def test_a_tie_out_that_found_nothing_says_so(running_on_sqlite: Running) -> None:
    with unit_of_work(running_on_sqlite.engine) as session:
        session.add(JobRun(job="tie_out", period="2024-11-01", status="done", owner="one", attempt=1, started_at=REAL_NOW))

    page = running_on_sqlite.as_a(Role.ADMINISTRATOR, "ENG").get("/jobs/tie-out").text

    assert "Nothing was found: records and figures agree." in page
