"""The boards and partnerships that commission reviews, and the ICBs whose areas they lie in.

Their labels are derived from the authorities' names, not official: administrators correct them.
"""

from dataclasses import dataclass
from datetime import date
from functools import cache

from scrt_workflow.reference.tables import read_table

NEW_BOUNDARIES = date(2026, 4, 1)


@dataclass(frozen=True, slots=True)
class PartnershipRow:
    """A Safeguarding Adults Board (SAB), Local Safeguarding Children (LSCP) or Community Safety Partnership (CSP).

    `icb_2022` and `icb_2026` are the ICBs of most of its area from July 2022 and from April 2026; `others_2022` and
    `others_2026` are those of the rest.
    """

    id: str
    type: str
    label: str
    icb_2022: str
    icb_2026: str
    others_2022: frozenset[str]
    others_2026: frozenset[str]

    def lies_in(self, icb: str, *, on: date) -> bool:
        """Whether any of its area lay in *icb* on the day *on*. Where not, people are warned, never stopped."""
        if on < NEW_BOUNDARIES:
            return icb == self.icb_2022 or icb in self.others_2022
        return icb == self.icb_2026 or icb in self.others_2026


@cache
def partnerships() -> tuple[PartnershipRow, ...]:
    """Return the 599 partnerships of England by label: 153 SABs, 153 LSCPs and 293 CSPs."""
    authorities = {row["ons_code"]: row for row in read_table("local_authorities")}
    rows = (_partnership(row, authorities.get(row["la_ons_codes"], {})) for row in read_table("partnerships"))
    return tuple(sorted(rows, key=lambda row: (row.label, row.id)))


@cache
def partnership_labels() -> dict[str, str]:
    """Return the label of each partnership by its id."""
    return {row.id: row.label for row in partnerships()}


def _partnership(row: dict[str, str], authority: dict[str, str]) -> PartnershipRow:
    """Read *row*. A SAB or LSCP has the area of its upper-tier *authority*; a CSP's own row names all its ICBs."""
    now, *others_now = row["icb_ods_2026"].split("|")
    then, *others_then = row["icb_ods_2022"].split("|")
    return PartnershipRow(
        row["id"],
        row["type"],
        row["label"],
        icb_2022=then,
        icb_2026=now,
        others_2022=frozenset(others_then) | _codes(authority.get("other_icbs_lsoa_share", "")),
        others_2026=frozenset(others_now) | _codes(authority.get("other_icbs_2026", "")),
    )


def _codes(shares: str) -> frozenset[str]:
    """Return the codes of 'QE1:0.034|QWO:0.079': shares of small areas in 2021, not of people."""
    return frozenset(share.split(":")[0] for share in shares.split("|") if share)
