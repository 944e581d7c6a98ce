"""Keep the earliest due date of a review's running deadlines in its row; pauses and new dates are read from what happened."""

import sqlalchemy as sa
from alembic import op

revision = "0011"
down_revision = "0010"
branch_labels = None
depends_on = None

NO_DEADLINE = "9999-12-31"


def upgrade() -> None:
    """Add the column, which the job `deadlines` fills, and take away a table that nothing was ever written to."""
    op.add_column("review", sa.Column("deadline_on", sa.Date(), server_default=NO_DEADLINE, nullable=False))
    op.create_index("review_deadline", "review", ["deadline_on", "id"])
    op.drop_table("clock_change")


def downgrade() -> None:
    """Take the column away, and bring the table back."""
    op.drop_index("review_deadline", "review")
    with op.batch_alter_table("review") as review:
        review.drop_column("deadline_on")
    op.create_table(
        "clock_change",
        sa.Column("review_id", sa.Uuid(), primary_key=True),
        sa.Column("clock", sa.Text(), primary_key=True),
        sa.Column("run", sa.Integer(), primary_key=True),
        sa.Column("seq", sa.Integer(), primary_key=True),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("from_on", sa.Date(), nullable=False),
        sa.Column("to_on", sa.Date()),
        sa.Column("old_due_on", sa.Date()),
        sa.Column("new_due_on", sa.Date()),
        sa.ForeignKeyConstraint(["review_id", "clock", "run"], ["clock.review_id", "clock.clock", "clock.run"]),
    )
