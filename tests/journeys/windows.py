"""A window of somebody's browser, and what a person does in it: follow, press, type, choose. Every page is looked at."""

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

from playwright.sync_api import Browser, BrowserContext, Locator, Page, ViewportSize

from scrt_workflow.forms.schema import Question
from scrt_workflow.models import Person
from scrt_workflow.permissions import Role
from tests.journeys.live import Live
from tests.journeys.looking import DESK, HEIGHT, PHONE, Faults, Inspector

PATIENCE = 30_000  # milliseconds


@dataclass(frozen=True)
class Journey:
    """Where a story plays: the running service, the browser, and whether it runs scripts.

    With JavaScript a window is as wide as a desk's, without it as narrow as a phone's.
    """

    live: Live
    browser: Browser
    inspector: Inspector
    javascript: bool
    bank: Mapping[str, Question]
    opened: list[BrowserContext] = field(default_factory=list)

    def close(self) -> None:
        """Close every window."""
        for context in self.opened:
            context.close()

    def someone(self, role: Role, organisation: str = "QMJ", *, name: str = "") -> Person:
        """Make somebody who holds *role*."""
        return self.live.running.person((role, organisation), name=name)

    def window(self, person: Person | None = None) -> "Window":
        """Open a browser on another device, where *person* is signed in if one is given."""
        size = ViewportSize(width=DESK if self.javascript else PHONE, height=HEIGHT)
        context = self.browser.new_context(java_script_enabled=self.javascript, viewport=size, base_url=self.live.address)
        context.set_default_timeout(PATIENCE)
        self.opened.append(context)
        window = Window(self, context, context.new_page())
        if person is not None:
            window.is_given_the_cookie_of(person)
        return window


class Window:
    """One tab of one browser. A method that leads to another page looks at that page too."""

    def __init__(self, journey: Journey, context: BrowserContext, page: Page) -> None:
        self.journey = journey
        self.context = context
        self.page = page
        self._faults = Faults(page)

    def is_given_the_cookie_of(self, person: Person) -> None:
        """Sign *person* in here, without the form."""
        name, value = self.journey.live.cookie(person)
        self.context.add_cookies([{"name": name, "value": value, "url": self.journey.live.address}])

    # Getting about.

    def goes(self, act: Callable[[], object]) -> None:
        """Do what leads to another page, wait for it, and look at it."""
        with self.page.expect_navigation():
            act()
        self.journey.inspector.look_at(self.page, self._faults, javascript=self.journey.javascript)

    def open(self, path: str) -> None:
        """Open the page at *path*."""
        self.goes(lambda: self.page.goto(path))

    def link(self, text: str) -> Locator:
        """Find a link by its whole text; one that looks like a button is a link too."""
        named = self.page.get_by_role("link", name=text, exact=True)
        return named.or_(self.page.get_by_role("button", name=text, exact=True).and_(self.page.locator("a"))).first

    def follow(self, text: str) -> None:
        """Follow a link."""
        self.goes(self.link(text).click)

    def press(self, text: str) -> None:
        """Press a button."""
        self.goes(self.page.get_by_role("button", name=text, exact=True).click)

    def unfold(self, summary: str) -> None:
        """Open what is folded under *summary*."""
        self.page.locator("summary").filter(has_text=summary).click()

    @property
    def path(self) -> str:
        """The path of the page that is open."""
        return self.page.url.removeprefix(self.journey.live.address)

    # Reading.

    @property
    def heading(self) -> str:
        """The page's heading with what stands above it, on one line."""
        return " ".join(self.page.locator("h1").inner_text().split())

    @property
    def text(self) -> str:
        """What the page says to someone who sees it, on one line."""
        return " ".join(self.page.locator("#maincontent").inner_text().split())

    @property
    def complaints(self) -> list[str]:
        """The sentences of the error summary."""
        return self.page.locator(".nhsuk-error-summary li").all_inner_texts()

    # Filling in. A question is found by its label, as it is in the question bank.

    def asks(self, question: str) -> bool:
        """Say whether the page has a control that is labelled with this question."""
        label = self.journey.bank[question].label
        return any(one.strip() in {label, f"{label} (optional)"} for one in self._labels())

    def asked_of(self, questions: Mapping[str, Any]) -> list[str]:
        """Give those of *questions* that the page asks."""
        shown = {one.strip().removesuffix(" (optional)") for one in self._labels()}
        return [key for key in questions if self.journey.bank[key].label in shown]

    def _labels(self) -> list[str]:
        return self.page.locator("main legend, main label").all_text_contents()

    def group(self, question: str) -> Locator:
        """Find the group of controls that answers a question together."""
        return self.page.get_by_role("group", name=self._labelled(question))

    def control(self, question: str) -> Locator:
        """Find the one control that answers a question."""
        return self.page.get_by_label(self._labelled(question))

    def _labelled(self, question: str) -> re.Pattern[str]:
        return re.compile(rf"^{re.escape(self.journey.bank[question].label)}( \(optional\))?$")

    def answer(self, question: str, value: Any) -> None:
        """Answer a question in the words that the page shows; a date as '27 3 2024', several answers as a list."""
        _ANSWERING.get(self.journey.bank[question].type, _write)(self, question, value)


def _write(me: Window, question: str, value: str) -> None:
    me.control(question).fill(value)


def _write_date(me: Window, question: str, value: str) -> None:
    for part, typed in zip(("Day", "Month", "Year"), value.split(), strict=True):
        me.group(question).get_by_label(part, exact=True).fill(typed)


def _choose(me: Window, question: str, value: str) -> None:
    """Choose one answer: of a select where there are many, else of radios."""
    select = me.control(question).and_(me.page.locator("select"))
    if select.count():
        select.select_option(label=value)
    else:
        me.group(question).get_by_label(value, exact=True).check()


def _tick(me: Window, question: str, value: list[str]) -> None:
    for label in value:
        me.group(question).get_by_label(label, exact=True).check()


def _rank(me: Window, question: str, value: list[str]) -> None:
    for rank, label in enumerate(value):
        me.group(question).get_by_role("combobox").nth(rank).select_option(label=label)


_ANSWERING: dict[str, Callable[[Window, str, Any], None]] = {
    "choice": _choose,
    "choices": _tick,
    "date": _write_date,
    "partnership": _choose,
    "ranked_choices": _rank,
    "review_type": _choose,
    "yes_no": _choose,
}
