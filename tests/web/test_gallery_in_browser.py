"""The gallery in a real browser: nothing overflows a phone, nothing is refused by the policy, and axe finds nothing."""

from collections.abc import Iterator
from threading import Thread

import pytest
from axe_playwright_python.sync_playwright import Axe  # type: ignore[import-untyped]
from playwright.sync_api import Page, ViewportSize
from werkzeug.serving import make_server

from tests.web.showcase import PAGES, make_app

WIDTHS = (1280, 390)
NAMES = (*(f"page/{page}" for page in PAGES), "error/404", "error/500")
KNOWN = {"aria-allowed-attr"}
"""The rule that NHS.UK frontend itself breaks, where radios reveal a question."""


@pytest.fixture(scope="module")
def address() -> Iterator[str]:
    """Serve the gallery on this machine, and give its address."""
    server = make_server("127.0.0.1", 0, make_app(), threaded=True)
    thread = Thread(target=server.serve_forever)
    thread.start()
    yield f"http://127.0.0.1:{server.server_port}"
    server.shutdown()
    thread.join()
    server.server_close()


@pytest.mark.parametrize("name", NAMES)
def test_a_page_fits_obeys_the_policy_and_is_accessible(page: Page, address: str, name: str) -> None:
    said: list[str] = []
    page.on("console", lambda message: said.append(message.text))
    page.on("pageerror", lambda error: said.append(str(error)))
    for width in WIDTHS:
        page.set_viewport_size(ViewportSize(width=width, height=800))
        page.goto(f"{address}/{name}")
        assert page.evaluate("document.documentElement.scrollWidth") <= width
    found = Axe().run(page, options={"resultTypes": ["violations"]}).response["violations"]
    wrong = [f"{one['id']}: {node['html']}" for one in found if one["id"] not in KNOWN for node in one["nodes"]]
    assert wrong == []
    assert [words for words in said if "Failed to load resource" not in words] == []


@pytest.mark.browser
def test_without_javascript_everything_is_still_there(page: Page, address: str) -> None:
    assert page.context.browser
    with page.context.browser.new_context(java_script_enabled=False) as context:
        plain = context.new_page()
        plain.set_viewport_size(ViewportSize(width=390, height=800))
        plain.goto(f"{address}/page/step")

        assert plain.get_by_label("Link to the report").is_visible()
        assert plain.get_by_label("Why not?").is_visible()
        assert plain.get_by_text("You can enter up to 4000 characters").is_visible()
        assert plain.get_by_role("link", name="Mailbox").is_visible()


def test_the_keyboard_reaches_the_content_first_and_the_mistake_next(page: Page, address: str) -> None:
    page.goto(f"{address}/page/step")
    page.keyboard.press("Tab")
    assert page.evaluate("document.activeElement.textContent") == "Skip to main content"
    page.keyboard.press("Enter")
    assert page.evaluate("document.activeElement.id") == "maincontent"

    page.goto(f"{address}/page/step_wrong")
    assert page.evaluate("document.activeElement.className") == "nhsuk-error-summary"
    page.get_by_role("link", name="Incident date must be a real date").press("Enter")
    assert page.evaluate("document.activeElement.id") == "incident_date-day"
