"""What frozen figures would be today is explained: the reviews that are listed make up each difference, and each says why."""

from __future__ import annotations

import json
from collections import Counter
from datetime import timedelta

from sqlalchemy import Engine
from sqlalchemy.orm import Session

from scrt_workflow.clock import Clock
from scrt_workflow.database import reading, unit_of_work
from scrt_workflow.jobs.freezing import freeze
from scrt_workflow.jobs.work import Work
from scrt_workflow.operations import counting, frozen, restating
from scrt_workflow.operations.counting import Cells
from scrt_workflow.operations.play import play
from scrt_workflow.reports.figures import Asked
from scrt_workflow.reports.periods import read_period
from tests.definitions.histories import ready
from tests.definitions.shipped import SHIPPED
from tests.operations.invented_reviews import invented

PERIODS = ("2024-03", "2024-10", "2023-24-Q4", "2023-24")


def explained(session: Session, asked: Asked) -> Counter[tuple[str, str, str]]:
    """Add up what the listed reviews count otherwise; each of them has a step that did it."""
    found = restating.differing(session, asked)
    why = restating.reasons(session, list(found), asked)
    assert [review for review in found if not why.get(review)] == []
    difference: Counter[tuple[str, str, str]] = Counter()
    for one in found.values():
        difference.update(Counter(cell[1:] for cell in one.now))
        difference.subtract(Counter(cell[1:] for cell in one.was))
    return difference


def test_the_reviews_that_are_listed_make_up_every_difference_and_each_says_why(database: Engine) -> None:
    with unit_of_work(database) as session:
        ready(session, SHIPPED)
        play(session, map(json.dumps, invented(21, 14)), add_people=True)
    differing = 0
    for period in map(read_period, PERIODS):
        freeze(Work(database, period.known_at + timedelta(days=1), Clock()), period)
        with reading(database) as session:
            for organisation in ("ENG", "Y56", "QMJ", "QUY"):
                row = frozen.find_frozen(session, organisation, period)
                assert row is not None
                now = counting.together(counting.count(session, frozen.asked_then(row, period, known_now=True)))
                then = frozen.cells_of(session, row.id)
                said = explained(session, frozen.asked_then(row, period))
                for key in {*now, *then, *said}:
                    assert now[key] - then[key] == said[key], (period, organisation, key)
                differing += len([key for key in Cells(now) | Cells(then) if now[key] != then[key]])
    assert differing > 20
