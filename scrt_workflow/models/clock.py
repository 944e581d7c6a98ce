"""Due dates that reviews keep, and the reminders that were sent."""

from datetime import date
from uuid import UUID

from sqlalchemy import ForeignKey, Index, text
from sqlalchemy.orm import Mapped, mapped_column

from scrt_workflow.models.columns import Key, Label, Model, SerialOf

RUNNING = text("stopped_on IS NULL")


class ClockRun(Model):
    """The dates of a clock that a review keeps from event number `run` on; stopped, its rule counts again."""

    __tablename__ = "clock"
    __table_args__ = (Index("clock_due", "due_on", sqlite_where=RUNNING, postgresql_where=RUNNING),)

    review_id: Mapped[UUID] = mapped_column(ForeignKey("review.id"), primary_key=True)
    clock: Mapped[Key] = mapped_column(primary_key=True)
    run: Mapped[int] = mapped_column(primary_key=True)
    started_on: Mapped[date]
    due_on: Mapped[date | None]
    stopped_on: Mapped[date | None]


class ReminderSent(Model):
    """The ledger of reminders: the `number`-th of a cycle, and to whom (a person's id); without a notice it is still to be sent.

    `since_seq` is the event that the cycle began at or, for a deadline, the number of the day on which it is due.
    """

    __tablename__ = "reminder_sent"
    __table_args__ = (Index("reminder_of_notice", "notice_id", "recipient"),)

    review_id: Mapped[UUID] = mapped_column(ForeignKey("review.id"), primary_key=True)
    reminder: Mapped[Key] = mapped_column(primary_key=True)
    since_seq: Mapped[int] = mapped_column(primary_key=True)
    number: Mapped[int] = mapped_column(primary_key=True)
    recipient: Mapped[Label] = mapped_column(primary_key=True)
    on_date: Mapped[date]
    manual: Mapped[bool] = mapped_column(default=False)
    notice_id: Mapped[SerialOf | None] = mapped_column(ForeignKey("notice.id"))
