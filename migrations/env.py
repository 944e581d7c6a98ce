"""Runs the migrations for Alembic: over the connection that scrt_workflow.database lends, else one of its own."""

from alembic import context
from sqlalchemy import Connection

from scrt_workflow.database import make_engine
from scrt_workflow.models import Model
from scrt_workflow.settings import read_settings


def run(connection: Connection) -> None:
    """Run what was asked for, in the connection's own transaction."""
    context.configure(connection=connection, target_metadata=Model.metadata)
    context.run_migrations()


if lent := context.config.attributes.get("connection"):
    run(lent)
else:
    settings = read_settings()
    with make_engine(settings.migration_url or settings.database).begin() as own:
        run(own)
