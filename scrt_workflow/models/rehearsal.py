"""Made-up reviews that administrators play through a definition before it is released."""

from datetime import datetime
from typing import Any
from uuid import UUID, uuid4

from sqlalchemy import ForeignKey, Index
from sqlalchemy.orm import Mapped, mapped_column

from scrt_workflow.models.columns import Json, Label, Model


class Rehearsal(Model):
    """A made-up review of one administrator: of which *source* (`version:12`), and the *script* to play."""

    __tablename__ = "rehearsal"
    __table_args__ = (Index("rehearsal_of_person", "person_id", "changed_at"),)

    id: Mapped[UUID] = mapped_column(primary_key=True, default=uuid4)
    person_id: Mapped[UUID] = mapped_column(ForeignKey("person.id"))
    source: Mapped[Label]
    script: Mapped[dict[str, Any]] = mapped_column(Json())
    changed_at: Mapped[datetime]
