"""What the words around a word make of it."""

from scrt_workflow.privacy.passage import Passage, Word
from scrt_workflow.privacy.word_lists import group

# What stands before or after a name when it is the name of a place, a law or a tool.
BEFORE_A_PLACE = group("places", "before")
AFTER_A_PLACE = group("places", "after")
AFTER_A_TOOL = group("places", "after_a_tool")
JOINING = group("places", "joining")


def next_word(passage: Passage, at: int) -> Word | None:
    """Return the word after word *at* when nothing but a space, a dot or a hyphen stands between, on the same line."""
    if at + 1 == len(passage.words):
        return None
    gap = passage.between(passage.words[at], passage.words[at + 1])
    return passage.words[at + 1] if gap in {" ", ". ", ".", "-", ""} else None


def is_place(passage: Passage, at: int) -> bool:
    """Whether the words around make a place, a law or a tool of word *at*: St Thomas', Clare's Law, Fraser guidelines."""
    word = passage.words[at]
    before = passage.words[at - 1] if at else None
    if before and before.key in BEFORE_A_PLACE and passage.between(before, word).strip(".") in {" ", ""}:
        return True
    for ahead in range(at + 1, min(at + 5, len(passage.words))):
        after = passage.words[ahead]
        if passage.between(passage.words[ahead - 1], after) not in {" ", "' ", "-"}:
            return False
        if after.key in AFTER_A_TOOL if after.text[0].islower() else after.key in AFTER_A_PLACE:
            return after.text[0].isupper() or ahead == at + 1
        if after.text[0].islower() and after.text not in JOINING:
            return False
    return False
