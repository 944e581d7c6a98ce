"""What completing a step does to a situation: its guards, its outcome, the approvals it gives and ends, where it leads.

The rules are those of `workflows.machine.decide`.
"""

from collections.abc import Iterator
from dataclasses import dataclass, field

from scrt_workflow.lint.answers import TooManyError
from scrt_workflow.lint.completing import Completion
from scrt_workflow.lint.layout import Layout
from scrt_workflow.lint.truths import Truth, relations
from scrt_workflow.workflows.schema import NOTHING, SAME, Definition, Outcome, Step

REFUSED, NONE_HOLDS = -1, -2
MOST_FALLS = 64
LEFT = ""
"""Where a review is that has become one of another workflow."""
Edge = tuple[int, int, str]
"""Which bits of the situation stay, which are set, and the state that the review is in then."""


@dataclass
class Seen:
    """What was met while walking, for one step: situations are bits after its form was completed."""

    outcomes: set[int] = field(default_factory=set)
    guards: set[int] = field(default_factory=set)
    passed: bool = False
    taken: bool = False
    held: set[int] = field(default_factory=set)
    none_held: set[int] = field(default_factory=set)
    undated: set[int] = field(default_factory=set)


class Mover:
    """One step, ready to be completed in any situation; `looks_at` are the bits that make a difference to it."""

    def __init__(self, definition: Definition, step: Step, layout: Layout, dated: set[str]) -> None:
        """Make *step* ready; `dated` are the questions whose being answered is to be shown by walking."""
        self.step, self.layout, self.workflow = step, layout, definition.workflow
        self.form = Completion(definition, step, layout)
        self.guards = [Truth(guard.when, layout) for guard in step.needs]
        self.outcomes = [Truth(outcome.when, layout) for outcome in step.outcomes]
        self.judged, self.decided = _masks(self.guards + self.outcomes), _masks(self.outcomes)
        self.decided |= sum(3 << pair for pair in {pair for truth in self.outcomes for pair in truth.pairs})
        self.pairs = frozenset(pair for truth in self.guards + self.outcomes for pair in truth.pairs)
        self.dates = {
            number: outcome.dated_by
            for number, outcome in enumerate(step.outcomes)
            if outcome.dated_by in dated and outcome.dated_by in layout.variables and moves(outcome)
        }
        self.date_mask = 0
        for key in self.dates.values():
            self.date_mask |= layout.variables[key].mask
        self.seen = Seen()
        self.own = layout.approvals.get(step.key, 0)
        self.voids = sum(layout.approvals.get(key, 0) for key in set(step.voids))
        self.falls = _falls(definition, step, layout)
        self.looks_at = self.form.looks_at | self.judged | self.date_mask
        for falling in self.falls:
            self.looks_at |= falling
        self._kept: dict[int, list[tuple[int, int, int]]] = {}
        self._verdicts: dict[int, set[int]] = {}

    def needs(self, *, recorded: set[str]) -> int:
        """Give the bits that must be on record for this step, those of the *recorded* dates included."""
        mask = self.form.needs | self.judged & ~self.form.surely
        for key in self.dates.values():
            if key in recorded:
                mask |= self.layout.variables[key].mask
        return mask

    def endings(self, bits: int) -> list[tuple[int, int, int]]:
        """Give each way to complete the step in *bits*: the bits written, what is written, which outcome."""
        found = self._kept.get(bits)
        if found is None:
            found = self._kept[bits] = list(self._endings(bits))
        return found

    def _endings(self, bits: int) -> Iterator[tuple[int, int, int]]:
        self.seen.taken = True
        for written, given in self.form.endings(bits):
            after = bits & ~written | given
            for verdict in self._verdicts_of(after):
                if verdict >= 0:
                    self._check_date(verdict, after)
                    yield written, given, verdict

    def _verdicts_of(self, after: int) -> set[int]:
        key = after & self.judged
        found = self._verdicts.get(key)
        if found is None:
            found = self._verdicts[key] = {self._verdict(key | relation) for relation in relations(self.pairs)}
        return found

    def _verdict(self, bits: int) -> int:
        """Give the number of the outcome that the step has in *bits*, REFUSED by a guard, or NONE_HOLDS."""
        holding = [number for number, guard in enumerate(self.guards) if guard.holds(bits)]
        self.seen.guards.update(holding)
        if len(holding) < len(self.guards):
            return REFUSED
        self.seen.passed = True
        for number, truth in enumerate(self.outcomes):
            if truth.holds(bits):
                self.seen.outcomes.add(number)
                self.seen.held.add(bits & self.decided)
                return number
        self.seen.none_held.add(bits & self.decided)
        return NONE_HOLDS

    def may_have_no_outcome(self, bits: int) -> bool:
        """Say whether the step can be completed in *bits* so that none of its outcomes holds."""
        return any(NONE_HOLDS in self._verdicts_of(bits & ~written | given) for written, given in self.form.endings(bits))

    def _check_date(self, number: int, after: int) -> None:
        key = self.dates.get(number)
        if key is None:
            return
        variable = self.layout.variables[key]
        if not all(variable.groups[variable.group(after)].values):
            self.seen.undated.add(number)

    def edges(self, state: str, bits: int) -> set[Edge]:
        """Give where the step leads from *state* in situation *bits*, cut to `looks_at`. Raises TooManyError."""
        found: set[Edge] = set()
        in_force = bits & self.layout.all_approvals & ~self.own
        for written, given, number in self.endings(bits):
            outcome = self.step.outcomes[number]
            gives = self.own if outcome.approves else 0
            for fallen in {falling & in_force for falling in self.falls}:
                ends = fallen | self.voids | self.own
                found.add((~(written | ends), given | gives, self._target(state, outcome, fallen)))
        return found

    def _target(self, state: str, outcome: Outcome, fallen: int) -> str:
        if outcome.becomes:
            return LEFT
        target = state if outcome.to == SAME else outcome.to
        if fallen and not self._decides_itself(target) and not self.step.makes:
            first = next(key for key, bit in self.layout.approvals.items() if bit & fallen)
            return self.workflow.steps[first].if_they_change or target
        return target

    def _decides_itself(self, target: str) -> bool:
        return bool(self.step.voids) or self.step.withdraws or self.workflow.states[target].counts_as == NOTHING


def moves(outcome: Outcome) -> bool:
    """Say whether an outcome takes the review anywhere; one that does not needs no date."""
    return outcome.to != SAME or outcome.becomes is not None


def _falls(definition: Definition, step: Step, layout: Layout) -> frozenset[int]:
    """Give every set of approvals that may fall together by what *step* asks: each answer may change, or not."""
    asked = set(definition.form_of(step).questions)
    together = {0}
    for key, approving in definition.workflow.approvals_of.items():
        if key in asked:
            touched = sum(layout.approvals[other.key] for other in approving if other.key != step.key)
            together |= {several | touched for several in together}
        if len(together) > MOST_FALLS:
            raise TooManyError("too many approvals may fall together by one step to check them all. Approve fewer answers.")
    return frozenset(together)


def _masks(truths: list[Truth]) -> int:
    mask = 0
    for truth in truths:
        mask |= truth.mask
    return mask
