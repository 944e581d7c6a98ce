"""The 35 fields of the collection's record, each with the question that asks it or the fact that it is derived from."""

from dataclasses import dataclass
from functools import cache

from scrt_workflow.reference.tables import read_table


@dataclass(frozen=True, slots=True)
class RecordFieldRow:
    """A field of the record: either `question` (a key of the question bank) or `derived_from` (a sentence) is given.

    `required` says when it is due (yes, no, suggested, 'at close' …), `pid_risk` how likely it is to identify a
    patient: none, low, medium or high.
    """

    key: str
    label: str
    type: str
    required: str
    pid_risk: str
    question: str | None
    derived_from: str | None


@cache
def record_fields() -> tuple[RecordFieldRow, ...]:
    """Return the fields in the order of the collection: 33 of it, and two more that the process needs."""
    return tuple(
        RecordFieldRow(
            row["key"],
            row["label"],
            row["type"],
            row["required_suggested"],
            row["pid_risk"],
            row["question"] or None,
            row["derived_from"] or None,
        )
        for row in read_table("record_fields")
    )
