"""What the words around a word make of it."""

from scrt_workflow.privacy.passage import Passage, Word
from scrt_workflow.privacy.word_lists import group

# What stands before or after a name when it is the name of a place, a law or a tool.
BEFORE_A_PLACE = group("places", "before")
AFTER_A_PLACE = group("places", "after")
AFTER_A_TOOL = group("places", "after_a_tool")
JOINING = group("places", "joining")
LONGEST_NAME_OF_A_PLACE = 4  # words after the one in question


def next_in_name(passage: Passage, word: Word) -> Word | None:
    """Return the word after *word* when only what may join a name stands between: a space, a dot, a hyphen."""
    after = passage.after(word)
    return after if after and passage.between(word, after) in {" ", ". ", ".", "-"} else None


def is_place(passage: Passage, word: Word) -> bool:
    """Whether the words around make a place, a law or a tool of *word*: St Thomas', Clare's Law, Fraser guidelines."""
    before = passage.before(word)
    if before and before.key in BEFORE_A_PLACE and passage.between(before, word) in {" ", ". "}:
        return True
    last = word
    for distance in range(LONGEST_NAME_OF_A_PLACE):
        after = passage.after(last)
        if after is None or passage.between(last, after) not in {" ", "' ", "-"}:
            return False
        if after.text[0].isupper():
            if after.key in AFTER_A_PLACE:
                return True
        elif after.key not in JOINING:
            return distance == 0 and after.key in AFTER_A_TOOL
        last = after
    return False
