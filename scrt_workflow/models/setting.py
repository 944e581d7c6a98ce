"""Settings of the service that an administrator changes while it runs."""

from typing import Any

from sqlalchemy.orm import Mapped, mapped_column

from scrt_workflow.models.columns import Json, Key, Model


class ServiceSetting(Model):
    """One setting, found by its key."""

    __tablename__ = "service_setting"

    key: Mapped[Key] = mapped_column(primary_key=True)
    value: Mapped[Any | None] = mapped_column(Json())
