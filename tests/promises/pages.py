"""A page as a browser reads it: what is wrong with it, and which of its controls say nothing."""

from collections.abc import Iterable, Iterator
from functools import cached_property
from xml.etree.ElementTree import Element

import html5lib

from tests.promises.crawl import Opened

OF_AN_ENDPOINT = 4
CONTROLS = {"input", "select", "textarea"}


class Page:
    """One page that somebody opened, parsed once."""

    def __init__(self, opened: Opened) -> None:
        self.opened = opened

    @cached_property
    def _parsed(self) -> tuple[list[Element], list[str]]:
        parser = html5lib.HTMLParser(namespaceHTMLElements=False)
        root = parser.parse(self.opened.text)
        errors = [f"line {position[0]}: {code}" for position, code, _ in parser.errors]
        return [one for one in root.iter() if isinstance(one.tag, str)], errors

    def elements(self, *names: str) -> Iterator[Element]:
        """Give the elements called one of *names*; all without any."""
        return (one for one in self._parsed[0] if not names or one.tag in names)

    def faults(self) -> Iterator[str]:
        """Say what is wrong with how the page is made."""
        yield from self._parsed[1]
        if not any(_words(one) for one in self.elements("title")):
            yield "it has no title"
        for name, what in (("h1", "heading of the first level"), ("main", "main part")):
            if (number := len(list(self.elements(name)))) != 1:
                yield f"it has {number} elements <{name}>, not one {what}"
        if not any(one.get("lang") for one in self.elements("html")):
            yield "it does not say its language"
        yield from self._wrong_ids()
        for form in self.elements("form"):
            fields = {one.get("name") for one in form.iter("input")}
            if form.get("method", "").lower() == "post" and "csrf_token" not in fields:
                yield "a form posts without a token"

    def _wrong_ids(self) -> Iterator[str]:
        ids = [one.get("id", "") for one in self.elements() if one.get("id")]
        yield from (f"two elements are called #{one}" for one in sorted({one for one in ids if ids.count(one) > 1}))
        for name in ("for", "aria-describedby", "aria-labelledby"):
            pointed = {one for tag in self.elements() for one in tag.get(name, "").split()}
            yield from (f"{name} points to #{one}, which is not there" for one in sorted(pointed - set(ids)))

    def silent(self) -> list[str]:
        """Name the controls without a label, and the links and buttons without words."""
        labelled = {one.get("for", "") for one in self.elements("label") if _words(one)}
        shown = [one for one in self.elements(*CONTROLS) if one.get("type") not in {"hidden", "submit"}]
        unlabelled = [one for one in shown if one.get("id", "") not in labelled and not one.get("aria-label")]
        pressed = [one for one in self.elements("a", "button") if one.get("href") or one.tag == "button"]
        wordless = [one for one in pressed if not _words(one) and not one.get("aria-label")]
        return [f"<{one.tag} {one.get('name') or one.get('href') or ''}>" for one in (*unlabelled, *wordless)]


def several_of_each(opened: Iterable[Opened]) -> list[Page]:
    """Choose a few pages of each endpoint and answer, of different people first."""
    chosen: dict[tuple[str, int], dict[str, Opened]] = {}
    for one in opened:
        if one.is_page and not 300 <= one.status < 400:
            by_kind = chosen.setdefault((one.endpoint, one.status), {})
            if len(by_kind) < OF_AN_ENDPOINT:
                by_kind.setdefault(one.kind.name, one)
    return [Page(one) for by_kind in chosen.values() for one in by_kind.values()]


def _words(element: Element) -> str:
    return "".join(element.itertext()).strip()
