"""Many reviews at once, with what a list reads and nothing else: over years, and over the 30 ICBs of November 2024 that last."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, date, datetime, time, timedelta
from itertools import islice
from random import Random
from typing import Any
from uuid import UUID

from sqlalchemy import insert, text

from benchmarks.tracker import AT, Tracker
from scrt_workflow import reference
from scrt_workflow.models import Identifier, Review
from scrt_workflow.operations.conversions import reference_of
from scrt_workflow.text_rules import search_key

YEARS = 8
AT_ONCE = 5_000
SAID = (  # noqa: SIM905 - read as the sentence that it is
    "harm came to an adult with care and support needs at home delays in sharing what was known between agencies led to a late "
    "response neglect self-neglect hoarding a fall medication pressure ulcers domestic abuse alcohol homelessness capacity was "
    "assessed late the partners met and agreed next steps two agencies still owe their reports"
).split()
RARE = "quayside"
"""A word that one review in a thousand says."""


def add_many(tracker: Tracker, number: int) -> None:
    """Add *number* reviews; what each says follows from chance that repeats."""
    made = _rows(tracker, number)
    with tracker.engine.begin() as connection:
        if connection.dialect.name == "sqlite":
            connection.execute(text("PRAGMA cache_size = -400000"))  # 400 MB, so that each page is written once
        while rows := list(islice(made, AT_ONCE)):
            reviews, identifiers = zip(*rows, strict=True)
            connection.execute(insert(Review.__table__), list(reviews))
            connection.execute(insert(Identifier.__table__), list(identifiers))
        if connection.dialect.name == "postgresql":
            connection.execute(text("ANALYZE"))  # as its autovacuum does within a minute


def _rows(tracker: Tracker, number: int) -> Iterator[tuple[dict[str, Any], dict[str, Any]]]:
    chance = Random(number)
    places = [
        one.code for one in reference.organisations() if one.kind == "icb" and one.valid_from <= AT.date() and not one.valid_to
    ]
    where = [(version, one.workflow) for version, one in tracker.live.values()]
    for n in range(number):
        review_id = UUID(int=chance.getrandbits(128), version=4)
        version, workflow = chance.choice(where)
        state = chance.choice(list(workflow.states.values()))
        began = AT.date() - timedelta(days=chance.randrange(365 * YEARS))
        updated = min(AT.date(), began + timedelta(days=chance.randrange(400)))
        yield (
            _review(review_id, chance, n)
            | {
                "definition_version_id": version,
                "workflow": workflow.key,
                "state": state.key,
                "status": state.counts_as,
                "review_type": chance.choice([*workflow.review_types, None]),
                "entered_under": (place := chance.choice(places)),
                "responsible": place,
                "state_since": began,
                "last_update_on": updated,
                "next_due_on": updated + timedelta(days=90) if state.counts_as == "open" else None,
                "created_at": datetime.combine(began, time(9), UTC),
            },
            _identifier(review_id, n),
        )


def _review(review_id: UUID, chance: Random, n: int) -> dict[str, Any]:
    name = reference_of(review_id)
    start = chance.randrange(len(SAID))
    said = [*(SAID * 3)[start : start + 80], *([RARE] if n % 1000 == 0 else [])]
    return {"id": review_id, "reference": name, "version": 1, "search_text": search_key(" ".join([name, *said]))}


def _identifier(review_id: UUID, n: int) -> dict[str, Any]:
    number = f"{date(2016, 1, 1).year + n % YEARS}/{n:05}"
    return {"review_id": review_id, "slot": 1, "type": "steis", "reference": number, "reference_key": number}
