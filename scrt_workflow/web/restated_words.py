"""How one review counts otherwise today than in frozen figures, in words: what was, and what is now."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from sqlalchemy.orm import Session

from scrt_workflow.models import Organisation
from scrt_workflow.operations import rollups
from scrt_workflow.operations.restating import Counts, Differing
from scrt_workflow.reports.figures import CONVERTED, MEASURES, NEW, Asked
from scrt_workflow.reports.infographic import in_days
from scrt_workflow.workflows.schema import CLOSED, OPEN

MEASURED = {"themes": "Themes", "learning": "Learning"}
NOT_COUNTED = "Not counted"


@dataclass(frozen=True, slots=True)
class Change:
    """One thing that differs."""

    label: str
    was: str
    now: str


def difference_in_words(session: Session, found: Differing, asked: Asked) -> list[Change]:
    """Say what a review counted as in the figures that are *asked*, and what it counts as now: only what differs."""
    was, now = (dict(_said(session, one, asked)) for one in (found.was, found.now))
    labels = [
        label
        for label in ("Counted as", "Organisation", *MEASURED.values(), "Converted", "New")
        if was.get(label) != now.get(label)
    ]
    if "Counted as" in labels and NOT_COUNTED in {was["Counted as"], now["Counted as"]}:
        labels = [label for label in labels if label in {"Counted as", "New"}]
    return [Change(label, was.get(label, "None"), now.get(label, "None")) for label in labels]


def _said(session: Session, counted: Counts, asked: Asked) -> Iterator[tuple[str, str]]:
    """Say each thing that a review adds to the figures."""
    kinds = rollups.review_types(session)
    status = next(((place, kind, measure) for place, kind, measure, _ in counted if measure in {OPEN, CLOSED}), None)
    yield "Counted as", f"{status[2].capitalize()}, {kinds[status[1]].title}" if status else NOT_COUNTED
    if status:
        yield "Organisation", session.get_one(Organisation, status[0]).name
    for measure, label in MEASURED.items():
        codes = sorted(code for *_, of, code in counted if of == measure)
        terms = [rollups.term_label(session, asked, MEASURES[measure][1], code) for code in codes]
        yield label, ", ".join(sorted(terms)) or "None"
    days = next((code for *_, measure, code in counted if measure == CONVERTED), None)
    yield "Converted", "No" if days is None else f"After {in_days(int(days))}" if days else "Yes"
    new = next(((place, kind) for place, kind, measure, _ in counted if measure == NEW), None)
    yield "New", f"Yes, {kinds[new[1]].title}" if new else "No"
