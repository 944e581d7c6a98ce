"""What an e-mail says: reference, stage, dates and a link, in the definition's words, to whoever may see the review now."""

from datetime import UTC, date, datetime
from html.parser import HTMLParser
from uuid import uuid4

import pytest
from sqlalchemy import select
from sqlalchemy.orm import Session

from scrt_workflow.app import create_app
from scrt_workflow.clock import Clock
from scrt_workflow.models import Contact, Membership, Notice, Organisation, Person, Review
from scrt_workflow.operations.letter_layout import Letter, WithheldError
from scrt_workflow.operations.letters import filled_in, letter_for
from scrt_workflow.operations.notices import queue
from scrt_workflow.operations.people import find_person
from scrt_workflow.settings import Settings
from tests.definitions.histories import ABOUT, ADULTS, History
from tests.operations import reminding
from tests.operations.reminding import FIRST_DUE, on, open_review, remind

ADDRESS = "https://reviews.example.nhs.uk"
DAY = date(2024, 10, 2)


@pytest.fixture
def service(session: Session) -> Session:
    reminding.prepared(session)
    return session


def first_notice(session: Session) -> Notice:
    return session.scalars(select(Notice).order_by(Notice.id)).first() or pytest.fail("There is no notice.")


def letter(session: Session, notice: Notice | None = None, *, day: date = DAY) -> Letter:
    return letter_for(session, notice or first_notice(session), on=day, address=ADDRESS)


def test_a_reminder_says_which_review_where_it_is_and_where_to_look(service: Session) -> None:
    review = open_review(service)
    remind(service, FIRST_DUE)

    found = letter(service)

    assert found.to == "designate@example.nhs.uk"
    assert found.subject == f"Update overdue: review {review.reference}"
    assert found.text == (
        "Nobody has given an update on this review for 30 days.\n"
        "\n"
        f"Review: {review.reference}\n"
        "Organisation: NHS North Central London Integrated Care Board\n"
        "Stage: Commissioned\n"
        "\n"
        f"Give an update, even if it is only that nothing has changed: {ADDRESS}/reviews/{review.id}\n"
        "\n"
        "--\n"
        "Safeguarding case review tracker\n"
        "You get this message as designated professional for NHS North Central London Integrated Care Board."
        " Nobody reads replies to this address.\n"
        f"Choose which e-mails you get: {ADDRESS}/account#e-mails\n"
    )


def test_the_link_is_a_page_of_the_service(service: Session, settings: Settings) -> None:
    review = open_review(service)
    remind(service, FIRST_DUE)
    path = f"/reviews/{review.id}"

    assert f'<a href="{ADDRESS}{path}"' in letter(service).html
    with create_app(settings, Clock()).test_request_context(base_url=ADDRESS) as context:
        assert context.url_adapter
        assert context.url_adapter.match(path, method="GET")[0] == "reviews.show"


def test_no_letter_holds_a_word_that_was_written_in_the_review(service: Session) -> None:
    canary = f"canary{uuid4().hex}"
    history = History(service, "safeguarding_adult_review", at=datetime(2024, 9, 1, 10, tzinfo=UTC))
    said = ABOUT | {"brief_overview": canary, "identifier_ref_1": canary[:20], "media_interest": "high", "partnership": ADULTS}
    history.then("refer", referred_on=history.day, **said)
    history.then("commission", decided_on=history.day, commissioned_on=history.day)
    history.then("give_update", latest_update=canary).played()
    remind(service, date(2024, 12, 2))

    letters = [letter(service, notice) for notice in service.scalars(select(Notice))]

    assert {one.subject.partition(":")[0] for one in letters} == {"Media interest flagged", "Update overdue"}
    assert [one for one in letters if "canary" in f"{one.subject} {one.text} {one.html}"] == []


def test_who_may_no_longer_see_the_review_gets_nothing(service: Session) -> None:
    open_review(service)
    remind(service, FIRST_DUE)
    person = find_person(service, "designate@example.nhs.uk")

    held = service.scalars(select(Membership).where(Membership.person_id == person.id)).one()
    held.organisation = "QMF"
    service.flush()
    with pytest.raises(WithheldError, match="no longer see"):
        letter(service)

    held.organisation, person.disabled_at = "QMJ", datetime(2024, 10, 1, tzinfo=UTC)
    service.flush()
    with pytest.raises(WithheldError, match="no longer see"):
        letter(service)


def test_who_has_another_role_for_the_review_now_is_not_told_what_the_old_one_was(service: Session) -> None:
    open_review(service)
    remind(service, FIRST_DUE)
    person = find_person(service, "designate@example.nhs.uk")
    service.scalars(select(Membership).where(Membership.person_id == person.id)).one().role = "viewer"
    service.flush()

    with pytest.raises(WithheldError):
        letter(service)


def test_a_review_that_was_withdrawn_or_has_moved_on_is_not_written_about(service: Session) -> None:
    history = reminding.signed_off(service)
    history.played()
    remind(service, date(2024, 12, 2))
    on(history, date(2024, 12, 3)).then(
        "decide_publication", publication_status="public", publication_date="2024-12-03",
        report_link="https://example.org/reviews/1",
    ).played()  # fmt: skip

    with pytest.raises(WithheldError, match="moved on"):
        letter(service)
    service.scalars(select(Review)).one().withdrawn_at = datetime(2024, 12, 4, tzinfo=UTC)
    with pytest.raises(WithheldError, match="withdrawn"):
        letter(service)


def test_a_contact_who_is_no_user_gets_the_same_words_while_in_post(service: Session) -> None:
    review = open_review(service)
    post = Contact(organisation="QMJ", post="communications", email="comms@example.nhs.uk", valid_from=DAY)
    service.add(post)
    service.flush()
    notice = Notice(
        once_key="x", message_id="<x@y>", template="media_interest_flagged", contact_id=post.id, refs={"review": str(review.id)},
        status="queued", next_try_at=datetime(2024, 10, 2, tzinfo=UTC), queued_at=datetime(2024, 10, 2, tzinfo=UTC),
    )  # fmt: skip
    service.add(notice)
    service.flush()

    assert letter(service, notice).to == "comms@example.nhs.uk"
    post.valid_to = DAY
    with pytest.raises(WithheldError, match="in that post"):
        letter(service, notice)


def test_a_template_that_the_definition_does_not_word_has_plain_words(service: Session) -> None:
    review = open_review(service)
    person = find_person(service, "designate@example.nhs.uk")
    queue(service, "no_such_words", [person.id], once="x", refs={"review": str(review.id)}, at=datetime(2024, 10, 2, tzinfo=UTC))

    found = letter(service)

    assert found.subject == f"SAR Adult: review {review.reference}"
    assert f"{ADDRESS}/reviews/{review.id}" in found.text


@pytest.mark.parametrize(
    "text",
    [
        "{reference.__class__}", "{0}", "{}", "{{reference}}"[:0] + "{person!r}", "{settings}", "{reference:>99999999}",
        "%(reference)s", "${reference", "{{ config }}", "{% for x in range(9) %}", "{reference[0]}", "{link }",
    ],
)  # fmt: skip
def test_only_names_are_filled_in_and_nothing_is_run(text: str) -> None:
    assert filled_in(text, {"reference": "R-1", "link": "x", "person": "A"}) == text


def test_what_is_filled_in_is_not_looked_at_again() -> None:
    assert filled_in("{person}", {"person": "{link}", "link": "secret"}) == "{link}"


class Elements(HTMLParser):
    """Lists the elements of a page, and what its links lead to."""

    def __init__(self, html: str) -> None:
        super().__init__()
        self.found: list[str] = []
        self.links: list[str | None] = []
        self.feed(html)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        """Remember an element."""
        self.found.append(tag)
        self.links += [value for name, value in attrs if name == "href"]
        assert not [name for name, _ in attrs if name.startswith("on")]


def test_a_name_with_markup_in_it_stays_text(service: Session) -> None:
    review = open_review(service)
    remind(service, FIRST_DUE)
    plain = Elements(letter(service).html)
    service.get_one(Organisation, "QMJ").name = '<script>alert(1)</script>\r\nBcc: x@y.uk "><img src=x onerror=alert(1)>'
    service.flush()

    found = letter(service)
    assert set(Elements(found.html).found) == set(plain.found)
    assert Elements(found.html).links == [f"{ADDRESS}/reviews/{review.id}", f"{ADDRESS}/account#e-mails"]
    assert "\n" not in found.subject


def test_no_line_is_longer_than_a_mail_server_takes(service: Session) -> None:
    open_review(service)
    remind(service, FIRST_DUE)
    service.get_one(Organisation, "QMJ").name = "<&> " * 75
    service.flush()

    found = letter(service)

    assert max(len(line.encode()) for line in f"{found.text}\n{found.html}".splitlines()) < 998


def test_a_person_that_is_gone_is_no_reader(service: Session) -> None:
    review = open_review(service)
    person = Person(email_key="nobody@example.nhs.uk", name="Nobody")
    service.add(person)
    service.flush()
    queue(service, "update_overdue", [person.id], once="x", refs={"review": str(review.id)}, at=datetime(2024, 10, 2, tzinfo=UTC))

    with pytest.raises(WithheldError):
        letter(service)
