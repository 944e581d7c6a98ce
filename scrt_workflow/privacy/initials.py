"""Initials: J.S., or two or three capitals after what a review calls somebody (Child JS).

One capital (Child Q) is how reviews are published, and no initials.
"""

import re
from collections.abc import Iterator

from scrt_workflow.privacy.passage import Passage, Span
from scrt_workflow.privacy.word_lists import ACRONYMS, group

DOTTED = re.compile(r"[A-Z]\.[A-Z]\.(?:[A-Z]\.)?(?![A-Za-z])")
DOTTED_ABBREVIATIONS = group("codes", "dotted")
LABELS = group("names", "labels_of_initials")
INITIALS = range(2, 4)  # letters


def find_initials(passage: Passage) -> Iterator[Span]:
    """Find initials that are no abbreviation."""
    for found in DOTTED.finditer(passage.text):
        before = passage.text[found.start() - 1 : found.start()]
        if not (before.isalpha() or before == ".") and found[0].replace(".", "").lower() not in DOTTED_ABBREVIATIONS:
            yield found.span()
    for word in passage.capitals:
        if len(word.text) in INITIALS and word.text.isupper() and word.key not in ACRONYMS:
            label = passage.before(word)
            if label and label.key in LABELS and passage.between(label, word) in {" ", "-"}:
                yield label.start, word.end
