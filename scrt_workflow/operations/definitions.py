"""Releasing definitions: a folder of YAML becomes new, immutable versions of the workflows whose content changed."""

from __future__ import annotations

import json
from collections.abc import Mapping
from contextlib import suppress
from dataclasses import dataclass, field
from datetime import datetime
from functools import lru_cache
from typing import Any
from uuid import UUID

from sqlalchemy import insert, select
from sqlalchemy.orm import Session

from scrt_workflow import catalogue, reference
from scrt_workflow.actors import Actor
from scrt_workflow.folder import Folder, bundle, content_hash, read_sources
from scrt_workflow.lint import lint
from scrt_workflow.models import DefinitionVersion, QuestionKey, Release, Review
from scrt_workflow.operations import history, released_files
from scrt_workflow.operations.vocabularies import codes_by_vocabulary
from scrt_workflow.workflows.schema import Definition, Opening, ReviewType
from scrt_workflow.yaml_reader import DefinitionError, Problem, Problems

FIRST_REASON = "Loaded from a folder."


@dataclass(frozen=True, slots=True)
class Loaded:
    """What loading came to for one workflow: its newest version's number, and whether that is a new one, of which release."""

    workflow: str
    title: str
    number: int
    is_new: bool
    release_id: int | None = None


def known_types() -> dict[str, ReviewType]:
    """Give the review types of the reference vocabulary, for workflows that only name theirs."""
    return {row.code: ReviewType(row.code, row.label, row.family, row.converted) for row in reference.review_types()}


def folder_of(sources: Mapping[str, str]) -> Folder:
    """Read a folder from its texts by path; the last few are kept, for every page of a draft asks for its folder."""
    return _folder_of(tuple(sources.items()))


@lru_cache(maxsize=16)
def _folder_of(sources: tuple[tuple[str, str], ...]) -> Folder:
    return read_sources(dict(sources), known_types=known_types())


def problems_in(folder: Folder, *, known: Mapping[str, Definition] | None = None, session: Session | None = None) -> Problems:
    """Give every mistake in *folder*: in its shape, in its sense, and against the workflows *known* beside it.

    The vocabularies are those that administrators have made of the shipped ones; without a *session*, the shipped ones.
    """
    terms = vocabularies(session)
    said = tuple((name, tuple(codes)) for name, codes in sorted(terms.items()))
    beside = tuple(sorted((key, id(found)) for key, found in (known or {}).items()))
    texts = tuple(sorted(folder.sources.items()))
    return _linted(_Asked(texts, tuple(folder.problems), beside, said, folder, known or {}, terms)).copy()


@dataclass(frozen=True)
class _Asked:
    """What is checked: texts, beside workflows and vocabularies in use. Two are the same if these are, whoever read them."""

    texts: tuple[tuple[str, str], ...]
    read: tuple[Problem, ...]
    beside: tuple[tuple[str, int], ...]
    said: tuple[tuple[str, tuple[str, ...]], ...]
    folder: Folder = field(compare=False)
    known: Mapping[str, Definition] = field(compare=False)
    vocabularies: Mapping[str, list[str]] = field(compare=False)


@lru_cache(maxsize=16)
def _linted(asked: _Asked) -> Problems:
    """Check a folder. It takes tenths of a second, and every page of a draft asks for it: so it is kept."""
    return lint(asked.folder, vocabularies=asked.vocabularies, known=dict(asked.known))


def vocabularies(session: Session | None = None) -> dict[str, list[str]]:
    """Give the codes of every vocabulary, by its name: the shipped ones, and those that were added in the database."""
    if session is not None:
        return codes_by_vocabulary(session)
    return {name: [row.code for row in rows] for name, rows in reference.vocabularies().items()}


def load(
    session: Session, folder: Folder, *, at: datetime, actor: Actor | None = None, reason: str = FIRST_REASON,
    approved_by: UUID | None = None,
) -> list[Loaded]:  # fmt: skip
    """Release every workflow of *folder* whose content differs from its newest version, and keep the folder's files.

    Raises DefinitionError with all mistakes at once, those included by which a review under way could no longer go on where
    its own version leads; then nothing is released. Loading the same folder again changes nothing.
    """
    if len(problems := problems_of_release(session, folder)):
        raise DefinitionError(problems)
    made = {key: bundle(folder, key) for key in folder.workflows}
    newest = {key: _newest(session, key) for key in made}
    changed = [key for key, content in made.items() if content_hash(content) != newest[key][1]]
    release_id = None
    if changed or _is_written_otherwise(session, folder):
        _remember_questions(session, [folder.definition(key) for key in changed])
        by = {"drafted_by_id": actor.person_id if actor else None, "approved_by_id": approved_by}
        release_id = session.execute(insert(Release).values(**by, reason=reason, at=at).returning(Release.id)).scalar_one()
        for key in changed:
            _release(session, key, made[key], newest[key], release_id, reason=reason, at=at, actor=actor)
        versions = released_files.newest_versions(session)
        released_files.keep_files(session, release_id, folder.sources, {key: versions[key] for key in folder.workflows})
        catalogue.forget(session)
    return [
        Loaded(key, folder.workflows[key].title, _newest(session, key)[0], key in changed, release_id)
        for key in sorted(folder.workflows)
    ]


def problems_of_release(session: Session, folder: Folder) -> Problems:
    """Give every mistake in *folder*, those included that stand against what is in use and the reviews under way."""
    live = catalogue.live_definitions(session)
    beside = {key: found for key, (_, found) in live.items() if key not in folder.workflows}
    problems = problems_in(folder, known=beside, session=session)
    with suppress(DefinitionError):  # there are so many mistakes that no more are looked for
        _check_types(session, folder, problems)
        _check_led_to(session, folder, live, problems)
    return problems


def _newest(session: Session, workflow: str) -> tuple[int, str]:
    newest = select(DefinitionVersion.number, DefinitionVersion.hash).where(DefinitionVersion.workflow == workflow)
    row = session.execute(newest.order_by(DefinitionVersion.number.desc()).limit(1)).one_or_none()
    return (row.number, row.hash) if row else (0, "")


def _is_written_otherwise(session: Session, folder: Folder) -> bool:
    """Say whether the files of *folder* differ from those in use, if only in a comment."""
    known = released_files.newest_versions(session)
    return any(key in known and released_files.sources_of(session, key) != folder.sources for key in folder.workflows)


def _release(
    session: Session, key: str, content: dict[str, Any], newest: tuple[int, str], release_id: int,
    *, reason: str, at: datetime, actor: Actor | None,
) -> None:  # fmt: skip
    """Keep *content* as the version of workflow *key* that follows the *newest*."""
    number, digest = newest[0] + 1, content_hash(content)
    values = {"workflow": key, "number": number, "hash": digest, "release_id": release_id}
    session.execute(insert(DefinitionVersion).values(**values, bundle=json.dumps(content, ensure_ascii=False)))
    body = {"number": number, "hash": digest, "before": newest[1], "reason": reason}
    history.append(session, stream=f"definition:{key}", kind="definition:released", body=body, at=at, actor=actor)


def _check_types(session: Session, folder: Folder, problems: Problems) -> None:
    """Report questions that were asked before under another type: a key and its type never change."""
    types = {row.key: row.type for row in session.execute(select(QuestionKey.key, QuestionKey.type))}
    for question in folder.questions.values():
        before = types.get(question.key, question.type)
        if before != question.type:
            sentence = f"its type was '{before}' and cannot become '{question.type}'. Give the new question a key of its own."
            problems.add(question.file, question.line, f"{question.key}: {sentence}")


def _check_led_to(session: Session, folder: Folder, live: Mapping[str, tuple[int, Definition]], problems: Problems) -> None:
    """Report a workflow of *folder* that no longer has, or no longer lets in, what a version in use leads to there.

    In use are the *live* versions that the folder does not replace, and those that a review goes by which has not ended.
    """
    led_from = {version: found for key, (version, found) in live.items() if key not in folder.workflows}
    led_from |= versions_gone_by(session)
    for version, found in led_from.items():
        name = f"version {_number(session, version)} of {found.workflow.key}"
        for step in found.workflow.steps.values():
            for opening in (one for outcome in step.outcomes for one in (outcome.opens, outcome.becomes) if one):
                if opening.workflow in folder.workflows:
                    _check_lets_in(folder, opening, f"{step.key} of {name}, which is in use,", problems)


def versions_gone_by(session: Session) -> dict[int, Definition]:
    """Give the versions that a review goes by which is in no final state."""
    pinned = select(Review.definition_version_id, Review.state).where(Review.withdrawn_at.is_(None)).distinct()
    found = [(version, catalogue.definition(session, version), state) for version, state in session.execute(pinned)]
    return {version: by for version, by, state in found if not by.workflow.states[state].final}


def _number(session: Session, version: int) -> int:
    return session.execute(select(DefinitionVersion.number).where(DefinitionVersion.id == version)).scalar_one()


def _check_lets_in(folder: Folder, opening: Opening, leading: str, problems: Problems) -> None:
    """Report what *leading* leads to if it is not in *folder*, or asks there for approvals that no review brings along."""
    workflow, node = folder.workflows[opening.workflow], folder.workflow_nodes[opening.workflow]
    wanted = opening.state or workflow.starts_in
    state = workflow.states.get(wanted)
    if state is None:
        line = next((key.line for key in node if key == "states"), 1)
        sentence = f"states: {leading} leads to '{wanted}'. Keep a state of that key until no review needs it."
        problems.add(workflow.file, line, sentence)
    elif state.approved_by:
        sentence = f"{wanted}: approved_by: {leading} leads here, and no review that comes from elsewhere has an approval."
        problems.add(workflow.file, state.line, sentence)


def _remember_questions(session: Session, definitions: list[Definition]) -> None:
    known = set(session.scalars(select(QuestionKey.key)))
    new = {q.key: q.type for found in definitions for q in found.questions.values() if q.key not in known}
    if new:
        session.execute(insert(QuestionKey), [{"key": key, "type": kind} for key, kind in sorted(new.items())])
