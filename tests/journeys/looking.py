"""What is looked at on every page that a journey comes by, whatever the journey is about."""

import os
from contextlib import suppress
from typing import Any

from axe_playwright_python.sync_playwright import Axe  # type: ignore[import-untyped]
from playwright.sync_api import Browser, ConsoleMessage, Page, Response, ViewportSize
from playwright.sync_api import Error as PlaywrightError

DESK, PHONE = 1280, 390  # CSS pixels
HEIGHT = 800
KNOWN = ("aria-allowed-attr", '<input class="nhsuk-radios__input"', "aria-expanded=")
"""The rule that NHS.UK frontend itself breaks, and where: radios that reveal a question."""
SEEN = """() => {
  const kind = (one) => one === null ? '' : [
    one.localName,
    ...[...one.classList].sort(),
    ...one.getAttributeNames().filter((name) => !['checked', 'selected', 'value'].includes(name)).sort(),
    one.getAttribute('role') ?? '',
    one.type ?? '',
    one.labels?.length ?? '',
    one.textContent.trim() ? '' : 'empty',
  ].join('.')
  const all = [...document.querySelectorAll('*')]
  const ids = all.map((one) => one.id).filter(Boolean)
  const levels = all.map((one) => one.localName).filter((name) => /^h[1-6]$/.test(name))
  return {
    width: document.documentElement.scrollWidth,
    title: document.title,
    headings: levels.filter((level) => level === 'h1').length,
    twice: ids.filter((id, place) => ids.indexOf(id) !== place),
    kinds: [...new Set([
      ...all.map((one) => kind(one.parentElement) + ' > ' + kind(one)),
      ...levels.map((level, place) => (levels[place - 1] ?? '') + ' then ' + level),
    ])],
  }
}"""
"""Describes a page: its width, and what kinds of elements stand in which, what kind of heading follows which."""


class Faults:
    """What went wrong behind a tab: what the console says (a breach of the policy too), and files that did not come."""

    def __init__(self, page: Page) -> None:
        self.found: list[str] = []
        page.on("console", self._said)
        page.on("pageerror", lambda error: self.found.append(str(error)))
        page.on("response", self._answered)

    def _said(self, message: ConsoleMessage) -> None:
        if message.type in {"error", "warning"} and "Failed to load resource" not in message.text:
            self.found.append(message.text)

    def _answered(self, response: Response) -> None:
        if response.status >= (500 if response.request.is_navigation_request() else 400):
            self.found.append(f"{response.status} {response.url}")


class Inspector:
    """Looks at every page; asks axe about those that hold an element of a kind, or in a place, that is new to it.

    AXE=every in the environment has it ask about every page, which takes several times as long.
    """

    def __init__(self, browser: Browser) -> None:
        self._browser = browser
        self._axe = Axe()
        self._known: set[str] = set()
        self._glass: Page | None = None
        self._asks_always = os.environ.get("AXE") == "every"

    def look_at(self, page: Page, faults: Faults, *, javascript: bool) -> None:
        """Hold *page* to what holds for every page: it fits, obeys the policy, is well-formed and accessible."""
        seen = page.evaluate(SEEN)
        where = f"{page.url} ({seen['title']})"
        assert faults.found == [], where
        assert seen["width"] <= (DESK if javascript else PHONE), f"{where} is wider than the window."
        assert (seen["headings"], seen["twice"]) == (1, []), f"{where} has one h1, and no id twice."
        if self._asks_always or not self._known.issuperset(seen["kinds"]):
            self._known.update(seen["kinds"])
            found = self._on_a_desk(page) if javascript else self._without_javascript(page)
            assert found == [], where

    def _on_a_desk(self, page: Page) -> list[str]:
        """Ask axe, and see whether the page would fit a phone, with its scripts."""
        found = self._violations(page)
        page.set_viewport_size(ViewportSize(width=PHONE, height=HEIGHT))
        with suppress(PlaywrightError):  # the menu folds a moment after the window is narrow
            page.wait_for_function(f"document.documentElement.scrollWidth <= {PHONE}", timeout=2_000)
        width = page.evaluate("document.documentElement.scrollWidth")
        page.set_viewport_size(ViewportSize(width=DESK, height=HEIGHT))
        return found if width <= PHONE else [*found, f"It is {width} pixels wide on a phone."]

    def _without_javascript(self, page: Page) -> list[str]:
        """Show the page as it stands to axe, which is a script, in a window where no other script runs."""
        if self._glass is None or self._glass.is_closed():
            self._glass = self._browser.new_context(viewport=ViewportSize(width=PHONE, height=HEIGHT)).new_page()
        self._glass.goto("/".join([*page.url.split("/")[:3], "health/live"]))
        self._glass.set_content(page.content().replace("<script", "<template").replace("</script", "</template"))
        return self._violations(self._glass)

    def _violations(self, page: Page) -> list[str]:
        found: list[dict[str, Any]] = self._axe.run(page, options={"resultTypes": ["violations"]}).response["violations"]
        return [
            f"{one['id']}: {node['html']}" for one in found for node in one["nodes"] if not _is_known(one["id"], node["html"])
        ]


def _is_known(rule: str, html: str) -> bool:
    known, begins, holds = KNOWN
    return rule == known and html.startswith(begins) and holds in html
