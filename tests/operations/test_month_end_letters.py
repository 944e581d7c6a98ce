"""What leads get at a month's end: figures and files, no word of a review (OU4), to whoever leads the organisation then."""

from __future__ import annotations

from datetime import UTC, date, datetime
from uuid import uuid4

import pytest
from sqlalchemy import select, update
from sqlalchemy.orm import Session

from scrt_workflow.app import create_app
from scrt_workflow.clock import Clock
from scrt_workflow.mail import Post
from scrt_workflow.models import Membership, Notice, Person
from scrt_workflow.operations import summary_letters
from scrt_workflow.operations.lending import lend_role
from scrt_workflow.operations.letter_layout import Letter, WithheldError
from scrt_workflow.operations.letters import letter_for
from scrt_workflow.operations.organisations import load_reference
from scrt_workflow.operations.summaries import LEADS, PERIOD_SUMMARY, queue_summaries, summary_of
from scrt_workflow.permissions import Role
from scrt_workflow.reports.periods import read_period
from scrt_workflow.reports.printing import NO_PANGO, NOT_PRINTED, NoPangoError, NotPrintedError
from scrt_workflow.reports.workbook import as_workbook
from scrt_workflow.settings import Settings
from tests.definitions.histories import ABOUT, ADULTS, History
from tests.factories import make_membership, make_person
from tests.mail_server import mail_server
from tests.operations import reminding
from tests.reports.hostile import with_words

ADDRESS = "https://reviews.example.nhs.uk"
MOMENT = datetime(2024, 11, 1, 6, tzinfo=UTC)
TODAY = date(2024, 11, 1)


@pytest.fixture
def service(session: Session) -> Session:
    reminding.prepared(session)
    session.execute(update(Membership).where(Membership.role.in_([role.value for role in LEADS])).values(role="viewer"))
    session.flush()
    return session


@pytest.fixture(autouse=True)
def _quick(monkeypatch: pytest.MonkeyPatch) -> None:
    """Lay out no page: another file tries that, and needs Pango."""
    monkeypatch.setattr(summary_letters, "as_pdf", lambda _: b"%PDF-1.7")


def lead(session: Session, role: Role = Role.ICB_LEAD, organisation: str = "QMJ", **period: date) -> Person:
    person = make_person(session)
    make_membership(session, person, role, organisation, **period)
    return person


def notices(session: Session) -> list[Notice]:
    return list(session.scalars(select(Notice).where(Notice.template == PERIOD_SUMMARY).order_by(Notice.id)))


def letter(session: Session, *, hides_below: int = 0) -> Letter:
    (notice,) = notices(session)
    return letter_for(session, notice, on=TODAY, address=ADDRESS, hides_below=hides_below)


def test_each_lead_is_sent_the_figures_of_what_they_lead_once(service: Session) -> None:
    for role in Role:
        for organisation in {"icb_lead": ["QMJ", "QMF"], "regional_lead": ["Y56"], "national_lead": ["ENG"]}.get(role, []):
            lead(service, role, organisation)
    lead(service, Role.ICB_LEAD, "QMJ", valid_to=date(2024, 11, 1))
    lead(service, Role.ICB_LEAD, "QMJ", valid_from=date(2024, 11, 2))
    lead(service, Role.ICB_LEAD, "QMJ").disabled_at = datetime(2024, 10, 1, tzinfo=UTC)
    for role in set(Role) - set(LEADS):
        lead(service, role, {"icb": "QMJ", "region": "Y56"}.get(role.partition("_")[0], "ENG"))

    queued = queue_summaries(service, read_period("2024-10"), at=MOMENT)
    again = queue_summaries(service, read_period("2024-10"), at=MOMENT)

    assert (queued, again) == (4, 0)
    assert sorted(one.refs["organisation"] for one in notices(service)) == ["ENG", "QMF", "QMJ", "Y56"]
    assert {tuple(sorted(one.refs)) for one in notices(service)} == {("organisation", "period")}
    assert queue_summaries(service, read_period("2024-11"), at=MOMENT) == 4


def test_while_a_lead_s_role_is_lent_the_figures_go_to_who_has_borrowed_it(service: Session) -> None:
    away, deputy = lead(service), make_person(service)
    role = service.scalars(select(Membership).where(Membership.person_id == away.id)).one()
    lend_role(service, role, deputy, valid_from=date(2024, 10, 25), valid_to=date(2024, 11, 10), at=MOMENT)

    queue_summaries(service, read_period("2024-10"), at=MOMENT)

    assert [one.person_id for one in notices(service)] == [deputy.id]


def test_it_says_the_figures_that_matter_and_what_has_changed(service: Session) -> None:
    reminding.open_review(service)
    lead(service)
    queue_summaries(service, read_period("2024-09"), at=MOMENT)

    found = letter(service)

    for words in (found.text, found.html):
        assert "NHS North Central London Integrated Care Board: September 2024" in words
        assert "Data up to 30 September 2024" in words
        assert "1 more than the month before" in words
        assert "SAR Adult" in words
        assert f"{ADDRESS}/figures?organisation=QMJ&" in words
        assert f"{ADDRESS}/account" in words
        assert "as ICB lead for NHS North Central London" in words
    assert "Reviews: 1 (1 more than the month before)" in found.text
    assert 'src="cid:chart.png"' in found.html
    assert "September 2024: 1 open, 0 closed" in found.html
    assert [one.name for one in found.enclosures] == ["chart.png", "figures-QMJ-2024-09.xlsx", "infographic-QMJ-2024-09.pdf"]
    assert sum(len(one.content) for one in found.enclosures) < 300_000
    assert all(name in found.text for name in ("figures-QMJ-2024-09.xlsx", "infographic-QMJ-2024-09.pdf"))


def test_the_link_is_the_page_of_the_same_figures(service: Session, settings: Settings) -> None:
    lead(service)
    queue_summaries(service, read_period("2024-10"), at=MOMENT)

    assert f'<a href="{ADDRESS}/figures?organisation=QMJ&amp;period=2024-10"' in letter(service).html
    with create_app(settings, Clock()).test_request_context(base_url=ADDRESS) as context:
        assert context.url_adapter
        assert context.url_adapter.match("/figures", method="GET")[0] == "rollups.show"
        assert context.url_adapter.match("/account", method="GET")[0] == "account.show"


@pytest.mark.parametrize("period", ["2026-03", "2025-26-Q4", "2025-26"])
def test_leads_of_a_new_organisation_are_sent_the_figures_of_those_that_it_took_over_from(service: Session, period: str) -> None:
    reminding.open_review(service)
    began = datetime(2026, 4, 1, 2, tzinfo=UTC)
    lead(service, Role.ICB_LEAD, "Z9B2Z", valid_from=began.date())
    queue_summaries(service, read_period(period), at=began)

    (notice,) = notices(service)
    found = letter_for(service, notice, on=began.date(), address=ADDRESS)

    assert "Reviews: 1 (as the " in found.text
    assert f"\nSIX {read_period(period).word.upper()}S\n" in found.text
    for words in (found.text, found.html):
        assert "Data up to 31 March 2026, of those that it took over from" in words
        assert "March 2026: 1 open, 0 closed" in words
    assert f"{ADDRESS}/figures?organisation=Z9B2Z&period={period}&known_at=then&organisations=now" in found.text


def test_an_organisation_is_not_compared_with_the_month_before_it_began(service: Session) -> None:
    reminding.open_review(service)
    lead(service, Role.ICB_LEAD, "Z9B2Z", valid_from=date(2026, 4, 1))
    for period, said in (("2026-04", "Reviews: 1\n"), ("2026-05", "Reviews: 1 (as the month before)\n")):
        queue_summaries(service, read_period(period), at=datetime(2026, 6, 1, 2, tzinfo=UTC))
        newest = notices(service)[-1]

        assert said in letter_for(service, newest, on=date(2026, 6, 1), address=ADDRESS).text


def test_no_word_that_was_written_in_a_review_is_in_the_message_or_its_files(service: Session) -> None:
    canary = f"canary{uuid4().hex}"
    history = History(service, "safeguarding_adult_review", at=datetime(2024, 9, 1, 10, tzinfo=UTC))
    said = ABOUT | {"brief_overview": canary, "identifier_ref_1": canary[:20], "media_interest": "high", "partnership": ADULTS}
    history.then("refer", referred_on=history.day, **said)
    history.then("commission", decided_on=history.day, commissioned_on=history.day)
    history.then("give_update", latest_update=canary).played()
    lead(service)
    queue_summaries(service, read_period("2024-10"), at=MOMENT)

    found = letter(service)

    assert "1 open" in found.text
    everything = f"{found.subject}{found.text}{found.html}".encode() + b"".join(one.content for one in found.enclosures)
    assert b"canary" not in everything
    assert b"canary" not in repr(summary_of(service, "QMJ", read_period("2024-10"), today=TODAY)).encode()


def test_whoever_no_longer_leads_the_organisation_gets_nothing(service: Session) -> None:
    person = lead(service)
    queue_summaries(service, read_period("2024-10"), at=MOMENT)
    held = service.scalars(select(Membership).where(Membership.person_id == person.id)).one()

    held.role = "viewer"
    service.flush()
    with pytest.raises(WithheldError, match="no longer leads"):
        letter(service)
    held.role, held.organisation = "icb_lead", "QMF"
    service.flush()
    with pytest.raises(WithheldError, match="no longer leads"):
        letter(service)
    held.organisation, person.disabled_at = "QMJ", MOMENT
    service.flush()
    with pytest.raises(WithheldError, match="no longer leads"):
        letter(service)


def test_small_numbers_are_hidden_from_every_part_of_it_when_that_is_set(service: Session) -> None:
    reminding.open_review(service)
    lead(service)
    queue_summaries(service, read_period("2024-09"), at=MOMENT)

    found = letter(service, hides_below=5)

    assert "Reviews: fewer than 5\n" in found.text
    assert "more than the month before" not in found.text + found.html
    assert "Counts from 1 to 4 are hidden" in found.text
    assert "September 2024: 1 open" not in found.text + found.html


@pytest.mark.parametrize("error", [NoPangoError(NO_PANGO), NotPrintedError(NOT_PRINTED)])
def test_without_an_infographic_it_is_sent_and_says_why(
    service: Session, monkeypatch: pytest.MonkeyPatch, error: NotPrintedError
) -> None:
    def none(_: object) -> bytes:
        raise error

    monkeypatch.setattr(summary_letters, "as_pdf", none)
    lead(service)
    queue_summaries(service, read_period("2024-10"), at=MOMENT)

    found = letter(service)

    assert [one.name for one in found.enclosures] == ["chart.png", "figures-QMJ-2024-10.xlsx"]
    assert str(error) in " ".join(found.text.split())


def test_files_are_made_once_however_many_read_them(service: Session) -> None:
    for _ in range(4):
        lead(service)
    queue_summaries(service, read_period("2024-10"), at=MOMENT)
    as_workbook.cache_clear()

    letters = [letter_for(service, one, on=TODAY, address=ADDRESS) for one in notices(service)]

    assert as_workbook.cache_info().misses == 1
    assert len({one.to for one in letters}) == len({one.message_id for one in letters}) == 4
    assert len({one.enclosures for one in letters}) == 1


@pytest.mark.parametrize(
    "words",
    [
        "x\r\nBcc: thief@example.com", "x\nContent-Type: text/html\n\n<b>", '"><script>alert(1)</script>',
        "=?utf-8?q?=0D=0ABcc:_x?=", "\u2028Bcc: thief@example.com", "x\x00y", "é" * 300, "{{ config }}{% for %}",
    ],
    ids=range(8),
)  # fmt: skip
def test_whatever_an_organisation_or_a_term_is_called_the_message_has_our_headers_and_parts(
    service: Session, settings: Settings, monkeypatch: pytest.MonkeyPatch, words: str
) -> None:
    load_reference(service)
    person = lead(service)
    queue_summaries(service, read_period("2024-10"), at=MOMENT)
    plain = summary_of(service, "QMJ", read_period("2024-10"), today=TODAY)
    monkeypatch.setattr("scrt_workflow.operations.letters.summary_to_send", lambda *_, **__: with_words(plain, words))

    found = letter(service)
    with mail_server() as server:
        post = Post(settings.model_copy(update={"mail_host": "localhost", "mail_port": server.port, "mail_tls": "none"}))
        post.send(
            to=found.to, subject=found.subject, text=found.text, html=found.html, message_id=found.message_id,
            enclosures=found.enclosures,
        )  # fmt: skip
        post.close()

    (message,) = server.messages
    ours = {"Auto-Submitted", "Content-Type", "Date", "From", "MIME-Version", "Message-ID", "Subject", "To"}
    assert set(message.keys()) - {"X-Peer", "X-MailFrom", "X-RcptTo"} == ours
    assert server.envelopes[0][1] == [person.email_key]
    assert [part.get_content_type() for part in message.walk()] == [
        "multipart/mixed", "multipart/alternative", "text/plain", "multipart/related", "text/html", "image/png",
        "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet", "application/pdf",
    ]  # fmt: skip
    assert [part.get_filename() for part in message.walk() if part.get_filename()] == [one.name for one in found.enclosures]
    assert [part["Content-ID"] for part in message.walk() if part["Content-ID"]] == ["<chart.png>"]
    assert "<script" not in found.html
