"""Monthly figures on a page: each figure leads to exactly the reviews that it counts, and nobody counts another's."""

from __future__ import annotations

import csv
import io
import re
from datetime import UTC, datetime

import pytest
from bs4.element import Tag
from sqlalchemy import update
from werkzeug.test import TestResponse

from scrt_workflow.database import unit_of_work
from scrt_workflow.models import Review
from scrt_workflow.permissions import Role
from tests.factories import Running
from tests.web.guided import with_history
from tests.web.invented import lines_of, ready, reference_of, review
from tests.web.reading import page_of, references, words

OCTOBER = "month=2024-10"


def many(running: Running) -> None:
    """Make reviews of several types and stages in three ICBs of two regions, all of January 2024."""
    ready(running)
    lines = [
        *lines_of("safeguarding_adult_review", up_to="start", label="1"),
        *lines_of("safeguarding_adult_review", up_to="decide_publication", label="2"),
        *lines_of("domestic_homicide_review", up_to="ask_for_assurance", label="3", themes=["Neglect"]),
        *lines_of("rapid_review", up_to="notify", label="4"),
        *lines_of("rapid_review", up_to="decide_next", label="5"),
        *lines_of("rapid_review", up_to="notify", label="6", code="QMF"),
        *lines_of("safeguarding_adult_review", up_to="start", label="7", code="QOP"),
        *lines_of("safeguarding_adult_review", up_to="refer", label="8"),
    ]
    with_history(running, *lines)


def numbers(page: Tag) -> dict[str, int]:
    """Give every figure of the page that leads somewhere: its address, to what it says."""
    found = page.select("a[href*='/figures/reviews']")
    return {str(one["href"]): int(one.get_text().replace(",", "")) for one in found}


def numbers_that_lead_nowhere(page: Tag) -> list[str]:
    """Give every number of reviews but none that stands on the page as mere words."""
    counted = page.select(".scrt-figures dd, td.nhsuk-table__cell--numeric, .scrt-tops__term")
    told = page.select("#conversions + p")
    assert len(told) == 1
    rest = "".join(str(part) for part in told[0].contents if not isinstance(part, Tag))
    plain = re.findall(r"\b[1-9][0-9,]*\b(?![.%]| days)", re.sub(r"\(.*?\)", "", rest))
    return plain + [one.get_text() for one in counted if not one.select("a") and one.get_text().strip()[-1:] not in {"0", ""}]


def table(page: TestResponse, caption: str) -> dict[str, list[str]]:
    """Give the numbers in each row of a table, by the row's heading."""
    (found,) = (one for one in page_of(page).select("table") if one.select("caption")[0].get_text(strip=True) == caption)
    return {
        row.select("th")[0].get_text(strip=True): [cell.get_text(strip=True) for cell in row.select("td[class*=numeric]")]
        for row in found.select("tbody tr")
    }


def test_every_figure_opens_exactly_as_many_reviews_as_it_says(running: Running) -> None:
    many(running)
    browser = running.as_a(Role.REGIONAL_LEAD, "Y56")

    page = browser.get(f"/figures?{OCTOBER}")
    found = numbers(page_of(page))

    assert len(found) > 30
    assert numbers_that_lead_nowhere(page_of(page)) == []
    for href, count in found.items():
        behind = browser.get(href)
        assert len(references(behind)) == count, href
        assert f": {count} review" in words(behind, "h1"), href


def test_what_became_of_rapid_reviews_opens_those_that_became_it(running: Running) -> None:
    ready(running)
    converted = review(running, "rapid_review", up_to="decide_next", label="1")
    without = {"next_review": "none", "next_review_decided_on": "2024-01-12", "no_further_review_reason": "Nothing new to learn."}
    lines = lines_of("rapid_review", up_to="decide_next", label="2")
    lines[-1]["answers"] = without
    (closed,) = with_history(running, *lines)
    browser = running.as_a(Role.REGIONAL_LEAD, "Y56")

    shown = page_of(browser.get(f"/figures?{OCTOBER}")).select("#conversions + p a")
    behind = [references(browser.get(str(one["href"]))) for one in shown]

    assert [one.get_text() for one in shown] == ["1", "1"]
    assert behind == [[reference_of(running, converted)], [reference_of(running, closed)]]


def test_rows_and_columns_sum_to_the_totals(running_on_sqlite: Running) -> None:
    many(running_on_sqlite)
    browser = running_on_sqlite.as_a(Role.NATIONAL_LEAD, "ENG")

    rows = page_of(browser.get(f"/figures?{OCTOBER}")).select("table")[0].select("tbody tr")

    figures = [[int(cell.get_text()) for cell in row.select("td")] for row in rows]
    *types, total = figures
    assert all(opened + closed == both for opened, closed, both in figures)
    assert [sum(column) for column in zip(*types, strict=True)] == total


@pytest.mark.parametrize(
    ("role", "place", "own", "total"),
    [
        (Role.DESIGNATE, "QMJ", "QMJ", 5),
        (Role.ICB_LEAD, "QMF", "QMF", 1),
        (Role.REGIONAL_LEAD, "Y56", "Y56", 6),
        (Role.VIEWER, "Y62", "Y62", 1),
        (Role.NATIONAL_LEAD, "ENG", "ENG", 7),
    ],
)
def test_everyone_counts_their_own_organisations_and_no_other(
    running_on_sqlite: Running, role: Role, place: str, own: str, total: int
) -> None:
    many(running_on_sqlite)
    browser = running_on_sqlite.as_a(role, place)

    page = browser.get(f"/figures?{OCTOBER}")
    offered = {str(one["value"]) for one in page_of(page).select("#organisation option")} or {own}

    assert words(page, ".scrt-figures__one dd").split()[0] == str(total)
    assert own in offered
    for code in {"QMJ", "QMF", "QOP", "Y56", "Y62", "ENG", "NONE"} - offered:
        for address in ("/figures", "/figures/reviews"):
            assert browser.get(f"{address}?organisation={code}&{OCTOBER}").status_code == 404, (address, code)


def test_the_figures_can_be_downloaded_and_say_the_same(running: Running) -> None:
    many(running)
    browser = running.as_a(Role.DESIGNATE, "QMJ")
    page = browser.get(f"/figures?{OCTOBER}")

    answer = browser.get(f"/figures?{OCTOBER}&format=csv")
    rows = list(csv.reader(io.StringIO(answer.text)))

    assert answer.mimetype == "text/csv"
    assert "attachment" in answer.headers["Content-Disposition"]
    by_type = table(page, "By type of review")
    assert by_type.pop("Total") == [count for _, _, measure, *_, count in rows if measure == "reviews"] == ["3", "2", "5"]
    for kind, counts in by_type.items():
        assert counts == [count for _, _, measure, of, _, _, count in rows if (measure, of) == ("by_type", kind)]
    themes = table(page, "Abuse and vulnerability themes")
    assert themes == {term: [count] for _, _, measure, _, term, _, count in rows if measure == "themes"}
    assert {count for (count,) in themes.values()} == {"0", "4", "5"}
    assert not [cell for row in rows for cell in row if cell[:1] in "=+-@\t\r" and cell]


def test_the_figures_can_be_seen_as_they_were_known_when_the_month_ended(running: Running) -> None:
    many(running)
    browser = running.as_a(Role.DESIGNATE, "QMJ")

    now = browser.get("/figures?month=2024-01")
    then = browser.get("/figures?month=2024-01&known_at=then")

    assert "as it was known on 31 January 2024" in words(then)
    assert words(now, ".scrt-figures__one dd") == words(then, ".scrt-figures__one dd")
    assert browser.get("/figures?month=2024-01&known_at=2024-01-05").status_code == 200
    assert words(browser.get("/figures?month=2024-01&known_at=2024-01-05"), ".scrt-figures__one dd").split()[0] == "0"


def test_a_month_that_is_not_over_is_counted_up_to_today(running_on_sqlite: Running) -> None:
    running = ready(running_on_sqlite)
    running.clock.set(datetime(2024, 11, 5, 9, tzinfo=UTC))

    page = running.as_a(Role.DESIGNATE, "QMJ").get("/figures?month=2024-11")

    assert "Counted up to 5 November 2024" in words(page)
    assert "November 2024 (so far)" in words(page)


@pytest.mark.parametrize(
    "query",
    [
        "",
        "month=0001-01",
        "month=9999-12",
        "month=x",
        "known_at=9999-12-31",
        "known_at=0001-01-01",
        "month=2024-13&known_at=then",
    ],
)
def test_an_address_that_means_nothing_shows_the_newest_finished_month(running_on_sqlite: Running, query: str) -> None:
    page = ready(running_on_sqlite).as_a(Role.DESIGNATE, "QMJ").get(f"/figures?{query}")

    assert page.status_code == 200
    assert "Counted up to 31 October 2024" in words(page)


@pytest.mark.parametrize(
    "cell", ["type=nonsense", "status=nothing", "family=x", "measure=themes&code=%00", "code=T01", "type=%00", "converted=x"]
)
def test_a_figure_that_there_is_not_is_not_there(running_on_sqlite: Running, cell: str) -> None:
    browser = ready(running_on_sqlite).as_a(Role.DESIGNATE, "QMJ")

    assert browser.get(f"/figures/reviews?{OCTOBER}&{cell}").status_code == 404


def test_a_review_that_is_with_another_organisation_now_is_counted_but_not_shown(running: Running) -> None:
    ready(running)
    review_id = review(running, up_to="start")
    with unit_of_work(running.engine) as session:
        session.execute(update(Review).where(Review.id == review_id).values(responsible="QOP"))

    page = running.as_a(Role.DESIGNATE, "QMJ").get(f"/figures/reviews?{OCTOBER}")

    assert ": 1 review" in words(page, "h1")
    assert "1 of them is with another organisation now" in words(page)
    assert reference_of(running, review_id) not in page.text
