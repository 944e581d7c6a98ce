"""The ends that a review may come to under the shipped definitions, played through the service's own operations."""

from collections.abc import Iterator

import pytest
from sqlalchemy.orm import Session

from scrt_workflow.database import make_engine
from scrt_workflow.folder import read_folder
from scrt_workflow.models import Answer, Review
from scrt_workflow.operations.definitions import load
from scrt_workflow.operations.history_lines import HistoryError
from tests.definitions.histories import ABOUT, ADULTS, BEGINNING, CHILDREN, LEARNING, SAFETY, History, ready
from tests.definitions.shipped import DHR, LOAN, OLDER, RAPID, SAR, SHIPPED


@pytest.fixture
def service(sqlite_url: str) -> Iterator[Session]:
    engine = make_engine(sqlite_url)
    with Session(engine) as session:
        ready(session, SHIPPED)
        yield session
    engine.dispose()


def answer(session: Session, review: Review, question: str) -> object:
    return session.get_one(Answer, (review.id, question)).value


def signed_off(history: History, **referral: str) -> History:
    history.then("refer", referred_on=history.day, **{"partnership": ADULTS} | ABOUT | referral)
    history.then("commission", decided_on=history.day, commissioned_on=history.day)
    history.then("start", started_on=history.day)
    history.then("give_update", latest_update="The panel has met.")
    history.then("record_learning", **LEARNING)
    return history.then("sign_off", report_signed_off_date=history.day)


def embargo(history: History) -> dict[str, str]:
    return {
        "publication_status": "embargoed",
        "embargoed_on": history.day,
        "embargo_reason": "inquest",
        "look_again_on": "2024-12-02",
    }


def public(history: History) -> dict[str, str]:
    return {
        "publication_status": "public",
        "publication_date": history.day,
        "report_link": "https://example.org/reviews/1",
    }


def test_a_sar_goes_from_referral_through_an_embargo_to_publication_and_is_closed(service: Session) -> None:
    history = signed_off(History(service, SAR))
    history.then("decide_publication", **embargo(history))
    history.then("lift_embargo", publication_status="embargoed", embargo_reason="inquest", look_again_on="2025-06-02")
    history.then("lift_embargo", **public(history))
    review = history.then("close").review()

    assert (review.state, review.status, review.review_type) == ("closed", "closed", "sar_adult")
    assert answer(service, review, "look_again_on") == "2025-06-02"


def test_a_reopened_review_is_signed_off_and_published_again(service: Session) -> None:
    history = signed_off(History(service, SAR))
    history.then("decide_publication", **public(history))
    history.then("reopen", "regional_lead", reopening_reason="The panel has met again.")
    history.then("sign_off", report_signed_off_date=history.day)
    review = history.then("decide_publication", **public(history)).review()

    assert review.state == "published"


def test_a_review_with_media_interest_is_briefed_before_it_is_published(service: Session) -> None:
    history = signed_off(History(service, SAR))
    history.then("flag_media_interest", "regional_lead", media_interest="high")
    history.then("flag_media_interest", media_interest="none")
    history.then("decide_publication", **public(history))

    with pytest.raises(HistoryError, match="Give the pre-publication briefing first"):
        history.played()

    history.lines.pop()
    history.then("brief_communications", pre_publication_briefed_on=history.day)
    assert history.then("decide_publication", **public(history)).review().state == "published"


def test_a_referral_that_is_not_taken_up_may_be_taken_up_later(service: Session) -> None:
    history = History(service, SAR)
    history.then("refer", partnership=ADULTS, referred_on=history.day, **ABOUT)
    history.then("decide_no_review", decided_on=history.day, no_review_reason="The criteria are not met.")
    history.then("reopen_referral", reopening_reason="More has become known.")
    review = history.then("commission", decided_on=history.day, commissioned_on=history.day).review()

    assert (review.state, review.status) == ("commissioned", "open")


def test_a_correction_asks_only_about_what_is_wrong(service: Session) -> None:
    history = signed_off(History(service, SAR))
    history.then("correct", what_to_correct=["themes"], themes=["Suicide"], correction_reason="A slip of the hand.")
    history.then("change_details", "icb_lead", what_has_changed=["professional"], designated_professional="CD")
    review = history.review()

    assert answer(service, review, "themes") == ["T32"]
    assert answer(service, review, "designated_professional") == "CD"
    assert answer(service, review, "identifier_ref_1") == "2023/12345"
    assert answer(service, review, "report_signed_off_date") == "2024-01-13"
    assert review.state == "signed_off"


def test_a_dhr_that_is_sent_back_is_changed_and_asked_again(service: Session) -> None:
    history = signed_off(History(service, DHR), partnership=SAFETY, review_type="dhr_adult")
    history.then("ask_for_assurance")
    history.then(
        "give_icb_assurance",
        "icb_chief_nurse",
        icb_chief_nurse_assured="no",
        icb_not_assured_reason="No recommendation says by when.",
    )
    history.then("record_learning", "designate:2", **LEARNING | {"lessons": "Each practice is to name a lead by June."})
    history.then("ask_for_assurance", "designate:2")
    history.then("give_icb_assurance", "icb_chief_nurse", icb_chief_nurse_assured="yes")
    history.then("give_regional_acceptance", "regional_chief", regional_chief_content="yes")
    history.then("decide_publication", **embargo(history))
    review = history.then("lift_embargo", **public(history)).review()

    assert (review.state, review.status) == ("published", "closed")


def test_new_lessons_send_an_assured_dhr_back_to_the_chief_nurse(service: Session) -> None:
    history = signed_off(History(service, DHR), partnership=SAFETY, review_type="dhr_child")
    history.then("ask_for_assurance")
    history.then("give_icb_assurance", "icb_chief_nurse", icb_chief_nurse_assured="yes")
    history.then("give_regional_acceptance", "regional_chief", regional_chief_content="yes")
    history.then("record_learning", **LEARNING | {"lessons": "Something else is recommended."})
    review = history.review()

    assert review.state == "icb_assurance"


def rapid(history: History) -> History:
    history.then("notify", partnership=CHILDREN, notified_on=history.day, **ABOUT)
    history.then("start", started_on=history.day)
    return history.then("complete", sent_to_panel_on=history.day, **LEARNING)


def test_a_conversion_can_be_undone_and_decided_again(service: Session) -> None:
    history = rapid(History(service, RAPID))
    history.then("decide_next", next_review="not_decided")
    history.then("decide_next", next_review="sar_adult", next_review_decided_on=history.day)
    history.then("undo_conversion", "regional_lead", undo_reason="Another box was meant.")
    history.then("decide_next", next_review="cspr_child", next_review_decided_on=history.day)
    history.then(
        "commission", workflow="child_safeguarding_practice_review",
        partnership=CHILDREN, decided_on=history.day, commissioned_on=history.day,
    )  # fmt: skip
    history.played()
    reviews = service.query(Review).order_by(Review.workflow).all()

    assert [(one.workflow, one.state, one.withdrawn_at is None) for one in reviews] == [
        ("child_safeguarding_practice_review", "commissioned", True),
        (RAPID, "converted", True),
        (SAR, "entered_in_error", False),
    ]
    assert answer(service, reviews[0], "brief_overview") == ABOUT["brief_overview"]


def test_a_rapid_review_closes_without_a_further_review_and_can_be_reopened(service: Session) -> None:
    history = rapid(History(service, RAPID))
    history.then(
        "decide_next",
        next_review="none",
        next_review_decided_on=history.day,
        no_further_review_reason="The learning is complete.",
    )
    assert history.review().state == "closed"

    history.then("reopen", reopening_reason="The Panel asks for more.")
    history.played()
    assert service.query(Review).one().state == "completed"


@pytest.mark.parametrize(
    ("kind", "workflow"),
    [
        ("sar_adult", SAR),
        ("cspr_child", "child_safeguarding_practice_review"),
        ("dhr_adult", DHR),
        ("rapid_review", RAPID),
    ],
)
def test_an_open_older_record_goes_on_under_its_type_once_that_is_stated(service: Session, kind: str, workflow: str) -> None:
    history = History(service, OLDER)
    known = ABOUT | {"themes_known": "yes", "partnership": ADULTS, "commissioned_on": "2023-12-04"}
    history.then("record_open", **known)
    history.then("state_type", stated_review_type=kind)
    review = history.then("give_update", workflow=workflow, latest_update="The type is known now.").review()

    assert (review.workflow, review.review_type, review.state) == (workflow, kind, "in_progress")


@pytest.mark.parametrize("kind", ["sar_adult", "dhr_adult"])
def test_a_closed_older_record_says_how_it_ended_and_stays_closed(service: Session, kind: str) -> None:
    history = History(service, OLDER)
    known = {key: value for key, value in ABOUT.items() if key != "themes"} | {"themes_known": "no"}
    history.then("record_closed", partnership=ADULTS, commissioned_on="2023-12-04", closed_on="2024-01-05", **known)
    history.then(
        "state_type_of_closed",
        stated_review_type=kind,
        report_signed_off_date="2023-12-29",
        publication_status="public",
        publication_date="2024-01-05",
        report_link="https://example.org/reviews/1",
        **LEARNING,
    )
    review = history.review()

    assert (review.review_type, review.state, review.status) == (kind, "closed", "closed")


def test_a_closed_older_rapid_review_gives_the_reason(service: Session) -> None:
    history = History(service, OLDER)
    history.then(
        "record_closed",
        partnership=CHILDREN,
        commissioned_on="2023-12-04",
        closed_on="2024-01-05",
        themes_known="yes",
        **ABOUT,
    )
    history.then("state_type_of_closed", stated_review_type="rapid_review", no_further_review_reason="None was needed.")
    review = history.review()

    assert (review.workflow, review.state) == (RAPID, "closed")


def test_a_review_entered_in_error_stops_counting(service: Session) -> None:
    history = signed_off(History(service, SAR))
    review = history.then("withdraw", withdrawal_reason="It repeats another record.").review()

    assert (review.state, review.status) == ("entered_in_error", "nothing")
    assert review.withdrawn_at is not None


def test_an_equipment_loan_runs_to_its_end_beside_the_reviews(service: Session) -> None:
    load(service, read_folder(LOAN), at=BEGINNING)
    history = History(service, "equipment_loan")
    history.then(
        "ask",
        review_type="laptop",
        what_for="A panel that meets elsewhere.",
        how_many_days=120,
        asked_on=history.day,
        delivery="yes",
        delivery_room="Room 4",
    )
    history.then("agree", "icb_lead", loan_agreed="yes")
    history.then("change_request", how_many_days=30, what_for="A panel that meets elsewhere.")
    history.then("agree", "icb_lead", loan_agreed="yes")
    history.then("hand_over", tag_kind="asset", tag="A-1001", accessories=["bag"], handed_over_on=history.day)
    history.then("add_note", loan_note="It works.")
    history.then("look_it_over", equipment_condition="broken", what_is_broken="The hinge")
    history.then("give_back", given_back_on=history.day)
    history.then("look_it_over", equipment_condition="good")
    review = history.then("give_back", given_back_on=history.day).review()

    assert (review.state, review.status, review.review_type) == ("given_back", "closed", "laptop")
