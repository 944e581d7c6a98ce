"""Refuse to change or delete that somebody read a review, as 0002 does for what happened. Nothing forgets these rows."""

import sqlalchemy as sa
from alembic import op

revision = "0005"
down_revision = "0004"
branch_labels = None
depends_on = None

TABLE = "access_event"
APPLICATION = "SELECT count(*) FROM pg_roles WHERE rolname = 'scrt_app'"


def upgrade() -> None:
    """Set the triggers, and leave the application its right to read and add."""
    bind = op.get_bind()
    if bind.dialect.name == "sqlite":
        refuse = f"BEGIN SELECT RAISE(ABORT, '{TABLE}: what happened is never changed or deleted'); END"
        op.execute(f"CREATE TRIGGER {TABLE}_stays BEFORE UPDATE ON {TABLE} {refuse}")
        op.execute(f"CREATE TRIGGER {TABLE}_kept BEFORE DELETE ON {TABLE} {refuse}")
        return
    keep = "EXECUTE FUNCTION keep_what_happened()"
    op.execute(f"CREATE TRIGGER {TABLE}_stays BEFORE UPDATE ON {TABLE} FOR EACH ROW {keep}")
    op.execute(f"CREATE TRIGGER {TABLE}_kept BEFORE DELETE ON {TABLE} FOR EACH ROW {keep}")
    op.execute(f"CREATE TRIGGER {TABLE}_kept_whole BEFORE TRUNCATE ON {TABLE} FOR EACH STATEMENT {keep}")
    if bind.scalar(sa.text(APPLICATION)):
        op.execute(f"REVOKE UPDATE, DELETE ON {TABLE} FROM scrt_app")


def downgrade() -> None:
    """Take the triggers away, and give the rights back."""
    bind = op.get_bind()
    postgresql = bind.dialect.name == "postgresql"
    for name in ("stays", "kept", *(("kept_whole",) if postgresql else ())):
        op.execute(f"DROP TRIGGER {TABLE}_{name}" + (f" ON {TABLE}" if postgresql else ""))
    if postgresql and bind.scalar(sa.text(APPLICATION)):
        op.execute(f"GRANT UPDATE, DELETE ON {TABLE} TO scrt_app")
