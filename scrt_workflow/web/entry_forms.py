"""Forms for the entries of a draft, made from what their kind says."""

from __future__ import annotations

from typing import Any

from wtforms import BooleanField, Field, Form, SelectField, SelectMultipleField, StringField, TextAreaField
from wtforms.fields.choices import SelectChoice  # type: ignore[attr-defined]  # the stubs are a version behind
from wtforms.validators import InputRequired, Length, Optional, ValidationError

from scrt_workflow.editing.choices import CHOSEN, Around
from scrt_workflow.editing.kinds import Children, Control, Kind
from scrt_workflow.editing.kinds import Field as Asked
from scrt_workflow.editing.values import SEVERAL, Values, values_of
from scrt_workflow.text_rules import normalised, text_fault
from scrt_workflow.working_days import Period, PeriodError

LARGEST = 20_000
NONE_YET = "There are none yet"
MOST_LINES = 5_000


class _SelectMultiple(SelectMultipleField):
    """Any of several; what stood there and can be chosen no more is still offered."""


def form_for(kind: Kind, around: Around, node: Any, sent: Any = None, *, is_new: bool = False) -> Form:
    """Make the form of an entry, filled in with *node*, or with what was *sent*."""
    now = values_of(kind, node)
    fields = {
        input_name(one): field_for(one, around, now[one.name])
        for one in kind.fields
        if one.name in now and not (one.fixed and not is_new) and (now[one.name] or _fits(one, now.get("type", "")))
    }
    if is_new:
        fields |= {lines_name(one): _lines(one) for one in kind.children if one.at_once}
    made: type[Form] = type("EntryForm", (Form,), fields)
    if sent is not None:
        return made(sent)
    return made(data={input_name(one): _data(one, now[one.name]) for one in kind.fields if one.name in now})


def _fits(asked: Asked, kind: str | list[str]) -> bool:
    return not asked.fits or not kind or kind in asked.fits


def input_name(asked: Asked) -> str:
    """Give the name that a field has in the page."""
    return asked.name.replace(".", "-") or "value"


def lines_name(held: Children) -> str:
    """Give the name that the lines for what an entry is to hold have in the page."""
    return f"lines-{held.name}"


def _lines(held: Children) -> Any:
    return TextAreaField(
        held.title,
        [Optional(), Length(max=MOST_LINES, message=f"Use {MOST_LINES:,} characters or fewer."), _storable],
        description=held.at_once,
    )


def _data(asked: Asked, value: str | list[str]) -> Any:
    return value == "yes" if asked.control is Control.YES_NO else value


def field_for(asked: Asked, around: Around, now: str | list[str]) -> Any:
    """Make one field."""
    validators: list[Any] = [InputRequired(f"{asked.required}.") if asked.required else Optional()]
    plain: dict[str, Any] = {"description": asked.hint}
    if asked.control is Control.YES_NO:
        return BooleanField(asked.label, **plain)
    if asked.control in CHOSEN or asked.choices:
        return _chosen(asked, around.for_field(asked), now, validators)
    validators += [Length(max=asked.longest, message=f"{asked.label}: use {asked.longest} characters or fewer."), _storable]
    if asked.control is Control.PERIOD:
        validators.append(_period)
    if asked.control is Control.NUMBER:
        validators.append(_whole)
    make = TextAreaField if asked.control is Control.PROSE else StringField
    return make(asked.label, validators, **plain)


def _chosen(asked: Asked, offered: dict[str, str], now: str | list[str], validators: list[Any]) -> Any:
    """Make a field whose values are chosen from those *offered*; what it holds *now* and is gone can be seen and left."""
    held = [one for one in (now if isinstance(now, list) else [now]) if one and one not in offered]
    known = {**offered, **{one: f"{one} (there is none now)" for one in held}}
    choices = [SelectChoice(key, label) for key, label in known.items()]
    plain: dict[str, Any] = {"description": asked.hint}
    if not known:
        return SelectField(asked.label, validators, choices=[SelectChoice("", NONE_YET)], **plain)
    if asked.control in SEVERAL:
        return _SelectMultiple(asked.label, validators, choices=choices, **plain)
    blank = [] if "" in offered else [SelectChoice("", "Choose one" if asked.required else "None")]
    return SelectField(asked.label, validators, choices=[*blank, *choices], **plain)


def _storable(_form: Form, field: Field) -> None:
    if fault := text_fault(normalised(str(field.data or "")), max_length=LARGEST):
        raise ValidationError(fault)


def _period(_form: Form, field: Field) -> None:
    try:
        Period.parse(normalised(str(field.data or "")))
    except PeriodError as error:
        raise ValidationError(str(error)) from None


def _whole(_form: Form, field: Field) -> None:
    if not normalised(str(field.data or "")).isdecimal():
        raise ValidationError(f"{field.label.text}: enter a whole number.")


def lines_from(kind: Kind, form: Form) -> dict[str, list[str]]:
    """Give, by what an entry is to hold, the lines that a valid form gives for it."""
    found = {}
    for held in kind.children:
        if (name := lines_name(held)) in form:
            lines = [line.strip() for line in normalised(str(form[name].data or "")).splitlines()]
            found[held.name] = list(dict.fromkeys(line for line in lines if line))
    return found


def values_from(kind: Kind, form: Form) -> Values:
    """Give what a valid form says, by the names of the definitions."""
    found: Values = {}
    for one in kind.fields:
        name = input_name(one)
        if name not in form:
            continue
        data = form[name].data
        if one.control is Control.YES_NO:
            found[one.name] = "yes" if data else "no"
        elif one.control in SEVERAL:
            found[one.name] = list(data or [])
        else:
            found[one.name] = normalised(str(data or ""))
    return found
