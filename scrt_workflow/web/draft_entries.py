"""Adding, moving and removing the entries of a draft."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any
from uuid import UUID

from flask import Blueprint, abort, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

from scrt_workflow.editing import values
from scrt_workflow.editing.choices import Around, key_for
from scrt_workflow.editing.differences import heading
from scrt_workflow.editing.kinds import KINDS, Control, Kind, kind_at
from scrt_workflow.editing.references import dependants
from scrt_workflow.editing.tree import Place, Tree, digest
from scrt_workflow.folder import WORKFLOWS
from scrt_workflow.operations import drafting
from scrt_workflow.operations.drafting import DraftChangedError, Drafted
from scrt_workflow.permissions import Permission
from scrt_workflow.web import entry_forms
from scrt_workflow.web.draft_pages import (
    CONFLICT,
    DRAFT,
    ROOTS,
    UNPROCESSABLE,
    around,
    crumbs,
    explain,
    find_or_404,
    kind_or_404,
    name_in_full,
    name_of,
)
from scrt_workflow.web.guards import requires
from scrt_workflow.web.kept_posts import keeps_typed_work, shown_once
from scrt_workflow.web.requests import actor, database, now
from scrt_workflow.yaml_reader import Items, Map, Text

pages = explain(Blueprint("draft_entries", __name__, url_prefix="/definitions/drafts"))


@pages.route(f"/{DRAFT}/add/<place:into>", methods=["GET", "POST"])
@requires(Permission.DEFINITION_EDIT)
@keeps_typed_work(shown_once)
def add(definition_draft_id: UUID, into: Place) -> ResponseReturnValue:
    """Add an entry to what *into* holds: a step to a workflow's steps, a question to the bank."""
    drafted = find_or_404(definition_draft_id)
    kind, is_list = _added_kind(drafted, into)
    form = entry_forms.form_for(
        kind, around(drafted, (*into, "0")), _blank(kind), request.form if request.method == "POST" else None, is_new=True
    )
    if request.method == "POST" and form.validate():
        said = entry_forms.values_from(kind, form)
        new = _new_place(drafted.tree, into, kind, said, is_list=is_list)

        def make(tree: Tree) -> Tree:
            made = values.edited(kind, _started(kind, new), said, states=Around(tree, new).counts)
            return _added(tree, new, _with_lines(kind, made, entry_forms.lines_from(kind, form)))

        drafting.change(database(), definition_draft_id, new, make, seen=None, actor=actor(), at=now())
        flash(f"Added: {name_of(find_or_404(definition_draft_id).tree, new)}.", "success")
        return redirect(_after_adding(definition_draft_id, new, kind), 303)
    status = UNPROCESSABLE if request.method == "POST" else 200
    rare = [entry_forms.input_name(one) for one in kind.fields if one.name in kind.rare]
    common, others = [one for one in form if one.name not in rare], [one for one in form if one.name in rare]
    trail = [*crumbs(drafted, (*into, "0"))]
    return render_template(
        "drafts/add.html", drafted=drafted, place=into, kind=kind, form=form, common=common, rare=others, crumbs=trail
    ), status


def _added_kind(drafted: Drafted, place: Place) -> tuple[Kind, bool]:
    if len(place) == 1 and place[0] in ROOTS:
        return KINDS[ROOTS[place[0]]], False
    outer = kind_at(place[:-1]) if len(place) > 2 else None
    held = next((one for one in outer.children if one.name == place[-1]), None) if outer else None
    if held is None:
        abort(404)
    drafted.tree.at(place[:-1])
    return KINDS[held.kind], held.is_list


def _blank(kind: Kind) -> Any:
    return Text("") if kind.key in {"option", "asked", "check"} else Map()


def _started(kind: Kind, new: Place) -> Any:
    """Give the node that a new entry begins with: a workflow and a form say their keys, and so does a page."""
    if kind.key in {"workflow", "form"}:
        return Map({Text(kind.key): Text(new[-1])})
    return _blank(kind)


def _new_place(tree: Tree, place: Place, kind: Kind, said: values.Values, *, is_list: bool) -> Place:
    there = tree.find(place) if len(place) > 1 else tree.keys(place[0])
    if is_list:
        return (*place, str(len(there or [])))
    title = str(said.get("short_label") or said.get(kind.heads) or said.get("notice") or kind.name)
    return (*place, key_for(title, there or ()))


def _with_lines(kind: Kind, made: Any, lines: Mapping[str, list[str]]) -> Any:
    """Give a new entry what it holds of which a line says all."""
    for name, labels in lines.items():
        inner = Map()
        for label in labels:
            inner[Text(key_for(label, inner))] = Text(label)
        if inner:
            made = values.put_in_order(made, name, inner, kind)
    return made


def _added(tree: Tree, new: Place, node: Any) -> Tree:
    """Put a new entry into a tree: a page gets a key of its own, a step's first way to end makes its `to` the last one."""
    kind = kind_at(new)
    if kind and kind.key == "page":
        others = {str(one.get(Text("page"))) for one in tree.find(new[:-1]) or [] if isinstance(one, Map)}
        node = Map({Text("page"): Text(key_for(str(node.get(Text("title"), "page")), others)), **node})
    if kind and kind.key == "outcome" and new[-1] == "0":
        step = tree.at(new[:-2])
        if Text("to") in step:
            tree = tree.put((*new[:-1], "0"), Map({Text("to"): step[Text("to")]})).remove((*new[:-2], "to"))
            return tree.changed((*new[:-1], "0"), lambda around, _: Items([node, *around]))
    if kind and kind.key in {"also", "outcome", "need", "tell", "check", "asked", "page"} and tree.find(new[:-1]) is None:
        return tree.put(new[:-1], Items([node]))
    return tree.put(new, node)


def _after_adding(definition_draft_id: UUID, new: Place, kind: Kind) -> str:
    """Go on with what was added, where there is more to it than its own fields."""
    simple = not kind.children and not any(one.control is Control.CONDITION for one in kind.fields)
    return url_for("drafts.entry", definition_draft_id=definition_draft_id, place=new[:-2] if simple and len(new) > 2 else new)


@pages.route(f"/{DRAFT}/move/<place:place>", methods=["POST"])
@requires(Permission.DEFINITION_EDIT)
def move(definition_draft_id: UUID, place: Place) -> ResponseReturnValue:
    """Move an entry up or down among its like."""
    kind_or_404(place)
    by = -1 if request.form.get("direction") == "up" else 1
    seen = request.form.get("seen", "")
    try:
        drafting.change(
            database(),
            definition_draft_id,
            place[:-1] if len(place) > 2 else place,
            lambda tree: tree.move(place, by),
            seen=seen or None,
            actor=actor(),
            at=now(),
        )
    except DraftChangedError:
        flash("Somebody else has changed this list since you opened it. Here it is as it is now.", "error")
    back = (
        url_for("drafts.entry", definition_draft_id=definition_draft_id, place=place[:-2])
        if len(place) > 2
        else url_for("drafts.bank", definition_draft_id=definition_draft_id, root=place[0])
    )
    return redirect(f"{back}#{place[-2] if len(place) > 2 else place[1]}", 303)


@pages.route(f"/{DRAFT}/remove/<place:place>", methods=["GET", "POST"])
@requires(Permission.DEFINITION_EDIT)
def remove(definition_draft_id: UUID, place: Place) -> ResponseReturnValue:
    """Ask once before an entry is removed; what something else depends on stays, with the list of what that is."""
    drafted = find_or_404(definition_draft_id)
    kind = kind_or_404(place)
    node = drafted.tree.at(place)
    needed = {
        (
            name_in_full(drafted.tree, one.place),
            one.field.label,
            url_for("drafts.entry", definition_draft_id=definition_draft_id, place=one.place),
        ): None
        for one in dependants(drafted.tree, place)
    }
    if request.method == "POST" and not needed:
        try:
            drafting.change(
                database(),
                definition_draft_id,
                place,
                lambda tree: _removed(tree, place),
                seen=request.form.get("seen", ""),
                actor=actor(),
                at=now(),
            )
        except DraftChangedError:
            flash("Somebody else has changed this since you opened it. Look at it again.", "error")
            return redirect(url_for("drafts.entry", definition_draft_id=definition_draft_id, place=place), 303)
        flash(f"Removed: {kind.name} ‘{heading(drafted.tree, place, kind, node)}’.", "success")
        return redirect(_around(definition_draft_id, place), 303)
    status = CONFLICT if request.method == "POST" else 200
    title = heading(drafted.tree, place, kind, node)
    return render_template(
        "drafts/remove.html",
        drafted=drafted,
        place=place,
        kind=kind,
        title=title,
        seen=digest(node),
        needed=needed,
        crumbs=crumbs(drafted, place),
    ), status


def _removed(tree: Tree, place: Place) -> Tree:
    """Take an entry out of a tree; of a step that is left with one way to end, which only says where to, the step says that."""
    tree = tree.remove(place)
    left = tree.find(place[:-1]) if kind_at(place) is KINDS["outcome"] else None
    if isinstance(left, list) and len(left) == 1 and set(left[0]) == {"to"}:
        step = tree.at(place[:-2])
        to = left[0][Text("to")]
        folded = Map({Text("to") if key == "outcomes" else key: to if key == "outcomes" else node for key, node in step.items()})
        return tree.put(place[:-2], folded)
    return tree


def _around(definition_draft_id: UUID, place: Place) -> str:
    if len(place) > 2:
        return url_for("drafts.entry", definition_draft_id=definition_draft_id, place=place[:-2])
    return (
        url_for("drafts.show", definition_draft_id=definition_draft_id)
        if place[0] == WORKFLOWS
        else url_for("drafts.bank", definition_draft_id=definition_draft_id, root=place[0])
    )
