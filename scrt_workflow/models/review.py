"""A review as it is now: where it is, what was answered and who approved what.

How it came to be so is in its events. Answers are rows: no row means that the question was not asked, NULL that it was
asked and not answered.
"""

from datetime import date, datetime
from typing import Any
from uuid import UUID, uuid4

from sqlalchemy import CheckConstraint, ForeignKey, Index, UniqueConstraint, text
from sqlalchemy.orm import Mapped, mapped_column

from scrt_workflow.models.columns import Code, Json, Key, Label, Model, OneOf, Prose, Serial, SerialOf

STATUSES = ("open", "closed", "nothing")
NO_DEADLINE = date.max
"""What stands in a row on which no deadline runs: it comes after every other in a list."""


class Review(Model):
    """One review. `entered_under` is the organisation it was entered under, `responsible` the one whose it is today.

    `version` is the number of its newest event: flushing a stale object raises StaleDataError. `next_due_on` is when an update
    is due, `deadline_on` the earliest due date of the deadlines that run. `search_text` is casefolded.
    """

    __tablename__ = "review"
    __table_args__ = (
        Index("review_list", "responsible", "status", "last_update_on", "id"),
        Index("review_everywhere", "status", "last_update_on", "id"),
        Index("review_newest", "last_update_on", "id"),
        Index("review_since", "state_since", "id"),
        Index("review_state", "workflow", "state"),
        Index("review_deadline", "deadline_on", "id"),
        Index(
            "review_converted_from",
            "converted_from_id",
            sqlite_where=text("converted_from_id IS NOT NULL"),
            postgresql_where=text("converted_from_id IS NOT NULL"),
        ),
        Index(
            "one_living_child",
            "converted_from_id",
            unique=True,
            sqlite_where=text("converted_from_id IS NOT NULL AND withdrawn_at IS NULL"),
            postgresql_where=text("converted_from_id IS NOT NULL AND withdrawn_at IS NULL"),
        ),
    )

    id: Mapped[UUID] = mapped_column(primary_key=True, default=uuid4)
    reference: Mapped[Code] = mapped_column(unique=True)
    definition_version_id: Mapped[SerialOf] = mapped_column(ForeignKey("definition_version.id"))
    workflow: Mapped[Key]
    state: Mapped[Key]
    status: Mapped[str] = mapped_column(OneOf(*STATUSES))
    state_since: Mapped[date]
    review_type: Mapped[Key | None]
    entered_under: Mapped[Code] = mapped_column(ForeignKey("organisation.code"))
    responsible: Mapped[Code] = mapped_column(ForeignKey("organisation.code"))
    version: Mapped[int] = mapped_column()
    converted_from_id: Mapped[UUID | None] = mapped_column(ForeignKey("review.id"))
    withdrawn_at: Mapped[datetime | None]
    next_due_on: Mapped[date | None]
    deadline_on: Mapped[date] = mapped_column(default=NO_DEADLINE, server_default=NO_DEADLINE.isoformat())
    last_update_on: Mapped[date]
    search_text: Mapped[Prose] = mapped_column(default="")
    created_at: Mapped[datetime]

    __mapper_args__ = {  # noqa: RUF012 - SQLAlchemy's own way to say it
        "version_id_col": version,
        "version_id_generator": False,
    }


class Identifier(Model):
    """A number that another system knows the review by; `reference_key` is it casefolded and without spaces."""

    __tablename__ = "identifier"
    __table_args__ = (Index("identifier_find", "reference_key"),)

    review_id: Mapped[UUID] = mapped_column(ForeignKey("review.id"), primary_key=True)
    slot: Mapped[int] = mapped_column(primary_key=True)
    type: Mapped[Key | None]
    reference: Mapped[Label]
    reference_key: Mapped[Label]


class Answer(Model):
    """The answer in force; `set_seq` is the event that set it, `asked_under_id` the definition version that asked."""

    __tablename__ = "answer"

    review_id: Mapped[UUID] = mapped_column(ForeignKey("review.id"), primary_key=True)
    question: Mapped[Key] = mapped_column(ForeignKey("question.key"), primary_key=True)
    value: Mapped[Any | None] = mapped_column(Json())
    set_seq: Mapped[int]
    asked_under_id: Mapped[SerialOf] = mapped_column(ForeignKey("definition_version.id"))


class AnswerChange(Model):
    """Who set which answer at which event; append-only. `choice` is the value, for closed lists only: no free text."""

    __tablename__ = "answer_change"
    __table_args__ = (Index("answer_change_of_question", "review_id", "question", "seq"),)

    id: Mapped[Serial]
    review_id: Mapped[UUID] = mapped_column(ForeignKey("review.id"))
    seq: Mapped[int]
    question: Mapped[Key] = mapped_column(ForeignKey("question.key"))
    person_id: Mapped[UUID | None] = mapped_column(ForeignKey("person.id"))
    choice: Mapped[Any | None] = mapped_column(Json())


class Entry(Model):
    """A dated note that adds and never overwrites: a progress update."""

    __tablename__ = "entry"
    __table_args__ = (UniqueConstraint("review_id", "seq", "question"),)

    id: Mapped[Serial]
    review_id: Mapped[UUID] = mapped_column(ForeignKey("review.id"))
    seq: Mapped[int]
    question: Mapped[Key] = mapped_column(ForeignKey("question.key"))
    body: Mapped[Prose]
    on_date: Mapped[date]
    person_id: Mapped[UUID | None] = mapped_column(ForeignKey("person.id"))
    at: Mapped[datetime]


class Approval(Model):
    """An approval given at event `seq`, in force until event `voided_seq`; nothing else of it can change."""

    __tablename__ = "approval"
    __table_args__ = (
        Index(
            "one_approval_in_force",
            "review_id",
            "step",
            unique=True,
            sqlite_where=text("voided_seq IS NULL"),
            postgresql_where=text("voided_seq IS NULL"),
        ),
        CheckConstraint("voided_seq IS NULL OR voided_seq > seq", name="voided_later"),
    )

    review_id: Mapped[UUID] = mapped_column(ForeignKey("review.id"), primary_key=True)
    seq: Mapped[int] = mapped_column(primary_key=True)
    step: Mapped[Key]
    person_id: Mapped[UUID] = mapped_column(ForeignKey("person.id"))
    role: Mapped[Key]
    answer: Mapped[Label | None]
    voided_seq: Mapped[int | None]
