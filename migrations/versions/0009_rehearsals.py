"""Keep the made-up reviews that administrators play through a definition: their scripts, which are played again each time."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "0009"
down_revision = "0008"
branch_labels = None
depends_on = None

JSON = sa.JSON().with_variant(postgresql.JSONB(), "postgresql")


def upgrade() -> None:
    """Make the table, and grant it to the application."""
    op.create_table(
        "rehearsal",
        sa.Column("id", sa.Uuid(), primary_key=True),
        sa.Column("person_id", sa.Uuid(), sa.ForeignKey("person.id"), nullable=False),
        sa.Column("source", sa.Text(), sa.CheckConstraint('length("source") <= 300', name="source"), nullable=False),
        sa.Column("script", JSON, nullable=False),
        sa.Column("changed_at", sa.DateTime(timezone=True), nullable=False),
    )
    op.create_index("rehearsal_of_person", "rehearsal", ["person_id", "changed_at"])
    bind = op.get_bind()
    if bind.dialect.name == "postgresql" and bind.scalar(sa.text("SELECT count(*) FROM pg_roles WHERE rolname = 'scrt_app'")):
        op.execute("GRANT SELECT, INSERT, UPDATE, DELETE ON rehearsal TO scrt_app")


def downgrade() -> None:
    """Drop the table."""
    op.drop_table("rehearsal")
