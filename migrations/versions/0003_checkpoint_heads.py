"""Note with each checkpoint the head of every stream that has grown, so that the event that is gone can be named.

No checkpoint had been taken before this migration.
"""

import sqlalchemy as sa
from alembic import op

revision = "0003"
down_revision = "0002"
branch_labels = None
depends_on = None

NUMBER = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
TABLES = ("checkpoint", "checkpoint_head")


def upgrade() -> None:
    """Make both tables, to which things are only added."""
    op.drop_table("checkpoint")
    op.create_table(
        "checkpoint",
        sa.Column("id", NUMBER, sa.Identity(), primary_key=True),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("heads", sa.Integer(), nullable=False),
        _words("hash", 128),
    )
    op.create_table(
        "checkpoint_head",
        _words("stream", 300, primary_key=True),
        sa.Column("seq", sa.Integer(), primary_key=True, autoincrement=False),
        _words("hash", 128),
        sa.Column("checkpoint_id", NUMBER, sa.ForeignKey("checkpoint.id"), nullable=False),
    )
    op.create_index("heads_of_checkpoint", "checkpoint_head", ["checkpoint_id", "stream"])
    for table in TABLES:
        _only_added_to(table)


def downgrade() -> None:
    """Make the table as it was."""
    op.drop_table("checkpoint_head")
    op.drop_table("checkpoint")
    op.create_table(
        "checkpoint",
        sa.Column("at", sa.DateTime(timezone=True), primary_key=True),
        sa.Column("heads", sa.Integer(), nullable=False),
        _words("hash", 128),
    )
    _only_added_to("checkpoint")


def _words(name: str, length: int, *, primary_key: bool = False) -> sa.Column[str]:
    return sa.Column(
        name, sa.Text(), sa.CheckConstraint(f'length("{name}") <= {length}', name=name), nullable=False, primary_key=primary_key
    )


def _only_added_to(table: str) -> None:
    """Refuse changes by triggers, as 0002 does, and give the application its right to read and add."""
    bind = op.get_bind()
    if bind.dialect.name == "sqlite":
        refuse = f"BEGIN SELECT RAISE(ABORT, '{table}: what happened is never changed or deleted'); END"
        op.execute(f"CREATE TRIGGER {table}_stays BEFORE UPDATE ON {table} {refuse}")
        op.execute(f"CREATE TRIGGER {table}_kept BEFORE DELETE ON {table} {refuse}")
        return
    keep = "EXECUTE FUNCTION keep_what_happened()"
    op.execute(f"CREATE TRIGGER {table}_stays BEFORE UPDATE ON {table} FOR EACH ROW {keep}")
    op.execute(f"CREATE TRIGGER {table}_kept BEFORE DELETE ON {table} FOR EACH ROW {keep}")
    op.execute(f"CREATE TRIGGER {table}_kept_whole BEFORE TRUNCATE ON {table} FOR EACH STATEMENT {keep}")
    if bind.scalar(sa.text("SELECT count(*) FROM pg_roles WHERE rolname = 'scrt_app'")):
        op.execute(f"GRANT SELECT, INSERT ON {table} TO scrt_app")
