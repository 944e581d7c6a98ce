"""What a correction makes of the past: days, types and terms count as if they had always been so, and nothing else does."""

from datetime import UTC, date, datetime, timedelta
from typing import Any

import pytest
from sqlalchemy import select
from sqlalchemy.orm import Session

from scrt_workflow import catalogue
from scrt_workflow.folder import read_folder
from scrt_workflow.models import Review, Span, TermSpan
from scrt_workflow.operations import definitions
from scrt_workflow.operations.deadlines import deadlines_on
from scrt_workflow.operations.definitions import known_types
from scrt_workflow.operations.history_lines import HistoryError
from scrt_workflow.operations.records import record_of
from scrt_workflow.operations.rollups import month_asked, roll_up
from scrt_workflow.reports.figures import Rollup
from tests.definitions.histories import ABOUT, ADULTS, CHILDREN, LEARNING, History, ready
from tests.definitions.shipped import OLDER, RAPID, SAR, SHIPPED

REASON = {"correction_reason": "A slip of the hand."}


@pytest.fixture
def service(session: Session) -> Session:
    ready(session, SHIPPED)
    return session


def sar(session: Session, **days: str) -> History:
    """Give a SAR whose steps are taken in December 2024 and dated by *days*, as far as those go."""
    history = History(session, SAR, at=datetime(2024, 12, 2, 10, tzinfo=UTC))
    history.then("refer", partnership=ADULTS, **ABOUT, referred_on=days["referred_on"])
    history.then("commission", decided_on=days["commissioned_on"], commissioned_on=days["commissioned_on"])
    if "started_on" in days:
        history.then("start", started_on=days["started_on"])
    if "report_signed_off_date" in days:
        history.then("record_learning", **LEARNING).then("sign_off", report_signed_off_date=days["report_signed_off_date"])
    return history


def corrected(history: History, **progress: str) -> History:
    """Add a correction of days."""
    if "commissioned_on" in progress:
        progress = {"decided_on": progress["commissioned_on"]} | progress
    return history.then("correct", what_to_correct=["progress"], **REASON, **progress)


def figures(session: Session, month: str, *, known_on: date | None = None) -> Rollup:
    return roll_up(session, month_asked(session, "QMJ", month, known_on=known_on))


def opened(session: Session, month: str, **asked: Any) -> tuple[int, int]:
    """Give how many are open at the end of a month, and how many were new in it."""
    found = figures(session, month, **asked)
    return found.open, found.new


def days(session: Session, review: Review) -> list[tuple[str, str]]:
    """Give the stages of a review as known now, each with its first day; those of no days too."""
    query = select(Span).where(Span.review_id == review.id, Span.known_to.is_(None)).order_by(Span.event_id)
    return [(row.state, row.from_on.isoformat()) for row in session.scalars(query)]


def terms(session: Session, review: Review, vocabulary: str = "themes") -> list[tuple[str, str, str | None]]:
    """Give the terms of a review as known now, with the days that they cover; not those of no days."""
    query = select(TermSpan).where(TermSpan.review_id == review.id, TermSpan.known_to.is_(None))
    rows = session.scalars(query.where(TermSpan.vocabulary == vocabulary).order_by(TermSpan.from_on, TermSpan.rank))
    return [
        (row.code, row.from_on.isoformat(), row.to_on.isoformat() if row.to_on else None)
        for row in rows
        if row.from_on != row.to_on
    ]


def test_the_later_of_two_moves_of_one_day_is_corrected_alone(service: Session) -> None:
    history = sar(service, referred_on="2024-10-01", commissioned_on="2024-10-28", started_on="2024-10-28")
    review = corrected(history, started_on="2024-11-05").review()

    assert days(service, review) == [("referred", "2024-10-01"), ("commissioned", "2024-10-28"), ("in_progress", "2024-11-05")]
    assert opened(service, "2024-10") == (1, 1)


def test_the_earlier_of_two_moves_of_one_day_is_corrected_alone(service: Session) -> None:
    history = sar(service, referred_on="2024-10-01", commissioned_on="2024-11-01", started_on="2024-11-01")
    review = corrected(history, commissioned_on="2024-10-28").review()

    assert days(service, review)[1:] == [("commissioned", "2024-10-28"), ("in_progress", "2024-11-01")]
    assert opened(service, "2024-10") == (1, 1)
    assert opened(service, "2024-11") == (1, 0)
    assert opened(service, "2024-10", known_on=date(2024, 12, 4)) == (0, 0), "it was not known then"


def test_two_days_are_corrected_at_once_past_where_each_other_was(service: Session) -> None:
    history = sar(service, referred_on="2024-10-01", commissioned_on="2024-10-15", started_on="2024-10-16")
    review = corrected(history, commissioned_on="2024-10-25", started_on="2024-10-26").review()

    assert days(service, review)[1:] == [("commissioned", "2024-10-25"), ("in_progress", "2024-10-26")]
    assert review.state_since == date(2024, 10, 26)


def test_a_day_may_be_corrected_to_that_of_the_step_before_but_not_past_it(service: Session) -> None:
    history = sar(service, referred_on="2024-10-10", commissioned_on="2024-10-28", started_on="2024-11-20")
    corrected(history, commissioned_on="2024-10-10").review()
    corrected(history, started_on="2024-10-09")

    with pytest.raises(HistoryError, match="must be on or after"):
        history.played()


def test_a_correction_that_is_corrected_again_leaves_the_first_day_as_it_was(service: Session) -> None:
    history = sar(service, referred_on="2024-09-02", commissioned_on="2024-10-28", report_signed_off_date="2024-11-30",
                  started_on="2024-11-01")  # fmt: skip
    before = days(service, history.review())
    corrected(history, report_signed_off_date="2024-11-01", started_on="2024-10-28")
    review = corrected(history, report_signed_off_date="2024-11-30", started_on="2024-11-01").review()

    assert days(service, review) == before
    assert opened(service, "2024-10") == (1, 1)


def test_learning_recorded_on_the_day_of_another_step_stays_when_that_is_corrected(service: Session) -> None:
    history = History(service, SAR, at=datetime(2024, 10, 1, 10, tzinfo=UTC))
    history.then("refer", partnership=ADULTS, **ABOUT, referred_on=history.day)
    history.then("commission", decided_on=history.day, commissioned_on=history.day)
    history.then("start", started_on=history.day)
    history.then("record_learning", **LEARNING)
    history.at -= timedelta(days=1)
    history.at += timedelta(hours=1)
    history.then("sign_off", report_signed_off_date=history.day)
    history.at = datetime(2024, 11, 10, 10, tzinfo=UTC)
    review = corrected(history, report_signed_off_date="2024-11-04").review()

    assert [row[1:] for row in terms(service, review, "organisational_learning")] == [("2024-10-04", None)]
    assert sum(row.count for row in figures(service, "2024-10").terms["learning"]) == 1


def test_themes_asked_again_are_corrected_with_nothing_counted_twice_or_not_at_all(service: Session) -> None:
    history = sar(service, referred_on="2024-09-02", commissioned_on="2024-10-28")
    history.then("change_details", what_has_changed=["themes"], themes=["Suicide"])
    changed = history.lines[-1]["at"][:10]
    review = history.then("correct", what_to_correct=["themes"], themes=["Domestic Abuse"], **REASON).review()
    (first, second, last) = terms(service, review)

    assert (first[1:], second[1:]) == (("2024-09-02", changed), ("2024-09-02", changed)), "what was right before stays"
    assert last[1:] == (changed, None)


def test_themes_first_given_by_a_correction_count_from_the_first_day(service: Session) -> None:
    history = History(service, OLDER, at=datetime(2024, 6, 1, 10, tzinfo=UTC))
    known = {key: value for key, value in ABOUT.items() if key != "themes"}
    history.then("record_open", **known, themes_known="no", partnership=ADULTS, commissioned_on="2024-03-01")
    history.at = datetime(2024, 6, 30, 23, 30, tzinfo=UTC)
    review = history.then("correct", what_to_correct=["themes"], themes=["Suicide"], **REASON).review()

    assert [row[1:] for row in terms(service, review)] == [("2024-03-01", None)]


def converted(session: Session) -> History:
    """Give a rapid review that converted on 28 October."""
    history = History(session, RAPID, at=datetime(2024, 10, 1, 10, tzinfo=UTC))
    history.then("notify", partnership=CHILDREN, notified_on=history.day, **ABOUT)
    history.then("start", started_on=history.day).then("complete", sent_to_panel_on=history.day, **LEARNING)
    history.at = datetime(2024, 10, 28, 10, tzinfo=UTC)
    history.then("decide_next", next_review="sar_adult", next_review_decided_on=history.day)
    history.at = datetime(2024, 11, 3, 10, tzinfo=UTC)
    return history


def played(history: History) -> list[Review]:
    """Play all steps, and give every review that there is."""
    history.played()
    return list(history.session.scalars(select(Review)))


def test_an_undone_conversion_is_counted_in_no_month(service: Session) -> None:
    history = converted(service).then("undo_conversion", "regional_lead", undo_reason="Another box was meant.")
    (parent,) = (review for review in played(history) if review.workflow == RAPID)
    october = figures(service, "2024-10")
    then = figures(service, "2024-10", known_on=date(2024, 11, 2))

    assert (october.open, october.closed, october.conversions.converted, october.conversions.closed_without) == (1, 0, 0, 0)
    assert (then.open, then.closed, then.conversions.converted, then.conversions.closed_without) == (0, 1, 1, 0)
    assert days(service, parent)[-1] == ("completed", "2024-10-03")
    assert (parent.state, parent.state_since) == ("completed", date(2024, 10, 3))


def test_what_a_review_converted_to_begins_on_the_corrected_day(service: Session) -> None:
    history = converted(service)
    history.then("correct", what_to_correct=["progress"], next_review_decided_on="2024-10-20", **REASON)
    child, parent = sorted(played(history), key=lambda review: review.workflow == RAPID)

    assert days(service, parent)[-1] == ("converted", "2024-10-20")
    assert days(service, child) == [("referred", "2024-10-20")]
    assert child.state_since == date(2024, 10, 20)
    assert [row[1] for row in terms(service, child)] == ["2024-10-20", "2024-10-20"]


def test_a_review_opened_and_closed_on_one_day_is_new_in_its_month(service: Session) -> None:
    history = sar(service, referred_on="2024-10-05", commissioned_on="2024-10-05", started_on="2024-10-05",
                  report_signed_off_date="2024-10-05")  # fmt: skip
    history.then(
        "decide_publication", publication_status="public", publication_date="2024-10-05", report_link="https://example.org/1"
    )
    history.review()

    october = figures(service, "2024-10")
    assert (october.open, october.closed, october.new) == (0, 1, 1)


def test_a_deadline_stops_on_the_corrected_day(service: Session) -> None:
    history = sar(service, referred_on="2024-01-02", commissioned_on="2024-01-20", started_on="2024-01-21",
                  report_signed_off_date="2024-01-25")  # fmt: skip
    review = corrected(history, report_signed_off_date="2024-05-01").review()
    record = record_of(service, review, catalogue.definition(service, review.definition_version_id))
    stood = deadlines_on(service, record, today=date(2024, 12, 20))

    assert date(2024, 5, 1) in {state.stopped_on for state in stood}


RENTAL = {
    "workflows/rental.yaml": """
workflow: rental
title: Rental
review_types: {loan: {title: Loan}, rental: {title: Rental}, lease: {title: Lease}}
states:
  out: {title: Out, counts_as: open}
  back: {title: Back, counts_as: closed, final: yes}
steps:
  lend: {title: Lend, from: new, who: [designate], form: lend, dated_by: lent_on, to: out}
  change_kind: {title: Change the kind, from: [out], who: [designate], form: kind, to: same}
  correct: {title: Correct, from: [out], who: [designate], form: kind_and_what, to: same, restates: yes}
  bring_back: {title: Bring back, from: [out], who: [designate], form: back, dated_by: back_on, to: back}
  lend_again: {title: Lend again, from: [back], who: [designate], to: out}
  correct_day: {title: Correct the day, from: [back], who: [designate], form: back, to: same, restates: yes}
""",
    "forms/questions.yaml": """
review_type: {type: review_type, label: What kind is it?, required_error: Select a kind}
lent_on: {type: date, label: When was it lent?, required_error: Enter a date}
back_on: {type: date, label: When did it come back?, required_error: Enter a date}
what: {type: text, label: What is it?, required_error: Enter what it is, pid: none}
""",
    "forms/rental.yaml": """
lend: [review_type, lent_on, what]
kind: [review_type]
back: [back_on]
kind_and_what: [review_type, what]
""",
}


@pytest.fixture
def rental(service: Session, tmp_path_factory: pytest.TempPathFactory) -> History:
    """Give a loan since August that became a rental on 5 October, by an ordinary step."""
    folder = tmp_path_factory.mktemp("rental")
    for name, text in RENTAL.items():
        (folder / name).parent.mkdir(exist_ok=True)
        (folder / name).write_text(text)
    definitions.load(service, read_folder(folder, known_types=known_types()), at=datetime(2024, 8, 1, tzinfo=UTC))
    history = History(service, "rental", at=datetime(2024, 8, 5, 10, tzinfo=UTC))
    history.then("lend", review_type="loan", lent_on=history.day, what="A lap top")
    history.at = datetime(2024, 10, 5, 10, tzinfo=UTC)
    history.then("change_kind", review_type="rental")
    history.at = datetime(2024, 11, 5, 10, tzinfo=UTC)
    return history


def kinds(session: Session, review: Review) -> list[tuple[str | None, str]]:
    query = select(Span).where(Span.review_id == review.id, Span.known_to.is_(None)).order_by(Span.event_id)
    return [(row.review_type, row.from_on.isoformat()) for row in session.scalars(query)]


def test_a_correction_of_something_else_leaves_an_ordinary_change_of_type_where_it_was(rental: History) -> None:
    review = rental.then("correct", review_type="rental", what="A laptop").review()
    assert kinds(rental.session, review) == [("loan", "2024-08-05"), ("rental", "2024-10-05")]


def test_a_correction_of_the_type_reaches_back_to_the_ordinary_change(rental: History) -> None:
    review = rental.then("correct", review_type="lease", what="A laptop").review()
    assert kinds(rental.session, review) == [("loan", "2024-08-05"), ("lease", "2024-10-05")]


def test_only_the_newest_of_two_moves_dated_by_one_question_is_corrected(rental: History) -> None:
    rental.then("bring_back", back_on="2024-11-04").then("lend_again").then("bring_back", back_on="2024-11-07")
    review = rental.then("correct_day", back_on="2024-11-06").review()
    assert [day for state, day in days(rental.session, review) if state == "back"] == ["2024-11-04", "2024-11-06"]


def test_moves_that_only_kept_an_older_day_follow_its_correction(rental: History) -> None:
    rental.then("bring_back", back_on="2024-11-04").then("lend_again").then("bring_back", back_on="2024-11-04")
    review = rental.then("correct_day", back_on="2024-11-02").review()
    assert [day for state, day in days(rental.session, review) if state == "back"] == ["2024-11-02", "2024-11-06"]
