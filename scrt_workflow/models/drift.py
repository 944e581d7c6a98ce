"""How far a database is from the models: what `make check` asks."""

from alembic.autogenerate import compare_metadata
from alembic.runtime.migration import MigrationContext
from sqlalchemy import CheckConstraint, Engine, inspect

from scrt_workflow.models.columns import Model


def pending_changes(engine: Engine) -> list[str]:
    """Say each difference between the models and the database at *engine*, a line each; none means that they agree.

    CHECK constraints, which Alembic does not compare, are compared by name.
    """
    with engine.connect() as connection:
        context = MigrationContext.configure(connection)
        changes = [str(change) for change in compare_metadata(context, Model.metadata)]
    for name, table in sorted(Model.metadata.tables.items()):
        if inspect(engine).has_table(name):
            there = {str(check["name"]) for check in inspect(engine).get_check_constraints(name)}
            wanted = {str(check.name) for check in table.constraints if isinstance(check, CheckConstraint)}
            changes += [f"the models have no check {check}" for check in sorted(there - wanted)]
            changes += [f"the migrations make no check {check}" for check in sorted(wanted - there)]
    return changes
