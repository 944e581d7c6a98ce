"""The outbox: an e-mail is a row written with what it tells of, and sent afterwards from the row's references."""

from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import CheckConstraint, ForeignKey, Index
from sqlalchemy.orm import Mapped, mapped_column

from scrt_workflow.models.columns import Json, Key, Label, Model, OneOf, Prose, Serial, SerialOf

NOTICE_STATUSES = ("queued", "sending", "sent", "failed", "withheld")


class Notice(Model):
    """One e-mail to one person or contact. `refs` holds ids only, never a review's words; `once_key` makes it unique.

    queued → sending (leased until `lease_until` by `lease_owner`) → sent, failed (for good; `last_error` says why) or
    withheld (its reader may no longer see the review); a passing error puts it back to queued until `next_try_at`.
    """

    __tablename__ = "notice"
    __table_args__ = (
        CheckConstraint("(person_id IS NULL) <> (contact_id IS NULL)", name="one_reader"),
        Index("notice_to_send", "status", "next_try_at", "id"),
    )

    id: Mapped[Serial]
    once_key: Mapped[Label] = mapped_column(unique=True)
    message_id: Mapped[Label] = mapped_column(unique=True)
    template: Mapped[Key]
    person_id: Mapped[UUID | None] = mapped_column(ForeignKey("person.id"))
    contact_id: Mapped[SerialOf | None] = mapped_column(ForeignKey("contact.id"))
    refs: Mapped[dict[str, Any]] = mapped_column(Json(), default=dict)
    status: Mapped[str] = mapped_column(OneOf(*NOTICE_STATUSES), default="queued")
    attempt: Mapped[int] = mapped_column(default=0)
    lease_owner: Mapped[Label | None]
    lease_until: Mapped[datetime | None]
    next_try_at: Mapped[datetime]
    last_error: Mapped[Prose | None]
    queued_at: Mapped[datetime]
    sent_at: Mapped[datetime | None]


class MailStopped(Model):
    """A kind of e-mail that someone does not want any more; a key of operations.mail_choices.Mail."""

    __tablename__ = "mail_stopped"

    person_id: Mapped[UUID] = mapped_column(ForeignKey("person.id"), primary_key=True)
    kind: Mapped[Key] = mapped_column(primary_key=True)
    at: Mapped[datetime]
