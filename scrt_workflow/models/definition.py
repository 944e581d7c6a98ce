"""Definitions as they were released, and the drafts of what is to be released next."""

from datetime import datetime
from uuid import UUID, uuid4

from sqlalchemy import CheckConstraint, ForeignKey, Index, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from scrt_workflow.models.columns import Digest, Key, Label, Model, OneOf, Prose, Serial, SerialOf, Source


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


class ReleaseFile(Model):
    """A file of the folder that a release released, as it was written: comments, spacing and all."""

    __tablename__ = "release_file"

    release_id: Mapped[SerialOf] = mapped_column(ForeignKey("release.id"), primary_key=True, autoincrement=False)
    path: Mapped[Label] = mapped_column(primary_key=True)
    text: Mapped[Source]


class ReleaseWorkflow(Model):
    """What a workflow of a released folder came to: a version of this release, or the one that it had and still has."""

    __tablename__ = "release_workflow"
    __table_args__ = (Index("release_of_version", "version_id", "release_id"),)

    release_id: Mapped[SerialOf] = mapped_column(ForeignKey("release.id"), primary_key=True, autoincrement=False)
    workflow: Mapped[Key] = mapped_column(primary_key=True)
    version_id: Mapped[SerialOf] = mapped_column(ForeignKey("definition_version.id"))


DRAFT_STAGES = ("editing", "asked", "released", "discarded")


class DefinitionDraft(Model):
    """A folder of definitions that administrators are changing; `revision` counts the saves.

    `asked` is a draft that waits for a second administrator to release it; `release_id` is what it became.
    """

    __tablename__ = "definition_draft"

    id: Mapped[UUID] = mapped_column(primary_key=True, default=uuid4)
    title: Mapped[Label]
    workflow: Mapped[Key]
    stage: Mapped[str] = mapped_column(OneOf(*DRAFT_STAGES))
    revision: Mapped[int]
    reason: Mapped[Prose] = mapped_column(default="")
    begun_by_id: Mapped[UUID | None] = mapped_column(ForeignKey("person.id"))
    begun_at: Mapped[datetime]
    changed_by_id: Mapped[UUID | None] = mapped_column(ForeignKey("person.id"))
    changed_at: Mapped[datetime]
    asked_by_id: Mapped[UUID | None] = mapped_column(ForeignKey("person.id"))
    asked_at: Mapped[datetime | None]
    release_id: Mapped[SerialOf | None] = mapped_column(ForeignKey("release.id"))


class DraftFile(Model):
    """A file of a draft: its text now, and `base`, what was in use when the draft took that up; None where it is not there."""

    __tablename__ = "draft_file"

    draft_id: Mapped[UUID] = mapped_column(ForeignKey("definition_draft.id"), primary_key=True)
    path: Mapped[Label] = mapped_column(primary_key=True)
    text: Mapped[Source | None]
    base: Mapped[Source | None]
