"""Initials: J.S., or two or three capitals after what a review calls somebody (Child JS).

One capital (Child Q) is how reviews are published, and no initials.
"""

import re
from collections.abc import Iterator

from scrt_workflow.privacy.passage import Passage
from scrt_workflow.privacy.word_lists import ACRONYMS, group

DOTTED = re.compile(r"(?<![A-Za-z.])(?:[A-Z]\.){2,3}(?![A-Za-z])")
LABELLED = re.compile(
    r"\b(?i:child|adult|mr|mrs|ms|miss|baby|mother|father|mum|dad|sibling|victim|patient|perpetrator|person|subject)[ -]"
    r"([A-Z]{2,3})\b"
)
DOTTED_ABBREVIATIONS = group("codes", "dotted")


def find_initials(passage: Passage) -> Iterator[tuple[int, int]]:
    """Find initials that are no abbreviation."""
    for found in DOTTED.finditer(passage.text):
        if found[0].replace(".", "").lower() not in DOTTED_ABBREVIATIONS:
            yield found.span()
    for found in LABELLED.finditer(passage.text):
        if found[1].lower() not in ACRONYMS:
            yield found.span()
