"""Keep the files of each release as they were written, make drafts of whole folders, and refuse to change what was released."""

import sqlalchemy as sa
from alembic import op

revision = "0007"
down_revision = "0006"
branch_labels = None
depends_on = None

NUMBER = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
MOMENT = sa.DateTime(timezone=True)
RELEASED = ("definition_version", "release", "release_file", "release_workflow")
MADE = ("release_file", "release_workflow")
CHANGED = ("definition_draft", "draft_file")
STAGES = ("editing", "asked", "released", "discarded")
APPLICATION = "SELECT count(*) FROM pg_roles WHERE rolname = 'scrt_app'"


def upgrade() -> None:
    """Make the tables. No draft was ever kept in the old one."""
    op.create_table(
        "release_file",
        sa.Column("release_id", NUMBER, sa.ForeignKey("release.id"), primary_key=True, autoincrement=False),
        _words("path", 300, primary_key=True),
        _words("text", 4_000_000),
    )
    op.create_table(
        "release_workflow",
        sa.Column("release_id", NUMBER, sa.ForeignKey("release.id"), primary_key=True, autoincrement=False),
        _words("workflow", 60, primary_key=True),
        sa.Column("version_id", NUMBER, sa.ForeignKey("definition_version.id"), nullable=False),
    )
    op.create_index("release_of_version", "release_workflow", ["version_id", "release_id"])
    op.drop_table("definition_draft")
    op.create_table(
        "definition_draft",
        sa.Column("id", sa.Uuid(), primary_key=True),
        _words("title", 300),
        _words("workflow", 60),
        sa.Column("stage", sa.Text(), sa.CheckConstraint(f"stage IN {STAGES}", name="stage"), nullable=False),
        sa.Column("revision", sa.Integer(), nullable=False),
        _words("reason", 20_000),
        _person("begun_by_id"),
        sa.Column("begun_at", MOMENT, nullable=False),
        _person("changed_by_id"),
        sa.Column("changed_at", MOMENT, nullable=False),
        _person("asked_by_id"),
        sa.Column("asked_at", MOMENT, nullable=True),
        sa.Column("release_id", NUMBER, sa.ForeignKey("release.id"), nullable=True),
    )
    op.create_table(
        "draft_file",
        sa.Column("draft_id", sa.Uuid(), sa.ForeignKey("definition_draft.id"), primary_key=True),
        _words("path", 300, primary_key=True),
        _words("text", 4_000_000, nullable=True),
        _words("base", 4_000_000, nullable=True),
    )
    for table in RELEASED:
        _only_added_to(table)
    if op.get_bind().dialect.name == "postgresql" and op.get_bind().scalar(sa.text(APPLICATION)):
        for table in CHANGED:
            op.execute(f"GRANT SELECT, INSERT, UPDATE, DELETE ON {table} TO scrt_app")
        for table in RELEASED:
            op.execute(f"REVOKE UPDATE, DELETE ON {table} FROM scrt_app")
            op.execute(f"GRANT SELECT, INSERT ON {table} TO scrt_app")


def downgrade() -> None:
    """Make the old table again, and take the new ones and the triggers away."""
    bind = op.get_bind()
    postgresql = bind.dialect.name == "postgresql"
    for table in (name for name in RELEASED if name not in MADE):
        for name in ("stays", "kept", *(("kept_whole",) if postgresql else ())):
            op.execute(f"DROP TRIGGER {table}_{name}" + (f" ON {table}" if postgresql else ""))
        if postgresql and bind.scalar(sa.text(APPLICATION)):
            op.execute(f"GRANT UPDATE, DELETE ON {table} TO scrt_app")
    for table in ("draft_file", "definition_draft", "release_workflow", "release_file"):
        op.drop_table(table)
    op.create_table(
        "definition_draft",
        _words("workflow", 60, primary_key=True),
        _words("bundle", 4_000_000),
        sa.Column("revision", sa.Integer(), nullable=False),
        sa.Column("based_on_id", NUMBER, sa.ForeignKey("definition_version.id"), nullable=True),
        _person("changed_by_id"),
    )


def _words(name: str, length: int, *, primary_key: bool = False, nullable: bool = False) -> sa.Column[str]:
    rule = sa.CheckConstraint(f'length("{name}") <= {length}', name=name)
    return sa.Column(name, sa.Text(), rule, nullable=nullable, primary_key=primary_key)


def _person(name: str) -> sa.Column[object]:
    return sa.Column(name, sa.Uuid(), sa.ForeignKey("person.id"), nullable=True)


def _only_added_to(table: str) -> None:
    """Refuse changes by triggers, as 0002 does."""
    if op.get_bind().dialect.name == "sqlite":
        refuse = f"BEGIN SELECT RAISE(ABORT, '{table}: what was released is never changed or deleted'); END"
        op.execute(f"CREATE TRIGGER {table}_stays BEFORE UPDATE ON {table} {refuse}")
        op.execute(f"CREATE TRIGGER {table}_kept BEFORE DELETE ON {table} {refuse}")
        return
    keep = "EXECUTE FUNCTION keep_what_happened()"
    op.execute(f"CREATE TRIGGER {table}_stays BEFORE UPDATE ON {table} FOR EACH ROW {keep}")
    op.execute(f"CREATE TRIGGER {table}_kept BEFORE DELETE ON {table} FOR EACH ROW {keep}")
    op.execute(f"CREATE TRIGGER {table}_kept_whole BEFORE TRUNCATE ON {table} FOR EACH STATEMENT {keep}")
