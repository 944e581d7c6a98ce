"""Organisations with their dates, parents and successors, and the posts in them that are told things.

Every period here and elsewhere is half open: `valid_from` is its first day, `valid_to` the first day after it (None: no
end is known). Organisations are keyed by ODS code because ONS codes change (domain.md, "Organisations change").
"""

from datetime import date

from sqlalchemy import CheckConstraint, ForeignKey, Index
from sqlalchemy.orm import Mapped, mapped_column

from scrt_workflow.models.columns import Code, Key, Label, Model, OneOf, Serial

ORGANISATION_KINDS = ("england", "region", "icb", "ccg")


class Organisation(Model):
    """England (`ENG`), a region, an ICB, or a CCG of old."""

    __tablename__ = "organisation"
    __table_args__ = (CheckConstraint("valid_to IS NULL OR valid_from <= valid_to", name="period"),)

    code: Mapped[Code] = mapped_column(primary_key=True)
    kind: Mapped[str] = mapped_column(OneOf(*ORGANISATION_KINDS))
    name: Mapped[Label]
    valid_from: Mapped[date]
    valid_to: Mapped[date | None]


class OrganisationParent(Model):
    """Where an organisation belongs, from a day: an ICB to a region, a region to England."""

    __tablename__ = "organisation_parent"
    __table_args__ = (
        CheckConstraint("valid_to IS NULL OR valid_from <= valid_to", name="period"),
        Index("organisation_children", "parent", "valid_from"),
    )

    code: Mapped[Code] = mapped_column(ForeignKey("organisation.code"), primary_key=True)
    parent: Mapped[Code] = mapped_column(ForeignKey("organisation.code"))
    valid_from: Mapped[date] = mapped_column(primary_key=True)
    valid_to: Mapped[date | None]


class OrganisationSuccession(Model):
    """Who took over from whom: `kind` is merger, split or acquisition, `territory` is the part, or `whole`."""

    __tablename__ = "organisation_succession"
    __table_args__ = (Index("organisation_predecessors", "successor"),)

    predecessor: Mapped[Code] = mapped_column(ForeignKey("organisation.code"), primary_key=True)
    successor: Mapped[Code] = mapped_column(ForeignKey("organisation.code"), primary_key=True)
    effective_on: Mapped[date] = mapped_column(primary_key=True)
    kind: Mapped[Key]
    territory: Mapped[Label]


class Contact(Model):
    """A post that is told things without being a user: a director, a communications team. One at a time holds it in one place."""

    __tablename__ = "contact"
    __table_args__ = (
        CheckConstraint("valid_to IS NULL OR valid_from <= valid_to", name="period"),
        Index("contact_of_organisation", "organisation", "post"),
    )

    id: Mapped[Serial]
    organisation: Mapped[Code] = mapped_column(ForeignKey("organisation.code"))
    post: Mapped[Key]
    email: Mapped[Label]
    valid_from: Mapped[date]
    valid_to: Mapped[date | None]
