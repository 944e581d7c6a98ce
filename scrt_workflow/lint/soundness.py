"""Which workflows can be walked: those whose states, steps, forms and questions hold no mistake that would mislead."""

from bisect import bisect_right
from collections.abc import Iterable

from scrt_workflow.folder import BANK
from scrt_workflow.lint.scope import Scope
from scrt_workflow.yaml_reader import Problem

HARMLESS = frozenset({"clocks", "escalations", "hint", "note", "notices", "reminders", "short_title", "title"})
"""Parts of a workflow that say nothing about where a review can be."""


def unsound_workflows(scope: Scope, found: Iterable[Problem]) -> set[str]:
    """Name the workflows of the folder that the mistakes *found* so far make impossible to judge further."""
    owners = _owners(scope)
    unsound: set[str] = set()
    for problem in found:
        lines = owners.get(problem.file, [])
        place = bisect_right(lines, (problem.line, "￿")) - 1
        if problem.line == 0 or place < 0:
            unsound |= _users_of_file(scope, problem.file)
        else:
            unsound |= set(lines[place][1].split())
    return unsound


def _owners(scope: Scope) -> dict[str, list[tuple[int, str]]]:
    """Give, for each file, from which line on it belongs to which workflows (their keys, with spaces between)."""
    folder = scope.folder
    owners: dict[str, list[tuple[int, str]]] = {}
    for key, workflow in folder.workflows.items():
        for name in folder.workflow_nodes[key]:
            owners.setdefault(workflow.file, []).append((name.line, "" if name in HARMLESS else key))
    using: dict[str, list[str]] = {}
    asking: dict[str, list[str]] = {}
    for key in folder.workflows:
        definition = scope.definitions[key]
        for used in definition.forms:
            using.setdefault(used, []).append(key)
        for asked in definition.questions:
            asking.setdefault(asked, []).append(key)
    for form in folder.forms.values():
        owners.setdefault(form.file, []).append((form.line, " ".join(using.get(form.key, ()))))
    for question in folder.questions.values():
        owners.setdefault(BANK, []).append((question.line, " ".join(asking.get(question.key, ()))))
    return {file: sorted(lines) for file, lines in owners.items()}


def _users_of_file(scope: Scope, file: str) -> set[str]:
    workflows = scope.folder.workflows
    own = {key for key, workflow in workflows.items() if workflow.file == file}
    return own or set(workflows)
