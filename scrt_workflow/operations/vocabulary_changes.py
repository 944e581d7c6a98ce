"""What administrators do to vocabularies: add, reword, merge, split, retire and bring back terms, group them, add a vocabulary.

Nothing is taken away: a term keeps its code, and reviews keep the term that they were given. Each verb says in words what it
does and appends that to the vocabulary's history. Each raises VocabularyRefusedError with the sentence to show, and
StaleVocabularyError where someone else has changed the vocabulary since it was read.
"""

from __future__ import annotations

import re
from collections.abc import Sequence

from sqlalchemy import delete, select
from sqlalchemy.orm import Session

from scrt_workflow.forms.question_types import show_day
from scrt_workflow.models import Term, TermSuccession, Vocabulary
from scrt_workflow.operations.vocabularies import MERGED, SPLIT, group_label, quoted
from scrt_workflow.operations.vocabulary_terms import (
    end,
    known,
    leaving,
    living,
    names,
    new_label,
    new_term,
    reviews_keeping,
    word,
)
from scrt_workflow.operations.vocabulary_wishes import Change, VocabularyRefusedError, Wish, begin, done, one_line
from scrt_workflow.text_rules import search_key

LONGEST_TITLE, LONGEST_GROUP = 100, 60
KEY = re.compile("[a-z][a-z0-9_]{0,59}")


def add_term(session: Session, wish: Wish, label: str) -> Change:
    """Offer a new term from a day on."""
    change = begin(session, wish)
    code = new_term(change, label)
    change.says.append(f"From {wish.day} new answers may choose {change.label(code)}.")
    return done(change, "term:added", [code])


def reword_term(session: Session, wish: Wish, code: str, label: str) -> Change:
    """Word a term otherwise from a day on; month-ends before it keep the wording of their day."""
    change = begin(session, wish)
    term = living(change, code)
    before, label = change.label(code), new_label(change, label, own=code)
    if quoted([label]) == before:
        raise VocabularyRefusedError(f"{before} is worded so already on {wish.day}.")
    word(change, code, label)
    change.says.append(
        f"From {wish.day} {before} is worded ‘{label}’, on every review that has it. Earlier month-ends keep {before}."
    )
    if wish.is_past:
        change.warnings.append(
            f"{wish.day} is past. Month-ends since then show the new wording when they are counted now; "
            f"as they were known at the time, they keep {before}."
        )
    later = next(((day, worded) for day, worded in term.labels if day > wish.on), None)
    if later:
        change.says.append(f"From {show_day(later[0].isoformat())} it is worded ‘{later[1]}’, as was decided before.")
    return done(change, "term:reworded", [code])


def merge_terms(session: Session, wish: Wish, codes: Sequence[str], into: str, label: str = "") -> Change:
    """Let one term take the place of several from a day on: the one of code *into*, or without one a new one called *label*."""
    change = begin(session, wish)
    merged = [code for code in dict.fromkeys(codes) if code != into]
    for code in merged:
        leaving(change, code)
    if len({*merged, into}) < (2 if into else 3):
        raise VocabularyRefusedError("Choose at least two terms to merge. To change the wording of one, reword it.")
    if not into:
        groups = {change.terms[code].grouped_as for code in merged}
        into = new_term(change, label, group=groups.pop() if len(groups) == 1 else None)
    elif not living(change, into).is_offered(wish.on) or change.terms[into].valid_to:
        raise VocabularyRefusedError(f"{change.label(into)} is not in use from {wish.day} on. Choose a term that is.")
    end(change, merged, [into], MERGED)
    kept = [f"{reviews_keeping(change, code)} {change.label(code)}" for code in merged]
    change.says.append(f"From {wish.day} new answers choose {change.label(into)} in place of {names(change, merged)}.")
    change.says.append(f"{' and '.join(kept)}; reports as now grouped count them under {_counted_under(change, into)}.")
    return done(change, "terms:merged", [*merged, into])


def split_term(session: Session, wish: Wish, code: str, labels: Sequence[str]) -> Change:
    """Let several terms take the place of one from a day on; a label that a term in use has means that term."""
    change = begin(session, wish)
    leaving(change, code)
    own = search_key(change.terms[code].label_on(wish.on))
    if own in {search_key(label) for label in labels}:
        raise VocabularyRefusedError(f"Give each part a wording of its own, other than {change.label(code)}.")
    others = [term for term in change.terms.values() if term.code != code and term.is_offered(wish.on) and term.valid_to is None]
    in_use = {search_key(term.label_on(wish.on)): term.code for term in others}
    group = change.terms[code].grouped_as
    parts = [in_use.get(search_key(label)) or new_term(change, label, group=group) for label in labels if label.strip()]
    if len(set(parts)) < 2 or len(set(parts)) < len(parts):
        raise VocabularyRefusedError("Split a term into at least two different ones.")
    end(change, [code], parts, SPLIT)
    change.says.append(f"From {wish.day} new answers choose {names(change, parts, 'or')} in place of {change.label(code)}.")
    change.says.append(f"{reviews_keeping(change, code)} {change.label(code)}, which reports go on counting by that name.")
    return done(change, "term:split", [code, *parts])


def retire_term(session: Session, wish: Wish, code: str) -> Change:
    """Offer a term no longer from a day on; reviews that have it keep it."""
    change = begin(session, wish)
    leaving(change, code)
    end(change, [code], [], "")
    change.says.append(f"From {wish.day} new answers cannot choose {change.label(code)}.")
    change.says.append(f"{reviews_keeping(change, code)} it, and reports go on counting it.")
    return done(change, "term:retired", [code])


def bring_back_term(session: Session, wish: Wish, code: str) -> Change:
    """Offer a term again, as though it had never been retired, merged or split."""
    change = begin(session, wish)
    term = known(change, code)
    if term.valid_to is None:
        raise VocabularyRefusedError(f"{change.label(code)} is in use: it was not retired.")
    session.get_one(Term, (wish.vocabulary, code)).valid_to = None
    session.execute(delete(TermSuccession).where(TermSuccession.vocabulary == wish.vocabulary, TermSuccession.code == code))
    change.says.append(f"New answers may choose {change.label(code)} again, as though it had never left.")
    if term.successors:
        change.says.append(f"{names(change, term.successors)} no longer stands in its place, and reports count each by itself.")
    return done(change, "term:brought-back", [code])


def group_terms(session: Session, wish: Wish, codes: Sequence[str], name: str) -> Change:
    """Let reports as now grouped count *codes* as one row called *name*, a review once; without a name, each by itself."""
    change = begin(session, wish)
    name = one_line(name, LONGEST_GROUP)
    for code in codes:
        known(change, code)
    if not codes:
        raise VocabularyRefusedError("Choose at least one term.")
    alike = (t.grouped_as for t in change.terms.values() if t.grouped_as and search_key(t.grouped_as) == search_key(name))
    name = next(alike, name)
    if all(change.terms[code].grouped_as == (name or None) for code in codes):
        raise VocabularyRefusedError("These terms are grouped so already.")
    for code in codes:
        session.get_one(Term, (wish.vocabulary, code)).grouped_as = name or None
    said = (
        f"count {names(change, codes)} as ‘{group_label(name)}’, a review once" if name else f"count {names(change, codes)} apart"
    )
    change.says.append(f"Reports as now grouped {said}. Reports as recorded, and what forms offer, stay as they are.")
    return done(change, "terms:grouped", codes)


def add_vocabulary(session: Session, wish: Wish, title: str, labels: Sequence[str]) -> Change:
    """Add a vocabulary of the key that *wish* names, with its first terms."""
    if not KEY.fullmatch(wish.vocabulary):
        raise VocabularyRefusedError("Write the key in small letters, numbers and underscores, such as loan_reasons.")
    if session.get(Vocabulary, wish.vocabulary):
        raise VocabularyRefusedError(f"There is a vocabulary with the key {wish.vocabulary} already.")
    title = one_line(title, LONGEST_TITLE)
    if not title:
        raise VocabularyRefusedError("Enter the title of the vocabulary.")
    if search_key(title) in {search_key(one) for one in session.scalars(select(Vocabulary.title))}:
        raise VocabularyRefusedError(f"There is a vocabulary called ‘{title}’ already.")
    session.add(Vocabulary(key=wish.vocabulary, title=title))
    session.flush()
    change = begin(session, wish)
    codes = [new_term(change, label) for label in labels if label.strip()]
    if not codes:
        raise VocabularyRefusedError("Enter at least one term.")
    change.says.append(f"Questions may offer ‘{title}’, which definitions call {wish.vocabulary}.")
    change.says.append(f"From {wish.day} its terms are {names(change, codes)}.")
    return done(change, "vocabulary:added", codes, title=title)


def _counted_under(change: Change, code: str) -> str:
    """Name what reports as now grouped count a term as: itself, or its group."""
    group = change.terms[code].grouped_as
    return f"‘{group_label(group)}’, the group of {change.label(code)}" if group else change.label(code)
