"""One e-mail a person and day: what it lists, what it leaves out, and that no run sends a second one."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from typing import Any
from uuid import UUID

import pytest
from sqlalchemy import select, update
from sqlalchemy.orm import Session

from scrt_workflow.models import Membership, Notice, Organisation, Person, ReminderSent, Review
from scrt_workflow.operations import history, letters, mail_choices, people
from scrt_workflow.operations.letter_layout import Letter, WithheldError
from scrt_workflow.operations.letters import letter_for
from scrt_workflow.operations.mail_choices import Mail
from scrt_workflow.operations.people import actor_of, find_person
from scrt_workflow.operations.reminders import enter, post, reminders_due, waiting_for_post
from scrt_workflow.permissions import Role
from tests.operations import reminding
from tests.operations.reminding import FIRST_DUE, add, another, on, open_review, remind, told

ADDRESS = "https://reviews.example.nhs.uk"
DAY = timedelta(days=1)
RAISED = FIRST_DUE + 3 * 14 * DAY  # the fourth reminder


@pytest.fixture
def service(session: Session) -> Session:
    reminding.prepared(session)
    return session


def at(day: date, hour: int = 7) -> datetime:
    return datetime(day.year, day.month, day.day, hour, tzinfo=UTC)


def letter(session: Session, who: str, *, day: date = FIRST_DUE) -> Letter:
    """Write the newest letter to somebody."""
    person = find_person(session, f"{who}@example.nhs.uk")
    query = select(Notice).where(Notice.person_id == person.id).order_by(Notice.id.desc()).limit(1)
    return letter_for(session, session.scalars(query).one(), on=day, address=ADDRESS)


def updated(session: Session, review: Review, day: date) -> None:
    """Let somebody give an update of a review."""
    same: dict[str, Any] = {"body": {}, "at": at(day, 12), "from_state": review.state, "to_state": review.state}
    history.append(session, stream=f"review:{review.id}", kind="review:step", step="give_update", **same)


def some_reviews(session: Session, number: int) -> list[Review]:
    """Give open reviews of which each was updated a day after the one before."""
    first = open_review(session)
    reviews = [first, *(another(session, first, n) for n in range(1, number))]
    for days, review in enumerate(reviews[1:], 1):
        updated(session, review, reminding.COMMISSIONED + days * DAY)
    return reviews


def test_several_reminders_of_a_day_are_one_list_with_the_longest_overdue_first(service: Session) -> None:
    reviews = some_reviews(service, 3)
    late = FIRST_DUE + 5 * DAY
    remind(service, late)

    found = letter(service, "designate", day=late)

    assert told(service) == {"designate": 1}
    assert found.subject == "3 reminders of reviews"
    assert found.text == (
        "You are reminded of these reviews, the longest overdue first.\n"
        "\n"
        f"Update overdue: review {reviews[0].reference}\n"
        "Stage: Commissioned\n"
        "Due: 2 October 2024 (5 days ago)\n"
        f"{ADDRESS}/reviews/{reviews[0].id}\n"
        "\n"
        f"Update overdue: review {reviews[1].reference}\n"
        "Stage: Commissioned\n"
        "Due: 3 October 2024 (4 days ago)\n"
        f"{ADDRESS}/reviews/{reviews[1].id}\n"
        "\n"
        f"Update overdue: review {reviews[2].reference}\n"
        "Stage: Commissioned\n"
        "Due: 4 October 2024 (3 days ago)\n"
        f"{ADDRESS}/reviews/{reviews[2].id}\n"
        "\n"
        "--\n"
        "Safeguarding case review tracker\n"
        "You get this message as designated professional for NHS North Central London Integrated Care Board."
        " Nobody reads replies to this address.\n"
        f"Choose which e-mails you get: {ADDRESS}/account#e-mails\n"
    )
    for review in reviews:
        assert f'href="{ADDRESS}/reviews/{review.id}"' in found.html


def test_what_was_raised_says_so_and_a_regional_lead_reads_it_by_organisation(service: Session) -> None:
    reviews = some_reviews(service, 3)
    reviews[1].responsible = "QMF"
    add(service, Role.DESIGNATE, "2")
    people.ensure_role(service, "there@example.nhs.uk", Role.DESIGNATE, "QMF", valid_from=date(2022, 7, 1), at=at(FIRST_DUE))
    for number in range(4):
        remind(service, FIRST_DUE + (14 * number + 2) * DAY)
    day = RAISED + 2 * DAY

    to_region, to_icb = letter(service, "regional.lead", day=day), letter(service, "icb.lead", day=day)

    assert to_region.subject == "3 reminders raised with you"
    here, there = (service.get_one(Organisation, code).name for code in ("QMJ", "QMF"))
    assert [line for line in to_region.text.splitlines() if line in {here, there}] == [here, there]
    assert to_region.text.count("Raised with you, since 3 reminders have brought no answer.") == 3
    assert "What is raised with you comes whatever you chose." in to_region.text
    assert "regional lead for" in to_region.text
    assert reviews[1].reference not in to_icb.text
    assert here not in to_icb.text.partition("--")[0]
    assert "Raised with you" not in letter(service, "designate2", day=day).text


def test_a_single_raised_reminder_says_so_beside_the_words_of_the_definition(service: Session) -> None:
    review = open_review(service)
    for number in range(4):
        remind(service, FIRST_DUE + 14 * number * DAY)

    found = letter(service, "icb.lead", day=RAISED)

    assert found.subject == f"Update overdue: review {review.reference}"
    assert "Nobody has given an update on this review for 72 days." in found.text
    assert "Raised with you, since 3 reminders have brought no answer." in found.text


def test_who_is_told_because_nobody_holds_the_role_below_is_told_why(service: Session) -> None:
    open_review(service)
    reminding.end_roles(service, find_person(service, "designate@example.nhs.uk").id, FIRST_DUE)
    remind(service, FIRST_DUE)

    assert "Raised with you, since nobody holds the role that is reminded first." in letter(service, "icb.lead").text


def test_a_long_list_is_cut_and_leads_to_the_whole(service: Session, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(letters, "MOST_LISTED", 3)
    reviews = some_reviews(service, 5)
    late = FIRST_DUE + 5 * DAY
    remind(service, late)

    found = letter(service, "designate", day=late)

    assert found.subject == "5 reminders of reviews"
    assert [one.reference in found.text for one in reviews] == [True, True, True, False, False]
    assert f"And 2 more. See the list of reviews: {ADDRESS}/reviews?late=yes" in found.text


def test_what_was_updated_or_has_moved_on_before_it_is_sent_is_left_out(service: Session) -> None:
    reviews = some_reviews(service, 4)
    late = FIRST_DUE + 5 * DAY
    remind(service, late)

    updated(service, reviews[0], late)
    service.execute(update(Review).where(Review.id == reviews[1].id).values(state="published", status="closed"))
    reviews[2].withdrawn_at = at(late, 9)
    service.flush()
    service.expire_all()

    found = letter(service, "designate", day=late)
    assert found.subject == f"Update overdue: review {reviews[3].reference}"
    updated(service, reviews[3], late)
    with pytest.raises(WithheldError):
        letter(service, "designate", day=late)


def test_a_review_of_an_organisation_that_is_no_longer_theirs_is_left_out(service: Session) -> None:
    mine, other = some_reviews(service, 2)
    late = FIRST_DUE + 5 * DAY
    remind(service, late)

    other.responsible = "QMF"
    service.flush()

    assert letter(service, "designate", day=late).subject == f"Update overdue: review {mine.reference}"


def test_what_becomes_due_after_the_e_mail_of_a_day_goes_with_the_next_days(service: Session) -> None:
    reviews = some_reviews(service, 2)
    remind(service, FIRST_DUE)
    later = another(service, reviews[0], 9)

    remind(service, FIRST_DUE)
    assert told(service) == {"designate": 1}
    assert [one.notice_id for one in service.scalars(select(ReminderSent).where(ReminderSent.review_id == later.id))] == [None]

    remind(service, FIRST_DUE + DAY)
    found = letter(service, "designate", day=FIRST_DUE + DAY)
    assert told(service) == {"designate": 2}
    assert [f"{one.reference}\n" in found.text for one in (*reviews, later)] == [False, True, True]


def test_a_run_that_broke_off_before_the_post_is_made_up_for(service: Session) -> None:
    open_review(service)
    enter(service, list(reminders_due(service, on=FIRST_DUE)), at=at(FIRST_DUE))
    assert told(service) == {}

    remind(service, FIRST_DUE + DAY)

    assert told(service) == {"designate": 1}
    assert letter(service, "designate", day=FIRST_DUE + DAY).subject.startswith("Update overdue")


def test_two_who_post_at_once_queue_one_e_mail(service: Session) -> None:
    open_review(service)
    enter(service, list(reminders_due(service, on=FIRST_DUE)), at=at(FIRST_DUE))
    waiting = waiting_for_post(service)

    assert [post(service, waiting, at=at(FIRST_DUE)) for _ in range(2)] == [1, 0]


def test_who_stopped_digests_gets_none_but_what_is_raised_with_them(service: Session) -> None:
    open_review(service)
    for who in ("designate", "icb.lead"):
        actor = actor_of(service, find_person(service, f"{who}@example.nhs.uk").id, on=FIRST_DUE)
        mail_choices.choose(service, [Mail.SUMMARIES], actor=actor, at=at(FIRST_DUE))
    for number in range(4):
        remind(service, FIRST_DUE + 14 * number * DAY)

    with pytest.raises(WithheldError, match="stopped these e-mails"):
        letter(service, "designate", day=RAISED)
    assert "What is raised with you comes whatever you chose." in letter(service, "icb.lead", day=RAISED).text


def test_what_someone_chose_is_kept_for_each_kind_and_on_record(service: Session) -> None:
    person = find_person(service, "icb.lead@example.nhs.uk")
    actor = actor_of(service, person.id, on=FIRST_DUE)
    assert all(mail_choices.wants(service, person.id, kind) for kind in Mail)

    for chosen in ([Mail.SUMMARIES], [Mail.SUMMARIES], [Mail.REMINDERS, Mail.SUMMARIES]):
        mail_choices.choose(service, chosen, actor=actor, at=at(FIRST_DUE))
        wanted = {kind for kind in Mail if mail_choices.wants(service, person.id, kind)}
        assert wanted == mail_choices.wanted(service, person.id) == set(chosen)

    assert history.head_of(service, people.stream_of(person.id)).seq == kept_events(service, person.id)


def kept_events(session: Session, person_id: UUID) -> int:
    """Count what happened to the lead: added, a role given, and two choices, of which the one between changed nothing."""
    held = session.scalars(select(Membership).where(Membership.person_id == person_id)).all()
    return 1 + len(held) + 2


def test_no_digest_holds_a_word_that_was_written_in_a_review(service: Session) -> None:
    canary = "canary" * 6
    history_of_one = reminding.commissioned(service)
    on(history_of_one, FIRST_DUE - 20 * DAY)
    history_of_one.then("give_update", latest_update=f"{canary} was said.").played()
    first = service.scalars(select(Review)).one()
    another(service, first, 1)
    remind(service, date(2024, 12, 2))

    letters_sent = [letter(service, name.partition("@")[0], day=date(2024, 12, 2)) for name in readers(service)]

    assert letters_sent
    assert not [one for one in letters_sent if "canary" in f"{one.subject} {one.text} {one.html}"]


def readers(session: Session) -> list[str]:
    """Give the addresses of everyone to whom something is queued."""
    query = select(Person.email_key).join(Notice, Notice.person_id == Person.id).where(Notice.template == "reminder_digest")
    return list(session.scalars(query))
