"""The table of net changes of each month, as known at one moment (its watermark), and how it is brought to another.

Only what was known otherwise between the two moments is counted again, so that the cost follows what changed and not all history.
A change is worked out from rows that no transaction alters any more: the moment must lie further back than any transaction in
flight can have begun. It can lie before the watermark, too.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator
from dataclasses import dataclass, field
from datetime import datetime
from itertools import islice
from typing import Any
from uuid import UUID

from sqlalchemy import and_, delete, func, or_, select
from sqlalchemy.orm import Session

from scrt_workflow.models import MonthChange, Review, ServiceSetting, Span, TermSpan
from scrt_workflow.operations.counting import VOCABULARIES, Placed, known
from scrt_workflow.operations.net_changes import Been, Changes, Had, Known, changes_of
from scrt_workflow.operations.tables import dialect_of, in_both_dialects, table_of
from scrt_workflow.reports.figures import NEW
from scrt_workflow.reports.periods import ReportingPeriod

WATERMARK = "month_changes_known_at"
AT_ONCE = 2_000
CHANGES = table_of(MonthChange)
KEY = ("month", "organisation", "review_type", "measure", "code")


def _adding(insert: Any) -> Any:
    made = insert(CHANGES)
    return made.on_conflict_do_update(index_elements=KEY, set_={"net": CHANGES.c.net + made.excluded.net})


ADD = in_both_dialects(_adding)


class MovedOnError(Exception):
    """Another process has brought the table to another moment meanwhile; what was worked out is of no use."""


@dataclass(frozen=True, slots=True)
class Difference:
    """What brings the table from one moment (None: from nothing) to another, and how many reviews were counted for it."""

    was: datetime | None
    now: datetime
    changes: Changes = field(default_factory=Changes)
    reviews: int = 0


def watermark(session: Session, *, hold: bool = False) -> datetime | None:
    """Give the moment as known at which the table is; None where there is none yet. *hold* keeps others from moving it."""
    query = select(ServiceSetting.value).where(ServiceSetting.key == WATERMARK)
    found = session.scalar(query.with_for_update() if hold else query)
    return datetime.fromisoformat(found) if found else None


def difference(session: Session, moment: datetime, *, afresh: bool = False) -> Difference:
    """Work out what brings the table to *moment*; *afresh* from nothing. It writes nothing, and may take its time."""
    was = None if afresh else watermark(session)
    changes, number = Changes(), 0
    ids = _all(session) if was is None else touched(session, was, moment)
    for some in batches(ids):
        number += len(some)
        for review in known_of(session, some, moment).values():
            changes.update(changes_of(review))
        if was is not None:
            for review in known_of(session, some, was).values():
                changes.subtract(changes_of(review))
    return Difference(was, moment, Changes({key: net for key, net in changes.items() if net}), number)


def apply(session: Session, found: Difference) -> None:
    """Bring the table to where *found* leads. Raises MovedOnError where it is not any more where that began."""
    is_at = watermark(session, hold=True)
    if found.was is None:
        session.execute(delete(MonthChange))
    elif is_at != found.was:
        raise MovedOnError
    rows = [dict(zip((*KEY, "net"), (*key, net), strict=True)) for key, net in found.changes.items()]
    add = ADD[dialect_of(session)]
    for start in range(0, len(rows), AT_ONCE):
        session.connection().execute(add, rows[start : start + AT_ONCE])
    session.execute(delete(MonthChange).where(MonthChange.net == 0))
    session.merge(ServiceSetting(key=WATERMARK, value=found.now.isoformat()))
    session.flush()


def sums(session: Session, period: ReportingPeriod) -> Placed:
    """Give every figure at the end of *period*, by the organisation that had the reviews, as known at the watermark."""
    until, since = f"{period.last_day:%Y-%m}", f"{period.first_day:%Y-%m}"
    kept = or_(MonthChange.measure != NEW, MonthChange.month >= since)
    by = (MonthChange.organisation, MonthChange.review_type, MonthChange.measure, MonthChange.code)
    total = func.sum(MonthChange.net)
    query = select(*by, total).where(MonthChange.month <= until, kept).group_by(*by).having(total != 0)
    return Placed({(row[0], row[1], row[2], row[3]): int(row[4]) for row in session.execute(query)})


def touched(session: Session, one: datetime, other: datetime) -> set[UUID]:
    """Give the reviews of which anything was known otherwise at one moment than at the other, with those they came from."""
    first, last = sorted((one, other))
    found: set[UUID] = set()
    for row in (Span, TermSpan):
        for moment in (row.known_from, row.known_to):
            found.update(session.scalars(select(row.review_id).where(moment >= first, moment < last).distinct()))
    for some in batches(set(found)):
        parents = select(Review.converted_from_id).where(Review.id.in_(some), Review.converted_from_id.is_not(None))
        found.update(parent for parent in session.scalars(parents) if parent)
    return found


def known_of(session: Session, ids: Collection[UUID], moment: datetime | None) -> dict[UUID, Known]:
    """Give what was known of reviews at *moment* (None: now); those of which nothing was are left out."""
    found: dict[UUID, Known] = {}
    columns = (Span.review_id, Span.from_on, Span.to_on, Span.organisation, Span.review_type, Span.status, Span.event_id)
    for row in session.execute(select(*columns).where(Span.review_id.in_(ids), known(Span, moment))):
        been = Been(row[1], row[2], row[3], row[4] or "", row[5], row[6])
        found.setdefault(row[0], Known()).been.append(been)
    terms = select(TermSpan.review_id, TermSpan.from_on, TermSpan.to_on, TermSpan.vocabulary, TermSpan.code)
    terms = terms.where(TermSpan.review_id.in_(ids), TermSpan.vocabulary.in_(list(VOCABULARIES)), known(TermSpan, moment))
    for review, from_on, to_on, vocabulary, code in session.execute(terms):
        found.setdefault(review, Known()).had.append(Had(from_on, to_on, VOCABULARIES[vocabulary], code))
    for parent, first_day in session.execute(_first_days_opened(ids, moment)):
        found.setdefault(parent, Known()).opened_on = first_day
    return found


def _first_days_opened(ids: Collection[UUID], moment: datetime | None) -> Any:
    """Select the first day of the living review that each of *ids* opened."""
    first_day = func.min(Span.from_on)
    query = select(Review.converted_from_id, first_day).join(Span, Span.review_id == Review.id)
    query = query.where(Review.converted_from_id.in_(ids), known(Span, moment)).group_by(Review.converted_from_id)
    if moment is None:
        return query.where(Review.withdrawn_at.is_(None))
    living = or_(Review.withdrawn_at.is_(None), Review.withdrawn_at >= moment)
    return query.where(and_(living, Review.created_at < moment))


def _all(session: Session) -> Iterable[UUID]:
    return session.scalars(select(Review.id)).all()


def batches(ids: Iterable[UUID]) -> Iterator[list[UUID]]:
    """Give *ids* in order, a statement's worth at a time."""
    rest = iter(sorted(ids))
    while some := list(islice(rest, AT_ONCE)):
        yield some


def kept(session: Session) -> Changes:
    """Give the whole table."""
    columns = [CHANGES.c[name] for name in (*KEY, "net")]
    return Changes({(row[0], row[1], row[2], row[3], row[4]): row[5] for row in session.execute(select(*columns))})
