"""Keep a move that was followed by another on the same day, and say which question gave a term and what ended it.

A span of no days covers no day, and nothing counts it; but while it was left out, a correction of either day could not find it.
"""

import sqlalchemy as sa
from alembic import op

revision = "0004"
down_revision = "0003"
branch_labels = None
depends_on = None

DAY = sa.Date()
MOMENT = sa.DateTime(timezone=True)
NUMBER = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
STATUS = "status IN ('open', 'closed', 'nothing')"
KNOWN_NOW = sa.text("known_to IS NULL")
KNOWN_AND_COVERING = sa.text("known_to IS NULL AND (to_on IS NULL OR from_on < to_on)")
SPAN = "id, review_id, from_on, to_on, organisation, workflow, review_type, status, state, known_from, known_to, event_id"
TERM_SPAN = "id, review_id, vocabulary, code, rank, from_on, to_on, known_from, known_to, event_id"


def upgrade() -> None:
    """Change both tables; the questions of the shipped definitions that had terms are called like their vocabularies."""
    op.drop_index("one_span_a_day_as_known", "span")
    op.drop_index("one_term_as_known", "term_span")
    if op.get_bind().dialect.name == "sqlite":
        op.drop_index("span_month_end", "span")
        op.drop_index("term_span_of_review", "term_span")
        _made_anew("span", SPAN, SPAN, _span("from_on <= to_on"))
        _made_anew("term_span", f"{TERM_SPAN}, question", f"{TERM_SPAN}, vocabulary", _term_span())
        op.create_index("span_month_end", "span", ["organisation", "from_on", "to_on"])
        op.create_index("term_span_of_review", "term_span", ["review_id", "vocabulary"])
    else:
        for table in ("span", "term_span"):
            _check(table, "period", "to_on IS NULL OR from_on <= to_on")
        op.add_column("term_span", sa.Column("question", sa.Text(), nullable=True))
        op.execute("UPDATE term_span SET question = vocabulary")
        op.alter_column("term_span", "question", nullable=False)
        op.create_check_constraint("question", "term_span", 'length("question") <= 60')
        _check("term_span", "code", 'length("code") <= 60')
        op.add_column("term_span", sa.Column("ended_by_id", NUMBER, sa.ForeignKey("event.id"), nullable=True))
    _index(KNOWN_AND_COVERING, "question")


def downgrade() -> None:
    """Forget the moves of one day, and change both tables back."""
    op.drop_index("one_span_a_day_as_known", "span")
    op.drop_index("one_term_as_known", "term_span")
    for table in ("span", "term_span"):
        op.execute(f"DELETE FROM {table} WHERE from_on = to_on")  # noqa: S608 - our own names
    op.execute("DELETE FROM term_span WHERE length(code) > 20 OR vocabulary = ''")
    if op.get_bind().dialect.name == "sqlite":
        op.drop_index("span_month_end", "span")
        op.drop_index("term_span_of_review", "term_span")
        _made_anew("span", SPAN, SPAN, _span("from_on < to_on"))
        _made_anew("term_span", TERM_SPAN, TERM_SPAN, _term_span_before())
        op.create_index("span_month_end", "span", ["organisation", "from_on", "to_on"])
        op.create_index("term_span_of_review", "term_span", ["review_id", "vocabulary"])
    else:
        for table in ("span", "term_span"):
            _check(table, "period", "to_on IS NULL OR from_on < to_on")
        _check("term_span", "code", 'length("code") <= 20')
        op.drop_column("term_span", "question")
        op.drop_column("term_span", "ended_by_id")
    _index(KNOWN_NOW, "vocabulary")


def _index(known: sa.TextClause, of_term: str) -> None:
    for name, table, columns in (
        ("one_span_a_day_as_known", "span", ["review_id", "from_on"]),
        ("one_term_as_known", "term_span", ["review_id", of_term, "code", "from_on"]),
    ):
        op.create_index(name, table, columns, unique=True, sqlite_where=known, postgresql_where=known)


def _check(table: str, name: str, rule: str) -> None:
    """Change the rule of this name."""
    op.drop_constraint(op.f(f"ck_{table}_{name}"), table)
    op.create_check_constraint(name, table, rule)


def _made_anew(table: str, columns: str, from_columns: str, parts: list[sa.schema.SchemaItem]) -> None:
    """Make *table* of *parts*, with its rows: SQLite cannot change the rules of a table that is there."""
    op.rename_table(table, f"{table}_before")
    op.create_table(table, *parts)
    op.execute(f"INSERT INTO {table} ({columns}) SELECT {from_columns} FROM {table}_before")  # noqa: S608 - our own names
    op.drop_table(f"{table}_before")


def _span(period: str) -> list[sa.schema.SchemaItem]:
    return [
        *_which(),
        *_days(period),
        _words("organisation", 20),
        _words("workflow", 60),
        _words("review_type", 60, nullable=True),
        sa.Column("status", sa.Text(), sa.CheckConstraint(STATUS, name="status"), nullable=False),
        _words("state", 60),
    ]


def _term_span() -> list[sa.schema.SchemaItem]:
    return [
        *_which(),
        *_days("from_on <= to_on"),
        _words("question", 60),
        _words("vocabulary", 60),
        _words("code", 60),
        sa.Column("rank", sa.Integer(), nullable=False),
        sa.Column("ended_by_id", NUMBER, sa.ForeignKey("event.id"), nullable=True),
    ]


def _term_span_before() -> list[sa.schema.SchemaItem]:
    return [
        *_which(),
        *_days("from_on < to_on"),
        _words("vocabulary", 60),
        _words("code", 20),
        sa.Column("rank", sa.Integer(), nullable=False),
    ]


def _which() -> list[sa.schema.SchemaItem]:
    return [
        sa.Column("id", NUMBER, sa.Identity(), primary_key=True, nullable=False),
        sa.Column("review_id", sa.Uuid(), sa.ForeignKey("review.id"), nullable=False),
        sa.Column("event_id", NUMBER, sa.ForeignKey("event.id"), nullable=False),
    ]


def _days(period: str) -> list[sa.schema.SchemaItem]:
    return [
        sa.Column("from_on", DAY, nullable=False),
        sa.Column("to_on", DAY, nullable=True),
        sa.Column("known_from", MOMENT, nullable=False),
        sa.Column("known_to", MOMENT, nullable=True),
        sa.CheckConstraint("known_to IS NULL OR known_from <= known_to", name="known"),
        sa.CheckConstraint(f"to_on IS NULL OR {period}", name="period"),
    ]


def _words(name: str, length: int, *, nullable: bool = False) -> sa.Column[str]:
    return sa.Column(name, sa.Text(), sa.CheckConstraint(f'length("{name}") <= {length}', name=name), nullable=nullable)
