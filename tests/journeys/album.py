"""Pictures of what a window shows, on a desk and on a phone, for docs/screens."""

import sys
from collections.abc import Collection
from pathlib import Path

from playwright.sync_api import Page, ViewportSize

from tests.journeys.looking import DESK, HEIGHT, PHONE
from tests.journeys.windows import Window

FOLDER = Path(__file__).parents[2] / "docs" / "screens"
TALLEST = {DESK: 1500, PHONE: 1900}  # CSS pixels; what is below is more of the same
LARGEST = 300_000  # bytes


class Album:
    """Takes a picture of a window at both widths; of those *wanted* only, if any are named, and none if it *is_closed*."""

    def __init__(self, wanted: Collection[str] = (), *, is_closed: bool = False) -> None:
        self._wanted, self._is_closed = wanted, is_closed
        FOLDER.mkdir(parents=True, exist_ok=True)

    def take(self, window: Window, name: str) -> None:
        """Keep what *window* shows as `<name>-<width>.png`."""
        if self._is_closed or (self._wanted and name not in self._wanted):
            return
        for width in (PHONE, DESK):
            window.page.set_viewport_size(ViewportSize(width=width, height=HEIGHT))
            path = FOLDER / f"{name}-{width}.png"
            self._photograph(window.page, path, width)
            size = path.stat().st_size
            sys.stdout.write(f"{path.name} {size // 1000} KB{' – too large' if size > LARGEST else ''}\n")
        window.page.set_viewport_size(ViewportSize(width=DESK, height=HEIGHT))

    def _photograph(self, page: Page, path: Path, width: int) -> None:
        height = min(page.evaluate("document.documentElement.scrollHeight"), TALLEST[width])
        page.screenshot(path=path, full_page=True, clip={"x": 0, "y": 0, "width": width, "height": height})
