"""The kinds of review that someone may record, and the draft that a new one begins as."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, replace
from uuid import UUID

from sqlalchemy import select

from scrt_workflow import catalogue
from scrt_workflow.actors import Held
from scrt_workflow.models import Organisation
from scrt_workflow.operations import drafts
from scrt_workflow.operations.conversions import blank_review
from scrt_workflow.operations.organisations import exists_on
from scrt_workflow.operations.records import Record
from scrt_workflow.web.requests import actor, database, now, today
from scrt_workflow.web.review_list import short_name
from scrt_workflow.workflows.schema import Definition, Step


@dataclass(frozen=True, slots=True)
class Kind:
    """A kind of review that someone may make: by which step, as what, and of which type where the form does not ask it."""

    key: str
    title: str
    hint: str
    version_id: int
    definition: Definition
    step: Step
    held: tuple[Held, ...]
    review_type: str = ""


def kinds() -> list[Kind]:
    """Give the kinds of review that who is acting may make; those called the same say of which workflow they are."""
    found = []
    for key, (version_id, definition) in catalogue.live_definitions(database()).items():
        for step in definition.workflow.making_steps:
            held = tuple(one for one in actor().held if one.role in step.who)
            if held:
                found += _kinds_of(key, version_id, definition, step, held)
    many = Counter(kind.title for kind in found)
    return [
        replace(kind, title=f"{kind.definition.workflow.title}: {kind.title}") if many[kind.title] > 1 else kind for kind in found
    ]


def _kinds_of(key: str, version_id: int, definition: Definition, step: Step, held: tuple[Held, ...]) -> list[Kind]:
    workflow, types = definition.workflow, definition.workflow.chosen_types
    several = len(workflow.making_steps) > 1
    title, hint = (step.title, step.hint or workflow.hint) if several else (workflow.title, workflow.hint)
    made = f"{key}:{step.key}"
    if "review_type" in definition.form_of(step).questions or len(types) < 2 or workflow.untyped:
        return [Kind(made, title, hint, version_id, definition, step, held)]
    return [Kind(f"{made}:{one.key}", one.title, hint, version_id, definition, step, held, one.key) for one in types]


def places(found: list[Kind]) -> dict[str, str]:
    """Give the ICBs of today for which one of the kinds *found* may be made, as code to name."""
    icbs = select(Organisation.code, Organisation.name).where(Organisation.kind == "icb", *exists_on(today()))
    named = {row.code: short_name(row.name) for row in database().execute(icbs.order_by(Organisation.name))}
    return {code: name for code, name in named.items() if any(may_make(kind, code) for kind in found)}


def may_make(kind: Kind, organisation: str) -> bool:
    """Say whether who is acting may make a review of this *kind* for *organisation*."""
    return any(held.reaches(organisation) for held in kind.held)


def begin_draft(kind: Kind, organisation: str) -> UUID:
    """Begin the draft of a new review, or go on with one of the same kind in which nothing was typed yet."""
    typed = {"review_type": [kind.review_type]} if kind.review_type else {}
    wanted = (None, kind.definition.workflow.key, kind.step.key, organisation, kind.version_id, typed)
    for draft in drafts.mine(database(), actor()):
        found = (draft.review_id, draft.workflow, draft.step, draft.organisation, draft.definition_version_id, draft.body)
        if found == wanted and not draft.pages_done:
            return draft.id
    review = blank_review(UUID(int=0), kind.definition, kind.version_id, organisation=organisation, at=now())
    held = next(one for one in kind.held if one.reaches(organisation))
    record = Record(review, kind.definition, {}, {})
    draft = drafts.begin_new(database(), record, kind.step, actor=actor(), held=held, at=now())
    draft.body = typed
    return draft.id
