"""The forms by which administrators change vocabularies: one for each kind of change, and what each asks the operation to do."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

from sqlalchemy.orm import Session
from wtforms import Form, HiddenField, SelectField, SelectMultipleField, StringField, TextAreaField
from wtforms.fields.choices import SelectChoice  # type: ignore[attr-defined]  # the stubs are a version behind
from wtforms.validators import InputRequired, Length, Optional

from scrt_workflow.forms.question_types import show_day
from scrt_workflow.operations import vocabulary_changes
from scrt_workflow.operations.vocabularies import TermFacts
from scrt_workflow.operations.vocabulary_changes import LONGEST_GROUP, LONGEST_TITLE
from scrt_workflow.operations.vocabulary_terms import LONGEST_LABEL
from scrt_workflow.operations.vocabulary_wishes import LONGEST_REASON, Change, Wish
from scrt_workflow.web.people_forms import DayField

NEW = ""
"""In place of a term to merge into: a new one."""


class ChangeForm(Form):
    """Why something changes; `read_at` is the event of the vocabulary's history at which the form was read."""

    read_at = HiddenField()
    reason = TextAreaField(
        "Why",
        [InputRequired("Say why, so that others can read it in the history."), Length(max=LONGEST_REASON)],
        description="For example, who decided it. Everyone who looks after vocabularies can read this.",
        render_kw={"rows": "3"},
    )


class DatedForm(ChangeForm):
    """What changes from a day on."""

    on = DayField(
        "From which day",
        [InputRequired("Enter the day from which it is so.")],
        description="For example, 1 12 2024. It may lie ahead.",
    )


def _wording(label: str, *, hint: str = "", required: bool = True) -> StringField:
    checks: list[Any] = [InputRequired(f"Enter the {label[:1].lower()}{label[1:]}.")] if required else [Optional()]
    return StringField(label, [*checks, Length(max=LONGEST_LABEL)], description=hint)


def _term() -> SelectField:
    return SelectField("Term", [InputRequired("Choose a term.")], validate_choice=False)


def _terms(label: str) -> SelectMultipleField:
    return SelectMultipleField(label, [InputRequired("Choose at least one term.")], validate_choice=False)


class AddForm(DatedForm):
    """A new term."""

    label = _wording("Wording of the new term")


class RewordForm(DatedForm):
    """Another wording of a term."""

    term = _term()
    label = _wording("New wording", hint="The term stays the same: every review that has it shows the new wording.")


class MergeForm(DatedForm):
    """Several terms that become one."""

    terms = _terms("Terms to merge")
    into = SelectField("What takes their place", validate_choice=False)
    label = _wording("Wording of the new term", required=False, hint="Only if a new term takes their place.")


class SplitForm(DatedForm):
    """One term that becomes several."""

    term = _term()
    first = _wording("First part", hint="A new wording, or exactly that of another term in use.")
    second = _wording("Second part")
    third = _wording("Third part", required=False)


class RetireForm(DatedForm):
    """A term that is offered no longer."""

    term = _term()


class BringBackForm(ChangeForm):
    """A term that is offered again."""

    term = _term()


class GroupForm(ChangeForm):
    """Terms that reports count as one."""

    terms = _terms("Terms of the group")
    name = StringField(
        "Name of the group",
        [Optional(), Length(max=LONGEST_GROUP)],
        description="A new name, or that of a group that there is. Leave it empty to count these terms each by itself.",
    )


class NewForm(DatedForm):
    """A new vocabulary."""

    title = StringField(
        "Title", [InputRequired("Enter the title."), Length(max=LONGEST_TITLE)], description="For example, Loan reasons."
    )
    key = StringField(
        "Key",
        [InputRequired("Enter the key."), Length(max=60)],
        description="How definitions call it: small letters, numbers and underscores, such as loan_reasons. It never changes.",
    )
    labels = TextAreaField("First terms", [InputRequired("Enter at least one term.")], description="One on each line, in order.")


@dataclass(frozen=True, slots=True)
class Kind:
    """A kind of change: its form, in which order it asks, and what it asks the operation to do."""

    title: str
    hint: str
    form: type[ChangeForm]
    asks: tuple[str, ...]
    make: Callable[[Session, Wish, Any], Change]
    done: str


KINDS: Mapping[str, Kind] = {
    "add": Kind(
        "Add a term", "Offer a new term.", AddForm, ("label", "on", "reason"),
        lambda s, wish, form: vocabulary_changes.add_term(s, wish, form.label.data), "The term is added.",
    ),
    "reword": Kind(
        "Reword a term", "Correct or change how a term is worded.", RewordForm, ("term", "label", "on", "reason"),
        lambda s, wish, form: vocabulary_changes.reword_term(s, wish, form.term.data, form.label.data), "The term is reworded.",
    ),
    "merge": Kind(
        "Merge terms", "Let one term take the place of several.", MergeForm, ("terms", "into", "label", "on", "reason"),
        lambda s, wish, form: vocabulary_changes.merge_terms(
            s, wish, form.terms.data, form.into.data or "", form.label.data or ""
        ), "The terms are merged.",
    ),
    "split": Kind(
        "Split a term", "Let several terms take the place of one.", SplitForm,
        ("term", "first", "second", "third", "on", "reason"),
        lambda s, wish, form: vocabulary_changes.split_term(
            s, wish, form.term.data, [one.data or "" for one in (form.first, form.second, form.third)]
        ), "The term is split.",
    ),
    "retire": Kind(
        "Retire a term", "Offer a term no longer.", RetireForm, ("term", "on", "reason"),
        lambda s, wish, form: vocabulary_changes.retire_term(s, wish, form.term.data), "The term is retired.",
    ),
    "bring_back": Kind(
        "Bring back a term", "Undo that a term was retired, merged or split.", BringBackForm, ("term", "reason"),
        lambda s, wish, form: vocabulary_changes.bring_back_term(s, wish, form.term.data), "The term is back.",
    ),
    "group": Kind(
        "Group terms for reports", "Count terms that mean nearly the same as one, each review once.", GroupForm,
        ("terms", "name", "reason"),
        lambda s, wish, form: vocabulary_changes.group_terms(s, wish, form.terms.data, form.name.data or ""),
        "The terms are grouped.",
    ),
}  # fmt: skip


def offer(form: ChangeForm, kind: str, terms: Mapping[str, TermFacts], *, today: date) -> None:
    """Offer the terms that a change of this *kind* can be of."""
    leaving = [term for term in terms.values() if term.valid_to is not None]
    staying = [term for term in terms.values() if term.valid_to is None]
    choices = [
        _choice(term, today, in_group=kind == "group")
        for term in (leaving if kind == "bring_back" else [*staying, *(leaving if kind == "group" else [])])
    ]
    if "term" in form:
        form["term"].choices = [SelectChoice("", "Choose one"), *choices]  # type: ignore[attr-defined]  # a select
    if "terms" in form:
        form["terms"].choices = choices  # type: ignore[attr-defined]  # a select
    if "into" in form:
        form["into"].choices = [SelectChoice(NEW, "A new term"), *choices]  # type: ignore[attr-defined]  # a select


def _choice(term: TermFacts, today: date, *, in_group: bool) -> SelectChoice:
    label = term.label_on(today)
    days = f" (from {show_day(term.valid_from.isoformat())})" if term.valid_from > today else ""
    days = f" (to {show_day(term.valid_to.isoformat())})" if term.valid_to else days
    group = f"In the group ‘{term.grouped_as}’" if term.grouped_as and in_group else ""
    return SelectChoice(term.code, f"{label}{days}", {"hint": group} if group else {})


def lines_of(text: str | None) -> Sequence[str]:
    """Give the lines of a text that say something."""
    return [line.strip() for line in (text or "").splitlines() if line.strip()]
