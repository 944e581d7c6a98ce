"""Say in words what is peculiar to some situations: the fewest answers and approvals that tell them from the others."""

from collections.abc import Collection, Iterable, Iterator
from itertools import combinations
from typing import Any

from scrt_workflow.conditions import NOT_ASKED, Test
from scrt_workflow.lint.answers import ANOTHER
from scrt_workflow.lint.layout import EARLIER, LATER, SAME_DAY, Layout, Variable

LYING = {EARLIER: "before", SAME_DAY: "the same day as", LATER: "after"}
MOST_TOLD, MOST_COMPARED, MANY = 3, 12, 3000
"""How many answers a sentence names at most, out of how many, and how many situations are too many to look for more than one."""


def told(layout: Layout, these: Collection[int], others: Collection[int], *, asked: Collection[str] = ()) -> str:
    """Say when a situation is one of *these* and not of *others*, such as ` when x is "No"`; nothing if it always is.

    *asked* are questions that were just answered, so that not being asked is no part of it.
    """
    masks = [variable.mask for variable in layout.variables.values()]
    masks += [*layout.ever.values(), *layout.approvals.values(), *(3 << shift for shift in layout.relations.values())]
    if not others:
        return ""
    both = {*these, *others}
    telling = [mask for mask in masks if len({bits & mask for bits in both}) > 1][:MOST_COMPARED]
    for count in range(1, MOST_TOLD + 1 if len(both) < MANY else 2):
        apart = {chosen: _apart(these, others, sum(chosen)) for chosen in combinations(telling, count)}
        best = max(apart, key=lambda chosen: sum(bits & sum(chosen) in apart[chosen] for bits in these), default=())
        if best and apart[best]:
            return " when " + " and ".join(_part(layout, one, sum(best), apart[best], asked) for one in best)
    return ""


def _apart(these: Collection[int], others: Collection[int], mask: int) -> set[int]:
    """Give what the bits of *mask* are in some of *these*, and in none of the *others*."""
    return {bits & mask for bits in these} - {bits & mask for bits in others}


def _part(layout: Layout, one: int, mask: int, apart: set[int], asked: Collection[str]) -> str:
    """Say what the bits of mask *one* are in the situations *apart*: one of them, where *mask* has other bits too."""
    example = min(apart)
    found = {bits & one for bits in apart if bits & (mask ^ one) == example & (mask ^ one)}
    for step, bit in layout.approvals.items():
        if bit == one:
            return f"{step} was given" if example & bit else f"{step} is not in force"
    for test, bit in layout.ever.items():
        if bit == one:
            return _ever(layout, test, given=bool(example & bit))
    for (first, second), shift in layout.relations.items():
        if one == 3 << shift:
            lies = " or ".join(LYING[(bits & one) >> shift] for bits in sorted(found))
            return f"{first} is {lies} {second}"
    variable = next(variable for variable in layout.variables.values() if variable.mask == one)
    return in_words(variable, [variable.group(bits) for bits in sorted(found)], asked=asked)


def _ever(layout: Layout, test: Test, *, given: bool) -> str:
    variable = layout.variables[test.question]
    named = " or ".join(f'"{label(variable, value)}"' for value in test.values)
    return f"{test.question} {'was once' if given else 'never was'} {named}"


def in_words(variable: Variable, groups: Iterable[int], *, asked: Collection[str]) -> str:
    """Say that the answer is in one of *groups*."""
    key = variable.question.key
    values = [value for number in groups for value in variable.groups[number].values]
    rest = [value for group in variable.groups for value in group.values if not any(value is v for v in values)]
    if key in asked:
        values, rest = ([v for v in some if v is not NOT_ASKED] for some in (values, rest))
    if variable.question.required and variable.question.show_when is None:
        values, rest = ([v for v in some if v is not None] for some in (values, rest))
    blank = [v for v in values if v is None or v is NOT_ASKED]
    if blank and rest and len(values) > len(rest) + 1 and all(v is not None and v is not NOT_ASKED for v in rest):
        return f"{key} is not {' or '.join(_named(variable, rest))}"
    return f"{key} {' or '.join(_said(variable, values))}"


def _said(variable: Variable, values: Collection[Any]) -> Iterator[str]:
    real = [value for value in values if value is not None and value is not NOT_ASKED]
    if real:
        yield "is " + " or ".join(_named(variable, real))
    if any(value is None for value in values):
        yield "was left empty"
    if any(value is NOT_ASKED for value in values):
        yield "was not asked"


def _named(variable: Variable, values: Iterable[Any]) -> list[str]:
    labels = [label(variable, value) for value in values]
    if set(labels) == {ANOTHER}:
        return ["answered"]
    return [f'"{one}"' for one in labels]


def label(variable: Variable, value: Any) -> str:
    """Give an answer as a person would read it."""
    if isinstance(value, list):
        return ", ".join(label(variable, item) for item in value)
    return variable.question.options.get(str(value), str(value)).strip()
