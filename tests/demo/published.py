"""London's published figures of October 2024 (seed 001), and the five labels that its slides print in their own way."""

from pathlib import Path
from typing import Any

import yaml

PUBLISHED: dict[str, Any] = yaml.safe_load(
    (Path(__file__).parents[1] / "data" / "london_2024_10.yaml").read_text(encoding="utf-8")
)
NEW = {"2024-06": 2, "2024-07": 33, "2024-08": 5, "2024-09": 18, "2024-10": 3}
_PRINTED_OTHERWISE = {
    "ACEs": "Aces",
    "Pathway development": "Pathway Development",
    "Training and Practice Development": "Training & Practice Development",
    "Raising Public Awareness DA&V": "Raising Public Awareness - DAV",
    "Lack of Engagement with Agencies": "Lack of engagement with agencies",
}


def ranking(places: list[list[str]]) -> list[set[str]]:
    """Give a printed ranking as places of exact labels, those that tie together."""
    return [{_PRINTED_OTHERWISE.get(label, label) for label in place} for place in places]
