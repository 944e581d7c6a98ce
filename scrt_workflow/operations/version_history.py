"""The versions of a workflow: who released each, when and why, and what each changed."""

from __future__ import annotations

import json
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import select
from sqlalchemy.orm import Session, aliased

from scrt_workflow.editing.differences import Difference, differences
from scrt_workflow.editing.tree import Tree
from scrt_workflow.folder import BANK, FORMS, WORKFLOWS, Bundle
from scrt_workflow.models import DefinitionVersion, Person, Release


@dataclass(frozen=True, slots=True)
class Released:
    """A version as it was released; `by` names who asked for it and who approved it, empty where nobody is on record."""

    id: int
    number: int
    at: datetime
    reason: str
    by: tuple[str, ...]


def versions_of(session: Session, workflow: str) -> list[Released]:
    """Give the versions of a workflow, the newest first."""
    drafted, approved = aliased(Person), aliased(Person)
    columns = (DefinitionVersion.id, DefinitionVersion.number, Release.at, Release.reason, drafted.name, approved.name)
    query = select(*columns).join(Release, Release.id == DefinitionVersion.release_id)
    query = query.outerjoin(drafted, drafted.id == Release.drafted_by_id).outerjoin(
        approved, approved.id == Release.approved_by_id
    )
    query = query.where(DefinitionVersion.workflow == workflow).order_by(DefinitionVersion.number.desc())
    return [Released(*row[:4], tuple(filter(None, row[4:]))) for row in session.execute(query)]


def changes_of(session: Session, version_id: int) -> list[Difference]:
    """Give what a version changed in the one before it, with the forms and questions that it uses; nothing of the first."""
    version = session.get_one(DefinitionVersion, version_id)
    query = select(DefinitionVersion.bundle).where(DefinitionVersion.workflow == version.workflow)
    before = session.scalar(query.where(DefinitionVersion.number == version.number - 1))
    return differences(_tree(before), _tree(version.bundle)) if before else []


def _tree(bundle: str) -> Tree:
    """Make a tree of a bundle: JSON is YAML."""
    made: Bundle = json.loads(bundle)
    nodes = {f"{WORKFLOWS}/{made['workflow']['workflow']}.yaml": made["workflow"], BANK: made["questions"]}
    nodes |= {f"{FORMS}/{key}.yaml": form if isinstance(form, dict) else {key: form} for key, form in made["forms"].items()}
    return Tree({path: json.dumps(node, ensure_ascii=False) for path, node in nodes.items()})
