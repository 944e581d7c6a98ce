"""The boroughs of an ICB in 2024, and the boards there that hold its reviews."""

from scrt_workflow.demo.allocation import CSPR, DHR, OLDER, RAPID, SAR
from scrt_workflow.reference.partnerships import partnerships

_CHILDREN = "Safeguarding Children Partnership"
_BODY = {
    SAR: "Safeguarding Adults Board",
    CSPR: _CHILDREN,
    RAPID: _CHILDREN,
    OLDER: _CHILDREN,
    DHR: "Community Safety Partnership",
}
SHORT_TYPE = {SAR: "SAR", CSPR: "CSPR", RAPID: "RR", OLDER: "OLD", DHR: "DHR"}


def boroughs(icb: str) -> list[str]:
    """Name the boroughs that lie in the ICB, in alphabetical order."""
    return [row.label.removesuffix(f" {_CHILDREN}") for row in partnerships() if row.type == "LSCP" and row.icb_2022 == icb]


def partnership(borough: str, workflow: str) -> str:
    """Give the id of the board that holds a review of this workflow in the borough."""
    return next(row.id for row in partnerships() if row.label == f"{borough} {_BODY[workflow]}")
