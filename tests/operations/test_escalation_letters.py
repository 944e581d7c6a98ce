"""What the e-mails of an escalation say, to people and to posts, and when they are not sent any more."""

from datetime import date, timedelta

import pytest
from sqlalchemy import select, update
from sqlalchemy.orm import Session

from scrt_workflow.models import Contact, Notice, Person, Review
from scrt_workflow.operations import contacts
from scrt_workflow.operations.letter_layout import Letter, WithheldError
from scrt_workflow.operations.letters import letter_for
from scrt_workflow.permissions import Role
from tests.operations import raising
from tests.operations.raising import DAY, FLAGGED, REGION, acknowledge, begun, flag, raise_all
from tests.operations.reminding import add, end_roles

ADDRESS = "https://reviews.example.nhs.uk"
ON = date(2024, 10, 5)
DIRECTORS_IN_WORDS = "director of commissioning operations, director of nursing, medical director, locality director"
UNTIL = (
    "Until somebody acknowledges it by “Acknowledge the media interest”, another comes after 1 day, "
    "on weekends and bank holidays too."
)
BECAUSE = "You get this message as regional lead for London. Nobody reads replies to this address."


@pytest.fixture
def service(session: Session) -> Session:
    raising.prepared(session)
    return session


def notice_to(session: Session, name: str, number: int = 1) -> Notice:
    """Give the notice of a raising to whoever has an address that begins so."""
    people = select(Notice).join(Person, Person.id == Notice.person_id).where(Person.email_key.startswith(name))
    posts = select(Notice).join(Contact, Contact.id == Notice.contact_id).where(Contact.email.startswith(name))
    found: list[Notice] = [*session.scalars(people), *session.scalars(posts)]
    return next(one for one in found if one.refs.get("number") == number)


def letter(session: Session, name: str, number: int = 1, on: date = ON) -> Letter:
    return letter_for(session, notice_to(session, name, number), on=on, address=ADDRESS)


def test_the_regional_lead_reads_what_is_flagged_who_was_told_and_where_to_acknowledge_it(service: Session) -> None:
    review = flag(begun(service))

    found = letter(service, "regional.lead")

    assert found.subject == f"Media interest flagged: review {review.reference}"
    paragraphs = [" ".join(one.split()) for one in found.text.split("\n\n")]
    link = f"{ADDRESS}/reviews/{review.id}"
    assert paragraphs == [
        "Media interest has been flagged on a review of NHS North Central London Integrated Care Board.",
        f"Review: {review.reference} Stage: Referred",
        f"Read the review, and acknowledge the flag once those who must know have been told: {link}",
        "This message carries no case detail. Please add none when you pass it on.",
        f"Told by e-mail too: {DIRECTORS_IN_WORDS} and communications team.",
        f"This is message 1 of its kind. {UNTIL}",
        f"-- Safeguarding case review tracker {BECAUSE}",
    ]


def test_a_post_reads_whom_to_ask_and_gets_no_link(service: Session) -> None:
    review = flag(begun(service))

    found = letter(service, "medical_director")

    assert found.to == "medical_director@example.nhs.uk"
    assert f"Review: {review.reference}" in found.text
    assert "Ask about it: regional.lead (regional.lead@example.nhs.uk)" in found.text
    assert "You get this message as medical director of London" in " ".join(found.text.split())
    assert ADDRESS not in found.text + found.html
    assert "{" not in found.text


def test_a_post_asks_the_national_lead_where_nobody_leads_the_region(service: Session) -> None:
    end_roles(service, add(service, Role.REGIONAL_LEAD).id, date(2024, 10, 1))
    flag(begun(service))

    assert "Ask about it: national.lead (national.lead@example.nhs.uk)" in letter(service, "medical_director").text
    end_roles(service, add(service, Role.NATIONAL_LEAD).id, ON)
    assert "Ask about it: the safeguarding team of your NHS England region" in letter(service, "medical_director").text


def test_the_leads_read_which_posts_have_nobody(session: Session) -> None:
    raising.prepared(session, posts=("communications_team",))
    flag(begun(session))

    text = " ".join(letter(session, "regional.lead").text.split())

    assert "Told by e-mail too: communications team." in text
    assert (
        "Not told, since nobody is recorded here in that post: director of commissioning operations, director of nursing, "
        "medical director and locality director. Please tell them, and ask an administrator to record who they are."
    ) in text


def test_no_letter_holds_a_word_of_the_review(service: Session) -> None:
    canary = "canary of the overview"
    flag(begun(service, brief_overview=canary, media_interest="none"))

    for notice in service.scalars(select(Notice)):
        found = letter_for(service, notice, on=ON, address=ADDRESS)
        assert canary not in found.text + found.html + found.subject
        assert "High" not in found.text


def test_who_is_no_longer_in_post_when_it_is_sent_gets_nothing(service: Session) -> None:
    flag(begun(service))
    (old,) = [one for one in contacts.contacts_of(service, REGION) if one.post == "medical_director"]
    contacts.replace_contact(service, old, "new@example.nhs.uk", on=ON, at=FLAGGED)

    with pytest.raises(WithheldError, match="in that post"):
        letter(service, "medical_director")
    raise_all(service, FLAGGED + DAY)
    assert letter(service, "new", 2, ON + DAY).to == "new@example.nhs.uk"


def test_a_contact_reads_nothing_of_a_review_that_another_region_is_responsible_for_by_now(service: Session) -> None:
    review = flag(begun(service))
    moved = update(Review).where(Review.id == review.id).values(responsible="QOP")
    service.execute(moved)

    with pytest.raises(WithheldError, match="no longer one of the contact's organisation"):
        letter(service, "medical_director")


def test_the_first_message_is_sent_even_if_it_was_acknowledged_meanwhile_and_a_later_one_is_not(service: Session) -> None:
    history = begun(service)
    flag(history)
    raise_all(service, FLAGGED + DAY)
    acknowledge(history, FLAGGED + DAY + timedelta(hours=1))

    assert letter(service, "medical_director").subject
    with pytest.raises(WithheldError, match="acknowledged it since"):
        letter(service, "medical_director", 2, ON + DAY)


def test_a_post_that_is_told_later_than_the_others_has_its_first_message_too_even_if_it_was_acknowledged(
    service: Session,
) -> None:
    history = begun(service)
    flag(history)
    flag(history, specialised="yes", at=FLAGGED + timedelta(hours=1))
    acknowledge(history, FLAGGED + timedelta(hours=1, minutes=1))

    assert letter(service, "specialised_comms", 2).subject


@pytest.mark.parametrize(("level", "why"), [("none", "not so any more"), ("current", "raised further")])
def test_what_was_changed_before_it_was_sent_is_not_told_any_more(service: Session, level: str, why: str) -> None:
    history = begun(service)
    flag(history)
    first = notice_to(service, "medical_director")
    flag(history, level)

    with pytest.raises(WithheldError, match=why):
        letter_for(service, first, on=ON, address=ADDRESS)


def test_a_post_whose_definition_has_no_words_for_it_gets_plain_ones_without_a_link(service: Session) -> None:
    flag(begun(service))
    notice = notice_to(service, "medical_director")
    notice.template = "no_such_words"

    found = letter_for(service, notice, on=ON, address=ADDRESS)
    assert "Ask about it: regional.lead" in found.text
    assert ADDRESS not in found.text
