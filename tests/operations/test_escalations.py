"""Media interest: the flag is told at once to people and posts, and told again until somebody acknowledges it."""

from datetime import UTC, date, datetime, timedelta
from uuid import uuid4

import pytest
from sqlalchemy import select, update
from sqlalchemy.orm import Session

from scrt_workflow.folder import read_sources
from scrt_workflow.models import Event, Notice, Review
from scrt_workflow.operations import contacts, people, steps
from scrt_workflow.operations.definitions import known_types
from scrt_workflow.operations.escalations import raise_again
from scrt_workflow.permissions import Role
from tests.definitions.histories import ABOUT, ADULTS, CHILDREN, SAFETY, History, ready
from tests.definitions.shipped import CSPR, DHR, OLDER, RAPID, SAR, SHIPPED
from tests.operations import raising
from tests.operations.raising import (
    DAY,
    DIRECTORS,
    FLAGGED,
    REGION,
    SPECIALISED,
    acknowledge,
    begun,
    flag,
    ledger,
    raise_all,
    standing,
    told,
)
from tests.operations.reminding import add, end_roles

LEADS = {"regional.lead": 1}
FIRST = {**dict.fromkeys(DIRECTORS, 1), **LEADS}
MAKING = {
    SAR: ("refer", {"partnership": ADULTS, "referred_on": "2024-10-01"}),
    CSPR: ("refer", {"partnership": CHILDREN, "referred_on": "2024-10-01"}),
    DHR: ("refer", {"partnership": SAFETY, "review_type": "dhr_adult", "referred_on": "2024-10-01"}),
    RAPID: ("notify", {"partnership": CHILDREN, "notified_on": "2024-10-01"}),
    OLDER: ("record_open", {"partnership": ADULTS, "commissioned_on": "2024-09-01", "themes_known": "yes"}),
}


@pytest.fixture
def service(session: Session) -> Session:
    raising.prepared(session)
    return session


# What begins it


def test_a_flag_is_told_to_the_regional_lead_and_to_the_directors_posts_with_the_step(service: Session) -> None:
    review = flag(begun(service))

    assert told(service) == FIRST
    (event,) = service.scalars(select(Event).where(Event.step == "flag_media_interest"))
    queued = service.scalars(select(Notice).where(Notice.refs.is_not(None))).all()
    assert {notice.queued_at for notice in queued} == {event.recorded_at}
    assert {notice.refs["review"] for notice in queued} == {str(review.id)}


@pytest.mark.parametrize("level", ["none", "low"])
def test_little_interest_is_told_to_nobody(service: Session, level: str) -> None:
    flag(begun(service, media_interest="none"), level)

    assert (told(service), standing(service)) == ({}, [])


@pytest.mark.parametrize("workflow", sorted(MAKING))
def test_it_begins_with_the_first_step_of_a_review_of_every_workflow(service: Session, workflow: str) -> None:
    step, answers = MAKING[workflow]
    history = History(service, workflow, at=FLAGGED)
    history.then(step, **ABOUT | answers | {"media_interest": "medium", "specialised_commissioning": "yes"}).played()

    assert told(service) == {**FIRST, SPECIALISED: 1}


def test_a_flag_that_says_the_same_again_is_not_told_again(service: Session) -> None:
    history = begun(service)
    flag(history)
    flag(history)

    assert standing(service) == [(2, 1, None)]
    assert told(service) == FIRST


def test_specialised_commissioning_has_its_own_team_told(service: Session) -> None:
    flag(begun(service), specialised="yes")

    assert told(service) == {**FIRST, SPECIALISED: 1}


def test_specialised_commissioning_that_becomes_known_while_nobody_acknowledged_is_told_to_its_team_alone(
    service: Session,
) -> None:
    history = begun(service)
    flag(history)
    flag(history, specialised="yes", at=FLAGGED + timedelta(hours=1))

    assert told(service) == {**FIRST, SPECIALISED: 1}
    assert standing(service) == [(2, 2, None)]
    assert raise_all(service, FLAGGED + DAY) == 1
    assert told(service, number=3) == {**FIRST, SPECIALISED: 1}


def test_a_higher_answer_is_told_anew_and_a_lower_one_that_still_counts_is_not(service: Session) -> None:
    history = begun(service)
    flag(history, "medium")
    flag(history, "current")
    flag(history, "high")

    assert standing(service) == [(2, 1, "rose"), (3, 1, None)]
    assert told(service) == dict.fromkeys(FIRST, 2)


def test_it_stops_when_the_interest_falls_and_begins_anew_when_it_rises_again(service: Session) -> None:
    history = begun(service)
    flag(history)
    flag(history, "low")

    assert standing(service) == [(2, 1, "fell")]
    assert raise_all(service, FLAGGED + 5 * DAY) == 0
    flag(history, "medium")
    assert standing(service) == [(2, 1, "fell"), (4, 1, None)]
    assert told(service) == dict.fromkeys(FIRST, 2)


# Whom it tells


def test_the_icbs_own_contact_is_told_before_the_regions_and_the_regions_before_englands(service: Session) -> None:
    raising.contact(service, "medical_director", "ENG", "england@example.nhs.uk")
    raising.contact(service, "director_of_nursing", "QMJ")
    raising.contact(service, "director_of_nursing", "QMF")
    raising.contact(service, "medical_director", "Y62", "elsewhere@example.nhs.uk")
    flag(begun(service))

    found = told(service)
    assert found["director_of_nursing.qmj"] == 1
    assert found["medical_director"] == 1
    assert {"director_of_nursing", "director_of_nursing.qmf", "england", "elsewhere"} & set(found) == set()


def test_englands_contact_is_told_where_the_region_has_none(session: Session) -> None:
    raising.prepared(session, posts=())
    raising.contact(session, "medical_director", "ENG", "england@example.nhs.uk")
    flag(begun(session))

    assert told(session) == {"england": 1, **LEADS}


def test_a_post_that_has_nobody_is_written_down_and_the_leads_are_told_which(session: Session) -> None:
    raising.prepared(session, posts=("communications_team",))
    flag(begun(session))

    assert told(session) == {"communications_team": 1, **LEADS}
    without = [one.post for one in ledger(session) if one.recipient == "nobody"]
    assert without == sorted(set(DIRECTORS) - {"communications_team"})
    notice = session.scalars(select(Notice).where(Notice.template == "media_interest_flagged")).one()
    assert sorted(notice.refs["missing"]) == without


def test_a_post_without_a_contact_that_becomes_wanted_later_is_told_to_the_leads(session: Session) -> None:
    raising.prepared(session, posts=DIRECTORS)
    history = begun(session)
    flag(history)
    flag(history, specialised="yes")

    assert told(session) == {**FIRST, "regional.lead": 2}
    newest = session.scalars(select(Notice).order_by(Notice.id.desc())).first()
    assert newest is not None
    assert newest.refs["missing"] == [SPECIALISED]


def test_where_nobody_leads_the_region_the_national_lead_is_told_at_once(service: Session) -> None:
    end_roles(service, add(service, Role.REGIONAL_LEAD).id, date(2024, 10, 1))
    flag(begun(service))

    assert told(service) == {**dict.fromkeys(DIRECTORS, 1), "national.lead": 1}


def test_an_address_gets_one_message_whatever_posts_and_roles_it_is_for(session: Session) -> None:
    raising.prepared(session, posts=())
    for post in DIRECTORS[:2]:
        raising.contact(session, post, email="Both@example.nhs.uk")
    raising.contact(session, "medical_director", email="regional.lead@example.nhs.uk")
    flag(begun(session))

    assert told(session) == {"both": 1, **LEADS}
    assert {one.post for one in ledger(session) if one.recipient != "nobody"} == {"", *DIRECTORS[:3]}


# Until it is acknowledged


def test_it_is_raised_again_each_day_at_the_hour_at_which_it_began_weekends_included(service: Session) -> None:
    flag(begun(service))

    assert raise_all(service, FLAGGED + DAY - timedelta(minutes=1)) == 0
    assert raise_all(service, FLAGGED + DAY + timedelta(minutes=10)) == 1  # a Sunday
    assert raise_all(service, FLAGGED + 2 * DAY - timedelta(minutes=1)) == 0
    assert raise_all(service, FLAGGED + 2 * DAY) == 1
    assert standing(service) == [(2, 3, None)]
    assert told(service) == dict.fromkeys(FIRST, 3)


def test_running_it_again_tells_nobody_twice_and_missed_days_do_not_pile_up(service: Session) -> None:
    review = flag(begun(service))
    late = FLAGGED + 9 * DAY + timedelta(hours=2)

    assert [raise_all(service, late) for _ in range(3)] == [1, 0, 0]
    assert raise_again(service, review.id, "media_interest", at=late) is None
    assert told(service) == dict.fromkeys(FIRST, 2)
    assert raise_all(service, FLAGGED + 10 * DAY) == 1


def test_what_began_just_before_midnight_is_raised_each_day_too_though_the_job_comes_after_it(service: Session) -> None:
    late = datetime(2024, 10, 5, 22, 50, tzinfo=UTC)  # ten to midnight in London; the job comes each quarter of an hour
    flag(begun(service), at=late)
    midnight = late + timedelta(minutes=10)

    raised = [raise_all(service, midnight + number * timedelta(minutes=15)) for number in range(1, 5 * 24 * 4 + 1)]

    assert sum(raised) == 5
    assert raised[95::96] == [1] * 5


def test_a_raising_that_comes_half_a_day_late_is_the_one_that_the_next_is_counted_from(service: Session) -> None:
    late = datetime(2024, 10, 5, 22, 50, tzinfo=UTC)
    flag(begun(service), at=late)

    assert raise_all(service, late + DAY + timedelta(hours=13)) == 1
    assert raise_all(service, late + 2 * DAY) == 0
    assert raise_all(service, late + 3 * DAY) == 1


def test_an_hour_that_the_clocks_leave_out_is_no_obstacle(service: Session) -> None:
    before = datetime(2025, 3, 29, 1, 30, tzinfo=UTC)  # half past one, an hour that the next day has not
    flag(begun(service), at=before)

    assert raise_all(service, before + DAY - timedelta(hours=2)) == 0
    assert raise_all(service, before + DAY) == 1


def test_after_the_third_the_national_lead_is_told_as_well(service: Session) -> None:
    flag(begun(service))
    for day in range(1, 4):
        assert "national.lead" not in told(service)
        raise_all(service, FLAGGED + day * DAY)

    assert told(service, number=4) == {**FIRST, "national.lead": 1}


@pytest.mark.parametrize("role", ["regional_lead", "regional_chief", "national_lead"])
def test_it_stops_once_somebody_acknowledges_it(service: Session, role: str) -> None:
    history = begun(service)
    review = flag(history)
    state = review.state
    acknowledge(history, FLAGGED + timedelta(hours=2), by=role)

    assert standing(service) == [(2, 1, "acknowledged")]
    assert service.get_one(Review, review.id).state == state
    assert raise_all(service, FLAGGED + 9 * DAY) == 0


def test_what_was_acknowledged_begins_anew_when_the_interest_rises(service: Session) -> None:
    history = begun(service)
    flag(history, "medium")
    acknowledge(history, FLAGGED + timedelta(hours=2))
    flag(history, "high", at=FLAGGED + DAY)

    assert standing(service) == [(2, 1, "acknowledged"), (4, 1, None)]


def test_one_who_was_replaced_hears_no_more_and_who_took_over_gets_the_next(service: Session) -> None:
    flag(begun(service))
    (old,) = [one for one in contacts.contacts_of(service, REGION) if one.post == "medical_director"]
    contacts.replace_contact(service, old, "new@example.nhs.uk", on=date(2024, 10, 6), at=FLAGGED)
    raise_all(service, FLAGGED + DAY)

    assert (told(service)["medical_director"], told(service, number=2)["new"]) == (1, 1)
    assert told(service, number=2)["medical_director"] == 0


def test_a_withdrawn_review_is_escalated_no_more(service: Session) -> None:
    history = begun(service)
    flag(history)
    history.then("withdraw", withdrawal_reason="It was entered twice.").review()

    assert standing(service) == [(2, 1, "withdrawn")]


def test_a_review_that_was_withdrawn_otherwise_or_has_lost_the_rule_ends_when_it_would_be_raised(service: Session) -> None:
    review = flag(begun(service))
    service.execute(update(Review).where(Review.id == review.id).values(withdrawn_at=FLAGGED))

    assert raise_all(service, FLAGGED + DAY) == 0
    assert standing(service) == [(2, 1, "withdrawn")]


def test_it_goes_on_where_an_older_record_gets_its_type(service: Session) -> None:
    history = History(service, OLDER, at=FLAGGED)
    history.then("record_open", **ABOUT | MAKING[OLDER][1] | {"media_interest": "high"})
    stated = {"stated_review_type": "sar_adult"}
    history.then("state_type", **stated).played()

    assert raise_all(service, FLAGGED + 2 * DAY) == 1
    acknowledge(history, FLAGGED + 3 * DAY)
    assert standing(service) == [(1, 2, "acknowledged")]


def test_an_acknowledgement_of_a_form_opened_before_it_was_raised_anew_does_not_count_for_that(service: Session) -> None:
    history = begun(service)
    opened = flag(history, "medium").version
    review = flag(history, "high")
    lead = people.actor_of(service, add(service, Role.REGIONAL_LEAD).id, on=FLAGGED.date())
    form = {"media_interest_told": ["communications_team"], "media_interest_told_on": ["5", "10", "2024"]}

    for read_at, ended in ((opened, None), (review.version, "acknowledged")):
        at = history.at + timedelta(hours=1)
        steps.complete_step(
            service, review.id, "acknowledge_media_interest", form, actor=lead, at=at, key=uuid4(), read_at=read_at
        )
        assert standing(service)[-1][-1] == ended


def test_a_workflow_without_escalations_tells_nobody_of_media_interest(session: Session) -> None:
    texts = dict(SHIPPED.sources)
    name = "workflows/safeguarding_adult_review.yaml"
    before, _, rest = texts[name].partition("escalations:\n")
    texts[name] = before + rest[rest.index("notices:\n") :]
    ready(session, read_sources(texts, known_types=known_types()))
    flag(begun(session))

    assert (told(session), standing(session)) == ({}, [])
