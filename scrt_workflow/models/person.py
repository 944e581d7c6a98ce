"""People and the roles that they hold: when, and for which organisation."""

from datetime import date, datetime
from uuid import UUID, uuid4

from sqlalchemy import CheckConstraint, ForeignKey, Index, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from scrt_workflow.models.columns import Code, Key, Label, Model


class Person(Model):
    """Someone who may sign in; `email_key` is the casefolded e-mail address, one more `session_epoch` ends sessions."""

    __tablename__ = "person"

    id: Mapped[UUID] = mapped_column(primary_key=True, default=uuid4)
    email_key: Mapped[Label] = mapped_column(unique=True)
    name: Mapped[Label]
    password_hash: Mapped[Label | None]
    session_epoch: Mapped[int] = mapped_column(default=0)
    disabled_at: Mapped[datetime | None]


class PersonIdentity(Model):
    """A person as a single sign-on knows them: by issuer and subject, never by e-mail address."""

    __tablename__ = "person_identity"
    __table_args__ = (Index("identity_of_person", "person_id"),)

    issuer: Mapped[Label] = mapped_column(primary_key=True)
    subject: Mapped[Label] = mapped_column(primary_key=True)
    person_id: Mapped[UUID] = mapped_column(ForeignKey("person.id"))


class Membership(Model):
    """A role that a person holds in an organisation from a day to another; `lent_from_id` is whose, when it is lent.

    `role` is a key of permissions.Role. No CHECK repeats that list, so that a new role needs no migration.
    """

    __tablename__ = "membership"
    __table_args__ = (
        UniqueConstraint("person_id", "role", "organisation", "valid_from"),
        CheckConstraint("valid_to IS NULL OR valid_from <= valid_to", name="period"),
        Index("membership_of_organisation", "organisation", "role"),
    )

    id: Mapped[UUID] = mapped_column(primary_key=True, default=uuid4)
    person_id: Mapped[UUID] = mapped_column(ForeignKey("person.id"))
    role: Mapped[Key]
    organisation: Mapped[Code] = mapped_column(ForeignKey("organisation.code"))
    valid_from: Mapped[date]
    valid_to: Mapped[date | None]
    lent_from_id: Mapped[UUID | None] = mapped_column(ForeignKey("membership.id"))
    granted_by_id: Mapped[UUID | None] = mapped_column(ForeignKey("person.id"))
