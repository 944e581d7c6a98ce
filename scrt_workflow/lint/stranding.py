"""Whether reviews could go on from where they are under a definition that they did not begin under (WF6).

The walk that proves a definition begins where reviews begin. A review that is moved to it may stand where none that began
under it can: with questions unasked that later steps decide by. So the walk is made again, from where those reviews are.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from types import MappingProxyType
from typing import Any, cast

from scrt_workflow.conditions import NOT_ASKED, Facts, holds
from scrt_workflow.forms.schema import Question
from scrt_workflow.lint.answers import TooManyError
from scrt_workflow.lint.layout import Variable
from scrt_workflow.lint.scope import REVIEW_TYPE, Scope
from scrt_workflow.lint.walking import Situation, Walker
from scrt_workflow.workflows.schema import Definition


@dataclass(frozen=True, slots=True)
class Standing:
    """Where a review would be: its state, the answers that conditions look at (its type among them), approvals in force."""

    state: str
    answers: Mapping[str, Any]
    ever: Mapping[str, frozenset[str]] = field(default_factory=dict)
    in_force: frozenset[str] = frozenset()


@dataclass(frozen=True)
class _Alone:
    """A definition by itself, as much of a scope as a walk needs that does not begin where reviews begin."""

    definition: Definition
    vocabularies: Mapping[str, Collection[str]]

    def question(self, key: str) -> Question | None:
        if key == REVIEW_TYPE:
            return self.definition.questions.get(key) or Question(key, "review_type", "Type of review")
        return self.definition.questions.get(key)

    def options(self, question: Question, _workflows: Iterable[str]) -> Collection[str] | None:
        if question.type == "review_type":
            return self.definition.workflow.review_types
        if question.type == "partnership":
            return None
        return self.vocabularies.get(question.vocabulary) if question.vocabulary else question.options or None


class Stranding:
    """Says of reviews whether they could be stranded under *definition*; each situation is walked once."""

    def __init__(self, definition: Definition, vocabularies: Mapping[str, Collection[str]] = MappingProxyType({})) -> None:
        """Lay out what the definition's conditions can tell apart. Raises TooManyError where that is too much."""
        self.definition = definition
        scope = cast("Scope", _Alone(definition, vocabularies))
        self.walker = Walker(scope, definition, set(), recorded=set(), refuses=True)
        self._told: dict[Situation, str] = {}

    @property
    def looked_at(self) -> set[str]:
        """Name the questions that conditions look at."""
        return set(self.walker.layout.variables)

    def why(self, standings: Sequence[Standing]) -> list[str]:
        """Give, for each of *standings*, the sentence that says how a review would be stranded, empty where it would not."""
        situations = [self._situation(one) for one in standings]
        if new := [one for one in dict.fromkeys(situations) if one not in self._told]:
            try:
                unsafe = self._unsafe(new)
                self._told |= {one: self._sentence(one) if one in unsafe else "" for one in new}
            except TooManyError as error:
                self._told |= dict.fromkeys(new, f"Nobody can say whether it could go on: {error}")
        return [self._told[one] for one in situations]

    def _situation(self, standing: Standing) -> Situation:
        layout, bits = self.walker.layout, 0
        facts = Facts(standing.answers, standing.ever)
        for variable in layout.variables.values():
            bits |= self._group(variable, facts) << variable.shift
        for test, bit in layout.ever.items():
            bits |= bit if holds(test, facts) else 0
        bits |= sum(bit for step, bit in layout.approvals.items() if step in standing.in_force)
        return standing.state, bits & self.walker.live[standing.state]

    def _group(self, variable: Variable, facts: Facts) -> int:
        """Give the number of the group of answers that the one on record is in, also one that is no longer offered."""
        tests = frozenset().union(*(group.meets for group in variable.groups))
        met = frozenset(test for test in tests if holds(test, facts))
        same = (number for number, group in enumerate(variable.groups) if group.meets == met)
        return next(same, variable.number_of(facts.answer(variable.question.key)))

    def _unsafe(self, situations: Iterable[Situation]) -> set[Situation]:
        """Walk on from *situations*, and give those met so far from which a review can come to where it cannot go on."""
        found = self.walker.walk(situations)
        before: dict[int, list[int]] = {}
        for place, onward in enumerate(found.onward):
            for after in onward:
                before.setdefault(after, []).append(place)
        ending = _back(found.ends, before)
        failing = {place for place in ending if self._may_fail(*found.met[place])}
        stuck = set(range(len(found.met))) - ending | failing
        return {found.met[place] for place in _back(stuck, before)}

    def _may_fail(self, state: str, bits: int) -> bool:
        return any(
            self.walker.movers[step.key].may_have_no_outcome(bits & looks_at) for step, looks_at, _ in self.walker.leaving[state]
        )

    def _sentence(self, situation: Situation) -> str:
        title = self.definition.workflow.states[situation[0]].title
        causes = [f"“{variable.question.title}”" for variable in self._unasked(situation)]
        because = f", because {' and '.join(causes)} {'was' if len(causes) == 1 else 'were'} never asked of it" if causes else ""
        return f"It could come to an end of the road from “{title}”{because}."

    def _unasked(self, situation: Situation) -> Iterator[Variable]:
        """Give the questions that were not asked and whose being answered, each alone, would let the review go on."""
        state, bits = situation
        live = self.walker.live[state]
        for variable in self.walker.layout.variables.values():
            if not variable.mask & live or variable.group(bits) or NOT_ASKED not in variable.groups[0].values:
                continue
            answered = {(state, (bits | given) & live) for given in variable.answered(or_empty=False)} - {situation}
            if answered and answered - self._unsafe(answered):
                yield variable


def _back(places: Iterable[int], before: Mapping[int, Sequence[int]]) -> set[int]:
    """Give *places*, and those from which a review can come to one of them."""
    found = set(places)
    wanted = list(found)
    while wanted:
        new = set(before.get(wanted.pop(), ())) - found
        found |= new
        wanted += new
    return found
