"""Know each vocabulary by its title, and of each wording of a term since when it is known.

What was worded before now counts as always known. The tables are a few hundred rows: they are made anew with what they hold.
"""

from datetime import UTC, datetime
from typing import Any

import sqlalchemy as sa
from alembic import op

revision = "0008"
down_revision = "0007"
branch_labels = None
depends_on = None

ALWAYS = datetime(2013, 4, 1, tzinfo=UTC)
KEY = ["vocabulary", "code", "valid_from"]
MOMENT = sa.DateTime(timezone=True)


def upgrade() -> None:
    """Make the table of vocabularies, and that of wordings anew."""
    op.create_table("vocabulary", _words("key", 60, primary_key=True), _words("title", 300))
    rows = _wordings()
    op.drop_table("term_label")
    made = op.create_table("term_label", *_columns(), sa.Column("recorded_at", MOMENT, primary_key=True), _of_a_term())
    op.bulk_insert(made, [{**row, "recorded_at": ALWAYS} for row in rows])
    _grant("vocabulary", "term_label")


def downgrade() -> None:
    """Keep of each day the wording that was recorded last, and forget the titles."""
    rows = {tuple(row[name] for name in KEY): row for row in _wordings()}
    op.drop_table("term_label")
    op.bulk_insert(op.create_table("term_label", *_columns(), _of_a_term()), list(rows.values()))
    _grant("term_label")
    op.drop_table("vocabulary")


def _wordings() -> list[dict[str, Any]]:
    """Give the wordings that there are, those recorded last at the end."""
    newer = "recorded_at" in {column["name"] for column in sa.inspect(op.get_bind()).get_columns("term_label")}
    table = sa.table("term_label", *(sa.column(name) for name in (*KEY, "label")), sa.column("recorded_at"))
    table.c.valid_from.type = sa.Date()
    query = sa.select(*(table.c[name] for name in (*KEY, "label")))
    return [dict(row) for row in op.get_bind().execute(query.order_by(table.c.recorded_at) if newer else query).mappings()]


def _columns() -> list[sa.Column[Any]]:
    keys = [sa.Column(name, sa.Text(), primary_key=True) for name in ("vocabulary", "code")]
    return [*keys, _words("label", 300), sa.Column("valid_from", sa.Date(), primary_key=True)]


def _of_a_term() -> sa.ForeignKeyConstraint:
    return sa.ForeignKeyConstraint(["vocabulary", "code"], ["term.vocabulary", "term.code"])


def _words(name: str, length: int, **options: Any) -> sa.Column[str]:
    rule = sa.CheckConstraint(f'length("{name}") <= {length}', name=name)
    return sa.Column(name, sa.Text(), rule, **{"nullable": False} | options)


def _grant(*tables: str) -> None:
    """Let the service use what was made anew, where it has a role of its own."""
    connection = op.get_bind()
    if connection.dialect.name != "postgresql":
        return
    if connection.scalar(sa.text("SELECT count(*) FROM pg_roles WHERE rolname = 'scrt_app'")):
        for table in tables:
            op.execute(f"GRANT SELECT, INSERT, UPDATE, DELETE ON {table} TO scrt_app")
