"""A batch of reviews moved by a process of its own, slowly: `python -m tests.faults.moving_reviews DATABASE_URL REBASE_ID`."""

import sys
import time
from datetime import UTC, datetime

from scrt_workflow.database import make_engine, unit_of_work
from scrt_workflow.operations import rebasing

AT = datetime(2024, 6, 3, 9, tzinfo=UTC)

if __name__ == "__main__":
    engine, goes_on = make_engine(sys.argv[1]), True
    while goes_on:
        with unit_of_work(engine) as session:
            goes_on = rebasing.carry_on(session, int(sys.argv[2]), at=AT, most=4)
            time.sleep(0.02)  # so that the kill mostly falls into an open transaction
    engine.dispose()
