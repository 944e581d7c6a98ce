"""Definitions as they were released, and the one draft of each that may change."""

from datetime import datetime
from uuid import UUID

from sqlalchemy import CheckConstraint, ForeignKey, Index, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from scrt_workflow.models.columns import Digest, Key, Model, Prose, Serial, SerialOf, Source


class QuestionKey(Model):
    """A question that was ever asked: its key and type never change, whatever the version."""

    __tablename__ = "question"

    key: Mapped[Key] = mapped_column(primary_key=True)
    type: Mapped[Key]


class Release(Model):
    """One act of releasing definitions, by two people."""

    __tablename__ = "release"
    __table_args__ = (CheckConstraint("approved_by_id IS NULL OR approved_by_id <> drafted_by_id", name="two_people"),)

    id: Mapped[Serial]
    drafted_by_id: Mapped[UUID | None] = mapped_column(ForeignKey("person.id"))
    approved_by_id: Mapped[UUID | None] = mapped_column(ForeignKey("person.id"))
    reason: Mapped[Prose]
    at: Mapped[datetime]


class DefinitionVersion(Model):
    """A workflow with every form and question that it uses, as source, hashed together; immutable."""

    __tablename__ = "definition_version"
    __table_args__ = (UniqueConstraint("workflow", "number"), Index("definition_by_hash", "workflow", "hash"))

    id: Mapped[Serial]
    workflow: Mapped[Key]
    number: Mapped[int]
    bundle: Mapped[Source]
    hash: Mapped[Digest]
    release_id: Mapped[SerialOf] = mapped_column(ForeignKey("release.id"))


class DefinitionRetirement(Model):
    """A version under which nothing new starts; reviews that have it go on."""

    __tablename__ = "definition_retirement"

    version_id: Mapped[SerialOf] = mapped_column(ForeignKey("definition_version.id"), primary_key=True, autoincrement=False)
    at: Mapped[datetime]
    by_id: Mapped[UUID | None] = mapped_column(ForeignKey("person.id"))


class DefinitionDraft(Model):
    """What an administrator is changing; `revision` counts the saves, so two editors cannot overwrite each other."""

    __tablename__ = "definition_draft"

    workflow: Mapped[Key] = mapped_column(primary_key=True)
    bundle: Mapped[Source]
    revision: Mapped[int]
    based_on_id: Mapped[SerialOf | None] = mapped_column(ForeignKey("definition_version.id"))
    changed_by_id: Mapped[UUID | None] = mapped_column(ForeignKey("person.id"))
