"""Everything but fields: our macros, which are quick, say what the official NHS.UK macros say, which are slow."""

from types import SimpleNamespace
from typing import Any

import pytest

from tests.web.same import Same, same

__all__ = ["same"]

WORDS = "<p>Words</p>"
BANNER = "notification-banner: notificationBanner"


def test_the_error_summary(same: Same) -> None:
    links = [SimpleNamespace(text="Enter it", href="#a"), SimpleNamespace(text="Start again", href="")]
    errors = [{"text": "Enter it", "href": "#a"}, {"text": "Start again"}]

    params = {"titleText": "There is a problem", "errorList": errors}
    same("fields: error_summary(links=links)", "error-summary: errorSummary", params, links=links)


def test_a_button(same: Same) -> None:
    params = {"text": "Go", "variant": "warning", "name": "a", "value": "b", "preventDoubleClick": True}

    same("fields: button('Go', 'warning', 'a', 'b')", "button: button", params)


def test_a_button_that_is_a_link(same: Same) -> None:
    params = {"text": "Go", "href": "/x", "variant": "secondary"}

    same("fields: button_link('Go', '/x', 'secondary')", "button: button", params)


def test_the_summary_list(same: Same) -> None:
    rows = [{"label": "Type", "value": "SAR <Adult>", "change_href": "/c"}, {"label": "Overview", "value": "None yet"}]
    change = {"items": [{"href": "/c", "text": "Change", "visuallyHiddenText": "Type"}]}
    official = [
        {"key": {"text": "Type"}, "value": {"text": "SAR <Adult>"}, "actions": change},
        {"key": {"text": "Overview"}, "value": {"text": "None yet"}},
    ]

    same("reviews: summary_list(rows)", "summary-list: summaryList", {"rows": official}, rows=rows)


def test_the_task_list(same: Same) -> None:
    tasks = [
        {"title": "Update", "href": "/u", "status": "open", "hint": "31 days ago"},
        {"title": "Sign off", "status": "not_yet", "hint": "Not commissioned"},
        {"title": "Start", "status": "done"},
        {"title": "Assure", "status": "waiting", "text": "With the region"},
    ]
    open_to_you = {"tag": {"text": "Open to you", "colour": "blue"}}
    not_yet = {"text": "Not yet", "classes": "nhsuk-task-list__status--cannot-start-yet"}
    official = [
        {"heading": "Update", "href": "/u", "hint": "31 days ago", "status": open_to_you},
        {"heading": "Sign off", "hint": "Not commissioned", "status": not_yet},
        {"heading": "Start", "status": {"text": "Done", "classes": "nhsuk-task-list__status--completed"}},
        {"heading": "Assure", "status": {"tag": {"text": "With the region", "colour": "yellow"}}},
    ]

    same("reviews: task_list(tasks)", "task-list: taskList", {"idPrefix": "tasks", "items": official}, tasks=tasks)


def test_pages_of_a_list(same: Same) -> None:
    params = {"previous": {"href": "/n", "text": "Newer"}, "next": {"href": "/o", "text": "Older"}}

    same("lists: pagination('/n', '/o')", "pagination: pagination", params)


@pytest.mark.parametrize(
    ("ours", "official", "params"),
    [
        ("tag('Open', 'blue')", "tag: tag", {"text": "Open", "colour": "blue"}),
        ("banner('Done', kind='success')", BANNER, {"text": "Done", "variant": "success"}),
        ("banner('Back at noon')", BANNER, {"text": "Back at noon"}),
    ],
)
def test_messages(same: Same, ours: str, official: str, params: dict[str, Any]) -> None:
    same(f"messages: {ours}", official, params)


@pytest.mark.parametrize(
    ("ours", "official", "params"),
    [
        ("inset()", "inset-text: insetText", {}),
        ("warning('Mind')", "warning-callout: warningCallout", {"heading": {"text": "Mind", "level": 2}}),
        ("confirmation('Sent')", "panel: panel", {"heading": "Sent"}),
        ("details('More')", "details: details", {"summary": "More"}),
        ("details('More', open=true)", "details: details", {"summary": "More", "open": True}),
    ],
)
def test_messages_with_a_body(same: Same, ours: str, official: str, params: dict[str, Any]) -> None:
    same(f"messages: {ours}", official, params | {"html": WORDS}, body=WORDS)


def test_the_header(same: Same) -> None:
    links = [
        SimpleNamespace(text="Home", href="/", is_current=True, is_this_page=True),
        SimpleNamespace(text="Reviews", href="/r", is_current=True, is_this_page=False),
        SimpleNamespace(text="People", href="/p", is_current=False, is_this_page=False),
    ]
    items = [
        {"text": "Home", "href": "/", "current": True},
        {"text": "Reviews", "href": "/r", "active": True},
        {"text": "People", "href": "/p"},
    ]
    params = {
        "service": {"text": "Tracker", "href": "/"},
        "account": {"items": [{"text": "Jo <b>", "icon": True}, {"action": "/out", "text": "Sign out"}]},
        "navigation": {"items": items},
    }

    ours = "chrome: header('Tracker', '/', links, 'Jo <b>', sign_out_href='/out')"
    same(ours, "header: header", params, links=links)


def test_the_header_without_anyone_signed_in(same: Same) -> None:
    same("chrome: header('Tracker')", "header: header", {"service": {"text": "Tracker"}})


def test_the_footer(same: Same) -> None:
    params = {"meta": {"items": [{"href": "/a", "text": "Accessibility"}]}, "copyright": {"text": "Words"}}

    body = '<p class="nhsuk-body-s">Words</p>'
    same("chrome: footer([('Accessibility', '/a')])", "footer: footer", params, body=body)


def test_the_way_here(same: Same) -> None:
    items = [{"text": "Home", "href": "/"}, {"text": "Reviews", "href": "/r"}]

    ours = "chrome: breadcrumbs([('Home', '/'), ('Reviews', '/r')])"
    same(ours, "breadcrumb: breadcrumb", {"items": items})


def test_the_way_back(same: Same) -> None:
    same("chrome: back_link('/x')", "back-link: backLink", {"text": "Back", "href": "/x"}, inside=True)
