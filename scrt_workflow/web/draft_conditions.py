"""The conditions of a draft, set with selects: a test at a time, under groups of which all or any must hold."""

from __future__ import annotations

from dataclasses import replace
from typing import Any
from uuid import UUID

from flask import Blueprint, abort, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from wtforms import BooleanField, Form, SelectField, SelectMultipleField, StringField
from wtforms.fields.choices import SelectChoice  # type: ignore[attr-defined]  # the stubs are a version behind

from scrt_workflow.conditions import WORDS, ConditionReader
from scrt_workflow.editing import condition_parts as parts
from scrt_workflow.editing.choices import Around, question_type
from scrt_workflow.editing.condition_parts import Group, One, Part, Way
from scrt_workflow.editing.differences import lenient_definition
from scrt_workflow.editing.kinds import OPERATOR_WORDS, Control, kind_at
from scrt_workflow.editing.tree import Place, Tree, digest
from scrt_workflow.editing.values import put_in_order
from scrt_workflow.operations import drafting
from scrt_workflow.operations.drafting import DraftChangedError, Drafted
from scrt_workflow.permissions import Permission
from scrt_workflow.text_rules import normalised
from scrt_workflow.web.draft_pages import CONFLICT, DRAFT, UNPROCESSABLE, around, crumbs, explain, find_or_404, name_of
from scrt_workflow.web.guards import requires
from scrt_workflow.web.requests import actor, database, now
from scrt_workflow.workflows.wording import condition_in_words
from scrt_workflow.yaml_reader import Map, Problems, Text

pages = explain(Blueprint("draft_conditions", __name__, url_prefix="/definitions/drafts"))
MOST_DIGITS = 10
LISTED = ("in", "not_in", "ever_in")
OF_TYPE = {
    "date": ("before", "after", *WORDS),
    "number": ("at_least", "at_most", "in", *WORDS),
    "choices": (*LISTED, "at_least", "at_most", *WORDS),
    "ranked_choices": (*LISTED, "at_least", "at_most", *WORDS),
}
"""The comparisons that fit a type of question; those of a list fit the others."""
CHANGED = "Somebody else has changed this since you opened it. Here it is as it is now; make your change again."


@pages.route(f"/{DRAFT}/conditions/<place:condition>", methods=["GET", "POST"])
@requires(Permission.DEFINITION_EDIT)
def show(definition_draft_id: UUID, condition: Place) -> ResponseReturnValue:
    """Show a condition; a POST turns `all` into `any`, or takes a part away."""
    drafted, group, seen = _found(definition_draft_id, condition)
    if request.method == "POST":
        return _do(definition_draft_id, condition, group)
    return _shown(drafted, condition, group, seen)


def _shown(drafted: Drafted, place: Place, group: Group, seen: str, *, error: str = "") -> str:
    asked = _field_or_404(place)
    rows = [_in_words(around(drafted, place), part, (number,)) for number, part in enumerate(group.parts)]
    return render_template(
        "drafts/condition.html",
        drafted=drafted,
        place=place,
        asked=asked,
        group=group,
        rows=rows,
        seen=seen,
        error=error,
        entry=name_of(drafted.tree, place[:-1]),
        crumbs=crumbs(drafted, (*place, "")),
    )


def _do(definition_draft_id: UUID, place: Place, group: Group) -> ResponseReturnValue:
    action, way = request.form.get("action", ""), _way(request.form.get("at", ""))
    if action in {"all", "any"}:
        made = parts.changed(group, way, lambda part: replace(part, joiner=action) if isinstance(part, Group) else part)
    elif action == "remove" and way:
        made = parts.changed(group, way, lambda _: None)
    elif action == "always":
        made = Group(parts.ALL)
    else:
        abort(400)
    return _saved(definition_draft_id, place, made)


def _saved(definition_draft_id: UUID, place: Place, group: Group) -> ResponseReturnValue:
    node = parts.node_of_parts(group)
    kind = kind_at(place[:-1])

    def make(tree: Tree) -> Tree:
        entry = tree.at(place[:-1])
        if node is None:
            return tree.remove(place) if tree.find(place) is not None else tree
        if Text(place[-1]) in entry or kind is None:
            return tree.put(place, node)
        return tree.put(place[:-1], put_in_order(entry, place[-1], node, kind))

    try:
        drafting.change(database(), definition_draft_id, place, make, seen=request.form.get("seen", ""), actor=actor(), at=now())
    except DraftChangedError:
        drafted, there, seen = _found(definition_draft_id, place)
        return _shown(drafted, place, there, seen, error=CHANGED), CONFLICT
    return redirect(url_for(".show", definition_draft_id=definition_draft_id, condition=place), 303)


@pages.route(f"/{DRAFT}/tests/<place:condition>", methods=["GET", "POST"])
@requires(Permission.DEFINITION_EDIT)
def test(definition_draft_id: UUID, condition: Place) -> ResponseReturnValue:
    """Set one test of a condition, or (with `new`) one more; first the question is chosen, then what it is compared with."""
    drafted, group, seen = _found(definition_draft_id, condition)
    way, is_new = _way(request.values.get("at", "")), bool(request.values.get("new"))
    there = parts.at(group, way)
    if there is None or is_new != isinstance(there, Group):
        abort(404)
    now_set = there if isinstance(there, One) else None
    surrounding = around(drafted, condition)
    question = request.values.get("question") or (now_set.question if now_set else "")
    form = _test_form(surrounding, question, now_set if now_set and now_set.question == question else None)
    if request.method == "POST" and form is not None:
        form.process(request.form)
        if (made := _one(form, question)) is not None:
            if is_new:
                return _saved(definition_draft_id, condition, _with_new(group, way, made, beside=request.form.get("beside", "")))
            return _saved(definition_draft_id, condition, parts.changed(group, way, lambda _: made))
    status = UNPROCESSABLE if request.method == "POST" else 200
    made_page = render_template(
        "drafts/test.html", drafted=drafted, place=condition, form=form, question=question, questions=_questions(surrounding),
        seen=seen, at=request.values.get("at", ""), is_new=is_new, has_others=bool(group.parts),
        crumbs=crumbs(drafted, (*condition, "")),
        asked=_field_or_404(condition),
    )  # fmt: skip
    return made_page, status


def _with_new(group: Group, way: Way, made: One, *, beside: str) -> Group:
    """Add a test to a group, or (*beside*) with the whole of what there is so far under another word."""
    if beside in {"all", "any"} and beside != group.joiner and len(group.parts) > 1:
        return Group(beside, (group, made))
    if beside in {"all", "any"} and len(group.parts) <= 1:
        group = replace(group, joiner=beside)
    return parts.with_part(group, way, made)


def _questions(surrounding: Around) -> dict[str, str]:
    kinds = (
        {"review_type": "Type of review"}
        if surrounding.place[0] == "workflows" and "review_type" not in surrounding.questions
        else {}
    )
    return {**kinds, **surrounding.questions}


class _TestForm(Form):
    operator = SelectField("Comparison", invalid_choice_message="Choose how to compare.")  # type: ignore[call-arg]  # as above
    values = SelectMultipleField("Answers")
    other = SelectField("The other date")
    day = StringField("Or a date", description="Such as 2024-07-22.")
    amount = StringField("Number")
    negated = BooleanField("It must not be so")


def _test_form(surrounding: Around, question: str, now_set: One | None) -> _TestForm | None:
    if question not in _questions(surrounding):
        return None
    kind = question_type(surrounding.tree, question)
    operators = OF_TYPE.get(kind, (*LISTED, *WORDS))
    answers = surrounding.answers_to(question)
    if not answers:
        operators = tuple(one for one in operators if one not in LISTED)
    form = _TestForm(data=_data(now_set))
    form.operator.choices = [SelectChoice(one, OPERATOR_WORDS[one]) for one in operators]
    form.values.choices = [SelectChoice(value, label) for value, label in answers.items()]
    dates = {key: title for key, title in surrounding.of_type("date").items() if key != question}
    form.other.choices = [SelectChoice("", "None"), *(SelectChoice(key, title) for key, title in dates.items())]
    for name, operator in (("values", "in"), ("other", "before"), ("day", "before"), ("amount", "at_least")):
        if operator not in operators:
            del form[name]
    return form


def _data(one: One | None) -> dict[str, Any]:
    if one is None:
        return {}
    first = one.values[0] if one.values else ""
    is_day = one.operator in {"before", "after"} and first[:1].isdigit()
    return {
        "operator": one.operator,
        "values": list(one.values),
        "other": "" if is_day else first,
        "day": first if is_day else "",
        "amount": first if one.operator.startswith("at_") else "",
        "negated": one.negated,
    }


def _one(form: _TestForm, question: str) -> One | None:
    """Give the test that a form says, or None with what is missing noted in it."""
    if not form.validate():
        return None
    operator = str(form.operator.data or "")
    said, field, missing = _said(form, operator)
    if missing:
        field.errors = [missing]
        return None
    return One(question, operator, said, bool(form.negated.data))


def _said(form: _TestForm, operator: str) -> tuple[tuple[str, ...], Any, str]:
    """Give what the question is compared with, the field that says it, and a sentence if nothing does."""
    if operator in WORDS:
        return (), form.operator, ""
    if operator in LISTED:
        return tuple(form.values.data or ()), form.values, "" if form.values.data else "Choose at least one answer."
    if operator in {"before", "after"}:
        day = normalised(str(form.day.data or "")) or str(form.other.data or "")
        return (day,), form.other, "" if day else "Choose the other date, or enter one."
    amount = normalised(str(form.amount.data or ""))
    return (amount,), form.amount, "" if amount.isdecimal() and len(amount) < MOST_DIGITS else "Enter a whole number."


def _found(definition_draft_id: UUID, place: Place) -> tuple[Drafted, Group, str]:
    drafted = find_or_404(definition_draft_id)
    _field_or_404(place)
    drafted.tree.at(place[:-1])
    node = drafted.tree.find(place)
    return drafted, parts.parts_of(node if isinstance(node, Map) else None), digest(node)


def _field_or_404(place: Place) -> Any:
    kind = kind_at(place[:-1]) if len(place) > 2 else None
    asked = kind.field(place[-1]) if kind else None
    if asked is None or asked.control is not Control.CONDITION:
        abort(404)
    return asked


def _way(written: str) -> Way:
    numbers = written.split(".") if written else []
    if not all(one.isdecimal() and len(one) < 4 for one in numbers):
        abort(404)
    return tuple(map(int, numbers))


def _in_words(surrounding: Around, part: Part, way: Way) -> dict[str, Any]:
    """Give a part as a row: a test in words, or a group with rows of its own."""
    at = ".".join(map(str, way))
    if isinstance(part, Group):
        return {
            "at": at,
            "group": part,
            "rows": [_in_words(surrounding, one, (*way, number)) for number, one in enumerate(part.parts)],
        }
    node = parts.node_of_parts(Group(parts.ALL, (part,)))

    condition = ConditionReader("", Problems(), "").read(node)
    return {"at": at, "words": condition_in_words(condition, lenient_definition(surrounding)) if condition else "Cannot be read"}
