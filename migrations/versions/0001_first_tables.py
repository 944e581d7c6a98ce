"""Make the tables, and the role that the service uses them as.

The migrating role owns everything. Where it may make roles (PostgreSQL only) it makes `scrt_app`, which nobody signs in
as: give the service's own login that role (`GRANT scrt_app TO …`). It may read and write, but not change what happened.
"""

from typing import Any

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.types import TypeEngine

revision = "0001"
down_revision = None
branch_labels = None
depends_on = None

TABLES = (
    "organisation",
    "organisation_parent",
    "organisation_succession",
    "contact",
    "person",
    "person_identity",
    "membership",
    "web_session",
    "attempt",
    "question",
    "release",
    "definition_version",
    "definition_retirement",
    "definition_draft",
    "term",
    "term_label",
    "term_succession",
    "review",
    "identifier",
    "answer",
    "answer_change",
    "entry",
    "approval",
    "event",
    "event_body",
    "checkpoint",
    "access_event",
    "span",
    "term_span",
    "month_change",
    "rollup",
    "rollup_cell",
    "notice",
    "clock",
    "clock_change",
    "reminder_sent",
    "job_run",
    "heartbeat",
    "idempotency",
    "draft",
    "rebase",
    "rebase_item",
    "service_setting",
)

# What happened is read and added to; an approval can only be voided. 0002 holds the owner to the same by triggers.
ADDED_TO_ONLY = ("event", "event_body", "answer_change", "checkpoint")
RIGHTS = dict.fromkeys(TABLES, "SELECT, INSERT, UPDATE, DELETE")
RIGHTS |= dict.fromkeys(ADDED_TO_ONLY, "SELECT, INSERT")
RIGHTS |= {"approval": "SELECT, INSERT, UPDATE (voided_seq)", "alembic_version": "SELECT"}

DAY = sa.Date()
FLAG = sa.Boolean()
JSON = sa.JSON().with_variant(JSONB(), "postgresql")
MOMENT = sa.DateTime(timezone=True)
NUMBER = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
TEXT = sa.Text()
UUID = sa.Uuid()
WHOLE = sa.Integer()


def upgrade() -> None:
    """Make everything."""
    _organisations_and_people()
    _definitions()
    _reviews()
    _events()
    _numbers()
    _time()
    _requests_and_rebases()
    if op.get_bind().dialect.name == "postgresql":
        _application_role()


def downgrade() -> None:
    """Drop every table; the role stays, since other databases of the same server may use it."""
    for table in reversed(TABLES):
        op.drop_table(table)


def _application_role() -> None:
    op.execute(
        """
        DO $$ BEGIN
            IF NOT EXISTS (SELECT FROM pg_roles WHERE rolname = 'scrt_app') THEN
                CREATE ROLE scrt_app NOLOGIN NOSUPERUSER NOBYPASSRLS NOCREATEDB NOCREATEROLE;
            END IF;
        EXCEPTION
            WHEN duplicate_object OR unique_violation THEN NULL; -- another database is being migrated at the same time
            WHEN insufficient_privilege THEN
                RAISE NOTICE 'The role scrt_app was not made: % may not make roles.', current_user;
        END $$
        """
    )
    bind = op.get_bind()
    if not bind.scalar(sa.text("SELECT count(*) FROM pg_roles WHERE rolname = 'scrt_app'")):
        return
    schema = bind.dialect.identifier_preparer.quote(bind.scalar(sa.text("SELECT current_schema()")))
    op.execute(f"GRANT USAGE ON SCHEMA {schema} TO scrt_app")
    for table, rights in RIGHTS.items():
        op.execute(f"GRANT {rights} ON {table} TO scrt_app")


def _column(name: str, kind: TypeEngine[Any], *parts: Any, to: str = "", **options: Any) -> sa.Column[Any]:
    references = [sa.ForeignKey(to)] if to else []
    return sa.Column(name, kind, *parts, *references, **{"nullable": False} | options)


def _serial() -> sa.Column[int]:
    return _column("id", NUMBER, sa.Identity(), primary_key=True)


def _words(name: str, length: int, **options: Any) -> sa.Column[str]:
    return _column(name, TEXT, sa.CheckConstraint(f'length("{name}") <= {length}', name=name), **options)


def _one_of(name: str, *words: str) -> sa.Column[str]:
    listed = ", ".join(f"'{word}'" for word in words)
    return _column(name, TEXT, sa.CheckConstraint(f"{name} IN ({listed})", name=name))


def _organisations_and_people() -> None:
    """Make who there is, and who may sign in."""
    op.create_table(
        "organisation",
        _words("code", 20, primary_key=True),
        _one_of("kind", "england", "region", "icb", "ccg"),
        _words("name", 300),
        _column("valid_from", DAY),
        _column("valid_to", DAY, nullable=True),
        sa.CheckConstraint("valid_to IS NULL OR valid_from <= valid_to", name="period"),
    )
    op.create_table(
        "organisation_parent",
        _column("code", TEXT, to="organisation.code", primary_key=True),
        _column("parent", TEXT, to="organisation.code"),
        _column("valid_from", DAY, primary_key=True),
        _column("valid_to", DAY, nullable=True),
        sa.CheckConstraint("valid_to IS NULL OR valid_from <= valid_to", name="period"),
    )
    op.create_index("organisation_children", "organisation_parent", ["parent", "valid_from"])
    op.create_table(
        "organisation_succession",
        _column("predecessor", TEXT, to="organisation.code", primary_key=True),
        _column("successor", TEXT, to="organisation.code", primary_key=True),
        _column("effective_on", DAY, primary_key=True),
        _words("kind", 60),
        _words("territory", 300),
    )
    op.create_index("organisation_predecessors", "organisation_succession", ["successor"])
    op.create_table(
        "contact",
        _serial(),
        _column("organisation", TEXT, to="organisation.code"),
        _words("post", 60),
        _words("email", 300),
        _column("valid_from", DAY),
        _column("valid_to", DAY, nullable=True),
        sa.CheckConstraint("valid_to IS NULL OR valid_from <= valid_to", name="period"),
    )
    op.create_index("contact_of_organisation", "contact", ["organisation", "post"])
    op.create_table(
        "person",
        _column("id", UUID, primary_key=True),
        _words("email_key", 300),
        _words("name", 300),
        _words("password_hash", 300, nullable=True),
        _column("session_epoch", WHOLE),
        _column("disabled_at", MOMENT, nullable=True),
        sa.UniqueConstraint("email_key"),
    )
    op.create_table(
        "person_identity",
        _words("issuer", 300, primary_key=True),
        _words("subject", 300, primary_key=True),
        _column("person_id", UUID, to="person.id"),
    )
    op.create_index("identity_of_person", "person_identity", ["person_id"])
    op.create_table(
        "membership",
        _column("id", UUID, primary_key=True),
        _column("person_id", UUID, to="person.id"),
        _words("role", 60),
        _column("organisation", TEXT, to="organisation.code"),
        _column("valid_from", DAY),
        _column("valid_to", DAY, nullable=True),
        _column("lent_from_id", UUID, to="membership.id", nullable=True),
        _column("granted_by_id", UUID, to="person.id", nullable=True),
        sa.CheckConstraint("valid_to IS NULL OR valid_from <= valid_to", name="period"),
        sa.UniqueConstraint("person_id", "role", "organisation", "valid_from"),
    )
    op.create_index("membership_of_organisation", "membership", ["organisation", "role"])
    op.create_table(
        "web_session",
        _words("id_hash", 128, primary_key=True),
        _column("person_id", UUID, to="person.id", nullable=True),
        _column("epoch", WHOLE, nullable=True),
        _column("created_at", MOMENT),
        _column("last_seen_at", MOMENT),
        _column("mfa_at", MOMENT, nullable=True),
        _words("method", 60, nullable=True),
        _column("body", JSON),
    )
    op.create_index("web_session_last_seen", "web_session", ["last_seen_at"])
    op.create_index("web_session_of_person", "web_session", ["person_id"])
    op.create_table(
        "attempt",
        _words("key", 300, primary_key=True),
        _column("window", MOMENT, primary_key=True),
        _column("n", WHOLE),
    )
    op.create_index("attempt_window", "attempt", ["window"])


def _definitions() -> None:
    """Make what says what may be asked and done."""
    op.create_table(
        "question",
        _words("key", 60, primary_key=True),
        _words("type", 60),
    )
    op.create_table(
        "release",
        _serial(),
        _column("drafted_by_id", UUID, to="person.id", nullable=True),
        _column("approved_by_id", UUID, to="person.id", nullable=True),
        _words("reason", 20000),
        _column("at", MOMENT),
        sa.CheckConstraint("approved_by_id IS NULL OR approved_by_id <> drafted_by_id", name="two_people"),
    )
    op.create_table(
        "definition_version",
        _serial(),
        _words("workflow", 60),
        _column("number", WHOLE),
        _words("bundle", 4000000),
        _words("hash", 128),
        _column("release_id", NUMBER, to="release.id"),
        sa.UniqueConstraint("workflow", "number"),
    )
    op.create_index("definition_by_hash", "definition_version", ["workflow", "hash"])
    op.create_table(
        "definition_retirement",
        _column("version_id", NUMBER, to="definition_version.id", primary_key=True, autoincrement=False),
        _column("at", MOMENT),
        _column("by_id", UUID, to="person.id", nullable=True),
    )
    op.create_table(
        "definition_draft",
        _words("workflow", 60, primary_key=True),
        _words("bundle", 4000000),
        _column("revision", WHOLE),
        _column("based_on_id", NUMBER, to="definition_version.id", nullable=True),
        _column("changed_by_id", UUID, to="person.id", nullable=True),
    )
    op.create_table(
        "term",
        _words("vocabulary", 60, primary_key=True),
        _words("code", 20, primary_key=True),
        _column("valid_from", DAY),
        _column("valid_to", DAY, nullable=True),
        _words("grouped_as", 60, nullable=True),
        sa.CheckConstraint("valid_to IS NULL OR valid_from <= valid_to", name="period"),
    )
    op.create_table(
        "term_label",
        _column("vocabulary", TEXT, primary_key=True),
        _column("code", TEXT, primary_key=True),
        _words("label", 300),
        _column("valid_from", DAY, primary_key=True),
        sa.ForeignKeyConstraint(["vocabulary", "code"], ["term.vocabulary", "term.code"]),
    )
    op.create_table(
        "term_succession",
        _column("vocabulary", TEXT, primary_key=True),
        _column("code", TEXT, primary_key=True),
        _column("successor", TEXT, primary_key=True),
        _column("effective_on", DAY),
        _words("kind", 60),
        sa.ForeignKeyConstraint(["vocabulary", "code"], ["term.vocabulary", "term.code"]),
        sa.ForeignKeyConstraint(["vocabulary", "successor"], ["term.vocabulary", "term.code"]),
    )


def _reviews() -> None:
    """Make a review as it is now."""
    op.create_table(
        "review",
        _column("id", UUID, primary_key=True),
        _words("reference", 20),
        _column("definition_version_id", NUMBER, to="definition_version.id"),
        _words("workflow", 60),
        _words("state", 60),
        _one_of("status", "open", "closed", "nothing"),
        _column("state_since", DAY),
        _words("review_type", 60, nullable=True),
        _column("entered_under", TEXT, to="organisation.code"),
        _column("responsible", TEXT, to="organisation.code"),
        _column("version", WHOLE),
        _column("converted_from_id", UUID, to="review.id", nullable=True),
        _column("withdrawn_at", MOMENT, nullable=True),
        _column("next_due_on", DAY, nullable=True),
        _column("last_update_on", DAY),
        _words("search_text", 20000),
        _column("created_at", MOMENT),
        sa.UniqueConstraint("reference"),
    )
    op.create_index(
        "one_living_child",
        "review",
        ["converted_from_id"],
        unique=True,
        sqlite_where=sa.text("converted_from_id IS NOT NULL AND withdrawn_at IS NULL"),
        postgresql_where=sa.text("converted_from_id IS NOT NULL AND withdrawn_at IS NULL"),
    )
    op.create_index("review_everywhere", "review", ["status", "last_update_on", "id"])
    op.create_index("review_list", "review", ["responsible", "status", "last_update_on", "id"])
    op.create_index("review_state", "review", ["workflow", "state"])
    op.create_table(
        "identifier",
        _column("review_id", UUID, to="review.id", primary_key=True),
        _column("slot", WHOLE, primary_key=True),
        _words("type", 60, nullable=True),
        _words("reference", 300),
        _words("reference_key", 300),
    )
    op.create_index("identifier_find", "identifier", ["reference_key"])
    op.create_table(
        "answer",
        _column("review_id", UUID, to="review.id", primary_key=True),
        _column("question", TEXT, to="question.key", primary_key=True),
        _column("value", JSON, nullable=True),
        _column("set_seq", WHOLE),
        _column("asked_under_id", NUMBER, to="definition_version.id"),
    )
    op.create_table(
        "answer_change",
        _serial(),
        _column("review_id", UUID, to="review.id"),
        _column("seq", WHOLE),
        _column("question", TEXT, to="question.key"),
        _column("person_id", UUID, to="person.id", nullable=True),
        _column("choice", JSON, nullable=True),
    )
    op.create_index("answer_change_of_question", "answer_change", ["review_id", "question", "seq"])
    op.create_table(
        "entry",
        _serial(),
        _column("review_id", UUID, to="review.id"),
        _column("seq", WHOLE),
        _column("question", TEXT, to="question.key"),
        _words("body", 20000),
        _column("on_date", DAY),
        _column("person_id", UUID, to="person.id", nullable=True),
        _column("at", MOMENT),
        sa.UniqueConstraint("review_id", "seq", "question"),
    )
    op.create_table(
        "approval",
        _column("review_id", UUID, to="review.id", primary_key=True),
        _column("seq", WHOLE, primary_key=True),
        _words("step", 60),
        _column("person_id", UUID, to="person.id"),
        _words("role", 60),
        _words("answer", 300, nullable=True),
        _column("voided_seq", WHOLE, nullable=True),
        sa.CheckConstraint("voided_seq IS NULL OR voided_seq > seq", name="voided_later"),
    )
    op.create_index(
        "one_approval_in_force",
        "approval",
        ["review_id", "step"],
        unique=True,
        sqlite_where=sa.text("voided_seq IS NULL"),
        postgresql_where=sa.text("voided_seq IS NULL"),
    )


def _events() -> None:
    """Make what happened."""
    op.create_table(
        "event",
        _serial(),
        _words("stream", 300),
        _column("seq", WHOLE),
        _words("kind", 60),
        _words("step", 60, nullable=True),
        _words("from_state", 60, nullable=True),
        _words("to_state", 60, nullable=True),
        _column("definition_version_id", NUMBER, to="definition_version.id", nullable=True),
        _column("person_id", UUID, to="person.id", nullable=True),
        _column("membership_id", UUID, to="membership.id", nullable=True),
        _words("role", 60, nullable=True),
        _words("organisation", 20, nullable=True),
        _column("dated_on", DAY, nullable=True),
        _column("recorded_at", MOMENT),
        _words("request_id", 128, nullable=True),
        _words("body_digest", 128),
        _words("prev_hash", 128),
        _words("hash", 128),
        sa.UniqueConstraint("stream", "seq"),
    )
    op.create_table(
        "event_body",
        _column("event_id", NUMBER, to="event.id", primary_key=True, autoincrement=False),
        _words("salt", 128, nullable=True),
        _column("body", JSON, nullable=True),
        _column("redacted_by_id", NUMBER, to="event.id", nullable=True),
    )
    op.create_table(
        "checkpoint",
        _column("at", MOMENT, primary_key=True),
        _column("heads", WHOLE),
        _words("hash", 128),
    )
    op.create_table(
        "access_event",
        _serial(),
        _column("at", MOMENT),
        _column("person_id", UUID, to="person.id"),
        _column("review_id", UUID, to="review.id"),
        _words("endpoint", 60),
    )
    op.create_index("access_by_person", "access_event", ["person_id", "at"])
    op.create_index("access_of_review", "access_event", ["review_id", "at"])


def _numbers() -> None:
    """Make what is counted."""
    op.create_table(
        "span",
        _serial(),
        _column("review_id", UUID, to="review.id"),
        _column("from_on", DAY),
        _column("to_on", DAY, nullable=True),
        _words("organisation", 20),
        _words("workflow", 60),
        _words("review_type", 60, nullable=True),
        _one_of("status", "open", "closed", "nothing"),
        _words("state", 60),
        _column("known_from", MOMENT),
        _column("known_to", MOMENT, nullable=True),
        _column("event_id", NUMBER, to="event.id"),
        sa.CheckConstraint("known_to IS NULL OR known_from <= known_to", name="known"),
        sa.CheckConstraint("to_on IS NULL OR from_on < to_on", name="period"),
    )
    op.create_index(
        "one_span_a_day_as_known",
        "span",
        ["review_id", "from_on"],
        unique=True,
        sqlite_where=sa.text("known_to IS NULL"),
        postgresql_where=sa.text("known_to IS NULL"),
    )
    op.create_index("span_month_end", "span", ["organisation", "from_on", "to_on"])
    op.create_table(
        "term_span",
        _serial(),
        _column("review_id", UUID, to="review.id"),
        _words("vocabulary", 60),
        _words("code", 20),
        _column("rank", WHOLE),
        _column("from_on", DAY),
        _column("to_on", DAY, nullable=True),
        _column("known_from", MOMENT),
        _column("known_to", MOMENT, nullable=True),
        _column("event_id", NUMBER, to="event.id"),
        sa.CheckConstraint("known_to IS NULL OR known_from <= known_to", name="known"),
        sa.CheckConstraint("to_on IS NULL OR from_on < to_on", name="period"),
    )
    op.create_index(
        "one_term_as_known",
        "term_span",
        ["review_id", "vocabulary", "code", "from_on"],
        unique=True,
        sqlite_where=sa.text("known_to IS NULL"),
        postgresql_where=sa.text("known_to IS NULL"),
    )
    op.create_index("term_span_of_review", "term_span", ["review_id", "vocabulary"])
    op.create_table(
        "month_change",
        _words("month", 20, primary_key=True),
        _words("organisation", 20, primary_key=True),
        _words("review_type", 60, primary_key=True),
        _words("measure", 60, primary_key=True),
        _words("code", 20, primary_key=True),
        _column("net", WHOLE),
    )
    op.create_table(
        "rollup",
        _serial(),
        _column("organisation", TEXT, to="organisation.code"),
        _one_of("period_kind", "month", "quarter", "year"),
        _words("period", 20),
        _column("known_at", MOMENT),
        _column("frozen_at", MOMENT, nullable=True),
        sa.UniqueConstraint("organisation", "period_kind", "period"),
    )
    op.create_table(
        "rollup_cell",
        _column("rollup_id", NUMBER, to="rollup.id", primary_key=True, autoincrement=False),
        _words("measure", 60, primary_key=True),
        _words("review_type", 60, primary_key=True),
        _words("code", 20, primary_key=True),
        _column("n", WHOLE),
    )


def _time() -> None:
    """Make clocks, notices and what happens by itself."""
    op.create_table(
        "notice",
        _serial(),
        _words("once_key", 300),
        _words("message_id", 300),
        _words("template", 60),
        _column("person_id", UUID, to="person.id", nullable=True),
        _column("contact_id", NUMBER, to="contact.id", nullable=True),
        _column("refs", JSON),
        _one_of("status", "queued", "sending", "sent", "failed", "withheld"),
        _column("attempt", WHOLE),
        _words("lease_owner", 300, nullable=True),
        _column("lease_until", MOMENT, nullable=True),
        _column("next_try_at", MOMENT),
        _words("last_error", 20000, nullable=True),
        _column("queued_at", MOMENT),
        _column("sent_at", MOMENT, nullable=True),
        sa.CheckConstraint("(person_id IS NULL) <> (contact_id IS NULL)", name="one_reader"),
        sa.UniqueConstraint("message_id"),
        sa.UniqueConstraint("once_key"),
    )
    op.create_index("notice_to_send", "notice", ["status", "next_try_at", "id"])
    op.create_table(
        "clock",
        _column("review_id", UUID, to="review.id", primary_key=True),
        _words("clock", 60, primary_key=True),
        _column("run", WHOLE, primary_key=True),
        _column("started_on", DAY),
        _column("due_on", DAY, nullable=True),
        _column("stopped_on", DAY, nullable=True),
    )
    op.create_index(
        "clock_due",
        "clock",
        ["due_on"],
        sqlite_where=sa.text("stopped_on IS NULL"),
        postgresql_where=sa.text("stopped_on IS NULL"),
    )
    op.create_table(
        "clock_change",
        _column("review_id", UUID, primary_key=True),
        _column("clock", TEXT, primary_key=True),
        _column("run", WHOLE, primary_key=True),
        _column("seq", WHOLE, primary_key=True),
        _one_of("kind", "paused", "resumed", "moved"),
        _column("from_on", DAY),
        _column("to_on", DAY, nullable=True),
        _column("old_due_on", DAY, nullable=True),
        _column("new_due_on", DAY, nullable=True),
        sa.ForeignKeyConstraint(["review_id", "clock", "run"], ["clock.review_id", "clock.clock", "clock.run"]),
    )
    op.create_table(
        "reminder_sent",
        _column("review_id", UUID, to="review.id", primary_key=True),
        _words("reminder", 60, primary_key=True),
        _column("since_seq", WHOLE, primary_key=True),
        _column("number", WHOLE, primary_key=True),
        _words("recipient", 300, primary_key=True),
        _column("on_date", DAY),
        _column("manual", FLAG),
        _column("notice_id", NUMBER, to="notice.id", nullable=True),
    )
    op.create_table(
        "job_run",
        _words("job", 60, primary_key=True),
        _words("period", 60, primary_key=True),
        _one_of("status", "running", "done", "failed"),
        _words("owner", 300),
        _column("lease_until", MOMENT, nullable=True),
        _column("attempt", WHOLE),
        _column("started_at", MOMENT),
        _column("finished_at", MOMENT, nullable=True),
        _column("outcome", JSON, nullable=True),
    )
    op.create_table(
        "heartbeat",
        _words("process", 300, primary_key=True),
        _column("at", MOMENT),
    )


def _requests_and_rebases() -> None:
    """Make what is under way."""
    op.create_table(
        "idempotency",
        _column("key", UUID, primary_key=True),
        _column("person_id", UUID, to="person.id", nullable=True),
        _words("route", 300),
        _words("body_hash", 128),
        _words("location", 300, nullable=True),
        _column("at", MOMENT),
    )
    op.create_index("idempotency_age", "idempotency", ["at"])
    op.create_table(
        "draft",
        _column("id", UUID, primary_key=True),
        _column("person_id", UUID, to="person.id"),
        _column("membership_id", UUID, to="membership.id"),
        _column("organisation", TEXT, to="organisation.code"),
        _column("review_id", UUID, to="review.id", nullable=True),
        _words("workflow", 60),
        _words("step", 60),
        _column("definition_version_id", NUMBER, to="definition_version.id"),
        _column("base_seq", WHOLE),
        _column("body", JSON),
        _column("pages_done", JSON),
        _column("key", UUID),
        _column("changed_at", MOMENT),
    )
    op.create_index(
        "draft_of_a_step",
        "draft",
        ["person_id", "review_id", "step"],
        unique=True,
        sqlite_where=sa.text("review_id IS NOT NULL"),
        postgresql_where=sa.text("review_id IS NOT NULL"),
    )
    op.create_index("draft_of_person", "draft", ["person_id", "changed_at"])
    op.create_table(
        "rebase",
        _serial(),
        _column("from_version_id", NUMBER, to="definition_version.id"),
        _column("to_version_id", NUMBER, to="definition_version.id"),
        _column("plan", JSON),
        _one_of("mode", "dry_run", "batch", "undo"),
        _column("started_by_id", UUID, to="person.id", nullable=True),
        _column("at", MOMENT),
    )
    op.create_table(
        "rebase_item",
        _column("rebase_id", NUMBER, to="rebase.id", primary_key=True, autoincrement=False),
        _column("review_id", UUID, to="review.id", primary_key=True),
        _words("outcome", 60),
        _column("before_seq", WHOLE),
        _column("done_seq", WHOLE, nullable=True),
        _column("undone_seq", WHOLE, nullable=True),
    )
    op.create_table(
        "service_setting",
        _words("key", 60, primary_key=True),
        _column("value", JSON, nullable=True),
    )
