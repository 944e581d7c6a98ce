"""Find the newest reviews of all without sorting them: by their last update, and by the day since which they are at a stage."""

from alembic import op

revision = "0006"
down_revision = "0005"
branch_labels = None
depends_on = None

INDEXES = {"review_newest": ["last_update_on", "id"], "review_since": ["state_since", "id"]}


def upgrade() -> None:
    """Add both indexes."""
    for name, columns in INDEXES.items():
        op.create_index(name, "review", columns)


def downgrade() -> None:
    """Take them away."""
    for name in INDEXES:
        op.drop_index(name, "review")
