"""What the page of figures was asked for: read from an address, and given back as one."""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any

from flask import abort, request
from sqlalchemy import case, select

from scrt_workflow.models import Organisation
from scrt_workflow.operations import rollups
from scrt_workflow.operations.rollups import Cell
from scrt_workflow.permissions import Permission
from scrt_workflow.reports.figures import MEASURES, Asked
from scrt_workflow.text_rules import text_fault
from scrt_workflow.web.requests import actor, database, today
from scrt_workflow.web.review_list import short_name
from scrt_workflow.working_days import add_months, end_of_month

FIRST_MONTH = date(2013, 4, 1)
"""Before this there were none of the organisations that reviews are counted for."""
MONTHS_OFFERED = 36
TERM_CODE = re.compile("[A-Za-z0-9_]{1,20}")
GROUP = re.compile(r"group:.{1,60}")
GROUPED = "grouped"
"""How terms are counted: as now grouped; else as recorded."""
AT_THE_TIME = "then"
"""In place of a date: as the figures were known when their month ended."""


@dataclass(frozen=True, slots=True)
class Choice:
    """What the reader asks for: an organisation of theirs, a month (its first day), and until when things were known.

    Terms are counted as recorded, or as now *grouped*.
    """

    organisation: str
    month: date
    known_on: date | None
    grouped: bool = False

    @property
    def values(self) -> dict[str, Any]:
        """Give it as the values of an address."""
        found = {"organisation": self.organisation, "month": f"{self.month:%Y-%m}"}
        known = {"known_at": self.known_on.isoformat()} if self.known_on else {}
        return {**found, **known, **({"terms": GROUPED} if self.grouped else {})}

    @property
    def as_at(self) -> date:
        """Give the last day of the month."""
        return end_of_month(self.month)

    @property
    def is_as_then(self) -> bool:
        """Say whether the figures are those that were known when the month ended."""
        return self.known_on == self.as_at

    @property
    def grouped_on(self) -> date | None:
        """Give the day as on which terms are grouped, if they are."""
        return today() if self.grouped else None

    def asked(self) -> Asked:
        """Give what is to be counted."""
        month = f"{self.month:%Y-%m}"
        return rollups.month_asked(database(), self.organisation, month, known_on=self.known_on, grouped_on=self.grouped_on)


def places() -> dict[str, str]:
    """Give the organisations whose figures the reader may see, as code to name: England, regions, ICBs."""
    held = [one for one in actor().held if one.may(Permission.ROLLUP_SEE)]
    kind = case({"england": 0, "region": 1, "icb": 2}, value=Organisation.kind, else_=3)
    query = select(Organisation.code, Organisation.name).where(Organisation.kind != "ccg").order_by(kind, Organisation.name)
    names = {row.code: short_name(row.name) for row in database().execute(query)}
    return {code: name for code, name in names.items() if any(one.reaches(code) for one in held)}


def choice_from_address(offered: dict[str, str]) -> Choice:
    """Read what is asked for: 404 for an organisation that is not the reader's, the newest finished month by default."""
    own = next((one.organisation for one in actor().held if one.organisation in offered), next(iter(offered), ""))
    organisation = request.args.get("organisation", "") or own
    if organisation not in offered:
        abort(404)
    month = _month(request.args.get("month", ""))
    known = request.args.get("known_at", "")
    known_on = end_of_month(month) if known == AT_THE_TIME else _day(known)
    return Choice(organisation, month, known_on, request.args.get("terms", "") == GROUPED)


def _month(text: str) -> date:
    this_month = today().replace(day=1)
    try:
        found = datetime.strptime(text, "%Y-%m").date()  # noqa: DTZ007 - a calendar month has no time zone
    except ValueError:
        found = date.max
    return found if FIRST_MONTH <= found <= this_month else (this_month - timedelta(days=1)).replace(day=1)


def _day(text: str) -> date | None:
    try:
        found = date.fromisoformat(text)
    except ValueError:
        return None
    return found if FIRST_MONTH <= found <= today() else None


def months_offered() -> dict[str, str]:
    """Give the months to choose from, the newest first; the one that is not over yet says so."""
    first = today().replace(day=1)
    days = [add_months(first, -back) for back in range(MONTHS_OFFERED)]
    return {f"{day:%Y-%m}": f"{day:%B %Y}{' (so far)' if day == first else ''}" for day in days}


def cell_from_address(choice: Choice) -> Cell:
    """Read which figure is asked for: 404 for one that there is not. `type` may be given and empty, which is Not Stated."""
    args, kinds = request.args, rollups.review_types(database())
    vocabulary = MEASURES.get(args.get("measure", ""), ("", ""))[1]
    cell = Cell(
        review_type=args.get("type"),
        family=args.get("family") or None,
        status=args.get("status") or None,
        vocabulary=vocabulary or None,
        code=args.get("code") or None,
        new=args.get("new") == "yes",
        converted={"yes": True, "no": False}.get(args.get("converted", "")),
    )
    known = (
        cell.review_type is None or cell.review_type in kinds,
        cell.family is None or cell.family in {kind.family for kind in kinds.values()},
        cell.status in {None, "open", "closed"},
        args.get("converted", "") in {"", "yes", "no"} and not (cell.new and cell.converted is not None),
        cell.code is None or (vocabulary and _is_code(cell.code, choice)),
    )
    return cell if all(known) else abort(404)


def _is_code(code: str, choice: Choice) -> bool:
    """Say whether *code* can be that of a term, or of a group where terms are grouped."""
    is_group = choice.grouped and GROUP.fullmatch(code) is not None and text_fault(code, max_length=100, one_line=True) is None
    return is_group or TERM_CODE.fullmatch(code) is not None


def cell_in_words(cell: Cell, asked: Asked) -> str:
    """Say which figure it is: Open, DHR Adult, Mental Health."""
    kinds = rollups.review_types(database())
    parts = ["new in the month"] if cell.new else [cell.status or "all"]
    if cell.converted is not None:
        parts = ["converted to a full review" if cell.converted else "closed without a full review"]
    parts += [kinds[cell.review_type].title] if cell.review_type is not None else []
    parts += [cell.family] if cell.family else []
    parts += [rollups.term_label(database(), asked, cell.vocabulary, cell.code)] if cell.code and cell.vocabulary else []
    words = ", ".join(parts)
    return words[:1].upper() + words[1:]
