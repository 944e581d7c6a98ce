"""Vocabularies as they stand: each term with its wordings, its days and what took its place, and how reports group them now."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from scrt_workflow import catalogue, reference
from scrt_workflow.forms.question_types import show_day
from scrt_workflow.forms.schema import Question
from scrt_workflow.models import Term, TermLabel, TermSuccession, Vocabulary

FIXED = {
    "publication_status": "The workflows decide by it whether a report is published, so it changes with them.",
    "review_types": "Each workflow says which types of review it has, so they change with the definitions.",
}
"""Vocabularies that change with the definitions, and why."""
MERGED, SPLIT = "merged", "split"


class NoSuchVocabularyError(LookupError):
    """No vocabulary, or no term of one, is called so. The message says which."""


@dataclass(frozen=True, slots=True)
class TermFacts:
    """A term: its wordings with the day that each is from, its own days, its group, and what took its place, by which kind."""

    code: str
    labels: tuple[tuple[date, str], ...]
    valid_from: date
    valid_to: date | None
    grouped_as: str | None
    successors: tuple[str, ...] = ()
    succession: str = ""

    def label_on(self, day: date) -> str:
        """Give the wording on a day; before the first one, the first."""
        return next((label for begins, label in reversed(self.labels) if begins <= day), self.labels[0][1])

    def is_offered(self, day: date) -> bool:
        """Say whether new answers may choose it on a day."""
        return self.valid_from <= day and (self.valid_to is None or day < self.valid_to)


@dataclass(frozen=True, slots=True)
class Row:
    """A row of a report as now grouped: a term, or a group of them."""

    key: str
    label: str


def titles(session: Session) -> dict[str, str]:
    """Give the title of every vocabulary, by its key, in the order of titles."""
    rows = session.execute(select(Vocabulary.key, Vocabulary.title).order_by(Vocabulary.title, Vocabulary.key))
    return {row.key: row.title for row in rows}


def title_of(session: Session, key: str) -> str:
    """Give the title of a vocabulary. Raises NoSuchVocabularyError."""
    found = session.get(Vocabulary, key)
    if found is None:
        raise NoSuchVocabularyError(f"There is no vocabulary called '{key}'.")
    return found.title


def codes_by_vocabulary(session: Session) -> dict[str, list[str]]:
    """Give every code that each vocabulary has or had, the shipped ones first: what definitions may name."""
    found = {name: [row.code for row in rows] for name, rows in reference.vocabularies().items()}
    found |= {key: [] for key in session.scalars(select(Vocabulary.key).order_by(Vocabulary.key)) if key not in found}
    for vocabulary, code in session.execute(select(Term.vocabulary, Term.code).order_by(Term.vocabulary, Term.code)):
        codes = found.setdefault(vocabulary, [])
        if code not in codes:
            codes.append(code)
    return found


def terms_of(session: Session, key: str) -> dict[str, TermFacts]:
    """Give every term that a vocabulary has or had, by its code, in the order in which they are offered."""
    labels: dict[str, dict[date, str]] = {}
    worded = select(TermLabel).where(TermLabel.vocabulary == key).order_by(TermLabel.valid_from, TermLabel.recorded_at)
    for one in session.scalars(worded):
        labels.setdefault(one.code, {})[one.valid_from] = one.label
    followed: dict[str, list[TermSuccession]] = {}
    for succession in session.scalars(select(TermSuccession).where(TermSuccession.vocabulary == key)):
        followed.setdefault(succession.code, []).append(succession)
    rows = {row.code: row for row in session.scalars(select(Term).where(Term.vocabulary == key))}
    order = [code for code in catalogue.terms(session, key, on=date.max, ever=True) if code in rows]
    return {
        code: TermFacts(
            code,
            tuple(sorted(labels[code].items())),
            rows[code].valid_from,
            rows[code].valid_to,
            rows[code].grouped_as,
            tuple(sorted(one.successor for one in followed.get(code, ()))),
            next((one.kind for one in followed.get(code, ())), ""),
        )
        for code in order
    }


def quoted(labels: Sequence[str], joined: str = "and") -> str:
    """Name terms as a sentence does: ‘A’, ‘B’ and ‘C’."""
    names = [f"‘{label}’" for label in labels]
    return f" {joined} ".join([", ".join(names[:-1]), names[-1]] if len(names) > 1 else names)


def what_took_their_place(
    session: Session, on_record: Mapping[str, Any], today: date, question: Question, typed: Sequence[str]
) -> str:
    """Say of each term that the question offers no longer, and that is on record or was typed, what took its place."""
    held = catalogue.codes_in(on_record.get(question.key))
    asked = [*held, *typed]
    offered = catalogue.terms(session, question.vocabulary, on=today) if asked else {}
    if all(code in offered for code in asked):
        return ""
    known = terms_of(session, question.vocabulary)
    gone = [code for code in dict.fromkeys(asked) if code in known and code not in offered]
    told = [f"{what_became_of(known, code, today)}{_may_stay(code in held)}" for code in gone]
    return " ".join(told)


def _may_stay(held: bool) -> str:
    return " This review may keep it." if held else " Choose another."


def what_became_of(known: Mapping[str, TermFacts], code: str, today: date) -> str:
    """Say since when a term is offered no longer, and what took its place."""
    term = known[code]
    name, since = f"‘{term.label_on(today)}’", show_day(term.valid_to.isoformat()) if term.valid_to else ""
    if not since:
        return f"{name} is offered from {show_day(term.valid_from.isoformat())}."
    successors = [known[one].label_on(today) for one in term.successors]
    if term.succession == MERGED:
        return f"{quoted(successors)} took the place of {name} on {since}."
    if term.succession == SPLIT:
        return f"{name} was split into {quoted(successors)} on {since}."
    return f"{name} is not offered since {since}."


def rows_now(session: Session, key: str, on: date) -> dict[str, Row]:
    """Give the row under which a report of *on* counts each term, as now grouped.

    A merged term counts as what took its place, and terms of one group count as the group. What was split stays a row of its
    own, since nobody can say which part an old answer meant, unless all its parts belong to one row.
    """
    known = terms_of(session, key)
    return {code: _row(known, code, on, frozenset()) for code in known}


def _row(known: Mapping[str, TermFacts], code: str, on: date, passed: frozenset[str]) -> Row:
    term = known[code]
    if term.successors and term.valid_to is not None and term.valid_to <= on and code not in passed:
        rows = {_row(known, successor, on, passed | {code}) for successor in term.successors}
        if len(rows) == 1:
            return rows.pop()
    if term.grouped_as:
        return Row(f"group:{term.grouped_as}", group_label(term.grouped_as))
    return Row(code, term.label_on(on))


def group_label(name: str) -> str:
    """Give the name of a group as a report shows it."""
    return name[:1].upper() + name[1:]
