"""Both databases give the same verdict on a value, and give back what they were given."""

from datetime import UTC, date, datetime, timedelta, timezone
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from sqlalchemy import insert, select, text
from sqlalchemy.exc import IntegrityError, StatementError
from sqlalchemy.orm import Session

from scrt_workflow.models import Attempt, Heartbeat, Notice, Organisation, ServiceSetting, UnstorableError
from tests.models.rows import NOON, add_person

MOMENT = datetime(2024, 10, 27, 0, 30, 15, 123456, tzinfo=UTC)  # in the hour that London has twice


def store(session: Session, value: Any, *, column: str) -> None:
    """Store *value* in a column of its kind."""
    rows: dict[str, tuple[type, dict[str, Any]]] = {
        "closed list": (Organisation, {"code": "Q", "kind": value, "name": "n", "valid_from": date(2022, 7, 1)}),
        "json": (ServiceSetting, {"key": "k", "value": value}),
        "moment": (Heartbeat, {"process": "web", "at": value}),
        "number": (Attempt, {"key": "k", "window": NOON, "n": value}),
        "text of 60": (ServiceSetting, {"key": value}),
    }
    model, values = rows[column]
    session.execute(insert(model).values(**values))


@pytest.mark.parametrize(
    ("column", "value", "sentence"),
    [
        ("closed list", "trust", "'trust' is not one of england, region, icb, ccg"),
        ("json", "a\0b", "NUL"),
        ("json", {"lessons": ["fine", {"a\0": "b"}]}, "NUL"),
        ("json", ["\ud800"], "half a character"),
        ("json", [1, float("nan")], "JSON has no number nan"),
        ("json", {"n": float("inf")}, "JSON has no number inf"),
        ("moment", MOMENT.replace(tzinfo=None), "has no time zone"),
        ("number", 2**31, "not a whole number"),
        ("number", 1.5, "not a whole number"),
        ("number", "1", "not a whole number"),
        ("number", True, "not a whole number"),
        ("text of 60", "a" * 61, "has 61 characters, and may have 60"),
        ("text of 60", "a\0b", "NUL"),
        ("text of 60", "\udfff", "half a character"),
    ],
)
def test_what_one_database_could_not_hold_is_refused_by_both_with_a_sentence(
    session: Session, column: str, value: Any, sentence: str
) -> None:
    with pytest.raises(StatementError, match=sentence) as refusal:
        store(session, value, column=column)

    assert isinstance(refusal.value.orig, UnstorableError)


@pytest.mark.parametrize(
    "statement",
    [
        "INSERT INTO service_setting (key) VALUES ('{sixty_one}')",
        "INSERT INTO organisation (code, kind, name, valid_from) VALUES ('Q', 'trust', 'n', '2022-07-01')",
        "INSERT INTO organisation VALUES ('Q', 'icb', 'n', '2022-07-02', '2022-07-01')",
    ],
    ids=["too long", "not in the list", "ends before it begins"],
)
def test_sql_written_by_hand_is_held_to_the_same(session: Session, statement: str) -> None:
    with pytest.raises(IntegrityError):
        session.execute(text(statement.format(sixty_one="a" * 61)))


@pytest.mark.parametrize("value", ["é" * 60, "😀" * 60, "", " ", "a'b\"c\\", "line\nline\ttab"])
def test_text_comes_back_as_it_was(session: Session, value: str) -> None:
    store(session, value, column="text of 60")

    assert value in session.scalars(select(ServiceSetting.key)).all()


@pytest.mark.parametrize(
    "value",
    ["text", "\\u0000", "", 0, -1, 2**53, 1.5, True, False, [], {}, ["T01", "T02"], {"é": ["1", None], "a": {"b": 2}}],
    ids=str,
)
def test_json_comes_back_equal(session: Session, value: Any) -> None:
    store(session, value, column="json")

    stored = session.scalars(select(ServiceSetting.value).where(ServiceSetting.key == "k")).one()
    assert (stored, type(stored)) == (value, type(value))


def test_asked_and_not_answered_is_null_and_not_the_word_null(session: Session) -> None:
    store(session, None, column="json")

    assert session.scalar(text("SELECT count(*) FROM service_setting WHERE value IS NULL")) == 1
    assert session.scalars(select(ServiceSetting.value).where(ServiceSetting.key == "k")).one() is None


@pytest.mark.parametrize(
    "zone", [UTC, ZoneInfo("Europe/London"), timezone(timedelta(hours=-11)), timezone(timedelta(minutes=345))], ids=str
)
def test_a_moment_comes_back_in_utc_whatever_zone_it_was_given_in(session: Session, zone: timezone) -> None:
    store(session, MOMENT.astimezone(zone), column="moment")

    stored = session.scalars(select(Heartbeat.at)).one()
    assert (stored, stored.tzinfo) == (MOMENT, UTC)


def test_moments_compare_by_when_they_were(session: Session) -> None:
    london = datetime(2024, 10, 27, 1, 30, tzinfo=ZoneInfo("Europe/London"))  # still summer time: 00:30 in UTC
    store(session, datetime(2024, 10, 27, 0, 45, tzinfo=UTC), column="moment")

    assert session.scalars(select(Heartbeat.process).where(Heartbeat.at > london)).all() == ["web"]
    assert session.scalars(select(Heartbeat.process).where(Heartbeat.at > london.replace(fold=1))).all() == []


def test_a_notice_has_exactly_one_reader(session: Session) -> None:
    person_id = add_person(session)
    notice = {"once_key": "k", "message_id": "m", "template": "overdue", "queued_at": NOON, "next_try_at": NOON}
    session.execute(insert(Notice).values(**notice, person_id=person_id))

    with pytest.raises(IntegrityError):
        session.execute(insert(Notice).values(**notice | {"once_key": "l", "message_id": "n"}))
