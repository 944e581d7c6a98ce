"""Histories invented at random by a seed: many reviews of several regions, back-dated, corrected, converted, withdrawn."""

from __future__ import annotations

import json
from collections.abc import Callable
from datetime import UTC, date, datetime, timedelta
from random import Random
from typing import Any

from tests.operations import plain_counts
from tests.operations.plain_counts import Plain, london_day, table

ICBS = ("QMJ", "QMF", "QOP", "QHL", "QUY")
THEMES = [row["label"] for row in table("themes")]
LEARNING = [row["label"] for row in table("organisational_learning")]
SPECIAL = [
    datetime(2024, 2, 29, 23, 30, tzinfo=UTC),
    datetime(2024, 3, 31, 0, 59, tzinfo=UTC),
    datetime(2024, 3, 31, 22, 59, 59, tzinfo=UTC),
    datetime(2024, 3, 31, 23, 0, tzinfo=UTC),
    datetime(2024, 4, 30, 22, 59, 59, tzinfo=UTC),
    datetime(2024, 4, 30, 23, 0, tzinfo=UTC),
    datetime(2024, 6, 30, 23, 0, 1, tzinfo=UTC),
    datetime(2024, 8, 31, 22, 59, tzinfo=UTC),
    datetime(2024, 8, 31, 23, 1, tzinfo=UTC),
    datetime(2024, 10, 27, 1, 0, tzinfo=UTC),
    datetime(2024, 10, 31, 23, 59, 59, tzinfo=UTC),
    datetime(2024, 12, 31, 23, 59, 59, tzinfo=UTC),
]
ORDER = {
    "full": [
        "referred_on",
        "decided_on",
        "commissioned_on",
        "started_on",
        "report_signed_off_date",
        "embargoed_on",
        "publication_date",
    ],
    "rapid_review": ["notified_on", "started_on", "sent_to_panel_on", "next_review_decided_on"],
    "older_record": ["commissioned_on", "closed_on"],
}
PROGRESS: dict[str, Any] = {"what_to_correct": ["progress"], "correction_reason": "A slip of the hand."}


def invented(seed: int, reviews: int = 20) -> list[dict[str, Any]]:
    """Invent a history, in the order of its time."""
    rng = Random(seed)
    lines = [line for number in range(reviews) for line in Story(rng, f"R{number}").told()]
    return sorted(lines, key=lambda line: plain_counts.moment(line["at"]))


class Story:
    """What happens to one review, and to the one that it may convert to, told line by line."""

    def __init__(self, rng: Random, label: str) -> None:
        self.rng, self.label, self.organisation = rng, label, rng.choice(ICBS)
        self.at = datetime(2023, 9, 1, tzinfo=UTC) + timedelta(minutes=rng.randint(0, 500_000))
        self.lines: list[dict[str, Any]] = []
        self.reviews: dict[str, Plain] = {}

    def told(self) -> list[dict[str, Any]]:
        """Tell it."""
        how = self.rng.choice([self.full, self.full, self.rapid, self.rapid, self.older])
        how()
        return self.lines

    @property
    def review(self) -> Plain:
        """Give the review as it is by now."""
        return self.reviews[self.label]

    @property
    def today(self) -> date:
        """Give the day in London."""
        return london_day(self.at.isoformat())

    def then(self, step: str, role: str = "designate", *, opens: str = "", workflow: str = "", **answers: Any) -> None:
        """Add a line, and let some time pass."""
        key = workflow or self.review.workflow
        place = plain_counts.ICBS[self.organisation] if role.startswith("regional") else self.organisation
        line = {
            "at": self.at.isoformat(), "person": f"{role.replace('_', '.')}.{place.lower()}@example.nhs.uk", "role": role,
            "organisation": place, "review": self.label, "workflow": key, "step": step, "answers": answers,
        } | ({"opens": opens} if opens else {})  # fmt: skip
        self.lines.append(line)
        plain_counts.take(self.reviews, json.loads(json.dumps(line)))
        self.wait()

    def wait(self) -> None:
        """Let some time pass: none, some days, or until a moment at which a day, a month or summer time begins or ends."""
        later = [one for one in SPECIAL if one > self.at]
        chance = self.rng.random()
        if chance < 0.15 and later:
            self.at = self.rng.choice(later[:2])
        elif chance < 0.3:
            self.at += timedelta(minutes=self.rng.randint(1, 30))
        else:
            self.at += timedelta(minutes=self.rng.randint(10, 60_000))

    def about(self) -> dict[str, Any]:
        """Answer what the first form of every kind asks."""
        return {
            "incident_date": "2023-01-09", "brief_overview": "Several services were in touch with the household.",
            "identifier_type_1": "steis", "identifier_ref_1": f"2023/{self.rng.randint(10000, 99999)}",
            "designated_professional": "AB", "media_interest": "none", "specialised_commissioning": "no",
        }  # fmt: skip

    def some(self, labels: list[str]) -> list[str]:
        """Draw up to three terms."""
        return self.rng.sample(labels, self.rng.randint(1, 3))

    def back(self, *after: str) -> str:
        """Draw a day up to today, not before the state began nor before these answers; often today, often a month's edge."""
        known = [date.fromisoformat(self.review.answers[q]) for q in after if q in self.review.answers] if self.reviews else []
        since = [self.review.moves[-1].day] if self.reviews else [date(2023, 2, 1)]
        first = max(known + since)
        edges = [
            d
            for d in (self.today.replace(day=1) - timedelta(days=1), self.today.replace(day=1), date(2024, 2, 29))
            if first <= d <= self.today
        ]
        if edges and self.rng.random() < 0.3:
            return self.rng.choice(edges).isoformat()
        if self.rng.random() < 0.35:
            return self.rng.choice([first, self.today]).isoformat()
        return (first + timedelta(days=self.rng.randint(0, min(40, (self.today - first).days)))).isoformat()

    def maybe(self, chance: float, *events: Callable[[], None]) -> None:
        """Let one of *events* happen, perhaps, and perhaps another."""
        while self.rng.random() < chance:
            self.rng.choice(events)()

    def full(self) -> None:
        """Tell of a SAR, CSPR or DHR from its referral on."""
        key = self.rng.choice(["safeguarding_adult_review", "child_safeguarding_practice_review", "domestic_homicide_review"])
        board = {"safeguarding_adult_review": "SAB-E09000007", "child_safeguarding_practice_review": "LSCP-E09000007"}
        more = {"review_type": self.rng.choice(["dhr_adult", "dhr_child"])} if key.startswith("domestic") else {}
        first = (self.today - timedelta(days=self.rng.randint(0, 90))).isoformat()
        self.then(
            "refer", workflow=key, referred_on=first, partnership=board.get(key, "CSP-E22000191"), themes=self.some(THEMES),
            **self.about(), **more,
        )  # fmt: skip
        self.from_referral()

    def from_referral(self) -> None:
        """Tell what becomes of a referral."""
        usual = (self.update, self.change_themes, self.correct_themes, self.correct_dates)
        self.maybe(0.3, *usual)
        converted = bool(plain_counts.TYPES[self.review.kind].get("converted"))
        if self.rng.random() < 0.12 and not converted:
            self.then("decide_no_review", decided_on=self.back("referred_on", "incident_date"), no_review_reason="Not met.")
            if self.rng.random() < 0.5:
                return
            self.then("reopen_referral", reopening_reason="More is known.")
        decided = self.back("referred_on")
        self.review.answers["decided_on"] = decided
        where = {"partnership": "SAB-E09000007"} if converted else {}
        self.then("commission", decided_on=decided, commissioned_on=self.back("decided_on"), **where)
        self.maybe(0.35, *usual)
        self.then("start", started_on=self.back("commissioned_on"))
        self.maybe(0.35, *usual)
        self.learn()
        self.maybe(0.35, *usual, self.learn)
        if self.rng.random() < 0.15:
            return
        if self.rng.random() < 0.12 and not converted:
            self.then("withdraw", withdrawal_reason="It repeats another record.")
            return
        self.sign_off_and_publish()
        if self.rng.random() < 0.25 and self.review.moves[-1].status == "closed":
            self.then("reopen", reopening_reason="The panel meets again.")
            self.maybe(0.4, *usual, self.learn)
            self.sign_off_and_publish()

    def sign_off_and_publish(self) -> None:
        """Tell of the end."""
        usual = (self.update, self.correct_themes, self.correct_dates)
        again = self.review.answers.get("report_signed_off_date")
        signed = again if again and self.rng.random() < 0.4 else self.back("started_on")
        self.then("sign_off", report_signed_off_date=signed)
        self.maybe(0.3, *usual)
        if self.review.workflow == "domestic_homicide_review":
            self.then("ask_for_assurance")
            if self.rng.random() < 0.3:
                self.then(
                    "give_icb_assurance", "icb_chief_nurse", icb_chief_nurse_assured="no", icb_not_assured_reason="No dates."
                )
                self.then("ask_for_assurance")
            self.then("give_icb_assurance", "icb_chief_nurse", icb_chief_nurse_assured="yes")
            self.then("give_regional_acceptance", "regional_chief", regional_chief_content="yes")
        if self.rng.random() < 0.15:
            return
        link = {"report_link": "https://example.org/reviews/1"}
        if self.rng.random() < 0.35 and "publication_date" not in self.review.answers:
            self.then(
                "decide_publication", publication_status="embargoed", embargo_reason="inquest", look_again_on="2027-01-04",
                embargoed_on=self.back("report_signed_off_date"),
            )  # fmt: skip
            self.maybe(0.4, self.correct_themes, self.correct_dates)
            if self.rng.random() < 0.6:
                self.then("lift_embargo", publication_status="public", publication_date=self.back("embargoed_on"), **link)
        else:
            on = self.back("report_signed_off_date", "embargoed_on")
            self.then("decide_publication", publication_status="public", publication_date=on, **link)
        self.maybe(0.4, self.correct_themes, self.correct_dates)
        if self.rng.random() < 0.4:
            self.then("close")

    def rapid(self) -> None:
        """Tell of a rapid review, and of what it becomes."""
        first = (self.today - timedelta(days=self.rng.randint(0, 40))).isoformat()
        self.then(
            "notify", workflow="rapid_review", notified_on=first, partnership="LSCP-E09000007", themes=self.some(THEMES),
            **self.about(),
        )  # fmt: skip
        usual = (self.update, self.change_themes, self.correct_themes, self.correct_dates)
        self.maybe(0.3, *usual)
        self.then("start", started_on=self.back("notified_on"))
        self.maybe(0.3, *usual)
        if self.rng.random() < 0.1:
            self.then("withdraw", withdrawal_reason="It repeats another record.")
            return
        learned: dict[str, Any] = {"organisational_learning": self.some(LEARNING), "lessons": "Name one lead."}
        self.then("complete", sent_to_panel_on=self.back("started_on"), **learned)
        self.maybe(0.3, *usual, self.learn)
        for number in range(3):
            chance, decided = self.rng.random(), self.back("sent_to_panel_on")
            if chance < 0.1:
                self.then("decide_next", next_review="not_decided")
            elif chance < 0.4:
                reason = {"no_further_review_reason": "The learning is complete."}
                self.then("decide_next", next_review="none", next_review_decided_on=decided, **reason)
                self.maybe(0.4, self.correct_themes, self.correct_dates)
                if self.rng.random() < 0.5:
                    return
                self.then("reopen", reopening_reason="The Panel asks for more.")
            else:
                child = f"{self.label}.{number}"
                self.then(
                    "decide_next", next_review=self.rng.choice(["cspr_child", "sar_adult", "dhr_adult", "dhr_child"]),
                    next_review_decided_on=decided, opens=child,
                )  # fmt: skip
                self.maybe(0.4, self.correct_themes, self.correct_dates)
                if self.rng.random() < 0.6:
                    self.label = child
                    self.at = max(self.at, datetime.fromisoformat(self.lines[-1]["at"]))
                    self.from_referral()
                    return
                self.then("undo_conversion", "regional_lead", undo_reason="Another box was meant.")

    def older(self) -> None:
        """Tell of a record of which nobody knew the type."""
        themes: dict[str, Any] = (
            {"themes_known": "yes", "themes": self.some(THEMES)} if self.rng.random() < 0.6 else {"themes_known": "no"}
        )
        opened = date(2023, 2, 1) + timedelta(days=self.rng.randint(0, 150))
        dates = {"commissioned_on": opened.isoformat()}
        closed = self.rng.random() < 0.5
        if closed:
            dates["closed_on"] = (opened + timedelta(days=self.rng.randint(0, 60))).isoformat()
        self.then(
            "record_closed" if closed else "record_open",
            workflow="older_record",
            partnership="SAB-E09000007",
            **dates,
            **themes,
            **self.about(),
        )
        self.maybe(0.4, self.correct_themes, self.correct_dates)
        if closed and self.rng.random() < 0.2:
            self.then("reopen", "regional_lead", reopening_reason="It is not over.")
            closed = False
        if self.rng.random() < 0.1:
            self.then("withdraw", withdrawal_reason="It repeats another record.")
        elif closed and self.rng.random() < 0.7:
            known = self.review.answers
            self.then(
                "state_type_of_closed", stated_review_type=self.rng.choice(["sar_adult", "cspr_child", "dhr_adult"]),
                report_signed_off_date=known["commissioned_on"], publication_status="public", publication_date=known["closed_on"],
                report_link="https://example.org/reviews/1", organisational_learning=self.some(LEARNING), lessons="Name a lead.",
            )  # fmt: skip
            self.maybe(0.4, self.correct_themes)
        elif not closed and self.rng.random() < 0.7:
            self.then("state_type", stated_review_type=self.rng.choice(["sar_adult", "cspr_child", "rapid_review"]))
            self.maybe(0.5, self.update, self.change_themes, self.correct_themes, self.correct_dates)

    def update(self) -> None:
        """Say how it goes, which counts for nothing."""
        if self.review.moves[-1].status == "open":
            self.then("give_update", latest_update="The panel has met.")

    def learn(self) -> None:
        """Say what was learned."""
        self.then("record_learning", organisational_learning=self.some(LEARNING), lessons="Name one lead.")

    def change_themes(self) -> None:
        """Give other themes from today on."""
        if self.review.moves[-1].state in {"referred", "commissioned", "in_progress", "signed_off", "notified", "completed"}:
            self.then("change_details", what_has_changed=["themes"], themes=self.some(THEMES))

    def correct_themes(self) -> None:
        """Give the themes that it always had."""
        why: dict[str, Any] = {"what_to_correct": ["themes"], "correction_reason": "A slip of the hand."}
        self.then("correct", themes=self.some(THEMES), **why)

    def correct_dates(self) -> None:
        """Correct one date or several, to any that the steps beside it allow."""
        review = self.review
        if review.moves[-1].state == "entered_in_error":
            return
        order = ORDER.get(review.workflow, ORDER["full"])
        if review.workflow == "domestic_homicide_review":
            order = [q for q in order if q != "report_signed_off_date"]
        public = review.answers.get("publication_status") == "public"
        asked = [q for q in order if q in review.answers and q != ("embargoed_on" if public else "publication_date")]
        wanted = self.rng.sample(asked, self.rng.randint(1, len(asked))) if asked else []
        shift = timedelta(days=self.rng.choice([-45, -31, -10, -1, 1, 10, 31]))
        new = {q: (date.fromisoformat(review.answers[q]) + shift).isoformat() for q in wanted}
        if new and self.is_allowed(new):
            more = {"report_link": "https://example.org/reviews/1"} if public and "publication_date" in asked else {}
            self.then("correct", **PROGRESS, **new, **more)

    def is_allowed(self, new: dict[str, str]) -> bool:
        """Say whether a correction leaves every date and every step after the one before it, and none in the future."""
        trial = json.loads(json.dumps({**self.review.answers, **new}))
        bounds = [
            ("incident_date", "referred_on"), ("incident_date", "notified_on"), ("referred_on", "decided_on"),
            ("decided_on", "commissioned_on"), ("incident_date", "commissioned_on"), ("commissioned_on", "started_on"),
            ("notified_on", "started_on"), ("commissioned_on", "report_signed_off_date"),
            ("started_on", "report_signed_off_date"), ("report_signed_off_date", "publication_date"),
            ("embargoed_on", "publication_date"), ("report_signed_off_date", "embargoed_on"),
            ("notified_on", "sent_to_panel_on"), ("started_on", "sent_to_panel_on"),
            ("sent_to_panel_on", "next_review_decided_on"), ("commissioned_on", "closed_on"),
        ]  # fmt: skip
        if any(trial[a] > trial[b] for a, b in bounds if a in trial and b in trial) or max(new.values()) > self.today.isoformat():
            return False
        days = [move.day for move in self.review.moves]
        plain_counts.redate(self.review, {q: date.fromisoformat(now) for q, now in new.items() if self.review.answers[q] != now})
        after = [move.day for move in self.review.moves]
        for move, day in zip(self.review.moves, days, strict=True):
            move.day = day
        return after == sorted(after)
