"""What cannot be of one review: its row, its history, its spans and its definition are held against each other. Pure."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from datetime import date
from itertools import pairwise
from typing import Any, NamedTuple
from uuid import UUID

from scrt_workflow.lint.ways import states_after
from scrt_workflow.workflows.schema import CLOSED, NOTHING, Definition, Outcome, Workflow


class Stretch(NamedTuple):
    """A span that is known now, in the order of the events that made them."""

    from_on: date
    to_on: date | None
    organisation: str
    workflow: str
    review_type: str | None
    status: str
    state: str
    event_id: int


class Term(NamedTuple):
    """A term span that is known now."""

    question: str
    code: str
    rank: int
    from_on: date
    to_on: date | None
    event_id: int


@dataclass(slots=True)
class Seen:
    """One review, by what is kept of it in every place."""

    row: Any
    spans: list[Stretch] = field(default_factory=list)
    terms: list[Term] = field(default_factory=list)
    approved: list[tuple[str, UUID]] = field(default_factory=list)
    answers: dict[str, Any] = field(default_factory=dict)
    children: int = 0
    events: tuple[int, int, int] = (0, 0, 0)
    """The least and the greatest number of its events, and how many there are."""
    led_to: str | None = None
    """The stage to which its newest event led."""
    rebases: frozenset[int] = frozenset()
    """The events by which it went on under another version."""
    clocks: list[tuple[str, date, date | None]] = field(default_factory=list)


def faults_of(seen: Seen, definition: Definition) -> Iterator[str]:
    """Name the kinds of fault that *seen* has."""
    yield from _of_the_row(seen, definition.workflow)
    yield from _of_its_closing(seen, definition.workflow)
    yield from _of_its_spans(seen)
    yield from _of_its_terms(seen, definition)
    yield from _of_its_history(seen)
    yield from _of_its_dates(seen, definition.workflow)


def _of_the_row(seen: Seen, workflow: Workflow) -> Iterator[str]:
    row, state = seen.row, workflow.states.get(seen.row.state)
    if state is None or row.workflow != workflow.key:
        yield "stage_unknown"
        return
    if row.status != state.counts_as:
        yield "counts_otherwise"
    if row.review_type not in workflow.review_types and not (row.review_type is None and workflow.untyped):
        yield "type_unknown"
    if set(state.approved_by) - {step for step, _ in seen.approved}:
        yield "approvals_missing"
    if len({person for _, person in seen.approved}) < len(seen.approved):
        yield "approved_by_one"
    withdrawn = {outcome.to for step in workflow.steps.values() if step.withdraws for outcome in step.outcomes}
    if (row.withdrawn_at is not None) != (row.state in withdrawn):
        yield "withdrawn_otherwise"


def _of_its_closing(seen: Seen, workflow: Workflow) -> Iterator[str]:
    """Judge by the definition's own outcomes whether a review could be closed, and converted, as it is.

    Of the outcomes that lead from where it was to where it came when it began to count as closed, one must have been possible:
    the question that dates it is answered. So a report is published, or embargoed, with its day; a sign-off closes nothing.
    """
    entered = _entry_into_closed(seen)
    if entered is not None:
        before, came = entered
        ways = list(_ways(workflow, before.state, came.state))
        if not any(not way.dated_by or seen.answers.get(way.dated_by) is not None for way in ways):
            yield "closed_without"
    outcomes = [outcome for step in workflow.steps.values() for outcome in step.outcomes]
    opening = {outcome.to for outcome in outcomes if outcome.opens}
    is_always_opened = seen.row.state in opening - {outcome.to for outcome in outcomes if not outcome.opens}
    if seen.children > 1 or (is_always_opened and not seen.children):
        yield "converted_without_child"
    if seen.children and seen.row.state not in states_after(workflow, opening & set(workflow.states)):
        yield "child_without_conversion"


def _entry_into_closed(seen: Seen) -> tuple[Stretch, Stretch] | None:
    """Give the two spans between which a closed review began to count so by a step of its workflow as it is now."""
    if seen.row.status != CLOSED or not seen.spans:
        return None
    for before, came in reversed(list(pairwise(seen.spans))):
        if came.event_id in seen.rebases or before.workflow != came.workflow:
            return None  # under another definition it was closed already, or counted otherwise
        if before.status != CLOSED:
            return before, came
    return None


def _ways(workflow: Workflow, was: str, became: str) -> Iterator[Outcome]:
    """Give the outcomes that lead from one state to another; from any, where *was* is a name that the definition has no more."""
    for step in workflow.steps.values():
        if was in step.comes_from or was not in workflow.states:
            yield from (outcome for outcome in step.outcomes if outcome.to == became)


def _of_its_spans(seen: Seen) -> Iterator[str]:
    row, spans = seen.row, seen.spans
    if not spans:
        yield "spans_missing"
        return
    disjointed = any(one.to_on != other.from_on for one, other in pairwise(spans)) or spans[-1].to_on is not None
    if disjointed or any(one.from_on > other.from_on for one, other in pairwise(spans)):
        yield "spans_disjointed"
    last = spans[-1]
    said = (row.responsible, row.workflow, row.review_type, row.status, row.state, row.state_since)
    counted = (last.organisation, last.workflow, last.review_type, last.status, last.state, last.from_on)
    if said != counted or (row.withdrawn_at is not None and any(one.status != NOTHING for one in spans)):
        yield "spans_differ"


def _of_its_terms(seen: Seen, definition: Definition) -> Iterator[str]:
    asked = {key: one for key, one in definition.questions.items() if one.type == "ranked_choices"}
    now: dict[str, list[Term]] = {}
    for term in sorted((term for term in seen.terms if term.to_on is None), key=lambda term: term.rank):
        now.setdefault(term.question, []).append(term)
    if any([term.code for term in now.get(key, ())] != (seen.answers.get(key) or []) for key in asked):
        yield "terms_differ"
    most = {key: one.at_most or len(one.options) for key, one in asked.items()}
    most = {} if seen.rebases else most  # under the version before there may have been more, and what was answered stays
    if any(_is_too_many(some, most) for some in _sets(seen.terms)):
        yield "terms_too_many"
    moves = {span.event_id for span in seen.spans}  # what was given between them keeps its day when theirs are corrected
    if seen.terms and (not moves or any(t.event_id in moves and t.from_on < seen.spans[0].from_on for t in seen.terms)):
        yield "terms_without_review"


def _sets(terms: Sequence[Term]) -> Iterator[list[Term]]:
    """Give the terms of each question on each day on which they changed."""
    for question, day in {(term.question, term.from_on) for term in terms}:
        yield [t for t in terms if t.question == question and t.from_on <= day and (t.to_on is None or day < t.to_on)]


def _is_too_many(terms: Sequence[Term], most: dict[str, int]) -> bool:
    ranks = Counter(term.rank for term in terms)
    return any(number > 1 for number in ranks.values()) or any(len(terms) > most.get(term.question, len(terms)) for term in terms)


def _of_its_history(seen: Seen) -> Iterator[str]:
    least, greatest, number = seen.events
    if (least, greatest, number) != (1, seen.row.version, seen.row.version):
        yield "history_has_gaps"
    elif seen.led_to != seen.row.state:
        yield "history_ends_elsewhere"


def _of_its_dates(seen: Seen, workflow: Workflow) -> Iterator[str]:
    row = seen.row
    rules = [rule for rule in workflow.reminders.values() if row.state in rule.while_in and row.withdrawn_at is None]
    is_wanted = any(key in workflow.steps for rule in rules for key in rule.since)
    if (row.next_due_on is not None and not rules) or (row.next_due_on is None and is_wanted):
        yield "due_otherwise"
    running = Counter(clock for clock, _, stopped in seen.clocks if stopped is None)
    if any(stopped and stopped < started for _, started, stopped in seen.clocks) or any(n > 1 for n in running.values()):
        yield "clock_runs_wrong"
