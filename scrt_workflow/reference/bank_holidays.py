"""Bank holidays of England and Wales, from GOV.UK."""

from datetime import date
from functools import cache

from scrt_workflow.reference.tables import read_table


@cache
def bank_holidays() -> frozenset[date]:
    """Return every bank holiday of England and Wales from 2012 to 2028, substitute days included."""
    return frozenset(date.fromisoformat(row["date"]) for row in read_table("bank_holidays"))
