"""The parts that changes of vocabularies are made of: a term that begins, is worded or ends, and what stands in the way of it."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Collection, Sequence

from sqlalchemy import delete

from scrt_workflow.forms.question_types import show_day
from scrt_workflow.models import Term, TermLabel, TermSuccession
from scrt_workflow.operations import vocabulary_uses
from scrt_workflow.operations.vocabularies import TermFacts, quoted
from scrt_workflow.operations.vocabulary_wishes import Change, VocabularyRefusedError, one_line
from scrt_workflow.text_rules import search_key

LONGEST_LABEL, LONGEST_CODE = 100, 20
MOST_NAMED = 6
LETTER_AND_NUMBER = re.compile("([A-Z])([0-9]+)")


def known(change: Change, code: str) -> TermFacts:
    """Find a term of the vocabulary. Raises VocabularyRefusedError."""
    if code not in change.terms:
        raise VocabularyRefusedError("Choose a term of this vocabulary.")
    return change.terms[code]


def living(change: Change, code: str) -> TermFacts:
    """Find a term that is in use on the day of the change."""
    term, wish = known(change, code), change.wish
    if wish.on < term.valid_from:
        began = show_day(term.valid_from.isoformat())
        raise VocabularyRefusedError(f"{change.label(code)} is in use from {began}. Choose that day or a later one.")
    if term.valid_to is not None and wish.on >= term.valid_to:
        ended = show_day(term.valid_to.isoformat())
        raise VocabularyRefusedError(f"{change.label(code)} is not in use from {ended} on. Bring it back first.")
    return term


def leaving(change: Change, code: str) -> TermFacts:
    """Find a term that may be in use no longer from the day of the change: no end is set, and no rule names it."""
    term = living(change, code)
    if term.valid_to is not None:
        ends = show_day(term.valid_to.isoformat())
        raise VocabularyRefusedError(f"It is decided already that {change.label(code)} leaves on {ends}. Bring it back first.")
    if rules := vocabulary_uses.rules_naming(change.session, change.wish.vocabulary, code):
        more = f"; and {len(rules) - MOST_NAMED} others" if len(rules) > MOST_NAMED else ""
        named = f"{'; '.join(rules[:MOST_NAMED])}{more}"
        raise VocabularyRefusedError(
            f"{change.label(code)} must stay while definitions in use decide by it: {named}. "
            "Change those first. You can reword the term."
        )
    return term


def names(change: Change, codes: Sequence[str], joined: str = "and") -> str:
    """Name terms as they are worded on the day of the change."""
    return quoted([change.terms[code].label_on(change.wish.on) for code in codes], joined)


def reviews_keeping(change: Change, code: str) -> str:
    """Say how many reviews keep a term: '69 reviews keep'."""
    number = vocabulary_uses.reviews_with(change.session, change.wish.vocabulary)[code]
    return f"{number:,} review{' keeps' if number == 1 else 's keep'}" if number else "No review has"


def new_label(change: Change, label: str, *, own: str = "") -> str:
    """Give a wording that may be used: no other term than *own* has it, or ever had it. Raises VocabularyRefusedError."""
    label = one_line(label, LONGEST_LABEL)
    if not any(character.isalnum() for character in label):
        raise VocabularyRefusedError("Enter the wording of the term.")
    for term in change.terms.values():
        if term.code == own:
            continue
        if search_key(label) in {search_key(worded) for _, worded in term.labels}:
            raise VocabularyRefusedError(_taken(change, term, label))
        if search_key(label) == search_key(term.code):
            raise VocabularyRefusedError(f"‘{label}’ is the code of {change.label(term.code)}. Choose another wording.")
    return label


def _taken(change: Change, term: TermFacts, label: str) -> str:
    now = change.label(term.code)
    if term.valid_to is not None:
        return f"‘{label}’ is a term that leaves or has left. Bring it back, or choose another wording."
    same = search_key(quoted([label])) == search_key(now)
    return f"There is a term {now} already." if same else f"‘{label}’ is or was the wording of {now}. Choose another wording."


def new_term(change: Change, label: str, *, group: str | None = None) -> str:
    """Make a term that is offered from the day of the change, and give its code."""
    wish, label = change.wish, new_label(change, label)
    if steps := vocabulary_uses.steps_at_a_loss(change.session, wish.vocabulary):
        raise VocabularyRefusedError(
            f"A new term would lead nowhere: {'; '.join(steps)} says nothing of it. "
            "Give that step an outcome for all other answers first."
        )
    code = new_code(label, change.terms)
    change.session.add(Term(vocabulary=wish.vocabulary, code=code, valid_from=wish.on, valid_to=None, grouped_as=group))
    change.session.flush()
    change.terms[code] = TermFacts(code, ((wish.on, label),), wish.on, None, group)
    word(change, code, label)
    return code


def word(change: Change, code: str, label: str) -> None:
    """Word a term so from the day of the change on; what was written before stays, for figures as they were known."""
    wish = change.wish
    worded = TermLabel(vocabulary=wish.vocabulary, code=code, label=label, valid_from=wish.on, recorded_at=wish.at)
    change.session.merge(worded)
    change.session.flush()


def new_code(label: str, taken: Collection[str]) -> str:
    """Give a code for a new term: the next number where all have numbers (T35), else its wording in short."""
    numbered = [LETTER_AND_NUMBER.fullmatch(code) for code in taken]
    if taken and all(numbered) and len({found[1] for found in numbered if found}) == 1:
        letter = next(found[1] for found in numbered if found)
        return f"{letter}{max(int(found[2]) for found in numbered if found) + 1:02d}"
    plain = unicodedata.normalize("NFKD", label).encode("ascii", "ignore").decode().lower()
    short = re.sub("[^a-z0-9]+", "_", plain).strip("_") or "term"
    short = (short if short[0].isalpha() else f"t_{short}")[:LONGEST_CODE].rstrip("_")
    candidates = (short, *(f"{short[: LONGEST_CODE - 4]}_{number}" for number in range(2, 1000)))
    return next(code for code in candidates if code not in taken)


def end(change: Change, codes: Sequence[str], successors: Sequence[str], kind: str) -> None:
    """Offer *codes* no longer from the day of the change; what takes their place are *successors*."""
    wish, session = change.wish, change.session
    for code in codes:
        session.get_one(Term, (wish.vocabulary, code)).valid_to = wish.on
        session.execute(delete(TermSuccession).where(TermSuccession.vocabulary == wish.vocabulary, TermSuccession.code == code))
        same = {"vocabulary": wish.vocabulary, "code": code, "effective_on": wish.on, "kind": kind}
        session.add_all(TermSuccession(**same, successor=successor) for successor in successors)
    session.flush()
    left = [one for one in change.terms.values() if one.code not in codes and one.is_offered(wish.on)]
    if not left:
        raise VocabularyRefusedError("A vocabulary needs at least one term that can be chosen.")
