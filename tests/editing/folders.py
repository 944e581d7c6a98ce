"""Folders of definitions as trees, for the tests of the editor."""

from pathlib import Path

from scrt_workflow.editing.tree import Tree
from scrt_workflow.settings import shipped

WORKFLOW = "domestic_homicide_review"


def tree_of(path: Path) -> Tree:
    """Read the folder at *path*."""
    files = sorted([*path.glob("workflows/*.yaml"), *path.glob("forms/*.yaml")])
    return Tree({f"{file.parent.name}/{file.name}": file.read_text(encoding="utf-8") for file in files})


SHIPPED = tree_of(shipped("workflows").parent)
LOAN = tree_of(Path(__file__).parents[1] / "definitions" / "equipment_loan")
