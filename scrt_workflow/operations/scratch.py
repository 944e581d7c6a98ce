"""Scratch databases, in which a definition is tried out: in memory, thrown away, and never beside a real review.

One is made once in each process: the tables, the organisations and an invented person for each role. Whoever asks gets a copy
of its bytes in a connection of their own, in one transaction that nobody commits, with definitions released in it.
"""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, date, datetime
from functools import cache
from uuid import UUID, uuid5

from sqlalchemy import Connection, Engine, NullPool, StaticPool, create_engine, event, insert, select
from sqlalchemy.orm import Session

from scrt_workflow import catalogue, reference
from scrt_workflow.models import (
    Contact,
    DefinitionVersion,
    Membership,
    Model,
    Person,
    QuestionKey,
    Release,
    Term,
    TermLabel,
    TermSuccession,
    Vocabulary,
)
from scrt_workflow.operations.organisations import load_reference
from scrt_workflow.operations.tables import table_of
from scrt_workflow.permissions import ACTORS, ROLES, Role
from scrt_workflow.reference import ENGLAND, POSTS
from scrt_workflow.workflows.schema import Definition

INVENTED = uuid5(UUID(int=0), "scrt-workflow:rehearsal")
LONG_AGO = date(2013, 4, 1)
VOCABULARIES = (Vocabulary, Term, TermLabel, TermSuccession)
NAMES = {
    Role.DESIGNATE: "Dana Invented",
    Role.ICB_LEAD: "Lee Invented",
    Role.ICB_CHIEF_NURSE: "Noor Invented",
    Role.REGIONAL_LEAD: "Rowan Invented",
    Role.REGIONAL_CHIEF: "Kit Invented",
    Role.NATIONAL_LEAD: "Nat Invented",
}


@dataclass(frozen=True, slots=True)
class Bundled:
    """A definition as a version of it is kept: its text, and the hash of that."""

    hash: str
    text: str

    @property
    def definition(self) -> Definition:
        """Give the definition that the text says."""
        return catalogue.read_bundle(self.hash, self.text)


@contextmanager
def scratch(bundles: Mapping[str, Bundled], *, live: Session, organisation: str, on: date) -> Iterator[Session]:
    """Give a session on a scratch database in which *bundles* (by workflow) are released, with the vocabularies of *live*.

    Its people hold their roles for *organisation*, an ICB, and for what that belongs to on a day.
    """
    with Session(_engine(), expire_on_commit=False) as session:
        _copy_vocabularies(live, session)
        _give_roles(session, organisation, on)
        _fill_posts(session)
        _release(session, bundles)
        catalogue.forget(session)  # what is released here is known to this transaction alone
        yield session


def person_for(role: Role) -> UUID:
    """Give the id of the invented person who holds *role* in every scratch database."""
    return uuid5(INVENTED, f"person:{role}")


def _give_roles(session: Session, organisation: str, on: date) -> None:
    region = region_of(organisation, on)
    places = {"icb": organisation, "region": region, "england": ENGLAND}
    rows = [
        {
            "id": uuid5(INVENTED, f"membership:{role}"), "person_id": person_for(role), "role": str(role),
            "organisation": places[next(iter(ROLES[role].sits_in))], "valid_from": LONG_AGO,
        }
        for role in sorted(ACTORS)
    ]  # fmt: skip
    session.connection().execute(insert(table_of(Membership)), rows)


def _fill_posts(session: Session) -> None:
    """Let somebody hold each post for the whole of England."""
    posts = session.scalars(select(Term.code).where(Term.vocabulary == POSTS)).all()
    rows = [{"organisation": ENGLAND, "post": one, "email": f"{one}@example.nhs.uk", "valid_from": LONG_AGO} for one in posts]
    if rows:
        session.connection().execute(insert(table_of(Contact)), rows)


def region_of(organisation: str, on: date) -> str:
    """Give the region that a shipped ICB belongs to on a day; England where it belongs to none."""
    row = next((one for one in reference.organisations() if one.code == organisation), None)
    parents = row.parents if row else ()
    begun = [one.parent for one in parents if one.valid_from <= on]
    return (begun or [one.parent for one in parents] or [ENGLAND])[-1]


def _copy_vocabularies(live: Session, session: Session) -> None:
    for model in VOCABULARIES:
        table = table_of(model)
        rows = [dict(row._mapping) for row in live.connection().execute(select(table))]  # noqa: SLF001 - SQLAlchemy's public name
        if rows:
            session.connection().execute(insert(table), rows)


def _release(session: Session, bundles: Mapping[str, Bundled]) -> None:
    connection = session.connection()
    connection.execute(insert(table_of(Release)), {"id": 1, "reason": "A rehearsal.", "at": datetime(2013, 4, 1, tzinfo=UTC)})
    rows = [
        {"id": number, "workflow": key, "number": 1, "bundle": one.text, "hash": one.hash, "release_id": 1}
        for number, (key, one) in enumerate(bundles.items(), 1)
    ]
    connection.execute(insert(table_of(DefinitionVersion)), rows)
    questions = {q.key: q.type for one in bundles.values() for q in one.definition.questions.values()}
    if questions:
        connection.execute(insert(table_of(QuestionKey)), [{"key": key, "type": kind} for key, kind in questions.items()])


@cache
def _engine() -> Engine:
    """Give the engine whose every connection is a fresh copy; the engine is kept, so that its statements stay compiled."""
    made = create_engine("sqlite://", creator=_copy, poolclass=NullPool, hide_parameters=True)
    event.listen(made, "begin", _begin)
    return made


def _begin(connection: Connection) -> None:
    connection.exec_driver_sql("BEGIN")


def _blank() -> sqlite3.Connection:
    made = sqlite3.connect(":memory:", isolation_level=None, check_same_thread=False)
    made.execute("PRAGMA foreign_keys = ON")
    return made


def _copy() -> sqlite3.Connection:
    made = _blank()
    made.deserialize(_template())
    return made


@cache
def _template() -> bytes:
    """Make the database that every other is a copy of; the vocabularies are each copy's own."""
    connection = _blank()
    engine = create_engine("sqlite://", creator=lambda: connection, poolclass=StaticPool)
    event.listen(engine, "begin", _begin)
    with engine.begin() as made:
        Model.metadata.create_all(made)
        with Session(made) as session:
            load_reference(session)
            for model in reversed(VOCABULARIES):
                session.execute(table_of(model).delete())
            people = [
                {"id": person_for(role), "email_key": f"{role}@example.nhs.uk", "name": name} for role, name in NAMES.items()
            ]
            session.execute(insert(table_of(Person)), [{**one, "session_epoch": 0} for one in people])
            session.flush()
    return connection.serialize()
