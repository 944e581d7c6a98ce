"""Our field macros, which are quick, say what the official NHS.UK macros say, which are slow."""

from datetime import date
from typing import Any

import pytest
from werkzeug.datastructures import MultiDict
from wtforms import (
    BooleanField,
    DateField,
    Form,
    IntegerField,
    PasswordField,
    RadioField,
    SearchField,
    SelectField,
    SelectMultipleField,
    StringField,
    TextAreaField,
)
from wtforms.fields.choices import SelectChoice  # type: ignore[attr-defined]  # the stubs are a version behind
from wtforms.validators import InputRequired, Length

from tests.web.same import Same, same

__all__ = ["same"]

ONE, TWO = SelectChoice("1", "One"), SelectChoice("2", "Two")
LABEL = {"text": "Label", "size": "s"}
NAMED = {"id": "a", "name": "a", "label": LABEL}
GROUP = {"idPrefix": "a", "name": "a", "fieldset": {"legend": LABEL}}
WRONG = {"errorMessage": "Answer this"}
FIELD = "fields: field(f)"
ANSWER = [InputRequired("Answer this")]
well_and_wrong = pytest.mark.parametrize("wrong", [False, True])


def drawn(field: Any, *, typed: list[str] | None = None, data: Any = None, wrong: bool = False) -> Any:
    """Give one field of a form, called `a`, holding what was *typed* or the *data* on record; *wrong* validates it."""

    class Only(Form):
        a = field

    form = Only(MultiDict({"a": typed})) if typed is not None else Only(data={"a": data})
    if wrong:
        form.validate()
        assert form.a.errors
    return form.a


def test_a_line_of_text(same: Same) -> None:
    f = drawn(StringField("Label", [*ANSWER, Length(max=10)], description="Hint"), data="v<'\"&")

    params = NAMED | {"hint": "Hint", "classes": "nhsuk-input--width-10", "value": "v<'\"&"}
    same(FIELD, "input: input", params, f=f)


def test_a_line_of_text_left_empty(same: Same) -> None:
    f = drawn(StringField("Label", ANSWER, description="Hint"), typed=[""], wrong=True)

    same(FIELD, "input: input", NAMED | WRONG | {"hint": "Hint"}, f=f)


def test_a_question_that_is_the_heading_of_its_page(same: Same) -> None:
    label = {"text": "Label", "size": "l", "isPageHeading": True}

    same("fields: field(f, 'l', heading=true)", "input: input", NAMED | {"label": label}, f=drawn(StringField("Label")))


def test_a_number(same: Same) -> None:
    params = NAMED | {"inputmode": "numeric", "classes": "nhsuk-input--width-5", "value": "12"}

    same(FIELD, "input: input", params, f=drawn(IntegerField("Label"), data=12))


def test_several_lines(same: Same) -> None:
    f = drawn(TextAreaField("Label", render_kw={"rows": 3}), data="one\n<two>")

    same(FIELD, "textarea: textarea", NAMED | {"value": "one\n<two>", "rows": 3}, f=f)


@well_and_wrong
def test_several_lines_that_are_counted(same: Same, wrong: bool) -> None:
    f = drawn(TextAreaField("Label", [*ANSWER, Length(max=4000)], description="Hint"), typed=[""], wrong=wrong)

    params = NAMED | {"hint": "Hint", "maxlength": 4000, "rows": 8} | (WRONG if wrong else {})
    same(FIELD, "character-count: characterCount", params, f=f)


def parts_of(day: str, month: str, year: str, *, error: bool) -> list[dict[str, Any]]:
    parts = (("Day", day, 2), ("Month", month, 2), ("Year", year, 4))
    return [
        {"id": f"a-{name.lower()}", "name": "a", "label": name, "value": value, "width": width, "error": error}
        for name, value, width in parts
    ]


def test_a_date_on_record(same: Same) -> None:
    f = drawn(DateField("Label", format=["%d %m %Y"], description="Hint"), data=date(2024, 11, 3))

    params = {
        "id": "a",
        "hint": "Hint",
        "fieldset": {"legend": LABEL},
        "items": parts_of("3", "11", "2024", error=False),
    }
    same(FIELD, "date-input: dateInput", params, f=f)


def test_a_date_that_is_none(same: Same) -> None:
    f = drawn(DateField("Label", ANSWER, format=["%d %m %Y"]), typed=["31", "2", "2024"], wrong=True)

    params = {"id": "a", "fieldset": {"legend": LABEL}, "items": parts_of("31", "2", "2024", error=True)}
    same(FIELD, "date-input: dateInput", params | {"errorMessage": "Not a valid date value."}, f=f)


@well_and_wrong
def test_radios(same: Same, wrong: bool) -> None:
    choices = [SelectChoice("1", "One", {"hint": "The first"}), TWO]
    field = RadioField("Label", ANSWER, choices=choices, description="Hint")

    items = [{"value": "1", "text": "One", "hint": "The first"}, {"value": "2", "text": "Two", "checked": not wrong}]
    params = GROUP | {"hint": "Hint", "items": items} | (WRONG if wrong else {})
    same(FIELD, "radios: radios", params, f=drawn(field, typed=[] if wrong else ["2"], wrong=wrong))


def test_radios_beside_each_other(same: Same) -> None:
    items = [{"value": "1", "text": "One"}, {"value": "2", "text": "Two"}]
    params = GROUP | {"classes": "nhsuk-radios--inline", "items": items}

    same("fields: field(f, inline=true)", "radios: radios", params, f=drawn(RadioField("Label", choices=[ONE, TWO])))


def test_radios_that_reveal_a_question(same: Same) -> None:
    class Two(Form):
        a = RadioField("Label", choices=[ONE, TWO])
        b = StringField("Why?")

    label = '<label class="nhsuk-label" for="b">Why?</label>'
    under = {"html": f'<div class="nhsuk-form-group">{label}<input class="nhsuk-input" id="b" name="b" type="text"></div>'}
    items = [
        {"value": "1", "text": "One", "conditional": under},
        {"value": "2", "text": "Two", "checked": True, "conditional": under},
    ]
    ours = "fields: field(form.a, reveals={'1': [form.b], '2': [form.b]})"
    same(ours, "radios: radios", GROUP | {"items": items}, form=Two(data={"a": "2"}))


@well_and_wrong
def test_checkboxes(same: Same, wrong: bool) -> None:
    field = SelectMultipleField("Label", ANSWER, choices=[ONE, TWO], description="Hint")

    items = [{"value": "1", "text": "One"}, {"value": "2", "text": "Two", "checked": not wrong}]
    params = GROUP | {"hint": "Hint", "items": items} | (WRONG if wrong else {})
    same(FIELD, "checkboxes: checkboxes", params, f=drawn(field, typed=[] if wrong else ["2"], wrong=wrong))


def test_one_checkbox(same: Same) -> None:
    params = {"idPrefix": "a", "name": "a", "items": [{"value": "y", "text": "Label", "checked": True}]}

    same(FIELD, "checkboxes: checkboxes", params, f=drawn(BooleanField("Label"), data=True))


@well_and_wrong
def test_a_select(same: Same, wrong: bool) -> None:
    field = SelectField("Label", ANSWER, choices=[SelectChoice("", "Any"), ONE, TWO], description="Hint")

    items = [
        {"value": "", "text": "Any", "selected": wrong},
        {"value": "1", "text": "One"},
        {"value": "2", "text": "Two", "selected": not wrong},
    ]
    params = NAMED | {"hint": "Hint", "items": items} | (WRONG if wrong else {})
    same(FIELD, "select: select", params, f=drawn(field, typed=[""] if wrong else ["2"], wrong=wrong))


@well_and_wrong
def test_a_password(same: Same, wrong: bool) -> None:
    f = drawn(PasswordField("Label", ANSWER, description="Hint"), typed=[""], wrong=wrong)

    same(FIELD, "password-input: passwordInput", NAMED | {"hint": "Hint"} | (WRONG if wrong else {}), f=f)


def test_a_search_box(same: Same) -> None:
    f = drawn(SearchField("Label"), data="words")

    same(FIELD, "search-input: searchInput", NAMED | {"value": "words"}, f=f)
