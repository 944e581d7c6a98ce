"""The shipped tables are whole, agree with each other, and say what their sources say."""

import re
from collections import Counter
from datetime import date
from importlib import resources
from pathlib import Path

import pytest

from scrt_workflow import reference
from scrt_workflow.reference import (
    ENGLAND,
    NOT_STATED,
    UnknownTermError,
    aliases,
    bank_holidays,
    find_term,
    media_escalation,
    organisations,
    partnership_labels,
    partnerships,
    record_fields,
    review_types,
    statutory_deadlines,
    successions,
    vocabularies,
    vocabulary,
)
from scrt_workflow.reference.organisations import OrganisationRow
from scrt_workflow.working_days import Period


def by_code() -> dict[str, OrganisationRow]:
    return {row.code: row for row in organisations()}


def living(kind: str, on: str) -> list[str]:
    day = date.fromisoformat(on)
    return [
        row.code
        for row in organisations()
        if row.kind == kind and row.valid_from <= day and (row.valid_to is None or day < row.valid_to)
    ]


def test_there_are_one_england_seven_regions_48_icbs_and_248_ccgs() -> None:
    assert Counter(row.kind for row in organisations()) == {"england": 1, "region": 7, "icb": 48, "ccg": 248}


def test_an_organisation_has_a_code_of_its_own() -> None:
    assert len(by_code()) == len(organisations())


@pytest.mark.parametrize(
    ("kind", "on", "number"),
    [
        ("icb", "2022-06-30", 0),
        ("icb", "2022-07-01", 42),
        ("icb", "2026-03-31", 42),
        ("icb", "2026-04-01", 36),
        ("ccg", "2021-04-01", 106),
        ("ccg", "2022-06-30", 106),
        ("ccg", "2022-07-01", 0),
        ("region", "2024-10-31", 7),
    ],
)
def test_so_many_organisations_lived_on_that_day(kind: str, on: str, number: int) -> None:
    assert len(living(kind, on)) == number


def test_everything_hangs_from_england_and_parents_come_first() -> None:
    seen: dict[str, OrganisationRow] = {}
    for row in organisations():
        assert all(parent.parent in seen for parent in row.parents)
        seen[row.code] = row

    assert [row.code for row in organisations() if not row.parents] == [ENGLAND]


def test_a_parent_lives_as_long_as_its_child_belongs_to_it() -> None:
    for row in organisations():
        for parent in row.parents:
            above = by_code()[parent.parent]
            assert above.valid_from <= parent.valid_from
            assert above.valid_to is None
            assert (parent.valid_from, parent.valid_to) == (row.valid_from, row.valid_to)


def test_london_had_five_icbs_in_2024_and_has_four_now() -> None:
    london = {row.code for row in organisations() if row.kind == "icb" and row.parents[0].parent == "Y56"}

    assert london & set(living("icb", "2024-10-31")) == {"QMF", "QMJ", "QRV", "QKK", "QWE"}
    assert london & set(living("icb", "2026-04-01")) == {"QMF", "Z9B2Z", "QKK", "QWE"}


def test_an_icb_has_a_short_name_for_lists() -> None:
    assert by_code()["QMF"].name == "NHS North East London Integrated Care Board"
    assert by_code()["QMF"].short_name == "North East London"


def test_every_closed_organisation_has_a_successor_that_lives_on_the_day() -> None:
    closed = {row.code: row for row in organisations() if row.valid_to}
    after: dict[str, list[str]] = {code: [] for code in closed}
    for row in successions():
        successor = by_code()[row.successor]
        assert row.effective_on == closed[row.predecessor].valid_to
        assert successor.valid_from <= row.effective_on < (successor.valid_to or date.max)
        after[row.predecessor].append(row.successor)

    assert all(after.values())


def test_sixteen_successions_changed_the_icbs_of_april_2026() -> None:
    icbs = [row for row in successions() if row.effective_on == date(2026, 4, 1)]

    assert len(icbs) == 16
    assert len({row.predecessor for row in icbs}) == 12
    assert {row.predecessor for row in icbs if row.kind != "merger"} == {"QM7", "QJG", "QNQ"}
    assert all(row.territory for row in icbs)


def test_every_ccg_ends_in_one_icb_of_2022() -> None:
    next_of = {row.predecessor: row.successor for row in successions() if by_code()[row.predecessor].kind == "ccg"}

    for row in organisations():
        if row.kind == "ccg":
            code = row.code
            while by_code()[code].kind == "ccg":
                code = next_of[code]
            assert by_code()[code].kind == "icb"
            assert by_code()[code].parents[0].parent == row.parents[0].parent


def test_the_bank_holidays_run_from_2012_to_2028() -> None:
    assert len(bank_holidays()) == 140
    assert {day.year for day in bank_holidays()} == set(range(2012, 2029))
    assert all(sum(day.year == year for day in bank_holidays()) >= 8 for year in range(2012, 2029))
    assert all(day.weekday() <= 4 for day in bank_holidays())


def test_the_vocabularies_are_as_long_as_the_collection_says() -> None:
    assert {name: len(terms) for name, terms in vocabularies().items()} == {
        "themes": 34,
        "organisational_learning": 22,
        "review_types": 9,
        "embargo_reasons": 9,
        "identifier_types": 5,
        "media_interest": 5,
        "posts": 6,
        "designated_professional_roles": 6,
        "publication_status": 3,
    }


@pytest.mark.parametrize("name", sorted(vocabularies()))
def test_a_term_has_a_code_and_a_label_of_its_own(name: str) -> None:
    terms = vocabulary(name)

    assert len({term.code for term in terms}) == len({term.label for term in terms}) == len(terms)
    assert all(term.label == term.label.strip() != "" for term in terms)


def test_the_labels_are_exact() -> None:
    assert vocabulary("themes")[0].label == "Aces"
    assert [term.label for term in vocabulary("themes") if term.group == "domestic"] == [
        "Domestic Abuse",
        "Domestic Violence",
    ]
    assert vocabulary("organisational_learning")[16].label == "Research Review & Escalation"
    assert [term.code for term in vocabulary("media_interest")] == ["none", "low", "medium", "high", "current"]


def test_the_nine_review_types_have_four_families_and_not_stated_is_none_of_them() -> None:
    assert [row.label for row in review_types()] == [
        "DHR Adult",
        "DHR Child",
        "CSPR Child",
        "SAR Adult",
        "DHR Adult - Converted",
        "DHR Child - Converted",
        "CSPR Child - Converted",
        "SAR Adult - Converted",
        "Rapid Review",
    ]
    assert {row.family for row in review_types()} == {"DHR", "CSPR", "SAR", "Rapid Review"}
    assert [row.code for row in review_types() if row.converted] == [
        f"{row.code}_converted" for row in review_types() if f"{row.code}_converted" in {each.code for each in review_types()}
    ]
    assert NOT_STATED not in {row.label for row in review_types()}


def test_a_term_is_found_by_its_code_its_label_or_what_london_printed() -> None:
    assert find_term("themes", "T01").label == "Aces"
    assert find_term("themes", "Aces").code == "T01"
    assert find_term("themes", "ACEs").code == "T01"
    assert find_term("organisational_learning", "Raising Public Awareness DA&V").label == "Raising Public Awareness - DAV"


def test_the_five_labels_that_london_printed_differently_are_aliases() -> None:
    assert sum(len(aliases(name)) for name in vocabularies()) == 5
    assert all(find_term(name, printed).label != printed for name in vocabularies() for printed in aliases(name))


def test_an_unknown_term_or_vocabulary_is_named() -> None:
    with pytest.raises(UnknownTermError, match="'Boredom' is not one of the themes"):
        find_term("themes", "Boredom")
    with pytest.raises(UnknownTermError, match="no vocabulary called 'colours'"):
        vocabulary("colours")


def test_there_are_599_partnerships_of_three_kinds() -> None:
    assert Counter(row.type for row in partnerships()) == {"SAB": 153, "LSCP": 153, "CSP": 293}
    assert len(partnership_labels()) == 599
    assert partnership_labels()["SAB-E09000003"] == "Barnet Safeguarding Adults Board"


def test_every_partnership_lies_in_icbs_that_exist() -> None:
    for row in partnerships():
        assert {row.icb_2022, *row.others_2022} <= set(living("icb", "2024-10-31"))
        assert {row.icb_2026, *row.others_2026} <= set(living("icb", "2026-04-01"))


def test_ten_authorities_straddled_icbs_until_march_2026_and_five_do_now() -> None:
    boards = [row for row in partnerships() if row.type == "SAB"]

    assert sum(bool(row.others_2022) for row in boards) == 10
    assert sum(bool(row.others_2026) for row in boards) == 5


def test_a_partnership_lies_in_its_icbs_of_that_day() -> None:
    surrey = next(row for row in partnerships() if row.label == "Surrey Safeguarding Adults Board")

    assert surrey.lies_in("QXU", on=date(2026, 3, 31))
    assert surrey.lies_in("QNQ", on=date(2026, 3, 31))
    assert not surrey.lies_in("QXU", on=date(2026, 4, 1))
    assert surrey.lies_in("S9B9J", on=date(2026, 4, 1))
    assert not surrey.lies_in("QMF", on=date(2024, 10, 31))


def test_every_field_of_the_record_is_asked_or_derived_never_both() -> None:
    assert len(record_fields()) == 35
    assert all((row.question is None) != (row.derived_from is None) for row in record_fields())
    assert [row.key for row in record_fields() if row.derived_from] == [
        "case_status",
        "date_added",
        "org_name",
        "org_code",
        "ics_name",
        "ics_code",
        "region_name",
        "region_code",
        "converted_from",
    ]


def test_every_question_that_serves_a_field_is_in_the_bank() -> None:
    bank = Path(__file__).parents[2].joinpath("forms", "questions.yaml").read_text(encoding="utf-8")
    keys = set(re.findall(r"^([a-z][a-z0-9_]*):", bank, re.MULTILINE))

    assert {row.question for row in record_fields() if row.question} - keys == set()


def test_the_deadlines_that_drive_clocks_can_be_read_as_periods() -> None:
    periods = {row.id: row.period for row in statutory_deadlines()}

    assert len(periods) == 15
    assert {row: periods[row] for row in ("D02", "D03", "D06", "D09", "D10")} == {
        "D02": "15 working days",
        "D03": "6 calendar months",
        "D06": "6 calendar months",
        "D09": "1 calendar months",
        "D10": "6 calendar months",
    }
    assert all(Period.parse(period) for period in periods.values() if period and not period.startswith("-"))


def test_the_media_are_escalated_in_six_steps() -> None:
    assert [row.number for row in media_escalation()] == [1, 2, 3, 4, 5, 6]
    assert "director of nursing" in media_escalation()[2].posts


def test_every_table_is_attributed() -> None:
    folder = resources.files(reference)
    attribution = folder.joinpath("ATTRIBUTION.md").read_text(encoding="utf-8")
    tables = [path.name for path in folder.joinpath("tables").iterdir() if path.name.endswith(".csv")]

    assert len(tables) == 15
    assert [name for name in tables if f"`{name}`" not in attribution] == []
