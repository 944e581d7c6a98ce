"""Fields and questions as NHS.UK components: what each shows, where an error leads, and what goes under what."""

from datetime import date

import pytest
from bs4 import BeautifulSoup
from flask import Flask
from werkzeug.datastructures import MultiDict
from wtforms import DateField, Field, Form, HiddenField, RadioField, SelectField, StringField
from wtforms.fields.choices import SelectChoice  # type: ignore[attr-defined]  # the stubs are a version behind
from wtforms.validators import InputRequired, Length, Optional

from scrt_workflow.forms.schema import QUESTION_TYPES
from scrt_workflow.web.nhs import error_links, look_of
from scrt_workflow.web.question_looks import arranged
from tests.web.dom import one
from tests.web.showcase import BAD, GOOD, make_app, question_page

CHOICES = [SelectChoice("1", "One"), SelectChoice("2", "Two")]
FIELDS = "{% from 'macros/fields.html' import fields %}{{ fields(form) }}"


class Kinds(Form):
    """One field of each kind that these tests ask about."""

    line = StringField("Line", [InputRequired("Enter a line"), Length(max=8)])
    spare = StringField("Spare", [Optional()], description="Only if you know it", render_kw={"autocomplete": "off"})
    day = DateField("Day", format=["%d %m %Y"])
    one = SelectField("One of two", [InputRequired("Choose one")], choices=CHOICES)
    radio = RadioField("Radio", choices=CHOICES)
    travels = HiddenField()


@pytest.fixture(scope="module")
def app() -> Flask:
    return make_app()


def rendered(app: Flask, form: object) -> BeautifulSoup:
    with app.test_request_context("/"):
        return BeautifulSoup(app.jinja_env.from_string(FIELDS).render(form=form), "html5lib")


def test_an_input_is_as_wide_as_its_longest_answer() -> None:
    assert look_of(Kinds().line).classes == "nhsuk-input--width-10"
    assert look_of(Kinds().spare).classes == ""


def test_an_optional_field_says_so(app: Flask) -> None:
    labels = [label.text for label in rendered(app, Kinds()).select("label")]

    assert "Spare (optional)" in labels
    assert "Line" in labels


def test_the_attributes_that_a_field_asks_for_are_kept() -> None:
    assert look_of(Kinds().spare).attributes == {"type": "text", "autocomplete": "off"}


def test_a_date_shows_what_was_typed_even_when_it_is_no_date() -> None:
    form = Kinds(MultiDict([("day", "31"), ("day", ""), ("day", "twenty")]))

    assert [part.value for part in look_of(form.day).parts] == ["31", "", "twenty"]


def test_a_date_on_record_is_shown_in_three_parts() -> None:
    assert [part.value for part in look_of(Kinds(data={"day": date(2024, 11, 3)}).day).parts] == ["3", "11", "2024"]


def test_nothing_is_chosen_for_a_person_who_has_not_chosen() -> None:
    options = look_of(Kinds().one).options

    assert [(option.value, option.is_chosen) for option in options] == [("", True), ("1", False), ("2", False)]


def test_an_error_leads_to_the_input_to_mend(app: Flask) -> None:
    form = Kinds(MultiDict([("line", ""), ("day", "31"), ("day", "2"), ("day", "2024")]))
    form.validate()
    form.form_errors = ["Start again"]
    page = rendered(app, form)

    links = error_links(form)

    assert links[0] == ("Start again", "")
    assert ("Enter a line", "#line") in links
    assert "#day-day" in [link.href for link in links]
    assert all(page.select_one(link.href) for link in links if link.href)


def test_an_error_of_what_only_travels_leads_nowhere() -> None:
    form = Kinds()
    form.travels.errors = ["The form was open too long"]

    assert error_links(form) == [("The form was open too long", "")]


def test_a_kind_of_field_without_a_look_is_refused() -> None:
    class Odd(Form):
        odd = Field()

    with pytest.raises(TypeError, match="Field has no NHS"):
        look_of(Odd().odd)


def test_what_only_travels_is_not_among_the_fields_shown(app: Flask) -> None:
    assert not rendered(app, Kinds()).select("[name=travels]")


def test_every_type_of_question_has_a_look() -> None:
    required = [field for field in question_page(GOOD, check=False) if field.name != "role"]
    shown = {field.question.type: look_of(field).component for field in required}

    assert shown == {
        "choice": "radios",
        "choices": "checkboxes",
        "date": "date",
        "identifier": "text",
        "initials": "text",
        "long_text": "character_count",
        "number": "text",
        "partnership": "select",
        "ranked_choices": "ranked_choices",
        "review_type": "radios",
        "text": "text",
        "url": "text",
        "yes_no": "radios",
    }
    assert shown.keys() | {"entry"} == set(QUESTION_TYPES)


@pytest.mark.parametrize(("typed", "chosen"), [(["nurse"], "nurse"), ([], "")])
def test_a_choice_that_need_not_be_made_can_be_taken_back(typed: list[str], chosen: str) -> None:
    look = look_of(question_page({"role": typed}, check=False)["role"])

    assert [option.value for option in look.options] == ["", "nurse", "doctor"]
    assert [option.value for option in look.options if option.is_chosen] == [chosen]


def test_ranked_choices_are_three_selects_of_one_name(app: Flask) -> None:
    page = rendered(app, question_page(GOOD, check=False))
    selects = page.select("select[name=themes]")
    labels = [one(page, f"label[for={select['id']}]").text for select in selects]
    chosen = [[option["value"] for option in select.select("[selected]")] for select in selects]

    assert labels == ["Theme 1 (main)", "Theme 2", "Theme 3"]
    assert chosen == [["T28"], ["T08"], []]


def test_a_question_asked_because_of_one_answer_goes_under_it() -> None:
    places = {place.field.name: place for place in arranged(question_page(GOOD, check=False))}

    assert "report_link" not in places
    assert {value: [one.name for one in under] for value, under in places["published"].reveals.items()} == {
        "yes": ["report_link"],
        "no": ["not_published"],
    }


def test_a_likely_identifier_may_stay_for_a_reason(app: Flask) -> None:
    page = rendered(app, question_page(BAD, check=True))

    assert page.select_one("label[for=brief_overview-reason]")
    assert not rendered(app, question_page(GOOD, check=True)).select("[name$=-reason]")


@pytest.mark.parametrize("text", ["\nfirst line", "a\r\n\r\nb\n", "  spaces  ", "<b>&amp;\"'</textarea><script>x</script>"])
def test_what_was_typed_comes_back_byte_for_byte_and_never_as_markup(app: Flask, text: str) -> None:
    page = rendered(app, question_page({**GOOD, "brief_overview": [text], "not_published": [text]}, check=False))

    assert one(page, "#brief_overview").text == text.replace("\r\n", "\n")
    assert one(page, "#not_published")["value"] == text.replace("\r\n", "\n")
    assert not page.select("script, b")
