"""Every macro, on pages with invented content: well-formed, labelled, and free of what the security policy forbids."""

import re
from collections import Counter
from itertools import pairwise
from pathlib import Path

import html5lib
import pytest
from bs4 import BeautifulSoup
from flask import Flask

from scrt_workflow.settings import shipped
from tests.web.dom import one
from tests.web.showcase import PAGES, make_app

ERRORS = (400, 403, 404, 405, 409, 413, 429, 500, 503)
REFERRING = ("aria-controls", "aria-describedby", "aria-labelledby", "data-aria-controls", "for")
PATHS = (*(f"/page/{page}" for page in PAGES), *(f"/error/{code}" for code in ERRORS))


@pytest.fixture(scope="module")
def app() -> Flask:
    return make_app()


@pytest.fixture(params=PATHS)
def markup(app: Flask, request: pytest.FixtureRequest) -> str:
    return app.test_client().get(request.param).text


@pytest.fixture
def parsed(markup: str) -> BeautifulSoup:
    return BeautifulSoup(markup, "html5lib")


def test_a_page_is_well_formed(markup: str) -> None:
    html5lib.HTMLParser(strict=True).parse(markup)


def test_a_page_has_a_title_a_language_and_one_heading_of_the_first_level(parsed: BeautifulSoup) -> None:
    html, title = one(parsed, "html"), one(parsed, "head > title")

    assert html["lang"] == "en-GB"
    assert re.fullmatch(r"(Error: )?\S.+ – Safeguarding case review tracker – NHS", title.text)
    assert len(parsed.select("h1")) == 1


def test_headings_skip_no_level(parsed: BeautifulSoup) -> None:
    headings = parsed.select("main :is(h1, h2, h3, h4):not(.nhsuk-error-summary *)")
    levels = [int(heading.name[1]) for heading in headings]

    assert all(after - before <= 1 for before, after in pairwise(levels))


def test_every_input_has_a_label_of_its_own(parsed: BeautifulSoup) -> None:
    for control in parsed.select("input:not([type=hidden]), select, textarea"):
        labels = parsed.select(f'label[for="{control["id"]}"]')
        assert len(labels) == 1
        assert labels[0].text.strip()


def test_every_group_of_inputs_has_a_legend(parsed: BeautifulSoup) -> None:
    assert all(group.legend and group.legend.text.strip() for group in parsed.select("fieldset"))


def test_ids_are_unique_and_what_refers_to_one_finds_it(parsed: BeautifulSoup) -> None:
    ids = Counter(tag["id"] for tag in parsed.select("[id]"))
    referred = {name for tag in parsed.select("*") for each in REFERRING for name in str(tag.get(each) or "").split()}
    referred |= {str(tag["href"])[1:] for tag in parsed.select('a[href^="#"]')}

    assert [name for name, count in ids.items() if count > 1] == []
    assert referred - set(ids) == set()


def test_nothing_on_a_page_needs_inline_style_or_script(parsed: BeautifulSoup) -> None:
    attributes = {name for tag in parsed.select("*") for name in tag.attrs}

    assert not [name for name in attributes if name == "style" or name.startswith("on")]
    assert not parsed.select("style")


def test_the_title_says_when_a_page_has_errors(app: Flask) -> None:
    client = app.test_client()

    assert "<title>Error: " in client.get("/page/step_wrong").text
    assert "<title>Error: " not in client.get("/page/step").text


def test_every_macro_is_used_by_a_page() -> None:
    templates = written_in(shipped("templates"))
    names = re.findall(r"{%-? macro (\w+)\(", templates)

    assert [name for name in names if not re.search(rf"(?<!macro )\b(?:{name}|{name} as \w+)[(, ]", templates)] == []


def test_every_macro_that_a_template_imports_is_used_there() -> None:
    unused = [
        f"{path.name}: {name}"
        for path in sorted(shipped("templates").rglob("*.html"))
        for imported in re.findall(r"{%-? from '[^']+' import ([^%]+?) ?-?%}", path.read_text("utf-8"))
        for name in (one.split(" as ")[-1].strip() for one in imported.split(","))
        if not re.search(rf"(?<!macro )\b{name}\(", path.read_text("utf-8"))
    ]

    assert unused == []


def written_in(folder: Path) -> str:
    return "".join(path.read_text("utf-8") for path in sorted(folder.rglob("*.html")))


def test_a_signed_out_person_sees_no_navigation() -> None:
    parsed = BeautifulSoup(make_app(signed_in=False).test_client().get("/page/sign_in").data, "html5lib")

    assert not parsed.select("nav")
    assert not parsed.select('form[action="/sign-out"]')
