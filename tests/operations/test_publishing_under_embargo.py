"""An embargo is lifted by a person and never by a date, and nothing is published before its briefing."""

from datetime import UTC, date, datetime, timedelta
from typing import Any

import pytest
from sqlalchemy import select
from sqlalchemy.orm import Session

from scrt_workflow.models import Event, Notice, Review
from scrt_workflow.operations.history_lines import HistoryError
from scrt_workflow.operations.reminders import DIGEST
from scrt_workflow.permissions import Role
from tests.definitions.histories import ABOUT, ADULTS, CHILDREN, LEARNING, SAFETY, History, ready
from tests.definitions.shipped import CSPR, DHR, FULL_REVIEWS, SAR, SHIPPED
from tests.operations import reminding
from tests.operations.raising import raise_all
from tests.operations.reminding import remind

BOARDS = {SAR: ADULTS, CSPR: CHILDREN, DHR: SAFETY}
EMBARGO = {"publication_status": "embargoed", "embargo_reason": "inquest"}
FIRST = "Give the pre-publication briefing first. Media interest has been medium or above."


@pytest.fixture
def service(session: Session) -> Session:
    ready(session, SHIPPED)
    return session


def signed_off(session: Session, workflow: str, media_interest: str) -> History:
    """Give a review that can be published but for its briefing."""
    history = History(session, workflow, at=datetime(2024, 9, 1, 10, tzinfo=UTC))
    about: dict[str, Any] = ABOUT | {"partnership": BOARDS[workflow], "media_interest": media_interest}
    about |= {"review_type": "dhr_adult"} if workflow == DHR else {}
    history.then("refer", referred_on=history.day, **about)
    history.then("commission", decided_on=history.day, commissioned_on=history.day)
    history.then("start", started_on=history.day).then("record_learning", **LEARNING)
    history.then("sign_off", report_signed_off_date=history.day)
    if workflow == DHR:
        history.then("ask_for_assurance").then("give_icb_assurance", "icb_chief_nurse", icb_chief_nurse_assured="yes")
        history.then("give_regional_acceptance", "regional_chief", regional_chief_content="yes")
    return history


def published(history: History) -> dict[str, Any]:
    return {"publication_status": "public", "publication_date": history.day, "report_link": "https://example.org/report"}


@pytest.mark.parametrize("workflow", FULL_REVIEWS)
def test_a_report_of_media_interest_is_published_after_its_briefing_only(service: Session, workflow: str) -> None:
    history = signed_off(service, workflow, "medium")
    history.then("flag_media_interest", media_interest="none", specialised_commissioning="no").review()

    with pytest.raises(HistoryError, match=FIRST), service.begin_nested():
        history.then("decide_publication", **published(history)).played()
    history.lines.pop()
    history.then("brief_communications", pre_publication_briefed_on=history.day)
    assert history.then("decide_publication", **published(history)).review().state == "published"


@pytest.mark.parametrize("workflow", FULL_REVIEWS)
def test_an_embargo_on_a_report_of_media_interest_is_lifted_after_its_briefing_only(service: Session, workflow: str) -> None:
    history = signed_off(service, workflow, "high")
    later = {"look_again_on": "2025-02-03"}
    assert history.then("decide_publication", embargoed_on=history.day, **EMBARGO, **later).review().state == "embargoed"

    with pytest.raises(HistoryError, match=FIRST), service.begin_nested():
        history.then("lift_embargo", **published(history)).played()
    history.lines.pop()
    assert history.then("lift_embargo", **EMBARGO, **later).review().state == "embargoed"
    history.then("brief_communications", pre_publication_briefed_on=history.day)
    assert history.then("lift_embargo", **published(history)).review().state == "published"


@pytest.mark.parametrize("workflow", FULL_REVIEWS)
def test_a_report_without_media_interest_needs_no_briefing(service: Session, workflow: str) -> None:
    history = signed_off(service, workflow, "low")

    assert history.then("decide_publication", **published(history)).review().state == "published"


def test_a_year_of_look_again_days_reminds_and_never_publishes(service: Session) -> None:
    reminding.add(service, Role.DESIGNATE)
    history = signed_off(service, SAR, "high")
    review = history.then("decide_publication", embargoed_on=history.day, look_again_on="2024-10-01", **EMBARGO).review()
    before = service.get_one(Review, review.id).version

    for number in range(400):
        day = date(2024, 9, 10) + timedelta(days=number)
        remind(service, day)
        raise_all(service, datetime(day.year, day.month, day.day, 12, tzinfo=UTC))

    after = service.get_one(Review, review.id, populate_existing=True)
    assert (after.state, after.version) == ("embargoed", before)
    assert service.scalars(select(Event).where(Event.to_state == "published")).all() == []
    assert len([one for one in service.scalars(select(Notice)) if one.template == DIGEST]) >= 26
