"""Kinds of column, and what each refuses: both databases give the same verdict because it is given here first.

SQLite checks neither lengths nor types and PostgreSQL takes no NUL, so every rule stands twice: in the value's way to
the database (a sentence, see UnstorableError), and as a CHECK constraint for whoever writes SQL by hand.
"""

import math
from datetime import UTC, date, datetime
from typing import Annotated, Any, ClassVar, cast
from uuid import UUID

from sqlalchemy import (
    JSON,
    BigInteger,
    CheckConstraint,
    Column,
    ColumnElement,
    Date,
    DateTime,
    Dialect,
    Identity,
    Integer,
    MetaData,
    Table,
    Text,
    Uuid,
    func,
)
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.orm import DeclarativeBase, mapped_column
from sqlalchemy.types import TypeDecorator, TypeEngine

LARGEST_INTEGER = 2**31 - 1


class UnstorableError(ValueError):
    """A value that no column may hold; the message says why."""


class BoundedText(TypeDecorator[str]):
    """Text of at most `length` characters, without NUL and lone surrogates."""

    impl = Text
    cache_ok = True

    def __init__(self, length: int) -> None:
        super().__init__()
        self.length = length

    def process_bind_param(self, value: str | None, _dialect: Dialect) -> str | None:
        """Refuse what the column may not hold."""
        if value is not None:
            refuse_unstorable_text(value)
            if len(value) > self.length:
                raise UnstorableError(f"This text has {len(value)} characters, and may have {self.length}.")
        return value

    def rule(self, column: Column[str]) -> ColumnElement[bool]:
        """Say the same in SQL."""
        return func.length(column) <= self.length


class OneOf(TypeDecorator[str]):
    """One of a few words that never change without a migration."""

    impl = Text
    cache_ok = True

    def __init__(self, *words: str) -> None:
        super().__init__()
        self.words = words

    def process_bind_param(self, value: str | None, _dialect: Dialect) -> str | None:
        """Refuse what the column may not hold."""
        if value is not None and value not in self.words:
            raise UnstorableError(f"{value!r} is not one of {', '.join(self.words)}.")
        return value

    def rule(self, column: Column[str]) -> ColumnElement[bool]:
        """Say the same in SQL."""
        return column.in_(self.words)


class Whole(TypeDecorator[int]):
    """A whole number that fits four bytes, which SQLite would not mind."""

    impl = Integer
    cache_ok = True

    def process_bind_param(self, value: int | None, _dialect: Dialect) -> int | None:
        """Refuse what the column may not hold."""
        if value is not None and (type(value) is not int or abs(value) > LARGEST_INTEGER):
            raise UnstorableError(f"{value!r} is not a whole number of at most {LARGEST_INTEGER}.")
        return value


class UtcDateTime(TypeDecorator[datetime]):
    """A moment: stored in UTC, given back in UTC, and refused without a time zone."""

    impl = DateTime(timezone=True)
    cache_ok = True

    def process_bind_param(self, value: datetime | None, _dialect: Dialect) -> datetime | None:
        """Refuse a naive moment."""
        if value is None:
            return None
        if value.utcoffset() is None:
            raise UnstorableError(f"{value.isoformat()} has no time zone, so nobody can know which moment it is.")
        return value.astimezone(UTC)

    def process_result_value(self, value: datetime | None, _dialect: Dialect) -> datetime | None:
        """Give the time zone back, which SQLite forgets."""
        if value is None:
            return None
        return value.astimezone(UTC) if value.tzinfo else value.replace(tzinfo=UTC)


class Json(TypeDecorator[Any]):
    """A JSON value, as jsonb on PostgreSQL; None is stored as NULL.

    It comes back equal, but PostgreSQL forgets the order of its keys: digest a form with sorted keys.
    """

    impl = JSON(none_as_null=True)
    cache_ok = True

    def load_dialect_impl(self, dialect: Dialect) -> TypeEngine[Any]:
        """Choose what the database calls it."""
        if dialect.name == "postgresql":
            return dialect.type_descriptor(JSONB(none_as_null=True))
        return dialect.type_descriptor(JSON(none_as_null=True))

    def process_bind_param(self, value: Any, _dialect: Dialect) -> Any:
        """Refuse what PostgreSQL could not hold."""
        refuse_unstorable_json(value)
        return value


def refuse_unstorable_text(text: str) -> None:
    """Raise UnstorableError for text that PostgreSQL cannot hold: a NUL, or half a surrogate pair."""
    if "\0" in text:
        raise UnstorableError("This text holds a NUL character.")
    if not text.isascii():
        try:
            text.encode()
        except UnicodeEncodeError:
            raise UnstorableError("This text holds half a character (a lone surrogate).") from None


def refuse_unstorable_json(value: object) -> None:
    """Raise UnstorableError for a value with such text anywhere in it, or with a number that JSON does not know."""
    match value:
        case str():
            refuse_unstorable_text(value)
        case dict():
            for key, inner in value.items():
                refuse_unstorable_text(key)
                refuse_unstorable_json(inner)
        case list() | tuple():
            for inner in value:
                refuse_unstorable_json(inner)
        case float() if not math.isfinite(value):
            raise UnstorableError(f"JSON has no number {value}.")


class Model(DeclarativeBase):
    """A table. Its text columns get their CHECK constraints from their types."""

    metadata = MetaData(
        naming_convention={
            "pk": "pk_%(table_name)s",
            "fk": "fk_%(table_name)s_%(column_0_N_name)s",
            "uq": "uq_%(table_name)s_%(column_0_N_name)s",
            "ck": "ck_%(table_name)s_%(constraint_name)s",
        }
    )
    type_annotation_map: ClassVar = {date: Date(), datetime: UtcDateTime(), int: Whole(), UUID: Uuid()}

    def __init_subclass__(cls, **kwargs: Any) -> None:
        super().__init_subclass__(**kwargs)
        table = cast("Table", cls.__table__)
        for column in table.columns:
            if isinstance(column.type, BoundedText | OneOf) and not column.foreign_keys:
                table.append_constraint(CheckConstraint(column.type.rule(column), name=column.name))


# What a text is decides how long it may be.
Key = Annotated[str, mapped_column(BoundedText(60))]  # a name in the definitions, or one of ours
Code = Annotated[str, mapped_column(BoundedText(20))]  # an organisation's ODS code, a term's code
Label = Annotated[str, mapped_column(BoundedText(300))]  # a name or wording of one line; an e-mail address
Digest = Annotated[str, mapped_column(BoundedText(128))]  # a hash, salt or token in letters
Prose = Annotated[str, mapped_column(BoundedText(20_000))]  # what a person wrote
Source = Annotated[str, mapped_column(BoundedText(4_000_000))]  # a whole definition

# Numbered by the database, in the order of arrival; eight bytes on PostgreSQL, a rowid on SQLite.
SERIAL = BigInteger().with_variant(Integer(), "sqlite")
Serial = Annotated[int, mapped_column(SERIAL, Identity(), primary_key=True)]
SerialOf = Annotated[int, mapped_column(SERIAL)]
