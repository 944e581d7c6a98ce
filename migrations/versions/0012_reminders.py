"""Find the reminders that one e-mail tells of, and those that are not in the post; keep which e-mails people stopped."""

import sqlalchemy as sa
from alembic import op

revision = "0012"
down_revision = "0011"
branch_labels = None
depends_on = None

APPLICATION = "SELECT count(*) FROM pg_roles WHERE rolname = 'scrt_app'"


def upgrade() -> None:
    """Add the index of the ledger, and the table of what was stopped."""
    op.create_index("reminder_of_notice", "reminder_sent", ["notice_id", "recipient"])
    op.create_table(
        "mail_stopped",
        sa.Column("person_id", sa.Uuid(), sa.ForeignKey("person.id"), primary_key=True),
        sa.Column("kind", sa.Text(), sa.CheckConstraint('length("kind") <= 60', name="kind"), primary_key=True),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
    )
    bind = op.get_bind()
    if bind.dialect.name == "postgresql" and bind.scalar(sa.text(APPLICATION)):
        op.execute("GRANT SELECT, INSERT, UPDATE, DELETE ON mail_stopped TO scrt_app")


def downgrade() -> None:
    """Take both away."""
    op.drop_table("mail_stopped")
    op.drop_index("reminder_of_notice", "reminder_sent")
