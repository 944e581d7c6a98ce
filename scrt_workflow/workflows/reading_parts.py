"""What the readers of steps and of times share."""

from __future__ import annotations

from collections.abc import Mapping

from scrt_workflow.conditions import Condition, ConditionReader
from scrt_workflow.workflows.schema import COUNTS_AS, State
from scrt_workflow.yaml_reader import Fields, did_you_mean


def counted_states(fields: Fields, states: Mapping[str, State]) -> tuple[str, ...]:
    """Give the states that `{counts_as: ...}` stands for, in their order."""
    counts = fields.texts("counts_as")
    for word in counts:
        if word not in COUNTS_AS:
            fields.problem(
                word.line,
                f"'{word}' is not one of {', '.join(COUNTS_AS)}{did_you_mean(word, COUNTS_AS)}.",
            )
    fields.done()
    return tuple(key for key, state in states.items() if state.counts_as in counts)


def condition(fields: Fields, key: str) -> Condition | None:
    """Read the condition at *key*, or None where there is none."""
    node = fields.any(key)
    return None if node is None else ConditionReader(fields.file, fields.problems, f"{fields.place}: {key}").read(node)
