"""Our macros, which are quick, say what the official NHS.UK macros say, which are slow."""

from collections.abc import Callable
from datetime import date
from types import SimpleNamespace
from typing import Any

import pytest
from flask import Flask
from werkzeug.datastructures import MultiDict
from wtforms import BooleanField, DateField, Form, IntegerField, PasswordField, RadioField, SearchField, SelectField
from wtforms import SelectMultipleField, StringField, TextAreaField
from wtforms.fields.choices import SelectChoice
from wtforms.validators import InputRequired, Length

from tests.web.dom import shape
from tests.web.showcase import make_app

TWO = [SelectChoice("1", "One"), SelectChoice("2", "Two")]
LABEL = {"text": "Label", "size": "s"}
LEGEND = {"legend": {"text": "Label", "size": "s"}}
Compare = Callable[[str, dict[str, Any], str, dict[str, Any]], None]


@pytest.fixture(scope="module")
def app() -> Flask:
    return make_app()


@pytest.fixture
def same(app: Flask) -> Compare:
    """Compare our *source*, with what it is *given*, to the official component *name* (folder:macro) with its *params*."""

    def compare(source: str, given: dict[str, Any], name: str, params: dict[str, Any]) -> None:
        folder, macro = name.split(":")
        call = f"{{% from 'nhsuk/components/{folder}/macro.jinja' import {macro} %}}{{{{ {macro}(params) }}}}"
        with app.test_request_context("/"):
            ours = app.jinja_env.from_string(source).render(given)
            official = app.jinja_env.from_string(call).render(params=params)
        assert shape(ours) == shape(official)

    return compare


def drawn(field: Any, *, typed: list[str] | None = None, data: Any = None, wrong: bool = False) -> dict[str, Any]:
    """Give one field of a form, called `a`, for the template; *wrong* validates it."""

    class One(Form):
        a = field

    form = One(MultiDict({"a": typed})) if typed is not None else One(data={"a": data})
    if wrong:
        form.validate()
        assert form.a.errors
    return {"f": form.a}


FIELD = "{% from 'macros/fields.html' import field %}{{ field(f) }}"


def test_a_line_of_text(same: Compare) -> None:
    given = drawn(StringField("Label", [InputRequired("Enter it"), Length(max=10)], description="Hint"), data="v<'\"&")
    params = {
        "id": "a",
        "name": "a",
        "label": LABEL,
        "hint": "Hint",
        "classes": "nhsuk-input--width-10",
        "value": "v<'\"&",
    }

    same(FIELD, given, "input:input", params)


def test_a_line_of_text_left_empty(same: Compare) -> None:
    given = drawn(StringField("Label", [InputRequired("Enter it")], description="Hint"), typed=[""], wrong=True)
    params = {"id": "a", "name": "a", "label": LABEL, "hint": "Hint", "errorMessage": "Enter it"}

    same(FIELD, given, "input:input", params)


def test_a_question_that_is_the_heading_of_its_page(same: Compare) -> None:
    source = "{% from 'macros/fields.html' import field %}{{ field(f, 'l', heading=true) }}"
    label = {"text": "Label", "size": "l", "isPageHeading": True}

    same(source, drawn(StringField("Label")), "input:input", {"id": "a", "name": "a", "label": label})


def test_a_number(same: Compare) -> None:
    params = {
        "id": "a",
        "name": "a",
        "label": LABEL,
        "inputmode": "numeric",
        "classes": "nhsuk-input--width-5",
        "value": "12",
    }

    same(FIELD, drawn(IntegerField("Label"), data=12), "input:input", params)


def test_several_lines(same: Compare) -> None:
    params = {"id": "a", "name": "a", "label": LABEL, "value": "one\n<two>", "rows": 3}

    same(FIELD, drawn(TextAreaField("Label", render_kw={"rows": 3}), data="one\n<two>"), "textarea:textarea", params)


@pytest.mark.parametrize("wrong", [False, True])
def test_several_lines_that_are_counted(same: Compare, wrong: bool) -> None:
    field = TextAreaField("Label", [InputRequired("Enter it"), Length(max=4000)], description="Hint")
    params: dict[str, Any] = {"id": "a", "name": "a", "label": LABEL, "hint": "Hint", "maxlength": 4000, "rows": 8}
    if wrong:
        params["errorMessage"] = "Enter it"

    same(FIELD, drawn(field, typed=[""], wrong=wrong), "character-count:characterCount", params)


@pytest.mark.parametrize("wrong", [False, True])
def test_a_date(same: Compare, wrong: bool) -> None:
    field = DateField("Label", format=["%d %m %Y"], description="Hint")
    parts = (
        [("day", "31", 2), ("month", "2", 2), ("year", "2024", 4)]
        if wrong
        else [("day", "3", 2), ("month", "11", 2), ("year", "2024", 4)]
    )
    items = [
        {"id": f"a-{part}", "name": "a", "label": part.capitalize(), "value": value, "width": width, "error": wrong}
        for part, value, width in parts
    ]
    params: dict[str, Any] = {"id": "a", "hint": "Hint", "fieldset": LEGEND, "items": items}
    if wrong:
        params["errorMessage"] = "Not a valid date value."
        given = drawn(field, typed=["31", "2", "2024"], wrong=True)
    else:
        given = drawn(field, data=date(2024, 11, 3))

    same(FIELD, given, "date-input:dateInput", params)


@pytest.mark.parametrize("wrong", [False, True])
def test_radios(same: Compare, wrong: bool) -> None:
    choices = [SelectChoice("1", "One", {"hint": "The first"}), TWO[1]]
    field = RadioField("Label", [InputRequired("Choose one")], choices=choices, description="Hint")
    items = [{"value": "1", "text": "One", "hint": "The first"}, {"value": "2", "text": "Two", "checked": not wrong}]
    params: dict[str, Any] = {"idPrefix": "a", "name": "a", "hint": "Hint", "fieldset": LEGEND, "items": items}
    if wrong:
        params["errorMessage"] = "Choose one"

    same(FIELD, drawn(field, typed=[] if wrong else ["2"], wrong=wrong), "radios:radios", params)


def test_radios_beside_each_other(same: Compare) -> None:
    source = "{% from 'macros/fields.html' import field %}{{ field(f, inline=true) }}"
    items = [{"value": "1", "text": "One"}, {"value": "2", "text": "Two"}]
    params = {"idPrefix": "a", "name": "a", "fieldset": LEGEND, "classes": "nhsuk-radios--inline", "items": items}

    same(source, drawn(RadioField("Label", choices=TWO)), "radios:radios", params)


def test_radios_that_reveal_a_question(app: Flask, same: Compare) -> None:
    class Two(Form):
        a = RadioField("Label", choices=TWO)
        b = StringField("Why?")

    form = Two(data={"a": "2"})
    source = "{% from 'macros/fields.html' import field %}{{ field(form.a, reveals={'1': [form.b], '2': [form.b]}) }}"
    why = '<div class="nhsuk-form-group"><label class="nhsuk-label" for="b">Why?</label><input class="nhsuk-input" id="b" name="b" type="text"></div>'
    items = [
        {"value": "1", "text": "One", "conditional": {"html": why}},
        {"value": "2", "text": "Two", "checked": True, "conditional": {"html": why}},
    ]

    same(source, {"form": form}, "radios:radios", {"idPrefix": "a", "name": "a", "fieldset": LEGEND, "items": items})


@pytest.mark.parametrize("wrong", [False, True])
def test_checkboxes(same: Compare, wrong: bool) -> None:
    field = SelectMultipleField("Label", [InputRequired("Choose some")], choices=TWO, description="Hint")
    items = [{"value": "1", "text": "One"}, {"value": "2", "text": "Two", "checked": not wrong}]
    params: dict[str, Any] = {"idPrefix": "a", "name": "a", "hint": "Hint", "fieldset": LEGEND, "items": items}
    if wrong:
        params["errorMessage"] = "Choose some"

    same(FIELD, drawn(field, typed=[] if wrong else ["2"], wrong=wrong), "checkboxes:checkboxes", params)


def test_one_checkbox(same: Compare) -> None:
    items = [{"value": "y", "text": "Label", "checked": True}]

    same(
        FIELD,
        drawn(BooleanField("Label"), data=True),
        "checkboxes:checkboxes",
        {"idPrefix": "a", "name": "a", "items": items},
    )


@pytest.mark.parametrize("wrong", [False, True])
def test_a_select(same: Compare, wrong: bool) -> None:
    field = SelectField(
        "Label", [InputRequired("Choose one")], choices=[SelectChoice("", "Choose"), *TWO], description="Hint"
    )
    items = [
        {"value": "", "text": "Choose", "selected": wrong},
        {"value": "1", "text": "One"},
        {"value": "2", "text": "Two", "selected": not wrong},
    ]
    params: dict[str, Any] = {"id": "a", "name": "a", "label": LABEL, "hint": "Hint", "items": items}
    if wrong:
        params["errorMessage"] = "Choose one"

    same(FIELD, drawn(field, typed=[""] if wrong else ["2"], wrong=wrong), "select:select", params)


@pytest.mark.parametrize("wrong", [False, True])
def test_a_password(same: Compare, wrong: bool) -> None:
    params: dict[str, Any] = {"id": "a", "name": "a", "label": LABEL, "hint": "Hint"}
    if wrong:
        params["errorMessage"] = "Enter it"
    field = PasswordField("Label", [InputRequired("Enter it")], description="Hint")

    same(FIELD, drawn(field, typed=[""], wrong=wrong), "password-input:passwordInput", params)


def test_a_search_box(same: Compare) -> None:
    params = {"id": "a", "name": "a", "label": LABEL, "value": "words"}

    same(FIELD, drawn(SearchField("Label"), data="words"), "search-input:searchInput", params)


def test_the_error_summary(same: Compare) -> None:
    links = [SimpleNamespace(text="Enter it", href="#a"), SimpleNamespace(text="Start again", href="")]
    params = {
        "titleText": "There is a problem",
        "errorList": [{"text": "Enter it", "href": "#a"}, {"text": "Start again"}],
    }

    same(
        "{% from 'macros/fields.html' import error_summary %}{{ error_summary(links=links) }}",
        {"links": links},
        "error-summary:errorSummary",
        params,
    )


def test_buttons(same: Compare) -> None:
    source = "{% from 'macros/fields.html' import buttons %}{{ (buttons('Go') | string).split('>', 1)[1].rsplit('</div>', 1)[0] | safe }}"

    same(source, {}, "button:button", {"text": "Go", "preventDoubleClick": True})


def test_a_button_that_is_a_link(same: Compare) -> None:
    source = "{% from 'macros/fields.html' import button_link %}{{ button_link('Go', '/x', 'secondary') }}"

    same(source, {}, "button:button", {"text": "Go", "href": "/x", "variant": "secondary"})


def test_the_summary_list(same: Compare) -> None:
    rows = [{"label": "Type", "value": "SAR <Adult>", "change_href": "/c"}, {"label": "Overview", "value": "None yet"}]
    change = {"items": [{"href": "/c", "text": "Change", "visuallyHiddenText": "Type"}]}
    params = {"rows": [
        {"key": {"text": "Type"}, "value": {"text": "SAR <Adult>"}, "actions": change},
        {"key": {"text": "Overview"}, "value": {"text": "None yet"}},
    ]}  # fmt: skip

    same(
        "{% from 'macros/reviews.html' import summary_list %}{{ summary_list(rows) }}",
        {"rows": rows},
        "summary-list:summaryList",
        params,
    )


def test_the_task_list(same: Compare) -> None:
    tasks = [
        {"title": "Give an update", "href": "/u", "status": "open", "hint": "31 days ago"},
        {"title": "Sign off", "status": "not_yet", "hint": "Not commissioned"},
        {"title": "Start", "status": "done"},
        {"title": "Assure", "status": "waiting", "text": "With the region"},
    ]
    items = [
        {
            "heading": "Give an update",
            "href": "/u",
            "hint": "31 days ago",
            "status": {"tag": {"text": "Open to you", "colour": "blue"}},
        },
        {
            "heading": "Sign off",
            "hint": "Not commissioned",
            "status": {"text": "Not yet", "classes": "nhsuk-task-list__status--cannot-start-yet"},
        },
        {"heading": "Start", "status": {"text": "Done", "classes": "nhsuk-task-list__status--completed"}},
        {"heading": "Assure", "status": {"tag": {"text": "With the region", "colour": "yellow"}}},
    ]

    same(
        "{% from 'macros/reviews.html' import task_list %}{{ task_list(tasks) }}",
        {"tasks": tasks},
        "task-list:taskList",
        {"idPrefix": "tasks", "items": items},
    )


def test_pages_of_a_list(same: Compare) -> None:
    source = "{% from 'macros/lists.html' import pagination %}{{ pagination('/n', '/o') }}"

    same(
        source,
        {},
        "pagination:pagination",
        {"previous": {"href": "/n", "text": "Newer"}, "next": {"href": "/o", "text": "Older"}},
    )


@pytest.mark.parametrize(
    ("source", "name", "params"),
    [
        ("tag('Open', 'blue')", "tag:tag", {"text": "Open", "colour": "blue"}),
        ("banner('It is done', kind='success')", "notification-banner:notificationBanner", {"text": "It is done", "variant": "success"}),
        ("banner('Back at noon')", "notification-banner:notificationBanner", {"text": "Back at noon"}),
        ("action_link('Go', '/x')", "action-link:actionLink", {"text": "Go", "href": "/x"}),
    ],
)  # fmt: skip
def test_messages(same: Compare, source: str, name: str, params: dict[str, Any]) -> None:
    macro = source.split("(")[0]

    same(f"{{% from 'macros/messages.html' import {macro} %}}{{{{ {source} }}}}", {}, name, params)


@pytest.mark.parametrize(
    ("source", "name", "params"),
    [
        ("inset()", "inset-text:insetText", {"html": "<p>Words</p>"}),
        ("warning('Mind')", "warning-callout:warningCallout", {"heading": {"text": "Mind", "level": 2}, "html": "<p>Words</p>"}),
        ("confirmation('Sent')", "panel:panel", {"heading": "Sent", "html": "<p>Words</p>"}),
        ("details('More')", "details:details", {"summary": "More", "html": "<p>Words</p>"}),
        ("details('More', open=true)", "details:details", {"summary": "More", "html": "<p>Words</p>", "open": True}),
        ("card('Next')", "card:card", {"heading": {"text": "Next", "size": "m"}, "description": {"html": "<p>Words</p>"}}),
        ("card('Next', '/x', size='')", "card:card", {"heading": "Next", "href": "/x", "clickable": True, "description": {"html": "<p>Words</p>"}}),
    ],
)  # fmt: skip
def test_messages_with_a_body(same: Compare, source: str, name: str, params: dict[str, Any]) -> None:
    macro = source.split("(")[0]
    ours = f"{{% from 'macros/messages.html' import {macro} %}}{{% call {source} %}}<p>Words</p>{{% endcall %}}"

    same(ours, {}, name, params)


def test_the_header(same: Compare) -> None:
    links = [
        SimpleNamespace(text="Home", href="/", is_current=True, is_this_page=True),
        SimpleNamespace(text="Reviews", href="/r", is_current=True, is_this_page=False),
        SimpleNamespace(text="People", href="/p", is_current=False, is_this_page=False),
    ]
    source = "{% from 'macros/chrome.html' import header %}{{ header('Tracker', '/', links, 'Jo <b>', sign_out_href='/out') }}"
    params = {
        "service": {"text": "Tracker", "href": "/"},
        "account": {"items": [{"text": "Jo <b>", "icon": True}, {"action": "/out", "text": "Sign out"}]},
        "navigation": {"items": [
            {"href": "/", "text": "Home", "current": True}, {"href": "/r", "text": "Reviews", "active": True}, {"href": "/p", "text": "People"}
        ]},
    }  # fmt: skip

    same(source, {"links": links}, "header:header", params)


def test_the_header_without_anyone_signed_in(same: Compare) -> None:
    source = "{% from 'macros/chrome.html' import header %}{{ header('Tracker') }}"

    same(source, {}, "header:header", {"service": {"text": "Tracker"}})


def test_the_footer(same: Compare) -> None:
    words = '<p class="nhsuk-body-s">Words</p>'
    source = f"{{% from 'macros/chrome.html' import footer %}}{{% call footer([('Accessibility', '/a')]) %}}{words}{{% endcall %}}"
    params = {"meta": {"items": [{"href": "/a", "text": "Accessibility"}]}, "copyright": {"text": "Words"}}

    same(source, {}, "footer:footer", params)


def test_the_way_here(same: Compare) -> None:
    source = "{% from 'macros/chrome.html' import breadcrumbs %}{{ breadcrumbs([('Home', '/'), ('Reviews', '/r')]) }}"

    same(
        source,
        {},
        "breadcrumb:breadcrumb",
        {"items": [{"text": "Home", "href": "/"}, {"text": "Reviews", "href": "/r"}]},
    )


def test_the_way_back(same: Compare) -> None:
    same(
        "{% from 'macros/chrome.html' import back_link %}{{ back_link('/x') }}",
        {},
        "back-link:backLink",
        {"text": "Back", "href": "/x"},
    )
