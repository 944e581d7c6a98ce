"""What leads are told when a period has ended: the figures of an organisation and those of the periods before it, in one."""

from __future__ import annotations

from datetime import date, datetime

from sqlalchemy import or_, select
from sqlalchemy.orm import Session

from scrt_workflow.models import Membership, Organisation, Person
from scrt_workflow.operations import frozen
from scrt_workflow.operations.counting import totals
from scrt_workflow.operations.notices import LENT, Wanted, queue_all
from scrt_workflow.operations.organisations import exists_on, find_organisation
from scrt_workflow.operations.rollups import period_asked, review_types, roll_up
from scrt_workflow.permissions import Role
from scrt_workflow.reports.figures import MonthLine, Rollup, Summary, summarise
from scrt_workflow.reports.periods import ReportingPeriod
from scrt_workflow.working_days import local_date

ENDS_SHOWN = 6
PERIOD_SUMMARY = "period_summary"
"""The template of the letter that tells leads the figures."""
LEADS = (Role.ICB_LEAD, Role.REGIONAL_LEAD, Role.NATIONAL_LEAD)
"""Who is sent the figures of the organisation in which they hold the role: those who answer for it, not those who assure."""


def summary_of(
    session: Session, organisation: str, period: ReportingPeriod, *, today: date, known_on: date | None = None,
    grouped_on: date | None = None, organised_on: date | None = None, as_recorded: bool = True,
) -> Summary:  # fmt: skip
    """Give the figures of *organisation* for *period*, or so far, with those of the five periods before it.

    They are the frozen ones *as_recorded*, where there are any. Raises ValueError, or NoSuchOrganisationError.
    """
    asked = period_asked(session, organisation, period, known_on=known_on, grouped_on=grouped_on, organised_on=organised_on)
    row = frozen.find_frozen(session, organisation, period) if as_recorded else None
    rollup = frozen.as_frozen(session, row, period) if row else roll_up(session, asked)
    since = None if row else known_on  # beside frozen figures stand those that were frozen before them
    ends = ends_of(session, organisation, period, known_on=since, organised_on=organised_on, as_recorded=as_recorded)
    return in_one(session, rollup, ends, today=today)


def summary_to_send(session: Session, organisation: str, period: ReportingPeriod, *, today: date) -> Summary:
    """Give the figures that leads are sent: those on the page.

    Of an organisation that began after the period they are those of the organisations that it took over from, as known then.
    """
    begins = find_organisation(session, organisation).valid_from
    if begins <= period.last_day:
        return summary_of(session, organisation, period, today=today)
    return summary_of(session, organisation, period, today=today, known_on=period.last_day, organised_on=begins)


def in_one(session: Session, rollup: Rollup, ends: list[MonthLine], *, today: date) -> Summary:
    """Put figures and the ends of periods up to them in one."""
    converted = frozenset(key for key, kind in review_types(session).items() if kind.converted)
    return summarise(rollup, ends, converted=converted, today=today)


def ends_of(
    session: Session, organisation: str, period: ReportingPeriod, *, known_on: date | None = None,
    organised_on: date | None = None, as_recorded: bool = True,
) -> list[MonthLine]:  # fmt: skip
    """Give what was open and closed at the last six ends of such periods, *period* last: frozen where it is *as_recorded*."""
    periods = [period.back(back) for back in range(ENDS_SHOWN - 1, -1, -1)]
    kept = frozen.frozen_totals(session, organisation, periods) if as_recorded else {}
    lines = []
    for one in periods:
        if one in kept and known_on is None:
            opened, closed = kept[one]
        else:
            asked = period_asked(session, organisation, one, known_on=known_on, organised_on=organised_on)
            opened, closed = totals(session, asked)
        lines.append(MonthLine(one.last_day.replace(day=1), opened, closed, opened + closed))
    return lines


def queue_summaries(session: Session, period: ReportingPeriod, *, at: datetime) -> int:
    """Queue the summary of *period* to those who lead an organisation at a moment: one for each that they lead.

    While somebody else has borrowed the role, it goes to them. Queued again, it is sent once. Gives how many were new.
    """
    day = local_date(at)
    leads = select(Membership.organisation, Membership.person_id).distinct()
    leads = leads.join(Person, Person.id == Membership.person_id)
    leads = leads.join(Organisation, Organisation.code == Membership.organisation)
    leads = leads.where(
        Membership.role.in_([role.value for role in LEADS]),
        Membership.id.not_in(LENT),
        Membership.valid_from <= day,
        or_(Membership.valid_to.is_(None), Membership.valid_to > day),
        Person.disabled_at.is_(None),
        *exists_on(day),
    )
    rows = session.execute(leads.order_by(Membership.organisation, Membership.person_id), {"on": day})
    wanted: list[Wanted] = []
    for row in rows:
        refs = {"organisation": row.organisation, "period": period.key}
        wanted.append((f"summary:{period.key}:{row.organisation}:{row.person_id}", PERIOD_SUMMARY, row.person_id, refs))
    return len(queue_all(session, wanted, at=at))
