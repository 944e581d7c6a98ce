"""What the page of figures was asked for: read from an address, and given back as one."""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import date
from typing import Any

from flask import abort, request
from sqlalchemy import case, select

from scrt_workflow.models import Organisation
from scrt_workflow.models import Rollup as Frozen
from scrt_workflow.operations import frozen, rollups, summaries
from scrt_workflow.operations.counting import Cell
from scrt_workflow.permissions import Permission
from scrt_workflow.reports.figures import MEASURES, Asked, MonthLine
from scrt_workflow.reports.periods import (
    DAY,
    FROZEN_KINDS,
    MONTH,
    QUARTER,
    YEAR,
    NoSuchPeriodError,
    ReportingPeriod,
    ended_before,
    period_of,
    read_period,
)
from scrt_workflow.text_rules import text_fault
from scrt_workflow.web.jinja import date_words
from scrt_workflow.web.requests import actor, database, today
from scrt_workflow.web.review_list import short_name

FIRST_DAY = date(2013, 4, 1)
"""Before this there were none of the organisations that reviews are counted for."""
OFFERED = {"Months": (MONTH, 36), "Quarters": (QUARTER, 12), "Financial years": (YEAR, 4)}
TERM_CODE = re.compile("[A-Za-z0-9_]{1,20}")
GROUP = re.compile(r"group:.{1,60}")
GROUPED = "grouped"
"""How terms are counted: as now grouped; else as recorded."""
AT_THE_TIME, NOW = "then", "now"
"""In place of a date: as the figures were known when their period ended, and as they are known today."""


@dataclass(frozen=True, slots=True)
class Choice:
    """What the reader asks for: an organisation of theirs, a period, and until when things were known.

    With neither a date nor *as_now_known* the figures are those that were frozen, where they are. Terms are counted as recorded,
    or as now *grouped*; organisations cover what they did then, or what they do now (*organised_now*).
    """

    organisation: str
    period: ReportingPeriod
    known_on: date | None = None
    as_now_known: bool = False
    grouped: bool = False
    organised_now: bool = False

    @property
    def values(self) -> dict[str, Any]:
        """Give it as the values of an address."""
        found = {"organisation": self.organisation, "period": self.period.key}
        known = self.known_on.isoformat() if self.known_on else NOW if self.as_now_known else ""
        more = {"known_at": known, "organisations": NOW if self.organised_now else "", "terms": GROUPED if self.grouped else ""}
        return {**found, **{name: value for name, value in more.items() if value}}

    @property
    def as_at(self) -> date:
        """Give the last day that is counted."""
        return self.period.last_day

    @property
    def is_as_then(self) -> bool:
        """Say whether the figures are those that were known when the period ended."""
        return self.known_on == self.as_at

    @property
    def is_of_frozen(self) -> bool:
        """Say whether figures are shown as they were frozen, where they were."""
        counted = self.grouped or self.organised_now or self.as_now_known or self.period.kind not in FROZEN_KINDS
        return not counted and self.known_on in {None, self.as_at}

    def frozen(self) -> Frozen | None:
        """Find the frozen table that is asked for."""
        return frozen.find_frozen(database(), self.organisation, self.period) if self.is_of_frozen else None

    def asked(self) -> Asked:
        """Give what is to be counted; where it is asked for, what a frozen table was."""
        if row := self.frozen():
            return frozen.asked_then(row, self.period)
        grouped_on, organised_on = today() if self.grouped else None, today() if self.organised_now else None
        return rollups.period_asked(
            database(), self.organisation, self.period, known_on=self.known_on, grouped_on=grouped_on, organised_on=organised_on
        )

    def ends(self) -> list[MonthLine]:
        """Give what was open and closed at the last six ends of such periods, this one last."""
        return summaries.ends_of(
            database(), self.organisation, self.period, known_on=None if self.frozen() else self.known_on,
            organised_on=today() if self.organised_now else None, as_recorded=self.is_of_frozen,
        )  # fmt: skip


def places() -> dict[str, str]:
    """Give the organisations whose figures the reader may see, as code to name: England, regions, ICBs."""
    held = [one for one in actor().held if one.may(Permission.ROLLUP_SEE)]
    kind = case({"england": 0, "region": 1, "icb": 2}, value=Organisation.kind, else_=3)
    query = select(Organisation.code, Organisation.name).where(Organisation.kind != "ccg").order_by(kind, Organisation.name)
    names = {row.code: short_name(row.name) for row in database().execute(query)}
    return {code: name for code, name in names.items() if any(one.reaches(code) for one in held)}


def choice_from_address(offered: dict[str, str]) -> Choice:
    """Read what is asked for: 404 for an organisation that is not the reader's, the newest finished month by default.

    An older address calls the period *month*; a *day* is asked for instead of one.
    """
    own = next((one.organisation for one in actor().held if one.organisation in offered), next(iter(offered), ""))
    organisation = request.args.get("organisation", "") or own
    if organisation not in offered:
        abort(404)
    period = _period(request.args.get("day") or request.args.get("period") or request.args.get("month") or "")
    known = request.args.get("known_at", "")
    return Choice(
        organisation,
        period,
        known_on=period.last_day if known == AT_THE_TIME else _day(known),
        as_now_known=known == NOW,
        grouped=request.args.get("terms", "") == GROUPED,
        organised_now=request.args.get("organisations", "") == NOW,
    )


def _period(text: str) -> ReportingPeriod:
    """Read a period that has begun; the newest month that is over where there is none."""
    try:
        found = read_period(text)
    except NoSuchPeriodError:
        found = ReportingPeriod(date.max)
    last = found.last_day if found.kind == DAY else found.first_day
    return found if FIRST_DAY <= last <= today() else ended_before(MONTH, today())


def day_refused() -> str:
    """Say what is wrong with the day that is asked for, if something is."""
    text = request.args.get("day", "")
    if not text or _day(text):
        return ""
    return f"Choose a day from {date_words(FIRST_DAY)} to today. The figures below are those of the last month that has ended."


def _day(text: str) -> date | None:
    try:
        found = date.fromisoformat(text)
    except ValueError:
        return None
    return found if FIRST_DAY <= found <= today() else None


def periods_offered(chosen: ReportingPeriod) -> dict[str, dict[str, str]]:
    """Give the periods to choose from by kind, the newest first; one that is not over yet says so."""
    offered: dict[str, dict[str, str]] = {}
    for name, (kind, number) in OFFERED.items():
        periods = [period_of(kind, today()).back(back) for back in range(number)]
        if kind == chosen.kind and chosen not in periods:
            periods.append(chosen)
        offered[name] = {one.key: _offered(one) for one in periods}
    return offered


def _offered(period: ReportingPeriod) -> str:
    named = f"{period.title} ({period.key[-2:]})" if period.kind == QUARTER else period.title
    return f"{named} (so far)" if period.last_day >= today() else named


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


def new_in(period: ReportingPeriod) -> str:
    """Say in what the new ones are new: a day is counted as the month so far."""
    return f"new in the {MONTH if period.kind == DAY else period.kind}"


def cell_in_words(cell: Cell, asked: Asked) -> str:
    """Say which figure it is: Open, DHR Adult, Mental Health."""
    kinds = rollups.review_types(database())
    parts = [new_in(asked.of)] if cell.new else [cell.status or "all"]
    if cell.converted is not None:
        parts = ["converted to a full review" if cell.converted else "closed without a full review"]
    parts += [kinds[cell.review_type].title] if cell.review_type is not None else []
    parts += [cell.family] if cell.family else []
    parts += [rollups.term_label(database(), asked, cell.vocabulary, cell.code)] if cell.code and cell.vocabulary else []
    words = ", ".join(parts)
    return words[:1].upper() + words[1:]
