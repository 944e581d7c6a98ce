"""The tables behind the models, for the statements of the path on which a step is completed.

A statement over a table, built once and given its values as parameters, costs a tenth of an insert by the ORM that is built
afresh (0.2 ms against 1.9 ms; docs/speed.md). The columns' own rules check what it writes all the same.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any, cast

from sqlalchemy import Table
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.orm import Session

from scrt_workflow.models import Model


def table_of(model: type[Model]) -> Table:
    """Give the table behind *model*."""
    return cast("Table", model.__table__)


def in_both_dialects(build: Callable[[Callable[[Table], Any]], Any]) -> Mapping[str, Any]:
    """Build an insert that each database says in its own words (`ON CONFLICT`), from the dialect's way to begin one."""
    return {"postgresql": build(postgresql.insert), "sqlite": build(sqlite.insert)}


def dialect_of(session: Session) -> str:
    """Name the dialect that *session* speaks: `sqlite` or `postgresql`."""
    return session.get_bind().dialect.name
