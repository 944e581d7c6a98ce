"""Keep which jobs administrators have paused, and which runs they have asked for."""

import sqlalchemy as sa
from alembic import op

revision = "0016"
down_revision = "0015"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Make both tables, and grant them to the application."""
    reason = sa.Column("reason", sa.Text(), sa.CheckConstraint('length("reason") <= 20000', name="reason"), nullable=False)
    _make("job_pause", "paused_by_id", "paused_at", reason)
    _make("job_wish", "asked_by_id", "asked_at")
    bind = op.get_bind()
    if bind.dialect.name == "postgresql" and bind.scalar(sa.text("SELECT count(*) FROM pg_roles WHERE rolname = 'scrt_app'")):
        op.execute("GRANT SELECT, INSERT, UPDATE, DELETE ON job_pause, job_wish TO scrt_app")


def downgrade() -> None:
    """Drop both."""
    op.drop_table("job_wish")
    op.drop_table("job_pause")


def _make(table: str, by: str, at: str, *more: sa.Column[str]) -> None:
    job = sa.Column("job", sa.Text(), sa.CheckConstraint('length("job") <= 60', name="job"), primary_key=True)
    person = sa.Column(by, sa.Uuid(), sa.ForeignKey("person.id"), nullable=False)
    op.create_table(table, job, person, sa.Column(at, sa.DateTime(timezone=True), nullable=False), *more)
