"""The shipped definitions, read once for the tests of them."""

from collections.abc import Iterator
from pathlib import Path

from scrt_workflow.folder import read_folder
from scrt_workflow.workflows.schema import Step, Workflow

ROOT = Path(__file__).parents[2]
LOAN = Path(__file__).parent / "equipment_loan"
INCIDENTS = Path(__file__).parent / "incidents"
SHIPPED = read_folder(ROOT)
SAR, CSPR, DHR = "safeguarding_adult_review", "child_safeguarding_practice_review", "domestic_homicide_review"
RAPID, OLDER = "rapid_review", "older_record"
FULL_REVIEWS = (SAR, CSPR, DHR)
WORKFLOWS = sorted(SHIPPED.workflows)


def workflow(key: str) -> Workflow:
    """Give a shipped workflow."""
    return SHIPPED.workflows[key]


def step(key: str, name: str) -> Step:
    """Give a step of a shipped workflow."""
    return workflow(key).steps[name]


def asked(key: str, name: str) -> tuple[str, ...]:
    """Give the questions that a step of a shipped workflow asks."""
    return SHIPPED.definition(key).form_of(step(key, name)).questions


def steps() -> Iterator[tuple[Workflow, Step]]:
    """Give every step of every shipped workflow."""
    for one in SHIPPED.workflows.values():
        yield from ((one, taken) for taken in one.steps.values())
