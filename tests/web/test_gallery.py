"""Every macro, on pages with invented content: well-formed, labelled, and free of what the security policy forbids."""

import re
from collections import Counter

import html5lib
import pytest
from bs4 import BeautifulSoup
from flask import Flask

from scrt_workflow.settings import shipped
from tests.web.showcase import PAGES, make_app

ERRORS = (400, 403, 404, 405, 409, 413, 429, 500, 503)
PATHS = (*(f"/page/{page}" for page in PAGES), *(f"/error/{code}" for code in ERRORS))


@pytest.fixture(scope="module")
def app() -> Flask:
    return make_app()


@pytest.fixture(params=PATHS)
def markup(app: Flask, request: pytest.FixtureRequest) -> str:
    return app.test_client().get(request.param).text


@pytest.fixture
def page(markup: str) -> BeautifulSoup:
    return BeautifulSoup(markup, "html5lib")


def test_a_page_is_well_formed(markup: str) -> None:
    html5lib.HTMLParser(strict=True).parse(markup)


def test_a_page_has_a_title_a_language_and_one_heading_of_the_first_level(page: BeautifulSoup) -> None:
    assert page.html and page.html["lang"] == "en-GB"
    assert page.title and re.fullmatch(r"(Error: )?\S.+ – Safeguarding case review tracker – NHS", page.title.text)
    assert len(page.select("h1")) == 1


def test_headings_skip_no_level(page: BeautifulSoup) -> None:
    levels = [
        int(heading.name[1])
        for heading in page.select("main h1, main h2, main h3, main h4")
        if not heading.find_parent(class_="nhsuk-error-summary")
    ]

    assert all(after - before <= 1 for before, after in zip(levels, levels[1:], strict=False))


def test_every_input_has_a_label_of_its_own(page: BeautifulSoup) -> None:
    for control in page.select("input:not([type=hidden]), select, textarea"):
        labels = page.select(f'label[for="{control["id"]}"]')
        assert len(labels) == 1
        assert labels[0].text.strip()


def test_every_group_of_inputs_has_a_legend(page: BeautifulSoup) -> None:
    assert all(group.legend and group.legend.text.strip() for group in page.select("fieldset"))


def test_ids_are_unique_and_what_refers_to_one_finds_it(page: BeautifulSoup) -> None:
    ids = Counter(tag["id"] for tag in page.select("[id]"))
    referred = {
        name for tag in page.select("*") for attribute in ("aria-describedby", "aria-labelledby", "aria-controls", "data-aria-controls", "for")
        for name in str(tag.get(attribute) or "").split()
    }  # fmt: skip
    referred |= {str(tag["href"])[1:] for tag in page.select('a[href^="#"]')}

    assert [name for name, count in ids.items() if count > 1] == []
    assert referred - set(ids) == set()


def test_nothing_on_a_page_needs_inline_style_or_script(page: BeautifulSoup) -> None:
    assert not [
        tag for tag in page.select("*") if "style" in tag.attrs or any(name.startswith("on") for name in tag.attrs)
    ]
    assert not page.select("style")


def test_the_title_says_when_a_page_has_errors(app: Flask) -> None:
    client = app.test_client()

    assert "<title>Error: " in client.get("/page/step_wrong").text
    assert "<title>Error: " not in client.get("/page/step").text


def test_every_macro_is_shown_somewhere(app: Flask) -> None:
    used = "".join(
        path.read_text("utf-8")
        for folder in (shipped("templates"), shipped("templates").parent / "tests" / "web" / "gallery")
        for path in folder.rglob("*.html")
    )
    macros = re.findall(
        r"{%-? macro (\w+)\(",
        "".join(path.read_text("utf-8") for path in (shipped("templates") / "macros").glob("*.html")),
    )

    assert [name for name in macros if len(re.findall(rf"(?<!macro )\b{name}\(", used)) == 0] == []


def test_a_signed_out_person_sees_no_navigation() -> None:
    page = BeautifulSoup(make_app(signed_in=False).test_client().get("/page/sign_in").data, "html5lib")

    assert not page.select("nav")
    assert not page.select('form[action="/sign-out"]')
