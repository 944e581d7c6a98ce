"""Walk a workflow: every situation that a review can come to, step by step, from every way that it can begin."""

from collections.abc import Collection, Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from itertools import product

from scrt_workflow.conditions import tests_in
from scrt_workflow.lint.answers import MOST_COMBINATIONS, TooManyError
from scrt_workflow.lint.completing import asks_surely, conditions_that_matter
from scrt_workflow.lint.layout import Layout, Variable, lay_out
from scrt_workflow.lint.moving import LEFT, Edge, Mover, moves
from scrt_workflow.lint.scope import REVIEW_TYPE, Scope
from scrt_workflow.workflows.schema import Definition, Opening, Step

COST = 20
"""What a step looked at anew takes off the budget."""
Situation = tuple[str, int]
"""A state, and the bits that are known there of answers and approvals."""


@dataclass
class Walk:
    """What was found: the situations in the order met, and those that each leads to by steps other than a withdrawal.

    *ends* are the situations in which a review has ended or become another's; *lacking* the states come to without an
    approval that they ask for, each with the step that led there.
    """

    layout: Layout
    movers: Mapping[str, Mover]
    live: Mapping[str, int]
    met: list[Situation] = field(default_factory=list)
    onward: list[list[int]] = field(default_factory=list)
    ends: set[int] = field(default_factory=set)
    lacking: dict[tuple[str, str], int] = field(default_factory=dict)

    @property
    def states(self) -> set[str]:
        """Name the states that were met."""
        return {state for state, _ in self.met}


def walk(scope: Scope, definition: Definition) -> Walk:
    """Walk *definition*. Raises TooManyError when there is more to it than can be looked through."""
    dated, recorded = _dates_to_show(definition)
    first = Walker(scope, definition, dated, recorded=recorded).walk()
    if not any(mover.seen.undated for mover in first.movers.values()):
        return first
    return Walker(scope, definition, dated, recorded=dated).walk()


def _dates_to_show(definition: Definition) -> tuple[set[str], set[str]]:
    """Give the dates that steps count from and may not ask, and those that an earlier step must have asked."""
    dated: set[str] = set()
    recorded: set[str] = set()
    for step in definition.workflow.steps.values():
        for key in {outcome.dated_by for outcome in step.outcomes if outcome.dated_by and moves(outcome)}:
            if not asks_surely(definition, step, key):
                dated.add(key)
                recorded |= {key} - set(definition.form_of(step).questions)
    return dated, recorded


class Walker:
    """One walk under way; one that *refuses* goes no way for which an approval is lacking, as `steps.decide_move` does not."""

    def __init__(
        self, scope: Scope, definition: Definition, dated: set[str], *, recorded: set[str], refuses: bool = False
    ) -> None:
        self.scope, self.definition, self.workflow = scope, definition, definition.workflow
        self.refuses = refuses
        conditions = conditions_that_matter(definition, dated)
        self.layout = lay_out(
            (test for condition in conditions for test in tests_in(condition)),
            sorted(dated),
            [step.key for step in self.workflow.steps.values() if step.is_approval],
            question=scope.question,
            options=lambda question: scope.options(question, [self.workflow.key]),
        )
        steps = self.workflow.steps.values()
        self.movers = {step.key: Mover(definition, step, self.layout, dated) for step in steps}
        self.live = self._live(recorded)
        self.needed = {
            key: sum(self.layout.approvals[step] for step in set(state.approved_by))
            for key, state in self.workflow.states.items()
        }
        self.found = Walk(self.layout, self.movers, self.live)
        self.places: dict[str, dict[int, int]] = {state: {} for state in self.workflow.states}
        self.leaving: dict[str, list[tuple[Step, int, dict[int, list[Edge]]]]] = {
            state: [(step, self.movers[step.key].looks_at, {}) for step in several]
            for state, several in self.workflow.steps_from.items()
        }
        self.answers: set[int] = set()

    def _live(self, recorded: set[str]) -> dict[str, int]:
        """Give, for each state, the bits that any step to come may look at; the others need not be told apart there."""
        live = dict.fromkeys(self.workflow.states, self.layout.all_approvals)
        leading = [(mover, self._targets(mover), mover.needs(recorded=recorded)) for mover in self.movers.values()]
        told: dict[str, int] = {}
        growing = True
        while growing:
            growing = False
            for mover, targets, needs in leading:
                looked_at = needs
                for target in targets:
                    looked_at |= live[target] & ~mover.form.surely
                if looked_at != told.get(mover.step.key):
                    told[mover.step.key] = looked_at
                    growing = True
                    for state in mover.step.comes_from:
                        live[state] |= looked_at
        return live

    def _targets(self, mover: Mover) -> set[str]:
        back = {
            self.workflow.steps[key].if_they_change
            for key, bit in self.layout.approvals.items()
            if any(bit & several for several in mover.falls)
        }
        leading = {outcome.to for outcome in mover.step.outcomes if not outcome.becomes}
        return (leading | back) & set(self.workflow.states)

    def walk(self, beginnings: Iterable[Situation] | None = None) -> Walk:
        """Walk from every beginning, or from other *beginnings*, until nothing new is met."""
        for state, bits in self._beginnings() if beginnings is None else beginnings:
            self._meet(state, bits & self.live[state])
        while (place := len(self.found.onward)) < len(self.found.met):  # which grows as it is walked
            self.found.onward.append(self._onward(place, *self.found.met[place]))
        return self.found

    def _onward(self, place: int, state: str, bits: int) -> list[int]:
        """Give the situations that one leads to on the way to the end of a review, and meet the others too."""
        onward: list[int] = []
        for step, looks_at, kept in self.leaving[state]:
            key = bits & looks_at
            edges = kept.get(key)
            if edges is None:
                edges = kept[key] = self._edges(state, step.key, key)
            self.layout.budget.spend(1 + len(edges))
            way_on = [] if step.withdraws else onward
            for keep, given, target in edges:
                if target == LEFT:
                    self.found.ends.add(place)
                    continue
                after = bits & keep | given
                if self.needed[target] & ~after:
                    self._note_lacking(step.key, (state, bits), (target, after))
                    if self.refuses and target != state:
                        continue
                met = self.places[target].get(after)
                way_on.append(self._meet(target, after) if met is None else met)
        return onward

    def _meet(self, state: str, bits: int) -> int:
        """Give the number of a situation, a new one if it was not met before."""
        places = self.places[state]
        if bits in places:
            return places[bits]
        place = places[bits] = len(self.found.met)
        self.found.met.append((state, bits))
        self.answers.add(bits & ~self.layout.all_approvals)
        if self.workflow.states[state].final:
            self.found.ends.add(place)
        if len(self.answers) > MOST_COMBINATIONS:
            raise TooManyError
        return place

    def _edges(self, state: str, step: str, key: int) -> list[Edge]:
        """Give where *step* leads, with nothing kept or set that is not looked at from there on."""
        self.layout.budget.spend(COST)
        edges = {
            (keep & self.live[target], given & self.live[target], target) if target != LEFT else (0, 0, LEFT)
            for keep, given, target in self.movers[step].edges(state, key)
        }
        return sorted(edges)

    def _note_lacking(self, step: str, before: Situation, after: Situation) -> None:
        """Note a state come to without its approvals, unless they were lacking there before the step too."""
        needed = self.needed[after[0]]
        if before[0] != after[0] or not needed & ~before[1]:
            self.found.lacking.setdefault((after[0], step), needed & ~after[1])

    # Beginnings

    def _beginnings(self) -> Iterator[Situation]:
        """Give every situation that a review can begin in: made here, opened by another, or become one of these."""
        for step in self.workflow.making_steps:
            mover = self.movers[step.key]
            for bits in self._at_making(mover):
                for keep, given, target in mover.edges(self.workflow.starts_in, bits & mover.looks_at):
                    if target != LEFT:
                        after = bits & keep | given
                        if self.needed[target] & ~after:
                            self.found.lacking.setdefault((target, step.key), self.needed[target] & ~after)
                        yield target, after
        for workflow, step, outcome, opening in self.scope.openings.get(self.workflow.key, ()):
            state = opening.state or self.workflow.starts_in
            if state in self.workflow.states:
                brought = step.carries if outcome.opens is opening else self.scope.on_record[workflow.key]
                yield from ((state, bits) for bits in self._brought(state, opening, brought))

    def _at_making(self, mover: Mover) -> Iterable[int]:
        """Give what is known before a review is made: its type, if the form does not ask it and there is but one."""
        variable = self.layout.variables.get(REVIEW_TYPE)
        if variable is None:
            return [0]
        types = self.workflow.chosen_types
        is_asked = REVIEW_TYPE in self.definition.form_of(mover.step).questions
        only = types[0].key if len(types) == 1 and not self.workflow.untyped and not is_asked else None
        return [variable.groups[variable.number_of(only)].bits]

    def _brought(self, state: str, opening: Opening, brought: Collection[str]) -> Iterator[int]:
        """Give every situation in which a review may arrive: the *brought* answers may be anything."""
        choices: list[list[int]] = []
        count = 1
        for key, variable in self.layout.variables.items():
            if key == REVIEW_TYPE:
                choices.append([variable.groups[variable.number_of(opening.review_type or None)].bits])
            elif key in brought and (variable.mask | self._ever(variable)) & self.live[state]:
                choices.append(list(self._anything(variable, self.live[state])))
                count *= len(choices[-1])
        if count > MOST_COMBINATIONS:
            raise TooManyError
        for several in product(*choices):
            yield sum(several)

    def _ever(self, variable: Variable) -> int:
        return sum(self.layout.ever_bits(variable.question.key))

    def _anything(self, variable: Variable, live: int) -> set[int]:
        """Give every answer to a question together with whatever it may have been before."""
        earlier = [0]
        for bit in self.layout.ever_bits(variable.question.key):
            earlier += [bits | bit for bits in earlier]
        return {(group.bits | before) & live for group in variable.groups for before in earlier}
