"""The tie-out: each night everything that is kept twice is held against itself, and what cannot be is listed for administrators.

It names references of reviews, organisations and periods, and nothing that anybody wrote.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import date
from itertools import islice
from typing import Any, NamedTuple
from uuid import UUID

from sqlalchemy import delete, func, insert, select
from sqlalchemy.orm import Session

from scrt_workflow import catalogue
from scrt_workflow.models import Answer, Approval, ClockRun, Event, Organisation, Review, Rollup, Span, TermSpan, TieOutFinding
from scrt_workflow.operations import freezing, frozen, month_changes
from scrt_workflow.operations.counting import Cells
from scrt_workflow.operations.history import REBASE_UNDONE, REBASED
from scrt_workflow.operations.organisations import organisations_on
from scrt_workflow.operations.tables import table_of
from scrt_workflow.operations.tie_out_reviews import Seen, Stretch, Term, faults_of
from scrt_workflow.reports.periods import ReportingPeriod, read_period
from scrt_workflow.workflows.schema import Definition

AT_ONCE = 2_000
LOOKED_AT = (
    "id", "reference", "definition_version_id", "workflow", "state", "status", "state_since", "review_type", "responsible",
    "version", "withdrawn_at", "next_due_on",
)  # fmt: skip


class Fault(NamedTuple):
    """Something that cannot be: its kind (`tie_out_kinds`), and what it is about."""

    kind: str
    subject: str


def look(session: Session) -> list[Fault]:
    """Look for everything that cannot be, in reviews and in figures."""
    return sorted({*_of_reviews(session), *_of_frozen(session), *_of_changes(session)})


def keep(session: Session, faults: Sequence[Fault], *, on: date) -> None:
    """Let what was found before make way for *faults*."""
    session.execute(delete(TieOutFinding))
    if faults:
        session.execute(insert(TieOutFinding), [{**fault._asdict(), "found_on": on} for fault in faults])


def how_many_found(session: Session) -> int:
    """Count what the last tie-out found."""
    return session.scalar(select(func.count()).select_from(TieOutFinding)) or 0


def _of_reviews(session: Session) -> Iterator[Fault]:
    columns = [table_of(Review).c[name] for name in LOOKED_AT]
    rows = iter(session.execute(select(*columns).order_by(Review.id)).all())
    while some := list(islice(rows, AT_ONCE)):
        for seen in _seen(session, some).values():
            definition = catalogue.definition(session, seen.row.definition_version_id)
            yield from (Fault(kind, seen.row.reference) for kind in faults_of(seen, definition))


def _seen(session: Session, rows: Sequence[Any]) -> dict[UUID, Seen]:
    """Read everything that is kept of some reviews."""
    found = {row.id: Seen(row) for row in rows}
    streams = {f"review:{row.id}": found[row.id] for row in rows}
    ids = list(found)
    spans = select(Span.review_id, *(table_of(Span).c[name] for name in Stretch._fields))
    for row in session.execute(spans.where(Span.review_id.in_(ids), Span.known_to.is_(None)).order_by(Span.event_id)):
        found[row[0]].spans.append(Stretch(*row[1:]))
    terms = select(TermSpan.review_id, *(table_of(TermSpan).c[name] for name in Term._fields))
    for row in session.execute(terms.where(TermSpan.review_id.in_(ids), TermSpan.known_to.is_(None))):
        found[row[0]].terms.append(Term(*row[1:]))
    approvals = select(Approval.review_id, Approval.step, Approval.person_id).where(Approval.voided_seq.is_(None))
    for review, step, person in session.execute(approvals.where(Approval.review_id.in_(ids))):
        found[review].approved.append((step, person))
    children = select(Review.converted_from_id, func.count()).where(Review.withdrawn_at.is_(None))
    for parent, number in session.execute(children.where(Review.converted_from_id.in_(ids)).group_by(Review.converted_from_id)):
        found[parent].children = number
    for review, clock, started, stopped in session.execute(
        select(ClockRun.review_id, ClockRun.clock, ClockRun.started_on, ClockRun.stopped_on).where(ClockRun.review_id.in_(ids))
    ):
        found[review].clocks.append((clock, started, stopped))
    _read_answers(session, found)
    _read_history(session, streams)
    return found


def _read_answers(session: Session, found: dict[UUID, Seen]) -> None:
    """Read the answers that date an outcome or are terms."""
    versions = {seen.row.definition_version_id for seen in found.values()}
    questions = {key for one in versions for key in _questions(catalogue.definition(session, one))}
    answers = select(Answer.review_id, Answer.question, Answer.value)
    for review, question, value in session.execute(
        answers.where(Answer.review_id.in_(list(found)), Answer.question.in_(sorted(questions)))
    ):
        found[review].answers[question] = value


def _questions(definition: Definition) -> frozenset[str]:
    return definition.workflow.dating | {key for key, one in definition.questions.items() if one.type == "ranked_choices"}


def _read_history(session: Session, streams: dict[str, Seen]) -> None:
    """Read how far the history of each review goes, where it led, and when the review went on under another version."""
    names = list(streams)
    counted = select(Event.stream, func.min(Event.seq), func.max(Event.seq), func.count()).where(Event.stream.in_(names))
    for stream, least, greatest, number in session.execute(counted.group_by(Event.stream)):
        streams[stream].events = (least, greatest, number)
    newest = counted.with_only_columns(Event.stream, func.max(Event.seq).label("seq")).group_by(Event.stream).subquery()
    led = select(Event.stream, Event.to_state).join(newest, (newest.c.stream == Event.stream) & (newest.c.seq == Event.seq))
    for stream, to_state in session.execute(led):
        streams[stream].led_to = to_state
    rebased = select(Event.stream, Event.id).where(Event.kind.in_((REBASED, REBASE_UNDONE)), Event.stream.in_(names))
    for stream, event_id in session.execute(rebased):
        streams[stream].rebases |= {event_id}


def _of_changes(session: Session) -> Iterator[Fault]:
    """Hold the net changes against a rebuild from nothing, as known at the same moment."""
    moment = month_changes.watermark(session)
    if moment is None:
        return
    wanted = month_changes.difference(session, moment, afresh=True).changes
    kept = month_changes.kept(session)
    for key in wanted.keys() | kept.keys():
        if wanted[key] != kept[key]:
            month, organisation, *_ = key
            yield Fault("changes_differ", f"{organisation}, {month}")


def _of_frozen(session: Session) -> Iterator[Fault]:
    """Hold the frozen figures against their digests and each other."""
    periods: dict[ReportingPeriod, dict[str, Cells]] = {}
    for row in session.scalars(select(Rollup)):
        period, cells = read_period(row.period), frozen.cells_of(session, row.id)
        periods.setdefault(period, {})[row.organisation] = cells
        where = f"{row.organisation}, {period.title}"
        if row.digest != frozen.digest_of(row.basis, cells):
            yield Fault("frozen_changed", where)
        if any(freezing.rows_that_do_not_sum(row.organisation, cells)):
            yield Fault("frozen_does_not_sum", where)
    kinds = {row.code: row.kind for row in session.execute(select(Organisation.code, Organisation.kind))}
    for period, tables in periods.items():
        if any(freezing.regions_that_do_not_sum(tables, kinds)):
            yield Fault("frozen_regions", period.title)
        missing = {one.code for one in organisations_on(session, period.last_day)} - tables.keys()
        yield from (Fault("frozen_missing", f"{code}, {period.title}") for code in missing)
