"""Taking a version of a workflow, or all of it, out of use: nothing new starts under it, and what is under way goes on."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime

from sqlalchemy import select
from sqlalchemy.orm import Session

from scrt_workflow import catalogue
from scrt_workflow.actors import Actor
from scrt_workflow.models import DefinitionRetirement, DefinitionVersion
from scrt_workflow.operations import history
from scrt_workflow.operations.definitions import versions_gone_by
from scrt_workflow.workflows.schema import Definition


class RetirementRefusedError(Exception):
    """Reviews still lead there; `led_from` names each step that does."""

    def __init__(self, sentence: str, led_from: list[str]) -> None:
        """Keep the sentence, and who leads there."""
        self.led_from = led_from
        super().__init__(f"{sentence} {'; '.join(led_from)}.")


def retire(session: Session, version_id: int, *, whole: bool, actor: Actor | None, at: datetime) -> None:
    """Take a version out of use, or with *whole* every version of its workflow. Raises RetirementRefusedError.

    New reviews then start under the newest version that is not retired, if there is one.
    """
    version = session.get_one(DefinitionVersion, version_id)
    if catalogue.is_retired(session, version_id) and not whole:
        return
    mine = select(DefinitionVersion).where(DefinitionVersion.workflow == version.workflow)
    versions = session.scalars(mine.order_by(DefinitionVersion.number)).all()
    going = [one for one in versions if (whole or one.id == version_id) and not catalogue.is_retired(session, one.id)]
    staying = [one for one in versions if one not in going and not catalogue.is_retired(session, one.id)]
    then = catalogue.definition(session, staying[-1].id) if staying else None
    if led_from := list(_led_from(session, version.workflow, then)):
        sentence = "It cannot be retired, because other reviews still lead there:"
        raise RetirementRefusedError(sentence, led_from)
    by = actor.person_id if actor else None
    session.add_all(DefinitionRetirement(version_id=one.id, at=at, by_id=by) for one in going)
    session.flush()
    body = {"numbers": [one.number for one in going], "whole": whole}
    history.append(session, stream=f"definition:{version.workflow}", kind="definition:retired", body=body, at=at, actor=actor)


def put_back(session: Session, version_id: int, *, actor: Actor | None, at: datetime) -> None:
    """Bring a retired version back into use."""
    kept = session.get(DefinitionRetirement, version_id)
    if kept is None:
        return
    version = session.get_one(DefinitionVersion, version_id)
    session.delete(kept)
    session.flush()
    stream, body = f"definition:{version.workflow}", {"numbers": [version.number]}
    history.append(session, stream=stream, kind="definition:put-back", body=body, at=at, actor=actor)


def _led_from(session: Session, workflow: str, then: Definition | None) -> Iterator[str]:
    """Name the steps in use of other workflows that lead to *workflow* and would find nothing that lets them in.

    *then* is the version under which new reviews would start, if there is one.
    """
    live = dict(catalogue.live_definitions(session).values())
    numbers = {row.id: row.number for row in session.execute(select(DefinitionVersion.id, DefinitionVersion.number))}
    for version_id, found in sorted({**versions_gone_by(session), **live}.items()):
        if found.workflow.key == workflow:
            continue
        for step in found.workflow.steps.values():
            openings = [one for outcome in step.outcomes for one in (outcome.opens, outcome.becomes) if one]
            if any(one.workflow == workflow and not _lets_in(then, one.state) for one in openings):
                yield f"“{step.title}” of “{found.workflow.title}”, version {numbers[version_id]}"


def _lets_in(then: Definition | None, state: str) -> bool:
    """Say whether a review that comes from elsewhere may go on in *state* under this version, or where reviews begin."""
    found = then.workflow.states.get(state or then.workflow.starts_in) if then else None
    return found is not None and not found.approved_by
