"""What is rehearsed: a workflow as it would be, with the live ones beside it that it may lead to.

A source is named by its kind and number, such as `version:12`; FINDERS says how each kind is found.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from functools import lru_cache
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.orm import Session

from scrt_workflow import catalogue
from scrt_workflow.folder import bundle, content_hash
from scrt_workflow.models import DefinitionVersion
from scrt_workflow.operations import drafting
from scrt_workflow.operations.definitions import folder_of, problems_in
from scrt_workflow.operations.scratch import Bundled
from scrt_workflow.workflows.schema import Definition

LARGEST_NUMBER = 2**31 - 1


class NothingToRehearseError(LookupError):
    """No version or draft is named so, or it has no such workflow."""


@dataclass(frozen=True, slots=True)
class Rehearsed:
    """A workflow to rehearse: where it is from, what that is called, and every workflow's bundle, its own among them.

    Where there are *problems*, each a sentence with its place, there is nothing else: what is wrong is mended first.
    """

    source: str
    workflow: str
    heading: str
    bundles: Mapping[str, Bundled] = field(default_factory=dict)
    problems: tuple[str, ...] = ()

    @property
    def definition(self) -> Definition:
        """Give the definition that is rehearsed."""
        return self.bundles[self.workflow].definition


Finder = Callable[[Session, str], Rehearsed]
"""Finds what a source's number names; raises NothingToRehearseError."""


def find(session: Session, source: str) -> Rehearsed:
    """Find what *source* names; raises NothingToRehearseError."""
    kind, _, number = source.partition(":")
    if kind not in FINDERS:
        raise NothingToRehearseError(source)
    return FINDERS[kind](session, number)


def released(session: Session, number: str) -> Rehearsed:
    """Find a released version by its id."""
    if not (number.isascii() and number.isdigit() and int(number) <= LARGEST_NUMBER):
        raise NothingToRehearseError(number)
    columns = (DefinitionVersion.workflow, DefinitionVersion.number, DefinitionVersion.hash, DefinitionVersion.bundle)
    row = session.execute(select(*columns).where(DefinitionVersion.id == int(number))).one_or_none()
    if row is None:
        raise NothingToRehearseError(number)
    own = Bundled(row.hash, row.bundle)
    heading = f"{own.definition.workflow.title}, version {row.number}"
    return Rehearsed(f"version:{number}", row.workflow, heading, {row.workflow: own, **_beside(session, {row.workflow})})


def drafted(session: Session, number: str) -> Rehearsed:
    """Find a draft of definitions by its id."""
    try:
        found = drafting.find(session, UUID(number))
    except (ValueError, LookupError):
        raise NothingToRehearseError(number) from None
    heading = f"Draft “{found.row.title}”"
    return from_sources(session, found.files, workflow=found.row.workflow, source=f"draft:{number}", heading=heading)


def from_sources(session: Session, sources: Mapping[str, str], *, workflow: str, source: str, heading: str) -> Rehearsed:
    """Make what is rehearsed of texts by their path within a folder, as `definitions.folder_of` takes them.

    What the check refuses cannot be rehearsed: then its problems are all there is. Raises NothingToRehearseError for a
    *workflow* that the texts do not hold.
    """
    texts = tuple(sorted(sources.items()))
    folder, live = folder_of(dict(texts)), _beside(session, set())
    known = {key: one.definition for key, one in live.items() if key not in folder.workflows}
    if problems := tuple(map(str, problems_in(folder, known=known, session=session))):
        return Rehearsed(source, workflow, heading, {}, problems)
    if workflow not in folder.workflows:
        raise NothingToRehearseError(workflow)
    return Rehearsed(source, workflow, heading, {**live, **_bundled(texts)})


def _beside(session: Session, own: set[str]) -> dict[str, Bundled]:
    """Give the live workflows but those in *own*."""
    live = {version for key, version in catalogue.live_versions(session).items() if key not in own}
    query = select(DefinitionVersion.workflow, DefinitionVersion.hash, DefinitionVersion.bundle)
    rows = session.execute(query.where(DefinitionVersion.id.in_(live)).order_by(DefinitionVersion.workflow))
    return {row.workflow: Bundled(row.hash, row.bundle) for row in rows}


Texts = tuple[tuple[str, str], ...]


@lru_cache(maxsize=8)
def _bundled(texts: Texts) -> dict[str, Bundled]:
    """Bundle the workflows of a folder that has no mistakes."""
    folder = folder_of(dict(texts))
    made = {key: bundle(folder, key) for key in folder.workflows}
    return {key: Bundled(content_hash(one), json.dumps(one, ensure_ascii=False)) for key, one in made.items()}


FINDERS: dict[str, Finder] = {"draft": drafted, "version": released}
"""How a source of each kind is found."""
