"""The files of the definitions in use, as they were written: what a draft begins from, and what is exported."""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping
from typing import Any

from sqlalchemy import func, insert, select
from sqlalchemy.orm import Session

from scrt_workflow.editing.tree import QUESTIONS, Place, Tree
from scrt_workflow.folder import BANK, FORMS, WORKFLOWS, Bundle, node_of, questions_used, read_sources
from scrt_workflow.models import DefinitionVersion, ReleaseFile, ReleaseWorkflow
from scrt_workflow.yaml_reader import Map, Text
from scrt_workflow.yaml_writer import write_yaml

Sources = dict[str, str]
"""The text of each file by its path within a folder, in the order of the paths."""


def keep_files(session: Session, release_id: int, sources: Mapping[str, str], versions: Mapping[str, int]) -> None:
    """Keep the files that a release released, and the version that each of its workflows has come to."""
    rows = [{"release_id": release_id, "path": path, "text": text} for path, text in sources.items()]
    session.execute(insert(ReleaseFile), rows)
    listed = [{"release_id": release_id, "workflow": key, "version_id": version} for key, version in versions.items()]
    session.execute(insert(ReleaseWorkflow), listed)


def newest_versions(session: Session) -> dict[str, int]:
    """Give the id of the newest version of every workflow, those that are retired included."""
    newest = select(DefinitionVersion.workflow, func.max(DefinitionVersion.id)).group_by(DefinitionVersion.workflow)
    return dict(session.execute(newest).all())


def sources_of(session: Session, workflow: str) -> Sources:
    """Give the folder that the newest version of *workflow* stands in, without workflows that have moved on elsewhere.

    A version that was released before its files were kept is written out from what it says. An unknown one is a KeyError.
    """
    newest = newest_versions(session)
    home = _home(session, newest[workflow])
    if home is None:
        return dict(_written_out(session, newest[workflow]).texts)
    kept = select(ReleaseFile.path, ReleaseFile.text).where(ReleaseFile.release_id == home).order_by(ReleaseFile.path)
    texts: Sources = dict(session.execute(kept).all())
    there = select(ReleaseWorkflow.workflow, ReleaseWorkflow.version_id).where(ReleaseWorkflow.release_id == home)
    stale = [key for key, version in session.execute(there) if newest.get(key) != version]
    return dict(_without(Tree(texts), stale).texts) if stale else texts


def _home(session: Session, version: int) -> int | None:
    """Give the newest release whose folder holds *version*."""
    return session.scalar(select(func.max(ReleaseWorkflow.release_id)).where(ReleaseWorkflow.version_id == version))


def exported(session: Session, workflows: Iterable[str] = ()) -> dict[str, Sources]:
    """Give the folders that *workflows* (or all) stand in, by the name of each; one folder alone has no name.

    Workflows that were loaded from one folder stay in one; an unknown one is a KeyError.
    """
    wanted = list(workflows)
    found: list[Sources] = []
    for key in wanted or sorted(newest_versions(session)):
        sources = sources_of(session, key)
        if sources not in found:
            found.append(sources)
    if wanted:
        found = [_only(Tree(sources), wanted) for sources in found]
    if len(found) == 1:
        return {"": found[0]}
    return {_name(sources): sources for sources in found}


def _only(tree: Tree, wanted: list[str]) -> Sources:
    unwanted = [key for key in tree.keys(WORKFLOWS) if key not in wanted]
    return dict(_without(tree, unwanted).texts) if unwanted else dict(tree.texts)


def _name(sources: Sources) -> str:
    """Name a folder by the first of its workflows: no other folder holds it."""
    return min(Tree(sources).keys(WORKFLOWS))


def _without(tree: Tree, workflows: list[str]) -> Tree:
    """Take *workflows* out of a folder, with the forms and questions that nothing else in it uses."""
    before = _used(tree, tree.keys(WORKFLOWS))
    after = _used(tree, [key for key in tree.keys(WORKFLOWS) if key not in workflows])
    for key in workflows:
        tree = tree.remove((WORKFLOWS, key))
    for place in sorted(before - after):
        tree = tree.remove(place)
    return tree


def _used(tree: Tree, workflows: Iterable[str]) -> set[Place]:
    folder = read_sources(tree.texts)
    found: set[Place] = set()
    for key in (key for key in workflows if key in folder.workflows):
        workflow = folder.workflows[key]
        forms = {step.form: folder.forms[step.form] for step in workflow.steps.values() if step.form in folder.forms}
        found |= {(FORMS, form) for form in forms}
        found |= {(QUESTIONS, question) for question in questions_used(workflow, forms, folder.questions)}
    return found


def _written_out(session: Session, version: int) -> Tree:
    """Write a released bundle as the files that it could have come from."""
    bundle: Bundle = json.loads(
        session.execute(select(DefinitionVersion.bundle).where(DefinitionVersion.id == version)).scalar_one()
    )
    key = bundle["workflow"]["workflow"]
    texts = {f"{WORKFLOWS}/{key}.yaml": _text(bundle["workflow"]), BANK: _text(bundle["questions"])}
    for form, said in bundle["forms"].items():
        texts[f"{FORMS}/{form}.yaml"] = _text(said if isinstance(said, dict) else {form: said})
    return Tree(dict(sorted(texts.items())))


def _text(data: dict[str, Any]) -> str:
    node = node_of(data)
    return write_yaml(node if isinstance(node, Map) else Map({Text("?"): node}))
