"""Find quickly what was learned when; keep a rollup as it was frozen, with what it is shown with, and refuse to change it.

No rollup had been kept before this migration.
"""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects.postgresql import JSONB

revision = "0014"
down_revision = "0013"
branch_labels = None
depends_on = None

NUMBER = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
JSON = sa.JSON().with_variant(JSONB(), "postgresql")
MOMENT = sa.DateTime(timezone=True)
GIVEN_UP = sa.text("known_to IS NOT NULL")
CONVERTED = sa.text("converted_from_id IS NOT NULL")
APPLICATION = "SELECT count(*) FROM pg_roles WHERE rolname = 'scrt_app'"
FROZEN = ("rollup", "rollup_cell")


def upgrade() -> None:
    """Make the indexes, and the tables anew."""
    op.create_index("span_of_review", "span", ["review_id"])
    op.create_index("review_converted_from", "review", ["converted_from_id"], sqlite_where=CONVERTED, postgresql_where=CONVERTED)
    for table in ("span", "term_span"):
        op.create_index(f"{table}_learned", table, ["known_from"])
        op.create_index(f"{table}_given_up", table, ["known_to"], sqlite_where=GIVEN_UP, postgresql_where=GIVEN_UP)
    _drop()
    _make(sa.Column("frozen_at", MOMENT, nullable=False), sa.Column("basis", JSON, nullable=False), _words("digest", 128))
    for table in FROZEN:
        _only_added_to(table)
    _let_the_application(added_to_only=True)


def downgrade() -> None:
    """Make the tables as they were, and take the indexes away."""
    _drop()
    _make(sa.Column("frozen_at", MOMENT, nullable=True))
    _let_the_application(added_to_only=False)
    for table in ("span", "term_span"):
        op.drop_index(f"{table}_given_up", table)
        op.drop_index(f"{table}_learned", table)
    op.drop_index("review_converted_from", "review")
    op.drop_index("span_of_review", "span")


def _drop() -> None:
    op.drop_table("rollup_cell")
    op.drop_table("rollup")


def _make(*columns: sa.Column[object]) -> None:
    kinds = ("month", "quarter", "year")
    op.create_table(
        "rollup",
        sa.Column("id", NUMBER, sa.Identity(), primary_key=True),
        sa.Column("organisation", sa.Text(), sa.ForeignKey("organisation.code"), nullable=False),
        sa.Column("period_kind", sa.Text(), sa.CheckConstraint(f"period_kind IN {kinds}", name="period_kind"), nullable=False),
        _words("period", 20),
        sa.Column("known_at", MOMENT, nullable=False),
        *columns,
        sa.UniqueConstraint("organisation", "period_kind", "period"),
    )
    op.create_table(
        "rollup_cell",
        sa.Column("rollup_id", NUMBER, sa.ForeignKey("rollup.id"), primary_key=True, autoincrement=False),
        _words("measure", 60, primary_key=True),
        _words("review_type", 60, primary_key=True),
        _words("code", 20, primary_key=True),
        sa.Column("n", sa.Integer(), nullable=False),
    )


def _words(name: str, length: int, *, primary_key: bool = False) -> sa.Column[object]:
    rule = sa.CheckConstraint(f'length("{name}") <= {length}', name=name)
    return sa.Column(name, sa.Text(), rule, nullable=False, primary_key=primary_key)


def _only_added_to(table: str) -> None:
    """Refuse changes by triggers, as 0002 does; they go with the table."""
    if op.get_bind().dialect.name == "sqlite":
        refuse = f"BEGIN SELECT RAISE(ABORT, '{table}: what was frozen is never changed or deleted'); END"
        op.execute(f"CREATE TRIGGER {table}_stays BEFORE UPDATE ON {table} {refuse}")
        op.execute(f"CREATE TRIGGER {table}_kept BEFORE DELETE ON {table} {refuse}")
        return
    keep = "EXECUTE FUNCTION keep_what_happened()"
    op.execute(f"CREATE TRIGGER {table}_stays BEFORE UPDATE ON {table} FOR EACH ROW {keep}")
    op.execute(f"CREATE TRIGGER {table}_kept BEFORE DELETE ON {table} FOR EACH ROW {keep}")
    op.execute(f"CREATE TRIGGER {table}_kept_whole BEFORE TRUNCATE ON {table} FOR EACH STATEMENT {keep}")


def _let_the_application(*, added_to_only: bool) -> None:
    if op.get_bind().dialect.name == "postgresql" and op.get_bind().scalar(sa.text(APPLICATION)):
        rights = "SELECT, INSERT" if added_to_only else "SELECT, INSERT, UPDATE, DELETE"
        op.execute("REVOKE UPDATE, DELETE ON rollup, rollup_cell FROM scrt_app")
        op.execute(f"GRANT {rights} ON rollup, rollup_cell TO scrt_app")
