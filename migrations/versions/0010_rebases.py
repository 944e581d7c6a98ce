"""Keep how far a rebase is carried out, why a review was not moved, and the due dates that moved reviews keep.

No rebase had been made before this migration, and no clock kept.
"""

from typing import Any

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.types import TypeEngine

revision = "0010"
down_revision = "0009"
branch_labels = None
depends_on = None

NUMBER = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
JSON = sa.JSON().with_variant(JSONB(), "postgresql")
MOMENT = sa.DateTime(timezone=True)
UNDER_WAY = sa.text("status IN ('running', 'standing', 'undoing')")
APPLICATION = "SELECT count(*) FROM pg_roles WHERE rolname = 'scrt_app'"


def upgrade() -> None:
    """Make both tables anew."""
    _drop()
    statuses = ("planned", "running", "standing", "done", "undoing", "undone")
    _rebase(
        _one_of("mode", "now", "at_next_step"),
        _one_of("status", *statuses),
        _reference("started_by_id", "person.id", sa.Uuid(), nullable=True),
        sa.Column("at", MOMENT, nullable=False),
        sa.Column("began_at", MOMENT),
        sa.Column("ended_at", MOMENT),
        _reference("undone_by_id", "person.id", sa.Uuid(), nullable=True),
    )
    op.create_index(
        "one_rebase_under_way",
        "rebase",
        ["from_version_id"],
        unique=True,
        sqlite_where=UNDER_WAY,
        postgresql_where=UNDER_WAY,
    )
    op.create_index("rebase_to", "rebase", ["to_version_id"])
    outcomes = ("waiting", "moved", "blocked", "passed_by", "undone", "left")
    _item(_one_of("outcome", *outcomes), _words("said", 20_000))
    op.create_index("rebase_item_waiting", "rebase_item", ["rebase_id", "outcome", "review_id"])
    _let_the_application_in()


def downgrade() -> None:
    """Make both tables as they were."""
    _drop()
    started = _reference("started_by_id", "person.id", sa.Uuid(), nullable=True)
    _rebase(_one_of("mode", "dry_run", "batch", "undo"), started, sa.Column("at", MOMENT, nullable=False))
    _item(_words("outcome", 60))
    _let_the_application_in()


def _drop() -> None:
    op.drop_table("rebase_item")
    op.drop_table("rebase")


def _rebase(*columns: sa.Column[Any]) -> None:
    op.create_table(
        "rebase",
        sa.Column("id", NUMBER, sa.Identity(), primary_key=True),
        _reference("from_version_id", "definition_version.id", NUMBER),
        _reference("to_version_id", "definition_version.id", NUMBER),
        sa.Column("plan", JSON, nullable=False),
        *columns,
    )


def _item(*columns: sa.Column[Any]) -> None:
    op.create_table(
        "rebase_item",
        _reference("rebase_id", "rebase.id", NUMBER, primary_key=True, autoincrement=False),
        _reference("review_id", "review.id", sa.Uuid(), primary_key=True),
        *columns,
        sa.Column("before_seq", sa.Integer(), nullable=False),
        sa.Column("done_seq", sa.Integer()),
        sa.Column("undone_seq", sa.Integer()),
    )


def _reference(name: str, to: str, kind: TypeEngine[Any], **options: Any) -> sa.Column[Any]:
    return sa.Column(name, kind, sa.ForeignKey(to), **{"nullable": False} | options)


def _words(name: str, length: int) -> sa.Column[str]:
    return sa.Column(name, sa.Text(), sa.CheckConstraint(f'length("{name}") <= {length}', name=name), nullable=False)


def _one_of(name: str, *words: str) -> sa.Column[str]:
    listed = ", ".join(f"'{word}'" for word in words)
    return sa.Column(name, sa.Text(), sa.CheckConstraint(f"{name} IN ({listed})", name=name), nullable=False)


def _let_the_application_in() -> None:
    bind = op.get_bind()
    if bind.dialect.name == "postgresql" and bind.scalar(sa.text(APPLICATION)):
        op.execute("GRANT SELECT, INSERT, UPDATE, DELETE ON rebase, rebase_item TO scrt_app")
