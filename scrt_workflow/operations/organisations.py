"""Organisations as the database knows them: loading the shipped ones, and what each covers on a day."""

from collections import defaultdict
from collections.abc import Iterable
from datetime import date, timedelta

from sqlalchemy import delete, insert, select, union_all
from sqlalchemy.orm import Session, aliased

from scrt_workflow import reference
from scrt_workflow.models import (
    Organisation,
    OrganisationParent,
    OrganisationSuccession,
    Term,
    TermLabel,
)

TERMS_BEGAN = date(2021, 11, 17)  # the collection's first day (standard DCB3124)
DAY = timedelta(days=1)


class NoSuchOrganisationError(LookupError):
    """No organisation has this code."""


def load_reference(session: Session) -> None:
    """Bring the shipped organisations and vocabularies into the tables. What is there stays: administrators change it."""
    _load_organisations(session)
    _load_vocabularies(session)


def _load_organisations(session: Session) -> None:
    known = set(session.scalars(select(Organisation.code)))
    new = [row for row in reference.organisations() if row.code not in known]
    _insert_all(session, Organisation, (_organisation(row) for row in new))
    parents = (
        {"code": row.code, **_half_open(parent), "parent": parent.parent} for row in new for parent in row.parents
    )
    _insert_all(session, OrganisationParent, parents)
    passed = {
        (row.predecessor, row.successor, row.effective_on) for row in session.scalars(select(OrganisationSuccession))
    }
    _insert_all(
        session,
        OrganisationSuccession,
        (
            {name: getattr(row, name) for name in ("predecessor", "successor", "effective_on", "kind", "territory")}
            for row in reference.successions()
            if (row.predecessor, row.successor, row.effective_on) not in passed
        ),
    )


def _load_vocabularies(session: Session) -> None:
    known = set(session.execute(select(Term.vocabulary, Term.code)).tuples())
    new = [
        (name, term)
        for name, terms in reference.vocabularies().items()
        for term in terms
        if (name, term.code) not in known
    ]
    since = {"valid_from": TERMS_BEGAN}
    _insert_all(
        session,
        Term,
        ({"vocabulary": name, "code": term.code, "grouped_as": term.group or None, **since} for name, term in new),
    )
    _insert_all(
        session,
        TermLabel,
        ({"vocabulary": name, "code": term.code, "label": term.label, **since} for name, term in new),
    )
