"""Every figure counted twice: by the service, and by a counter that shares no code with it, over histories made at random."""

from __future__ import annotations

import json
from datetime import date, timedelta
from random import Random
from typing import Any

import pytest
from sqlalchemy.orm import Session

from scrt_workflow.operations import rollups
from scrt_workflow.operations.play import play
from scrt_workflow.reports.figures import as_json
from tests.definitions.histories import ready
from tests.definitions.shipped import SHIPPED
from tests.operations import plain_counts
from tests.operations.invented_reviews import ICBS, invented

SEEDS = (1, 2)
REGIONS = ("Y56", "Y58", "Y60", "Y62")
MONTHS = [f"{year}-{month:02}" for year in (2023, 2024, 2025) for month in range(1, 13)]


def counted(session: Session, organisation: str, month: str, known_on: date | None = None) -> dict[str, Any]:
    """Give the service's own figures, in the shape of the plain ones."""
    made = as_json(rollups.roll_up(session, rollups.month_asked(session, organisation, month, known_on=known_on)))
    found = {name: made[name] for name in ("total", "open", "closed", "new", "conversions")}
    found["by_type"] = {row["type"]: {"open": row["open"], "closed": row["closed"]} for row in made["by_type"] if row["total"]}
    for measure, name in (("themes", "theme"), ("learning", "learning")):
        found[measure] = {row[name]: row["count"] for row in made[measure] if row["count"]}
        found[f"{measure}_by_type"] = {
            family: {row[name]: row["count"] for row in rows if row["count"]}
            for family, rows in made[f"{measure}_by_type"].items()
        }
    return found


@pytest.mark.parametrize("seed", SEEDS)
def test_a_counter_that_shares_no_code_with_the_service_counts_the_same(session: Session, seed: int) -> None:
    compare(session, seed, reviews=14, months=MONTHS[seed::4])


def compare(session: Session, seed: int, *, reviews: int, months: list[str]) -> None:
    """Play a history, and compare the figures of *months* as known now and as known on earlier days."""
    lines, rng = invented(seed, reviews), Random(seed)
    ready(session, SHIPPED)
    play(session, map(json.dumps, lines), add_people=True)
    now = plain_counts.replay(lines)
    for month in months:
        for organisation in ("ENG", rng.choice(REGIONS), rng.choice(ICBS)):
            wanted = plain_counts.figures(lines, organisation, month, shared=now)
            assert counted(session, organisation, month) == wanted, (seed, organisation, month)
        known_on = date.fromisoformat(f"{month}-01") + timedelta(days=rng.randint(-20, 200))
        wanted = plain_counts.figures(lines, "ENG", month, known_on=known_on)
        assert counted(session, "ENG", month, known_on) == wanted, (seed, month, known_on)
