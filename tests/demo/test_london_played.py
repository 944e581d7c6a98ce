"""The London demo played through the engine: its own rollups give every figure of the published table (seed 001)."""

import json
import shutil
from collections.abc import Iterator
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import Engine, func, select

from scrt_workflow.database import make_engine, migrate, reading, unit_of_work
from scrt_workflow.demo.london import london_history
from scrt_workflow.folder import read_folder
from scrt_workflow.models import Event, Review
from scrt_workflow.operations import definitions, rollups
from scrt_workflow.operations.organisations import load_reference
from scrt_workflow.operations.play import play
from scrt_workflow.reports.figures import as_json
from tests.demo.published import NEW, PUBLISHED, ranking

pytestmark = pytest.mark.slow

ROOT = Path(__file__).parents[2]
MONTHS: dict[str, dict[str, Any]] = {row["month"]: row for row in PUBLISHED["monthly"]}
ROWS = {
    "dhr_adult": ["DHR Adult", "DHR Adult - Converted"],
    "dhr_child": ["DHR Child", "DHR Child - Converted"],
    "sar_adult_and_converted": ["SAR Adult", "SAR Adult - Converted"],
    "cspr_child": ["CSPR Child"],
    "cspr_converted": ["CSPR Child - Converted"],
    "rapid_review": ["Rapid Review"],
    "not_stated": ["Not Stated"],
}
FAMILIES = {"CSPR": "CSPR", "SAR": "SAR", "DHR": "DHR", "RAPID REVIEWS": "Rapid Review"}
CLOSES = ("decide_publication", "decide_next")
HISTORY = list(london_history())
LINES = [json.dumps(line) for line in HISTORY]
CLOSED_IN_OCTOBER = [n for n, line in enumerate(HISTORY) if line["step"] in CLOSES and str(line["at"]) >= "2024-10"]


def without(number: int) -> list[str]:
    """Give the history without one line, and so without the review that this line opens."""
    opens = HISTORY[number].get("opens")
    return [LINES[n] for n, line in enumerate(HISTORY) if n != number and line["review"] != opens]


def opened(file: str | Path) -> Engine:
    return make_engine(f"sqlite:///{file}")


@pytest.fixture(scope="module")
def september(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Give an SQLite database in which the history has been played up to the first closing of October."""
    file = tmp_path_factory.mktemp("london") / "september.db"
    engine = opened(file)
    migrate(engine)
    with unit_of_work(engine) as session:
        load_reference(session)
        shipped = read_folder(ROOT, known_types=definitions.known_types())
        definitions.load(session, shipped, at=datetime(2022, 7, 1, 9, tzinfo=UTC))
        play(session, LINES[: CLOSED_IN_OCTOBER[0]], add_people=True)
    engine.dispose()
    return file


@pytest.fixture(scope="module")
def london(september: Path) -> Iterator[Engine]:
    engine = opened(shutil.copy(september, september.with_name("london.db")))
    with unit_of_work(engine) as session:
        play(session, LINES, add_people=True)
    yield engine
    engine.dispose()


def figures(engine: Engine, month: str, *, known_on: date | None = None) -> dict[str, Any]:
    with reading(engine) as session:
        asked = rollups.month_asked(session, "Y56", month, known_on=known_on)
        return as_json(rollups.roll_up(session, asked))


def places(rows: list[dict[str, Any]], how_many: int) -> list[set[str]]:
    """Give the labels of the first places, those that tie together."""
    counts = sorted({row["count"] for row in rows if row["count"]}, reverse=True)[:how_many]
    return [{str(row.get("theme") or row["learning"]) for row in rows if row["count"] == count} for count in counts]


@pytest.mark.parametrize("month", MONTHS)
def test_every_month_end_is_the_published_one(london: Engine, month: str) -> None:
    made = figures(london, month)
    wanted = MONTHS[month]
    assert (made["total"], made["open"], made["closed"]) == (wanted["total"], wanted["open"], wanted["closed"])
    assert made["new"] == NEW.get(month, made["new"])


@pytest.mark.parametrize("month", MONTHS)
def test_a_month_end_was_known_in_full_on_its_last_day(london: Engine, month: str) -> None:
    made = figures(london, month)
    assert figures(london, month, known_on=date.fromisoformat(made["as_at"])) == made


def test_every_type_is_as_published_with_the_one_repair(london: Engine) -> None:
    made = {row["type"]: row for row in figures(london, "2024-10")["by_type"]}
    for row in PUBLISHED["by_type"]:
        sums = {name: sum(made[label][name] for label in ROWS[row["key"]]) for name in ("open", "closed", "total")}
        opened = 1 if row["key"] == "dhr_child" else row["open"]
        assert sums == {"open": opened, "closed": row["closed"], "total": row["total_printed"]}, row["key"]


def test_every_theme_count_is_as_published_zeros_included(london: Engine) -> None:
    made = {row["theme"]: row["count"] for row in figures(london, "2024-10")["themes"]}
    assert made == {row["theme"]: row["count"] for row in PUBLISHED["theme_counts"]}


def test_every_ranking_is_as_published(london: Engine) -> None:
    made = figures(london, "2024-10")
    learning = PUBLISHED["organisational_learning_ranks"]
    assert places(made["themes"], 3) == [{label} for label in PUBLISHED["theme_overall_top3"]]
    assert places(made["learning"], 3) == ranking(learning["overall"])
    for column, family in FAMILIES.items():
        for measure, wanted in (("themes", PUBLISHED["theme_top_by_review_type"]), ("learning", learning)):
            printed = ranking(wanted[column])
            assert places(made[f"{measure}_by_type"][family], len(printed)) == printed, (measure, family)


def test_thirteen_rapid_reviews_converted_and_the_rest_closed_without_a_further_review(london: Engine) -> None:
    made = figures(london, "2024-10")["conversions"]
    assert (made["converted"], made["closed_without"], made["rate"]) == (13, 52, 0.2)


def test_playing_it_again_changes_nothing(london: Engine) -> None:
    counts = select(func.count(Event.id)), select(func.count(Review.id))
    with unit_of_work(london) as session:
        before = [session.scalar(count) for count in counts]
        again = play(session, LINES, add_people=True)
        assert (again.done, [session.scalar(count) for count in counts]) == (0, before)
    assert before[1] == 396


@pytest.mark.parametrize("closing", CLOSED_IN_OCTOBER)
def test_without_one_of_octobers_closing_steps_the_table_differs(september: Path, tmp_path: Path, closing: int) -> None:
    engine = opened(shutil.copy(september, tmp_path / "without.db"))
    with unit_of_work(engine) as session:
        play(session, without(closing), add_people=True)

    made = figures(engine, "2024-10")
    engine.dispose()

    assert made["closed"] == 217
