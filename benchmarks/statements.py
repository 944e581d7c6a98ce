"""The statements of the view that is written by hand, each made by a function of its own.

A view as it is usually written makes its statements again for every request (`once=False`); the tightest makes each once.
"""

from __future__ import annotations

from functools import cache, partial
from typing import Any

from sqlalchemy import bindparam, delete, insert, select, update
from sqlalchemy.dialects import postgresql, sqlite

from benchmarks.tracker import HERE, STEP
from scrt_workflow.models import Model

TABLES = Model.metadata.tables
PERSON, SESSION, ROLE = TABLES["person"], TABLES["web_session"], TABLES["membership"]
REVIEW, DRAFT, EVENT, BODY, KEY = (TABLES[name] for name in ("review", "draft", "event", "event_body", "idempotency"))
ANSWER, CHANGE, ENTRY = TABLES["answer"], TABLES["answer_change"], TABLES["entry"]


class Statements:
    """Makes each statement when it is asked for: every time anew, or once."""

    def __init__(self, dialect: str, *, once: bool) -> None:
        """Say it in the words of *dialect*, `sqlite` or `postgresql`."""
        self._insert: Any = sqlite.insert if dialect == "sqlite" else postgresql.insert
        if once:
            for name in (
                "answered",
                "claim",
                "forget",
                "head",
                "moved",
                "said",
                "this",
                "typed",
                "who",
                "wrote",
                "written",
                "done",
            ):
                setattr(self, name, cache(partial(getattr(type(self), name), self)))

    def who(self) -> Any:
        """Find the person of a session, with the role that they hold for this organisation today."""
        both = SESSION.join(PERSON, PERSON.c.id == SESSION.c.person_id).join(ROLE, ROLE.c.person_id == PERSON.c.id)
        found = select(PERSON.c.id, ROLE.c.id.label("membership_id")).select_from(both)
        return found.where(
            SESSION.c.id_hash == bindparam("id_hash"),
            SESSION.c.epoch == PERSON.c.session_epoch,
            PERSON.c.disabled_at.is_(None),
            ROLE.c.role == "designate",
            ROLE.c.organisation == HERE,
            ROLE.c.valid_from <= bindparam("today"),
            ROLE.c.valid_to.is_(None) | (ROLE.c.valid_to > bindparam("today")),
        )

    def this(self) -> Any:
        """Find the review, and let nobody else write it."""
        return select(REVIEW).where(REVIEW.c.id == bindparam("review_id"), REVIEW.c.responsible == HERE).with_for_update()

    def typed(self) -> Any:
        """Find what the person has typed into the form."""
        mine = (DRAFT.c.person_id == bindparam("person_id"), DRAFT.c.review_id == bindparam("review_id"), DRAFT.c.step == STEP)
        return select(DRAFT).where(*mine)

    def claim(self) -> Any:
        """Claim the form's key."""
        return self._insert(KEY).on_conflict_do_nothing().execution_options(preserve_rowcount=True)

    def head(self) -> Any:
        """Find the hash of the newest event."""
        return select(EVENT.c.hash).where(EVENT.c.stream == bindparam("stream"), EVENT.c.seq == bindparam("seq"))

    def done(self) -> Any:
        """Add the event."""
        return insert(EVENT).returning(EVENT.c.id)

    def said(self) -> Any:
        """Add what was said in it."""
        return insert(BODY)

    def moved(self) -> Any:
        """Write the review's row if it is as it was read."""
        as_read = (REVIEW.c.version == bindparam("read_at"), REVIEW.c.state == bindparam("read_in"))
        return update(REVIEW).where(REVIEW.c.id == bindparam("review_id"), *as_read)

    def answered(self) -> Any:
        """Set the answer."""
        add = self._insert(ANSWER)
        new = {column: add.excluded[column] for column in ("value", "set_seq", "asked_under_id")}
        return add.on_conflict_do_update(index_elements=["review_id", "question"], set_=new)

    def wrote(self) -> Any:
        """Note who gave the answer."""
        return insert(CHANGE)

    def written(self) -> Any:
        """Add the entry."""
        return insert(ENTRY)

    def forget(self) -> Any:
        """Throw the draft away."""
        return delete(DRAFT).where(DRAFT.c.id == bindparam("draft_id"))
