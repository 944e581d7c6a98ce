"""Conditions made ready to be asked of a situation many times."""

from collections.abc import Callable, Iterator
from itertools import product

from scrt_workflow.conditions import All, Condition, Test
from scrt_workflow.conditions import Not as Negation
from scrt_workflow.lint.answers import MOST_COMBINATIONS, TooManyError
from scrt_workflow.lint.layout import EARLIER, LATER, SAME_DAY, Layout

Asked = Callable[[int], bool]


class Truth:
    """A condition over a situation: `mask` are the bits it looks at, `pairs` where the relation of two dates stands."""

    __slots__ = ("_ask", "_kept", "mask", "pairs")

    def __init__(self, condition: Condition | None, layout: Layout) -> None:
        """Make *condition* ready for situations that are laid out so."""
        self.mask, self.pairs, self._ask = _made(condition, layout)
        self._kept: dict[int, tuple[bool, ...]] = {}

    def holds(self, bits: int) -> bool:
        """Say whether it holds of *bits*, in which the relations of dates are given too."""
        return self._ask(bits)

    def may(self, bits: int) -> tuple[bool, ...]:
        """Give whether it may hold, and may not, however the dates in it lie to each other."""
        key = bits & self.mask
        found = self._kept.get(key)
        if found is None:
            found = self._kept[key] = tuple({self._ask(key | relation) for relation in relations(self.pairs)})
        return found


def relations(pairs: frozenset[int]) -> Iterator[int]:
    """Give the bits for every way in which the dates of *pairs* may lie to each other."""
    if 3 ** len(pairs) > MOST_COMBINATIONS:
        raise TooManyError
    for several in product((EARLIER, SAME_DAY, LATER), repeat=len(pairs)):
        yield sum(relation << shift for relation, shift in zip(several, sorted(pairs), strict=True))


def _made(condition: Condition | None, layout: Layout) -> tuple[int, frozenset[int], Asked]:
    if condition is None:
        return 0, frozenset(), lambda _bits: True
    if isinstance(condition, Test):
        return _test(condition, layout)
    if isinstance(condition, Negation):
        mask, pairs, ask = _made(condition.part, layout)
        return mask, pairs, lambda bits: not ask(bits)
    parts = [_made(part, layout) for part in condition.parts]
    asks = tuple(ask for _, _, ask in parts)
    mask = 0
    for part_mask, _, _ in parts:
        mask |= part_mask
    pairs = frozenset(pair for _, several, _ in parts for pair in several)
    if isinstance(condition, All):
        return mask, pairs, lambda bits: all(ask(bits) for ask in asks)
    return mask, pairs, lambda bits: any(ask(bits) for ask in asks)


def _test(test: Test, layout: Layout) -> tuple[int, frozenset[int], Asked]:
    if (bit := layout.ever.get(test)) is not None:
        return bit, frozenset(), lambda bits: bits & bit != 0
    if test.operator in {"before", "after"} and test.values[0] in layout.variables:
        return _comparison(test, layout)
    variable = layout.variables.get(test.question)
    if variable is None:
        return 0, frozenset(), lambda _bits: test.operator in {"not_in", "not_asked"}
    mask = variable.mask
    meeting = frozenset(n << variable.shift for n, group in enumerate(variable.groups) if test in group.meets)
    return mask, frozenset(), lambda bits: bits & mask in meeting


def _comparison(test: Test, layout: Layout) -> tuple[int, frozenset[int], Asked]:
    """Compare the dates that two questions ask for: false while either is missing, else as their relation says."""
    one, other = sorted((test.question, test.values[0]))
    shift = layout.relations[one, other]
    first = (test.operator == "before") == (test.question == one)
    wanted = (EARLIER if first else LATER) << shift
    dated = [_test(Test(key, "answered"), layout) for key in (one, other)]
    mask = dated[0][0] | dated[1][0]
    both = tuple(ask for _, _, ask in dated)
    within = 3 << shift
    return mask, frozenset({shift}), lambda bits: bits & within == wanted and all(ask(bits) for ask in both)
