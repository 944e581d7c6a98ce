"""Organisations as the database knows them: loading the shipped ones, finding one, and what it covers on a day."""

from collections import defaultdict
from collections.abc import Iterable, Mapping
from datetime import date
from typing import Any
from uuid import uuid4
from weakref import WeakKeyDictionary

from sqlalchemy import Engine, Pool, insert, or_, select
from sqlalchemy.orm import Session

from scrt_workflow import reference
from scrt_workflow.models import (
    Organisation,
    OrganisationParent,
    OrganisationSuccession,
    ServiceSetting,
    Term,
    TermLabel,
    Vocabulary,
)
from scrt_workflow.models.columns import Model
from scrt_workflow.reference.organisations import BEGAN
from scrt_workflow.working_days import local_midnight

KINDS = ("england", "region", "icb", "ccg")
MERGER = "merger"  # the whole of an organisation passes on; of a split, a person says which review goes where
ALWAYS = local_midnight(BEGAN)  # since when we know what is shipped
REVISION = "organisations"  # the service setting that is another whenever who belongs to whom has changed


class NoSuchOrganisationError(LookupError):
    """No organisation has this code."""


class Belonging:
    """Who belongs to whom and who took over from whom, on any day, at one revision of the tables."""

    def __init__(self, session: Session, revision: str) -> None:
        """Read the tables."""
        self.revision = revision
        self._parents: defaultdict[str, list[tuple[date, str]]] = defaultdict(list)
        self._below: defaultdict[str, set[str]] = defaultdict(set)
        self._merged: defaultdict[str, list[tuple[date, str]]] = defaultdict(list)
        self._covered: dict[tuple[str, date], frozenset[str]] = {}
        parents = select(OrganisationParent.code, OrganisationParent.parent, OrganisationParent.valid_from)
        for code, parent, valid_from in session.execute(parents.order_by(OrganisationParent.valid_from)):
            self._parents[code].append((valid_from, parent))
            self._below[parent].add(code)
        mergers = select(
            OrganisationSuccession.successor, OrganisationSuccession.effective_on, OrganisationSuccession.predecessor
        ).where(OrganisationSuccession.kind == MERGER)
        for successor, effective_on, predecessor in session.execute(mergers):
            self._merged[successor].append((effective_on, predecessor))

    def covered(self, code: str, on: date) -> frozenset[str]:
        """Give the codes that *code* covers on a day, itself included."""
        found = self._covered.get((code, on))
        if found is None:
            reached: set[str] = set()
            to_visit = [code]
            while to_visit:
                reached.add(to_visit[-1])
                to_visit += self._directly_under(to_visit.pop(), on) - reached
            found = self._covered[code, on] = frozenset(reached)
        return found

    def _directly_under(self, code: str, on: date) -> set[str]:
        merged = {predecessor for effective_on, predecessor in self._merged[code] if effective_on <= on}
        return merged | {below for below in self._below[code] if self._last_parent(below, on) == code}

    def _last_parent(self, code: str, on: date) -> str | None:
        begun = [parent for valid_from, parent in self._parents[code] if valid_from <= on]
        return begun[-1] if begun else None


_kept: WeakKeyDictionary[Pool, Belonging] = WeakKeyDictionary()


def covered_codes(session: Session, organisation: str, on: date) -> frozenset[str]:
    """Give the codes whose reviews *organisation* answers for on a day: its own, and those under it.

    Under it is what belongs to it, or belonged to it when it ended, and what merged into it: so no review is lost while
    someone has yet to say where it goes on.
    """
    return belonging(session).covered(organisation, on)


def belonging(session: Session, revision: str | None = None) -> Belonging:
    """Give who belongs to whom, read again only when it has changed: when *revision* is another than was kept."""
    bind = session.get_bind()
    pool = (bind if isinstance(bind, Engine) else bind.engine).pool
    if revision is None:
        query = select(ServiceSetting.value).where(ServiceSetting.key == REVISION)
        revision = session.execute(query).scalar_one_or_none() or ""
    kept = _kept.get(pool)
    if kept is None or kept.revision != revision:
        kept = _kept[pool] = Belonging(session, revision)
    return kept


def belonging_changed(session: Session) -> None:
    """Say that parents or successions have changed, so that every process reads them again."""
    session.merge(ServiceSetting(key=REVISION, value=uuid4().hex))


def find_organisation(session: Session, code: str) -> Organisation:
    """Find an organisation by its ODS code. Raises NoSuchOrganisationError."""
    found = session.get(Organisation, code)
    if found is None:
        raise NoSuchOrganisationError(f"No organisation has the code '{code}'.")
    return found


def organisations_on(session: Session, day: date) -> list[Organisation]:
    """Give the organisations that exist on *day*: England, then regions, ICBs and CCGs, each by name."""
    found = session.scalars(select(Organisation).where(*exists_on(day)))
    return sorted(found, key=lambda one: (KINDS.index(one.kind), one.name))


def exists_on(day: date) -> tuple[Any, Any]:
    """Give the conditions that an organisation exists on *day*."""
    return Organisation.valid_from <= day, or_(Organisation.valid_to.is_(None), Organisation.valid_to > day)


def load_reference(session: Session) -> None:
    """Bring the shipped organisations and vocabularies into the tables; what is there already stays as it is."""
    _load_organisations(session)
    _load_vocabularies(session)


def _load_organisations(session: Session) -> None:
    known = set(session.scalars(select(Organisation.code)))
    new = [row for row in reference.organisations() if row.code not in known]
    named = ({"code": row.code, "kind": row.kind, "name": row.name, **_period(row)} for row in new)
    _insert(session, Organisation, named)
    parents = ({"code": row.code, "parent": one.parent, **_period(one)} for row in new for one in row.parents)
    _insert(session, OrganisationParent, parents)
    columns = ("predecessor", "successor", "effective_on", "kind", "territory")
    passed = ({name: getattr(row, name) for name in columns} for row in reference.successions())
    _insert(session, OrganisationSuccession, (row for row in passed if {row["predecessor"], row["successor"]} - known))
    if new:
        belonging_changed(session)


def _period(row: reference.OrganisationRow | reference.ParentRow) -> dict[str, date | None]:
    return {"valid_from": row.valid_from, "valid_to": row.valid_to}


def _load_vocabularies(session: Session) -> None:
    titled = set(session.scalars(select(Vocabulary.key)))
    named = ({"key": key, "title": key.replace("_", " ").capitalize()} for key in reference.vocabularies() if key not in titled)
    _insert(session, Vocabulary, named)
    known = set(session.execute(select(Term.vocabulary, Term.code)))
    terms = ((name, term) for name, found in reference.vocabularies().items() for term in found)
    new = [({"vocabulary": name, "code": term.code, "valid_from": BEGAN}, term) for name, term in terms]
    new = [(key, term) for key, term in new if (key["vocabulary"], key["code"]) not in known]
    _insert(session, Term, ({**key, "grouped_as": term.group or None} for key, term in new))
    _insert(session, TermLabel, ({**key, "label": term.label, "recorded_at": ALWAYS} for key, term in new))


def _insert(session: Session, model: type[Model], rows: Iterable[Mapping[str, Any]]) -> None:
    if values := list(rows):
        session.execute(insert(model), values)
