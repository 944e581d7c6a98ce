"""Nobody is nagged twice or after the end (SC6): 2,080 weeks of reviews against a simple model of what each is to get."""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from random import Random
from uuid import UUID

import pytest
from sqlalchemy import Engine, func, select, update
from sqlalchemy.orm import Session

from scrt_workflow.clock import FixedClock
from scrt_workflow.database import reading, unit_of_work
from scrt_workflow.jobs import reminders
from scrt_workflow.jobs.work import Work
from scrt_workflow.models import Membership, Notice, Person, ReminderSent, Review
from scrt_workflow.operations import answering, history, lending, letters, mail_choices, people
from scrt_workflow.operations.letter_layout import WithheldError
from scrt_workflow.operations.letters import letter_for
from scrt_workflow.operations.mail_choices import Mail
from scrt_workflow.operations.reminders import reminders_due, send_reminders
from scrt_workflow.permissions import Role
from tests.operations import reminding
from tests.operations.nagging import Book, Holding, Kept, is_working

REVIEWS, DAYS = 149, 98  # 2,086 weeks of reviews
DAY = timedelta(days=1)
REFERENCE = re.compile(r"R-\w{5}-\w{5}-\d+")
STATES = {"open": ("commissioned", "open"), "embargoed": ("embargoed", "closed"), "published": ("published", "closed")}
STEPS = {"open": "reopen", "embargoed": "decide_publication", "published": "decide_publication"}
MAY_HAPPEN = {
    "open": ["update", "flag", "flag", "published", "embargoed"], "embargoed": ["look", "look", "open"], "published": ["open"],
}  # fmt: skip
HERE, THERE = "QMJ", "QMF"
AWAY = (reminding.COMMISSIONED + 55 * DAY, reminding.COMMISSIONED + 75 * DAY)  # nobody is designate at QMF
LENT = [(reminding.COMMISSIONED + n * DAY, reminding.COMMISSIONED + (n + 15) * DAY) for n in (35, 75)]


@dataclass
class Weeks:
    """The service and the book, to which the same things happen."""

    engine: Engine
    book: Book
    ids: dict[str, UUID]
    chance: Random
    seen: int = 0

    def happens(self, review: Kept, day: date) -> None:
        """Update a review, flag it, close it, embargo it, look at that again, or reopen it."""
        what = self.chance.choice(MAY_HAPPEN[review.state])
        with unit_of_work(self.engine) as session:
            if what == "flag":
                self._event(session, review, "flag_media_interest", day)
            elif what == "update":
                self._event(session, review, "give_update", day)
                review.begins("open", day)
            elif what == "look":
                self._event(session, review, "lift_embargo", day)
                self._looks_again(session, review, day)
            else:
                self._move(session, review, what, day)

    def _move(self, session: Session, review: Kept, to: str, day: date) -> None:
        state, status = STATES[to]
        self._event(session, review, STEPS[to], day, to=state)
        session.execute(update(Review).where(Review.id == self.ids[review.reference]).values(state=state, status=status))
        review.begins(to, day)
        if to == "embargoed":
            self._looks_again(session, review, day)

    def _looks_again(self, session: Session, review: Kept, day: date) -> None:
        on, review_id = day + timedelta(days=self.chance.choice([0, 3, 20, 45])), self.ids[review.reference]
        found = session.get_one(Review, review_id)
        seq, version = history.head_of(session, f"review:{review_id}").seq, found.definition_version_id
        answering.set_answers(session, review_id, {"look_again_on": on.isoformat()}, seq=seq, version_id=version)
        review.begins("embargoed", on)

    def _event(self, session: Session, review: Kept, step: str, day: date, to: str = "") -> None:
        state, at = STATES[review.state][0], datetime.combine(day, time(12), UTC)
        history.append(
            session, stream=f"review:{self.ids[review.reference]}", kind="review:step", body={}, at=at, step=step,
            from_state=state, to_state=to or state,
        )  # fmt: skip

    def chooses(self, who: str, day: date) -> None:
        """Let somebody stop these e-mails, or have them again."""
        self.book.stopped ^= {who}
        with unit_of_work(self.engine) as session:
            actor = people.actor_of(session, people.find_person(session, who).id, on=day)
            chosen = set(Mail) - ({Mail.REMINDERS} if who in self.book.stopped else set())
            mail_choices.choose(session, chosen, actor=actor, at=datetime.combine(day, time(8), UTC))

    def runs(self, day: date, *, hour: int = 7) -> None:
        """Run the job as a scheduler does."""
        at = datetime.combine(day, time(hour), UTC)
        reminders.run(Work(self.engine, at, FixedClock(at)))

    def runs_twice_at_once(self, day: date) -> None:
        """Let two schedulers work out the same reminders, of which both then send theirs."""
        at = datetime.combine(day, time(7), UTC)
        with reading(self.engine) as session:
            due = [list(reminders_due(session, on=day)) for _ in range(2)]
        for one in due:
            with unit_of_work(self.engine) as session:
                send_reminders(session, one, at=at)

    def letters(self, day: date) -> dict[str, set[str]]:
        """Write the letters that were queued since it was last asked; give the references in each, by its reader."""
        found: dict[str, set[str]] = {}
        with reading(self.engine) as session:
            query = select(Notice, Person.email_key).join(Person, Person.id == Notice.person_id).where(Notice.id > self.seen)
            for notice, who in session.execute(query.order_by(Notice.id)).all():
                self.seen = notice.id
                assert who not in found, f"two digests for {who} on {day}"
                try:
                    letter = letter_for(session, notice, on=day, address="https://reviews.example.nhs.uk")
                except WithheldError:
                    found[who] = set()
                else:
                    found[who] = set(REFERENCE.findall(f"{letter.subject} {letter.text}"))
        return found


def begun(engine: Engine) -> Weeks:
    """Let the reviews of two ICBs be commissioned, with designates and leads; one role is lent, and one is empty for a time."""
    first = date(2022, 7, 1)
    at = datetime(2022, 7, 1, 9, tzinfo=UTC)
    book = Book([])
    ids: dict[str, UUID] = {}
    with unit_of_work(engine) as session:
        reminding.prepared(session)
        original = reminding.open_review(session)
        for who, role, place in (
            ("designate@example.nhs.uk", Role.DESIGNATE, HERE), ("other@example.nhs.uk", Role.DESIGNATE, HERE),
            ("there@example.nhs.uk", Role.DESIGNATE, THERE), ("lead@example.nhs.uk", Role.ICB_LEAD, THERE),
            ("icb.lead@example.nhs.uk", Role.ICB_LEAD, HERE), ("regional.lead@example.nhs.uk", Role.REGIONAL_LEAD, "Y56"),
            ("borrower@example.nhs.uk", Role.VIEWER, HERE),
        ):  # fmt: skip
            people.ensure_role(session, who, role, place, valid_from=first, at=at)
            if role is not Role.VIEWER:
                book.holdings.append(Holding(who, role is not Role.DESIGNATE, "" if place == "Y56" else place))
        _lend_and_leave(session, book)
        for number in range(REVIEWS):
            review = reminding.another(session, original, number)
            review.responsible = THERE if number % 4 == 0 else HERE
            book.reviews[review.reference] = Kept(review.reference, review.responsible, "open", reminding.COMMISSIONED)
            ids[review.reference] = review.id
        original.withdrawn_at = at
    return Weeks(engine, book, ids, Random(2024))


def _lend_and_leave(session: Session, book: Book) -> None:
    lender, borrower = (people.find_person(session, f"{name}@example.nhs.uk") for name in ("designate", "borrower"))
    role = session.scalars(select(Membership).where(Membership.person_id == lender.id, Membership.valid_to.is_(None))).one()
    at = datetime(2024, 9, 1, tzinfo=UTC)
    for begins, ends in LENT:
        lending.lend_role(session, role, borrower, valid_from=begins, valid_to=ends, at=at)
        book.holdings.append(
            Holding(borrower.email_key, above=False, icb=HERE, first=begins, until=ends, lent_from=lender.email_key)
        )
    leaver = people.find_person(session, "there@example.nhs.uk")
    held = session.scalars(select(Membership).where(Membership.person_id == leaver.id)).one()
    people.end_role(session, held, on=AWAY[0], at=at)
    people.grant_role(session, leaver, Role.DESIGNATE, THERE, valid_from=AWAY[1], at=at)
    mine = next(one for one in book.holdings if one.who == leaver.email_key)
    mine.until = AWAY[0]
    book.holdings.append(Holding(leaver.email_key, above=False, icb=THERE, first=AWAY[1]))


def test_over_two_thousand_weeks_of_reviews_each_person_gets_what_a_simple_model_says(
    database: Engine, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(letters, "MOST_LISTED", REVIEWS)
    weeks, told, days_told = begun(database), 0, set()
    chance, book = weeks.chance, weeks.book
    with reading(database) as session:
        weeks.seen = session.scalar(select(func.max(Notice.id))) or 0
    for number in range(DAYS):
        day = reminding.COMMISSIONED + number * DAY
        for review in chance.sample(list(book.reviews.values()), chance.choice([0, 1, 3, 4])):
            weeks.happens(review, day)
        if number % 9 == 5:
            weeks.chooses(chance.choice(["designate@example.nhs.uk", "there@example.nhs.uk", "icb.lead@example.nhs.uk"]), day)
        if number % 11 == 9 or (not is_working(day) and number % 3):
            continue  # nothing ran on this day
        expected = book.job(day)
        if is_working(day) and number % 4 == 0:
            weeks.runs_twice_at_once(day)
        else:
            weeks.runs(day)
        told_of = {row[0].reference: row[0] for rows in expected.values() for row in rows}
        for review in chance.sample(list(told_of.values()), min(len(told_of), 2)):
            weeks.happens(review, day)  # after the run, and before the letters are written
        if number % 5 == 0:
            expected = {**book.job(day), **expected}  # what began after the first run waits for another day's e-mail
            weeks.runs(day, hour=15)
        written = {who: book.letter(who, rows, day) for who, rows in expected.items()}
        assert weeks.letters(day) == written, day
        told += sum(map(len, written.values()))
        days_told |= {day} if written else set()

    assert told > 900
    assert all(map(is_working, days_told))
    with reading(database) as session:
        times = func.count(func.distinct(ReminderSent.number))
        rows = session.execute(select(times, func.count()).group_by(ReminderSent.review_id, ReminderSent.recipient)).all()
    assert sum(row[1] for row in rows) > told
