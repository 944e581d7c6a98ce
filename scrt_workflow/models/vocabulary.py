"""Vocabularies that change: a term keeps its code; its wording, dates and successors are rows beside it."""

from datetime import date, datetime

from sqlalchemy import CheckConstraint, ForeignKeyConstraint
from sqlalchemy.orm import Mapped, mapped_column

from scrt_workflow.models.columns import Code, Key, Label, Model


class Vocabulary(Model):
    """A list of terms that questions offer, by the name that definitions call it and the title that people read."""

    __tablename__ = "vocabulary"

    key: Mapped[Key] = mapped_column(primary_key=True)
    title: Mapped[Label]


class Term(Model):
    """A theme, an organisational learning or another coded word; `grouped_as` is the group that reports may show."""

    __tablename__ = "term"
    __table_args__ = (CheckConstraint("valid_to IS NULL OR valid_from <= valid_to", name="period"),)

    vocabulary: Mapped[Key] = mapped_column(primary_key=True)
    code: Mapped[Code] = mapped_column(primary_key=True)
    valid_from: Mapped[date]
    valid_to: Mapped[date | None]
    grouped_as: Mapped[Key | None]


class TermLabel(Model):
    """How a term is worded from a day on, and since when we know that: figures as once known keep the wording that was known."""

    __tablename__ = "term_label"
    __table_args__ = (ForeignKeyConstraint(["vocabulary", "code"], ["term.vocabulary", "term.code"]),)

    vocabulary: Mapped[Key] = mapped_column(primary_key=True)
    code: Mapped[Code] = mapped_column(primary_key=True)
    label: Mapped[Label]
    valid_from: Mapped[date] = mapped_column(primary_key=True)
    recorded_at: Mapped[datetime] = mapped_column(primary_key=True)


class TermSuccession(Model):
    """Which term took another's place (`kind`: merged, split). Old records keep the term they were given."""

    __tablename__ = "term_succession"
    __table_args__ = (
        ForeignKeyConstraint(["vocabulary", "code"], ["term.vocabulary", "term.code"]),
        ForeignKeyConstraint(["vocabulary", "successor"], ["term.vocabulary", "term.code"]),
    )

    vocabulary: Mapped[Key] = mapped_column(primary_key=True)
    code: Mapped[Code] = mapped_column(primary_key=True)
    successor: Mapped[Code] = mapped_column(primary_key=True)
    effective_on: Mapped[date]
    kind: Mapped[Key]
