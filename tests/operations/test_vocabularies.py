"""Vocabularies change from a day on: old records keep their term, figures keep their labels, and nobody overwrites another."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import UTC, date, datetime
from typing import Any

import pytest
from sqlalchemy import func, select
from sqlalchemy.orm import Session

from scrt_workflow import catalogue
from scrt_workflow.database import make_engine
from scrt_workflow.folder import read_sources
from scrt_workflow.models import Event, EventBody, Review
from scrt_workflow.operations import definitions, history, rollups, steps, vocabularies, vocabulary_changes
from scrt_workflow.operations.counting import Cell
from scrt_workflow.operations.records import record_of
from scrt_workflow.operations.vocabulary_wishes import Change, StaleVocabularyError, VocabularyRefusedError, Wish, stream_of
from scrt_workflow.reports.figures import TermRow, as_json
from tests.definitions.histories import ABOUT, ADULTS, History, ready
from tests.definitions.shipped import SAR, SHIPPED

NOW = datetime(2024, 11, 20, 10, tzinfo=UTC)
DECEMBER = date(2024, 12, 1)
ABUSE, VIOLENCE, NEGLECT, HEALTH = "T08", "T09", "T22", "T19"


@pytest.fixture
def session(database_url: str) -> Iterator[Session]:
    yield from on(database_url)


@pytest.fixture
def on_sqlite(sqlite_url: str) -> Iterator[Session]:
    yield from on(sqlite_url)


def on(url: str) -> Iterator[Session]:
    engine = make_engine(url)
    with Session(engine) as found:
        ready(found, SHIPPED)
        yield found
    engine.dispose()


def wish(session: Session, vocabulary: str = "themes", *, on: date = DECEMBER, at: datetime = NOW, **more: Any) -> Wish:
    said = {"reason": "The steering group decided it.", "actor": None, **more}
    read_at = said.pop("read_at", history.head_of(session, stream_of(vocabulary)).seq)
    return Wish(vocabulary, on=on, at=at, read_at=read_at, **said)


def merge_violence(session: Session, **more: Any) -> Change:
    return vocabulary_changes.merge_terms(session, wish(session, **more), [VIOLENCE], into=ABUSE)


def review(session: Session, themes: Sequence[str], number: int = 1) -> Review:
    """Make a SAR with these themes, open from 10 January 2024."""
    made = History(session, SAR, at=datetime(2024, 1, 9 + number, 10, tzinfo=UTC))
    about = {**ABOUT, "themes": list(themes), "identifier_ref_1": f"2023/{number}"}
    made.then("refer", referred_on="2024-01-10", partnership=ADULTS, **about)
    return made.then("commission", decided_on="2024-01-10", commissioned_on="2024-01-10").review()


def offered(session: Session, on: date, vocabulary: str = "themes") -> dict[str, str]:
    return catalogue.terms(session, vocabulary, on=on)


def counted(session: Session, month: str, *, grouped: bool = False, known_on: date | None = None) -> dict[str, TermRow]:
    grouped_on = date(2025, 1, 1) if grouped else None
    asked = rollups.month_asked(session, "QMJ", month, grouped_on=grouped_on, known_on=known_on)
    return {row.label: row for row in rollups.roll_up(session, asked).terms["themes"]}


def test_a_term_is_offered_from_its_day_and_not_before(session: Session) -> None:
    said = vocabulary_changes.add_term(session, wish(session), "Cuckooing").says

    assert said == ["From 1 December 2024 new answers may choose ‘Cuckooing’."]
    assert "Cuckooing" not in offered(session, date(2024, 11, 30)).values()
    assert offered(session, DECEMBER)["T35"] == "Cuckooing"


def test_a_term_is_worded_otherwise_from_a_day_and_month_ends_keep_the_wording_of_theirs(session: Session) -> None:
    review(session, ["Aces"])
    vocabulary_changes.reword_term(session, wish(session, on=date(2024, 9, 15)), "T01", "Adverse Childhood Experiences")

    assert counted(session, "2024-08")["Aces"].count == 1
    assert counted(session, "2024-09")["Adverse Childhood Experiences"].count == 1
    then = counted(session, "2024-09", known_on=date(2024, 10, 1))
    assert then["Aces"].count == 1, "The wording was decided on 20 November: nobody knew it on 1 October."


def test_a_review_keeps_a_merged_term_and_its_form_says_what_took_its_place(session: Session) -> None:
    kept = review(session, ["Domestic Violence", "Neglect"])
    said = merge_violence(session, on=date(2024, 11, 1)).says

    assert said == [
        "From 1 November 2024 new answers choose ‘Domestic Abuse’ in place of ‘Domestic Violence’.",
        "1 review keeps ‘Domestic Violence’; reports as now grouped count them under ‘Domestic’, the group of ‘Domestic Abuse’.",
    ]
    record = record_of(session, kept, catalogue.definition(session, kept.definition_version_id))
    correct = record.definition.workflow.steps["correct"]
    setting = steps.setting_for(session, record, correct, today=NOW.date())
    themes = record.definition.questions["themes"]
    assert setting.options(themes)[VIOLENCE] == "Domestic Violence"
    assert setting.notes(themes, ()) == (
        "‘Domestic Abuse’ took the place of ‘Domestic Violence’ on 1 November 2024. This review may keep it."
    )
    raw = {"what_to_correct": ["themes"], "correction_reason": ["It was wrong."], "themes": [VIOLENCE, HEALTH]}
    assert steps.read(session, record, correct, raw, today=NOW.date()).answers["themes"] == [VIOLENCE, HEALTH]

    other = record_of(session, review(session, ["Neglect"], number=2), record.definition)
    assert VIOLENCE not in steps.setting_for(session, other, correct, today=NOW.date()).options(themes)
    assert "themes" in steps.read(session, other, correct, raw, today=NOW.date()).errors


def test_as_now_grouped_a_merged_term_counts_as_its_successor_and_a_group_counts_a_review_once(session: Session) -> None:
    review(session, ["Domestic Violence", "Domestic Abuse"])
    review(session, ["Domestic Violence"], number=2)
    recorded = counted(session, "2024-10")
    assert (recorded["Domestic Violence"].count, recorded["Domestic Abuse"].count) == (2, 1)
    assert counted(session, "2024-10", grouped=True)["Domestic"] == TermRow(
        "group:domestic", "Domestic", 2, ("Domestic Abuse", "Domestic Violence")
    )

    vocabulary_changes.group_terms(session, wish(session), [ABUSE, VIOLENCE], "")
    merge_violence(session)

    assert counted(session, "2024-10") == recorded
    grouped = counted(session, "2024-10", grouped=True)
    assert "Domestic Violence" not in grouped
    assert grouped["Domestic Abuse"] == TermRow(ABUSE, "Domestic Abuse", 2, ("Domestic Abuse", "Domestic Violence"))
    asked = rollups.month_asked(session, "QMJ", "2024-10", grouped_on=date(2025, 1, 1))
    behind = rollups.reviews_behind(session, asked, Cell(vocabulary="themes", code=ABUSE))
    assert len(session.scalars(behind).all()) == 2


def test_the_figures_as_recorded_say_nothing_of_groups(session: Session) -> None:
    asked = rollups.month_asked(session, "QMJ", "2024-10")

    made = as_json(rollups.roll_up(session, asked))

    assert "grouped_on" not in made
    assert {tuple(row) for row in made["themes"]} == {("theme", "count")}


def test_a_split_term_stays_a_row_of_its_own_unless_its_parts_share_one(session: Session) -> None:
    review(session, ["LAC"])
    vocabulary_changes.group_terms(session, wish(session), ["T17"], "")
    parts = ["Looked-after children", "Care leavers"]
    vocabulary_changes.split_term(session, wish(session), "T17", parts)
    assert set(parts) < set(offered(session, DECEMBER).values())
    assert "T17" not in offered(session, DECEMBER)
    assert counted(session, "2024-10", grouped=True)["LAC"].count == 1

    made = [code for code, label in offered(session, DECEMBER).items() if label in parts]
    vocabulary_changes.group_terms(session, wish(session), made, "Children in care")

    assert counted(session, "2024-10", grouped=True)["Children in care"].count == 1


def test_a_retired_term_can_be_brought_back(session: Session) -> None:
    merge_violence(session)
    assert VIOLENCE not in offered(session, DECEMBER)

    vocabulary_changes.bring_back_term(session, wish(session), VIOLENCE)

    assert offered(session, DECEMBER)[VIOLENCE] == "Domestic Violence"
    assert vocabularies.terms_of(session, "themes")[VIOLENCE].successors == ()


REFUSED: dict[str, Any] = {
    "There is a term ‘Neglect’ already.": lambda s: vocabulary_changes.add_term(s, wish(s), " NEGLECT  "),
    "Enter the wording of the term.": lambda s: vocabulary_changes.add_term(s, wish(s), " … "),
    "Write this on one line.": lambda s: vocabulary_changes.add_term(s, wish(s), "One\ntwo"),
    "Use 100 characters or fewer": lambda s: vocabulary_changes.add_term(s, wish(s), "x" * 101),
    "hidden marks": lambda s: vocabulary_changes.add_term(s, wish(s), "Cuck\u202eooing"),
    "is the code of ‘Neglect’": lambda s: vocabulary_changes.add_term(s, wish(s), "t22"),
    "Say why": lambda s: vocabulary_changes.add_term(s, wish(s, reason=" "), "Cuckooing"),
    "Choose a day from 1 April 2013": lambda s: vocabulary_changes.add_term(s, wish(s, on=date(2013, 3, 31)), "Cuckooing"),
    "worded so already": lambda s: vocabulary_changes.reword_term(s, wish(s), NEGLECT, "Neglect"),
    "‘Suicide’ already": lambda s: vocabulary_changes.reword_term(s, wish(s), NEGLECT, "suicide"),
    "Choose a term of this vocabulary": lambda s: vocabulary_changes.retire_term(s, wish(s), "T99"),
    "Choose at least two terms": lambda s: vocabulary_changes.merge_terms(s, wish(s), [NEGLECT], into="", label="New"),
    "at least two terms to": lambda s: vocabulary_changes.merge_terms(s, wish(s), [NEGLECT], into=NEGLECT),
    "a wording of its own": lambda s: vocabulary_changes.split_term(s, wish(s), NEGLECT, ["neglect", "Other neglect"]),
    "at least two different": lambda s: vocabulary_changes.split_term(s, wish(s), NEGLECT, ["Other neglect", ""]),
    "was not retired": lambda s: vocabulary_changes.bring_back_term(s, wish(s), NEGLECT),
    "cannot be changed here": lambda s: vocabulary_changes.add_term(s, wish(s, "publication_status"), "Withheld"),
    "the question “Other reason for the embargo” of": lambda s: vocabulary_changes.retire_term(
        s, wish(s, "embargo_reasons"), "other"
    ),
    "of “Safeguarding adult review (SAR)”": lambda s: vocabulary_changes.retire_term(s, wish(s, "media_interest"), "medium"),
}


@pytest.mark.parametrize("sentence", REFUSED)
def test_what_would_do_harm_is_refused_in_a_sentence(on_sqlite: Session, sentence: str) -> None:
    before = offered(on_sqlite, DECEMBER)

    with pytest.raises(VocabularyRefusedError) as refused, on_sqlite.begin_nested():
        REFUSED[sentence](on_sqlite)

    assert sentence in str(refused.value)
    catalogue.forget(on_sqlite)
    assert offered(on_sqlite, DECEMBER) == before


def test_a_term_does_not_end_before_it_began_or_twice(session: Session) -> None:
    vocabulary_changes.add_term(session, wish(session), "Cuckooing")
    for on, sentence in ((date(2024, 11, 30), "is in use from 1 December 2024"), (DECEMBER, "")):
        if not sentence:
            vocabulary_changes.retire_term(session, wish(session, on=on), "T35")
            continue
        with pytest.raises(VocabularyRefusedError, match=sentence):
            vocabulary_changes.retire_term(session, wish(session, on=on), "T35")

    with pytest.raises(VocabularyRefusedError, match="leaves or has left"):
        vocabulary_changes.add_term(session, wish(session), "cuckooing")
    with pytest.raises(VocabularyRefusedError, match="Bring it back first"):
        vocabulary_changes.retire_term(session, wish(session), "T35")


def test_the_last_term_stays(session: Session) -> None:
    made = vocabulary_changes.add_vocabulary(session, wish(session, "loan_reasons"), "Loan reasons", ["Repair"])
    assert made.says[0] == "Questions may offer ‘Loan reasons’, which definitions call loan_reasons."

    with pytest.raises(VocabularyRefusedError, match="at least one term"):
        vocabulary_changes.retire_term(session, wish(session, "loan_reasons"), "repair")


def test_whoever_comes_second_is_told_what_the_first_did_and_changes_nothing(session: Session) -> None:
    read_at = history.head_of(session, stream_of("themes")).seq
    vocabulary_changes.reword_term(session, wish(session), NEGLECT, "Neglect by others")

    with pytest.raises(StaleVocabularyError) as stale:
        vocabulary_changes.reword_term(session, wish(session, read_at=read_at), NEGLECT, "Neglect of any kind")

    assert "From 1 December 2024 ‘Neglect’ is worded ‘Neglect by others’" in str(stale.value)
    assert offered(session, DECEMBER)[NEGLECT] == "Neglect by others"


def test_a_change_of_a_day_that_is_past_is_warned_of(session: Session) -> None:
    past = vocabulary_changes.add_term(session, wish(session, on=date(2024, 6, 1)), "Cuckooing")
    coming = vocabulary_changes.add_term(session, wish(session), "Modern thing")
    worded = vocabulary_changes.reword_term(session, wish(session, on=date(2024, 6, 1)), NEGLECT, "Neglect by others")

    assert [warning.startswith("1 June 2024 is past.") for warning in past.warnings] == [True]
    assert coming.warnings == []
    assert "as they were known at the time, they keep ‘Neglect’" in worded.warnings[0]


def test_every_change_is_kept_with_before_after_and_why(session: Session) -> None:
    merge_violence(session)

    query = select(Event.kind, EventBody.body).join(EventBody, EventBody.event_id == Event.id)
    ((kind, body),) = session.execute(query.where(Event.stream == "vocabulary:themes"))
    assert (kind, body["reason"]) == ("terms:merged", "The steering group decided it.")
    assert (body["before"][VIOLENCE]["until"], body["after"][VIOLENCE]["until"]) == (None, "2024-12-01")
    assert body["after"][VIOLENCE]["successors"] == [ABUSE]
    assert list(history.broken_links(session)) == []
    assert session.scalar(select(func.count()).select_from(Event).where(Event.stream == "vocabulary:themes")) == 1


def test_a_definition_may_offer_a_vocabulary_that_was_added_here(session: Session) -> None:
    vocabulary_changes.add_vocabulary(session, wish(session, "loan_reasons"), "Loan reasons", ["Repair", "Home visit", ""])

    found = definitions.vocabularies(session)

    assert found["loan_reasons"] == ["home_visit", "repair"]
    assert "loan_reasons" not in definitions.vocabularies()
    question = "reason:\n  type: choice\n  label: Why?\n  vocabulary: loan_reasons\n"
    folder = read_sources({"forms/questions.yaml": question})
    assert [str(one) for one in definitions.problems_in(folder, session=session)] == []
    assert "loan_reasons" in str([str(one) for one in definitions.problems_in(folder)])
