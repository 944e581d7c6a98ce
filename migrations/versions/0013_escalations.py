"""Keep which escalations of reviews wait to be acknowledged, and the ledger of who was told when."""

from typing import Any

import sqlalchemy as sa
from alembic import op
from sqlalchemy.types import TypeEngine

revision = "0013"
down_revision = "0012"
branch_labels = None
depends_on = None

NUMBER = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
MOMENT = sa.DateTime(timezone=True)
ENDS = "'acknowledged', 'dropped', 'fell', 'rose', 'withdrawn'"
WAITING = sa.text("ended IS NULL")
APPLICATION = "SELECT count(*) FROM pg_roles WHERE rolname = 'scrt_app'"


def upgrade() -> None:
    """Make both tables, and grant them to the application."""
    op.create_table(
        "escalation",
        _reference("review_id", "review.id", sa.Uuid(), primary_key=True),
        _words("escalation", 60, primary_key=True),
        sa.Column("since_seq", sa.Integer(), primary_key=True, autoincrement=False),
        sa.Column("began_at", MOMENT, nullable=False),
        sa.Column("number", sa.Integer(), nullable=False),
        sa.Column("raised_at", MOMENT, nullable=False),
        sa.Column("next_at", MOMENT, nullable=False),
        sa.Column("ended", sa.Text(), sa.CheckConstraint(f"ended IN ({ENDS})", name="ended")),
        sa.Column("ended_seq", sa.Integer()),
        sa.CheckConstraint("(ended IS NULL) = (ended_seq IS NULL)", name="ended_by"),
    )
    for name, columns, unique in (
        ("escalation_waiting", ["review_id", "escalation"], True),
        ("escalation_to_raise", ["next_at"], False),
    ):
        op.create_index(name, "escalation", columns, unique=unique, sqlite_where=WAITING, postgresql_where=WAITING)
    op.create_table(
        "escalation_told",
        sa.Column("review_id", sa.Uuid(), primary_key=True),
        sa.Column("escalation", sa.Text(), primary_key=True),
        sa.Column("since_seq", sa.Integer(), primary_key=True, autoincrement=False),
        sa.Column("number", sa.Integer(), primary_key=True, autoincrement=False),
        _words("recipient", 300, primary_key=True),
        _words("post", 60, primary_key=True),
        sa.Column("at", MOMENT, nullable=False),
        _reference("notice_id", "notice.id", NUMBER, nullable=True),
        sa.ForeignKeyConstraint(
            ["review_id", "escalation", "since_seq"],
            ["escalation.review_id", "escalation.escalation", "escalation.since_seq"],
        ),
    )
    bind = op.get_bind()
    if bind.dialect.name == "postgresql" and bind.scalar(sa.text(APPLICATION)):
        op.execute("GRANT SELECT, INSERT, UPDATE, DELETE ON escalation, escalation_told TO scrt_app")


def downgrade() -> None:
    """Drop both tables."""
    op.drop_table("escalation_told")
    op.drop_table("escalation")


def _reference(name: str, to: str, kind: TypeEngine[Any], **options: Any) -> sa.Column[Any]:
    return sa.Column(name, kind, sa.ForeignKey(to), **{"nullable": False} | options)


def _words(name: str, length: int, **options: Any) -> sa.Column[str]:
    check = sa.CheckConstraint(f'length("{name}") <= {length}', name=name)
    return sa.Column(name, sa.Text(), check, nullable=False, **options)
