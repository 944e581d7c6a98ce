"""Letters to administrators about the service: figures that were not frozen, and what the tie-out found. No review's words."""

from __future__ import annotations

from datetime import date, datetime

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from scrt_workflow.models import Notice, TieOutFinding
from scrt_workflow.operations.notices import people_in, queue
from scrt_workflow.operations.tie_out_kinds import KINDS
from scrt_workflow.permissions import Role
from scrt_workflow.reference import ENGLAND
from scrt_workflow.reports.periods import read_period
from scrt_workflow.working_days import local_date

TO_ADMINISTRATORS = "to_administrators"
NOT_FROZEN, TIE_OUT = "not_frozen", "tie_out"


def tell(session: Session, topic: str, about: str, *, at: datetime) -> int:
    """Queue a letter to each administrator, once: NOT_FROZEN *about* a period, TIE_OUT about a day."""
    people = people_in(session, [Role.ADMINISTRATOR], ENGLAND, on=local_date(at))
    refs = {"topic": topic, "about": about}
    return queue(session, TO_ADMINISTRATORS, people, once=f"administrators:{topic}:{about}", refs=refs, at=at)


def may_read(session: Session, notice: Notice, *, on: date) -> bool:
    """Say whether the reader of *notice* is still an administrator."""
    return notice.person_id in people_in(session, [Role.ADMINISTRATOR], ENGLAND, on=on)


def words_for(session: Session, notice: Notice, *, address: str) -> tuple[str, str, str]:
    """Give the subject, the text and the link of the letter."""
    about = notice.refs["about"]
    if notice.refs["topic"] == NOT_FROZEN:
        title, link = read_period(about).title, f"{address}/jobs"
        said = f"The figures for {title} contradict each other, so nothing was frozen. See what does not sum: {link}"
        return f"The figures for {title} were not frozen", said, link
    link = f"{address}/jobs/tie-out"
    query = select(TieOutFinding.kind, func.count()).group_by(TieOutFinding.kind).order_by(TieOutFinding.kind)
    counts = [f"{KINDS[kind]}: {number}" for kind, number in session.execute(query) if kind in KINDS]
    day = date.fromisoformat(about)
    lines = "\n".join(counts) or "What was found has been put right since."
    said = f"The tie-out of {day.day} {day:%B %Y} found something that cannot be.\n\n{lines}\n\nSee where: {link}"
    return "Records or figures contradict each other", said, link
