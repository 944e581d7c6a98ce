"""What leads are told at a month's end: the figures of an organisation and the month-ends before it, in one."""

from __future__ import annotations

from datetime import date, datetime

from sqlalchemy import or_, select
from sqlalchemy.orm import Session

from scrt_workflow.models import Membership, Organisation, Person
from scrt_workflow.operations.notices import Wanted, queue_all
from scrt_workflow.operations.organisations import exists_on
from scrt_workflow.operations.rollups import month_asked, review_types, roll_up, totals
from scrt_workflow.permissions import Role
from scrt_workflow.reports.figures import MonthLine, Summary, summarise
from scrt_workflow.working_days import add_months, local_date

MONTHS_SHOWN = 6
MONTH_END_SUMMARY = "month_end_summary"
"""The template of the letter that tells leads the figures."""
LEADS = (Role.ICB_LEAD, Role.REGIONAL_LEAD, Role.NATIONAL_LEAD)
"""Who is sent the figures of the organisation in which they hold the role: those who answer for it, not those who assure."""


def summary_of(
    session: Session,
    organisation: str,
    month: str,
    *,
    today: date,
    known_on: date | None = None,
    grouped_on: date | None = None,
) -> Summary:
    """Give the figures of *organisation* at the end of *month* (`2024-10`), or so far, with the five month-ends before.

    Raises ValueError, or NoSuchOrganisationError.
    """
    asked = month_asked(session, organisation, month, known_on=known_on, grouped_on=grouped_on)
    trend = month_ends(session, organisation, asked.first_day, known_on=known_on)
    converted = frozenset(key for key, kind in review_types(session).items() if kind.converted)
    return summarise(roll_up(session, asked), trend, converted=converted, today=today)


def month_ends(session: Session, organisation: str, month: date, *, known_on: date | None = None) -> list[MonthLine]:
    """Count what was open and closed at the last six month-ends up to that of *month*, its first day; the newest last."""
    lines = []
    for back in range(MONTHS_SHOWN - 1, -1, -1):
        first = add_months(month, -back)
        opened, closed = totals(session, month_asked(session, organisation, f"{first:%Y-%m}", known_on=known_on))
        lines.append(MonthLine(first, opened, closed, opened + closed))
    return lines


def queue_summaries(session: Session, month: str, *, at: datetime) -> int:
    """Queue the summary of *month* (`2024-10`) to those who lead an organisation at a moment: one for each that they lead.

    Queued again, it is sent once. Gives how many were new.
    """
    day = local_date(at)
    leads = select(Membership.organisation, Membership.person_id).distinct()
    leads = leads.join(Person, Person.id == Membership.person_id)
    leads = leads.join(Organisation, Organisation.code == Membership.organisation)
    leads = leads.where(
        Membership.role.in_([role.value for role in LEADS]),
        Membership.valid_from <= day,
        or_(Membership.valid_to.is_(None), Membership.valid_to > day),
        Person.disabled_at.is_(None),
        *exists_on(day),
    )
    rows = session.execute(leads.order_by(Membership.organisation, Membership.person_id))
    wanted: list[Wanted] = []
    for row in rows:
        refs = {"organisation": row.organisation, "month": month}
        wanted.append((f"month-end:{month}:{row.organisation}:{row.person_id}", MONTH_END_SUMMARY, row.person_id, refs))
    return len(queue_all(session, wanted, at=at))
