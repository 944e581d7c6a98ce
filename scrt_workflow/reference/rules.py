"""What statute, guidance and the collection ask for: deadlines, and who is told when the media may take interest."""

from dataclasses import dataclass
from functools import cache

from scrt_workflow.reference.tables import read_table


@dataclass(frozen=True, slots=True)
class DeadlineRow:
    """A deadline: `period` as a definition writes it ('15 working days'), or None where the source gives no number.

    `authority` and `strength` say where it comes from and how binding it is; `verified` is yes, part, or no (general
    knowledge).
    """

    id: str
    review_type: str
    step: str
    trigger: str
    period: str | None
    strength: str
    authority: str
    verified: str


@dataclass(frozen=True, slots=True)
class EscalationRow:
    """One step of telling people that the media may take interest; `posts` are those told, who need not be users."""

    number: int
    who: str
    what: str
    when: str
    posts: tuple[str, ...]


@cache
def statutory_deadlines() -> tuple[DeadlineRow, ...]:
    """Return the 15 rules on time, some of them without a number. A negative period counts back from the trigger."""
    return tuple(
        DeadlineRow(
            row["id"],
            row["review_type"],
            row["step"],
            row["trigger"],
            f"{row['amount']} {row['unit']}" if row["amount"] else None,
            row["strength"],
            row["authority"],
            row["verified"],
        )
        for row in read_table("statutory_deadlines")
    )


@cache
def media_escalation() -> tuple[EscalationRow, ...]:
    """Return the steps of Appendix 1 of the collection's guidance, in order."""
    return tuple(
        EscalationRow(int(row["number"]), row["who"], row["what"], row["when"], tuple(filter(None, row["posts"].split("|"))))
        for row in read_table("media_escalation")
    )
