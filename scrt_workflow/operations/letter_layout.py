"""How an e-mail looks: its words laid out as text and as HTML."""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache
from textwrap import wrap
from typing import Any, NamedTuple

from jinja2 import Environment, FileSystemLoader, StrictUndefined, select_autoescape

from scrt_workflow.enclosures import Enclosure
from scrt_workflow.settings import shipped

SERVICE = "Safeguarding case review tracker"
FULL_LINE, LONGEST_LINE = 80, 150  # a mail server takes lines of 998 bytes; an escaped character has up to five


class Choice(NamedTuple):
    """What a digest says of stopping such e-mails: *note* comes before the link to where that is done."""

    note: str
    link: str


class WithheldError(Exception):
    """The letter is not written, since its reader may not see the review, or it has nothing to say any more."""


@dataclass(frozen=True, slots=True)
class Letter:
    """An e-mail to one reader, as text and as HTML."""

    to: str
    subject: str
    text: str
    html: str
    message_id: str
    enclosures: tuple[Enclosure, ...] = ()


def laid_out(to: str, subject: str, body: str, link: str, why: str, message_id: str, choice: Choice | None = None) -> Letter:
    """Lay out a letter of one *body*, as text and as HTML; where *link* stands in it, it is one."""
    lines = [fold for line in body.strip().splitlines() for fold in folded(line)]
    filling: dict[str, Any] = {
        "service": SERVICE, "subject": subject, "link": link, "why": "\n".join(folded(why)), "choice": choice
    }  # fmt: skip
    text = templates().get_template("notice.txt").render(filling, body="\n".join(lines))
    html = templates().get_template("notice.html").render(filling, paragraphs=list(_paragraphs(lines, link)))
    return Letter(to, subject, text, html, message_id)


def folded(line: str) -> list[str]:
    """Fold a line that is too long for a mail server."""
    return wrap(line, LONGEST_LINE, break_long_words=False, break_on_hyphens=False) or [""]


def _paragraphs(lines: list[str], link: str) -> Iterator[list[list[str]]]:
    """Give the paragraphs that empty lines part, as lines of text and links; a line that was full goes on in the next."""
    paragraph: list[str] = []
    goes_on = False
    for line in (*lines, ""):
        if not line.strip():
            if paragraph:
                yield [[part for part in re.split(f"({re.escape(link)})", one) if part] for one in paragraph]
            paragraph, goes_on = [], False
        elif goes_on:
            paragraph[-1] += f"\n{line}"
            goes_on = len(line) > FULL_LINE
        else:
            paragraph.append(line)
            goes_on = len(line) > FULL_LINE


@cache
def templates() -> Environment:
    """Give the templates of e-mails."""
    return Environment(
        loader=FileSystemLoader(shipped("templates") / "emails"),
        autoescape=select_autoescape(["html"]),
        undefined=StrictUndefined,
        trim_blocks=True,
        keep_trailing_newline=True,
    )
