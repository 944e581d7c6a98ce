"""Drafts of definitions: each entry on a page of its own, made from what its kind says, changed with forms."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from typing import Any
from uuid import UUID

from flask import Blueprint, Response, abort, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

from scrt_workflow.editing import values
from scrt_workflow.editing.choices import Around
from scrt_workflow.editing.differences import heading, lenient_definition
from scrt_workflow.editing.kind_list import LISTS
from scrt_workflow.editing.kinds import KINDS, Children, Control, Field, Kind
from scrt_workflow.editing.references import read_condition
from scrt_workflow.editing.tree import NoSuchPlaceError, Place, Tree, digest
from scrt_workflow.folder import WORKFLOWS
from scrt_workflow.operations import drafting
from scrt_workflow.operations.drafting import DraftChangedError, Drafted
from scrt_workflow.permissions import Permission
from scrt_workflow.reports.diagrams import as_svg
from scrt_workflow.web import entry_forms
from scrt_workflow.web.draft_pages import (
    CONFLICT,
    DRAFT,
    LISTED,
    ROOTS,
    UNPROCESSABLE,
    around,
    crumbs,
    explain,
    find_or_404,
    kind_or_404,
    mistakes_in,
    name_of,
    workflows_of,
)
from scrt_workflow.web.guards import requires
from scrt_workflow.web.kept_posts import keeps_typed_work, shown_once
from scrt_workflow.web.requests import actor, database, now
from scrt_workflow.workflows.diagram import as_dot, is_too_large
from scrt_workflow.workflows.schema import SAME
from scrt_workflow.workflows.wording import condition_in_words
from scrt_workflow.yaml_reader import Items, Map, Text

FEW = 4
pages = explain(Blueprint("drafts", __name__, url_prefix="/definitions/drafts"))


@pages.route(f"/{DRAFT}")
@requires(Permission.DEFINITION_EDIT)
def show(definition_draft_id: UUID) -> ResponseReturnValue:
    """Show a draft: what it holds, its mistakes, and what can be done with it."""
    drafted = find_or_404(definition_draft_id)
    folder = drafted.folder
    return render_template(
        "drafts/show.html",
        drafted=drafted,
        mistakes=mistakes_in(drafted),
        workflows=[(key, _title(drafted, key), _is_drawn(drafted, key)) for key in workflows_of(drafted)],
        counts={root: len(drafted.tree.keys(root)) for root in ROOTS},
        behind=drafting.is_behind(database(), drafted),
        unread=sorted(folder.unread),
    )


def _title(drafted: Drafted, workflow: str) -> str:
    place = (WORKFLOWS, workflow)
    return heading(drafted.tree, place, KINDS["workflow"], drafted.tree.at(place))


def _is_drawn(drafted: Drafted, workflow: str) -> bool:
    """Say whether a workflow can be drawn: it has stages, few enough, and none is named that is not there."""
    found = drafted.folder.workflows.get(workflow)
    if found is None or not found.states or is_too_large(found):
        return False
    outcomes = [outcome for step in found.steps.values() for outcome in step.outcomes]
    return {found.starts_in, *(outcome.to for outcome in outcomes)} - {SAME} <= set(found.states)


@pages.route(f"/{DRAFT}/<key:root>")
@requires(Permission.DEFINITION_EDIT)
def bank(definition_draft_id: UUID, root: str) -> ResponseReturnValue:
    """List the forms or the questions of a draft."""
    if root not in ROOTS:
        abort(404)
    drafted = find_or_404(definition_draft_id)
    surrounding = around(drafted, (root, ""))
    places = [(root, key) for key in drafted.tree.keys(root)]
    rows = [_row(replace(surrounding, place=place), KINDS[ROOTS[root]]) for place in places]
    for row in rows if root in LISTED else ():
        row["extra"].append(("Used by", _in_short(surrounding.used_by.get(row["place"], []))))
    return render_template("drafts/bank.html", drafted=drafted, root=root, kind=KINDS[ROOTS[root]], rows=rows)


@pages.route(f"/{DRAFT}/diagram/<key:workflow>")
@requires(Permission.DEFINITION_EDIT)
def diagram(definition_draft_id: UUID, workflow: str) -> ResponseReturnValue:
    """Draw a workflow as the draft has it now."""
    drafted = find_or_404(definition_draft_id)
    if not _is_drawn(drafted, workflow):
        abort(404)
    definition = drafted.folder.definition(workflow)
    return Response(
        as_svg(as_dot(definition), f"{definition.workflow.title}: its stages and the steps between them"),
        mimetype="image/svg+xml",
    )


# One entry


@pages.route(f"/{DRAFT}/entries/<place:place>", methods=["GET", "POST"])
@requires(Permission.DEFINITION_EDIT)
@keeps_typed_work(shown_once)
def entry(definition_draft_id: UUID, place: Place) -> ResponseReturnValue:
    """Show one entry of a draft with everything in it; a POST saves its fields."""
    drafted = find_or_404(definition_draft_id)
    kind = kind_or_404(place)
    node = drafted.tree.at(place)
    if request.method == "GET":
        return _show_entry(drafted, place, kind, entry_forms.form_for(kind, around(drafted, place), node))
    form = entry_forms.form_for(kind, around(drafted, place), node, request.form)
    if not form.validate():
        return _show_entry(drafted, place, kind, form), UNPROCESSABLE
    return _save(drafted, place, kind, entry_forms.values_from(kind, form), form)


def _save(drafted: Drafted, place: Place, kind: Kind, said: values.Values, form: Any) -> ResponseReturnValue:
    def make(tree: Tree) -> Tree:
        made = values.edited(kind, tree.at(place), said, states=Around(tree, place).counts)
        return tree.put(place, made)

    try:
        drafting.change(database(), drafted.row.id, place, make, seen=request.form.get("seen", ""), actor=actor(), at=now())
    except DraftChangedError as error:
        if error.theirs is None:
            raise NoSuchPlaceError from None
        return _show_both(find_or_404(drafted.row.id), place, kind, error.theirs, form), CONFLICT
    flash(f"Saved: {name_of(find_or_404(drafted.row.id).tree, place)}.", "success")
    return redirect(url_for(".entry", definition_draft_id=drafted.row.id, place=place), 303)


def _show_both(drafted: Drafted, place: Place, kind: Kind, theirs: Any, form: Any) -> str:
    """Show what somebody else saved beside what this person typed, which is kept in the form and can still be saved."""
    surrounding = around(drafted, place)
    mine = entry_forms.values_from(kind, form)
    saved = values.values_of(kind, theirs)
    rows = [
        {
            "label": one.label,
            "theirs": _words(one, saved[one.name], surrounding),
            "mine": _words(one, mine[one.name], surrounding),
        }
        for one in kind.fields
        if one.name in mine and mine[one.name] != saved[one.name]
    ]
    return _show_entry(drafted, place, kind, form, both=rows)


def _words(asked: Any, value: Any, surrounding: Any) -> str:
    labels = surrounding.for_field(asked)
    return ", ".join(labels.get(one, one) for one in (value if isinstance(value, list) else [value])) or "nothing"


def _show_entry(drafted: Drafted, place: Place, kind: Kind, form: Any, *, both: Any = ()) -> str:
    node = drafted.tree.at(place)
    surrounding = around(drafted, place)
    rare = [entry_forms.input_name(one) for one in kind.fields if one.name in kind.rare]
    return render_template(
        "drafts/entry.html",
        drafted=drafted,
        place=place,
        kind=kind,
        form=form,
        common=[one for one in form if one.name not in rare],
        rare=[one for one in form if one.name in rare],
        rare_open=any(one.data for one in form if one.name in rare),
        fixed=[(one.label, _words(one, values.value_of(kind, one, node), surrounding)) for one in kind.fields if one.fixed],
        conditions=[
            (one, _condition_words(surrounding, node, one.name)) for one in kind.fields if one.control is Control.CONDITION
        ],
        order_seen={held.name: digest(drafted.tree.find((*place, held.name))) for held in kind.children},
        children=[(held, _child_rows(surrounding, held)) for held in kind.children if _holds(held, node)],
        names={held.kind: KINDS[held.kind].name for held in kind.children},
        title=heading(drafted.tree, place, kind, node),
        seen=digest(node),
        used_by=surrounding.used_by.get(place, []) if place[0] in LISTED and len(place) == 2 else None,
        crumbs=crumbs(drafted, place),
        mistakes=mistakes_in(drafted, within=place),
        both=both,
        is_drawn=place[0] == WORKFLOWS and len(place) == 2 and _is_drawn(drafted, place[1]),
    )


def _holds(held: Children, node: Any) -> bool:
    """Leave out the answers of a question that has none to choose from."""
    if held.kind == "option":
        return isinstance(node, Map) and node.get(Text("type")) in LISTS and Text("vocabulary") not in node
    return True


def _condition_words(surrounding: Around, node: Any, name: str) -> str:
    condition = read_condition(node, name)
    if condition is None:
        return "Cannot be read. Set it anew." if isinstance(node, Map) and Text(name) in node else ""
    return condition_in_words(condition, lenient_definition(surrounding))


def _child_rows(surrounding: Around, held: Children) -> list[dict[str, Any]]:
    place = surrounding.place
    inner = surrounding.tree.find((*place, held.name))
    keys = (
        [str(key) for key in inner]
        if isinstance(inner, Map)
        else [str(n) for n in range(len(inner))]
        if isinstance(inner, Items)
        else []
    )
    return [_row(replace(surrounding, place=(*place, held.name, key)), KINDS[held.kind]) for key in keys]


def _row(surrounding: Around, kind: Kind) -> dict[str, Any]:
    tree, place = surrounding.tree, surrounding.place
    node = tree.at(place)
    told = [one for one in kind.fields if one.name in kind.told]
    extra = [(one.label, words) for one in told if (words := _told(surrounding, kind, one, node))]
    return {"place": place, "title": heading(tree, place, kind, node), "extra": extra}


def _in_short(users: Sequence[str]) -> str:
    few = ", ".join(users[:FEW]) or "nothing yet"
    return few if len(users) <= FEW else f"{few} and {len(users) - FEW} more"


def _told(surrounding: Around, kind: Kind, asked: Field, node: Any) -> str:
    if asked.control is Control.CONDITION:
        return _condition_words(surrounding, node, asked.name)
    value = values.value_of(kind, asked, node)
    return _words(asked, value, surrounding) if value else ""
