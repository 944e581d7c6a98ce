"""Keep what the last tie-out found that cannot be."""

import sqlalchemy as sa
from alembic import op

revision = "0015"
down_revision = "0014"
branch_labels = None
depends_on = None

APPLICATION = "SELECT count(*) FROM pg_roles WHERE rolname = 'scrt_app'"


def upgrade() -> None:
    """Make the table."""
    op.create_table(
        "tie_out_finding",
        _words("kind", 60),
        _words("subject", 300),
        sa.Column("found_on", sa.Date(), nullable=False),
    )
    if op.get_bind().dialect.name == "postgresql" and op.get_bind().scalar(sa.text(APPLICATION)):
        op.execute("GRANT SELECT, INSERT, UPDATE, DELETE ON tie_out_finding TO scrt_app")


def downgrade() -> None:
    """Take it away."""
    op.drop_table("tie_out_finding")


def _words(name: str, length: int) -> sa.Column[str]:
    rule = sa.CheckConstraint(f'length("{name}") <= {length}', name=name)
    return sa.Column(name, sa.Text(), rule, nullable=False, primary_key=True)
