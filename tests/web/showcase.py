"""A small Flask app whose pages show every macro with invented content, for tests and for looking at.

`python -m tests.web.showcase` serves it on this machine; each file of `gallery/` is a page of that name.
"""

from dataclasses import dataclass
from datetime import UTC, date, datetime
from functools import cache
from pathlib import Path
from types import SimpleNamespace
from typing import Any

from flask import Flask, abort, render_template
from flask.typing import ResponseReturnValue
from jinja2 import ChoiceLoader, FileSystemLoader
from werkzeug.datastructures import MultiDict
from wtforms import Form, PasswordField
from wtforms.fields import EmailField
from wtforms.validators import InputRequired

from scrt_workflow.forms.builder import PageForm, Setting
from scrt_workflow.forms.schema import Page, Question, read_questions
from scrt_workflow.web import errors, headers, jinja
from scrt_workflow.yaml_reader import Problems, read_yaml

GALLERY = Path(__file__).parent / "gallery"
TODAY = date(2024, 11, 3)
MORNING = datetime(2024, 11, 3, 10, 15, tzinfo=UTC)

BOARDS = ("Barnet Safeguarding Adults Board", "Camden Safeguarding Adults Board", "Havering Safeguarding Adults Board")
OPTIONS = {
    "review_type": {
        "sar_adult": "SAR Adult",
        "dhr_adult": "DHR Adult",
        "cspr_child": "CSPR Child",
        "rapid": "Rapid Review",
    },
    "partnership": {f"B{number}": board for number, board in enumerate(BOARDS)},
    "themes": {"T08": "Domestic Abuse", "T20": "Mental Health", "T28": "Self Neglect", "T33": "Transition"},
}
GOOD = {
    "review_type": ["sar_adult"],
    "partnership": ["B1"],
    "incident_date": ["27", "3", "2024"],
    "initials": ["AO"],
    "identifier_ref_1": ["2024/1234"],
    "themes": ["T28", "T08", ""],
    "brief_overview": ["An adult was found at home."],
    "media_interest": ["low"],
    "published": ["no"],
    "not_published": ["The trial has not ended."],
    "agencies": ["police", "care"],
    "role": ["nurse"],
    "people": ["6"],
}
BAD = GOOD | {
    "review_type": [],
    "incident_date": ["31", "2", "2024"],
    "themes": ["T08", "T08", ""],
    "report_link": ["http://x"],
    "brief_overview": ["<b>Jo</b> phoned 07700 900123."],
    "published": ["yes"],
    "people": ["six"],
}


class SignIn(Form):
    """An e-mail address and a password."""

    email = EmailField("E-mail address", [InputRequired("Enter your e-mail address")])
    password = PasswordField("Password", [InputRequired("Enter your password")])


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
OKAFOR = "A Okafor, designated professional, NHS North East London ICB"
EVENTS = [
    {"title": "Update given", "at": MORNING, "by": OKAFOR, "note": "The panel met.\nNo date for the report yet."},
    {
        "title": "Mistake corrected",
        "at": datetime(2024, 6, 1, 11, 0, tzinfo=UTC),
        "by": OKAFOR,
        "changes": [
            {"label": "Media interest", "before": "Low", "after": "High"},
            {"label": "Incident date", "after": "27 March 2024"},
            {"label": "Comments"},
        ],
    },
    {
        "title": "Commissioned",
        "at": datetime(2024, 5, 3, 8, 0, tzinfo=UTC),
        "by": OKAFOR,
        "dated": date(2024, 4, 29),
    },
]
VERSIONS = [
    {
        "name": "lessons",
        "label": "Lessons learned",
        "mine": "Agencies did not share what they knew.\nThe plan was not reviewed.",
        "theirs": "Agencies did not share information in time.",
        "keep": "mine",
        "by": "Bea Lewis",
        "at": MORNING,
    },
    {
        "name": "themes",
        "label": "Themes",
        "mine": ["Self Neglect", "Mental Health"],
        "theirs": None,
        "by": "Colin Ash",
        "at": MORNING,
        "error": "Select which version to keep: Themes",
    },
]
NAVIGATION = ("Home", "Reviews", "Figures", "People", "Definitions", "Jobs", "Mailbox")


@cache
def questions() -> tuple[Question, ...]:
    """Read the gallery's questions, one of every type, as a definition's are read."""
    problems = Problems()
    file = GALLERY / "questions.yaml"
    node = read_yaml(file.read_text("utf-8"), file=file.name, problems=problems)
    bank = read_questions(node, file=file.name, problems=problems)
    assert list(problems) == []
    return tuple(bank.values())


def question_page(raw: dict[str, list[str]], *, check: bool) -> PageForm:
    """Ask every type of question, holding *raw*; with *check*, say what is wrong with it."""
    page = Page("all", "Every type of question", tuple(question.key for question in questions()))
    form = PageForm(page, questions(), Setting(TODAY, lambda question: OPTIONS.get(question.key, question.options)), raw)
    if check:
        form.validate()
    return form


def contents(name: str) -> dict[str, Any]:
    """Give the page *name* what it shows."""
    wrong = SignIn(MultiDict({"email": "", "password": ""}))
    wrong.validate()
    shown: dict[str, dict[str, Any]] = {
        "step": {"form": question_page(GOOD, check=False)},
        "step_empty": {"form": question_page({}, check=False)},
        "step_wrong": {"form": question_page(BAD, check=True)},
        "sign_in": {"form": wrong},
        "review": {"events": EVENTS},
        "list": {"rows": ROWS},
        "conflict": {"versions": VERSIONS},
        "figures": {"by_type": [("DHR Adult", 94, 54), ("DHR Adult - Converted", 1, 0), ("SAR Adult", 1062, 1234)]},
    }
    return shown.get(name, {})


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
    return render_template(f"{name.removesuffix('_wrong').removesuffix('_empty')}.html", **contents(name))


if __name__ == "__main__":
    make_app().run(port=8099)
