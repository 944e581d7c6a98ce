"""Moving reviews that are under way to another version of their definition: a plan, then a batch of it, a little at a time.

Each move is an event in the review's own stream, in one transaction with the row that says so; so a batch that is killed goes on
where it was, and moves nothing twice. A plan may also stand: then each review is moved when somebody next completes a step of it.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import bindparam, func, insert, select
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session
from sqlalchemy.orm.attributes import set_committed_value

from scrt_workflow import catalogue
from scrt_workflow.actors import Actor
from scrt_workflow.models import DefinitionRetirement, DefinitionVersion, Rebase, Review
from scrt_workflow.operations import history
from scrt_workflow.operations.rebase_checks import REVIEWS, Judge, number_of, reviews_under_way
from scrt_workflow.operations.rebase_moves import ITEMS, THESE, carry_out, item, set_items
from scrt_workflow.operations.rebase_undoing import take_some_back
from scrt_workflow.operations.tables import table_of
from scrt_workflow.workflows.rebasing import Plan, mistakes_in
from scrt_workflow.workflows.schema import Definition
from scrt_workflow.working_days import local_date

AT_A_TIME = 200
NOW, AT_NEXT_STEP = "now", "at_next_step"
REBASES = table_of(Rebase)
STANDING = select(*REBASES.c["id", "plan", "to_version_id", "started_by_id"]).where(
    REBASES.c.from_version_id == bindparam("version"), REBASES.c.status == "standing"
)


class RebaseRefusedError(Exception):
    """The plan cannot be made or carried out; `mistakes` gives the sentences by field."""

    def __init__(self, mistakes: Mapping[str, str]) -> None:
        """Keep the *mistakes*."""
        self.mistakes = dict(mistakes)
        super().__init__(" ".join(f"{sentence}." if sentence[-1:] != "." else sentence for sentence in self.mistakes.values()))


@dataclass(frozen=True, slots=True)
class Progress:
    """How far a rebase is: the reviews by what came of them."""

    waiting: int = 0
    moved: int = 0
    blocked: int = 0
    passed_by: int = 0
    undone: int = 0
    left: int = 0

    @property
    def total(self) -> int:
        """Give how many reviews it is about."""
        return self.waiting + self.moved + self.blocked + self.passed_by + self.undone + self.left


def make_plan(session: Session, plan: Plan, *, from_id: int, to_id: int, mode: str, actor: Actor | None, at: datetime) -> Rebase:
    """Keep *plan* for the reviews on version *from_id*, to be looked at before it is begun. Raises RebaseRefusedError."""
    old, new = catalogue.definition(session, from_id), catalogue.definition(session, to_id)
    if from_id == to_id or old.workflow.key != new.workflow.key:
        raise RebaseRefusedError({"": "Choose two versions of one workflow"})
    if mode not in {NOW, AT_NEXT_STEP}:
        raise RebaseRefusedError({"mode": "Choose when the reviews move"})
    if session.get(DefinitionRetirement, to_id) is not None:
        raise RebaseRefusedError({"": f"Version {number_of(session, to_id)} is retired: no review is moved to it"})
    if wrong := dict(mistakes_in(plan, old, new)):
        raise RebaseRefusedError(wrong)
    by = actor.person_id if actor else None
    made = Rebase(from_version_id=from_id, to_version_id=to_id, plan=plan.as_json(), mode=mode, started_by_id=by, at=at)
    session.add(made)
    session.flush()
    return made


def begin(session: Session, rebase_id: int, *, actor: Actor | None, at: datetime) -> None:
    """Begin to carry out a plan: note every review that it is about, or let it stand. Raises RebaseRefusedError."""
    rebase = _held(session, rebase_id)
    if rebase.status != "planned":
        return  # a second press of the button
    session.flush()
    try:
        with session.begin_nested():
            rebase.status = "running" if rebase.mode == NOW else "standing"
            rebase.began_at, rebase.started_by_id = at, actor.person_id if actor else rebase.started_by_id
            session.flush()
    except IntegrityError:
        session.refresh(rebase)
        sentence = "Another plan for the reviews on this version is under way. Wait until it is done, or end it first"
        raise RebaseRefusedError({"": sentence}) from None
    if rebase.mode == NOW:
        _note_newcomers(session, rebase)
    _tell(session, rebase, "definition:rebase-begun", actor, at)


def carry_on(session: Session, rebase_id: int, *, at: datetime, most: int = AT_A_TIME) -> bool:
    """Move the next reviews of a batch, or take the next ones back, and say whether there may be more to do."""
    rebase = _held(session, rebase_id)
    if rebase.status == "undoing":
        return take_some_back(session, rebase, at=at, most=most)
    if rebase.status != "running":
        return False
    waiting = _items(session, rebase_id, "waiting", most)
    if not waiting and not _note_newcomers(session, rebase):
        rebase.status, rebase.ended_at = "done", at
        session.flush()
        return False
    judge = Judge(session, Plan.from_json(rebase.plan), rebase.from_version_id, rebase.to_version_id)
    reviews = session.connection().execute(THESE, {"reviews": waiting}).all()
    here = [one for one in reviews if is_under_way(one, rebase.from_version_id, judge.old)]
    verdicts = judge.judge(here, today=local_date(at))
    carry_out(session, rebase.id, verdicts, rebase.to_version_id, by=rebase.started_by_id, at=at)
    gone = [item(rebase.id, one, "passed_by", _why_passed_by(one, judge.old)) for one in reviews if one not in here]
    set_items(session, gone)
    return True


def follow_standing_plan(session: Session, review: Review, *, at: datetime) -> None:
    """Move *review*, of which a step was just completed, if a plan stands for its version and nothing is in the way."""
    plan = session.connection().execute(STANDING, {"version": review.definition_version_id}).one_or_none()
    if plan is None:
        return
    judge = Judge(session, Plan.from_json(plan.plan), review.definition_version_id, plan.to_version_id)
    if not is_under_way(review, review.definition_version_id, judge.old):
        return
    verdicts = judge.judge([review], today=local_date(at))
    for values in carry_out(session, plan.id, verdicts, plan.to_version_id, by=plan.started_by_id, at=at):
        for name in values.keys() - {"review", "read_at", "read_in"}:
            set_committed_value(review, name, values[name])


def end(session: Session, rebase_id: int, *, actor: Actor | None, at: datetime) -> None:
    """Let a standing plan stand no longer; the reviews that it has moved stay where they are."""
    rebase = _held(session, rebase_id)
    if rebase.status == "standing":
        rebase.status, rebase.ended_at = "done", at
        session.flush()
        _tell(session, rebase, "definition:rebase-ended", actor, at)


def undo(session: Session, rebase_id: int, *, actor: Actor | None, at: datetime) -> None:
    """Begin to take back what a rebase moved, but for the reviews that somebody has acted on since. Raises RebaseRefusedError."""
    rebase = _held(session, rebase_id)
    if rebase.status not in {"done", "standing"}:
        return
    taken = select(REBASES.c.id).where(REBASES.c.from_version_id == rebase.from_version_id, REBASES.c.id != rebase_id)
    if session.scalars(taken.where(REBASES.c.status.in_(("running", "standing", "undoing")))).first() is not None:
        raise RebaseRefusedError({"": "Another plan for the version they came from is under way. End it first"})
    rebase.status, rebase.undone_by_id = "undoing", actor.person_id if actor else None
    session.flush()
    _tell(session, rebase, "definition:rebase-undone", actor, at)


def progress(session: Session, rebase_id: int) -> Progress:
    """Give how far a rebase is."""
    query = select(ITEMS.c.outcome, func.count()).where(ITEMS.c.rebase_id == rebase_id).group_by(ITEMS.c.outcome)
    return Progress(**dict(session.execute(query).all()))


def under_way_now(session: Session) -> list[int]:
    """Give the batches that have reviews to move, or to take back."""
    busy = select(REBASES.c.id).where(REBASES.c.status.in_(("running", "undoing"))).order_by(REBASES.c.id)
    return list(session.scalars(busy))


def is_under_way(review: Any, version_id: int, old: Definition) -> bool:
    """Say whether *review* may be moved from this version: it is neither closed nor withdrawn."""
    state = old.workflow.states.get(review.state)
    is_here = review.definition_version_id == version_id and review.withdrawn_at is None
    return is_here and state is not None and state.is_under_way


def _held(session: Session, rebase_id: int) -> Rebase:
    """Give a rebase, which nobody else carries on until this transaction ends."""
    return session.get_one(Rebase, rebase_id, with_for_update=True, populate_existing=True)


def _items(session: Session, rebase_id: int, outcome: str, most: int) -> list[UUID]:
    here = select(ITEMS.c.review_id).where(ITEMS.c.rebase_id == rebase_id, ITEMS.c.outcome == outcome)
    return list(session.scalars(here.order_by(ITEMS.c.review_id).limit(most)))


def _note_newcomers(session: Session, rebase: Rebase) -> bool:
    """Note the reviews that the batch is to move and knows nothing of yet; some begin under the old version meanwhile."""
    old = catalogue.definition(session, rebase.from_version_id)
    known = select(ITEMS.c.review_id).where(ITEMS.c.rebase_id == rebase.id)
    new = reviews_under_way(rebase.from_version_id, old).where(REVIEWS.c.id.not_in(known)).subquery()
    rows = select(bindparam("rebase", rebase.id), new.c.id, bindparam("waits", "waiting"), bindparam("said", ""), new.c.version)
    columns = ["rebase_id", "review_id", "outcome", "said", "before_seq"]
    added: int = session.connection().execute(insert(ITEMS).from_select(columns, rows)).rowcount
    return added > 0


def _why_passed_by(review: Any, old: Definition) -> str:
    if review.withdrawn_at is not None:
        return "It was withdrawn meanwhile."
    if review.workflow != old.workflow.key:
        return "It has become a review of another kind meanwhile."
    return "It came to its end meanwhile." if review.state in old.workflow.states else "It was moved otherwise meanwhile."


def _tell(session: Session, rebase: Rebase, kind: str, actor: Actor | None, at: datetime) -> None:
    """Write into the history of the workflow's definitions what is done with a plan."""
    numbers = {"from": number_of(session, rebase.from_version_id), "to": number_of(session, rebase.to_version_id)}
    workflow = session.scalars(select(DefinitionVersion.workflow).where(DefinitionVersion.id == rebase.to_version_id)).one()
    body = {"rebase": rebase.id, "mode": rebase.mode, **numbers, "plan": rebase.plan}
    history.append(session, stream=f"definition:{workflow}", kind=kind, body=body, at=at, actor=actor)
