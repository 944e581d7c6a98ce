"""What an administrator does to a draft in the browser, by the words of its pages."""

import re
from typing import Any

from playwright.sync_api import Locator

from tests.journeys.windows import Window

Said = dict[str, Any]
"""What is said on a page: by label, a text to write or to choose, a list to tick, or whether to tick it at all."""
RARELY = "More settings"
NO_OTHERS, NOT = "", "not "


class DraftOf:
    """A draft as *me* sees it, who always finds the way back to its first page."""

    def __init__(self, me: Window) -> None:
        self.me = me
        self.path = me.path

    def open(self, *names: str) -> None:
        """Go to an entry, from list to list."""
        self.me.open(self.path)
        for name in names:
            self.me.follow(name)

    def add(self, what: str, said: Said) -> None:
        """Add an entry from the page that lists its like."""
        self.me.follow(what)
        say(self.me, said)
        self.me.press("Add")
        assert self.me.complaints == [], self.me.path

    def change(self, said: Said) -> None:
        """Save other words for the entry whose page is open."""
        say(self.me, said)
        self.me.press("Save")
        assert self.me.complaints == [], self.me.path

    def only(self, label: str, question: str, answers: list[str], *, joined: str = NO_OTHERS) -> None:
        """Have what is open happen only when *question* has one of *answers*, and go back to it."""
        entry = self.me.path
        self.me.follow(f"Change {label}")
        self.me.follow("Add a condition")
        say(self.me, {"The answer to": question})
        self.me.press("Continue")
        say(self.me, {"Comparison": "is one of", "Answers": answers, **({joined: joined} if joined else {})})
        self.me.press("Save")
        assert self.me.complaints == [], self.me.path
        self.me.open(entry)


def say(me: Window, said: Said) -> None:
    """Fill in controls by their labels; what is listed under `not …` is unticked."""
    for label, value in said.items():
        named = re.compile(rf"^\s*{re.escape(label.removeprefix(NOT))}( \(optional\))?\s*$")
        if isinstance(value, list):
            group = me.page.get_by_role("group", name=named)
            _shown(me, group)
            for one in value:
                group.get_by_label(one, exact=True).set_checked(not label.startswith(NOT))
        else:
            control = me.page.locator("main").get_by_label(named)
            _shown(me, control)
            _say(control, value)


def _shown(me: Window, control: Locator) -> None:
    if not control.is_visible():
        me.unfold(RARELY)


def _say(control: Locator, value: str | bool) -> None:
    if isinstance(value, bool):
        control.set_checked(value)
    elif control.evaluate("one => one.tagName") == "SELECT":
        control.select_option(label=value)
    else:
        control.fill(value)
