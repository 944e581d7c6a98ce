"""A small Flask app whose pages show every macro with invented content, for tests and for looking at.

`python -m tests.web.showcase` serves it on this machine; each file of `gallery/` is a page of that name.
"""

from dataclasses import dataclass
from datetime import UTC, date, datetime
from pathlib import Path
from types import SimpleNamespace
from typing import Any

from flask import Flask, abort, render_template
from flask.typing import ResponseReturnValue
from jinja2 import ChoiceLoader, FileSystemLoader
from werkzeug.datastructures import MultiDict
from wtforms import Form, PasswordField, SearchField, SelectField, StringField
from wtforms.fields import EmailField
from wtforms.fields.choices import SelectChoice
from wtforms.validators import InputRequired

from scrt_workflow.conditions import Test as Condition
from scrt_workflow.forms.builder import PageForm, Setting
from scrt_workflow.forms.schema import Page, Question
from scrt_workflow.web import errors, headers, jinja

GALLERY = Path(__file__).parent / "gallery"
TODAY = date(2024, 11, 3)
MORNING = datetime(2024, 11, 3, 10, 15, tzinfo=UTC)

THEMES = {"T08": "Domestic Abuse", "T20": "Mental Health", "T28": "Self Neglect", "T33": "Transition"}
BOARDS = {
    f"B{number}": f"{place} Safeguarding Adults Board" for number, place in enumerate(("Barnet", "Camden", "Havering"))
}
QUESTIONS = (
    Question("review_type", "review_type", "What type of review is it?"),
    Question("partnership", "partnership", "Which partnership leads it?"),
    Question(
        "incident_date", "date", "When did the incident happen?", hint="For example, 27 3 2024. An estimate will do.", short_label="Incident date"
    ),
    Question("initials", "initials", "Initials of the designated professional", max_length=5),
    Question("identifier_ref_1", "identifier", "Reference", hint="Never a name or part of one.", max_length=40),
    Question("themes", "ranked_choices", "Which themes does it have?", hint="The main one first, up to 3.", vocabulary="themes", at_most=3),
    Question(
        "brief_overview", "long_text", "Brief overview of the incident", hint="No names, places or dates of birth.", pid="high", max_length=4000
    ),
    Question("media_interest", "choice", "How likely is media interest?", options={"none": "None expected", "low": "Low", "high": "High"}),
    Question("published", "yes_no", "Is the report published?", options={"yes": "Yes", "no": "No"}),
    Question("report_link", "url", "Link to the report", show_when=Condition("published", "in", ("yes",)), max_length=500),
    Question("not_published", "text", "Why not?", show_when=Condition("published", "in", ("no",))),
    Question("agencies", "choices", "Which agencies took part?", options={"police": "Police", "trust": "NHS trust", "care": "Social care"}, required=False),
    Question("people", "number", "How many people took part?", required=False),
)  # fmt: skip
OPTIONS = {
    "review_type": {"sar_adult": "SAR Adult", "dhr_adult": "DHR Adult", "cspr_child": "CSPR Child", "rapid_review": "Rapid Review"},
    "partnership": BOARDS,
    "themes": THEMES,
}  # fmt: skip
GOOD = {
    "review_type": ["sar_adult"], "partnership": ["B1"], "incident_date": ["27", "3", "2024"], "initials": ["AO"],
    "identifier_ref_1": ["2024/1234"], "themes": ["T28", "T08", ""], "brief_overview": ["An adult was found at home."],
    "media_interest": ["low"], "published": ["no"], "not_published": ["The trial has not ended."], "agencies": ["police", "care"],
    "people": ["6"],
}  # fmt: skip
BAD = {**GOOD, "review_type": [], "incident_date": ["31", "2", "2024"], "themes": ["T08", "T08", ""], "report_link": ["http://x"],
       "brief_overview": ["<b>Jo</b> phoned 07700 900123."], "published": ["yes"], "people": ["six"]}  # fmt: skip


class SignIn(Form):
    """An e-mail address and a password."""

    email = EmailField("E-mail address", [InputRequired("Enter your e-mail address")])
    password = PasswordField("Password", [InputRequired("Enter your password")])


class Filters(Form):
    """What narrows the list of reviews."""

    q = SearchField("Search for a reference, or words of the overview")
    status = SelectField("Status", choices=[SelectChoice("", "Any"), SelectChoice("open", "Open")])
    type = SelectField("Type", choices=[SelectChoice("", "Any"), SelectChoice("sar", "SAR Adult")])
    organisation = SelectField(
        "Organisation", choices=[SelectChoice("", "Any"), SelectChoice("QMF", "NHS North East London ICB")]
    )
    identifier = StringField("Identifier")


@dataclass(frozen=True)
class Row:
    """A review in the list."""

    reference: str
    type: str
    organisation: str
    stage: str
    status: str
    updated: date


ROWS = [
    Row("R-7K3MQ-0P4XZ", "SAR Adult", "NHS North East London ICB", "In progress", "open", date(2024, 11, 1)),
    Row(
        "R-00000-ABCDE",
        "DHR Adult - Converted",
        "NHS South West London ICB",
        "With the ICB Chief Nurse",
        "open",
        date(2024, 10, 28),
    ),
    Row(
        "R-9ZZZZ-12345",
        "Rapid Review",
        "NHS North Central London ICB",
        "Closed without a further review",
        "closed",
        date(2024, 9, 3),
    ),
    Row("R-1A2B3-C4D5E", "Not Stated", "NHS North West London ICB", "Referred", "nothing", date(2024, 8, 30)),
]
EVENTS = [
    {"title": "Update given", "at": MORNING, "by": "A Okafor, designated professional, NHS North East London ICB", "note": "The panel met.\nNo date for the report yet."},
    {"title": "Mistake corrected", "at": datetime(2024, 6, 1, 11, 0, tzinfo=UTC), "by": "A Okafor, designated professional", "changes": [
        {"label": "Media interest", "before": "Low", "after": "High"}, {"label": "Incident date", "after": "27 March 2024"}, {"label": "Comments"}]},
    {"title": "Commissioned", "at": datetime(2024, 5, 3, 8, 0, tzinfo=UTC), "by": "A Okafor, designated professional", "dated": date(2024, 4, 29)},
]  # fmt: skip
VERSIONS = [
    {"name": "lessons", "label": "Lessons learned", "mine": "Agencies did not share what they knew.\nThe plan was not reviewed.", "theirs": "Agencies did not share information in time.", "keep": "mine"},
    {"name": "themes", "label": "Themes", "mine": ["Self Neglect", "Mental Health"], "theirs": None, "keep": ""},
]  # fmt: skip
NAVIGATION = ("Home", "Reviews", "Monthly figures", "People", "Definitions", "Jobs", "Mailbox")


def question_page(raw: dict[str, list[str]], *, check: bool) -> PageForm:
    """Ask every type of question, holding *raw*; with *check*, say what is wrong with it."""
    page = Page("all", "Every type of question", tuple(question.key for question in QUESTIONS))
    form = PageForm(page, QUESTIONS, Setting(TODAY, lambda question: OPTIONS.get(question.key, question.options)), raw)
    if check:
        form.validate()
    return form


def contents(name: str) -> dict[str, Any]:
    """Give the page *name* what it shows."""
    wrong = SignIn(MultiDict({"email": "", "password": ""}))
    wrong.validate()
    return {
        "step": {"form": question_page(GOOD, check=False)},
        "step_empty": {"form": question_page({}, check=False)},
        "step_wrong": {"form": question_page(BAD, check=True)},
        "sign_in": {"form": wrong},
        "review": {"events": EVENTS},
        "list": {"filter_form": Filters(MultiDict({"q": "home", "status": "open"})), "rows": ROWS},
        "conflict": {"versions": VERSIONS, "at": MORNING},
        "figures": {"by_type": [("DHR Adult", 94, 54), ("DHR Adult - Converted", 1, 0), ("SAR Adult", 1062, 1234)]},
    }.get(name, {})


PAGES = ("conflict", "done", "figures", "list", "review", "sign_in", "step", "step_empty", "step_wrong")


def make_app(*, signed_in: bool = True) -> Flask:
    """Make the app, with the service's own environment, headers and error pages."""
    package = Path(jinja.__file__).parent.parent
    app = Flask("showcase", static_folder=str(package / "static"))
    app.secret_key = "for tests only"
    headers.install(app)
    jinja.install(app, demo=True)
    errors.install(app)
    environment = app.jinja_env
    environment.loader = ChoiceLoader([environment.loader, FileSystemLoader(GALLERY)])  # type: ignore[list-item]
    if signed_in:
        links = [
            SimpleNamespace(text=text, href="/" + text.lower(), is_current=text == "Reviews", is_this_page=False)
            for text in NAVIGATION
        ]
        environment.globals.update(navigation=lambda: links, account_name=lambda: "Amara Okafor")
    app.add_url_rule("/home", "home.show", lambda: "")
    app.add_url_rule("/sign-out", "sessions.sign_out", lambda: "", methods=["POST"])
    app.add_url_rule("/accessibility", "about.accessibility", lambda: "")
    app.add_url_rule("/page/<name>", "page", show)
    app.add_url_rule("/error/<int:code>", "error", abort)
    return app


def show(name: str) -> ResponseReturnValue:
    """Show one page of the gallery."""
    return render_template(f"{name.split('_wrong')[0].split('_empty')[0]}.html", **contents(name))


if __name__ == "__main__":
    make_app().run(port=8099)
