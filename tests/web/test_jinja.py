"""What templates may use: dates and times as people write them, addresses, escaping."""

from datetime import UTC, date, datetime

import pytest
from flask import Flask, render_template_string
from jinja2 import UndefinedError

from scrt_workflow.web.jinja import date_words, datetime_words, number_words
from tests.web.showcase import make_app


@pytest.fixture(scope="module")
def app() -> Flask:
    return make_app()


@pytest.mark.parametrize(
    ("day", "words"),
    [
        (date(2024, 11, 3), "3 November 2024"),
        ("2024-11-03", "3 November 2024"),
        (datetime(2024, 6, 30, 23, 30, tzinfo=UTC), "1 July 2024"),
        (None, ""),
        ("", ""),
    ],
)
def test_a_day_is_written_as_people_write_it(day: date | str | None, words: str) -> None:
    assert date_words(day) == words


@pytest.mark.parametrize(
    ("at", "words"),
    [
        (datetime(2024, 11, 3, 10, 15, tzinfo=UTC), "3 November 2024 at 10:15am"),
        (datetime(2024, 7, 3, 10, 15, tzinfo=UTC), "3 July 2024 at 11:15am"),
        (datetime(2024, 11, 3, 9, 0, tzinfo=UTC), "3 November 2024 at 9am"),
        (datetime(2024, 11, 3, 12, 0, tzinfo=UTC), "3 November 2024 at midday"),
        (datetime(2024, 11, 3, 12, 5, tzinfo=UTC), "3 November 2024 at 12:05pm"),
        (datetime(2024, 6, 30, 23, 0, tzinfo=UTC), "1 July 2024 at midnight"),
        (None, ""),
    ],
)
def test_a_moment_is_written_by_londons_clocks(at: datetime | None, words: str) -> None:
    assert datetime_words(at) == words


def test_a_moment_without_a_time_zone_is_a_mistake() -> None:
    with pytest.raises(ValueError, match="no time zone"):
        datetime_words(datetime(2024, 11, 3, 10, 15))  # noqa: DTZ001 - the mistake in question


def test_thousands_are_set_apart() -> None:
    assert [number_words(number) for number in (0, 396, 12345, None)] == ["0", "396", "12,345", ""]


@pytest.mark.parametrize(
    "source",
    [
        "{{ text }}",
        "{% from 'macros/reviews.html' import answer %}{{ answer(text) }}",
    ],
)
def test_text_is_escaped(app: Flask, source: str) -> None:
    with app.test_request_context("/"):
        shown = render_template_string(source, text="<script>")

    assert "<script>" not in shown
    assert "&lt;script&gt;" in shown


@pytest.mark.parametrize("source", ["{{ misspelt }}", "{% if misspelt %}{% endif %}", "{{ text.misspelt }}"])
def test_a_misspelt_name_in_a_template_is_a_mistake(app: Flask, source: str) -> None:
    with app.test_request_context("/"), pytest.raises(UndefinedError):
        render_template_string(source, text="x")


def test_a_key_that_a_row_lacks_is_nothing(app: Flask) -> None:
    with app.test_request_context("/"):
        assert render_template_string("[{{ row.hint }}{{ 'x' if row.hint }}]", row={"title": "x"}) == "[]"


def test_a_page_that_the_service_does_not_have_has_no_address(app: Flask) -> None:
    with app.test_request_context("/"):
        shown = render_template_string("[{{ url_if_any('home.show') }}] [{{ url_if_any('nothing.here') }}]")

    assert shown == "[/home] []"
