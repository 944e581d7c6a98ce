"""What the pages of a draft share: finding it, what surrounds a place of it, and its mistakes, each with the way to it."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import cache
from uuid import UUID

from flask import Blueprint, abort, render_template, request, url_for

from scrt_workflow import catalogue
from scrt_workflow.editing.choices import Around
from scrt_workflow.editing.differences import heading
from scrt_workflow.editing.kinds import Kind, entry_at, kind_at
from scrt_workflow.editing.sentences import in_titles, names_around
from scrt_workflow.editing.tree import QUESTIONS, NoSuchPlaceError, Place, Tree
from scrt_workflow.folder import FORMS, WORKFLOWS
from scrt_workflow.operations import definitions, drafting, vocabularies
from scrt_workflow.operations.drafting import Drafted, DraftRefusedError
from scrt_workflow.web.requests import database, today
from scrt_workflow.yaml_reader import Problem

DRAFT = "<uuid:definition_draft_id>"
UNPROCESSABLE, CONFLICT = 422, 409
ROOTS = {WORKFLOWS: "workflow", FORMS: "form", QUESTIONS: "question"}
LISTED = {FORMS: "Forms", QUESTIONS: "Questions"}
GONE = "This is not in the draft any more. Somebody else may have removed it."


@dataclass(frozen=True, slots=True)
class Mistake:
    """A mistake in a draft, the entry that it is in, and where that is edited (empty: in the file)."""

    sentence: str
    where: str
    href: str


@dataclass(frozen=True, slots=True)
class Crumb:
    """One of the entries around an entry."""

    text: str
    href: str


def explain(pages: Blueprint) -> Blueprint:
    """Have *pages* say in a sentence why a draft cannot be changed, or that what was to be changed is gone."""
    pages.register_error_handler(DraftRefusedError, lambda error: (_refused(str(error)), CONFLICT))
    pages.register_error_handler(NoSuchPlaceError, lambda _: (_refused(GONE), CONFLICT))
    return pages


def _refused(sentence: str) -> str:
    return render_template(
        "drafts/refused.html", sentence=sentence, definition_draft_id=(request.view_args or {}).get("definition_draft_id")
    )


def kind_or_404(place: Place) -> Kind:
    """Say what is at a place; where nothing can be edited it is a 404."""
    kind = kind_at(place)
    if kind is None:
        abort(404)
    return kind


def find_or_404(definition_draft_id: UUID) -> Drafted:
    """Give a draft; an unknown one is a 404."""
    try:
        return drafting.find(database(), definition_draft_id)
    except LookupError:
        abort(404)


def around(drafted: Drafted, place: Place) -> Around:
    """Give what surrounds a place of a draft, the workflows and vocabularies in use among it."""
    live = {key: found.workflow.title for key, (_, found) in catalogue.live_definitions(database()).items()}
    named = vocabularies.titles(database())
    known = {key: named.get(key, key.replace("_", " ").capitalize()) for key in definitions.vocabularies(database())}
    terms = {key: catalogue.terms(database(), key, on=today()) for key in known}
    types = {key: kind.title for key, kind in definitions.known_types().items()}
    return Around(drafted.tree, place, live, known, terms, types)


def mistakes_in(drafted: Drafted, *, within: Place = ()) -> list[Mistake]:
    """Give the mistakes of a draft, or those in the entry *within*, in the order of the files."""
    found = []
    names = cache(lambda root: names_around(drafted.tree, root))
    for problem in drafting.problems_of(database(), drafted):
        place = drafted.tree.place_at(problem.file, problem.line or 1)
        place = entry_at(place) if place else None
        if not within or (place and place[: len(within)] == within):
            found.append(_mistake(drafted, problem, place, names))
    return found


def _mistake(drafted: Drafted, problem: Problem, place: Place | None, names: Callable[[Place], Mapping[str, str]]) -> Mistake:
    if place is None:
        href = (
            url_for("draft_files.show", definition_draft_id=drafted.row.id, path=problem.file)
            if problem.file in drafted.files
            else ""
        )
        return Mistake(problem.sentence, problem.file, href)
    return Mistake(
        in_titles(problem.sentence, names(place[: 2 if place[0] == WORKFLOWS else 1]), place),
        " of ".join(name_of(drafted.tree, one) for one in dict.fromkeys((place, place[:4]))),
        url_for("drafts.entry", definition_draft_id=drafted.row.id, place=place),
    )


def name_of(tree: Tree, place: Place) -> str:
    """Name an entry with what it is: step ‘Record the sign-off’."""
    kind = kind_at(place)
    if kind is None:
        return "/".join(place)
    return f"{kind.name} ‘{heading(tree, place, kind, tree.find(place))}’"


def name_in_full(tree: Tree, place: Place) -> str:
    """Name an entry with what it is in: way to end ‘Published’ of step ‘Publish the report’ of workflow ‘Older record’."""
    outer = [place[:length] for length in range(len(place), 1, -1) if kind_at(place[:length]) is not None]
    return " of ".join(name_of(tree, one) for one in outer)


def crumbs(drafted: Drafted, place: Place) -> list[Crumb]:
    """Give the draft and the entries around *place*."""
    found = [Crumb(drafted.row.title, url_for("drafts.show", definition_draft_id=drafted.row.id))]
    if place[0] in LISTED:
        found.append(Crumb(LISTED[place[0]], url_for("drafts.bank", definition_draft_id=drafted.row.id, root=place[0])))
    for length in range(2, len(place)):
        inner = place[:length]
        kind = kind_at(inner)
        if kind is not None and drafted.tree.find(inner) is not None:
            title = heading(drafted.tree, inner, kind, drafted.tree.at(inner))
            found.append(Crumb(title, url_for("drafts.entry", definition_draft_id=drafted.row.id, place=inner)))
    return found


def workflows_of(drafted: Drafted) -> list[str]:
    """Name the workflows of a draft, the one that it was begun for first."""
    keys = drafted.tree.keys(WORKFLOWS)
    return sorted(keys, key=lambda key: key != drafted.row.workflow)
