"""Refuse to change or delete what happened, whoever asks.

Both databases answer with an integrity error. An event's body may be emptied once (a redaction names the event that
says why), and an approval may be voided once; nothing else of them may change.
"""

from alembic import op

revision = "0002"
down_revision = "0001"
branch_labels = None
depends_on = None

# Table: the one change that it allows. Written so that no comparison can be NULL, which would count as allowed.
ALLOWED = {
    "answer_change": "false",
    "approval": """
        OLD.voided_seq IS NULL AND NEW.voided_seq IS NOT NULL
        AND NEW.review_id = OLD.review_id AND NEW.seq = OLD.seq AND NEW.step = OLD.step
        AND NEW.person_id = OLD.person_id AND NEW.role = OLD.role
        AND coalesce(NEW.answer, '') = coalesce(OLD.answer, '')
    """,
    "checkpoint": "false",
    "event": "false",
    "event_body": """
        OLD.redacted_by_id IS NULL AND NEW.redacted_by_id IS NOT NULL
        AND NEW.event_id = OLD.event_id AND NEW.salt IS NULL AND NEW.body IS NULL
    """,
}


def upgrade() -> None:
    """Set the triggers."""
    if op.get_bind().dialect.name == "sqlite":
        for table, allowed in ALLOWED.items():
            refuse = f"BEGIN SELECT RAISE(ABORT, '{table}: what happened is never changed or deleted'); END"
            op.execute(f"CREATE TRIGGER {table}_stays BEFORE UPDATE ON {table} WHEN NOT ({allowed}) {refuse}")
            op.execute(f"CREATE TRIGGER {table}_kept BEFORE DELETE ON {table} {refuse}")
        return
    op.execute(
        """
        CREATE FUNCTION keep_what_happened() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN
            RAISE EXCEPTION '%: what happened is never changed or deleted', TG_TABLE_NAME USING ERRCODE = '23001';
        END $$
        """
    )
    for table, allowed in ALLOWED.items():
        keep = "EXECUTE FUNCTION keep_what_happened()"
        op.execute(f"CREATE TRIGGER {table}_stays BEFORE UPDATE ON {table} FOR EACH ROW WHEN (NOT ({allowed})) {keep}")
        op.execute(f"CREATE TRIGGER {table}_kept BEFORE DELETE ON {table} FOR EACH ROW {keep}")
        op.execute(f"CREATE TRIGGER {table}_kept_whole BEFORE TRUNCATE ON {table} FOR EACH STATEMENT {keep}")


def downgrade() -> None:
    """Take the triggers away."""
    postgresql = op.get_bind().dialect.name == "postgresql"
    for table in ALLOWED:
        for name in ("stays", "kept", *(("kept_whole",) if postgresql else ())):
            op.execute(f"DROP TRIGGER {table}_{name}" + (f" ON {table}" if postgresql else ""))
    if postgresql:
        op.execute("DROP FUNCTION keep_what_happened()")
