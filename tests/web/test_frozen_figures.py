"""Frozen figures on a page: they stay, what they would be now stands beside them, and every difference has its reviews."""

from __future__ import annotations

import csv
import io
import json
from datetime import UTC, date, datetime, timedelta
from typing import Any

import pytest
from sqlalchemy import update

from scrt_workflow import catalogue
from scrt_workflow.clock import Clock
from scrt_workflow.database import unit_of_work
from scrt_workflow.jobs.freezing import freeze
from scrt_workflow.jobs.work import Work
from scrt_workflow.models import Review
from scrt_workflow.operations.play import play
from scrt_workflow.operations.vocabulary_changes import retire_term, reword_term
from scrt_workflow.operations.vocabulary_wishes import Wish
from scrt_workflow.permissions import Role
from scrt_workflow.reports.periods import read_period
from tests.factories import Running
from tests.web.invented import ABOUT, lines_of, ready
from tests.web.reading import links, page_of, references, words

JANUARY = read_period("2024-01")
WHY: dict[str, Any] = {"what_to_correct": ["themes"], "correction_reason": "A slip of the hand."}


def frozen(running: Running) -> None:
    """Make reviews of January 2024 in two ICBs, freeze the month, and then learn more about it."""
    ready(running)
    lines = [
        *lines_of("safeguarding_adult_review", up_to="start", label="1"),
        *lines_of("safeguarding_adult_review", up_to="start", label="2", code="QMF"),
    ]
    late = lines_of("safeguarding_adult_review", up_to="commission", label="3")
    for number, line in enumerate(late):
        line["at"] = f"2024-02-05T1{number}:00:00"
    correction = {**lines[0], "at": "2024-02-06T09:30:00", "step": "correct", "answers": {**WHY, "themes": ["Neglect"]}}
    with unit_of_work(running.engine) as session:
        play(session, map(json.dumps, lines), add_people=True)
    freeze(Work(running.engine, JANUARY.known_at + timedelta(hours=2), Clock()), JANUARY)
    with unit_of_work(running.engine) as session:
        play(session, map(json.dumps, [*lines, *late, correction]), add_people=True)
    assert ABOUT["themes"] == ["Neglect", "Mental Health"]


def test_frozen_figures_stay_and_what_they_would_be_now_stands_beside_them(running: Running) -> None:
    frozen(running)

    page = running.as_a(Role.DESIGNATE, "QMJ").get("/figures?period=2024-01")

    assert "These figures were frozen on 1 February 2024" in words(page)
    assert words(page, ".scrt-figures__one dd").split() == ["1", "now", "2", "1", "now", "2", "0", "1", "now", "2"]
    now = {link.get_text(): str(link["href"]) for link in page_of(page).select(".scrt-figures .scrt-restated a")}
    assert len(references(running.as_a(Role.DESIGNATE, "QMJ").get(now["2"]))) == 2


def test_the_page_shows_on_request_what_is_known_now_alone(running_on_sqlite: Running) -> None:
    frozen(running_on_sqlite)

    page = running_on_sqlite.as_a(Role.DESIGNATE, "QMJ").get("/figures?period=2024-01&known_at=now")

    assert words(page, ".scrt-figures__one dd").split() == ["2", "2", "0", "2"]
    assert "as it is known today" in words(page)
    assert "were frozen" not in words(page)


def test_every_figure_that_was_frozen_opens_as_many_reviews_as_it_says(running: Running) -> None:
    frozen(running)
    browser = running.as_a(Role.REGIONAL_LEAD, "Y56")

    found = page_of(browser.get("/figures?period=2024-01")).select("a[href*='/figures/reviews']")

    assert len(found) > 20
    for link in found:
        assert len(references(browser.get(str(link["href"])))) == int(link.get_text()), link


def test_each_review_that_counts_otherwise_says_what_changed_because_of_which_step(running: Running) -> None:
    frozen(running)
    browser = running.as_a(Role.DESIGNATE, "QMJ")

    page = browser.get(links(browser.get("/figures?period=2024-01"))["See which reviews count otherwise today, and why"])
    rows = sorted(
        [
            [" ".join(cell.get_text(" ", strip=True).split()) for cell in row.select("td")][1:]
            for row in page_of(page).select("tbody tr")
        ]
    )

    assert "2 reviews count otherwise today than in the frozen figures" in words(page, "h1")
    (corrected, was_late) = sorted(rows, key=lambda row: "Not counted" in row[0])
    assert corrected[0] == "Was Themes: Mental Health, Neglect"
    assert corrected[1] == "Is now Themes: Neglect"
    assert corrected[2].startswith("Because of Correct a mistake, recorded 6 February 2024 at 9:30am by ")
    assert was_late[0] == "Was Counted as: Not counted New: No"
    assert was_late[1] == "Is now Counted as: Open, SAR Adult New: Yes, SAR Adult"
    assert was_late[2].startswith("Because of Record the commissioning, recorded 5 February 2024 at 11am by ")


def test_a_review_that_is_elsewhere_now_is_a_number_among_the_differences(running_on_sqlite: Running) -> None:
    running = running_on_sqlite
    frozen(running)
    with unit_of_work(running.engine) as session:
        moved = session.query(Review).filter(Review.responsible == "QMJ", Review.state == "commissioned").one()
        session.execute(update(Review).where(Review.id == moved.id).values(responsible="QOP"))

    page = running.as_a(Role.DESIGNATE, "QMJ").get("/figures/differences?period=2024-01")

    assert "1 of them is with another organisation now, and not shown." in words(page)
    assert moved.reference not in page.text
    assert len(references(page)) == 1


def test_figures_that_were_never_frozen_have_nothing_to_differ_from(running_on_sqlite: Running) -> None:
    page = ready(running_on_sqlite).as_a(Role.DESIGNATE, "QMJ").get("/figures/differences?period=2024-25-Q1")

    assert "For April to June 2024 there are none" in words(page)


def test_nobody_sees_the_differences_of_another_organisation(running_on_sqlite: Running) -> None:
    frozen(running_on_sqlite)
    browser = running_on_sqlite.as_a(Role.DESIGNATE, "QMJ")

    assert browser.get("/figures/differences?period=2024-01&organisation=QMF").status_code == 404
    assert browser.get("/figures?period=2024-01&organisation=QMF").status_code == 404


def test_the_download_of_frozen_figures_has_a_column_of_what_they_would_be_now(running_on_sqlite: Running) -> None:
    frozen(running_on_sqlite)

    answer = running_on_sqlite.as_a(Role.DESIGNATE, "QMJ").get("/figures?period=2024-01&format=csv")
    rows = list(csv.DictReader(io.StringIO(answer.text)))

    totals = [(row["count"], row["restated"]) for row in rows if (row["measure"], row["status"]) == ("reviews", "total")]
    themes = {row["term"]: (row["count"], row["restated"]) for row in rows if row["measure"] == "themes"}
    assert totals == [("1", "2")]
    assert (themes["Mental Health"], themes["Neglect"]) == (("1", "1"), ("1", "2"))


def test_a_term_that_was_worded_otherwise_since_and_a_type_called_otherwise_are_no_difference(running_on_sqlite: Running) -> None:
    running = running_on_sqlite
    frozen(running)
    wish = Wish("themes", date(2024, 1, 1), "The field says so now.", None, running.clock.now(), 0)
    with unit_of_work(running.engine) as session:
        reword_term(session, wish, "T19", "Poor mental health")
    catalogue.call_dardr(running.engine, date(2024, 1, 1), running.clock.today)

    answer = running.as_a(Role.DESIGNATE, "QMJ").get("/figures?period=2024-01&format=csv")
    rows = list(csv.DictReader(io.StringIO(answer.text)))

    assert [row["type"] for row in rows if row["count"] != row["restated"] and row["measure"] == "by_type"] == ["SAR Adult"] * 2
    themes = {row["term"]: (row["count"], row["restated"]) for row in rows if row["measure"] == "themes"}
    assert themes["Mental Health"] == ("1", "1")
    assert "Poor mental health" not in themes
    assert len({row["type"] for row in rows if row["measure"] == "by_type"}) == len(
        [row for row in rows if row["measure"] == "by_type" and row["status"] == "total"]
    )


def test_a_figure_whose_row_would_be_gone_today_says_that_it_would_be_nought(running_on_sqlite: Running) -> None:
    running = running_on_sqlite
    frozen(running)
    line = lines_of("safeguarding_adult_review", up_to="start", label="2", code="QMF")
    without = {**line[0], "at": "2024-02-07T09:30:00", "step": "correct", "answers": {**WHY, "themes": ["Neglect"]}}
    wish = Wish("themes", date(2024, 1, 1), "Nobody may choose it any more.", None, running.clock.now(), 0)
    with unit_of_work(running.engine) as session:
        play(session, map(json.dumps, [*line, without]), add_people=True)
        retire_term(session, wish, "T19")

    page = running.as_a(Role.DESIGNATE, "QMF").get("/figures?period=2024-01")
    rows = {
        row.select("th")[0].get_text(): row.select("td")[0].get_text(" ", strip=True)
        for row in page_of(page).select(".scrt-terms tr")
    }

    assert rows["Mental Health"] == "1 now 0"


def test_a_successor_s_figures_as_organisations_are_now_have_its_predecessors_reviews_and_show_none_of_others(
    running_on_sqlite: Running,
) -> None:
    running = running_on_sqlite
    frozen(running)
    running.clock.set(datetime(2026, 5, 4, 9, tzinfo=UTC))
    browser = running.as_a(Role.ICB_LEAD, "Z9B2Z")

    then = browser.get("/figures?period=2024-01")
    now = browser.get("/figures?period=2024-01&organisations=now")

    assert words(then, ".scrt-figures__one dd").split()[0] == "0"
    assert words(now, ".scrt-figures__one dd").split()[0] == "2"
    assert "with all that the organisation covers today" in words(now)
    behind = browser.get(str(page_of(now).select(".scrt-figures a")[0]["href"]))
    assert len(references(behind)) == 2


def test_the_figures_of_any_day_count_up_to_it(running_on_sqlite: Running) -> None:
    frozen(running_on_sqlite)
    browser = running_on_sqlite.as_a(Role.DESIGNATE, "QMJ")

    assert words(browser.get("/figures?day=2024-01-08"), ".scrt-figures__one dd").split() == ["0", "0", "0", "0"]
    assert words(browser.get("/figures?day=2024-01-09"), ".scrt-figures__one dd").split() == ["2", "2", "0", "2"]


@pytest.mark.parametrize("day", ["2030-01-01", "2024-02-31", "1900-01-01", "tomorrow"])
def test_a_day_that_cannot_be_counted_is_told_and_the_newest_month_shown(running_on_sqlite: Running, day: str) -> None:
    page = running_on_sqlite.as_a(Role.REGIONAL_LEAD, "Y56").get(f"/figures?day={day}")

    assert page.status_code == 200
    assert "Choose a day from 1 April 2013 to today." in words(page)
    assert "Figures for October 2024" in words(page)
