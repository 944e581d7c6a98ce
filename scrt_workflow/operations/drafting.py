"""Drafts of definitions: administrators change a folder together, and a second one of them releases it."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime
from functools import cached_property, lru_cache
from typing import Any
from uuid import UUID, uuid4

from sqlalchemy import delete, insert, select
from sqlalchemy.orm import Session

from scrt_workflow.actors import Actor
from scrt_workflow.editing.merging import merge
from scrt_workflow.editing.tree import Place, Tree, digest
from scrt_workflow.folder import BANK, WORKFLOWS, Folder, node_of
from scrt_workflow.models import DefinitionDraft, DraftFile
from scrt_workflow.operations import history
from scrt_workflow.operations.definitions import Loaded, folder_of, load, problems_of_release
from scrt_workflow.operations.released_files import Sources, newest_versions, sources_of
from scrt_workflow.yaml_reader import LARGEST_FILE, DefinitionError, Problems
from scrt_workflow.yaml_writer import write_yaml

EDITING, ASKED, RELEASED, DISCARDED = "editing", "asked", "released", "discarded"
MOST_FILES, MOST_TEXT = 200, 1024 * 1024


class DraftRefusedError(Exception):
    """A draft cannot be changed or released so. The message is a sentence for the person."""


class DraftChangedError(Exception):
    """Somebody else has changed this place of the draft since it was read; `theirs` is what it holds now (None: nothing)."""

    def __init__(self, place: Place, theirs: Any) -> None:
        super().__init__("Somebody else has changed this since you opened it.")
        self.place, self.theirs = place, theirs


@dataclass(frozen=True)
class Drafted:
    """A draft with its texts: *files* as they are now, *base* as they were in use when the draft last took them up."""

    row: DefinitionDraft
    files: Mapping[str, str]
    base: Mapping[str, str]

    @cached_property
    def tree(self) -> Tree:
        """Give what its files say, as a tree."""
        return _tree(tuple(self.files.items()))

    @cached_property
    def base_tree(self) -> Tree:
        """Give what it began from, as a tree."""
        return _tree(tuple(self.base.items()))

    @cached_property
    def folder(self) -> Folder:
        """Read its files, with every mistake in how they are written."""
        return folder_of(self.files)

    @property
    def changed_files(self) -> list[str]:
        """Name the files that differ from what the draft began from."""
        return sorted(path for path in {*self.files, *self.base} if self.files.get(path) != self.base.get(path))


@lru_cache(maxsize=16)
def _tree(texts: tuple[tuple[str, str], ...]) -> Tree:
    """Make a tree of texts: it finds its way about once, and not anew for every page."""
    return Tree(dict(texts))


def begin(session: Session, workflow: str, *, title: str, actor: Actor, at: datetime) -> UUID:
    """Begin a draft of the folder in which *workflow* stands; an unknown workflow is a KeyError."""
    return _begin(session, workflow, sources_of(session, workflow), base=True, title=title, actor=actor, at=at)


def begin_new(session: Session, key: str, *, title: str, actor: Actor, at: datetime) -> UUID:
    """Begin a draft of a workflow that there is not yet. Raises DraftRefusedError where its key is taken."""
    if key in newest_versions(session):
        raise DraftRefusedError("There is a workflow of this name already. Choose another name.")
    files = {f"{WORKFLOWS}/{key}.yaml": write_yaml(_smallest(key, title)), BANK: ""}
    return _begin(session, key, files, base=False, title=title, actor=actor, at=at)


def _smallest(key: str, title: str) -> Any:
    """Give a workflow that works as it is: somebody begins a review, and ends it. Nobody has to make sense of what is missing."""
    return node_of(
        {
            "workflow": key,
            "title": title,
            "review_types": {key: {"title": title}},
            "starts_in": "begun",
            "states": {
                "begun": {"title": "Begun", "counts_as": "open"},
                "ended": {"title": "Ended", "counts_as": "closed", "final": "yes"},
            },
            "steps": {
                "begin": {"title": "Begin", "from": "new", "who": ["designate"], "to": "begun"},
                "end": {"title": "End it", "from": ["begun"], "who": ["designate"], "to": "ended"},
            },
        }
    )


def _begin(session: Session, workflow: str, files: Sources, *, base: bool, title: str, actor: Actor, at: datetime) -> UUID:
    draft_id = uuid4()
    by = {"begun_by_id": actor.person_id, "begun_at": at, "changed_by_id": actor.person_id, "changed_at": at}
    session.execute(
        insert(DefinitionDraft).values(id=draft_id, title=title, workflow=workflow, stage=EDITING, revision=1, reason="", **by)
    )
    rows = [{"draft_id": draft_id, "path": path, "text": text, "base": text if base else None} for path, text in files.items()]
    session.execute(insert(DraftFile), rows)
    body = {"workflow": workflow, "title": title}
    history.append(session, stream=f"draft:{draft_id}", kind="draft:begun", body=body, at=at, actor=actor, is_first=True)
    return draft_id


def find(session: Session, draft_id: UUID) -> Drafted:
    """Give a draft as it is; an unknown one is a LookupError."""
    return _drafted(session, select(DefinitionDraft).where(DefinitionDraft.id == draft_id))


def _held(session: Session, draft_id: UUID, *stages: str) -> Drafted:
    """Give a draft that nobody else can change until this transaction ends. Raises DraftRefusedError in any other stage."""
    query = select(DefinitionDraft).where(DefinitionDraft.id == draft_id).with_for_update()
    drafted = _drafted(session, query.execution_options(populate_existing=True))
    if drafted.row.stage not in stages:
        raise DraftRefusedError(_WHY_NOT[drafted.row.stage])
    return drafted


_WHY_NOT = {
    EDITING: "Nobody has asked for this draft to be released. Ask first.",
    ASKED: "This draft waits to be released. Take that back first, then change it.",
    RELEASED: "This draft was released. Begin a new one.",
    DISCARDED: "This draft was discarded. Begin a new one.",
}


def _drafted(session: Session, query: Any) -> Drafted:
    row = session.scalars(query).one_or_none()
    if row is None:
        raise LookupError("There is no such draft.")
    kept = session.scalars(select(DraftFile).where(DraftFile.draft_id == row.id).order_by(DraftFile.path)).all()
    files = {one.path: one.text for one in kept if one.text is not None}
    return Drafted(row, files, {one.path: one.base for one in kept if one.base is not None})


def change(
    session: Session, draft_id: UUID, place: Place, make: Callable[[Tree], Tree], *, seen: str | None, actor: Actor, at: datetime
) -> Drafted:
    """Change a draft at *place* by *make*, if it still holds there what was *seen* (its digest; None: look at nothing).

    Raises DraftChangedError with what somebody else has put there, and DraftRefusedError where the draft cannot be changed.
    """
    drafted = _held(session, draft_id, EDITING)
    there = drafted.tree.find(place)
    if seen is not None and digest(there) != seen:
        raise DraftChangedError(place, there)
    made = make(drafted.tree)
    body = {"place": "/".join(place), "before": _plain(there), "after": _plain(made.find(place))}
    return _save(session, drafted, dict(made.texts), body, actor=actor, at=at)


def change_file(
    session: Session, draft_id: UUID, path: str, text: str | None, *, seen: str, actor: Actor, at: datetime
) -> Drafted:
    """Put *text* into a file of a draft (None takes the file out), if it still holds what was *seen* (its digest)."""
    drafted = _held(session, draft_id, EDITING)
    there = drafted.files.get(path)
    if digest(there) != seen:
        raise DraftChangedError((path,), there)
    files = {name: one for name, one in drafted.files.items() if name != path}
    if text is not None:
        files[path] = text
    return _save(session, drafted, files, {"file": path, "before": there, "after": text}, actor=actor, at=at)


def _save(
    session: Session, drafted: Drafted, files: Sources, body: dict[str, Any], *, actor: Actor, at: datetime,
    base: Mapping[str, str] | None = None, kind: str = "draft:changed",
) -> Drafted:  # fmt: skip
    if len(files) > MOST_FILES or sum(map(len, files.values())) > MOST_TEXT:
        raise DraftRefusedError(f"A draft has at most {MOST_FILES} files of {MOST_TEXT // 1024} KiB together. Shorten it.")
    if path := next((path for path, text in files.items() if len(text.encode(errors="replace")) > LARGEST_FILE), None):
        raise DraftRefusedError(f"{path} would be larger than {LARGEST_FILE // 1024} KiB. Split it.")
    row = drafted.row
    base = drafted.base if base is None else base
    paths = {path for path in {*files, *base, *drafted.files, *drafted.base}
             if (files.get(path), base.get(path)) != (drafted.files.get(path), drafted.base.get(path))}  # fmt: skip
    if not paths:
        return drafted
    session.execute(delete(DraftFile).where(DraftFile.draft_id == row.id, DraftFile.path.in_(paths)))
    rows = [{"draft_id": row.id, "path": path, "text": files.get(path), "base": base.get(path)} for path in sorted(paths)]
    session.execute(insert(DraftFile), rows)
    row.revision, row.changed_by_id, row.changed_at = row.revision + 1, actor.person_id, at
    session.flush()
    history.append(session, stream=f"draft:{row.id}", kind=kind, body=body, at=at, actor=actor)
    return Drafted(row, files, base)


def _plain(node: Any) -> Any:
    if isinstance(node, dict):
        return {str(key): _plain(value) for key, value in node.items()}
    return [_plain(item) for item in node] if isinstance(node, list) else None if node is None else str(node)


# From a draft to a release


def problems_of(session: Session, drafted: Drafted) -> Problems:
    """Give every mistake by which a draft cannot be released."""
    return problems_of_release(session, drafted.folder)


def is_behind(session: Session, drafted: Drafted) -> bool:
    """Say whether something was released into this folder since the draft took it up."""
    return bool(drafted.base) and sources_of(session, drafted.row.workflow) != dict(drafted.base)


def bring_in(session: Session, draft_id: UUID, *, actor: Actor, at: datetime) -> tuple[Place, ...]:
    """Take up what was released meanwhile, and give the places that both changed: there the draft keeps its own."""
    drafted = _held(session, draft_id, EDITING)
    theirs = sources_of(session, drafted.row.workflow)
    merged = merge(drafted.base_tree, drafted.tree, Tree(theirs))
    body = {"conflicts": ["/".join(place) for place in merged.conflicts]}
    _save(session, drafted, dict(merged.tree.texts), body, actor=actor, at=at, base=theirs, kind="draft:brought-up-to-date")
    return merged.conflicts


def ask(session: Session, draft_id: UUID, *, reason: str, actor: Actor, at: datetime) -> None:
    """Ask for a draft to be released. Raises DraftRefusedError, or DefinitionError with its mistakes."""
    drafted = _held(session, draft_id, EDITING)
    if not drafted.changed_files:
        raise DraftRefusedError("Nothing has been changed in this draft, so there is nothing to release.")
    if is_behind(session, drafted):
        raise DraftRefusedError("Something was released since this draft was begun. Bring that in first.")
    if len(problems := problems_of(session, drafted)):
        raise DefinitionError(problems)
    row = drafted.row
    row.stage, row.reason, row.asked_by_id, row.asked_at = ASKED, reason, actor.person_id, at
    session.flush()
    body = {"reason": reason, "revision": row.revision}
    history.append(session, stream=f"draft:{draft_id}", kind="draft:asked", body=body, at=at, actor=actor)


def take_back(session: Session, draft_id: UUID, *, actor: Actor, at: datetime, why: str = "") -> None:
    """Let a draft that waits to be released be changed again: who asked takes it back, or whoever reads it sends it back."""
    drafted = _held(session, draft_id, ASKED)
    drafted.row.stage = EDITING
    session.flush()
    history.append(session, stream=f"draft:{draft_id}", kind="draft:taken-back", body={"why": why}, at=at, actor=actor)


def release(session: Session, draft_id: UUID, *, actor: Actor, at: datetime, two_people: bool) -> list[Loaded]:
    """Release a draft that was asked for: where *two_people* are needed, by another person than who asked.

    Raises DraftRefusedError, or DefinitionError with the mistakes that it has by now.
    """
    drafted = _held(session, draft_id, ASKED)
    row = drafted.row
    is_other = row.asked_by_id != actor.person_id
    if two_people and not is_other:
        raise DraftRefusedError("You asked for this release yourself. Another administrator releases it.")
    if is_behind(session, drafted):
        raise DraftRefusedError("Something else was released since this was asked. Take it back, and bring that in first.")
    loaded = load(session, drafted.folder, at=at, actor=_asker(row, actor), reason=row.reason,
                  approved_by=actor.person_id if is_other else None)  # fmt: skip
    row.stage, row.release_id = RELEASED, loaded[0].release_id if loaded else None
    session.flush()
    body = {"versions": {one.workflow: one.number for one in loaded if one.is_new}}
    history.append(session, stream=f"draft:{draft_id}", kind="draft:released", body=body, at=at, actor=actor)
    return loaded


def _asker(row: DefinitionDraft, actor: Actor) -> Actor:
    return Actor(row.asked_by_id or actor.person_id, "", "", ())


def discard(session: Session, draft_id: UUID, *, actor: Actor, at: datetime) -> None:
    """Put a draft away; what was in it stays in its history."""
    drafted = _held(session, draft_id, EDITING, ASKED)
    drafted.row.stage = DISCARDED
    session.flush()
    history.append(session, stream=f"draft:{draft_id}", kind="draft:discarded", body={}, at=at, actor=actor)


def open_drafts(session: Session, workflow: str | None = None) -> list[DefinitionDraft]:
    """List the drafts that are being changed or wait to be released, the newest first."""
    query = select(DefinitionDraft).where(DefinitionDraft.stage.in_((EDITING, ASKED)))
    if workflow is not None:
        query = query.where(DefinitionDraft.workflow == workflow)
    return list(session.scalars(query.order_by(DefinitionDraft.changed_at.desc(), DefinitionDraft.id)))
