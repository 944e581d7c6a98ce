"""England, its regions, ICBs and former CCGs, with their dates, parents and successors. The key is the ODS code."""

from dataclasses import dataclass
from datetime import date, timedelta
from functools import cache

from scrt_workflow.reference.tables import read_table

ENGLAND = "ENG"
BEGAN = date(2013, 4, 1)  # the day from which the tables know organisations; England and its regions are given it


@dataclass(frozen=True, slots=True)
class ParentRow:
    """The organisation that another belonged to, from a day until the day before `valid_to`; None means still."""

    parent: str
    valid_from: date
    valid_to: date | None


@dataclass(frozen=True, slots=True)
class OrganisationRow:
    """An organisation: `kind` is england, region, icb or ccg.

    `valid_to` is the first day on which it was no more (the ODS gives the day before); None while it lives.
    """

    code: str
    kind: str
    name: str
    short_name: str
    valid_from: date
    valid_to: date | None
    parents: tuple[ParentRow, ...]


@dataclass(frozen=True, slots=True)
class SuccessionRow:
    """What passed from one organisation to another on a day.

    `kind` is merger (the whole of it), or split or acquisition (the part that `territory` names, so a person has to
    say which part each review goes to).
    """

    predecessor: str
    successor: str
    effective_on: date
    kind: str
    territory: str


@cache
def organisations() -> tuple[OrganisationRow, ...]:
    """Return all organisations, parents before children: England, 7 regions, 48 ICBs and 248 CCGs."""
    england = OrganisationRow(ENGLAND, "england", "NHS England", "England", BEGAN, None, ())
    regions = (
        _row(row["ods_code"], "region", row["name"], short_name=row["name"], parent=ENGLAND, valid=(BEGAN, None))
        for row in read_table("regions")
    )
    icbs = (
        _row(
            row["ods_code"],
            "icb",
            row["name"],
            short_name=row["short_name"],
            parent=row["region_ods_code"],
            valid=(date.fromisoformat(row["valid_from"]), _day_after(row["valid_to"])),
        )
        for row in read_table("icbs")
    )
    ccgs = (
        _row(
            row["ods_code"],
            "ccg",
            row["name"],
            short_name=row["name"].removeprefix("NHS "),
            parent=row["region_ods_code"],
            valid=(date.fromisoformat(row["opened"]), _day_after(row["closed"])),
        )
        for row in read_table("ccgs")
    )
    return (england, *regions, *icbs, *ccgs)


def _day_after(last_day: str) -> date | None:
    return date.fromisoformat(last_day) + timedelta(days=1) if last_day else None


def _row(code: str, kind: str, name: str, *, short_name: str, parent: str, valid: tuple[date, date | None]) -> OrganisationRow:
    return OrganisationRow(code, kind, name, short_name, *valid, (ParentRow(parent, *valid),))


@cache
def successions() -> tuple[SuccessionRow, ...]:
    """Return who took over from whom, oldest first: CCGs that merged, CCGs into ICBs, and the ICBs of April 2026."""
    icbs = (
        SuccessionRow(
            row["predecessor_ods"],
            row["successor_ods"],
            date.fromisoformat(row["effective_date"]),
            row["type"],
            row["territory"],
        )
        for row in read_table("icb_successions")
    )
    return tuple(sorted((*_ccg_successions(), *icbs), key=lambda row: (row.effective_on, row.predecessor, row.successor)))


def _ccg_successions() -> list[SuccessionRow]:
    """Pass a CCG that closed early to another CCG the next day, and one that lived to 30 June 2022 to its ICB."""
    return [
        SuccessionRow(
            row["ods_code"],
            row["icb_ods_2022"] if row["existed_april_2021"] == "yes" else row["direct_successor_ods"],
            date.fromisoformat(row["closed"]) + timedelta(days=1),
            "merger",
            "whole",
        )
        for row in read_table("ccgs")
    ]
