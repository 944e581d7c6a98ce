"""The London demo's history, counted here in plain Python, against every figure of the published table (seed 001).

Nothing of the engine takes part: `count` knows only which steps open and close a review, and what a line says.
"""

import json
from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import date, datetime
from typing import Any

import pytest

from scrt_workflow.demo.london import london_history
from scrt_workflow.demo.people import people
from scrt_workflow.privacy import find_pid
from tests.demo.published import NEW, PUBLISHED, ranking

MONTH_ENDS = {
    f"2024-{month:02}": date(2024, month, day) for month, day in ((5, 31), (6, 30), (7, 31), (8, 31), (9, 30), (10, 31))
}
ROWS = {
    "dhr_adult": "dhr_adult",
    "dhr_child": "dhr_child",
    "sar_adult": "sar_adult_and_converted",
    "sar_adult_converted": "sar_adult_and_converted",
    "cspr_child": "cspr_child",
    "cspr_child_converted": "cspr_converted",
    "rapid_review": "rapid_review",
    None: "not_stated",
}
FAMILY = {"dhr": "DHR", "sar": "SAR", "cspr": "CSPR", "rapid": "RAPID REVIEWS"}
DOMESTIC = {"Domestic Abuse", "Domestic Violence"}
# Which fact opens a review, and which closes it: the question whose date counts.
OPENS = {
    "notify": "notified_on",
    "commission": "commissioned_on",
    "record_open": "commissioned_on",
    "record_closed": "commissioned_on",
}
ONLY_TYPE = {
    "rapid_review": "rapid_review",
    "safeguarding_adult_review": "sar_adult",
    "child_safeguarding_practice_review": "cspr_child",
}
CLOSES = {"decide_publication", "decide_next", "record_closed"}

Line = dict[str, Any]


@dataclass
class Counted:
    """One review as the history tells it."""

    review_type: str | None = None
    opened: date | None = None
    closed: date | None = None
    themes: list[str] = field(default_factory=list)
    learning: list[str] = field(default_factory=list)

    @property
    def family(self) -> str:
        """Name the column of the published rankings that it stands in, or nothing."""
        return FAMILY.get((self.review_type or "").split("_")[0], "")


def closed_on(line: Line) -> date:
    answers = line["answers"]
    keys = ("publication_date", "embargoed_on", "next_review_decided_on", "closed_on")
    return date.fromisoformat(next(answers[key] for key in keys if key in answers))


def count(lines: Iterable[Line]) -> list[Counted]:
    """Follow every review through the lines; a step of a review that nothing began is passed over."""
    reviews: dict[str, Counted] = {}
    for line in lines:
        answers, step = line["answers"], line["step"]
        if step in ("refer", "notify", "record_open", "record_closed"):
            stated = answers.get("review_type", ONLY_TYPE.get(line["workflow"]))
            reviews[line["review"]] = Counted(review_type=stated, themes=answers.get("themes", []))
        review = reviews.get(line["review"])
        if review is None:
            continue
        if step in OPENS:
            review.opened = date.fromisoformat(answers[OPENS[step]])
        if step in CLOSES:
            review.closed = closed_on(line)
        if "opens" in line:
            reviews[line["opens"]] = Counted(review_type=f"{answers['next_review']}_converted", themes=review.themes)
        review.learning = answers.get("organisational_learning", review.learning)
    return [review for review in reviews.values() if review.opened]


def as_at(reviews: list[Counted], day: date) -> tuple[int, int, int]:
    """Give total, open and closed at the end of *day*."""
    total = [review for review in reviews if review.opened and review.opened <= day]
    closed = [review for review in total if review.closed and review.closed <= day]
    return len(total), len(total) - len(closed), len(closed)


def table(reviews: list[Counted]) -> dict[str, Any]:
    """Lay out the figures of the published table: months, types and themes."""
    by_type: dict[str, list[Counted]] = {key: [] for key in ROWS.values()}
    for review in reviews:
        by_type[ROWS[review.review_type]].append(review)
    last = MONTH_ENDS["2024-10"]
    return {
        "monthly": {month: as_at(reviews, day) for month, day in MONTH_ENDS.items()},
        "by_type": {key: as_at(members, last) for key, members in by_type.items()},
        "themes": dict(Counter(theme for review in reviews for theme in review.themes)),
    }


def published_table() -> dict[str, Any]:
    """Lay out what was printed, with the one repair that makes its open column add up: DHR Child open 1."""
    opened = {row["key"]: 1 if row["key"] == "dhr_child" else row["open"] for row in PUBLISHED["by_type"]}
    return {
        "monthly": {row["month"]: (row["total"], row["open"], row["closed"]) for row in PUBLISHED["monthly"]},
        "by_type": {row["key"]: (row["total_printed"], opened[row["key"]], row["closed"]) for row in PUBLISHED["by_type"]},
        "themes": {row["theme"]: row["count"] for row in PUBLISHED["theme_counts"] if row["count"]},
    }


def first_places(terms: Iterable[Iterable[str]], how_many: int) -> list[set[str]]:
    """Rank terms by the number of reviews that have them, each place with all that tie on it."""
    counts = Counter(term for of_one in terms for term in set(of_one))
    places: dict[int, set[str]] = {}
    for term, number in counts.items():
        places.setdefault(number, set()).add(term)
    return [places[number] for number in sorted(places, reverse=True)[:how_many]]


@pytest.fixture(scope="module")
def lines() -> list[Line]:
    return [json.loads(json.dumps(line)) for line in london_history()]


@pytest.fixture(scope="module")
def reviews(lines: list[Line]) -> list[Counted]:
    return count(lines)


def test_the_history_holds_396_reviews_and_stays_short(lines: list[Line], reviews: list[Counted]) -> None:
    assert len(reviews) == len({line["review"] for line in lines}) == 396
    assert len(lines) <= 3000


def test_every_month_every_type_and_every_theme_equals_the_published_table(reviews: list[Counted]) -> None:
    assert table(reviews) == published_table()


@pytest.mark.parametrize("month", NEW)
def test_new_reviews_of_a_month_are_those_whose_first_open_day_falls_in_it(reviews: list[Counted], month: str) -> None:
    assert sum(f"{review.opened:%Y-%m}" == month for review in reviews) == NEW[month]


def test_the_overall_rankings_are_the_published_ones(reviews: list[Counted]) -> None:
    assert first_places((review.themes for review in reviews), 3) == [{label} for label in PUBLISHED["theme_overall_top3"]]
    learning = ranking(PUBLISHED["organisational_learning_ranks"]["overall"])
    assert first_places((review.learning for review in reviews), 3) == learning


@pytest.mark.parametrize("family", FAMILY.values())
def test_the_theme_ranking_of_each_family_is_the_published_one(reviews: list[Counted], family: str) -> None:
    places = ranking(PUBLISHED["theme_top_by_review_type"][family])
    assert first_places((review.themes for review in reviews if review.family == family), len(places)) == places


def test_the_dhr_theme_ranking_also_holds_with_the_two_domestic_themes_as_one_group(reviews: list[Counted]) -> None:
    grouped = [
        {"Domestic" if theme in DOMESTIC else theme for theme in review.themes} for review in reviews if review.family == "DHR"
    ]
    assert first_places(grouped, 3) == [{"Domestic"}, {"Mental Health"}, {"Substance Misuse"}]


@pytest.mark.parametrize("family", FAMILY.values())
def test_the_learning_ranking_of_each_family_is_the_published_one(reviews: list[Counted], family: str) -> None:
    places = ranking(PUBLISHED["organisational_learning_ranks"][family])
    assert first_places((review.learning for review in reviews if review.family == family), len(places)) == places


def test_taking_out_any_one_closing_step_makes_the_table_differ(lines: list[Line]) -> None:
    wanted = published_table()
    closing = [n for n, line in enumerate(lines) if line["step"] in CLOSES]
    same = [lines[n]["review"] for n in closing if table(count(lines[:n] + lines[n + 1 :])) == wanted]
    assert len(closing) == 218
    assert same == [], "the table is as published although this review was never closed"


def test_every_fact_is_recorded_on_or_after_its_day_and_in_its_own_month(lines: list[Line]) -> None:
    facts = (*OPENS.values(), "publication_date", "embargoed_on", "next_review_decided_on")
    for line in lines:
        at = datetime.fromisoformat(line["at"])
        for key in set(facts) & set(line["answers"]):
            if line["step"] == "record_closed" and key == "commissioned_on":
                continue
            fact = date.fromisoformat(line["answers"][key])
            assert fact <= at.date(), line
            assert f"{fact:%Y-%m}" == f"{at:%Y-%m}", line


def test_the_steps_of_a_review_are_dated_in_order(lines: list[Line]) -> None:
    ordered = [
        *("incident_date", "referred_on", "notified_on", "decided_on", "commissioned_on", "started_on"),
        *("sent_to_panel_on", "report_signed_off_date", "pre_publication_briefed_on"),
        *("publication_date", "embargoed_on", "next_review_decided_on", "closed_on"),
    ]
    latest: dict[str, str] = {}
    for line in lines:
        for key in ordered:
            if day := line["answers"].get(key):
                assert day >= latest.get(line["review"], ""), line
                latest[line["review"]] = day


def test_lines_come_in_the_order_of_their_times_within_working_hours(lines: list[Line]) -> None:
    times = [datetime.fromisoformat(line["at"]) for line in lines]
    assert times == sorted(times)
    assert all(9 <= at.hour < 18 and at.isoweekday() < 6 for at in times)
    assert times[-1].date() <= date(2024, 10, 31)


def test_a_converted_review_begins_after_its_rapid_review_closed_in_the_same_icb(lines: list[Line]) -> None:
    conversions = [line for line in lines if "opens" in line]
    commissioned = {line["review"]: line for line in lines if line["step"] == "commission"}
    assert len(conversions) == len({line["opens"] for line in conversions}) == 13
    for line in conversions:
        child = commissioned[line["opens"]]
        assert child["answers"]["commissioned_on"] >= line["answers"]["next_review_decided_on"]
        assert child["organisation"] == line["organisation"]


def test_a_dhr_that_was_published_or_embargoed_was_assured_by_three_different_people(lines: list[Line]) -> None:
    done: dict[str, dict[str, str]] = {}
    for line in lines:
        if line["workflow"] == "domestic_homicide_review":
            done.setdefault(line["review"], {})[line["step"]] = line["person"]
    closed = [steps for steps in done.values() if "decide_publication" in steps]
    assert len(closed) == 26
    for steps in closed:
        people_of_it = {steps["record_learning"], steps["give_icb_assurance"], steps["give_regional_acceptance"]}
        assert len(people_of_it) == 3


def test_a_review_with_media_interest_is_not_published_without_a_briefing(lines: list[Line]) -> None:
    interest: set[str] = set()
    briefed: set[str] = set()
    opened_by = {line["opens"]: line["review"] for line in lines if "opens" in line}
    for line in lines:
        if line["answers"].get("media_interest") in ("medium", "high", "current"):
            interest.add(line["review"])
        if line["step"] == "brief_communications":
            briefed.add(line["review"])
        if line["answers"].get("publication_status") == "public" and {line["review"], opened_by.get(line["review"])} & interest:
            assert line["review"] in briefed, line


def test_on_the_first_of_november_some_updates_are_overdue_and_some_fresh(lines: list[Line], reviews: list[Counted]) -> None:
    closed = {line["review"] for line in lines if line["step"] in CLOSES}
    newest: dict[str, date] = {}
    for line in lines:
        if line["step"] == "give_update" and line["review"] not in closed:
            newest[line["review"]] = datetime.fromisoformat(line["at"]).date()
    ages = [(date(2024, 11, 1) - day).days for day in newest.values()]
    assert sum(age <= 30 for age in ages) >= 40
    assert sum(age > 30 for age in ages) >= 40


def test_every_line_is_told_by_someone_with_that_role_there(lines: list[Line]) -> None:
    known = {(person.email, person.role, person.organisation) for person in people()}
    assert {(line["person"], line["role"], line["organisation"]) for line in lines} <= known


def test_no_text_holds_anything_that_may_identify_a_patient(lines: list[Line]) -> None:
    free = ("brief_overview", "latest_update", "lessons", "icb_not_assured_reason", "no_further_review_reason")
    texts = {line["answers"][key] for line in lines for key in free if key in line["answers"]}
    references = {line["answers"].get(f"identifier_ref_{n}", "") for line in lines for n in (1, 2)}
    assert [text for text in sorted(texts) if find_pid(text, field="free_text")] == []
    assert [text for text in sorted(references) if find_pid(text, field="identifier")] == []


def test_there_is_a_sign_in_for_every_role() -> None:
    of_an_icb = {"designate", "icb_chief_nurse", "icb_lead"}
    wider = {"regional_lead", "regional_chief", "national_lead", "viewer", "administrator"}
    assert {person.role for person in people()} == of_an_icb | wider


def test_the_history_is_the_same_every_time(lines: list[Line]) -> None:
    assert [json.loads(json.dumps(line)) for line in london_history()] == lines
