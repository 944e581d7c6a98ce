"""The released definitions, read once and kept: a version never changes, so what was read of it stays true."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from datetime import date, datetime
from functools import lru_cache
from typing import Any, cast
from weakref import WeakKeyDictionary

from sqlalchemy import Engine, Pool, Table, bindparam, func, select
from sqlalchemy.orm import Session, SessionTransaction

from scrt_workflow import reference
from scrt_workflow.folder import definition_from
from scrt_workflow.forms.schema import Question
from scrt_workflow.models import DefinitionRetirement, DefinitionVersion, Model, Term, TermLabel
from scrt_workflow.workflows import dardr
from scrt_workflow.workflows.schema import Definition


def _columns(model: type[Model]) -> Any:
    return cast("Table", model.__table__).columns


VERSIONS, TERMS, LABELS = _columns(DefinitionVersion), _columns(Term), _columns(TermLabel)
BUNDLE = select(VERSIONS.hash, VERSIONS.bundle).where(VERSIONS.id == bindparam("version_id"))
RETIRED = _columns(DefinitionRetirement).version_id
LIVE = select(VERSIONS.workflow, VERSIONS.id).where(
    VERSIONS.id.in_(select(func.max(VERSIONS.id)).where(VERSIONS.id.not_in(select(RETIRED))).group_by(VERSIONS.workflow))
)
LABELLED = (
    select(TERMS.code, LABELS.label, LABELS.valid_from, LABELS.recorded_at, TERMS.valid_from.label("begins"), TERMS.valid_to)
    .where(TERMS.vocabulary == bindparam("vocabulary"), LABELS.vocabulary == TERMS.vocabulary, LABELS.code == TERMS.code)
    .order_by(TERMS.code, LABELS.valid_from, LABELS.recorded_at)
)


LAST = "other"
"""The code of the term that is offered after all others."""


class NoSuchDefinitionError(LookupError):
    """No released version of a workflow is called so."""


@lru_cache(maxsize=128)
def read_bundle(digest: str, bundle: str) -> Definition:  # noqa: ARG001 - the digest makes the key short to compare
    """Read a bundle, known by its *digest*."""
    return definition_from(json.loads(bundle))


_released: WeakKeyDictionary[Pool, dict[tuple[int, bool], Definition]] = WeakKeyDictionary()
"""By database and number: a version that was committed is there for good."""
_is_dardr: WeakKeyDictionary[Pool, Callable[[], bool]] = WeakKeyDictionary()
"""By database: whether domestic homicide reviews are called by their new name today."""
_seen: WeakKeyDictionary[SessionTransaction, dict[Any, Any]] = WeakKeyDictionary()
_RELEASING = "releasing"


def seen_by(session: Session) -> dict[Any, Any]:
    """Give what this transaction has looked up here before, so that it need not ask twice; the next one asks again."""
    transaction = session.get_transaction()
    return {} if transaction is None else _seen.setdefault(transaction, {})


def forget(session: Session) -> None:
    """Let this transaction look again, since it releases a definition or changes a vocabulary: it may yet be undone."""
    seen_by(session).clear()
    seen_by(session)[_RELEASING] = True


def definition(session: Session, version_id: int) -> Definition:
    """Give the definition released as version *version_id* (a row's id, whatever its workflow)."""
    seen, is_new = seen_by(session), is_called_dardr(session)
    kept = seen if _RELEASING in seen else _released.setdefault(_pool(session), {})
    if (version_id, is_new) not in kept:
        row = session.connection().execute(BUNDLE, {"version_id": version_id}).one_or_none()
        if row is None:
            raise NoSuchDefinitionError(f"No definition was released as version {version_id}.")
        found = read_bundle(row.hash, row.bundle)
        kept[version_id, is_new] = dardr.renamed(found) if is_new else found
    return cast("Definition", kept[version_id, is_new])


def call_dardr(engine: Engine, since: date | None, today: Callable[[], date]) -> None:
    """Have domestic homicide reviews called by their new name on this database from the day *since* on (None: never)."""
    if since is not None:
        _is_dardr[engine.pool] = lambda: today() >= since


def is_called_dardr(session: Session) -> bool:
    """Say whether domestic homicide reviews are called by their new name today."""
    says = _is_dardr.get(_pool(session))
    return says is not None and says()


def _pool(session: Session) -> Pool:
    bind = session.get_bind()
    return (bind if isinstance(bind, Engine) else bind.engine).pool


def live_versions(session: Session) -> dict[str, int]:
    """Give, for each workflow that new reviews may start under, the id of its newest version that is not retired."""
    return {row.workflow: row.id for row in session.connection().execute(LIVE)}


def is_retired(session: Session, version_id: int) -> bool:
    """Say whether no review may start under a version any more; those that have it go on."""
    return session.connection().execute(select(RETIRED).where(version_id == RETIRED)).first() is not None


def live_definitions(session: Session) -> dict[str, tuple[int, Definition]]:
    """Give each workflow that new reviews may start under, with the id of its newest version, in order of title."""
    found = {key: (version, definition(session, version)) for key, version in live_versions(session).items()}
    return dict(sorted(found.items(), key=lambda item: item[1][1].workflow.title))


def live(session: Session, workflow: str) -> tuple[int, Definition]:
    """Give the newest version of *workflow*; raises NoSuchDefinitionError if none is live."""
    version = live_versions(session).get(workflow)
    if version is None:
        raise NoSuchDefinitionError(f"No workflow called '{workflow}' is in use.")
    return version, definition(session, version)


def terms(session: Session, vocabulary: str, *, on: date, ever: bool = False, known_at: datetime | None = None) -> dict[str, str]:
    """Give the terms of *vocabulary* that are offered on a day, code to label; with *ever*, every term there is.

    They are worded as on that day, by what was recorded before *known_at* (None: up to now).
    """
    seen = seen_by(session)
    rows = seen.get(vocabulary)
    if rows is None:
        rows = seen[vocabulary] = _labels(session, vocabulary)
    found: dict[str, str] = {}
    for row in rows:
        offered = row.valid_from <= on and row.begins <= on and (row.valid_to is None or on < row.valid_to)
        first = ever and row.code not in found
        if (known_at is None or row.recorded_at < known_at) and (offered or first or (ever and row.valid_from <= on)):
            found[row.code] = row.label
    return found


def _labels(session: Session, vocabulary: str) -> list[Any]:
    """Give every label that a term of *vocabulary* ever had, the oldest of each first; terms in the order of the shipped list.

    Those added since follow it, and "other" comes last.
    """
    shipped = {row.code: place for place, row in enumerate(reference.vocabularies().get(vocabulary, ()))}
    rows = session.connection().execute(LABELLED, {"vocabulary": vocabulary}).all()
    return sorted(rows, key=lambda row: (row.code == LAST, shipped.get(row.code, len(shipped))))


def options_for(
    session: Session, found: Definition, *, on: date, review_type: str | None, converted: bool, organisation: str,
    on_record: Mapping[str, Any] | None = None, ever: bool = False,
) -> Callable[[Question], Mapping[str, str]]:  # fmt: skip
    """Give the function that says which answers a question offers to this review on this day; with *ever*, ever offered.

    A term that the review has *on_record* stays among them when it is offered to others no longer.
    """
    vocabularies: dict[str, dict[str, str]] = {}

    def options(question: Question) -> Mapping[str, str]:
        if question.type == "review_type":
            types = found.workflow.review_types.values()
            return {t.key: t.title for t in types if t.converted == converted or t.key == review_type}
        if question.type == "partnership":
            return partnership_options(organisation)
        if question.vocabulary:
            if question.vocabulary not in vocabularies:
                vocabularies[question.vocabulary] = terms(session, question.vocabulary, on=on, ever=ever)
            return _with_held(vocabularies[question.vocabulary], question)
        return question.options

    def _with_held(offered: dict[str, str], question: Question) -> Mapping[str, str]:
        gone = [code for code in codes_in((on_record or {}).get(question.key)) if code not in offered]
        if not gone:
            return offered
        known = terms(session, question.vocabulary, on=on, ever=True)
        return {**offered, **{code: known[code] for code in gone if code in known}}

    return options


def codes_in(answer: Any) -> list[str]:
    """Give the codes of an answer, of which it may have one, several or none."""
    return [answer] if isinstance(answer, str) else list(answer or ())


@lru_cache(maxsize=512)
def partnership_options(organisation: str) -> Mapping[str, str]:
    """Give the safeguarding partnerships as id to label, those of *organisation* first."""
    rows = sorted(reference.partnerships(), key=lambda row: (organisation not in {row.icb_2022, row.icb_2026}, row.label))
    return {row.id: row.label for row in rows}
