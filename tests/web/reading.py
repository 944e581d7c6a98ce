"""Reading a page as a person does: its words, its links, the reviews that it names."""

from __future__ import annotations

import re
from collections.abc import Iterator

from bs4 import BeautifulSoup
from bs4.element import Tag
from werkzeug.test import TestResponse

from tests.factories import Browser

REFERENCE = re.compile(r"R-[0-9A-Z]{5}-[0-9A-Z]{5}")
VARIES = re.compile(r'nonce="[^"]*"|value="[^"]{40,}"|\?v=[0-9a-f]+')


def page_of(response: TestResponse) -> Tag:
    """Give the main part of a page."""
    found = BeautifulSoup(response.data, "html5lib").select_one("main")
    assert found is not None, response.text[:500]
    return found


def words(response: TestResponse, selector: str = "") -> str:
    """Give the words of a page, or of the parts of it that *selector* means, with single spaces."""
    parts = page_of(response).select(selector) if selector else [page_of(response)]
    return " ".join(" ".join(part.get_text(" ").split()) for part in parts)


def references(response: TestResponse) -> list[str]:
    """Give the references of the reviews that a page lists, in order."""
    rows = page_of(response).select("tbody tr, .scrt-work__item")
    return [found[0] for row in rows if (found := REFERENCE.search(row.get_text()))]


def links(response: TestResponse) -> dict[str, str]:
    """Give the links of a page: their words to their addresses."""
    return {" ".join(link.get_text(" ").split()): str(link["href"]) for link in page_of(response).select("a[href]")}


def every_page(browser: Browser, address: str) -> Iterator[TestResponse]:
    """Open a list, then its next page, until there is none."""
    while address:
        response = browser.get(address)
        assert response.status_code == 200, response.text[:500]
        yield response
        address = next((href for text, href in links(response).items() if text.startswith("Next page")), "")


def unvarying(response: TestResponse) -> str:
    """Give a page's markup without what differs from request to request."""
    return VARIES.sub("", response.text)
