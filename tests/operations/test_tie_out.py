"""The tie-out finds each fault that is planted behind the service's back, and nothing in records that are sound."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import timedelta
from typing import Any

from sqlalchemy import Engine, select, text
from sqlalchemy.orm import Session

from scrt_workflow.clock import Clock
from scrt_workflow.database import reading, unit_of_work
from scrt_workflow.jobs import tie_out as job
from scrt_workflow.jobs.freezing import freeze
from scrt_workflow.jobs.work import Work
from scrt_workflow.models import Notice, TieOutFinding
from scrt_workflow.operations import people, tie_out
from scrt_workflow.operations.letters import letter_for
from scrt_workflow.operations.play import play
from scrt_workflow.operations.tie_out_kinds import KINDS
from scrt_workflow.permissions import Role
from scrt_workflow.reports.periods import read_period
from tests.definitions.histories import ready
from tests.definitions.shipped import SHIPPED
from tests.web.invented import DHR, lines_of

JANUARY = read_period("2024-01")
PUBLISHED = "(SELECT id FROM review WHERE state = 'published' AND workflow = 'safeguarding_adult_review')"
ASSURED = "(SELECT id FROM review WHERE state = 'assured')"
STARTED = "(SELECT id FROM review WHERE state = 'in_progress')"
CONVERTED = "(SELECT id FROM review WHERE state = 'converted')"
CHILD = "(SELECT id FROM review WHERE converted_from_id IS NOT NULL)"
SPANS = "known_to IS NULL AND review_id"
COLUMNS = "review_id, from_on, to_on, organisation, workflow, review_type, status, state, known_from, known_to, event_id"
TERMS = "review_id, question, vocabulary, code, rank, from_on, to_on, known_from, known_to, event_id, ended_by_id"
ENGLAND = "(SELECT id FROM rollup WHERE organisation = 'ENG')"
FAULTS: dict[str, tuple[str, list[str]]] = {
    "a SAR is closed in the database, and its spans with it": (
        "closed_without",
        [
            f"UPDATE span SET state = 'closed', status = 'closed' WHERE {SPANS} = {STARTED} AND to_on IS NULL",
            f"UPDATE review SET state = 'closed', status = 'closed', next_due_on = NULL WHERE id = {STARTED}",
        ],
    ),
    "a published report has lost its day": (
        "closed_without",
        [f"DELETE FROM answer WHERE question = 'publication_date' AND review_id = {PUBLISHED}"],
    ),
    "the review that a rapid review became is gone": (
        "converted_without_child",
        [f"UPDATE review SET converted_from_id = NULL WHERE id = {CHILD}"],
    ),
    "a rapid review became two": (
        "converted_without_child",
        ["DROP INDEX one_living_child", f"UPDATE review SET converted_from_id = {CONVERTED} WHERE id = {STARTED}"],
    ),
    "a review is said to come from one that is not converted": (
        "child_without_conversion",
        [f"UPDATE review SET converted_from_id = {STARTED} WHERE id = {CHILD}"],
    ),
    "a review is at a stage that there is not": (
        "stage_unknown",
        [f"UPDATE review SET state = 'lost' WHERE id = {STARTED}"],
    ),
    "a status contradicts the stage": (
        "counts_otherwise",
        [f"UPDATE review SET status = 'closed' WHERE id = {STARTED}"],
    ),
    "a SAR has the type of a DHR": (
        "type_unknown",
        [f"UPDATE review SET review_type = 'dhr_adult' WHERE id = {STARTED}"],
    ),
    "an approval has gone": (
        "approvals_missing",
        [f"DELETE FROM approval WHERE step = 'give_regional_acceptance' AND review_id = {ASSURED}"],
    ),
    "one person gave both approvals": (
        "approved_by_one",
        ["UPDATE approval SET person_id = (SELECT person_id FROM approval WHERE step = 'give_icb_assurance')"],
    ),
    "a review is withdrawn and stays where it is": (
        "withdrawn_otherwise",
        [f"UPDATE review SET withdrawn_at = created_at WHERE id = {STARTED}"],
    ),
    "an event is missing": (
        "history_has_gaps",
        ["DELETE FROM event WHERE step = 'record_learning' AND seq = 4"],
    ),
    "the newest event led elsewhere": (
        "history_ends_elsewhere",
        ["UPDATE event SET to_state = 'referred' WHERE step = 'decide_publication'"],
    ),
    "a review has no span": ("spans_missing", [f"DELETE FROM span WHERE review_id = {STARTED}"]),
    "spans leave a gap": (
        "spans_disjointed",
        [f"DELETE FROM span WHERE {SPANS} = {PUBLISHED} AND state = 'commissioned'"],
    ),
    "spans overlap": (
        "spans_disjointed",
        [f"UPDATE span SET to_on = '2024-03-01' WHERE {SPANS} = {PUBLISHED} AND state = 'commissioned'"],
    ),
    "a span is of another organisation than the review": (
        "spans_differ",
        [f"UPDATE span SET organisation = 'QMF' WHERE {SPANS} = {STARTED}"],
    ),
    "a span is of another type than the review": (
        "spans_differ",
        [f"UPDATE span SET review_type = NULL WHERE {SPANS} = {STARTED}"],
    ),
    "a theme is counted that the record does not name": (
        "terms_differ",
        [f"UPDATE term_span SET code = 'made_up' WHERE {SPANS} = {STARTED} AND rank = 1"],
    ),
    "two themes have one rank": (
        "terms_too_many",
        [f"UPDATE term_span SET rank = 1 WHERE {SPANS} = {STARTED}"],
    ),
    "a review has four themes": (
        "terms_too_many",
        [
            f"INSERT INTO term_span ({TERMS}) SELECT review_id, question, vocabulary, '{code}', {rank}, from_on, to_on, "
            f"known_from, known_to, event_id, ended_by_id FROM term_span WHERE {SPANS} = {STARTED} AND rank = 1"
            for rank, code in ((3, "made_up_1"), (4, "made_up_2"))
        ],
    ),
    "a review had themes before there was a review": (
        "terms_without_review",
        [f"UPDATE term_span SET from_on = '2020-01-01' WHERE {SPANS} = {STARTED}"],
    ),
    "an open review wants no update": ("due_otherwise", [f"UPDATE review SET next_due_on = NULL WHERE id = {STARTED}"]),
    "a deadline ended before it began": (
        "clock_runs_wrong",
        [
            (
                "INSERT INTO clock (review_id, clock, run, started_on, due_on, stopped_on) "
                f"SELECT id, 'review_completed', 1, '2024-02-01', NULL, '2024-01-01' FROM review WHERE id = {STARTED}"
            )
        ],
    ),
    "a monthly change is one too many": (
        "changes_differ",
        ["UPDATE month_change SET net = net + 1 WHERE month = '2024-01' AND organisation = 'QMJ' AND measure = 'open'"],
    ),
    "what was known at the month's end is said to have been learned since": (
        "changes_differ",
        [f"UPDATE span SET known_from = '2024-06-01 00:00:00+00:00' WHERE {SPANS} = {STARTED}"],
    ),
    "a frozen figure was changed": (
        "frozen_changed",
        [f"UPDATE rollup_cell SET n = n + 1 WHERE measure = 'open' AND rollup_id = {ENGLAND}"],
    ),
    "a frozen table counts more themes than reviews": (
        "frozen_does_not_sum",
        [f"UPDATE rollup_cell SET n = n + 9 WHERE measure = 'themes' AND rollup_id = {ENGLAND}"],
    ),
    "England's frozen figures are not those of its regions": (
        "frozen_regions",
        [f"DELETE FROM rollup_cell WHERE measure = 'new' AND rollup_id = {ENGLAND}"],
    ),
    "a frozen table is gone": (
        "frozen_missing",
        ["DELETE FROM rollup WHERE organisation = 'QOP'"],
    ),
}


def lines() -> Iterator[dict[str, Any]]:
    """Tell of a review of each kind that the faults are planted in."""
    yield from lines_of("safeguarding_adult_review", up_to="start", label="1")
    yield from lines_of("safeguarding_adult_review", up_to="decide_publication", label="2")
    yield from lines_of("rapid_review", up_to="decide_next", label="3")
    (*dhr,) = lines_of("domestic_homicide_review", up_to=DHR[-1][0], label="4")
    yield from dhr
    approvals = (
        ("give_icb_assurance", "icb_chief_nurse", "QMJ", {"icb_chief_nurse_assured": "yes"}),
        ("give_regional_acceptance", "regional_chief", "Y56", {"regional_chief_content": "yes"}),
    )
    for day, (step, role, place, answers) in enumerate(approvals, 20):
        who = {"person": f"{role}@example.nhs.uk", "role": role, "organisation": place}
        yield {**dhr[-1], **who, "at": f"2024-01-{day}T10:00:00", "step": step, "answers": answers}


def sound(database: Engine) -> None:
    """Play them, and freeze their month."""
    with unit_of_work(database) as session:
        ready(session, SHIPPED)
        play(session, map(json.dumps, lines()), add_people=True)
    freeze(Work(database, JANUARY.known_at + timedelta(hours=2), Clock()), JANUARY)


@contextmanager
def behind_its_back(database: Engine, statements: list[str]) -> Iterator[Session]:
    """Carry out *statements* with nothing to refuse them, and take everything back in the end."""
    with Session(database) as session:
        on_sqlite = database.dialect.name == "sqlite"
        if on_sqlite:
            for name in session.scalars(text("SELECT name FROM sqlite_master WHERE type = 'trigger'")).all():
                session.execute(text(f"DROP TRIGGER {name}"))
            session.execute(text("PRAGMA defer_foreign_keys = ON"))
        else:
            session.execute(text("SET LOCAL session_replication_role = replica"))
        for statement in statements:
            changed = session.connection().exec_driver_sql(statement).rowcount
            assert changed or statement.startswith("DROP"), statement
        yield session
        session.rollback()


def test_sound_records_and_figures_have_no_fault(database: Engine) -> None:
    sound(database)

    with reading(database) as session:
        assert tie_out.look(session) == []


def test_each_planted_fault_is_found_and_named(database: Engine) -> None:
    sound(database)
    missed = {}

    for name, (kind, statements) in FAULTS.items():
        with behind_its_back(database, statements) as session:
            found = Counter(fault.kind for fault in tie_out.look(session))
        if not found[kind]:
            missed[name] = dict(found)

    assert missed == {}
    assert len(FAULTS) >= 20
    assert {kind for kind, _ in FAULTS.values()} == set(KINDS)


def test_administrators_are_told_once_a_day_and_find_references_alone(database: Engine) -> None:
    sound(database)
    with unit_of_work(database) as session:
        person = people.add_person(session, email="administrator@example.nhs.uk", name="Ada", at=JANUARY.known_at)
        people.grant_role(session, person, Role.ADMINISTRATOR, "ENG", valid_from=JANUARY.first_day, at=JANUARY.known_at)
        session.execute(text(f"UPDATE review SET status = 'closed' WHERE id = {STARTED}"))
        reference = session.scalar(text(f"SELECT reference FROM review WHERE id = {STARTED}"))
    work = Work(database, JANUARY.known_at + timedelta(hours=4), Clock())

    outcomes = [job.run(work), job.run(work)]

    assert outcomes[0] == outcomes[1] == {"found": 2, "counts_otherwise": 1, "spans_differ": 1}
    with reading(database) as session:
        (notice,) = session.scalars(select(Notice).where(Notice.template == "to_administrators"))
        letter = letter_for(session, notice, on=work.day, address="https://reviews.example.nhs.uk")
        found = session.execute(select(TieOutFinding.kind, TieOutFinding.subject).order_by(TieOutFinding.kind)).all()
    assert (letter.to, letter.subject) == ("administrator@example.nhs.uk", "Records or figures contradict each other")
    assert "Counted otherwise than its stage says: 1" in letter.text
    assert "https://reviews.example.nhs.uk/jobs/tie-out" in letter.text
    assert reference not in letter.text
    assert [tuple(row) for row in found] == [("counts_otherwise", reference), ("spans_differ", reference)]
