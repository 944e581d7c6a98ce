"""Moving open reviews to another version, by who looks after definitions and reads no review: references and stages only."""

from __future__ import annotations

import time
from collections import Counter
from collections.abc import Iterable, Mapping
from typing import Any

from flask import Blueprint, abort, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from sqlalchemy import case, func, select
from werkzeug.exceptions import NotFound

from scrt_workflow import catalogue
from scrt_workflow.models import DefinitionVersion, Organisation, Person, Rebase, RebaseItem, Review
from scrt_workflow.operations import rebasing
from scrt_workflow.operations.rebase_checks import Verdict, dry_run, number_of, reviews_under_way
from scrt_workflow.operations.rebasing import RebaseRefusedError
from scrt_workflow.permissions import Permission
from scrt_workflow.web import errors
from scrt_workflow.web.definitions import VERSION, find_or_404
from scrt_workflow.web.guards import requires
from scrt_workflow.web.plan_form import PlanForm, plan_form
from scrt_workflow.web.requests import actor, database, in_its_own_units, now, today, unit
from scrt_workflow.web.review_list import short_name
from scrt_workflow.workflows.rebasing import Plan, differences
from scrt_workflow.workflows.schema import Definition

pages = Blueprint("rebasing", __name__)
MOVE = "<int(max=2147483647):rebase_id>"
MOST_SHOWN, LAST_PAGE = 200, 100_000
SECONDS = 3.0
"""How long one press of a button moves reviews before it answers; the scheduler does the rest, or the next press."""
UNPROCESSABLE = 422
OUTCOMES = {
    "waiting": "Waiting",
    "moved": "Moved",
    "blocked": "Not moved",
    "passed_by": "Passed by",
    "undone": "Moved back",
    "left": "Left where it is",
}


@pages.route(f"/definitions/{VERSION}/move", methods=["GET", "POST"])
@requires(Permission.DEFINITION_EDIT)
def plan(version_id: int) -> ResponseReturnValue:
    """Ask how the reviews under way on another version move to this one; a POST keeps the plan, and shows what it would do."""
    new = find_or_404(version_id)
    sources = _sources(new.workflow.key, version_id)
    from_id = request.args.get("from", type=int) or (next(iter(sources)) if len(sources) == 1 else 0)
    old = catalogue.definition(database(), from_id) if from_id in sources else None
    form = plan_form(old, new, _by_stage(from_id)) if old else None
    if old and form and request.method == "POST" and form.validate():
        try:
            who: dict[str, Any] = {"mode": str(form.mode.data), "actor": actor(), "at": now()}
            made = rebasing.make_plan(database(), form.plan(), from_id=from_id, to_id=version_id, **who)
            return redirect(url_for("rebasing.show", rebase_id=made.id), 303)
        except RebaseRefusedError as error:
            _say(form, error)
    page = render_template(
        "rebasing/plan.html",
        form=form,
        version_id=version_id,
        number=number_of(database(), version_id),
        workflow=new.workflow,
        sources=sources,
        source=sources.get(from_id),
        found=differences(old, new) if old else None,
        earlier=_earlier(version_id),
    )
    return page, UNPROCESSABLE if form and form.errors else 200


def _say(form: PlanForm, error: RebaseRefusedError) -> None:
    for name, sentence in error.mistakes.items():
        target = form[name] if name and name in form else None
        if target is not None:
            target.errors = [*target.errors, sentence]
        else:
            form.form_errors.append(sentence)


def _sources(workflow: str, version_id: int) -> dict[int, dict[str, int]]:
    """Give the other versions of a workflow that have reviews under way: the number of each, and how many."""
    versions = select(DefinitionVersion.id, DefinitionVersion.number).where(DefinitionVersion.workflow == workflow)
    found = {}
    for row in database().execute(versions.order_by(DefinitionVersion.number.desc())):
        counted = reviews_under_way(row.id, catalogue.definition(database(), row.id)).order_by(None).subquery()
        if row.id != version_id and (count := database().scalar(select(func.count()).select_from(counted))):
            found[row.id] = {"number": row.number, "count": count}
    return found


def _by_stage(from_id: int) -> dict[str, int]:
    here = select(Review.state, func.count()).where(Review.definition_version_id == from_id, Review.withdrawn_at.is_(None))
    return dict(database().execute(here.group_by(Review.state)).all())


def _earlier(version_id: int) -> list[dict[str, Any]]:
    """Give the plans that moved reviews to a version, the newest first."""
    query = select(Rebase, Person.name).outerjoin(Person, Person.id == Rebase.started_by_id)
    query = query.where(Rebase.to_version_id == version_id, Rebase.status != "planned").order_by(Rebase.id.desc())
    return [
        {"rebase": rebase, "by": name or "", "from": number_of(database(), rebase.from_version_id)}
        for rebase, name in database().execute(query)
    ]


@pages.route(f"/moves/{MOVE}")
@requires(Permission.DEFINITION_EDIT)
def show(rebase_id: int) -> ResponseReturnValue:
    """Show a plan: what it would do, how far it is, or what came of each review."""
    rebase = find_move(rebase_id)
    old, new = (catalogue.definition(database(), one) for one in (rebase.from_version_id, rebase.to_version_id))
    facts: dict[str, Any] = {
        "rebase": rebase,
        "workflow": new.workflow,
        "from_number": number_of(database(), rebase.from_version_id),
        "number": number_of(database(), rebase.to_version_id),
        "plan": _in_words(Plan.from_json(rebase.plan), old, new),
        "found": differences(old, new),
    }
    if rebase.status == "planned":
        return render_template("rebasing/planned.html", **facts, **_dry_run(rebase))
    by = database().get(Person, rebase.started_by_id) if rebase.started_by_id else None
    done = rebasing.progress(database(), rebase_id)
    shown = _rows(rebase_id, old, new, page=min(max(1, request.args.get("page", 1, type=int)), LAST_PAGE))
    return render_template("rebasing/show.html", **facts, by=by.name if by else "", progress=done, **shown)


def _in_words(plan: Plan, old: Definition, new: Definition) -> list[str]:
    """Say what a plan says, sentence by sentence."""
    said = [
        f"From “{old.workflow.states[key].title}” to “{new.workflow.states[to].title}”"
        for key, to in plan.states.items()
        if key in old.workflow.states and to in new.workflow.states
    ]
    form = plan_form(old, new, {})
    return said + [f"“{new.workflow.clocks[key].title}”: {form.choice_in_words(key, how)}" for key, how in plan.clocks.items()]


def _dry_run(rebase: Rebase) -> dict[str, Any]:
    """Give what a plan would do to each review today: counts by what happens first, then the reviews."""
    plan = Plan.from_json(rebase.plan)
    verdicts = list(dry_run(database(), plan, rebase.from_version_id, rebase.to_version_id, today=today()))
    blocked = [one for one in verdicts if one.blocked]
    moving = [one for one in verdicts if not one.blocked]
    shown = [*blocked, *moving][:MOST_SHOWN]
    names = short_names(one.review.responsible for one in shown)
    return {
        "moving": len(moving),
        "blocked": len(blocked),
        "why": Counter(one.blocked for one in blocked).most_common(),
        "what": Counter(one.said[0] for one in moving).most_common(),
        "rows": [_shown(one, names) for one in shown],
        "more": max(0, len(verdicts) - MOST_SHOWN),
    }


def _shown(one: Verdict, names: Mapping[str, str]) -> dict[str, str]:
    return {
        "reference": one.review.reference,
        "organisation": names[one.review.responsible],
        "why": one.blocked,
        "said": " ".join(one.said),
    }


def _rows(rebase_id: int, old: Definition, new: Definition, *, page: int) -> dict[str, Any]:
    """Give what came of each review, a page of them at a time, those first that stayed where they were."""
    order = case({"blocked": 0, "left": 1, "passed_by": 2}, value=RebaseItem.outcome, else_=3)
    columns = (RebaseItem.outcome, RebaseItem.said, Review.reference, Review.responsible, Review.state)
    query = select(*columns).join(Review, Review.id == RebaseItem.review_id).where(RebaseItem.rebase_id == rebase_id)
    query = query.order_by(order, Review.reference).offset((page - 1) * MOST_SHOWN).limit(MOST_SHOWN + 1)
    found = database().execute(query).all()
    titles = {key: state.title for one in (old, new) for key, state in one.workflow.states.items()}
    names = short_names(row.responsible for row in found)
    rows = [
        {
            "reference": row.reference, "organisation": names[row.responsible], "state": titles.get(row.state, row.state),
            "outcome": row.outcome, "words": OUTCOMES[row.outcome], "said": row.said,
        }
        for row in found[:MOST_SHOWN]
    ]  # fmt: skip
    return {"rows": rows, "page": page, "has_more": len(found) > MOST_SHOWN}


def short_names(codes: Iterable[str]) -> dict[str, str]:
    """Give the short name of each organisation, by its code."""
    query = select(Organisation).where(Organisation.code.in_(set(codes)))
    return {one.code: short_name(one.name) for one in database().scalars(query)}


@pages.route(f"/moves/{MOVE}/begin", methods=["POST"])
@requires(Permission.DEFINITION_EDIT)
@in_its_own_units
def begin(rebase_id: int) -> ResponseReturnValue:
    """Begin to move the reviews, or let the plan stand."""
    find_move(rebase_id)
    return _doing(rebase_id, rebasing.begin)


@pages.route(f"/moves/{MOVE}/undo", methods=["POST"])
@requires(Permission.DEFINITION_EDIT)
@in_its_own_units
def undo(rebase_id: int) -> ResponseReturnValue:
    """Begin to take back what was moved, but for the reviews that somebody has acted on since."""
    find_move(rebase_id)
    return _doing(rebase_id, rebasing.undo)


@pages.route(f"/moves/{MOVE}/end", methods=["POST"])
@requires(Permission.DEFINITION_EDIT)
@in_its_own_units
def end(rebase_id: int) -> ResponseReturnValue:
    """Let a standing plan stand no longer."""
    find_move(rebase_id)
    return _doing(rebase_id, rebasing.end)


@pages.route(f"/moves/{MOVE}/go-on", methods=["POST"])
@requires(Permission.DEFINITION_EDIT)
@in_its_own_units
def go_on(rebase_id: int) -> ResponseReturnValue:
    """Go on with what is under way, here and now."""
    find_move(rebase_id)
    _carry_on(rebase_id)
    return redirect(url_for("rebasing.show", rebase_id=rebase_id), 303)


def _doing(rebase_id: int, what: Any) -> ResponseReturnValue:
    try:
        with unit() as session:
            what(session, rebase_id, actor=actor(), at=now())
    except RebaseRefusedError as error:
        flash(str(error))
        return redirect(url_for("rebasing.show", rebase_id=rebase_id), 303)
    _carry_on(rebase_id)
    return redirect(url_for("rebasing.show", rebase_id=rebase_id), 303)


def _carry_on(rebase_id: int) -> None:
    """Carry a rebase on for a few seconds, in units of its own: others write between them."""
    until, goes_on = time.monotonic() + SECONDS, True
    while goes_on and time.monotonic() < until:
        with unit() as session:
            goes_on = rebasing.carry_on(session, rebase_id, at=now())


def find_move(rebase_id: int) -> Rebase:
    """Give a rebase; one that there is not is a 404."""
    return database().get(Rebase, rebase_id) or abort(404)


@pages.errorhandler(catalogue.NoSuchDefinitionError)
def no_such_version(_error: catalogue.NoSuchDefinitionError) -> ResponseReturnValue:
    """Answer 404 for a version that was never released."""
    return errors.show(NotFound())
