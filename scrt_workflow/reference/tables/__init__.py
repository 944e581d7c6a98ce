"""The shipped tables. ATTRIBUTION.md beside this package says where each comes from and under which licence."""

import csv
from importlib import resources


def read_table(name: str) -> list[dict[str, str]]:
    """Return the rows of the shipped *name*.csv, each a mapping of column to text; an empty cell is an empty text."""
    text = resources.files(__name__).joinpath(f"{name}.csv").read_text(encoding="utf-8")
    return list(csv.DictReader(text.splitlines()))
