"""Lets a flush insert a row after the rows that it refers to."""

from typing import cast

from sqlalchemy import Table
from sqlalchemy.orm import DeclarativeBase, relationship


def follow_foreign_keys(model: type[DeclarativeBase]) -> None:
    """Give every table a relationship to each table that it refers to, since a flush is ordered by those alone.

    Without them `session.add_all([membership, person])` may insert in either order. Reading one raises.
    A reference to a row of the same table is left out, so such a row must be flushed first.
    """
    mappers = {mapper.local_table: mapper for mapper in model.registry.mappers}
    for table, mapper in mappers.items():
        keys = cast("Table", table).foreign_key_constraints
        for target, columns in {key.referred_table: key.columns for key in keys}.items():
            if target is not table:
                rows = relationship(mappers[target].class_, foreign_keys=list(columns), lazy="raise")
                mapper.add_property(f"_{target.name}_rows", rows)
