"""What is looked at on every page that a journey comes by, whatever the journey is about."""

from typing import Any

from axe_playwright_python.sync_playwright import Axe  # type: ignore[import-untyped]
from playwright.sync_api import Browser, ConsoleMessage, Page, Response, ViewportSize

DESK, PHONE = 1280, 390  # CSS pixels
HEIGHT = 800
KNOWN = {"aria-allowed-attr"}
"""The rule that NHS.UK frontend itself breaks, where radios reveal a question."""
SEEN = """() => {
  const kind = (one) => one === null ? '' : [
    one.localName, ...[...one.classList].sort(), ...one.getAttributeNames().sort(), one.getAttribute('role'), one.type
  ].join('.')
  const all = [...document.querySelectorAll('*')]
  const ids = all.map((one) => one.id).filter(Boolean)
  return {
    width: document.documentElement.scrollWidth,
    title: document.title,
    headings: document.querySelectorAll('h1').length,
    twice: ids.filter((id, place) => ids.indexOf(id) !== place),
    kinds: [...new Set(all.map((one) => kind(one.parentElement) + ' > ' + kind(one)))].sort().join('\\n')
      + all.map((one) => /^h[1-6]$/.exec(one.localName)?.[0] ?? '').join('').replace(/(h.)\\1+/g, '$1'),
  }
}"""
"""Describes a page. Two pages of the same kinds of elements and the same levels of headings break the same rules."""


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
    """Looks at pages; at one of a kind that it has seen before, it looks only briefly."""

    def __init__(self, browser: Browser) -> None:
        self._browser = browser
        self._axe = Axe()
        self._known: set[tuple[bool, str]] = set()

    def look_at(self, page: Page, faults: Faults, *, javascript: bool) -> None:
        """Hold *page* to what holds for every page: it fits, obeys the policy, is well-formed and accessible."""
        seen = page.evaluate(SEEN)
        where = f"{page.url} ({seen['title']})"
        assert faults.found == [], where
        assert seen["width"] <= (DESK if javascript else PHONE), f"{where} is wider than the window."
        assert (seen["headings"], seen["twice"]) == (1, []), f"{where} has one h1, and no id twice."
        if (javascript, seen["kinds"]) not in self._known:
            self._known.add((javascript, seen["kinds"]))
            assert self._violations(page, javascript=javascript) == [], where

    def _violations(self, page: Page, *, javascript: bool) -> list[str]:
        if not javascript:
            return self._violations_without_javascript(page)
        page.set_viewport_size(ViewportSize(width=PHONE, height=HEIGHT))
        width = page.evaluate("document.documentElement.scrollWidth")
        page.set_viewport_size(ViewportSize(width=DESK, height=HEIGHT))
        return [*self._axe_on(page), *([f"It is {width} pixels wide on a phone."] if width > PHONE else [])]

    def _violations_without_javascript(self, page: Page) -> list[str]:
        """Show the page as it stands to axe, which is a script, in a window where nothing else runs."""
        with self._browser.new_context(viewport=ViewportSize(width=PHONE, height=HEIGHT)) as context:
            copy = context.new_page()
            context.route("**/*.js*", lambda route: route.abort())
            copy.goto("/".join([*page.url.split("/")[:3], "health/live"]))
            copy.set_content(page.content().replace("<script", "<template").replace("</script", "</template"))
            return self._axe_on(copy)

    def _axe_on(self, page: Page) -> list[str]:
        found: list[dict[str, Any]] = self._axe.run(page, options={"resultTypes": ["violations"]}).response["violations"]
        return [f"{one['id']}: {node['html']}" for one in found if one["id"] not in KNOWN for node in one["nodes"]]
