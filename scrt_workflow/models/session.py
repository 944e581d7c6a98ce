"""Sign-in sessions and the count of guesses: kept in the database, so that every web process agrees."""

from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import ForeignKey, Index
from sqlalchemy.orm import Mapped, mapped_column

from scrt_workflow.models.columns import Digest, Json, Key, Label, Model


class WebSession(Model):
    """A browser's session, found by the hash of the secret in its cookie; dead when `epoch` is not its person's."""

    __tablename__ = "web_session"
    __table_args__ = (Index("web_session_of_person", "person_id"), Index("web_session_last_seen", "last_seen_at"))

    id_hash: Mapped[Digest] = mapped_column(primary_key=True)
    person_id: Mapped[UUID | None] = mapped_column(ForeignKey("person.id"))
    epoch: Mapped[int | None]
    created_at: Mapped[datetime]
    last_seen_at: Mapped[datetime]
    mfa_at: Mapped[datetime | None]
    method: Mapped[Key | None]
    body: Mapped[dict[str, Any]] = mapped_column(Json(), default=dict)


class Attempt(Model):
    """How often something was tried in the time that begins at `window`; reserved before the secret is checked."""

    __tablename__ = "attempt"
    __table_args__ = (Index("attempt_window", "window"),)

    key: Mapped[Label] = mapped_column(primary_key=True)
    window: Mapped[datetime] = mapped_column(primary_key=True)
    n: Mapped[int]
