"""Somebody else's two workflows, written from docs/language.md alone, run beside the reviews to their ends."""

from datetime import date

import pytest
from sqlalchemy import Engine, select
from sqlalchemy.orm import Session

from scrt_workflow.folder import read_folder, read_sources
from scrt_workflow.models import Review
from scrt_workflow.operations.definitions import load
from scrt_workflow.operations.history_lines import HistoryError
from tests.definitions.histories import BEGINNING, History, ready
from tests.definitions.shipped import INCIDENTS, SHIPPED

INCIDENT, COMPLAINT = "incident_investigation", "complaint"


def begun(session: Session) -> History:
    ready(session, SHIPPED)
    load(session, read_folder(INCIDENTS), at=BEGINNING)
    return History(session, INCIDENT)


def investigated(history: History, *, severity: str = "2") -> History:
    history.then("log_incident", review_type="harm", happened_on=history.day, what_happened="Élan's fall")
    history.then("triage", triaged_on=history.day, severity=severity)
    return history.then("begin").then("update", "icb_lead", progress_note="Nothing new")


def test_an_incident_is_archived_reopened_and_becomes_a_second_complaint_once_the_first_is_taken_back(database: Engine) -> None:
    with Session(database) as session:
        history = investigated(begun(session))
        history.then("write_report", report_written_on=history.day, look_again="2030-01-01")
        history.then("archive", "icb_chief_nurse", all_done="no")
        history.then("archive", "icb_chief_nurse", all_done="yes", archived_on=history.day)
        history.then("undo_report", "regional_lead", undo_why="It's too early")
        history.then("complain", complaint_kind="formal").then("undo_complaint", undo_why="It was none")
        history.then("complain", complaint_kind="Informal, l'autre")

        history.played()
        incident, first, second = session.scalars(select(Review).order_by(Review.created_at))

        assert (incident.state, incident.status) == ("split", "closed")
        assert (first.review_type, first.state, first.status) == ("formal_converted", "mistaken", "nothing")
        assert (second.review_type, second.state, second.status) == ("informal_converted", "heard", "open")


def test_a_complaint_that_is_passed_on_goes_on_as_an_incident(database: Engine) -> None:
    with Session(database) as session:
        begun(session)
        history = History(session, COMPLAINT)
        history.then("hear", complainant="AB", happened_on=history.day, what_happened="x", severity="1")
        history.then("park").then("unpark").then("pass_on", "icb_lead", pass_on_to="harm")
        history.then("error", workflow=INCIDENT, undo_why="Entered twice")

        review = history.review()

        assert (review.workflow, review.review_type, review.state) == (INCIDENT, "harm", "mistaken")


def test_a_review_that_becomes_another_takes_up_the_deadlines_of_that(database: Engine) -> None:
    with Session(database) as session:
        begun(session)
        history = History(session, COMPLAINT)
        history.then("hear", complainant="AB", happened_on="2024-01-08", what_happened="x", severity="1")
        history.then("pass_on", "icb_lead", pass_on_to="harm")

        assert history.review().deadline_on == date(2024, 1, 10)  # triage is due two working days after it happened


def test_an_incident_that_was_ever_very_bad_is_not_reported(database: Engine) -> None:
    with Session(database) as session:
        history = investigated(begun(session), severity="3")
        history.then("write_report", report_written_on=history.day)

        with pytest.raises(HistoryError, match="An incident that was ever of severity 3 isn't reported here"):
            history.played()


def test_a_complaint_that_is_taken_back_has_met_no_deadline(database: Engine) -> None:
    with Session(database) as session:
        history = investigated(begun(session))
        history.then("complain", complaint_kind="formal").then("undo_complaint", undo_why="It was none")

        history.played()
        incident, _ = session.scalars(select(Review).order_by(Review.created_at))

        assert (incident.state, incident.deadline_on) == ("investigating", date(2024, 1, 30))  # the report, from the triage


def test_a_stage_that_is_called_alike_in_both_is_come_to_when_a_review_becomes_another(database: Engine) -> None:
    texts = dict(read_folder(INCIDENTS).sources)
    texts["workflows/complaint.yaml"] = texts["workflows/complaint.yaml"].replace("heard", "investigating")
    name = "workflows/incident.yaml"
    clock = "  looked_into: {starts: investigating, due: 30 days, stops: [write_report]}\n"
    before, _, rest = texts[name].partition("clocks:\n")
    texts[name] = f"{before}clocks:\n{clock}{rest[rest.index('reminders:') :]}"
    with Session(database) as session:
        ready(session, SHIPPED)
        load(session, read_sources(texts), at=BEGINNING)
        history = History(session, COMPLAINT)
        history.then("hear", complainant="AB", happened_on="2024-01-08", what_happened="x", severity="1")
        history.then("pass_on", "icb_lead", pass_on_to="harm")

        assert history.review().deadline_on == date(2024, 2, 8)
