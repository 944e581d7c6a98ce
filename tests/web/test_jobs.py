"""The pages of what happens by itself: for administrators, and true."""

from datetime import UTC, datetime, timedelta

import pytest
from sqlalchemy import select
from sqlalchemy.orm import Session

from scrt_workflow.database import reading, unit_of_work
from scrt_workflow.models import JobPause, JobRun, JobWish, Notice, Person, TieOutFinding
from scrt_workflow.operations.notices import queue
from scrt_workflow.operations.readiness import SILENT_AFTER, heartbeat
from scrt_workflow.operations.timetable import TIMETABLE
from scrt_workflow.permissions import Role
from tests.factories import NOW, REAL_NOW, Browser, Running, make_person

AT = datetime(2024, 11, 1, 9, tzinfo=UTC)


@pytest.fixture
def administrator(running: Running) -> Browser:
    return running.browser(running.person((Role.ADMINISTRATOR, "ENG"), name="Ada Obi"))


def words(browser: Browser, path: str = "/jobs") -> str:
    page = browser.get(path)
    assert page.status_code == 200
    return " ".join(page.text.split())


def make_notice(session: Session, person: Person, status: str, error: str = "", once: str = "") -> int:
    queue(session, "update_overdue", [person.id], once=once or status, refs={"review": "1"}, at=AT)
    notice = session.query(Notice).filter_by(once_key=f"{once or status}:{person.id}").one()
    notice.status, notice.last_error = status, error or None
    return notice.id


def make_run(session: Session, period: str, status: str = "done", **more: object) -> None:
    run = {
        "job": "reminders",
        "owner": "one",
        "attempt": 1,
        "started_at": REAL_NOW,
        "finished_at": REAL_NOW + timedelta(seconds=1.5),
    }
    session.add(JobRun(period=period, status=status, **run | more))


def test_before_anything_ran_it_says_so_and_when_it_will(administrator: Browser) -> None:
    page = words(administrator)

    assert page.count("It has not run yet") == page.count("<h3 class") == len(TIMETABLE)
    assert "2 November 2024 at 7am" in page


def test_a_run_is_shown_with_what_it_came_to_in_words(running: Running, administrator: Browser) -> None:
    with unit_of_work(running.engine) as session:
        make_run(session, "2024-11-01", attempt=2, outcome={"due": 3, "queued": 1, "without_a_reader": 0})

    for page in (words(administrator), words(administrator, "/jobs/reminders")):
        assert "1 November 2024" in page
        assert "3 reminders were due, 1 e-mail was queued." in page
        assert "This was attempt 2." in page
        assert "1 second" in page


def test_a_run_whose_process_was_lost_says_whether_another_takes_it_over(running: Running, administrator: Browser) -> None:
    lost = {"finished_at": None, "lease_until": REAL_NOW - timedelta(minutes=1)}
    with unit_of_work(running.engine) as session:
        make_run(session, "2024-11-01", "running", **lost)
        make_run(session, "2024-10-31", "running", attempt=5, **lost)

    page = words(administrator, "/jobs/reminders")

    assert page.count("Another takes it over.") == 1
    assert "Its process was lost. It was tried 5 times, and is not tried again by itself." in page


def test_a_run_that_failed_says_with_what_kind_of_error_and_whether_it_is_tried_again(
    running: Running, administrator: Browser
) -> None:
    with unit_of_work(running.engine) as session:
        make_run(session, "2024-11-01", "failed", outcome={"error": "OperationalError"})
        make_run(session, "2024-10-31", "failed", outcome={"error": "KeyError"}, attempt=5)

    page = words(administrator, "/jobs/reminders")

    assert (
        "an error of the kind OperationalError; the log of that time says where.<br>It is tried again in a few minutes." in page
    )
    assert "KeyError; the log of that time says where.<br>It was tried 5 times, and is not tried again by itself." in page


@pytest.mark.parametrize(
    ("job", "period", "said"),
    [
        ("month_ends", "2024-10", "October 2024"),
        ("quarter_ends", "2024-25-Q2", "July to September 2024"),
        ("year_ends", "2023-24", "April 2023 to March 2024"),
        ("tie_out", "2024-11-01", "1 November 2024"),
        ("escalations", "2024-11-01T09:15:00Z", "1 November 2024 at 9:15am"),
    ],
)
def test_a_run_says_what_it_was_for(running_on_sqlite: Running, job: str, period: str, said: str) -> None:
    with unit_of_work(running_on_sqlite.engine) as session:
        session.add(JobRun(job=job, period=period, status="done", owner="one", attempt=1, started_at=REAL_NOW))
    administrator = running_on_sqlite.as_a(Role.ADMINISTRATOR, "ENG")

    assert said in words(administrator)
    assert said in words(administrator, f"/jobs/{job.replace(chr(95), chr(45))}")


def test_many_runs_come_page_by_page(running: Running, administrator: Browser) -> None:
    with unit_of_work(running.engine) as session:
        for day in range(1, 32):
            make_run(session, f"2024-10-{day:02}")

    newest, oldest = words(administrator, "/jobs/reminders"), words(administrator, "/jobs/reminders?before=2024-10-02")

    assert "31 October 2024" in newest
    assert "Older runs" in newest
    assert "> </span>1 October 2024" not in newest
    assert "For </span>1 October 2024" in oldest
    assert "Back to the newest" in oldest
    assert words(administrator, "/jobs/reminders?before=%00'--").count("nhsuk-table__row") == 30


def test_a_run_that_is_asked_for_waits_for_a_scheduler_and_says_who_asked(running: Running, administrator: Browser) -> None:
    assert "for 1 November 2024, as soon as a scheduler looks" in words(administrator, "/jobs/reminders/run")
    answer = administrator.post("/jobs/reminders/run")

    assert (answer.status_code, answer.headers["Location"]) == (303, "/jobs/reminders")
    page = words(administrator, "/jobs/reminders")
    assert "Ada Obi asked for a run on 1 November 2024 at 9am." in page
    assert "Run now" not in page
    assert "Asked for by Ada Obi" in words(administrator)
    with reading(running.engine) as session:
        assert session.scalars(select(JobWish.job)).all() == ["reminders"]
        assert session.scalars(select(JobRun.job)).all() == []


def test_a_paused_job_says_who_paused_it_and_why_and_offers_to_go_on(running: Running, administrator: Browser) -> None:
    reason = "The mail server is <b>mended</b>."
    assert administrator.post("/jobs/reminders/pause", {"reason": reason}).status_code == 303

    page = words(administrator, "/jobs/reminders")
    assert "by Ada Obi on 1 November 2024 at 9am: The mail server is &lt;b&gt;mended&lt;/b&gt;." in page
    assert "None while it is paused" in page
    assert "Run now" not in page
    assert "by Ada Obi" in words(administrator)
    refused = administrator.post("/jobs/reminders/run")
    assert refused.status_code == 422
    assert "This job is paused. Let it go on first" in refused.text

    assert administrator.post("/jobs/reminders/go-on").status_code == 303
    page = words(administrator, "/jobs/reminders")
    assert "Run now" in page
    assert page.index("Let go on") < page.index("Paused</h3>")
    with reading(running.engine) as session:
        assert session.scalars(select(JobPause.job)).all() == []


def test_a_pause_without_a_reason_is_told_what_is_missing(administrator: Browser) -> None:
    for reason in ("", " \r\n "):
        answer = administrator.post("/jobs/reminders/pause", {"reason": reason})
        assert answer.status_code == 422
        assert "Say why, so that others know what to wait for." in answer.text


def test_a_job_that_is_not_in_the_timetable_is_not_there(administrator: Browser) -> None:
    assert administrator.get("/jobs/no-such-job").status_code == 404
    assert administrator.post("/jobs/no-such-job/run").status_code == 404


@pytest.mark.parametrize("path", ["/", "/jobs"])
def test_an_administrator_is_told_when_no_scheduler_lives_and_nobody_else_is(running: Running, path: str) -> None:
    administrator = running.as_a(Role.ADMINISTRATOR, "ENG")
    assert "No scheduler is running" in words(administrator, path)
    assert "No scheduler is running" not in words(running.as_a(Role.ICB_LEAD, "QMJ"), "/")

    with unit_of_work(running.engine) as session:
        heartbeat(session, "scheduler:one", at=REAL_NOW)
    assert "No scheduler is running" not in words(administrator, path)
    running.real_clock.advance(SILENT_AFTER)
    assert "No scheduler is running" in words(administrator, path)


@pytest.mark.parametrize("path", ["/", "/jobs"])
def test_an_administrator_is_told_of_a_job_that_failed_for_good_until_it_is_made_up_for(running: Running, path: str) -> None:
    administrator = running.as_a(Role.ADMINISTRATOR, "ENG")
    with unit_of_work(running.engine) as session:
        make_run(session, "2024-10-30", "failed", outcome={"error": "KeyError"}, attempt=4)
    assert "failed for" not in words(administrator, path)
    with unit_of_work(running.engine) as session:
        make_run(session, "2024-10-31", "failed", outcome={"error": "KeyError"}, attempt=5)
        make_run(session, "2024-09", "failed", job="month_ends", outcome={"error": "KeyError"}, attempt=5)
    page = words(administrator, path)
    assert "“Remind people of reviews that want an update or another look” failed for 31 October 2024" in page
    assert 'href="/jobs/month-ends"' in page

    with unit_of_work(running.engine) as session:
        make_run(session, "2024-11-01")
        make_run(session, "2024-10", job="month_ends")

    page = words(administrator, path)
    assert "another look” failed for" not in page
    assert "“Freeze the figures of the month” failed for September 2024" in page


@pytest.mark.parametrize("path", ["/", "/jobs"])
def test_an_administrator_is_told_of_e_mails_that_wait_for_long(running: Running, path: str) -> None:
    administrator = running.as_a(Role.ADMINISTRATOR, "ENG")
    with unit_of_work(running.engine) as session:
        make_notice(session, make_person(session), "queued")

    assert "E-mails are waiting" not in words(administrator, path)
    running.clock.set(NOW + timedelta(hours=26))
    assert "E-mails are waiting: the oldest for 1 day" in words(administrator, path)


@pytest.mark.parametrize("path", ["/", "/jobs"])
def test_an_administrator_is_told_of_e_mails_that_could_not_be_sent(running: Running, path: str) -> None:
    administrator = running.as_a(Role.ADMINISTRATOR, "ENG")
    assert "could not be sent</span>" not in words(administrator, path)
    with unit_of_work(running.engine) as session:
        make_notice(session, make_person(session), "failed", "550 gone")

    page = words(administrator, path)
    assert "1 e-mail could not be sent" in page
    assert 'href="/jobs/e-mails"' in page


def test_only_an_administrator_may_look_or_say_anything(running: Running) -> None:
    for someone in (running.as_a(Role.ICB_LEAD, "QMJ"), running.as_a(Role.NATIONAL_LEAD, "ENG")):
        for path in ("/jobs", "/jobs/reminders", "/jobs/e-mails"):
            assert someone.get(path).status_code == 403
        for path in ("run", "pause", "go-on"):
            assert someone.post(f"/jobs/reminders/{path}").status_code == 403


def test_figures_that_were_not_frozen_say_what_does_not_sum(running: Running, administrator: Browser) -> None:
    sentence = "October 2024 was not frozen. England has 3 open of type sar_adult, and its regions together 2."
    with unit_of_work(running.engine) as session:
        outcome = {"error": "DoesNotTieOutError", "told": sentence}
        run = JobRun(
            job="month_ends", period="2024-10", status="failed", owner="one", attempt=1, outcome=outcome, started_at=REAL_NOW
        )
        session.add(run)

    assert sentence in words(administrator)


def test_what_the_tie_out_found_is_listed_by_kind_in_references_and_only_for_administrators(
    running: Running, administrator: Browser
) -> None:
    with unit_of_work(running.engine) as session:
        for kind, subject in (("counts_otherwise", "R-7K3MQ-0P4XZ"), ("frozen_changed", "ENG, October 2024")):
            session.add(TieOutFinding(kind=kind, subject=subject, found_on=AT.date()))
        session.add(JobRun(job="tie_out", period="2024-11-01", status="done", owner="one", attempt=1, started_at=REAL_NOW))

    page = words(administrator, "/jobs/tie-out")

    assert "The last tie-out found 2 things that cannot be" in words(administrator)
    for said in (
        "That was last done for 1 November 2024.",
        "Counted otherwise than its stage says",
        "R-7K3MQ-0P4XZ",
        "ENG, October",
    ):
        assert said in page
    assert running.as_a(Role.NATIONAL_LEAD, "ENG").get("/jobs/tie-out").status_code == 403


def test_a_tie_out_that_found_nothing_says_so(running: Running, administrator: Browser) -> None:
    with unit_of_work(running.engine) as session:
        session.add(JobRun(job="tie_out", period="2024-11-01", status="done", owner="one", attempt=1, started_at=REAL_NOW))

    assert "Nothing was found: records and figures agree." in words(administrator, "/jobs/tie-out")
